"""Ignite: an event steps the scheduler, and an iteration is a micro-batch."""

import tempfile

import torch
from ignite.engine import Events, create_supervised_trainer
from ignite.handlers import TensorboardLogger
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb

PEAK, EPOCHS, ACCUMULATE = 0.1, 3, 2  # two micro-batches make one update
FOLDER = tempfile.mkdtemp()

data = TensorDataset(torch.randn(160, 4), torch.randn(160, 1))
loader = DataLoader(data, batch_size=8, shuffle=True)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=PEAK)
steps = EPOCHS * len(loader) // ACCUMULATE  # a group may go on in the next epoch
scheduler = lb.attach(optimizer, lb.cosine(steps - 4, final=0.01).with_warmup(4))
print(lb.diagnose(scheduler, steps))
trainer = create_supervised_trainer(
    model, optimizer, mse_loss, gradient_accumulation_steps=ACCUMULATE
)
used = []


@trainer.on(Events.ITERATION_COMPLETED(every=ACCUMULATE))
def after_each_update():
    used.append(lb.rates(optimizer))  # still the rate that the update used
    scheduler.step()


with TensorboardLogger(log_dir=FOLDER) as logger:
    started = Events.ITERATION_STARTED
    logger.attach_opt_params_handler(trainer, started, optimizer=optimizer)
    trainer.run(loader, max_epochs=EPOCHS)

print(*(f"{rate:.4f}" for rate in used), f"\ntensorboard --logdir {FOLDER}")
