"""The rates of 100,000 updates with a cosine schedule, by several libraries.

Every `prepare` function returns a function that computes all rates: that call is what is timed.
"""

import math

import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR

import lrsched_book as lb
from studies.speed.race import Contestant

STEPS = 100_000
REFERENCE = "lrsched_book: cosine(…).values(…)"
ATTACHED = "lrsched_book: attached to an optimizer, stepped"
LAMBDA = "torch LambdaLR, stepped"


def contestants() -> list[Contestant]:
    """Return everyone who takes part, the reference first."""
    return [
        Contestant(REFERENCE, book_values),
        Contestant(ATTACHED, book_stepped),
        Contestant("torch CosineAnnealingLR, stepped", torch_cosine),
        Contestant(LAMBDA, torch_lambda),
        Contestant("ignite CosineAnnealingScheduler.simulate_values", ignite_simulated, "ignite"),
        Contestant("timm CosineLRScheduler, stepped", timm_stepped, "timm"),
    ]


def largest_error(rates: np.ndarray) -> float:
    """Return how far the rates are from the formula.

    Raises:
        ValueError: if that is far. Whether a horizon counts the updates or the gaps between them
            is a matter of convention and makes less than 2e-5 here.
    """
    expected = 0.5 * (1 + np.cos(np.pi * np.arange(STEPS) / (STEPS - 1)))
    error = float(np.abs(np.asarray(rates) - expected).max())
    if error > 1e-4:
        raise ValueError(f"the rates err by up to {error:.2g}")
    return error


def optimizer() -> torch.optim.Optimizer:
    """Return an optimizer of one number at rate 1: what is timed is the schedule."""
    one = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    one.step()  # or torch warns that the scheduler is stepped before the optimizer
    return one


def book_values():
    return lambda: lb.cosine(STEPS).values(STEPS)


def book_stepped():
    return _stepped(lambda one: lb.attach(one, lb.cosine(STEPS)))


def torch_cosine():
    return _stepped(lambda one: CosineAnnealingLR(one, T_max=STEPS - 1))


def torch_lambda():
    def factor(t):
        return 0.5 * (1 + math.cos(math.pi * t / (STEPS - 1)))

    return _stepped(lambda one: LambdaLR(one, factor))


def _stepped(build):
    """Return a function that steps a torch scheduler and reads the rate before each step."""
    one = optimizer()
    scheduler = build(one)

    def work():
        rates = []
        for _ in range(STEPS):
            rates.append(one.param_groups[0]["lr"])
            scheduler.step()
        return rates

    return work


def ignite_simulated():
    from ignite.handlers.param_scheduler import CosineAnnealingScheduler

    def work():
        pairs = CosineAnnealingScheduler.simulate_values(
            num_events=STEPS, param_name="lr", start_value=1.0, end_value=0.0, cycle_size=STEPS
        )
        return [rate for _, rate in pairs]

    return work


def timm_stepped():
    from timm.scheduler.cosine_lr import CosineLRScheduler

    one = optimizer()
    scheduler = CosineLRScheduler(one, t_initial=STEPS - 1, t_in_epochs=False)

    def work():
        rates = []
        for t in range(STEPS):
            scheduler.step_update(t)
            rates.append(one.param_groups[0]["lr"])
        return rates

    return work
