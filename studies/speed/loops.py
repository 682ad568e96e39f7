"""The same training run by several loops: LeNet on 9,000 images of Fashion-MNIST, on the CPU.

Every `prepare` function below builds model, data and trainer, and returns a function that trains:
that call is what is timed. It returns the trained model and the number of updates made.

All of them start from the same weights and the same bytes, which they scale to [0, 1] a batch at a
time. They make the same number of updates with the same batch size, by SGD with momentum and a
cosine schedule that is stepped after every update. The plain loop and `fit` see the same batches
too; the others shuffle with their own random numbers. Each library is set up as its documentation
does, without logger, checkpoints, progress bar and validation.
"""

import contextlib
import logging
import math
import tempfile
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from unittest import mock

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb
from studies.speed.race import Contestant

# Six training images to one that is evaluated, as in the whole data set.
IMAGES = 9_000
EVALUATED = 1_500
BATCH_SIZE = 256
EPOCHS = 2
PEAK = 0.05
MOMENTUM = 0.9
UPDATES = EPOCHS * math.ceil(IMAGES / BATCH_SIZE)

REFERENCE = "plain loop"
RECORDING = "plain loop, recording and evaluating"
FIT = "lrsched_book.fit, evaluating"
FIT_ONLY = "lrsched_book.fit, one image to evaluate"
D2L = "d2l, 4 workers"


def contestants() -> list[Contestant]:
    """Return everyone who takes part, the reference first."""
    return [
        Contestant(REFERENCE, plain_loop),
        Contestant(RECORDING, recording_loop),
        Contestant(FIT, lambda: book_fit(EVALUATED)),
        Contestant(FIT_ONLY, lambda: book_fit(evaluated=1)),
        Contestant("DataLoader over a TensorDataset", data_loader),
        Contestant("PyTorch Lightning", lightning, "lightning"),
        Contestant("pytorch-ignite", ignite, "ignite"),
        Contestant("skorch", skorch, "skorch"),
        Contestant("fastai", fastai, "fastai"),
        Contestant("d2l, 0 workers", lambda: d2l_loop(workers=0), "d2l"),
        Contestant(D2L, lambda: d2l_loop(workers=4), "d2l"),
    ]


def same_work(result: tuple[nn.Module, int]) -> float:
    """Return the loss on the training images, after checking the number of updates.

    The loss itself is shown, not judged: loops that shuffle on their own see another order of the
    examples, and a few of those orders keep LeNet near its initial plateau for these few updates.

    Raises:
        ValueError: if the number of updates is wrong.
    """
    model, updates = result
    if updates != UPDATES:
        raise ValueError(f"{updates} updates were made instead of {UPDATES}")
    return lb.evaluate(model, data().train)[0]


def data(evaluated: int = EVALUATED) -> lb.Data:
    """Return the sample's images, with as many to evaluate as asked for.

    Those are test images: nothing is chosen here, and the sample has no others to spare.
    """
    everything = lb.load_fashion_mnist(validation=0)
    return replace(everything, validation=everything.test).take(IMAGES, evaluated)


class FromBytes(nn.Module):
    """Scale pixels from bytes to [0, 1], as `fit` does with each batch."""

    def forward(self, x):
        return x.float() / 255


def start() -> tuple[nn.Module, torch.optim.Optimizer, CosineAnnealingLR]:
    """Return what every loop but `fit` and skorch's is given."""
    model = lb.lenet(seed=0)
    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK, momentum=MOMENTUM)
    return model, optimizer, CosineAnnealingLR(optimizer, T_max=UPDATES - 1)


def loader() -> DataLoader:
    """Return the usual way to iterate over tensors, for the libraries that expect it."""
    return DataLoader(TensorDataset(*data().train), BATCH_SIZE, shuffle=True)


def plain_loop():
    """The reference: nothing that does not train, nothing recorded, nothing evaluated."""
    train_x, train_y = data().train
    model, optimizer, scheduler = start()
    shuffler = torch.Generator().manual_seed(0)

    def train():
        for _ in range(EPOCHS):
            for batch in torch.randperm(IMAGES, generator=shuffler).split(BATCH_SIZE):
                optimizer.zero_grad()
                loss = F.cross_entropy(model(train_x[batch].float() / 255), train_y[batch])
                loss.backward()
                optimizer.step()
                scheduler.step()
        return model, scheduler.last_epoch

    return train


def recording_loop():
    """The plain loop of someone who wants the numbers that `fit` returns."""
    (train_x, train_y), evaluated = data().train, data().validation
    model, optimizer, scheduler = start()
    shuffler = torch.Generator().manual_seed(0)
    updates, epochs = [], []

    def train():
        for _ in range(EPOCHS):
            total_loss, correct = 0.0, 0
            for batch in torch.randperm(IMAGES, generator=shuffler).split(BATCH_SIZE):
                x, y = train_x[batch].float() / 255, train_y[batch]
                optimizer.zero_grad()
                logits = model(x)
                loss = F.cross_entropy(logits, y)
                loss.backward()
                updates.append((lb.rates(optimizer), loss.item()))
                optimizer.step()
                scheduler.step()
                total_loss += loss.item() * len(y)
                correct += (logits.argmax(dim=1) == y).sum().item()
            measured = lb.evaluate(model, evaluated)
            epochs.append((total_loss / IMAGES, correct / IMAGES, *measured))
        return model, scheduler.last_epoch

    return train


def book_fit(evaluated: int):
    """The book's loop with everything it does: checks, records, an evaluation every epoch.

    Args:
        evaluated: images; `fit` does not do without any, but one costs next to nothing.
    """
    images = data(evaluated)
    model = lb.lenet(seed=0)
    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK, momentum=MOMENTUM)
    schedule = lb.cosine(UPDATES)

    def train():
        history = lb.fit(
            model, images, optimizer, schedule, epochs=EPOCHS, batch_size=BATCH_SIZE, device="cpu"
        )
        return model, history.updates

    return train


def data_loader():
    """The plain loop, with a loader in the place of indices."""
    batches = loader()
    model, optimizer, scheduler = start()

    def train():
        for _ in range(EPOCHS):
            for x, y in batches:
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x.float() / 255), y)
                loss.backward()
                optimizer.step()
                scheduler.step()
        return model, scheduler.last_epoch

    return train


def d2l_loop(workers: int):
    """The loop of d2l's chapter on schedules, on d2l's loader.

    It evaluates as many images after each epoch as `fit` does. The differences from the
    published chapter: fewer images, a schedule that is stepped after every update, and curves that
    are plotted but not displayed, since a notebook's display has no place in a terminal.

    Args:
        workers: processes that load data; d2l's own choice is 4.
    """
    from d2l import torch as d2l

    train_iter, test_iter = _d2l_iterators(workers)
    model, optimizer, scheduler = start()
    cross_entropy = nn.CrossEntropyLoss()
    device = torch.device("cpu")

    def train_one_epoch(epoch, animator):
        metric = d2l.Accumulator(3)  # sum of the losses, number of correct answers, of examples
        for i, (x, y) in enumerate(train_iter):
            model.train()
            optimizer.zero_grad()
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            with torch.no_grad():
                metric.add(loss * x.shape[0], d2l.accuracy(logits, y), x.shape[0])
            means = metric[0] / metric[2], metric[1] / metric[2]
            if (i + 1) % 50 == 0:
                animator.add(epoch + i / len(train_iter), (*means, None))
        test_accuracy = d2l.evaluate_accuracy_gpu(model, test_iter)
        animator.add(epoch + 1, (None, None, test_accuracy))

    def train():
        with mock.patch.object(d2l, "display"):
            legend = ["train loss", "train acc", "test acc"]
            animator = d2l.Animator(xlabel="epoch", xlim=[0, EPOCHS], legend=legend)
            for epoch in range(EPOCHS):
                train_one_epoch(epoch, animator)
            d2l.plt.close(animator.fig)
        return model, scheduler.last_epoch

    return train


@cache  # they can be used again
def _d2l_iterators(workers: int) -> tuple[DataLoader, DataLoader]:
    """Return d2l's own iterators over training and test images, with the images of this race."""
    from d2l import torch as d2l

    with tempfile.TemporaryDirectory() as folder:
        _write_raw_files(Path(folder) / "data" / "FashionMNIST" / "raw")
        here = Path(folder) / "here"
        here.mkdir()
        # d2l looks for the data in "../data", and downloads what it does not find there.
        with (
            contextlib.chdir(here),
            mock.patch.object(d2l, "get_dataloader_workers", return_value=workers),
        ):
            return d2l.load_data_fashion_mnist(BATCH_SIZE)


def _write_raw_files(folder: Path) -> None:
    """Write the images in the format that torchvision reads."""
    folder.mkdir(parents=True)
    parts = {"train": data().train, "t10k": data().validation}
    for part, (x, y) in parts.items():
        for name, numbers in (("images-idx3", x[:, 0]), ("labels-idx1", y)):
            header = bytes([0, 0, 8, numbers.ndim])  # 8 stands for uint8
            header += b"".join(size.to_bytes(4, "big") for size in numbers.shape)
            content = header + numbers.to(torch.uint8).numpy().tobytes()
            (folder / f"{part}-{name}-ubyte").write_bytes(content)


def lightning():
    """PyTorch Lightning's Trainer."""
    import lightning as L

    model, optimizer, scheduler = start()

    class Classifier(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = model

        def training_step(self, batch, batch_index):
            x, y = batch
            return F.cross_entropy(self.model(x.float() / 255), y)

        def configure_optimizers(self):
            each_update = {"scheduler": scheduler, "interval": "step"}
            return {"optimizer": optimizer, "lr_scheduler": each_update}

    trainer = quiet_lightning(max_epochs=EPOCHS)
    module, batches = Classifier(), loader()

    def train():
        trainer.fit(module, batches)
        return model, trainer.global_step

    return train


def quiet_lightning(**arguments):
    """Return Lightning's Trainer for the CPU, without anything that is not training."""
    import lightning as L

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    return L.Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **arguments,
    )


def ignite():
    """pytorch-ignite's Engine and its wrapper for torch's schedulers."""
    from ignite.engine import Events, create_supervised_trainer
    from ignite.handlers.param_scheduler import LRScheduler

    model, optimizer, scheduler = start()
    from_bytes = nn.Sequential(FromBytes(), model)
    trainer = create_supervised_trainer(from_bytes, optimizer, F.cross_entropy, device="cpu")
    # As ignite's documentation has it: the wrapper sets the rate before each update.
    trainer.add_event_handler(Events.ITERATION_STARTED, LRScheduler(scheduler))
    batches = loader()

    def train():
        state = trainer.run(batches, max_epochs=EPOCHS)
        return model, state.iteration

    return train


def skorch():
    """skorch's NeuralNetClassifier."""
    from skorch import NeuralNetClassifier
    from skorch.callbacks import LRScheduler

    train_x, train_y = data().train
    cosine_rate = LRScheduler(policy=CosineAnnealingLR, T_max=UPDATES - 1, step_every="batch")
    net = NeuralNetClassifier(
        nn.Sequential(FromBytes(), lb.lenet(seed=0)),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        lr=PEAK,
        optimizer__momentum=MOMENTUM,
        batch_size=BATCH_SIZE,
        max_epochs=EPOCHS,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks=[cosine_rate],
        callbacks__print_log=None,
        verbose=0,
        device="cpu",
    )

    def train():
        net.fit(train_x, train_y)
        return net.module_[1], sum(len(batches) for batches in net.history[:, "batches"])

    return train


def fastai():
    """fastai's Learner."""
    from fastai.callback.core import Callback, CancelValidException
    from fastai.callback.schedule import ParamScheduler, SchedCos
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader as FastaiLoader
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat
    from fastai.optimizer import SGD

    class NoValidation(Callback):
        def before_validate(self):
            raise CancelValidException

    train_set = TensorDataset(*data().train)
    train_batches = FastaiLoader(train_set, bs=BATCH_SIZE, shuffle=True, num_workers=0)
    # The second loader is never read, but a Learner does not do without.
    loaders = DataLoaders(train_batches, train_batches, device=torch.device("cpu"))
    learner = Learner(
        loaders,
        nn.Sequential(FromBytes(), lb.lenet(seed=0)),
        loss_func=CrossEntropyLossFlat(),
        opt_func=partial(SGD, mom=MOMENTUM),
        lr=PEAK,
        cbs=[ParamScheduler({"lr": SchedCos(PEAK, 0.0)}), NoValidation()],
    )

    def train():
        with learner.no_bar(), learner.no_logging():
            learner.fit(EPOCHS)
        return learner.model[1], learner.train_iter

    return train
