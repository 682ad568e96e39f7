"""The Trainer of Hugging Face: it counts the updates and steps once in each."""

import tempfile
import warnings

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

import lrsched_book as lb

PEAK, EPOCHS, ACCUMULATE = 0.1, 3, 2  # two micro-batches make one update
FOLDER = tempfile.mkdtemp()


class Diagnose(TrainerCallback):
    def on_train_begin(self, args, state, control, optimizer, lr_scheduler, **_):
        if state.global_step:
            return  # resumed: it was said at the start
        if found := lb.diagnose(lr_scheduler, state.max_steps):
            warnings.warn(str(found), stacklevel=2)


class Scheduled(Trainer):
    def create_scheduler(self, num_training_steps, optimizer=None):
        # They are updates, whatever accumulates and however many processes.
        schedule = lb.cosine(num_training_steps - 4, final=0.01).with_warmup(4)
        self.lr_scheduler = lb.attach(optimizer or self.optimizer, schedule)
        return self.lr_scheduler


class Net(torch.nn.Linear):
    def forward(self, x, labels):
        return {"loss": torch.nn.functional.mse_loss(super().forward(x), labels)}


data = [{"x": torch.randn(4), "labels": torch.randn(1)} for _ in range(160)]
arguments = TrainingArguments(
    output_dir=FOLDER,
    optim="sgd",
    learning_rate=PEAK,
    num_train_epochs=EPOCHS,
    per_device_train_batch_size=8,
    gradient_accumulation_steps=ACCUMULATE,
    logging_steps=1,
    report_to="tensorboard",
)
trainer = Scheduled(Net(4, 1), arguments, train_dataset=data, callbacks=[Diagnose()])
trainer.train()
history = trainer.state.log_history
used = [entry["learning_rate"] for entry in history if "loss" in entry]
print(*(f"{rate:.4f}" for rate in used), f"\ntensorboard --logdir {FOLDER}")
