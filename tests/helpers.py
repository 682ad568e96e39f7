"""What several test modules share: little data, a little network, comparisons of states."""

import copy
import os
import random

import numpy as np
import torch
from torch import nn

from lrsched_book import Data


def few(train=50, validation=20, test=4, classes=10, seed=0):
    """Random images with random labels: nothing to learn, and quick."""
    random_numbers = torch.Generator().manual_seed(seed)

    def examples(n):
        x = torch.rand(n, 1, 28, 28, generator=random_numbers)
        return x, torch.randint(classes, (n,), generator=random_numbers)

    return Data(examples(train), examples(validation), examples(test))


def network(seed=0, dropout=0.0, classes=10):
    """A convolution, so that channels-last matters, and dropout, so that the random state does."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 3, kernel_size=5, stride=4),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(3 * 6 * 6, classes),
        )


def sgd(model, lr=0.1, momentum=0.9):
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)


def stepped(scheduler, steps, metrics=None):
    """The rates that `steps` updates use when a scheduler is really stepped."""
    optimizer = scheduler.optimizer
    used = []
    for index in range(steps):
        used.append([float(group["lr"]) for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step() if metrics is None else scheduler.step(metrics[index])
    used = np.array(used)
    return used[:, 0] if used.shape[1] == 1 else used


def random_states():
    """The states of the global generators, as values that compare."""
    kind, keys, *position = np.random.get_state()
    return {
        "python": repr(random.getstate()),
        "numpy": [kind, keys.tolist(), *position],
        "torch": torch.get_rng_state(),
    }


def state(*parts):
    """A deep copy of the state of models, optimizers, schedulers, and of the random generators."""
    return copy.deepcopy([*(part.state_dict() for part in parts), random_states()])


def identical(a, b):
    """Whether two nested states agree to the last bit."""
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return type(a) is type(b) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(identical(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(identical, a, b))
    return a == b


def alive(pid):
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
