"""One training run in a process of its own, for test_checkpoint to kill: not a test itself.

Usage: python killed_run.py CHECKPOINT RESULT SEED [HALT_AT]

With HALT_AT it says so on standard output at that update, and waits to be killed there.
"""

import random
import sys
import time

import numpy as np
import torch
from helpers import few, network, random_states
from torch import nn

from lrsched_book import cosine, fit


class Noise(nn.Module):
    """While training, draw from the generators that dropout does not use, and halt when told."""

    def __init__(self, halt_at):
        super().__init__()
        self.updates, self.halt_at = 0, halt_at

    def forward(self, x):
        if not self.training:
            return x
        self.updates += 1
        if self.updates == self.halt_at:
            print("halting", flush=True)
            time.sleep(600)
        return x + 0.01 * random.gauss(0, 1) + 0.01 * np.random.normal()


def run(checkpoint, result, seed, halt_at=None):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    model = nn.Sequential(Noise(halt_at), network(seed=seed, dropout=0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    history = fit(
        model,
        few(train=90),
        optimizer,
        cosine(18, final=0.1).with_warmup(2),
        epochs=4,  # of 5 updates: four batches of 20 and one of 10
        batch_size=20,
        device="cpu",
        checkpoint=checkpoint,
    )
    end = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": history.to_dict(),
        "random": random_states(),
    }
    torch.save(end, result)


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(*sys.argv[1:3], *map(int, sys.argv[3:]))
