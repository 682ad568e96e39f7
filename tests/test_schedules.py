"""The schedules agree with torch's classes, keep the laws of composition, and refuse bad input."""

import dataclasses
import inspect
import math
import pickle
import warnings

import numpy as np
import pytest
import torch
from helpers import stepped
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

import lrsched_book
from lrsched_book import (
    Schedule,
    attach,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    linear_warmup,
    multistep,
    one_cycle,
    one_minus_sqrt,
    polynomial,
    rex,
    step,
    triangular,
    wsd,
)
from lrsched_book.scheduler import stand_in

NAN, INFINITE = math.nan, math.inf
PEAK = 0.4  # of the optimizers: any number but 1, which would hide a missing multiplication


def agrees_with(schedule, torch_class, steps, **arguments):
    """Whether torch's scheduler, really stepped, uses the rates of the schedule."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Detected call of|To get the last|The epoch")
        torchs = stepped(torch_class(stand_in(PEAK), **arguments), steps)
    # Relative to the value, except near 0, where torch's recursion leaves a rest of 1e-17.
    np.testing.assert_allclose(PEAK * schedule.values(steps), torchs, rtol=1e-9, atol=1e-13)


factors = st.floats(0, 1.5, allow_subnormal=False)
positive = st.floats(0.01, 1.0)
horizons = st.integers(2, 60)
LONG = 80  # beyond every horizon


# --- torch's classes, at every step --------------------------------------------------------------


@given(every=st.integers(1, 30), gamma=factors)
def test_step_is_steplr(every, gamma):
    agrees_with(step(every, gamma), lr_scheduler.StepLR, LONG, step_size=every, gamma=gamma)


@given(milestones=st.sets(st.integers(1, 70), min_size=1, max_size=6).map(sorted), gamma=factors)
def test_multistep_is_multisteplr(milestones, gamma):
    agrees_with(
        multistep(milestones, gamma),
        lr_scheduler.MultiStepLR,
        LONG,
        milestones=milestones,
        gamma=gamma,
    )


@given(gamma=st.floats(0.01, 1.2))
def test_exponential_is_exponentiallr(gamma):
    agrees_with(exponential(gamma), lr_scheduler.ExponentialLR, LONG, gamma=gamma)


@given(rate=st.floats(0.01, 1.2), decay_steps=st.integers(1, 50))
def test_exponential_is_tensorflows_smooth_decay(rate, decay_steps):
    t = np.arange(LONG)
    np.testing.assert_allclose(
        exponential(rate ** (1 / decay_steps)).values(LONG), rate ** (t / decay_steps), rtol=1e-9
    )


@given(gamma=st.floats(0.01, 0.99), floor=st.floats(0, 1))
def test_a_floor_stops_the_exponential(gamma, floor):
    values = exponential(gamma, floor).values(LONG)
    above = gamma ** np.arange(LONG) > floor
    np.testing.assert_array_equal(values[above], exponential(gamma).values(LONG)[above])
    assert np.all(values[~above] == floor)


@given(gaps=st.integers(1, 60), initial=positive, final=st.floats(0, 1))
def test_linear_is_linearlr_whose_iterations_are_the_gaps_between_updates(gaps, initial, final):
    agrees_with(
        linear(gaps + 1, final, initial),
        lr_scheduler.LinearLR,
        LONG,
        start_factor=initial,
        end_factor=final,
        total_iters=gaps,
    )


def test_a_polynomial_is_a_parabola_unless_told_otherwise():
    assert polynomial(3).values(3).tolist() == [1.0, 0.25, 0.0]


@given(gaps=st.integers(1, 60), power=st.floats(0.1, 5))
def test_polynomial_is_polynomiallr(gaps, power):
    agrees_with(
        polynomial(gaps + 1, power),
        lr_scheduler.PolynomialLR,
        LONG,
        total_iters=gaps,
        power=power,
    )


@given(gaps=st.integers(1, 200), final=factors)
def test_cosine_is_cosineannealinglr_up_to_its_t_max(gaps, final):
    agrees_with(
        cosine(gaps + 1, final),
        lr_scheduler.CosineAnnealingLR,
        gaps + 1,
        T_max=gaps,
        eta_min=final * PEAK,
    )


def test_cosine_stays_down_where_torchs_rate_climbs_again():
    torchs = stepped(lr_scheduler.CosineAnnealingLR(stand_in(PEAK), T_max=10), 21)
    assert torchs[20] == pytest.approx(PEAK)
    assert cosine(11)(20) == 0.0


@given(first=st.integers(2, 30), final=factors)
def test_equal_cycles_of_a_restart_are_those_of_torch_and_one_more_update_at_the_bottom(
    first, final
):
    gaps, cycles = first - 1, 4
    torchs = stepped(
        lr_scheduler.CosineAnnealingWarmRestarts(stand_in(PEAK), gaps, eta_min=final * PEAK),
        cycles * gaps,
    ).reshape(cycles, gaps)
    ours = PEAK * cosine_restarts(first, final=final).values(cycles * first).reshape(cycles, first)
    np.testing.assert_allclose(ours[:, :-1], torchs, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(ours[:, -1], final * PEAK, rtol=1e-14)


@given(first=st.integers(2, 9), growth=st.integers(1, 4), final=factors, decay=st.floats(0, 1))
def test_restarts_are_cosines_one_after_the_other(first, growth, final, decay):
    lengths = [first * growth**cycle for cycle in range(4)]
    pieces = [
        final + decay**cycle * (cosine(length, final).values(length) - final)
        for cycle, length in enumerate(lengths)
    ]
    np.testing.assert_allclose(
        cosine_restarts(first, growth, final, decay).values(sum(lengths)),
        np.concatenate(pieces),
        rtol=1e-9,
        atol=1e-13,
    )


@pytest.mark.parametrize(("mode", "decay"), [("triangular", 1.0), ("triangular2", 0.5)])
@given(up=st.integers(1, 20), down=st.integers(1, 20), low=st.floats(0, 1))
def test_triangular_is_cyclic_lr(mode, decay, up, down, low):
    agrees_with(
        triangular(up, down, low, decay),
        lr_scheduler.CyclicLR,
        LONG,
        base_lr=low * PEAK,
        max_lr=PEAK,
        step_size_up=up,
        step_size_down=down,
        mode=mode,
        cycle_momentum=False,
    )


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@given(rise=st.integers(2, 40), fall=st.integers(1, 40), initial=positive, final=positive)
def test_two_pieces_that_share_the_peak_are_onecyclelr(strategy, rise, fall, initial, final):
    piece, steps = {"cos": cosine, "linear": linear}[strategy], rise + fall
    agrees_with(
        piece(rise, final=1, initial=initial).then(piece(gaps=fall, final=final), at=rise - 1),
        lr_scheduler.OneCycleLR,
        steps,
        max_lr=PEAK,
        total_steps=steps,
        pct_start=rise / steps,
        anneal_strategy=strategy,
        div_factor=1 / initial,
        final_div_factor=initial / final,
    )


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@given(steps=st.integers(4, LONG), rise=st.floats(0.3, 0.9), initial=positive, final=positive)
def test_one_cycle_is_onecyclelr(strategy, steps, rise, initial, final):
    agrees_with(
        one_cycle(steps, rise, initial, final, {"cos": "cosine"}.get(strategy, strategy)),
        lr_scheduler.OneCycleLR,
        steps,
        max_lr=PEAK,
        total_steps=steps,
        pct_start=rise,
        anneal_strategy=strategy,
        div_factor=1 / initial,
        final_div_factor=initial / final,
    )


@given(steps=st.integers(4, LONG))
def test_the_defaults_of_one_cycle_are_those_of_onecyclelr(steps):
    agrees_with(one_cycle(steps), lr_scheduler.OneCycleLR, steps, max_lr=PEAK, total_steps=steps)


@given(first=st.integers(1, 20), growth=st.integers(1, 4), final=st.floats(0, 1))
def test_a_repeated_cosine_is_cosineannealingwarmrestarts(first, growth, final):
    agrees_with(
        cosine(gaps=first, final=final).repeat(first, growth),
        lr_scheduler.CosineAnnealingWarmRestarts,
        LONG,
        T_0=first,
        T_mult=growth,
        eta_min=final * PEAK,
    )


@given(up=st.floats(0.5, 20), down=st.floats(0.5, 20))
def test_triangular_counts_fractions_as_cyclic_lr_does(up, down):
    theirs = stepped(
        lr_scheduler.CyclicLR(stand_in(PEAK), 0.1 * PEAK, PEAK, up, down, cycle_momentum=False),
        LONG,
    )
    ours = PEAK * triangular(up, down, low=0.1).values(LONG)
    # At a corner torch's rounding may take the other side, whose height is nearly the same.
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@given(factor=positive, steps=st.integers(1, 60))
def test_constant_then_constant_is_constantlr(factor, steps):
    agrees_with(
        constant(factor).then(constant(), at=steps),
        lr_scheduler.ConstantLR,
        LONG,
        factor=factor,
        total_iters=steps,
    )


@given(warmup=st.integers(2, 20), gaps=st.integers(1, 40), final=st.floats(0, 1))
def test_warmup_and_cosine_are_sequentiallr_of_linearlr_and_cosineannealinglr(warmup, gaps, final):
    def sequential(optimizer):
        pieces = [
            lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1),
            lr_scheduler.CosineAnnealingLR(optimizer, T_max=gaps, eta_min=final * PEAK),
        ]
        return lr_scheduler.SequentialLR(optimizer, pieces, milestones=[warmup])

    agrees_with(cosine(gaps + 1, final).with_warmup(warmup), sequential, warmup + gaps + 1)


@given(timescale=st.floats(0.1, 100))
def test_inverse_sqrt_is_its_formula_in_a_lambdalr(timescale):
    def formula(t):
        return math.sqrt(timescale / (timescale + t))

    agrees_with(inverse_sqrt(timescale), lr_scheduler.LambdaLR, LONG, lr_lambda=formula)


@given(timescale=st.floats(0.1, 100))
def test_inverse_time_is_its_formula_in_a_lambdalr(timescale):
    def formula(t):
        return timescale / (timescale + t)

    agrees_with(inverse_time(timescale), lr_scheduler.LambdaLR, LONG, lr_lambda=formula)


# --- every schedule, and what is composed of them ------------------------------------------------

leaves = st.one_of(
    st.builds(constant, factors),
    st.builds(step, st.floats(0.5, 30), factors, st.floats(0, 1)),
    st.builds(multistep, st.sets(st.integers(1, 50), min_size=1, max_size=4).map(sorted), factors),
    st.builds(exponential, st.floats(0.5, 1.1), factors),
    st.builds(linear, horizons, factors, factors),
    st.builds(linear_warmup, horizons),
    st.builds(linear_warmup, horizons, factors),
    st.builds(polynomial, horizons, st.floats(0.1, 5), factors, factors),
    st.builds(inverse_sqrt, st.floats(0.1, 100)),
    st.builds(inverse_time, st.floats(0.1, 100)),
    st.builds(cosine, horizons, factors, factors, st.floats(0.1, 3)),
    st.builds(cosine, gaps=st.floats(1, 60)),
    st.builds(one_minus_sqrt, horizons, factors, factors),
    st.builds(rex, horizons, factors, factors),
    st.builds(one_cycle, st.integers(4, 60), st.floats(0.3, 0.9), factors, factors),
    st.builds(wsd, st.integers(0, 9), st.integers(0, 9), st.builds(rex, horizons)),
    st.builds(cosine_restarts, horizons, st.floats(1, 3), factors, st.floats(0, 1)),
    st.builds(triangular, horizons, horizons, factors, st.floats(0, 1)),
)
switches = st.integers(1, 50)
schedules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Schedule.then, inner, inner, switches),
        st.builds(Schedule.__mul__, inner, inner),
        st.builds(Schedule.__add__, inner, inner),
        st.builds(Schedule.__pow__, inner, st.floats(0.2, 3)),
        st.builds(Schedule.skip, inner, st.integers(0, 50)),
        st.builds(Schedule.repeat, inner, st.floats(1, 50), st.floats(1, 3)),
        st.builds(Schedule.with_warmup, inner, switches),
        st.builds(Schedule.with_warmup, inner, gaps=switches),
    ),
    max_leaves=4,
)


def test_every_schedule_of_the_package_is_drawn():
    drawn = {constant, step, multistep, exponential, linear, linear_warmup, polynomial}
    drawn |= {inverse_sqrt, inverse_time, cosine, cosine_restarts, triangular}
    drawn |= {one_cycle, one_minus_sqrt, rex, wsd}
    returned = {
        value
        for value in vars(lrsched_book.schedules).values()
        if inspect.isfunction(value)
        and value.__annotations__.get("return") is Schedule
        and not value.__name__.startswith("_")
    }
    assert drawn == returned, "add the new schedule to `leaves` above"


@given(schedules)
def test_values_are_finite_and_never_negative(schedule):
    values = schedule.values(LONG)
    assert values.shape == (LONG,)
    assert np.all(np.isfinite(values))
    assert np.all(values >= 0)


@given(schedules)
def test_a_number_gives_what_an_array_gives(schedule):
    one_by_one = [schedule(t) for t in range(LONG)]
    assert all(type(value) is float for value in one_by_one)
    # To the last bits: numpy's vector loops may round a power differently, and where periods grow
    # the factor's place in its period is the difference of two such powers.
    np.testing.assert_allclose(one_by_one, schedule.values(LONG), rtol=1e-13)


@given(schedules)
def test_an_array_of_any_shape_gives_an_array_of_that_shape(schedule):
    steps = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(schedule(steps).ravel(), schedule.values(6))
    np.testing.assert_array_equal(schedule([0, 1, 2]), schedule.values(3))


@given(schedules)
def test_looking_uses_nothing_up(schedule):
    schedule(7), schedule.values(9)
    np.testing.assert_array_equal(schedule.values(LONG), schedule.values(LONG))


@given(schedule=schedules, peaks=st.lists(st.floats(0.01, 10), min_size=1, max_size=3))
def test_attached_each_group_uses_its_own_peak_times_the_values(schedule, peaks):
    used = stepped(attach(stand_in(*peaks), schedule), 60).reshape(60, -1)
    for group, peak in enumerate(peaks):
        np.testing.assert_allclose(used[:, group], peak * schedule.values(60), rtol=1e-14)


def test_two_groups_keep_their_ratio():
    used = stepped(attach(stand_in(0.1, 0.4), cosine(20, final=0.1)), 30)
    np.testing.assert_allclose(used[:, 1] / used[:, 0], 4, rtol=1e-14)


@given(schedules)
def test_a_pickled_copy_is_equal_and_does_the_same(schedule):
    copy = pickle.loads(pickle.dumps(schedule))
    assert copy == schedule
    assert hash(copy) == hash(schedule)
    np.testing.assert_array_equal(copy.values(LONG), schedule.values(LONG))


@given(schedules)
def test_what_is_printed_makes_the_same_schedule_again(schedule):
    assert eval(repr(schedule), dict(vars(lrsched_book))) == schedule


def test_printing_keeps_the_brackets_that_matter():
    a, b, c = constant(0.5), exponential(0.9), linear(5)
    assert repr(a * (b * c)) != repr((a * b) * c)
    assert repr((a * b).then(c, at=2)) != repr(a * b.then(c, at=2))
    assert repr(a + b * c**2) == f"{a!r} + {b!r} * {c!r} ** 2"
    assert repr(((a + b) * c) ** 2) == f"(({a!r} + {b!r}) * {c!r}) ** 2"
    assert repr((a**2) ** 3) == f"({a!r} ** 2) ** 3"
    assert repr(a + (b + c)) == f"{a!r} + ({b!r} + {c!r})"
    assert repr(a + b + c) == f"{a!r} + {b!r} + {c!r}"
    assert repr((a + b).skip(3)) == f"({a!r} + {b!r}).skip(steps=3)"
    assert repr((a**2).repeat(7)) == f"({a!r} ** 2).repeat(every=7, growth=1)"
    assert repr(cosine(gaps=4).then(b, at=2)) == (
        "cosine(steps=5, final=0.0, initial=1.0, waves=0.5).then(exponential(gamma=0.9, "
        "floor=0.0), at=2)"
    )
    assert repr(linear_warmup(4)) == "linear_warmup(steps=4)"
    assert repr(linear(gaps=2.5)) == "linear(final=0.0, initial=1.0, gaps=2.5)"


def test_equal_are_schedules_from_the_same_call():
    assert cosine(100, 0.1) == cosine(steps=100, final=0.1)
    assert cosine(100) != cosine(101)
    assert cosine(100) != linear(100)
    assert cosine(100) != "cosine"
    assert multistep([3, 5]) == multistep((3, 5)) == multistep(np.array([3, 5]))
    assert len({cosine(9).with_warmup(3), cosine(9).with_warmup(3), cosine(9)}) == 2


def test_a_schedule_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        cosine(5).factor = None


def test_a_function_of_ones_own_becomes_a_schedule():
    own = Schedule(lambda t: 1 / (1 + t) ** 2)
    assert own(1) == 0.25
    np.testing.assert_array_equal(own.with_warmup(2).values(4), [0.5, 1, 1, 0.25])
    assert own == own
    assert own != Schedule(own.factor), "nobody can tell whether two functions are the same"
    assert repr(own).startswith("Schedule(<function")
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(Schedule(np.exp))).values(3), np.exp([0, 1, 2])
    )


def test_a_function_that_returns_one_number_fills_the_array():
    values = Schedule(lambda t: 0.5).values(3)
    np.testing.assert_array_equal(values, [0.5, 0.5, 0.5])
    values[0] = 1  # an array of one's own, not a read-only view


# --- laws of composition -------------------------------------------------------------------------


@given(schedules)
def test_constant_one_changes_no_product(schedule):
    values = schedule.values(LONG)
    np.testing.assert_array_equal((schedule * constant(1)).values(LONG), values)
    np.testing.assert_array_equal((constant(1) * schedule).values(LONG), values)


@given(schedules, schedules)
def test_a_product_multiplies_step_by_step_in_either_order(a, b):
    np.testing.assert_array_equal((a * b).values(LONG), a.values(LONG) * b.values(LONG))
    np.testing.assert_array_equal((a * b).values(LONG), (b * a).values(LONG))


@given(schedules, schedules, schedules)
def test_brackets_in_a_product_do_not_matter(a, b, c):
    left, right = (a * b) * c, a * (b * c)
    np.testing.assert_allclose(left.values(LONG), right.values(LONG), rtol=1e-12, atol=1e-300)


@given(schedules, schedules, schedules, switches, switches)
def test_brackets_in_a_sequence_do_not_matter(a, b, c, first, second):
    left = a.then(b, at=first).then(c, at=first + second)
    right = a.then(b.then(c, at=second), at=first)
    np.testing.assert_array_equal(left.values(2 * LONG), right.values(2 * LONG))


@given(schedules, schedules, switches)
def test_the_second_piece_counts_its_own_steps(a, b, at):
    values = a.then(b, at=at).values(at + 60)
    np.testing.assert_array_equal(values[:at], a.values(at))
    np.testing.assert_array_equal(values[at:], b.values(60))


@given(schedules, switches)
def test_a_warmup_comes_on_top_and_has_no_update_at_zero(schedule, steps):
    values = schedule.with_warmup(steps).values(steps + 60)
    np.testing.assert_array_equal(values[:steps], (np.arange(steps) + 1) / steps)
    assert values[0] > 0
    assert values[steps - 1] == 1.0, "the last update of the warmup uses the peak exactly"
    np.testing.assert_array_equal(values[steps:], schedule.values(60))


def test_a_growing_first_piece_does_not_overflow_behind_its_end():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert exponential(2).then(constant(0.5), at=10)(5000) == 0.5


@given(schedules, schedules)
def test_a_sum_adds_step_by_step_in_either_order(a, b):
    np.testing.assert_array_equal((a + b).values(LONG), a.values(LONG) + b.values(LONG))
    np.testing.assert_array_equal((a + b).values(LONG), (b + a).values(LONG))


@given(schedules, st.floats(0.2, 3))
def test_a_power_is_taken_step_by_step(schedule, power):
    np.testing.assert_array_equal((schedule**power).values(LONG), schedule.values(LONG) ** power)


@given(schedules, st.integers(0, 50))
def test_a_skipped_beginning_is_left_out(schedule, steps):
    np.testing.assert_allclose(
        schedule.skip(steps).values(LONG), schedule.values(steps + LONG)[steps:], rtol=1e-14
    )


@given(schedules, st.integers(1, 30))
def test_what_repeats_starts_anew(schedule, every):
    cycles = schedule.repeat(every).values(3 * every).reshape(3, every)
    for cycle in cycles:
        np.testing.assert_allclose(cycle, schedule.values(every), rtol=1e-14)


def test_a_repetition_may_slow_down():
    s = linear(gaps=2)
    assert s.repeat(2).values(5).tolist() == [1, 0.5, 1, 0.5, 1]
    assert s.repeat(2, growth=2).values(7).tolist() == [1, 0.5, 1, 0.75, 0.5, 0.25, 1]
    # cycles of 2, 3, 4.5 steps: they begin at 0, 2, 5 and 9.5
    np.testing.assert_allclose(
        s.repeat(2, growth=1.5).values(11),
        [1, 0.5, 1, 2 / 3, 1 / 3, 1, 7 / 9, 5 / 9, 3 / 9, 1 / 9, 1 - 0.5 / 6.75],
    )
    # every 2.5 steps: the second cycle begins between updates 2 and 3
    np.testing.assert_allclose(s.repeat(2.5).values(6), [1, 0.5, 0, 0.75, 0.25, 1])


@pytest.mark.parametrize("growth", [2, 3, 1.5, 10])
@pytest.mark.parametrize("first", [1, 7, 10])
def test_a_cycle_begins_exactly_where_the_one_before_ends(first, growth):
    # The logarithm that finds a cycle's number rounds: at no boundary may it be one off.
    start, cycle = 0.0, 0
    while start < 1e6:
        assert linear(gaps=first).repeat(first, growth)(start) == pytest.approx(1, abs=1e-8)
        just_before = start * (1 - 1e-9)
        if cycle:
            assert linear(gaps=first).repeat(first, growth)(just_before) < 0.01
        start += first * growth**cycle
        cycle += 1
    assert cycle > 5


def test_a_whole_cycle_of_restarts_never_climbs_before_its_end():
    # Cycles of 3, 4.5, 6.75, … updates: the last update of the second is 3.5 gaps from its start.
    values = cosine_restarts(3, growth=1.5).values(8)
    np.testing.assert_allclose(
        values[3:], [1, *(1 + np.cos(np.pi * np.array([1, 2, 3]) / 3.5)) / 2, 0], atol=1e-15
    )
    assert np.all(values >= 0)


# --- steps and gaps ------------------------------------------------------------------------------

DECAYS = [linear, polynomial, cosine, one_minus_sqrt, rex]


@pytest.mark.parametrize("decay", DECAYS)
def test_n_gaps_lie_between_n_plus_one_updates(decay):
    assert decay(gaps=100) == decay(steps=101) == decay(gaps=100.0)
    assert decay(gaps=1)(0) == 1
    assert decay(gaps=1)(1) == 0
    assert decay(gaps=2.5)(2) > decay(gaps=2.5)(2.5) == 0
    assert decay(gaps=2.5) != decay(gaps=2)


@pytest.mark.parametrize("decay", DECAYS)
def test_exactly_one_of_steps_and_gaps_is_given(decay):
    with pytest.raises(ValueError, match=r"^give exactly one of steps and gaps, got .*=5, gaps=4$"):
        decay(steps=5, gaps=4)
    with pytest.raises(ValueError, match=r"^give exactly one .*, got steps=None, gaps=None$"):
        decay()
    for gaps in (0, 0.5, -3, NAN, INFINITE, True, "ten"):
        with pytest.raises(ValueError, match=r"^gaps must be a finite number ≥ 1, got "):
            decay(gaps=gaps)


def test_a_warmup_in_gaps_leaves_the_peak_to_what_follows():
    warm = linear(gaps=4).with_warmup(gaps=2)
    assert warm.values(8).tolist() == [0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0]
    raised = linear(gaps=4).with_warmup(gaps=2, initial=0.5)
    assert raised.values(4).tolist() == [0.5, 0.75, 1, 0.75]
    inclusive = linear(gaps=4).with_warmup(3, initial=0.5)
    assert inclusive.values(5).tolist() == [0.5, 0.75, 1, 1, 0.75]
    assert linear_warmup(gaps=2).values(4).tolist() == [0, 0.5, 1, 1]
    assert linear_warmup(gaps=2) == linear_warmup(steps=3, initial=0)


def test_a_warmup_takes_steps_or_gaps():
    for give in (linear_warmup, cosine(5).with_warmup):
        with pytest.raises(ValueError, match=r"^give exactly one of steps and gaps, got "):
            give(steps=3, gaps=3)
        with pytest.raises(ValueError, match=r"^steps must be a whole number of at least 2, got 1"):
            give(1, initial=0.5)
        with pytest.raises(ValueError, match=r"^initial must be a finite number ≥ 0.0, got -1$"):
            give(gaps=3, initial=-1)
        with pytest.raises(ValueError, match=r"^gaps must be a finite number ≥ 1, got 0$"):
            give(gaps=0)
    with pytest.raises(ValueError, match=r"^gaps must be a whole number of at least 1, got 2.5$"):
        cosine(5).with_warmup(gaps=2.5)


# --- shapes, by their formulas -------------------------------------------------------------------


@given(gaps=st.integers(1, 60), final=factors, initial=factors)
def test_one_minus_sqrt_and_rex_are_their_formulas(gaps, final, initial):
    p = np.minimum(np.arange(LONG) / gaps, 1)
    for schedule, share in (
        (one_minus_sqrt, 1 - np.sqrt(p)),
        (rex, (1 - p) / (1 - p / 2)),
        (lambda **a: polynomial(power=1.7, **a), (1 - p) ** 1.7),
    ):
        values = schedule(gaps=gaps, final=final, initial=initial).values(LONG)
        np.testing.assert_allclose(
            values, final + (initial - final) * share, rtol=1e-12, atol=1e-15
        )
        assert values[0] == initial
        assert np.all(values[gaps:] == final)


def test_a_cosine_may_have_more_waves_than_half_a_one():
    assert cosine(gaps=4, waves=1).values(6) == pytest.approx([1, 0.5, 0, 0.5, 1, 1])
    assert cosine(gaps=4, waves=0.25)(4) == pytest.approx(0.5)
    assert cosine(gaps=4, waves=0.5) == cosine(gaps=4)


def test_wsd_warms_up_stays_and_decays():
    plan = wsd(2, 3, linear(3, final=0.5))
    assert plan.values(9).tolist() == [0.5, 1, 1, 1, 1, 1, 0.75, 0.5, 0.5]
    assert wsd(0, 2, linear(3)).values(5).tolist() == [1, 1, 1, 0.5, 0]
    assert wsd(2, 0, linear(3)).values(5).tolist() == [0.5, 1, 1, 0.5, 0]
    assert wsd(0, 0, linear(3)) == linear(3)
    assert wsd(2, 3, linear(3)) == constant().then(linear(3), at=3).with_warmup(2)
    with pytest.raises(TypeError, match=r"^decay must be a Schedule, got int$"):
        wsd(2, 3, 20)


def test_a_step_may_fall_between_updates_and_stops_at_its_floor():
    assert step(every=2.5, gamma=0.5).values(8).tolist() == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert step(every=1, gamma=0.5, floor=0.3).values(4).tolist() == [1, 0.5, 0.3, 0.3]
    assert step(every=1, gamma=0.5, floor=0.25).values(4).tolist() == [1, 0.5, 0.25, 0.25]


@pytest.mark.parametrize(("steps", "rise"), [(10, 0.1), (10, 1), (10, 1.5), (10, 0), (2, 0.5)])
def test_a_cycle_needs_room_to_rise_and_to_fall(steps, rise):
    with pytest.raises(ValueError, match=rf"^rise must be a share .*steps = {steps}, got {rise}"):
        one_cycle(steps, rise)
    assert one_cycle(10, rise=0.2)(1) == 1, "the second of two rising updates uses the peak"
    assert one_cycle(10, rise=0.9).values(10)[-2:] == pytest.approx([1, 4e-6])
    with pytest.raises(ValueError, match=r"^shape must be one of 'cosine', 'linear', got 'cos'$"):
        one_cycle(10, shape="cos")


# --- for ever ------------------------------------------------------------------------------------

LIMITS = [
    (constant(0.3), 0.3),
    (step(3), 0),
    (step(3, floor=0.2), 0.2),
    (step(3, gamma=1), 1),
    (multistep([3, 5], gamma=0.5), 0.25),
    (exponential(0.9), 0),
    (exponential(0.9, floor=0.1), 0.1),
    (linear_warmup(4), 1),
    *[(decay(5, final=0.1), 0.1) for decay in DECAYS],
    (inverse_sqrt(3), 0),
    (inverse_time(3), 0),
    (one_cycle(10), 4e-6),
    (wsd(2, 3, rex(5)), 0),
    (cosine_restarts(5, 2, final=0.2, decay=0.5), 0.2),
    (triangular(3, 4, low=0.2, decay=0.9), 0.2),
    (triangular(3, 4).then(cosine(5, final=0.1), at=7), 0.1),
    (cosine(5, final=0.1).skip(2) * constant(0.5) + constant(0.2) ** 2, 0.09),
    (Schedule(lambda t: 1 / (1 + t)), 0),
    (Schedule(lambda t: 1.0 if t < 5 else 0.1), 0.1),
]


@pytest.mark.parametrize(("schedule", "limit"), LIMITS)
def test_for_ever_is_the_limit_where_there_is_one(schedule, limit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert schedule(INFINITE) == pytest.approx(limit, abs=1e-15)
        assert schedule(np.array([0, INFINITE])).tolist() == [schedule(0), schedule(INFINITE)]


@pytest.mark.parametrize(
    "schedule",
    [
        cosine_restarts(5),
        cosine_restarts(5, growth=2),
        triangular(3, 4),
        linear(5).repeat(5),
        multistep([2]).repeat(5),
        exponential(1.1),
        Schedule(lambda t: 1 - t),
    ],
)
def test_for_ever_is_refused_where_there_is_no_limit(schedule):
    with pytest.raises(ValueError, match=r"^step must be finite, since .* has no limit, got inf$"):
        schedule(INFINITE)


# --- functions of one's own ----------------------------------------------------------------------

SCALAR = {
    "if": (lambda t: 1.0 if t < 5 else 0.1, [1, 1, 1, 1, 1, 0.1, 0.1, 0.1]),
    "math": (lambda t: math.exp(-t), np.exp(-np.arange(8.0))),
    "math itself": (math.sqrt, np.sqrt(np.arange(8.0))),
    "a list": (
        lambda t: [1, 0.5, 0.2, 0.1][min(int(t) // 2, 3)],
        [1, 1, 0.5, 0.5, 0.2, 0.2, 0.1, 0.1],
    ),
    "max": (lambda t: max(0.5, 1 - t / 4), [1, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
}


@pytest.mark.parametrize("name", SCALAR)
def test_a_function_of_one_number_works_like_one_of_arrays(name):
    own, expected = Schedule(SCALAR[name][0]), np.array(SCALAR[name][1])
    np.testing.assert_allclose(own.values(8), expected)
    assert [own(t) for t in range(8)] == pytest.approx(list(expected))
    assert own(np.array([3])).tolist() == pytest.approx([expected[3]])
    assert own(np.arange(8).reshape(2, 4)) == pytest.approx(expected.reshape(2, 4))
    assert own(np.array([])).tolist() == []
    np.testing.assert_allclose((own * constant(0.5)).values(8), expected / 2)
    np.testing.assert_allclose((own + own**2).values(8), expected + expected**2)
    np.testing.assert_allclose(constant().then(own, at=2).values(10)[2:], expected)
    np.testing.assert_allclose(own.then(constant(), at=3).values(8)[:3], expected[:3])
    np.testing.assert_allclose(own.skip(2).values(6), expected[2:])
    np.testing.assert_allclose(own.repeat(4).values(8), np.tile(expected[:4], 2))
    np.testing.assert_allclose(own.with_warmup(3).values(11)[3:], expected)
    np.testing.assert_allclose(PEAK * expected, lrsched_book.trace(attach(stand_in(PEAK), own), 8))


@pytest.mark.parametrize(
    "wrong", [lambda t: None, lambda t: "high", lambda t: np.ones(3), lambda t: 1j * t]
)
@pytest.mark.parametrize("steps", [0, np.arange(5)], ids=["a step", "steps"])
def test_a_function_that_returns_no_number_is_refused_with_the_reason(wrong, steps):
    with pytest.raises(ValueError, match=r"^factor must return one number for each step, which <f"):
        Schedule(wrong)(steps)


@pytest.mark.parametrize("thing", [None, 0.5, "cosine", np.ones(3)])
def test_a_schedule_is_made_of_a_function(thing):
    with pytest.raises(TypeError, match=r"^factor must be a function of the step, got "):
        Schedule(thing)


# --- horizons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", DECAYS)
@given(steps=st.integers(2, 500), final=st.floats(0, 1))
def test_a_decay_starts_at_one_and_ends_at_its_final_value_for_good(decay, steps, final):
    values = decay(steps, final=final).values(3 * steps)
    assert values[0] == 1.0
    assert np.all(values[steps - 1 :] == final), "exactly, from the last update of the horizon on"
    if final < 0.99:
        assert values[0] > values[steps // 2] or steps == 2
        assert values[steps - 2] > final, "not before the last update"
    assert np.all(np.diff(values) <= 1e-15), "it never turns round"


@pytest.mark.parametrize("steps", [2, 3, 10, 1000])
def test_linear_warmup_rises_in_equal_parts_and_stays(steps):
    values = linear_warmup(steps).values(2 * steps)
    np.testing.assert_allclose(np.diff(values[:steps]), 1 / steps)
    assert np.all(values[steps - 1 :] == 1.0)


# --- errors --------------------------------------------------------------------------------------

NOT_POSITIVE = [0, -3, NAN, INFINITE, True, None, "ten"]
NOT_WHOLE = [0, -3, 2.5, NAN, True, None, "ten"]
TOO_FEW = [1, 0, -3, 2.5, NAN, True, "ten"]  # None is "not given"
NOT_A_FACTOR = [-0.1, NAN, INFINITE, None, "high", "0.5", True]
BAD = [
    *[(constant, {}, "factor", value) for value in NOT_A_FACTOR],
    *[(step, {}, "every", value) for value in NOT_POSITIVE],
    *[(step, {"every": 5}, "floor", value) for value in NOT_A_FACTOR],
    *[(step, {"every": 5}, "gamma", value) for value in NOT_A_FACTOR],
    *[(multistep, {"milestones": [2]}, "gamma", value) for value in NOT_A_FACTOR],
    *[(exponential, {}, "gamma", value) for value in [0, *NOT_A_FACTOR]],
    *[(exponential, {"gamma": 0.9}, "floor", value) for value in NOT_A_FACTOR],
    *[(decay, {}, "steps", value) for decay in DECAYS for value in TOO_FEW],
    *[(decay, {"steps": 5}, "final", value) for decay in DECAYS for value in NOT_A_FACTOR],
    *[(decay, {"steps": 5}, "initial", value) for decay in DECAYS for value in NOT_A_FACTOR],
    *[(linear_warmup, {}, "steps", value) for value in NOT_WHOLE],
    *[(linear_warmup, {"initial": 0}, "steps", value) for value in TOO_FEW],
    *[(polynomial, {"steps": 5}, "power", value) for value in [0, *NOT_A_FACTOR]],
    *[(inverse_sqrt, {}, "timescale", value) for value in [0, *NOT_A_FACTOR]],
    *[(inverse_time, {}, "timescale", value) for value in [0, *NOT_A_FACTOR]],
    *[(cosine, {"steps": 5}, "waves", value) for value in NOT_POSITIVE],
    *[(cosine_restarts, {}, "first", value) for value in [1, *NOT_WHOLE]],
    *[(cosine_restarts, {"first": 5}, "growth", value) for value in [0.99, *NOT_POSITIVE]],
    *[(cosine_restarts, {"first": 5}, "final", value) for value in NOT_A_FACTOR],
    *[(cosine_restarts, {"first": 5}, "decay", value) for value in [1.1, *NOT_A_FACTOR]],
    *[(triangular, {"down": 5}, "up", value) for value in NOT_POSITIVE],
    *[(triangular, {"up": 5}, "down", value) for value in NOT_POSITIVE],
    *[(triangular, {"up": 5, "down": 5}, "low", value) for value in NOT_A_FACTOR],
    *[(triangular, {"up": 5, "down": 5}, "decay", value) for value in [1.1, *NOT_A_FACTOR]],
    *[(one_cycle, {}, "steps", value) for value in [1, *NOT_WHOLE]],
    *[(one_cycle, {"steps": 10}, "rise", value) for value in NOT_A_FACTOR],
    *[(one_cycle, {"steps": 10}, "initial", value) for value in NOT_A_FACTOR],
    *[(one_cycle, {"steps": 10}, "final", value) for value in NOT_A_FACTOR],
    *[(wsd, {"stable": 1, "decay": rex(5)}, "warmup", value) for value in NOT_WHOLE[1:]],
    *[(wsd, {"warmup": 1, "decay": rex(5)}, "stable", value) for value in NOT_WHOLE[1:]],
    *[(cosine(5).skip, {}, "steps", value) for value in NOT_WHOLE[1:]],
    *[(cosine(5).repeat, {}, "every", value) for value in NOT_POSITIVE],
    *[(cosine(5).repeat, {"every": 5}, "growth", value) for value in [0.99, *NOT_POSITIVE]],
    *[(cosine(5).__pow__, {}, "power", value) for value in NOT_POSITIVE],
    *[(cosine(5).values, {}, "steps", value) for value in NOT_WHOLE],
    *[(cosine(5).with_warmup, {}, "steps", value) for value in NOT_WHOLE if value is not None],
    *[(cosine(5).then, {"other": constant()}, "at", value) for value in NOT_WHOLE],
]


@pytest.mark.parametrize(
    ("function", "good", "name", "value"),
    BAD,
    ids=[f"{function.__name__}-{name}={value}" for function, _, name, value in BAD],
)
def test_a_bad_argument_is_named_with_its_value_and_range(function, good, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be a .*(at least|≥|>).*, got ") as caught:
        function(**good, **{name: value})
    assert str(caught.value).endswith(f"got {value!r}")


@pytest.mark.parametrize("milestones", [[], [5, 2], [3, 3], [0, 4], [-1], [2.5], 5, None])
def test_milestones_must_be_increasing_steps(milestones):
    with pytest.raises(ValueError, match=r"^milestones must be .*, got "):
        multistep(milestones)


@pytest.mark.parametrize("at", [-1, [0, -1], NAN, [1, NAN], "soon", None, True])
def test_a_step_must_be_a_number_from_zero_on(at):
    with pytest.raises(ValueError, match=r"^step must be a number ≥ 0 or an array of them, got "):
        cosine(5)(at)


@pytest.mark.parametrize("other", [0.5, None, np.ones(3), "cosine"])
def test_only_schedules_are_composed(other):
    with pytest.raises(TypeError, match=f"^other must be a Schedule, got {type(other).__name__}$"):
        cosine(5).then(other, at=5)
    with pytest.raises(TypeError):
        cosine(5) * other
    with pytest.raises(TypeError):
        cosine(5) + other


@pytest.mark.parametrize("optimizer", [None, torch.nn.Linear(1, 1), [torch.zeros(1)]])
def test_only_an_optimizer_takes_a_schedule(optimizer):
    with pytest.raises(TypeError, match=r"^optimizer must be a torch Optimizer, got "):
        attach(optimizer, cosine(5))
