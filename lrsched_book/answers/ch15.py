"""Answers to the exercises of chapter 15, written by notebooks/build.py."""

import torch
from torch.optim.lr_scheduler import LinearLR

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import rates, stand_in
from lrsched_book.schedules import constant, linear


STILL, WARMUP, RUN = 100, 20, 300
REST = RUN - STILL - WARMUP

the_plan_of_the_body = Exercise(
    "15.1",
    right=[
        constant(0).then(linear(REST, final=0.01).with_warmup(WARMUP), at=STILL),
        constant(0)
        .then(linear(WARMUP, final=1.0, initial=1 / WARMUP), at=STILL)
        .then(linear(REST, final=0.01), at=STILL + WARMUP),
    ],
    wrong=[
        (
            linear(REST, final=0.01).with_warmup(WARMUP),
            "The body should stand still for the first 100 updates; yours moves at once.",
        ),
        (
            constant(0).then(linear(RUN - STILL, final=0.01).with_warmup(WARMUP), at=STILL),
            "The warmup comes on top: your line would end 20 updates after the run.",
        ),
        (
            constant(0).then(linear(RUN, final=0.01).with_warmup(WARMUP), at=STILL),
            "Your line is as long as the whole run; it begins only after 120 updates.",
        ),
        (
            constant(0).then(linear(RUN - STILL, final=0.01), at=STILL),
            "There is no warmup yet: `.with_warmup` puts one in front of the line.",
        ),
        (
            constant(0).then(linear(REST).with_warmup(WARMUP), at=STILL),
            "The last update should use 1% of the peak; yours moves nothing.",
        ),
    ],
    hint="`lb.constant(0)` stands still, and `.then(…, at=100)` lets something else begin.",
    steps=RUN,
)


def drifts(updates):
    """How far a weight moves whose gradient has become zero, while its buffer is 2."""
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    optimizer.state[weight]["momentum_buffer"] = torch.full_like(weight, 2.0).detach()
    weight.grad = torch.zeros_like(weight)
    for _ in range(updates):
        optimizer.step()
    return abs(weight.item())


the_momentum_of_a_frozen_weight = Exercise(
    "15.2",
    right=[drifts(500), 1.8],
    wrong=[
        (2.0, "Almost. The buffer shrinks to 0.9 of itself before it is used."),
        (drifts(1), "That is the first update alone. The buffer is not empty after it."),
        (
            0.2,
            "That would be one update with the whole buffer. It shrinks first, and then goes on.",
        ),
        (0.0, "It would stand still if its gradient were None. A zero does not stop the momentum."),
        (18.0, "You have left out the rate."),
    ],
    hint="Add up the rate times the buffer over all updates: a geometric series.",
)


def rising():
    return LinearLR(stand_in(1.0), start_factor=1 / 20, total_iters=19)


def after(updates, scheduler):
    """Return the rate that is in force after so many updates."""
    for _ in range(updates):
        scheduler.optimizer.step()
        scheduler.step()
    return rates(scheduler.optimizer)


def climbs_to():
    stopped, resumed = rising(), rising()
    after(10, stopped)
    resumed.optimizer.load_state_dict(stopped.optimizer.state_dict())
    return after(100, resumed)


a_step_forgotten = Exercise(
    "15.3",
    right=[climbs_to(), 11.0],
    wrong=[
        (
            1.0,
            "It would, if the class computed the rate from its step. It multiplies what it finds.",
        ),
        (10.0, "Almost. After 10 updates the next one, number 10, uses a factor of 11/20."),
        (20.0, "Twentyfold is right. But the rate that it finds is not the peak."),
        (0.55, "That is the rate that was loaded. The new scheduler begins its warmup there."),
    ],
    hint="Which rate does the optimizer bring along? By which factor does a whole warmup raise it?",
    tolerance=1e-5,
)
