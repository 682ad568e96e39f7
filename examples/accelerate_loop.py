"""Accelerate: you step the scheduler, which `prepare` does not get."""

import math
import tempfile

import torch
from accelerate import Accelerator
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb

PEAK, EPOCHS, ACCUMULATE = 0.1, 3, 2  # two micro-batches make one update
FOLDER = tempfile.mkdtemp()

accelerator = Accelerator(
    gradient_accumulation_steps=ACCUMULATE, log_with="tensorboard", project_dir=FOLDER
)
accelerator.init_trackers("rates")
data = TensorDataset(torch.randn(160, 4), torch.randn(160, 1))
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=PEAK)
loader = DataLoader(data, batch_size=8, shuffle=True)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
steps = EPOCHS * math.ceil(len(loader) / ACCUMULATE)  # the loader is divided by now
schedule = lb.cosine(steps - 4, final=0.01).with_warmup(4)
scheduler = lb.attach(optimizer.optimizer, schedule)
accelerator.register_for_checkpointing(scheduler)
accelerator.print(lb.diagnose(scheduler, steps))

used = []
for _ in range(EPOCHS):
    for x, y in loader:
        with accelerator.accumulate(model):
            accelerator.backward(mse_loss(model(x), y))
            rate = lb.rates(optimizer)  # before the update: the rate that it uses
            optimizer.step()
            optimizer.zero_grad()
        if accelerator.sync_gradients and not accelerator.optimizer_step_was_skipped:
            accelerator.log({"rate": rate}, step=len(used))
            used.append(rate)
            scheduler.step()

accelerator.end_training()
accelerator.print(*(f"{rate:.4f}" for rate in used))
accelerator.print(f"tensorboard --logdir {FOLDER}")
