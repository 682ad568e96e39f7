"""`diagnose` reads the plans of transformers through: the real ones, sound and in a wrong unit."""

import pytest
import torch
from transformers import SchedulerType, get_scheduler

from lrsched_book import diagnose

STEPS, WARMUP, EPOCHS = 3900, 390, 10

# What a plan needs besides its warmup and its end, or None if it has no end.
EXTRA = {
    "linear": {},
    "cosine": {},
    "cosine_with_restarts": {"num_cycles": 3},
    "polynomial": {},
    "constant": None,
    "constant_with_warmup": None,
    "inverse_sqrt": None,
    "cosine_with_min_lr": {"min_lr_rate": 0.1},
    "cosine_warmup_with_min_lr": {"min_lr_rate": 0.1},
    "warmup_stable_decay": {"num_decay_steps": 0.2},  # as a share of the steps
    "reduce_lr_on_plateau": None,
}
WITH_END = [name for name, extra in EXTRA.items() if extra is not None]


def build(name, steps, warmup):
    keywords = dict(EXTRA[name] or {})
    if "num_decay_steps" in keywords:
        keywords["num_decay_steps"] = int(keywords["num_decay_steps"] * steps)
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1e-3)
    return get_scheduler(name, optimizer, warmup, steps, scheduler_specific_kwargs=keywords)


def test_every_plan_of_transformers_is_known_here():
    assert {kind.value for kind in SchedulerType} == {*EXTRA, "greedy"}


def test_the_greedy_plan_is_refused_since_it_is_no_torch_scheduler():
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1e-3)
    with pytest.raises(TypeError, match=r"^plan must be a torch LRScheduler .*, got GreedyLR"):
        diagnose(get_scheduler("greedy", optimizer), STEPS)


@pytest.mark.parametrize("name", EXTRA)
def test_a_sound_plan_raises_no_alarm(name):
    found = diagnose(build(name, STEPS, WARMUP), STEPS)
    assert {finding.severity for finding in found} <= {"note"}, found


@pytest.mark.parametrize("name", WITH_END)
def test_a_horizon_in_epochs_is_found(name):
    codes = diagnose(build(name, EPOCHS, 1), STEPS).codes
    right = {"ends-too-early", "zero-before-the-end", "swings", "rises-again"}
    assert set(codes) & right, codes


@pytest.mark.parametrize("name", WITH_END)
def test_a_horizon_stretched_by_accumulation_is_found(name):
    assert "horizon-outside-run" in diagnose(build(name, 4 * STEPS, WARMUP), STEPS).codes
