"""The theories agree with simulations, with known optima and with the papers' own statements."""

import time

import numpy as np
import pytest

from lrsched_book.schedules import constant, cosine, inverse_sqrt, inverse_time, linear, polynomial
from lrsched_book.theory import (
    LossCurveLaw,
    best_peak,
    best_rates,
    fit_loss_curve,
    last_iterate_bound,
    noisy_quadratic,
    noisy_quadratic_parts,
)

T = 400
BOWL = {"curvature": [1.0, 0.3, 0.05], "noise": [2.0, 0.5, 0.1], "start": [4.0, 1.0, 9.0]}
RATES = np.linspace(0.9, 0.1, 30)


def cooldown(share, shape=lambda q: 1 - q, steps=T):
    """A constant rate, then a decay over the last `share` of the run that would end at 0."""
    last = int(share * steps)
    return np.r_[np.ones(steps - last), shape(np.arange(last) / last)]


def to_zero(schedule):
    return schedule.values(T + 1)[:-1]


class TestNoisyQuadratic:
    def test_agrees_with_simulated_training(self):
        draw = np.random.default_rng(0)
        h, c, e = (np.array(BOWL[name]) for name in ("curvature", "noise", "start"))
        x = np.sqrt(e) * draw.standard_normal((40_000, 3))
        for rate in RATES:
            x -= rate * (h * x + np.sqrt(c / 8) * draw.standard_normal(x.shape))
        losses = (h * x**2).sum(axis=1) / 2
        error = losses.std() / np.sqrt(len(losses))
        expected = noisy_quadratic(RATES, **BOWL, batch_size=8)[-1]
        assert abs(losses.mean() - expected) < 4 * error
        assert error < 0.01 * expected, "or the comparison would show nothing"

    def test_counts_the_losses_before_the_first_and_after_each_update(self):
        losses = noisy_quadratic(RATES, **BOWL)
        assert losses.shape == (len(RATES) + 1,)
        assert losses[0] == pytest.approx((1 * 4 + 0.3 * 1 + 0.05 * 9) / 2, rel=1e-15)

    @pytest.mark.parametrize("batch_size", [1, 8])
    def test_the_solved_form_is_the_recursion(self, batch_size):
        for updates in (1, 2, 30):
            left, came_in = noisy_quadratic_parts(RATES[:updates], **BOWL, batch_size=batch_size)
            end = noisy_quadratic(RATES[:updates], **BOWL, batch_size=batch_size)[-1]
            assert left + came_in == pytest.approx(end, rel=1e-13)

    def test_its_parts_are_those_of_a_run_without_noise_and_of_one_from_the_minimum(self):
        left, came_in = noisy_quadratic_parts(RATES, **BOWL)
        assert left == pytest.approx(noisy_quadratic(RATES, **BOWL | {"noise": 0.0})[-1])
        assert came_in == pytest.approx(noisy_quadratic(RATES, **BOWL | {"start": 0.0})[-1])

    def test_one_number_serves_all_directions(self):
        spread = noisy_quadratic(RATES, [1.0, 0.3], noise=0.5, start=2.0)
        assert np.array_equal(spread, noisy_quadratic(RATES, [1.0, 0.3], [0.5, 0.5], [2.0, 2.0]))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"rates": []}, r"rates must be a sequence of one or more numbers ≥ 0, got \[\]"),
            ({"rates": 0.1}, "rates must be a sequence"),
            ({"rates": "ab"}, "rates must be a sequence"),
            ({"rates": [0.1, -0.2]}, r"rates must be finite and ≥ 0, got -0.2 at update 1"),
            ({"rates": [np.nan]}, "got nan at update 0"),
            ({"curvature": 0.0}, "curvature must be a finite number > 0.0, got"),
            ({"noise": -1.0}, "noise must be a finite number ≥ 0.0"),
            ({"start": np.inf}, "start must be a finite number"),
            ({"noise": [1.0, 2.0]}, "one per direction, got 3, 2 and 3"),
            ({"start": []}, "got 3, 3 and 0"),
            ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ],
    )
    @pytest.mark.parametrize("function", [noisy_quadratic, noisy_quadratic_parts])
    def test_names_what_is_wrong(self, function, change, message):
        with pytest.raises(ValueError, match=message):
            function(**{"rates": RATES, **BOWL, **change})


ONE_DIRECTION = {"curvature": 0.7, "noise": 2.0, "start": 3.0, "batch_size": 4}


class TestBestRates:
    def test_no_single_rate_can_be_changed_for_the_better(self):
        best = best_rates(12, **ONE_DIRECTION)
        end = noisy_quadratic(best, **ONE_DIRECTION)[-1]
        for update in range(12):
            for factor in (0.98, 1.02):
                changed = best.copy()
                changed[update] *= factor
                assert noisy_quadratic(changed, **ONE_DIRECTION)[-1] > end

    def test_is_the_inverse_of_time(self):
        best = best_rates(50, **ONE_DIRECTION)
        timescale = 1 + 2.0 / (4 * 0.7**2 * 3.0)
        assert np.allclose(best, best[0] * inverse_time(timescale).values(50), rtol=1e-14)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"steps": 0}, "steps must be a whole number of at least 1"),
            ({"curvature": -1.0}, "curvature must be"),
            ({"noise": -1.0}, "noise must be"),
            ({"start": 0.0}, "start must be a finite number > 0.0"),
            ({"batch_size": 0.5}, "batch_size must be"),
        ],
    )
    def test_names_what_is_wrong(self, change, message):
        with pytest.raises(ValueError, match=message):
            best_rates(**{"steps": 3, **ONE_DIRECTION, **change})


class TestLastIterateBound:
    def test_is_its_formula_written_as_a_double_loop(self):
        eta, d, g = RATES, 3.0, 0.5
        total = (d**2 + g**2 * sum(eta**2)) / (2 * sum(eta))
        for k in range(len(eta) - 1):
            late = sum(eta[k:] ** 2) * g**2 / sum(eta[k:])
            total += eta[k] / sum(eta[k + 1 :]) * late / 2
        assert last_iterate_bound(eta, distance=d, gradient=g) == pytest.approx(total, rel=1e-13)

    def test_bounds_a_convex_loss_that_it_knows_nothing_of(self):
        # |x| with a gradient of 1: the bound holds, and is not far above.
        for rates in (np.full(100, 0.1), 0.2 * to_zero(linear(T + 1))[::4]):
            x = 1.0
            for rate in rates[:-1]:
                x -= rate * np.sign(x)
            assert 0 <= abs(x) <= last_iterate_bound(rates, distance=1.0, gradient=1.0)

    def test_the_best_peak_is_where_the_bound_is_least(self):
        shape = to_zero(cosine(T + 1))
        peak, least = best_peak(shape, distance=2.0, gradient=0.3)
        around = [last_iterate_bound(f * peak * shape, 2.0, 0.3) for f in (0.99, 1.0, 1.01)]
        assert around[1] == pytest.approx(least, rel=1e-12)
        assert around[1] < min(around[0], around[2])

    @pytest.mark.parametrize(
        ("shape", "relative"),
        [
            (np.ones(T), 1.367),
            (inverse_sqrt().values(T), 1.215),
            (to_zero(cosine(T + 1)), 1.027),
            (cosine(T, final=0.1).values(T), 1.034),
            (cooldown(0.1), 1.154),
            (cooldown(0.2), 1.086),
            (cooldown(0.4), 1.031),
            (cooldown(0.6), 1.009),
            (cooldown(0.8), 1.001),
            (cooldown(0.2, lambda q: 1 - np.sqrt(q)), 1.066),
        ],
    )
    def test_ranks_the_shapes_as_an_independent_computation_did(self, shape, relative):
        line = best_peak(to_zero(linear(T + 1)))[1]
        assert best_peak(shape)[1] / line == pytest.approx(relative, abs=6e-4)

    def test_the_line_falls_like_the_root_of_the_steps_and_a_constant_rate_more_slowly(self):
        def scaled(schedule, steps):
            return best_peak(schedule.values(steps + 1)[:-1])[1] * np.sqrt(steps)

        assert scaled(linear(10_001), 10_000) == pytest.approx(2.0, abs=1e-3)
        assert scaled(constant(), 10_000) > scaled(constant(), 1_000) > scaled(constant(), 100)

    def test_a_cooldown_lowers_the_bound_abruptly_and_wants_half_the_peak_of_a_cosine(self):
        shape = cooldown(0.2)
        peak = best_peak(shape)[0]
        before, after = (last_iterate_bound(peak * shape[:n]) for n in (320, 400))
        assert (before, after) == (pytest.approx(0.1548, abs=1e-4), pytest.approx(0.1093, abs=1e-4))
        assert peak / best_peak(to_zero(cosine(T + 1)))[0] == pytest.approx(0.526, abs=1e-3)

    @pytest.mark.parametrize("function", [last_iterate_bound, best_peak])
    def test_names_what_is_wrong(self, function):
        name = "rates" if function is last_iterate_bound else "factors"
        with pytest.raises(ValueError, match=f"{name} must be finite and > 0, got 0.0 at update 2"):
            function(polynomial(3).values(3))
        with pytest.raises(ValueError, match=f"{name} must be finite and > 0, got -0.1 at update"):
            function([0.1, -0.1])
        with pytest.raises(ValueError, match=r"distance must be a finite number > 0\.0, got 0"):
            function([0.1], distance=0)
        with pytest.raises(ValueError, match=r"gradient must be a finite number > 0\.0, got -1"):
            function([0.1], gradient=-1)


def test_a_curve_of_5000_updates_takes_less_than_half_a_second():
    rates = 0.1 * cosine(5_000, final=0.01).values(5_000)
    h = np.arange(1, 1_001.0) ** -1.5
    law = LossCurveLaw(floor=0.5, progress=1, power=0.5, noise=0.3, memory=2, forgetting=1.2)
    predictions = {
        "noisy quadratic": lambda: noisy_quadratic(rates, h, 0.05 * h, 1.0),
        "law": lambda: law.predict(rates),
        "bound": lambda: [last_iterate_bound(rates[:t]) for t in range(10, 5_001, 10)],
    }
    for name, predict in predictions.items():
        # The time of this process alone: other work on the machine must not decide.
        begin = time.process_time()
        predict()
        assert time.process_time() - begin < 0.5, name


class TestLossCurveLaw:
    LAW = LossCurveLaw(floor=1.5, progress=2.0, power=0.6, noise=0.4, memory=3.0, forgetting=1.4)
    FLAT, FALLING = np.full(300, 0.3), np.linspace(0.3, 0.003, 300)
    AT = np.arange(20, 301, 20)

    def runs(self, law=LAW):
        return [
            (rates, self.AT, law.predict(rates, self.AT)) for rates in (self.FLAT, self.FALLING)
        ]

    def test_is_its_formula(self):
        eta, law = self.FALLING, self.LAW
        tau = np.concatenate([[0], np.cumsum(eta)])
        for t in (1, 2, 300):
            noise = sum(eta[s] ** 2 * (1 + 3 * (tau[t] - tau[s + 1])) ** -1.4 for s in range(t))
            expected = 1.5 + 2 * tau[t] ** -0.6 + 0.4 * noise
            assert law.predict(eta, [t]) == pytest.approx(expected, rel=1e-12)

    def test_predicts_every_update_unless_asked_for_some(self):
        every = self.LAW.predict(self.FLAT)
        assert every.shape == (300,)
        assert np.array_equal(every[self.AT - 1], self.LAW.predict(self.FLAT, self.AT))

    def test_the_fit_finds_the_constants_that_made_the_curves(self):
        found = fit_loss_curve(self.runs())
        for name in self.LAW.__dataclass_fields__:
            assert getattr(found, name) == pytest.approx(getattr(self.LAW, name), rel=1e-4), name

    def test_fitted_on_two_schedules_of_a_noisy_quadratic_it_predicts_a_third(self):
        steps, i = 1_000, np.arange(1, 1_001.0)
        h = i**-1.5
        bowl = {"curvature": h, "noise": 0.05 * h, "start": i**-1.6 / h}
        flat = np.full(steps, 0.5)
        falling = flat * cosine(steps, final=0.01).values(steps)
        unseen = 0.5 * (0.01 + 0.99 * cooldown(0.2, steps=steps))
        at = np.unique(np.geomspace(50, steps, 25).astype(int))
        law = fit_loss_curve([(r, at, noisy_quadratic(r, **bowl)[at]) for r in (flat, falling)])
        truth = noisy_quadratic(unseen, **bowl)
        predicted = law.predict(unseen, [800, steps])
        drop = truth[800] - truth[steps]
        assert abs(predicted[1] - truth[steps]) < 0.1 * drop
        assert predicted[0] - predicted[1] == pytest.approx(drop, rel=0.1)

    @pytest.mark.parametrize(
        ("rates", "at", "message"),
        [
            ([0.0, 0.1], None, "rates must begin above 0"),
            ([], None, "rates must be a sequence of one or more numbers"),
            ([0.1, 0.1], [3], r"at must hold whole numbers from 1 to 2, got \[3\]"),
            ([0.1, 0.1], [0], "at must hold"),
            ([0.1, 0.1], [1.0], "at must hold"),
            ([0.1, 0.1], [], "at must hold"),
        ],
    )
    def test_names_what_is_wrong(self, rates, at, message):
        with pytest.raises(ValueError, match=message):
            self.LAW.predict(rates, at)

    @pytest.mark.parametrize(
        ("runs", "message"),
        [
            ([], "at least 6 losses, as many as the law has constants, got 0"),
            ([(FLAT, [1, 2, 3, 4, 5], [1.0] * 5)], "at least 6 losses.* got 5"),
            ([(FLAT, [1, 2])], "runs must hold .rates, at, losses., but run 0"),
            ([(FLAT, [1], [1.0, 2.0])], "run 0 has 2 losses for 1 numbers of updates"),
            ([(np.zeros(2), [1], [1.0])], "begins at 0.0"),
            ([(FLAT, [301], [1.0])], "run 0: at must hold"),
            ([(FLAT, [1], [0.0])], "run 0: losses must be finite and > 0, got 0.0 at update 0"),
            ([(FLAT, AT, AT), 7], "run 1"),
        ],
    )
    def test_the_fit_names_what_is_wrong(self, runs, message):
        with pytest.raises(ValueError, match=message):
            fit_loss_curve(runs)
