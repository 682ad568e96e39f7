"""Learning-rate schedules as pure functions of the step: look at them before you train.

A schedule gives a *factor*; the optimizer's own learning rate is the *peak* that it shapes:

    lr_t = lr_peak · s(t),    t = 0, 1, 2, …

Steps count from 0, and `s(t)` is the factor *used by* update `t`: a run of `n` updates uses
`s(0), …, s(n - 1)`. A decay over `steps` updates therefore starts at 1 with update 0, uses its
final value with update `steps - 1`, and keeps it.

PyTorch, transformers, timm and optax mostly count the *gaps* between updates instead: their
decay over 100 arrives with update 100, the first one after the hundred. Whatever takes `steps`
here takes `gaps` in its place: `cosine(gaps=100)` is `CosineAnnealingLR(T_max=100)`, and
`linear(gaps=90).with_warmup(gaps=10)` is transformers' linear plan for 100 training steps.

Schedules combine: `a.then(b, at=n)` puts one after another, `a * b`, `a + b` and `a ** 2` reckon
step by step, `a.skip(n)` leaves out the beginning, `a.repeat(n)` starts anew every n steps.

Nothing here needs torch, holds state or is used up: plot a schedule as often as you like.
In JAX a table does it: `rates = jnp.asarray(peak * s.values(n))`, and `rates[count]` under
`jax.jit`, where `count` may be traced (past the end JAX takes the last rate).
"""

from lrsched_book.schedules.decays import (
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    multistep,
    one_minus_sqrt,
    polynomial,
    rex,
    step,
)
from lrsched_book.schedules.phases import cosine_restarts, one_cycle, triangular, wsd
from lrsched_book.schedules.schedule import Schedule, linear_warmup

__all__ = [
    "Schedule",
    "constant",
    "cosine",
    "cosine_restarts",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
    "linear",
    "linear_warmup",
    "multistep",
    "one_cycle",
    "one_minus_sqrt",
    "polynomial",
    "rex",
    "step",
    "triangular",
    "wsd",
]
