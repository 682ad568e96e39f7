"""The few networks that the chapters train."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from lrsched_book._checks import whole_number
from lrsched_book.data import CHARACTERS


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

    The default widths are those of the blog post that appendix C examines.

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


def gpt(
    seed: int = 0,
    *,
    vocabulary: int = len(CHARACTERS),
    context: int = 32,
    width: int = 32,
    layers: int = 2,
    heads: int = 4,
) -> nn.Module:
    """Return a small transformer that predicts the next character at each place of a text.

    The decoder of GPT-2, with its layer norms before attention and MLP (pre-LayerNorm) and weights
    drawn with a standard deviation of 0.02: 30,592 parameters by default.

    Args:
        seed: of the initial weights; the global random state is left as it was.
        vocabulary: number of characters.
        context: the longest text that it takes.
        width: numbers that stand for a character between the layers, a multiple of `heads`.
        layers: blocks of attention and MLP.
        heads: attention patterns in each block.

    Raises:
        ValueError: if a number is below 1, or `heads` does not divide `width`.

    Source: Radford et al. (2019), "Language models are unsupervised multitask learners".

    >>> gpt()(torch.zeros(2, 32).long()).shape
    torch.Size([2, 32, 64])
    """
    numbers = {"vocabulary": vocabulary, "context": context, "layers": layers, "heads": heads}
    for name, number in numbers.items():
        whole_number(name, number, at_least=1)
    if whole_number("width", width, at_least=1) % heads:
        raise ValueError(f"width must be a multiple of heads={heads}, got {width}")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return GPT(vocabulary, context, width, layers, heads)


class GPT(nn.Module):
    """A stack of blocks between embeddings and logits; made by `gpt`."""

    def __init__(self, vocabulary: int, context: int, width: int, layers: int, heads: int):
        super().__init__()
        self.character = nn.Embedding(vocabulary, width)
        self.place = nn.Embedding(context, width)  # attention alone does not see the order
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map indices `(n, length)` to logits `(n, length, vocabulary)`, length ≤ context."""
        h = self.character(x) + self.place.weight[: x.shape[1]]
        return self.logits(self.norm(self.blocks(h)))


class Block(nn.Module):
    """Attention, then an MLP; each adds to the stream what it makes of its normalized input."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        """Map `(n, length, width)` to the same shape; each place sees itself and those before."""
        n, length, width = h.shape
        three = self.query_key_value(self.norm_attention(h))
        # To (3, n, heads, length, width / heads): each head attends on its own.
        query, key, value = three.view(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        h = h + self.merge(seen.transpose(1, 2).reshape(n, length, width))
        return h + self.mlp(self.norm_mlp(h))
