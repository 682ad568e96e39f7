"""The same training run of a small transformer by several loops, on the CPU.

As in `loops`, every function returns the one that is timed. The text's characters, the weights,
the number of updates, AdamW, the clipping and the schedule are the same for everyone.
"""

import math
import tempfile

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb
from studies.speed.loops import quiet_lightning
from studies.speed.race import Contestant

PIECES = 1_920  # of the text, each as long as the model's context
EVALUATED = 320
BATCH_SIZE = 16
EPOCHS = 1
PEAK = 3e-3
CLIP_NORM = 1.0
UPDATES = EPOCHS * math.ceil(PIECES / BATCH_SIZE)

REFERENCE = "plain loop"
FIT = "lrsched_book.fit, evaluating"
FIT_ONLY = "lrsched_book.fit, one piece to evaluate"


def contestants() -> list[Contestant]:
    """Return everyone who takes part, the reference first."""
    return [
        Contestant(REFERENCE, plain_loop),
        Contestant(FIT, lambda: book_fit(EVALUATED)),
        Contestant(FIT_ONLY, lambda: book_fit(evaluated=1)),
        Contestant("PyTorch Lightning", lightning, "lightning"),
        Contestant("Hugging Face Trainer", trainer, "accelerate"),
    ]


def same_work(result: tuple[nn.Module, int]) -> float:
    """Return the loss on the training text, after checking the number of updates.

    Raises:
        ValueError: if the number of updates is wrong.
    """
    model, updates = result
    if updates != UPDATES:
        raise ValueError(f"{updates} updates were made instead of {UPDATES}")
    return lb.evaluate(model, text().train)[0]


def text(evaluated: int = EVALUATED) -> lb.Data:
    """Return the text of this race, with as many pieces to evaluate as asked for."""
    return lb.load_text().take(train=PIECES, validation=evaluated)


def start() -> tuple[nn.Module, torch.optim.Optimizer, CosineAnnealingLR]:
    """Return what every loop but `fit` is given."""
    model = lb.gpt(seed=0)
    optimizer = adamw(model)
    return model, optimizer, CosineAnnealingLR(optimizer, T_max=UPDATES - 1)


def adamw(model: nn.Module) -> torch.optim.Optimizer:
    """Return the optimizer of this race."""
    return torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.95), weight_decay=0.1)


def loss_of(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of all characters of a batch."""
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())


def plain_loop():
    """The reference: nothing that does not train, nothing recorded, nothing evaluated."""
    train_x, train_y = text().train
    model, optimizer, scheduler = start()
    shuffler = torch.Generator().manual_seed(0)

    def train():
        for _ in range(EPOCHS):
            for batch in torch.randperm(PIECES, generator=shuffler).split(BATCH_SIZE):
                optimizer.zero_grad()
                loss_of(model, train_x[batch], train_y[batch]).backward()
                clip_grad_norm_(model.parameters(), CLIP_NORM)
                optimizer.step()
                scheduler.step()
        return model, scheduler.last_epoch

    return train


def book_fit(evaluated: int):
    """The book's loop with everything it does: checks, records, an evaluation every epoch.

    Args:
        evaluated: pieces of text; `fit` does not do without any, but one costs next to nothing.
    """
    pieces = text(evaluated)
    model = lb.gpt(seed=0)
    optimizer = adamw(model)

    def train():
        history = lb.fit(
            model,
            pieces,
            optimizer,
            lb.cosine(UPDATES),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            clip_norm=CLIP_NORM,
            device="cpu",
        )
        return model, history.updates

    return train


def lightning():
    """PyTorch Lightning's Trainer."""
    import lightning as L

    model, optimizer, scheduler = start()

    class LanguageModel(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = model

        def training_step(self, batch, batch_index):
            return loss_of(self.model, *batch)

        def configure_optimizers(self):
            each_update = {"scheduler": scheduler, "interval": "step"}
            return {"optimizer": optimizer, "lr_scheduler": each_update}

    trainer = quiet_lightning(max_epochs=EPOCHS, gradient_clip_val=CLIP_NORM)
    module = LanguageModel()
    batches = DataLoader(TensorDataset(*text().train), BATCH_SIZE, shuffle=True)

    def train():
        trainer.fit(module, batches)
        return model, trainer.global_step

    return train


def trainer():
    """The Trainer of Hugging Face's transformers."""
    from transformers import Trainer, TrainingArguments
    from transformers.utils.logging import set_verbosity_error

    set_verbosity_error()
    model, optimizer, scheduler = start()

    class LanguageModelTrainer(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
            return loss_of(model, inputs["x"], inputs["y"])

    def collate(rows):
        x, y = zip(*rows, strict=True)
        return {"x": torch.stack(x), "y": torch.stack(y)}

    folder = tempfile.TemporaryDirectory()
    hugging_face = LanguageModelTrainer(
        model,
        TrainingArguments(
            folder.name,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH_SIZE,
            max_grad_norm=CLIP_NORM,
            use_cpu=True,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
        ),
        data_collator=collate,
        train_dataset=TensorDataset(*text().train),
        optimizers=(optimizer, scheduler),
    )

    def train():
        with folder:
            hugging_face.train()
        return model, hugging_face.state.global_step

    return train
