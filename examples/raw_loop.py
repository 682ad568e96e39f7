"""A loop of your own: you step the scheduler, once an update, after the optimizer."""

import math

import torch
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

import lrsched_book as lb

PEAK, EPOCHS, ACCUMULATE = 0.1, 3, 2  # two micro-batches make one update

data = TensorDataset(torch.randn(160, 4), torch.randn(160, 1))
loader = DataLoader(data, batch_size=8, shuffle=True)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=PEAK)
steps = EPOCHS * math.ceil(len(loader) / ACCUMULATE)  # updates, not batches
scheduler = lb.attach(optimizer, lb.cosine(steps - 4, final=0.01).with_warmup(4))
print(lb.diagnose(scheduler, steps))

used = []
for _ in range(EPOCHS):
    for number, (x, y) in enumerate(loader, start=1):
        loss = mse_loss(model(x), y) / ACCUMULATE
        loss.backward()
        if number % ACCUMULATE and number < len(loader):
            continue  # an incomplete group at the end of an epoch makes an update, too
        used.append(lb.rates(optimizer))  # before the update: the rate that it uses
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()

print(*(f"{rate:.4f}" for rate in used))
