"""Predictions from a schedule alone: three theories that say how low a run will end.

The noisy quadratic is a model of training whose expected loss can be computed exactly. The
last-iterate bound is a guarantee for convex problems. The loss-curve law has free constants: fit
it to runs that were made, and it predicts a schedule that was not tried. Each is a pure function
of the rates in use, η_0, …, η_{T-1}: `peak * schedule.values(T)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from lrsched_book._checks import real_number, whole_number

# --- the noisy quadratic -------------------------------------------------------------------------


def noisy_quadratic(
    rates: Sequence[float],
    curvature: Sequence[float] | float,
    noise: Sequence[float] | float,
    start: Sequence[float] | float,
    batch_size: int = 1,
) -> np.ndarray:
    """Return the expected loss of SGD on a bowl with gradient noise, before and after each update.

    In each direction i the loss is ½ h_i x_i², and a batch of B examples measures its gradient
    h_i x_i with variance c_i / B. The expectation of x_i² then obeys, exactly,

        e_i ← (1 - η h_i)² e_i + η² c_i / B,    L = ½ Σ h_i e_i.

    Source: Zhang et al. (2019), "Which algorithmic choices matter at which batch sizes?",
    arXiv:1907.04164, section 3.

    Args:
        rates: the learning rate of each update, shape `(T,)`, ≥ 0.
        curvature: h, > 0: one number, or one per direction.
        noise: c, the variance of one example's gradient, ≥ 0, likewise.
        start: e at the beginning, the expectation of x², ≥ 0, likewise.
        batch_size: B, examples per update.

    Returns:
        The losses after 0, 1, …, T updates, shape `(T + 1,)`.

    Raises:
        ValueError: if an argument is out of its range, or the directions do not match.

    A rate of 1/h lands in the minimum and stays at the noise that the update brings in:

    >>> noisy_quadratic([0.5, 0.5], curvature=2.0, noise=4.0, start=9.0)
    array([9., 1., 1.])
    """
    rates = _rates(rates)
    curvature, noise, spread, batch_size = _bowl(curvature, noise, start, batch_size)
    losses = [curvature @ spread / 2]
    for rate in rates:
        spread = (1 - rate * curvature) ** 2 * spread + rate**2 * noise / batch_size
        losses.append(curvature @ spread / 2)
    return np.array(losses)


def noisy_quadratic_parts(
    rates: Sequence[float],
    curvature: Sequence[float] | float,
    noise: Sequence[float] | float,
    start: Sequence[float] | float,
    batch_size: int = 1,
) -> tuple[float, float]:
    """Return the two parts of the last loss of `noisy_quadratic`: what is left, what came in.

    The recursion solved, direction by direction:

        e_T = e_0 Π_t (1 - η_t h)²  +  c / B · Σ_s η_s² Π_{t > s} (1 - η_t h)².

    The first part is the start that is not forgotten yet: it wants large rates. The second is the
    noise of each update, as far as later updates have not forgotten it: it wants small rates
    at the end.

    The arguments are those of `noisy_quadratic`.

    Returns:
        The loss that remains of the start, and the loss that the noise adds.

    Raises:
        ValueError: if an argument is out of its range, or the directions do not match.

    >>> noisy_quadratic_parts([0.25, 0.25], curvature=2.0, noise=4.0, start=16.0)
    (1.0, 0.3125)
    >>> noisy_quadratic([0.25, 0.25], curvature=2.0, noise=4.0, start=16.0)[-1].item()
    1.3125
    """
    rates = _rates(rates)[:, np.newaxis]
    curvature, noise, spread, batch_size = _bowl(curvature, noise, start, batch_size)
    kept = (1 - rates * curvature) ** 2  # the share of e that an update leaves, (T, directions)
    kept_by_all_later = np.cumprod(np.vstack([np.ones_like(curvature), kept[:0:-1]]), axis=0)[::-1]
    left = spread * kept.prod(axis=0)
    came_in = noise / batch_size * (rates**2 * kept_by_all_later).sum(axis=0)
    return float(curvature @ left / 2), float(curvature @ came_in / 2)


def best_rates(
    steps: int, curvature: float, noise: float, start: float, batch_size: int = 1
) -> np.ndarray:
    """Return the rates that end lowest on a noisy quadratic of one direction.

    Minimising the recursion of `noisy_quadratic` update by update gives a closed form,

        η_t = 1 / (h · (1 + c / (B h² e_0) + t)),

    the inverse of time: `inverse_time`. It is the best plan for every number of updates at once,
    which with more than one direction no plan is.

    Args:
        steps: T, number of updates.
        curvature: h > 0.
        noise: c ≥ 0.
        start: e_0 > 0.
        batch_size: B.

    Raises:
        ValueError: if an argument is out of its range.

    Without noise, the first update lands in the minimum:

    >>> best_rates(3, curvature=2.0, noise=0.0, start=1.0).round(4)
    array([0.5   , 0.25  , 0.1667])
    """
    t = np.arange(whole_number("steps", steps, at_least=1))
    curvature = real_number("curvature", curvature, above=0.0)
    noise, start = real_number("noise", noise), real_number("start", start, above=0.0)
    batch_size = whole_number("batch_size", batch_size, at_least=1)
    return 1 / (curvature * (1 + noise / (batch_size * curvature**2 * start) + t))


# --- the bound on the last iterate ---------------------------------------------------------------


def last_iterate_bound(
    rates: Sequence[float], distance: float = 1.0, gradient: float = 1.0
) -> float:
    """Return how far above the minimum a convex loss can be, in expectation, at the last iterate.

    With D the distance of the start to a minimum and G a bound on the gradients' norm,

        Ω = (D² + G² Σ η_t²) / (2 Σ η_t)
            + ½ Σ_{k < T-1} η_k / (Σ_{t > k} η_t) · G² (Σ_{t ≥ k} η_t²) / (Σ_{t ≥ k} η_t).

    It bounds the loss of the iterate from which the last gradient is taken, so the last rate moves
    nothing: a schedule that ends at zero is given as `s.values(T + 1)[:-1]`.
    Source: Defazio et al. (2023), arXiv:2310.07831, theorem 10; compared with large models by
    Schaipp et al. (2025), arXiv:2501.18965.

    Args:
        rates: the learning rate of each update, shape `(T,)`, > 0.
        distance: D > 0, in the unit of the weights.
        gradient: G > 0, in units of the loss per unit of the weights.

    Raises:
        ValueError: if an argument is out of its range.

    >>> last_iterate_bound([0.5, 0.5])
    1.0
    """
    rates = _rates(rates, above=0.0)
    distance = real_number("distance", distance, above=0.0)
    gradient = real_number("gradient", gradient, above=0.0)
    of_distance, of_gradients = _bound_terms(rates)
    return float(distance**2 * of_distance + gradient**2 * of_gradients)


def best_peak(
    factors: Sequence[float], distance: float = 1.0, gradient: float = 1.0
) -> tuple[float, float]:
    """Return the peak that makes `last_iterate_bound` least for a shape, and that least bound.

    With rates γ·s_t the bound is 𝒯₁/γ + γ·𝒯₂, which is least at γ = √(𝒯₁/𝒯₂), where it is
    2√(𝒯₁𝒯₂). It compares shapes, each at its own best peak.

    Args:
        factors: the shape s_0, …, s_{T-1}, > 0.
        distance: D > 0, as in `last_iterate_bound`.
        gradient: G > 0, as in `last_iterate_bound`.

    Returns:
        The best peak and the bound at it.

    Raises:
        ValueError: if an argument is out of its range.

    At equal tries, cosine comes within 3% of the line, a constant rate is 37% above it:

    >>> from lrsched_book.schedules import constant, cosine, linear
    >>> line = best_peak(linear(401).values(401)[:-1])[1]
    >>> [round(best_peak(s.values(401)[:-1])[1] / line, 3) for s in (cosine(401), constant())]
    [1.027, 1.367]
    """
    factors = _rates(factors, name="factors", above=0.0)
    distance = real_number("distance", distance, above=0.0)
    gradient = real_number("gradient", gradient, above=0.0)
    of_distance, of_gradients = _bound_terms(factors)
    falling, rising = distance**2 * of_distance, gradient**2 * of_gradients
    return float(np.sqrt(falling / rising)), float(2 * np.sqrt(falling * rising))


def _bound_terms(rates: np.ndarray) -> tuple[float, float]:
    """Return what the bound multiplies D² and G² by."""
    remaining = np.cumsum(rates[::-1])[::-1]  # Σ_{t ≥ k} η_t for every k, in one pass
    remaining_squares = np.cumsum(rates[::-1] ** 2)[::-1]
    late = rates[:-1] / remaining[1:] * remaining_squares[:-1] / remaining[:-1]
    return 1 / (2 * remaining[0]), (remaining_squares[0] / remaining[0] + late.sum()) / 2


# --- the loss-curve law --------------------------------------------------------------------------


@dataclass(frozen=True)
class LossCurveLaw:
    """The loss of a run from its rates alone: progress, and noise that is slowly forgotten.

    With τ_t = η_0 + … + η_{t-1}, the *intrinsic time* after t updates,

        L_t = floor + progress · τ_t^(-power)
              + noise · Σ_{s < t} η_s² (1 + memory · (τ_t - τ_{s+1}))^(-forgetting).

    It follows from the noisy quadratic whose curvatures fall like a power law: the sum over the
    directions turns the exponentials of `noisy_quadratic_parts` into powers. A decay pays twice:
    late noise enters squared, and a high rate before it has made τ large.
    Source: Li et al. (2025), "Functional scaling laws in kernel regression", arXiv:2509.19189.

    Attributes:
        floor: the loss that no training removes, ≥ 0.
        progress: the loss above the floor at τ = 1, without noise, ≥ 0.
        power: how fast progress comes, > 0.
        noise: the loss that an update adds, per squared rate, ≥ 0.
        memory: the inverse of the intrinsic time after which noise begins to be forgotten, > 0.
        forgetting: how fast it then goes, > 0; with curvatures i^(-β) it is 2 - 1/β.

    >>> law = LossCurveLaw(floor=1, progress=1, power=1, noise=8, memory=1, forgetting=1)
    >>> law.predict([0.5, 0.5])  # 1 + 1/0.5 + 8 · 0.25, and 1 + 1/1 + 8 · (0.25/1.5 + 0.25)
    array([5.        , 5.33333333])
    """

    floor: float
    progress: float
    power: float
    noise: float
    memory: float
    forgetting: float

    def predict(self, rates: Sequence[float], at: Sequence[int] | None = None) -> np.ndarray:
        """Return the losses after `at` updates, or after 1, 2, …, T if left out.

        Args:
            rates: the learning rate of each update, shape `(T,)`, ≥ 0, the first one > 0.
            at: numbers of updates, from 1 to T.

        Raises:
            ValueError: if an argument is out of its range.
        """
        rates = _rates(rates)
        if rates[0] == 0:
            raise ValueError("rates must begin above 0, got 0.0 at update 0")
        at = _updates(at, len(rates))
        progress, noise = _law_terms(rates, at, self.power, self.memory, self.forgetting)
        return self.floor + self.progress * progress + self.noise * noise


def fit_loss_curve(
    runs: Sequence[tuple[Sequence[float], Sequence[int], Sequence[float]]],
) -> LossCurveLaw:
    """Fit the six constants of `LossCurveLaw` to the losses of runs with different schedules.

    The squared relative errors are made least. Floor, progress and noise enter linearly, so for
    given exponents SciPy's `nnls` solves for them exactly; `least_squares` looks for the other
    three, from several starts. Forgetting is kept between 1 and 2, where the theory has it.

    With schedules that are all alike the constants are not determined: give it a constant rate
    and one that decays, at least. The law speaks of expected losses, so give it validation
    losses, or averages over many batches, and leave out the first updates, where the power law
    has not begun.

    Args:
        runs: for each run its rates, shape `(T,)`; the numbers of updates after which a loss was
            measured, from 1 to T; and these losses, > 0.

    Raises:
        ValueError: if there is no run, or one is malformed, or there are fewer losses than
            constants.

    >>> truth = LossCurveLaw(0.5, 1.0, 0.5, 0.3, 2.0, 1.2)
    >>> flat, falling = np.full(200, 0.4), np.linspace(0.4, 0.004, 200)
    >>> at = np.arange(10, 201, 10)
    >>> law = fit_loss_curve([(rates, at, truth.predict(rates, at)) for rates in (flat, falling)])
    >>> unseen = np.r_[np.full(150, 0.4), np.linspace(0.4, 0.004, 50)]
    >>> bool(abs(law.predict(unseen, [200]) - truth.predict(unseen, [200])) < 1e-4)
    True
    """
    from scipy.optimize import least_squares, nnls  # slow to import, and nothing else needs them

    checked = [_run(number, run) for number, run in enumerate(runs)]
    measured = np.concatenate([losses for *_, losses in checked]) if checked else np.array([])
    if len(measured) < len(fields(LossCurveLaw)):
        raise ValueError(
            f"runs must hold at least {len(fields(LossCurveLaw))} losses, as many as the law has "
            f"constants, got {len(measured)}"
        )
    longest = max(rates.sum() for rates, *_ in checked)

    def columns(exponents):
        """Return what floor, progress and noise multiply, over the measured loss."""
        power, forgetting = exponents[0], exponents[2]
        memory = np.exp(exponents[1]) / longest
        parts = [_law_terms(rates, at, power, memory, forgetting) for rates, at, _ in checked]
        progress, noise = np.concatenate(parts, axis=1)
        return np.stack([np.ones_like(progress), progress, noise], axis=1) / measured[:, np.newaxis]

    def misfit(exponents):
        table = columns(exponents)
        return table @ nnls(table, np.ones(len(table)))[0] - 1

    bounds = ([0.05, np.log(0.1), 1.0], [3.0, np.log(1e5), 2.0])  # power, log memory, forgetting
    starts = [(power, np.log(memory), 1.3) for power in (0.3, 1.0) for memory in (3.0, 100.0)]
    fits = [least_squares(misfit, start, bounds=bounds, xtol=1e-12) for start in starts]
    best = min(fits, key=lambda fit: fit.cost).x
    (floor, progress, noise), _ = nnls(columns(best), np.ones(len(measured)))
    power, memory, forgetting = best[0], np.exp(best[1]) / longest, best[2]
    return LossCurveLaw(*map(float, (floor, progress, power, noise, memory, forgetting)))


def _law_terms(rates, at, power, memory, forgetting) -> tuple[np.ndarray, np.ndarray]:
    """Return, after each of `at` updates, what the law multiplies progress and noise by."""
    time = np.cumsum(rates)
    noise = []
    for t in at:  # one row at a time: all rows at once could fill the memory
        since = time[t - 1] - time[:t]
        noise.append(rates[:t] ** 2 @ (1 + memory * since) ** -forgetting)
    return time[at - 1] ** -power, np.array(noise)


# --- checks --------------------------------------------------------------------------------------


def _rates(rates, name: str = "rates", above: float | None = None) -> np.ndarray:
    """Return rates as an array, or raise `ValueError` unless they are a run's."""
    array = np.asarray(rates)
    bound = "≥ 0" if above is None else f"> {above:g}"
    if array.ndim != 1 or not len(array) or array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be a sequence of one or more numbers {bound}, got {rates!r}")
    wrong = ~np.isfinite(array) | ((array < 0) if above is None else (array <= above))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ValueError(f"{name} must be finite and {bound}, got {array[at]} at update {at}")
    return array.astype(float)


def _bowl(curvature, noise, start, batch_size):
    """Return the bowl's numbers as arrays of one shape `(directions,)`."""
    given = (("curvature", curvature, 0.0), ("noise", noise, None), ("start", start, None))
    arrays = [
        [real_number(name, number, above=above) for number in np.ravel(value)]
        for name, value, above in given
    ]
    lengths = [len(array) for array in arrays]
    if len(set(lengths) - {1}) > 1 or 0 in lengths:
        raise ValueError(
            "curvature, noise and start must have one number each, or one per direction, "
            f"got {lengths[0]}, {lengths[1]} and {lengths[2]}"
        )
    batch_size = whole_number("batch_size", batch_size, at_least=1)
    return *np.broadcast_arrays(*map(np.array, arrays)), batch_size


def _updates(at, steps: int) -> np.ndarray:
    """Return numbers of updates as an array of ints between 1 and `steps`."""
    if at is None:
        return np.arange(1, steps + 1)
    array = np.asarray(at)
    whole = array.ndim == 1 and len(array) and array.dtype.kind in "iu"
    if not whole or array.min() < 1 or array.max() > steps:
        raise ValueError(f"at must hold whole numbers from 1 to {steps}, got {at!r}")
    return array


def _run(number: int, run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check one run of `fit_loss_curve`, and return its three arrays."""
    try:
        rates, at, losses = run
        rates, losses = _rates(rates), _rates(losses, name="losses", above=0.0)
        at = _updates(at, len(rates))
    except (TypeError, ValueError) as error:
        raise ValueError(f"runs must hold (rates, at, losses), but run {number}: {error}") from None
    if len(at) != len(losses) or rates[0] == 0:
        raise ValueError(
            f"runs must have a loss for each `at` and begin above rate 0, but run {number} has "
            f"{len(losses)} losses for {len(at)} numbers of updates and begins at {rates[0]}"
        )
    return rates, at, losses
