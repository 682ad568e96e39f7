"""Schedules of several phases: warmup-stable-decay, one cycle, and cycles without an end."""

import numpy as np

from lrsched_book._checks import one_of, real_number, whole_number
from lrsched_book.schedules.decays import constant
from lrsched_book.schedules.schedule import Schedule, between, cycles, length


def wsd(warmup: int, stable: int, decay: Schedule) -> Schedule:
    """Warm up, stay at the peak, then decay: warmup, stable, decay.

    `linear_warmup(warmup)`, then `constant()` for `stable` updates, then `decay` of any shape. A
    run can be prolonged from any point of the stable phase, for which no horizon is needed.
    Source: Hu et al. (2024), arXiv:2404.06395; the shapes compared: arXiv:2405.18392.

    Args:
        warmup: updates of the linear warmup, ≥ 0; 0 for none, or for another by `with_warmup`.
        stable: updates at the peak between warmup and decay, ≥ 0.
        decay: how the rate falls, such as `linear(20)` or `one_minus_sqrt(20)`.

    Raises:
        TypeError: if `decay` is not a schedule.
        ValueError: if a number of updates is not a whole number of at least 0.

    >>> from lrsched_book import linear
    >>> wsd(2, 3, linear(3)).values(8)
    array([0.5, 1. , 1. , 1. , 1. , 1. , 0.5, 0. ])
    """
    warmup = whole_number("warmup", warmup, at_least=0)
    stable = whole_number("stable", stable, at_least=0)
    if not isinstance(decay, Schedule):
        raise TypeError(f"decay must be a Schedule, got {type(decay).__name__}")
    schedule = constant().then(decay, at=stable) if stable else decay
    return schedule.with_warmup(warmup) if warmup else schedule


def one_cycle(
    steps: int,
    rise: float = 0.3,
    initial: float = 1 / 25,
    final: float = 1 / 250_000,
    shape: str = "cosine",
) -> Schedule:
    """Rise to the peak and fall far below the start, once: the 1cycle policy, as torch has it.

    The rise takes the first rise·steps updates, of which the last uses the peak; the last of
    all uses `final`. Torch's `OneCycleLR(max_lr, total_steps)` is `one_cycle(total_steps)` times
    `max_lr`; its `pct_start` is `rise`, its `div_factor` 1 / initial, its `final_div_factor`
    initial / final. Torch moves the momentum too, and this schedule only the rate.
    Source: Smith and Topin (2018), arXiv:1708.07120.

    Args:
        steps: number of updates, at least 2.
        rise: the share of the updates in which the rate rises, with 1 < rise·steps < steps. If
            rise·steps is a fraction the peak lies between two updates, and none uses it.
        initial: the factor at update 0, ≥ 0.
        final: the factor from update `steps - 1` on, ≥ 0.
        shape: of both parts, "cosine" or "linear".

    Raises:
        ValueError: if an argument is out of its range.

    >>> one_cycle(10, rise=0.3, initial=0.2, final=0.0, shape="linear").values(10).round(4)
    array([0.2   , 0.6   , 1.    , 0.8571, 0.7143, 0.5714, 0.4286, 0.2857,
           0.1429, 0.    ])
    """
    steps, rise = whole_number("steps", steps, at_least=2), real_number("rise", rise)
    if not 1 < rise * steps < steps:
        raise ValueError(f"rise must be a share with 1 < rise·steps < steps = {steps}, got {rise}")
    initial, final = real_number("initial", initial), real_number("final", final)
    linear = one_of("shape", shape, ("cosine", "linear")) == "linear"
    peak = rise * steps - 1

    def factor(t):
        rising = t <= peak
        progress = np.where(rising, t / peak, np.minimum((t - peak) / (steps - 1 - peak), 1.0))
        share = progress if linear else (1 - np.cos(np.pi * progress)) / 2
        return np.where(rising, between(initial, 1.0, share), between(1.0, final, share))

    return Schedule(factor, (one_cycle, (steps, rise, initial, final, shape)))


def cosine_restarts(
    first: int, growth: float = 1.0, final: float = 0.0, decay: float = 1.0
) -> Schedule:
    """Repeat the cosine, each cycle `growth` times as long: warm restarts (SGDR).

    Cycle i has n = first·growth^i updates. With k the updates done in it,
    s(t) = final + (1 - final)·decay^i·(1 + cos(π·k / (n - 1))) / 2.

    The last update of each cycle uses `final`, which is when a snapshot is taken. Torch's
    `CosineAnnealingWarmRestarts` divides by n, so its cycles turn back one update earlier: that
    is `cosine(gaps=10).repeat(10, growth=2)`.
    Source: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5.

    Args:
        first: updates in the first cycle, at least 2.
        growth: how many times as long each cycle is as the one before, ≥ 1.
        final: the factor at the last update of each cycle, ≥ 0.
        decay: what each restart multiplies the height above `final` by, from 0 to 1.

    Raises:
        ValueError: if an argument is out of its range.

    >>> cosine_restarts(3, growth=2, decay=0.5).values(9).round(4)
    array([1.    , 0.5   , 0.    , 0.5   , 0.4523, 0.3273, 0.1727, 0.0477,
           0.    ])
    """
    first = whole_number("first", first, at_least=2)
    growth = length("growth", growth, at_least=1)
    final, decay = real_number("final", final), real_number("decay", decay, high=1.0)

    def factor(t):
        cycle, done = cycles(t, first, growth)
        # A cycle of 7.5 updates has its last one at 7: the wave must not turn round before 7.5.
        progress = np.minimum(done / (first * float(growth) ** cycle - 1), 1.0)
        return _above(final, decay, cycle, (1 + np.cos(np.pi * progress)) / 2)

    return Schedule(factor, (cosine_restarts, (first, growth, final, decay)))


def triangular(up: float, down: float, low: float = 0.0, decay: float = 1.0) -> Schedule:
    """Swing in straight lines between `low` and the peak, for ever: cyclical learning rates.

    A cycle rises for `up` steps and falls for `down`; in cycle i the height above `low` is
    multiplied by decay^i. `CyclicLR(base_lr=b, max_lr=m)` is `triangular(up, down, b / m)` times
    the peak m, and its mode "triangular2" is `decay=0.5`.
    Source: Smith (2017), arXiv:1506.01186.

    Args:
        up: steps from `low` to the peak, > 0; torch's `step_size_up`.
        down: steps from the peak back to `low`, > 0; torch's `step_size_down`.
        low: the factor at both ends of a cycle, ≥ 0. With 0 update 0 moves nothing.
        decay: what each cycle multiplies the height above `low` by, from 0 to 1.

    Raises:
        ValueError: if an argument is out of its range.

    >>> triangular(up=2, down=2, low=0.2).values(6)
    array([0.2, 0.6, 1. , 0.6, 0.2, 0.6])
    """
    up, down = length("up", up), length("down", down)
    low, decay = real_number("low", low), real_number("decay", decay, high=1.0)

    def factor(t):
        cycle, done = cycles(t, up + down, growth=1)
        height = np.where(done < up, done / up, (up + down - done) / down)
        return _above(low, decay, cycle, height)

    return Schedule(factor, (triangular, (up, down, low, decay)))


def _above(low: float, decay: float, cycle: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return low + (1 - low)·decay^cycle·height: a wave that each cycle lowers towards `low`."""
    scale = decay**cycle
    # For ever lowered, the wave is gone, whatever its height (which has no limit: not a number).
    return low + (1 - low) * np.where(scale == 0, 0.0, scale * height)
