"""What `diagnose` makes of classes of one's own: of what they keep, and of what they do."""

import functools
import math

import pytest
from plans.parts_faulty import hf
from torch.optim import lr_scheduler as torchs

from lrsched_book import diagnose
from lrsched_book.scheduler import stand_in as sgd


def codes(plan, steps, **keywords):
    return diagnose(plan, steps, **keywords).codes


def of_code(code, plan, steps, **keywords):
    return [f for f in diagnose(plan, steps, **keywords) if f.code == code]


class Own(torchs.LRScheduler):
    """Base rates times a function of the step, and any attributes."""

    def __init__(self, optimizer, factor, **attributes):
        vars(self).update(attributes)
        self.factor = factor
        super().__init__(optimizer)

    def get_lr(self):
        return [base * self.factor(self.last_epoch) for base in self.base_lrs]


def walked(scheduler, steps):
    for _ in range(steps):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


# --- milestones ----------------------------------------------------------------------------------


def stairs(t, milestones, gamma=0.1, warmup=0):
    warm = min((t + 1) / warmup, 1) if warmup else 1
    return warm * gamma ** sum(t >= at for at in milestones)


def staircase(milestones, name="milestones", **arguments):
    factor = functools.partial(stairs, milestones=tuple(milestones), **arguments)
    return Own(sgd(0.1), lambda t: factor(t), **{name: list(milestones)})


@pytest.mark.parametrize(
    ("milestones", "severity"),
    [
        ([300, 500], "warning"),
        ([50, 101], "warning"),
        ([50, 100], "warning"),
        ([50, 80, 100], "note"),
        ([50, 80, 101], "warning"),
        ([50, 80, 99], None),
        ([210_000, 250_000], "warning"),
    ],
)
@pytest.mark.parametrize("name", ["milestones", "drops", "_at"])
def test_a_drop_of_ones_own_class_that_no_update_of_the_run_is(milestones, severity, name):
    found = of_code("milestone-outside-run", staircase(milestones, name, warmup=20), 100)
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_the_drops_of_a_function_are_read_where_it_was_made():
    milestones = [50, 300]
    bound = functools.partial(stairs, milestones=milestones)
    for function in (bound, lambda t: stairs(t, milestones)):
        (finding,) = diagnose(torchs.LambdaLR(sgd(0.1), function), 100)
        assert (finding.code, finding.severity) == ("milestone-outside-run", "warning")
        assert (finding.step, "300 among its milestones" in finding.consequence) == (99, True)
        assert codes(torchs.LambdaLR(sgd(0.1), function), 301) == []


def test_what_was_walked_before_counts_for_the_milestones():
    plan = walked(staircase([50, 120]), 30)
    assert "milestone-outside-run" in codes(plan, 90, resumed=True)
    assert codes(plan, 91, resumed=True) == []


@pytest.mark.parametrize(
    ("gamma", "seen"), [(0.1, True), (0.94, True), (0.96, False), (1.0, False), (2.0, False)]
)
def test_a_drop_is_one_of_a_twentieth(gamma, seen):
    found = codes(staircase([50, 300], gamma=gamma), 100)
    assert ("milestone-outside-run" in found) == seen


@pytest.mark.parametrize(
    "factor",
    [
        lambda t: 0.94**t,  # it falls by as much at each step
        lambda t: 1 - t / 310,  # it falls there, and does not rest
        lambda t: 0.5 if t < 304 else 0.05,  # it drops elsewhere
        lambda t: 0.5 if t < 297 else 0.05,
        lambda t: 0.5 if t < 300 else 0.0,  # it ends there: other rules
        lambda t: [1.0] * 120 and 0.5,
    ],
)
def test_a_list_of_numbers_is_believed_only_where_the_formula_drops(factor):
    plan = Own(sgd(0.1), factor, numbers=[50, 300])
    assert "milestone-outside-run" not in codes(plan, 100)


@pytest.mark.parametrize(
    "milestones", [[], [0.5, 0.75], [-1, 300], ["a"], {300: 1}, None, 300, [True, [300]]]
)
def test_other_lists_are_none_of_milestones(milestones):
    plan = Own(sgd(0.1), lambda t: stairs(t, [50, 300]), milestones=milestones)
    assert "milestone-outside-run" not in codes(plan, 100)


def test_a_formula_that_cannot_be_asked_after_its_run_has_no_milestones():
    table = [1.0] * 101
    plan = torchs.LambdaLR(sgd(0.1), functools.partial(lambda t, at: table[t], at=[300]))
    assert codes(plan, 100) == []


# --- floors --------------------------------------------------------------------------------------


def to_a_floor(floor, warmup=10, total=100):
    """A warmup to the optimizer's rate and a cosine to the floor, as rates."""

    def rate(base, t):
        if t < warmup:
            return base * (t + 1) / warmup
        wave = (1 + math.cos(math.pi * min((t - warmup) / (total - warmup), 1))) / 2
        return floor + (base - floor) * wave

    return rate


class ToAFloor(torchs.LRScheduler):
    def __init__(self, optimizer, name, floor, rate):
        vars(self)[name], self.rate = floor, rate
        super().__init__(optimizer)

    def get_lr(self):
        return [self.rate(base, self.last_epoch) for base in self.base_lrs]


@pytest.mark.parametrize(
    ("rates", "floor", "seen"),
    [
        ((1e-5,), 8e-5, True),
        ((1e-5,), 0.99e-5, False),
        ((1e-5, 2e-5), 8e-5, True),
        ((1e-5, 1e-4), 8e-5, False),  # a rate above the floor is one that falls to it
        ((0.0, 1e-5), 8e-5, False),
    ],
)
@pytest.mark.parametrize("name", ["eta_min", "min_lr", "lr_min", "min_rate"])
def test_a_lowest_rate_that_is_the_highest(rates, floor, seen, name):
    plan = ToAFloor(sgd(*rates), name, floor, to_a_floor(floor))
    assert ("floor-above-rate" in codes(plan, 101)) == seen


def test_a_floor_of_ones_own_is_reached_to_a_hundredth():
    def found(high):
        plan = ToAFloor(sgd(0.1), "eta_min", 1.0, lambda base, t: base + (high - base) * t / 100)
        return "floor-above-rate" in codes(plan, 101)

    assert [found(high) for high in (0.989, 0.991, 1.009, 1.011)] == [False, True, True, False]


def test_an_optimizers_rate_that_a_class_does_not_use_has_no_floor():
    def cycle(base, t):
        return 1e-3 + (0.1 - 1e-3) * (1 + math.cos(math.pi * t / 100)) / 2

    assert codes(ToAFloor(sgd(1e-8), "min_lr", 1e-3, cycle), 100) == []
    assert codes(ToAFloor(sgd(1e-3), "min_lr", 1e-3, cycle), 100) == []
    share = ToAFloor(sgd(1e-3), "min_lr", 0.1, lambda base, t: base * (1 - 0.9 * t / 99))
    assert codes(share, 100) == [], "it is a share of the rate"
    resumed = walked(ToAFloor(sgd(1e-5), "min_lr", 8e-5, to_a_floor(8e-5)), 20)
    assert "floor-above-rate" not in codes(resumed, 80, resumed=True)


# --- constant, though it is to change ------------------------------------------------------------


def test_a_class_that_changes_only_after_the_run_counts_another_unit():
    def found(factor, steps=100, **keywords):
        return codes(Own(sgd(0.1), factor), steps, **keywords)

    assert found(lambda t: 0.5 if t >= 2000 else 1.0) == ["changes-too-little"]
    assert found(lambda t: 0.5 if t and t % 100 == 0 else 1.0) == ["changes-too-little"]
    assert found(lambda t: 1.0) == []
    assert found(lambda t: 0.5 if t >= 50 else 1.0) == []
    assert found(lambda t: 0.5 if t >= 60_000 else 1.0) == [], "nobody looks so far"
    assert found(lambda t: 0.5 if t >= 2000 else 1.0, resumed=True) == []
    assert found(lambda t: 0.5 if t >= 2000 else 1.0, steps=1) == []
    assert "changes-too-little" not in found(lambda t: 1.0 if t >= 2000 else 0.0)
    table = [1.0] * 101
    assert found(lambda t: table[t]) == [], "it ends with its run"


def test_a_class_that_goes_on_after_a_stop_is_no_constant():
    plan = walked(Own(sgd(0.1), lambda t: 1.0 if t < 50 else 0.1 if t < 2000 else 0.01), 60)
    assert "changes-too-little" not in codes(plan, 100, resumed=True)


@pytest.mark.parametrize(
    ("power", "seen"), [(1e-7, True), (1.4e-3, True), (1.6e-3, False), (0.1, False), (1.0, False)]
)
def test_a_decay_that_never_comes_down(power, seen):
    plan = hf("polynomial", 0.1, 60, 1000, power=power, final=2.5e-3)
    assert ("changes-too-little" in codes(plan, 1000)) == seen


def test_a_drop_that_never_comes():
    def found(step_size, steps=50, **keywords):
        return codes(torchs.StepLR(sgd(0.1), step_size, 0.8), steps, **keywords)

    assert found(1e-3) == ["changes-too-little"]
    assert found(1) == [] == found(49)
    assert found(50) == ["milestone-outside-run"], "it would come later"
    assert "changes-too-little" not in found(1e-3, steps=4)
    assert "changes-too-little" in found(1e-3, steps=5)


def test_a_decay_that_begins_where_it_ends_is_one_by_nothing_in_all_groups():
    def found(*rates, floor):
        return codes(torchs.PolynomialLR(sgd(*rates), 100, power=floor), 100)

    assert "changes-too-little" in found(0.1, 0.0, floor=1e-9)
    assert "changes-too-little" not in found(0.0, floor=1e-9)
    optimizer = sgd(0.1)
    flat = torchs.LinearLR(optimizer, 1.0, 0.995, 80)
    warm = torchs.LinearLR(optimizer, 0.1, 1.0, 20)
    found = codes(torchs.SequentialLR(optimizer, [warm, flat], [20]), 101)
    assert found == ["changes-too-little"]


# --- curves that stop ----------------------------------------------------------------------------


def frozen(stop, total=1000, shape=lambda share: (1 + math.cos(math.pi * share)) / 2):
    return lambda t: shape(min(t, stop) / total)


@pytest.mark.parametrize(
    ("stop", "steps", "seen"),
    [
        (333, 1000, True),
        (495, 1000, True),
        (505, 1000, False),  # below a half
        (200, 1000, True),
        (333, 372, True),  # a tenth of the run at rest
        (333, 368, False),
    ],
)
def test_a_curve_that_stops_in_mid_fall(stop, steps, seen):
    for plan in (torchs.LambdaLR(sgd(0.1), frozen(stop)), Own(sgd(0.1), frozen(stop))):
        found = of_code("horizon-outside-run", plan, steps)
        assert [(each.step, each.severity) for each in found] == [(stop, "note")] * seen


@pytest.mark.parametrize(
    "function",
    [
        lambda t: max(0.6, 1 - t / 1000),  # a line to its floor
        frozen(333, shape=lambda share: (1 - share) ** 0.9),  # hardly bent
        frozen(333, shape=lambda share: math.exp(-share)),  # it slows down
        lambda t: 0.6 + 0.2 * (1 + math.cos(math.pi * min(t / 500, 1))),  # it comes to its end
        lambda t: 1 - 0.01 * min(t // 100, 3) ** 2,  # stairs that go on
        frozen(333, shape=lambda share: 1 - max(0, share - 0.2) * 2),  # flat, and down in a line
    ],
)
def test_what_comes_to_rest_by_itself_has_not_stopped(function):
    assert "horizon-outside-run" not in codes(torchs.LambdaLR(sgd(0.1), function), 1000)


def test_a_floor_above_a_half_is_no_fault():
    def wave(t):
        return (1 + math.cos(math.pi * t / 1000)) / 2

    def severities(floor):
        plan = torchs.LambdaLR(sgd(0.1), lambda t: max(floor, wave(t)))
        return [finding.severity for finding in diagnose(plan, 1000)]

    assert severities(0.6) == []
    assert severities(wave(400)) == ["note"], "which is met by an update, as if a clock had stopped"


def test_a_curve_is_known_by_ten_falls_that_gather_speed():
    def found(falls):
        factors = [1.0]
        for fall in falls:
            factors.append(factors[-1] - fall)
        return codes(torchs.LambdaLR(sgd(0.1), lambda t: factors[min(t, len(falls))]), 50)

    def speeds(last, n=10):
        return [0.01 * (1 + (last - 1) * k / (n - 1)) for k in range(n)]

    assert found(speeds(1.51)) == ["horizon-outside-run"]
    assert found(speeds(1.49)) == []
    assert found(speeds(1.51, n=9)) == []
    assert found([*speeds(1.6, n=9), 0.0159]) == [], "it had begun to slow down"


def test_stairs_stop_where_they_rest_for_twice_as_long_as_before():
    def wave(stop, epoch):
        return lambda t: frozen(stop, 30)(t // epoch)

    assert codes(torchs.LambdaLR(sgd(0.1), wave(12, 10)), 141) == ["horizon-outside-run"]
    assert "horizon-outside-run" not in codes(torchs.LambdaLR(sgd(0.1), wave(12, 10)), 140)


# --- drops to nothing ----------------------------------------------------------------------------


def drop(before, after, high, idle):
    values = [before] * high + [after] * (idle + 1)
    return lambda t: values[t]


@pytest.mark.parametrize(
    ("before", "after", "high", "idle", "seen"),
    [
        (1.0, 1e-3, 100, 50, True),
        (1.0, 1.01e-3, 100, 50, False),
        (1.0, 1e-9, 100, 50, True),
        (1.0, 1e-3, 98, 2, True),
        (1.0, 1e-3, 99, 1, False),
        (1.0, 1e-3, 990, 10, True),
        (1.0, 1e-3, 991, 9, False),
    ],
)
def test_one_drop_to_a_thousandth(before, after, high, idle, seen):
    found = of_code(
        "zero-before-the-end",
        torchs.LambdaLR(sgd(0.1), drop(before, after, high, idle)),
        high + idle,
    )
    assert [finding.step for finding in found] == ([high] if seen else [])


def test_two_drops_to_nothing_are_meant():
    def found(*heights):
        values = [height for height in heights for _ in range(40)]
        plan = torchs.LambdaLR(sgd(0.1), lambda t: values[min(t, len(values) - 1)])
        return "zero-before-the-end" in codes(plan, len(values))

    assert not found(1.0, 0.01, 1e-4)
    assert not found(1.0, 1e-3, 1.0), "it comes back"
    assert not found(1.0, 0.049, 4e-5)
    assert found(1.0, 0.051, 5e-5)
    assert found(1.0, 1e-3, 1e-4), "the second makes no difference any more"


def test_one_group_may_be_frozen_in_the_run():
    groups = [lambda t: 1.0 if t < 60 else 1e-8, lambda t: 1 - t / 101]
    assert codes(torchs.LambdaLR(sgd(0.1, 0.1), groups), 100) == []
    found = codes(torchs.LambdaLR(sgd(0.1, 0.0), groups), 100)
    assert found == ["zero-before-the-end"], "the other is frozen all the time"


# --- warmups that are undone ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "seen"),
    [
        ([0.1, 0.4, 0.7, 1.0, 0.1, 0.1, 0.01], True),
        ([0.1, 0.5, 1.0, 0.1, 0.1, 0.01], False),  # too short for a warmup
        ([0.1, 0.4, 0.7, 1.0, 0.1009, 0.1], True),
        ([0.1, 0.4, 0.7, 1.0, 0.1011, 0.1011], False),
        ([0.1, 0.4, 0.7, 1.0, 1.0, 0.1, 0.1], False),  # a drop by ten
        ([0.1, 0.4, 0.4, 1.0, 0.1, 0.1], False),
        ([0.49, 0.6, 0.8, 1.0, 0.49, 0.49], True),
        ([0.51, 0.6, 0.8, 1.0, 0.51, 0.51], False),
        ([0.1, 0.4, 0.7, 1.0, 0.1, 0.49], True),
        ([0.1, 0.4, 0.7, 1.0, 0.1, 0.51], False),  # it climbs again
        ([0.0, 0.4, 0.7, 1.0, 0.0, 0.0], False),  # it ends
        ([0.1, 0.4, 0.7, 1.0], False),
        ([0.1, 0.4, 0.7, 1.0, 0.1], True),
    ],
)
def test_a_warmup_after_which_the_rate_is_where_it_was(factors, seen):
    plan = Own(sgd(0.1), lambda t: factors[min(t, len(factors) - 1)])
    found = of_code("composition-bends-rates", plan, len(factors))
    assert [finding.step for finding in found] == ([4] if seen else [])


def test_the_ramp_of_a_resumed_run_is_not_held_to_its_start():
    values = [0.1, 0.4, 0.7, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1]
    plan = walked(Own(sgd(0.1), lambda t: [0.0, *values][t]), 1)
    assert "composition-bends-rates" not in codes(plan, 8, resumed=True)


# --- said twice, and handed over -----------------------------------------------------------------


class Twice(torchs.LRScheduler):
    """A line to zero, from one rate to the next, and as a closed form."""

    def __init__(self, optimizer, share=1.0, total=100):
        self.share, self.total = share, total
        super().__init__(optimizer)

    def get_lr(self):
        left = self.total - self.last_epoch
        ratio = left / (left + 1) if self.last_epoch else 1.0
        return [group["lr"] * ratio for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        return [base * (1 - self.share * self.last_epoch / self.total) for base in self.base_lrs]


class Inherits(Twice):
    """Another curve, whose class says nothing about its closed form."""

    def get_lr(self):
        return [base * (1 - self.last_epoch / self.total) ** 2 for base in self.base_lrs]


class OfTorch(torchs.CosineAnnealingLR):
    """Torch's closed form, and a curve of one's own."""

    def get_lr(self):
        return [base * (1 - self.last_epoch / 100) for base in self.base_lrs]


def test_a_class_that_says_its_rates_in_two_ways_means_one_thing():
    assert codes(Twice(sgd(0.1)), 100) == []
    assert codes(Twice(sgd(0.1), share=0.955), 100) == []
    assert codes(Twice(sgd(0.1), share=0.94), 100) == ["rate-mismatch"]
    assert codes(Inherits(sgd(0.1)), 100) == [] == codes(OfTorch(sgd(0.1), 100), 100)
    assert codes(walked(Twice(sgd(0.1)), 40), 60, resumed=True) == []


@pytest.mark.parametrize("says", [lambda self: 1 / 0, lambda self: None, lambda self: [0.1, 0.1]])
def test_a_closed_form_may_be_anything(says):
    broken = type("Broken", (Twice,), {"get_lr": Twice.get_lr, "_get_closed_form_lr": says})
    assert "rate-mismatch" not in codes(broken(sgd(0.1)), 100)


class HandsOver(torchs.LRScheduler):
    """A warmup, and another scheduler from there on."""

    def __init__(self, optimizer, warmup, after):
        self.warmup, self.after = warmup, after
        super().__init__(optimizer)

    def get_lr(self):
        if self.last_epoch < self.warmup:
            return [base * (self.last_epoch + 1) / self.warmup for base in self.base_lrs]
        return self.after.get_last_lr()

    def step(self):
        if self.last_epoch < self.warmup:
            return super().step()
        self.last_epoch += 1
        self.after.step()
        self._last_lr = self.after.get_last_lr()


def handed_over(own_optimizer, inner_optimizer, done):
    inner = torchs.StepLR(inner_optimizer, 40)
    return walked(HandsOver(own_optimizer, 5, inner), done)


@pytest.mark.filterwarnings("ignore:Detected call of")  # the other optimizer makes no update
def test_a_scheduler_inside_that_drives_another_optimizer():
    one, other = sgd(0.1), sgd(0.1)
    assert "rate-mismatch" in codes(handed_over(one, other, 30), 70, resumed=True)
    one = sgd(0.1)
    assert codes(handed_over(one, one, 30), 70, resumed=True) == []
    still = handed_over(sgd(0.1), sgd(0.1), 30)
    assert codes(still, 10, resumed=True) == [], "it has nothing to hand over"


class Wraps(torchs.LRScheduler):
    """Asks a scheduler on an optimizer of no use for each factor."""

    def __init__(self, optimizer, make):
        self.inner = make(sgd(1.0))
        super().__init__(optimizer)

    def get_lr(self):
        return [base * self.inner.get_last_lr()[0] for base in self.base_lrs]

    def step(self):
        if hasattr(self, "_last_lr"):
            self.inner.optimizer.step()
            self.inner.step()
        super().step()


def test_a_scheduler_on_a_dummy_may_be_asked_for_its_factors():
    assert codes(Wraps(sgd(0.1), lambda o: torchs.StepLR(o, 40)), 100) == []
    beside = Own(sgd(0.1), lambda t: 1.0, after=torchs.ReduceLROnPlateau(sgd(0.1)))
    assert codes(beside, 10) == [], "nobody knows what its metric will be"
