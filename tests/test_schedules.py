"""The schedules agree with torch's classes, keep the laws of composition, and refuse bad input."""

import dataclasses
import inspect
import math
import pickle
import warnings

import numpy as np
import pytest
import torch
from helpers import stepped, weightless
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
    polynomial,
    step,
    triangular,
)

PEAK = 0.4  # of the optimizers: any number but 1, which would hide a missing multiplication


def agrees_with(schedule, torch_class, steps, **arguments):
    """Whether torch's scheduler, really stepped, uses the rates of the schedule."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Detected call of|To get the last|The epoch")
        torchs = stepped(torch_class(weightless(PEAK), **arguments), steps)
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
    torchs = stepped(lr_scheduler.CosineAnnealingLR(weightless(PEAK), T_max=10), 21)
    assert torchs[20] == pytest.approx(PEAK)
    assert cosine(11)(20) == 0.0


@given(first=st.integers(2, 30), final=factors)
def test_equal_cycles_of_a_restart_are_those_of_torch_and_one_more_update_at_the_bottom(
    first, final
):
    gaps, cycles = first - 1, 4
    torchs = stepped(
        lr_scheduler.CosineAnnealingWarmRestarts(weightless(PEAK), gaps, eta_min=final * PEAK),
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
        piece(rise, final=1, initial=initial).then(piece(fall + 1, final=final), at=rise - 1),
        lr_scheduler.OneCycleLR,
        steps,
        max_lr=PEAK,
        total_steps=steps,
        pct_start=rise / steps,
        anneal_strategy=strategy,
        div_factor=1 / initial,
        final_div_factor=initial / final,
    )


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
    st.builds(step, st.integers(1, 30), factors),
    st.builds(multistep, st.sets(st.integers(1, 50), min_size=1, max_size=4).map(sorted), factors),
    st.builds(exponential, st.floats(0.5, 1.1), factors),
    st.builds(linear, horizons, factors, factors),
    st.builds(linear_warmup, horizons),
    st.builds(polynomial, horizons, st.floats(0.1, 5), factors),
    st.builds(inverse_sqrt, st.floats(0.1, 100)),
    st.builds(inverse_time, st.floats(0.1, 100)),
    st.builds(cosine, horizons, factors, factors),
    st.builds(cosine_restarts, horizons, st.integers(1, 3), factors, st.floats(0, 1)),
    st.builds(triangular, horizons, horizons, factors, st.floats(0, 1)),
)
switches = st.integers(1, 50)
schedules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Schedule.then, inner, inner, switches),
        st.builds(Schedule.__mul__, inner, inner),
        st.builds(Schedule.with_warmup, inner, switches),
    ),
    max_leaves=4,
)


def test_every_schedule_of_the_package_is_drawn():
    drawn = {constant, step, multistep, exponential, linear, linear_warmup, polynomial}
    drawn |= {inverse_sqrt, inverse_time, cosine, cosine_restarts, triangular}
    returned = {
        value
        for value in vars(lrsched_book.schedules).values()
        if inspect.isfunction(value)
        and value.__annotations__.get("return") == "Schedule"
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
    # To the last bit but one: numpy's vector loops may round a power differently.
    np.testing.assert_allclose(one_by_one, schedule.values(LONG), rtol=1e-14)


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
    used = stepped(attach(weightless(*peaks), schedule), 60).reshape(60, -1)
    for group, peak in enumerate(peaks):
        np.testing.assert_allclose(used[:, group], peak * schedule.values(60), rtol=1e-14)


def test_two_groups_keep_their_ratio():
    used = stepped(attach(weightless(0.1, 0.4), cosine(20, final=0.1)), 30)
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


# --- horizons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [linear, polynomial, cosine])
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

NAN, INFINITE = math.nan, math.inf
NOT_WHOLE = [0, -3, 2.5, NAN, True, None, "ten"]
NOT_A_FACTOR = [-0.1, NAN, INFINITE, None, "high", "0.5", True]
BAD = [
    *[(constant, {}, "factor", value) for value in NOT_A_FACTOR],
    *[(step, {}, "every", value) for value in NOT_WHOLE],
    *[(step, {"every": 5}, "gamma", value) for value in NOT_A_FACTOR],
    *[(multistep, {"milestones": [2]}, "gamma", value) for value in NOT_A_FACTOR],
    *[(exponential, {}, "gamma", value) for value in [0, *NOT_A_FACTOR]],
    *[(exponential, {"gamma": 0.9}, "floor", value) for value in NOT_A_FACTOR],
    *[(linear, {}, "steps", value) for value in [1, *NOT_WHOLE]],
    *[(linear, {"steps": 5}, "final", value) for value in NOT_A_FACTOR],
    *[(linear, {"steps": 5}, "initial", value) for value in NOT_A_FACTOR],
    *[(linear_warmup, {}, "steps", value) for value in NOT_WHOLE],
    *[(polynomial, {}, "steps", value) for value in [1, *NOT_WHOLE]],
    *[(polynomial, {"steps": 5}, "power", value) for value in [0, *NOT_A_FACTOR]],
    *[(polynomial, {"steps": 5}, "final", value) for value in NOT_A_FACTOR],
    *[(inverse_sqrt, {}, "timescale", value) for value in [0, *NOT_A_FACTOR]],
    *[(inverse_time, {}, "timescale", value) for value in [0, *NOT_A_FACTOR]],
    *[(cosine, {}, "steps", value) for value in [1, *NOT_WHOLE]],
    *[(cosine, {"steps": 5}, "final", value) for value in NOT_A_FACTOR],
    *[(cosine, {"steps": 5}, "initial", value) for value in NOT_A_FACTOR],
    *[(cosine_restarts, {}, "first", value) for value in [1, *NOT_WHOLE]],
    *[(cosine_restarts, {"first": 5}, "growth", value) for value in NOT_WHOLE],
    *[(cosine_restarts, {"first": 5}, "final", value) for value in NOT_A_FACTOR],
    *[(cosine_restarts, {"first": 5}, "decay", value) for value in [1.1, *NOT_A_FACTOR]],
    *[(triangular, {"down": 5}, "up", value) for value in NOT_WHOLE],
    *[(triangular, {"up": 5}, "down", value) for value in NOT_WHOLE],
    *[(triangular, {"up": 5, "down": 5}, "low", value) for value in NOT_A_FACTOR],
    *[(triangular, {"up": 5, "down": 5}, "decay", value) for value in [1.1, *NOT_A_FACTOR]],
    *[(cosine(5).values, {}, "steps", value) for value in NOT_WHOLE],
    *[(cosine(5).with_warmup, {}, "steps", value) for value in NOT_WHOLE],
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


@pytest.mark.parametrize("optimizer", [None, torch.nn.Linear(1, 1), [torch.zeros(1)]])
def test_only_an_optimizer_takes_a_schedule(optimizer):
    with pytest.raises(TypeError, match=r"^optimizer must be a torch Optimizer, got "):
        attach(optimizer, cosine(5))
