"""Losses of one and two parameters, and the paths that optimizers take on them."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.optim import Optimizer

from lrsched_book._checks import real_number, whole_number
from lrsched_book.scheduler import attach
from lrsched_book.schedules import Schedule


def quadratic(*curvatures: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the bowl f(x) = ½ Σ λ_i x_i², with one curvature λ_i > 0 per parameter.

    `quadratic(8)` is y = 4x². The Hessian is diag(λ); the condition number is max λ / min λ.

    Returns:
        A function from points, shape `(..., len(curvatures))`, to losses, shape `(...)`.

    Raises:
        ValueError: if there is no curvature, or one is not a finite number above 0.

    >>> quadratic(8)(torch.tensor([2.0]))
    tensor(16.)
    """
    if not curvatures:
        raise ValueError("curvatures must hold at least one number, got none")
    hessian = torch.tensor([real_number("curvatures", c, above=0.0) for c in curvatures])
    return lambda x: (hessian * x**2).sum(-1) / 2


def descend(
    loss: Callable[[torch.Tensor], torch.Tensor],
    start: Sequence[float],
    optimizer: Callable[[list[torch.Tensor]], Optimizer],
    steps: int,
    schedule: Schedule | None = None,
) -> np.ndarray:
    """Return the path of an optimizer on a loss without noise, shape `(steps + 1, parameters)`.

    Args:
        loss: maps a point, shape `(parameters,)`, to a scalar.
        start: where the path begins.
        optimizer: builds the optimizer for a list of parameters, e.g.
            `lambda parameters: torch.optim.SGD(parameters, lr=0.1)`.
        steps: number of updates.
        schedule: shapes the optimizer's rate, if given.

    Raises:
        ValueError: if `steps` is not a whole number of at least 1.

    >>> sgd = lambda parameters: torch.optim.SGD(parameters, lr=0.125)
    >>> descend(quadratic(8), [2.0], sgd, steps=1).tolist()
    [[2.0], [0.0]]
    """
    whole_number("steps", steps, at_least=1)
    point = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    stepper = optimizer([point])
    scheduler = attach(stepper, schedule) if schedule else None
    path = [point.detach().numpy().copy()]
    for _ in range(steps):
        stepper.zero_grad()
        loss(point).backward()
        stepper.step()
        if scheduler:
            scheduler.step()
        path.append(point.detach().numpy().copy())
    return np.array(path)
