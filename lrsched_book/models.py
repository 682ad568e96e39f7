"""The few networks that the chapters train."""

from itertools import pairwise

import torch
from torch import nn


def lenet(seed: int = 0, classes: int = 10) -> nn.Sequential:
    """Return LeNet with ReLU and max-pooling, for images of shape `(n, 1, 28, 28)`.

    The variant that *Dive into Deep Learning* trains in its chapter on schedules: two
    convolutions and three linear layers, 61,706 parameters. The same seed gives the same
    initial weights, and the global random state is left as it was.

    Args:
        seed: of the initial weights.
        classes: number of outputs.

    Source: LeCun et al. (1998), "Gradient-based learning applied to document recognition".

    >>> lenet()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    >>> sum(p.numel() for p in lenet().parameters())
    61706
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, classes),
        )


def mlp(seed: int = 0, widths: tuple[int, ...] = (784, 512, 256, 10)) -> nn.Sequential:
    """Return a multilayer perceptron with ReLU between its linear layers.

    The default widths are those of the blog post that chapter 07 re-runs.

    Args:
        seed: of the initial weights; the global random state is left as it was.
        widths: inputs, hidden units of each layer, outputs.

    >>> mlp(widths=(784, 32, 10))(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        return nn.Sequential(*layers[:-1])
