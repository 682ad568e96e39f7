"""A trace shows what stepping would do and touches nothing; a schedule attaches as a scheduler."""

import copy
import gc
import io
import pickle
import warnings

import numpy as np
import pytest
import torch
from helpers import few, identical, network, sgd, state, stepped
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

from lrsched_book import (
    Schedule,
    ScheduleLR,
    WarmupPlateau,
    attach,
    constant,
    cosine,
    exponential,
    linear,
    linear_warmup,
    rates,
    stand_in,
    trace,
)
from lrsched_book.scheduler import steps_taken

STEPS = 40
METRICS = [1.0, 0.8, *[0.9] * 12, 0.5, *[0.6] * 25]  # stalls twice, so that plateaus act


def sequential(optimizer):
    pieces = [
        lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5),
        lr_scheduler.CosineAnnealingLR(optimizer, T_max=20),
        lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=4),
    ]
    return lr_scheduler.SequentialLR(optimizer, pieces, milestones=[6, 26])


def chained(optimizer):
    pieces = [
        lr_scheduler.ConstantLR(optimizer, factor=0.1, total_iters=5),
        lr_scheduler.ExponentialLR(optimizer, gamma=0.9),
    ]
    return lr_scheduler.ChainedScheduler(pieces, optimizer=optimizer)


# One way to build every scheduler class that torch has.
TORCHS = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.95**t),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda t: 0.9),
    "StepLR": lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.5),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, milestones=[5, 17], gamma=0.3),
    "ConstantLR": lambda o: lr_scheduler.ConstantLR(o, factor=0.2, total_iters=9),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=12),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, total_iters=30, power=2),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=15, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(
        o, T_0=5, T_mult=2
    ),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, base_lr=0.1, max_lr=0.9, step_size_up=6),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.9, total_steps=STEPS),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=3),
    "SequentialLR": sequential,
    "ChainedScheduler": chained,
    "SWALR": lambda o: SWALR(o, swa_lr=0.05, anneal_epochs=8),
}
# And what no list of classes shows: nesting, other functions of time, classes of one's own.
OTHERS = {
    "a chain in a chain": lambda o: lr_scheduler.ChainedScheduler(
        [chained(o), lr_scheduler.StepLR(o, step_size=4, gamma=0.5)]
    ),
    "a sequence in a sequence": lambda o: lr_scheduler.SequentialLR(
        o, [sequential(o), lr_scheduler.ExponentialLR(o, gamma=0.8)], milestones=[30]
    ),
    "cyclic with a scale of its own": lambda o: lr_scheduler.CyclicLR(
        o, 0.1, 0.9, step_size_up=4, scale_fn=lambda x: 1 / x, scale_mode="cycle"
    ),
    "cyclic with exponential range": lambda o: lr_scheduler.CyclicLR(
        o, 0.1, 0.9, step_size_up=4, mode="exp_range", gamma=0.99
    ),
    "one cycle in three linear phases": lambda o: lr_scheduler.OneCycleLR(
        o, 0.9, total_steps=STEPS, anneal_strategy="linear", three_phase=True
    ),
    "attached": lambda o: attach(o, cosine(20).with_warmup(5)),
    "of one's own": lambda o: Halving(o),
}
EVERY = TORCHS | OTHERS


class Halving(lr_scheduler.LRScheduler):
    """What a reader might write: the rate halves, and each group's rate is kept in a list."""

    def __init__(self, optimizer):
        self.seen = []
        super().__init__(optimizer)

    def get_lr(self):
        self.seen.append([group["lr"] for group in self.optimizer.param_groups])
        return [base * 0.5**self.last_epoch for base in self.base_lrs]


def metrics_for(scheduler, steps=STEPS):
    plateau = isinstance(scheduler, lr_scheduler.ReduceLROnPlateau)
    return {"metrics": METRICS[:steps]} if plateau else {}


def silently(function, *arguments, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about the epoch argument of SequentialLR
        return function(*arguments, **keywords)


def test_every_scheduler_of_torch_is_traced_below():
    def below(cls):
        return {cls}.union(*map(below, cls.__subclasses__()))

    found = {
        cls.__name__
        for cls in below(lr_scheduler.LRScheduler)
        if cls.__module__.startswith("torch")
    }
    assert found - {"LRScheduler", "_LRScheduler"} == set(TORCHS), "add the new class to TORCHS"


@pytest.mark.parametrize("peaks", [[0.8], [0.8, 0.2]], ids=["one group", "two groups"])
@pytest.mark.parametrize("name", EVERY)
def test_a_trace_is_what_stepping_gives(name, peaks):
    scheduler = silently(EVERY[name], stand_in(*peaks, momentum=0.9))
    twin = silently(EVERY[name], stand_in(*peaks, momentum=0.9))
    traced = trace(scheduler, STEPS, **metrics_for(scheduler))
    used = silently(stepped, twin, STEPS, **metrics_for(twin))
    assert traced.shape == ((STEPS,) if len(peaks) == 1 else (STEPS, 2))
    np.testing.assert_array_equal(traced, used)
    assert len(np.unique(traced)) > 1, "a constant rate would prove nothing"


@pytest.mark.parametrize("name", EVERY)
def test_a_trace_touches_nothing(name):
    model = network()
    optimizer = sgd(model)
    scheduler = silently(EVERY[name], optimizer)
    data = few(train=8)
    F.cross_entropy(model(data.train.x), data.train.y).backward()
    optimizer.step()  # so that there is momentum to lose
    before = state(model, optimizer, scheduler)
    groups = copy.deepcopy(
        [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    )
    defaults = dict(optimizer.defaults)
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    objects = [
        *(id(group) for group in optimizer.param_groups),
        *(id(tensor) for group in optimizer.param_groups for tensor in group["params"]),
        *(id(buffers) for buffers in optimizer.state.values()),
        id(scheduler.optimizer),
    ]

    trace(scheduler, STEPS, **metrics_for(scheduler))

    assert identical(state(model, optimizer, scheduler), before)
    assert groups == [
        {k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups
    ], "momentum and betas are part of a group"
    assert optimizer.defaults == defaults
    assert identical([parameter.grad for parameter in model.parameters()], gradients)
    assert objects == [
        *(id(group) for group in optimizer.param_groups),
        *(id(tensor) for group in optimizer.param_groups for tensor in group["params"]),
        *(id(buffers) for buffers in optimizer.state.values()),
        id(scheduler.optimizer),
    ]


@pytest.mark.parametrize("name", EVERY)
def test_a_stepped_scheduler_is_traced_from_where_it_stands_and_says_so(name):
    scheduler = silently(EVERY[name], stand_in(0.8, momentum=0.9))
    whole = trace(scheduler, STEPS, **metrics_for(scheduler))
    silently(stepped, scheduler, 9, **metrics_for(scheduler, 9))
    rest = {"metrics": METRICS[9:]} if metrics_for(scheduler) else {}
    with pytest.warns(UserWarning, match=f"^{type(scheduler).__name__} has already taken 9 steps"):
        traced = trace(scheduler, STEPS - 9, **rest)
    np.testing.assert_array_equal(traced, whole[9:])


def test_one_step_is_enough_to_trace():
    assert trace(attach(stand_in(0.4), cosine(5)), steps=1).tolist() == [0.4]


def test_a_fresh_scheduler_is_traced_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace(attach(stand_in(0.1), cosine(5)), 5)


def test_one_cycle_moves_the_momentum_of_the_stand_in_only():
    adam = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.1, betas=(0.8, 0.99))
    one_cycle = lr_scheduler.OneCycleLR(adam, max_lr=0.1, total_steps=10)
    betas = adam.param_groups[0]["betas"]  # torch's constructor has overwritten the 0.8
    trace(one_cycle, 10)
    assert adam.param_groups[0]["betas"] == betas


def test_a_rate_that_is_a_tensor_is_traced_and_kept():
    rate = torch.tensor(0.5)
    adam = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=rate)
    halving = lr_scheduler.ExponentialLR(adam, gamma=0.5)
    np.testing.assert_allclose(trace(halving, 3), [0.5, 0.25, 0.125])
    assert adam.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5


def test_a_closure_sees_what_it_closes_over():
    warmup = {"steps": 4}
    lambdas = [lambda t: min(1, (t + 1) / warmup["steps"]), lambda t: 1.0]
    traced = trace(lr_scheduler.LambdaLR(stand_in(1.0, 2.0), lambdas), 5)
    np.testing.assert_array_equal(traced[:, 0], [0.25, 0.5, 0.75, 1, 1])
    np.testing.assert_array_equal(traced[:, 1], 2.0)


def test_an_object_that_counts_its_calls_is_not_used_up():
    class Counter:
        calls = 0

        def __call__(self, t):
            self.calls += 1
            return 1 / self.calls

    counter = Counter()
    scheduler = lr_scheduler.LambdaLR(stand_in(1.0), counter)
    np.testing.assert_allclose(trace(scheduler, 3), [1, 1 / 2, 1 / 3])
    assert counter.calls == 1, "only the scheduler's constructor called it"


def test_steps_past_the_end_of_one_cycle_are_torchs_error():
    with pytest.raises(ValueError, match="total steps"):
        trace(TORCHS["OneCycleLR"](stand_in(0.1, momentum=0.9)), STEPS + 2)


@pytest.mark.parametrize("steps", [0, -1, 2.5, None, True])
def test_steps_must_be_a_whole_number(steps):
    with pytest.raises(ValueError, match=f"^steps must be a whole number .* got {steps}$"):
        trace(attach(stand_in(0.1), cosine(5)), steps)


@pytest.mark.parametrize("thing", [cosine(5), None, 0.1])
def test_only_a_torch_scheduler_is_traced(thing):
    with pytest.raises(TypeError, match=r"^scheduler must be a torch LRScheduler, got "):
        trace(thing, 5)


def test_metrics_are_for_plateaus_and_one_per_step():
    plateau = TORCHS["ReduceLROnPlateau"](stand_in(0.1))
    with pytest.raises(
        ValueError, match=r"^metrics must hold one number per step .* got None for R"
    ):
        trace(plateau, 3)
    with pytest.raises(ValueError, match=r"^metrics must hold 3 numbers, one per step, got 2$"):
        trace(plateau, 3, metrics=[1, 2])
    with pytest.raises(ValueError, match=r"^metrics .* be left out .* for StepLR"):
        trace(TORCHS["StepLR"](stand_in(0.1)), 3, metrics=[1, 2, 3])


# --- a schedule as a scheduler -------------------------------------------------------------------


def test_attaching_sets_the_rate_of_the_first_update():
    optimizer = stand_in(0.4, 0.8)
    scheduler = attach(optimizer, constant(0.5))
    assert isinstance(scheduler, lr_scheduler.LRScheduler)
    assert rates(optimizer) == scheduler.get_last_lr() == [0.2, 0.4]


def test_the_state_goes_through_a_file_that_is_loaded_safely():
    scheduler = attach(stand_in(0.4, 0.8), cosine(20).with_warmup(5))
    stepped(scheduler, 8)
    file = io.BytesIO()
    torch.save(scheduler.state_dict(), file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert "schedule" not in loaded, "the schedule is code, not state"

    resumed = attach(stand_in(0.4, 0.8), cosine(20).with_warmup(5))
    resumed.load_state_dict(loaded)
    resumed.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    assert identical(resumed.state_dict(), scheduler.state_dict())
    np.testing.assert_array_equal(stepped(resumed, 20), stepped(scheduler, 20))


def test_a_lower_peak_can_be_attached_after_the_optimizers_rate_is_set():
    optimizer = stand_in(0.4)
    optimizer.param_groups[0]["lr"] = 0.1
    assert trace(attach(optimizer, linear(3)), 3).tolist() == [0.1, 0.05, 0.0]


def test_an_optimizer_with_a_scheduler_takes_no_second_one():
    optimizer = stand_in(0.4)
    lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    with pytest.raises(ValueError, match=r"^optimizer must be without a scheduler, .*=0\.4 from"):
        attach(optimizer, cosine(5))


def test_a_group_from_a_checkpoint_is_refused_too():
    old = stand_in(0.4)
    stepped(attach(old, exponential(0.5)), 3)
    new = stand_in(0.4)
    new.load_state_dict(old.state_dict())
    with pytest.raises(ValueError, match="group 0 has initial_lr"):
        attach(new, cosine(5))
    assert new.param_groups[0]["lr"] == old.param_groups[0]["lr"]


def test_schedule_lr_checks_its_arguments():
    with pytest.raises(TypeError, match=r"^optimizer must be a torch Optimizer, got Linear$"):
        ScheduleLR(torch.nn.Linear(1, 1), cosine(5))
    with pytest.raises(TypeError, match=r"^schedule must be a Schedule, got function$"):
        ScheduleLR(stand_in(0.1), lambda t: 1.0)


def test_rates_are_plain_numbers():
    assert rates(stand_in(0.1)) == 0.1
    assert rates(stand_in(0.1, 0.2)) == [0.1, 0.2]
    tensor = torch.optim.Adam([torch.zeros(1)], lr=torch.tensor(0.5))
    assert type(rates(tensor)) is float


def test_trace_follows_a_scheduler_that_holds_on_to_the_groups():
    class Holding(torch.optim.lr_scheduler.LRScheduler):
        def __init__(self, optimizer):
            self.groups = optimizer.param_groups
            super().__init__(optimizer)

        def get_lr(self):
            return [group["lr"] * (0.9 if self.last_epoch else 1) for group in self.groups]

    optimizer = stand_in(0.1)
    assert np.allclose(trace(Holding(optimizer), 3), [0.1, 0.09, 0.081])
    assert optimizer.param_groups[0]["lr"] == 0.1


# --- a schedule for each group, and groups that come later ----------------------------------------


def test_a_list_gives_each_group_a_schedule_of_its_own():
    used = stepped(attach(stand_in(0.4, 0.8), [linear(gaps=4), constant(0.5)]), 6)
    np.testing.assert_allclose(used[:, 0], 0.4 * linear(gaps=4).values(6))
    np.testing.assert_array_equal(used[:, 1], 0.4)
    assert isinstance(attach(stand_in(0.4), [cosine(5)]), ScheduleLR)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_holds_as_many_schedules_as_there_are_groups(count):
    with pytest.raises(
        ValueError,
        match=rf"^schedule must hold one Schedule for each of the 2 groups, got {count}$",
    ):
        attach(stand_in(0.4, 0.8), [cosine(5)] * count)


@pytest.mark.parametrize("thing", [None, 0.5, "cosine", lambda t: 1.0, {"a": cosine(5)}])
def test_only_schedules_are_attached(thing):
    with pytest.raises(TypeError, match=r"^schedule must be a Schedule, got "):
        attach(stand_in(0.4), thing)
    with pytest.raises(
        TypeError, match=rf"^schedule must be a Schedule, got {type(thing).__name__}"
    ):
        attach(stand_in(0.4, 0.8), [cosine(5), thing])


def add_group(optimizer, **options):
    optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], **options})


@pytest.mark.parametrize("rate", [0.8, torch.tensor(0.8)], ids=["number", "tensor"])
def test_a_group_that_is_added_later_is_adopted(rate):
    optimizer = stand_in(0.4)
    scheduler = attach(optimizer, linear(gaps=4))
    stepped(scheduler, 1)
    add_group(optimizer, lr=rate)
    assert rates(optimizer) == pytest.approx([0.3, 0.8]), "its own rate until the next step"
    used = stepped(scheduler, 5)
    assert used[1:, 0] == pytest.approx([0.2, 0.1, 0, 0])
    assert used[1:, 1] == pytest.approx([0.4, 0.2, 0, 0])
    assert float(optimizer.param_groups[1]["initial_lr"]) == pytest.approx(0.8)
    assert trace(attach(stand_in(1.0), linear(3)), 3).tolist() == [1, 0.5, 0]


def test_where_each_group_has_its_own_a_new_one_needs_one_too():
    optimizer = stand_in(0.4, 0.8)
    scheduler = attach(optimizer, [linear(gaps=4), constant()])
    add_group(optimizer, lr=1.0)
    optimizer.step()
    with pytest.raises(
        ValueError, match=r"^scheduler.schedule must hold .* new group 2: append it$"
    ):
        scheduler.step()
    scheduler = attach(stand_in(0.4, 0.8), [linear(gaps=4), constant()])
    add_group(scheduler.optimizer, lr=1.0)
    scheduler.schedule.append(constant(0.1).then(constant(), at=2))
    used = stepped(scheduler, 4)
    assert used[1:].tolist() == [
        [pytest.approx(0.3), 0.8, 0.1],
        [pytest.approx(0.2), 0.8, 1.0],
        [pytest.approx(0.1), 0.8, 1.0],
    ]


def test_an_adopted_group_is_resumed():
    def build(loaded=None):
        optimizer = stand_in(0.4)
        scheduler = attach(optimizer, linear(gaps=8))
        add_group(optimizer, lr=0.8)
        if loaded:
            scheduler.load_state_dict(loaded[0])
            optimizer.load_state_dict(loaded[1])
        return scheduler

    first = build()
    stepped(first, 3)
    resumed = build((first.state_dict(), first.optimizer.state_dict()))
    np.testing.assert_array_equal(stepped(resumed, 6), stepped(first, 6))


# --- what else drives the optimizer ---------------------------------------------------------------


class OwnPlateau(lr_scheduler.ReduceLROnPlateau):
    pass


@pytest.mark.parametrize("kind", [lr_scheduler.ReduceLROnPlateau, OwnPlateau])
@pytest.mark.parametrize("looked_at", [False, True])
def test_where_a_plateau_drives_no_schedule_is_attached(kind, looked_at):
    optimizer, other = stand_in(0.4), stand_in(0.4)
    plateau = kind(optimizer)
    if looked_at:
        vars(plateau)  # from now on Python keeps its attributes in a dict
    for start in (
        lambda: attach(optimizer, cosine(5)),
        lambda: WarmupPlateau(optimizer, linear_warmup(3), 3),
    ):
        with pytest.raises(
            ValueError, match=rf"^optimizer must be without .* but a {kind.__name__} drives it: "
        ):
            start()
    assert rates(optimizer) == 0.4
    assert "initial_lr" not in optimizer.param_groups[0]
    attach(other, cosine(5))  # a plateau elsewhere is no obstacle
    del plateau
    attach(optimizer, cosine(5))


def test_the_garbage_collector_is_asked_only_where_a_plateau_may_be_new(monkeypatch):
    attach(stand_in(0.4), cosine(5))  # may ask, to learn how many references there are
    calls, ask = [], gc.get_referrers
    monkeypatch.setattr("gc.get_referrers", lambda *a: calls.append(len(a)) or ask(*a))
    attach(stand_in(0.4), cosine(5))
    assert not calls
    plateau = lr_scheduler.ReduceLROnPlateau(stand_in(0.4))
    attach(stand_in(0.4), cosine(5))
    assert len(calls) == 1
    attach(stand_in(0.4), cosine(5))
    assert len(calls) == 1, "the plateau is known"
    with pytest.raises(ValueError, match="drives it"):
        attach(plateau.optimizer, cosine(5))


def test_a_plateau_is_found_where_other_references_to_its_class_are_gone():
    held = [lr_scheduler.ReduceLROnPlateau] * 9
    attach(stand_in(0.4), cosine(5))
    held.clear()
    optimizer = stand_in(0.4)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError, match="drives it"):
        attach(optimizer, cosine(5))
    assert plateau is not None


# --- factors that cannot be used ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "named"),
    [
        (lambda t: 1 - t / 4, "got -0.25 from"),
        (lambda t: np.where(t < 5, 1.0, np.nan), "got nan from"),
        (lambda t: np.where(t < 5, 1.0, np.inf), "got inf from"),
    ],
    ids=["negative", "nan", "infinite"],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_bad_factor_is_refused_by_the_update_that_would_use_it(own, named, alone):
    optimizer = stand_in(0.4, 0.8)
    scheduler = attach(optimizer, Schedule(own) if alone else [constant(), Schedule(own)])
    for _ in range(5):
        optimizer.step()
        scheduler.step()  # the fifth sets what no update has used yet
    for _ in range(2):
        with pytest.raises(
            ValueError, match=f"^the factor at step 5 must be a finite number ≥ 0, {named}"
        ):
            optimizer.step()
    scheduler.load_state_dict({**scheduler.state_dict(), "last_epoch": 1})
    optimizer.step()


def test_a_bad_first_factor_is_not_attached():
    with pytest.raises(ValueError, match=r"^the factor at step 0 must be .*, got -1.0 from "):
        attach(stand_in(0.4), Schedule(lambda t: t - 1))
    with pytest.raises(ValueError, match=r"^the factor at step 0 must be .*, got -1.0 from "):
        attach(stand_in(0.4, 0.8), [constant(), Schedule(lambda t: t - 1)])
    assert trace(attach(stand_in(0.4), constant(0)), 2).tolist() == [0, 0]


def test_only_a_bad_factor_has_the_optimizer_watched_and_once():
    def watched(schedules):
        optimizer = stand_in(0.4, 0.8)
        scheduler = attach(optimizer, schedules)
        for _ in range(9):
            scheduler.step()
        return len(optimizer._optimizer_step_pre_hooks)

    assert watched([constant(0), cosine(2)]) == 0
    assert watched(constant(0)) == 0
    assert watched([constant(), Schedule(lambda t: 3 - t / 2)]) == 1


# --- how factors are looked up --------------------------------------------------------------------


def test_factors_are_reckoned_in_blocks_that_do_not_depend_on_where_one_begins(monkeypatch):
    asked = []
    reckon = Schedule.__call__
    monkeypatch.setattr(Schedule, "__call__", lambda s, t: asked.append(t) or reckon(s, t))
    schedule = cosine(3000, final=0.1).with_warmup(10)
    scheduler = attach(stand_in(0.4), schedule)
    used = stepped(scheduler, 2500)
    assert [(steps[0], len(steps)) for steps in asked] == [(0, 1024), (1024, 1024), (2048, 1024)]
    np.testing.assert_allclose(used, 0.4 * schedule.values(2500), rtol=1e-14)
    late = attach(stand_in(0.4), schedule)
    late.load_state_dict({**late.state_dict(), "last_epoch": 1999})
    silently(late.step)
    assert rates(late.optimizer) == used[2000], "to the last bit"


def test_only_one_block_of_factors_is_kept():
    ahead = attach(stand_in(0.4), cosine(5000))._ahead[0]
    assert [ahead[step] for step in (0, 1500, 4000)] == cosine(5000)(
        np.array([0, 1500, 4000])
    ).tolist()
    assert len(ahead) == ahead.BLOCK


def test_a_function_of_ones_own_is_asked_for_each_step_and_no_further():
    asked = []

    def table(t):
        asked.append(float(t))
        return [1.0, 0.5, 0.25, 0.125][int(t)]

    used = stepped(attach(stand_in(0.4), constant() * Schedule(table)), 3)
    assert used.tolist() == [0.4, 0.2, 0.1]
    assert asked == [0, 1, 2, 3]


def test_what_overflows_ahead_is_neither_error_nor_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        used = stepped(attach(stand_in(0.4), exponential(2)), 1000)
    np.testing.assert_allclose(used, 0.4 * 2.0 ** np.arange(1000))
    optimizer = stand_in(0.4)
    with pytest.raises(ValueError, match=r"^the factor at step 1024 must be .*, got inf from exp"):
        stepped(attach(optimizer, exponential(2)), 1030)


def test_a_fraction_of_an_epoch_may_be_asked_for():
    scheduler = attach(stand_in(0.4), linear(gaps=4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler.step(2.5)
    assert rates(scheduler.optimizer) == pytest.approx(0.15)


# --- pickles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schedule",
    [cosine(4), cosine(4).with_warmup(2) * constant(0.5), Schedule(lambda t: 1 / (1 + t))],
    ids=["cosine", "composed", "own"],
)
@pytest.mark.parametrize("kind", [lr_scheduler.LambdaLR, lr_scheduler.MultiplicativeLR])
def test_the_state_of_a_lambdalr_of_a_schedule_is_saved_and_loaded_safely(kind, schedule):
    scheduler = kind(stand_in(0.4), schedule)
    stepped(scheduler, 3)
    file = io.BytesIO()
    torch.save(scheduler.state_dict(), file)
    file.seek(0)
    resumed = kind(stand_in(0.4), schedule)
    resumed.load_state_dict(torch.load(file, weights_only=True))
    resumed.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    np.testing.assert_array_equal(silently(stepped, resumed, 4), stepped(scheduler, 4))


def test_a_scheduler_is_pickled_and_copied_with_its_schedule():
    scheduler = attach(stand_in(0.4, 0.8), [cosine(20), linear(gaps=9)])
    stepped(scheduler, 5)
    whole = stepped(copy.deepcopy(scheduler), 10)
    again = pickle.loads(pickle.dumps(scheduler))
    assert again.schedule == [cosine(20), linear(gaps=9)]
    np.testing.assert_array_equal(silently(stepped, again, 10), whole)


# --- what a trace leaves alone --------------------------------------------------------------------


def counting():
    calls = 0

    def factor(t):
        nonlocal calls
        calls += 1
        return 1 / calls

    return factor, lambda: calls


def test_a_closure_that_counts_is_not_used_up():
    factor, calls = counting()
    scheduler = lr_scheduler.LambdaLR(stand_in(1.0), factor)
    np.testing.assert_allclose(trace(scheduler, 3), [1, 1 / 2, 1 / 3])
    assert calls() == 1, "only the scheduler's constructor called it"
    np.testing.assert_allclose(trace(scheduler, 3), [1, 1 / 2, 1 / 3])


def test_closures_that_share_their_state_share_it_in_the_copy():
    seen = []
    lambdas = [lambda t: seen.append(t) or 1.0, lambda t: float(len(seen))]
    scheduler = lr_scheduler.LambdaLR(stand_in(1.0, 1.0), lambdas)
    assert trace(scheduler, 4)[:, 1].tolist() == [1, 2, 3, 4]
    assert seen == [0]


def test_defaults_nested_functions_and_nested_schedulers_are_copied_too():
    factor, calls = counting()

    def through(t, log=[], *, more={"n": 0}):  # noqa: B006
        log.append(t)
        more["n"] += 1
        return factor(t)

    optimizer = stand_in(1.0)
    piece = lr_scheduler.LambdaLR(optimizer, through)
    chain = lr_scheduler.ChainedScheduler([piece], optimizer)
    before = calls()
    silently(trace, chain, 3)
    assert calls() == before
    assert len(through.__defaults__[0]) == through.__kwdefaults__["more"]["n"] == before


def test_a_function_may_close_over_itself_and_over_what_cannot_be_copied():
    def build(module):
        def halving(t):
            assert isinstance(module, type(np))
            return 1.0 if t == 0 else 0.5 * halving(t - 1)

        return halving

    assert trace(lr_scheduler.LambdaLR(stand_in(1.0), build(np)), 3).tolist() == [1, 0.5, 0.25]


def test_a_function_that_draws_from_a_generator_cannot_be_traced():
    draws = (1 / (n + 1) for n in range(99))
    scheduler = lr_scheduler.LambdaLR(stand_in(1.0), lambda t: next(draws))
    with pytest.raises(TypeError, match=r"^scheduler must be one that can be copied, which Lambda"):
        trace(scheduler, 3)
    assert next(draws) == 0.5, "nothing was drawn"


def test_the_scale_function_of_cyclic_lr_is_copied_too():
    factor, calls = counting()
    scheduler = lr_scheduler.CyclicLR(
        stand_in(1.0), 0.1, 1.0, step_size_up=2, scale_fn=factor, cycle_momentum=False
    )
    before = calls()
    trace(scheduler, 6)
    assert calls() == before


# --- a warmup in front of a plateau ---------------------------------------------------------------


def warmed(optimizer, steps=4, **plateau):
    plateau = {"factor": 0.5, "patience": 0, **plateau}
    return WarmupPlateau(optimizer, linear_warmup(steps), steps, **plateau)


def epoch(scheduler, updates, metric):
    """One epoch of `updates` updates, then its metric; the rates that it used."""
    used = []
    for _ in range(updates):
        used.append(rates(scheduler.optimizer))
        scheduler.optimizer.step()
        scheduler.step()
    scheduler.step(metric)
    return used


def test_neither_the_warmup_nor_the_plateau_undoes_the_other():
    scheduler = warmed(stand_in(0.8))
    assert epoch(scheduler, 3, 1.0) == pytest.approx([0.2, 0.4, 0.6])
    assert epoch(scheduler, 3, 2.0) == pytest.approx([0.8] * 3), "the first metric was ignored"
    assert epoch(scheduler, 3, 3.0) == pytest.approx([0.8] * 3), "2.0 was the first, and is best"
    assert epoch(scheduler, 3, 1.0) == pytest.approx([0.4] * 3), "cut, and it stays cut"
    assert epoch(scheduler, 3, 5.0) == pytest.approx([0.4] * 3)
    assert epoch(scheduler, 3, 5.0) == pytest.approx([0.2] * 3)


def test_a_metric_counts_from_the_epoch_on_in_which_the_warmup_ends():
    scheduler = warmed(stand_in(0.8), steps=3)
    epoch(scheduler, 3, 1.0)
    assert scheduler.best == 1.0
    early = warmed(stand_in(0.8), steps=4)
    epoch(early, 3, 1.0)
    assert early.best == np.inf
    assert early.last_epoch == 0


def test_the_warmup_may_count_gaps_and_each_group_has_its_peak():
    scheduler = WarmupPlateau(stand_in(0.4, 0.8), linear_warmup(gaps=2), 2)
    scheduler.optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.2, 0.4]

    scheduler = WarmupPlateau(stand_in(0.4, 0.8), linear_warmup(gaps=2), 2)
    assert epoch(scheduler, 3, 1.0) == [[0, 0], [0.2, 0.4], [0.4, 0.8]]
    assert scheduler.get_last_lr() == [0.4, 0.8]


def test_updates_of_the_warmup_and_metrics_are_both_steps_taken():
    scheduler = warmed(stand_in(0.8), steps=2)
    assert steps_taken(scheduler) == 0
    epoch(scheduler, 1, 1.0)
    assert steps_taken(scheduler) == scheduler.updates == 1, "the warmup is not over"
    epoch(scheduler, 3, 1.0)
    epoch(scheduler, 3, 1.0)
    assert steps_taken(scheduler) == scheduler.updates + 2


def test_the_plateaus_own_arguments_arrive():
    scheduler = warmed(stand_in(0.8), steps=1, mode="max", factor=0.1, patience=1, min_lr=0.3)
    used = [epoch(scheduler, 1, metric)[0] for metric in (1, 2, 2, 2, 2, 2)]
    assert used == [0.8, 0.8, 0.8, 0.8, 0.3, 0.3], "higher is better, two bad ones cut to the floor"


@pytest.mark.parametrize("at", [2, 4, 9])
def test_warmup_and_plateau_are_resumed(at):
    def run(scheduler, begin, end):
        used = []
        for update in range(begin, end):
            used.append(rates(scheduler.optimizer))
            scheduler.optimizer.step()
            scheduler.step()
            if update % 3 == 2:
                scheduler.step(1.0)
        return used

    whole = run(warmed(stand_in(0.8), factor=0.7), 0, 18)
    assert len(set(whole)) == 4 + 3, "three cuts"
    first = warmed(stand_in(0.8), factor=0.7)
    run(first, 0, at)
    file = io.BytesIO()
    torch.save((first.state_dict(), first.optimizer.state_dict()), file)
    file.seek(0)
    state, optimizers = torch.load(file, weights_only=True)
    assert "warmup_factors" not in state, "the warmup is code, not state"
    resumed = warmed(stand_in(0.8))  # the factor is state, as torch has it
    resumed.load_state_dict(state)
    resumed.optimizer.load_state_dict(optimizers)
    assert run(resumed, at, 18) == whole[at:]
    assert run(pickle.loads(pickle.dumps(first)), at, 18) == whole[at:]


def test_a_warmup_before_a_plateau_is_traced():
    scheduler = warmed(stand_in(0.8))
    metrics = [None, None, 1.0, None, None, 1.0, None, None, 1.0, None]
    traced = trace(scheduler, 10, metrics)
    assert traced.tolist() == pytest.approx([0.2, 0.4, 0.6, *[0.8] * 6, 0.4])
    assert (scheduler.updates, scheduler.last_epoch, rates(scheduler.optimizer)) == (0, 0, 0.2)
    scheduler.step()
    with pytest.warns(UserWarning, match="^WarmupPlateau has already taken 1 steps"):
        trace(scheduler, 2, [None, None])


def test_a_group_that_joins_the_warmup_has_a_peak():
    scheduler = warmed(stand_in(0.8))
    add_group(scheduler.optimizer, lr=torch.tensor(0.4))
    scheduler.step()
    assert rates(scheduler.optimizer) == pytest.approx([0.4, 0.2])
    scheduler.step()
    assert rates(scheduler.optimizer) == pytest.approx([0.6, 0.3])


def test_a_warmup_before_a_plateau_checks_its_arguments():
    warmup = linear_warmup(4)
    with pytest.raises(TypeError, match=r"^optimizer must be a torch Optimizer, got NoneType$"):
        WarmupPlateau(None, warmup, 4)
    with pytest.raises(TypeError, match=r"^warmup must be a Schedule, got int$"):
        WarmupPlateau(stand_in(0.8), 4, 4)
    with pytest.raises(ValueError, match=r"^steps must be a whole number of at least 1, got 0$"):
        WarmupPlateau(stand_in(0.8), warmup, 0)
    with pytest.raises(ValueError, match=r"^warmup must be 1 at step 2, where it ends, got 0.75 "):
        WarmupPlateau(stand_in(0.8), warmup, 2)
    with pytest.raises(ValueError, match=r"^the factor at step 1 must be .* got -0.5 from "):
        WarmupPlateau(stand_in(0.8), Schedule(lambda t: 1 - 1.5 * (t == 1)), 2)
    driven = stand_in(0.8)
    attach(driven, warmup)
    with pytest.raises(
        ValueError, match=r"^optimizer must be without a scheduler, but its group 0"
    ):
        WarmupPlateau(driven, warmup, 4)
    driven = stand_in(0.8)
    warmed(driven)
    with pytest.raises(
        ValueError, match=r"^optimizer must be without a scheduler, but its group 0"
    ):
        attach(driven, warmup)


# --- an optimizer with nothing to train ----------------------------------------------------------


def test_a_stand_in_has_a_group_for_each_rate_and_takes_what_sgd_takes():
    optimizer = stand_in(0.4, 0.1, momentum=0.9)
    assert rates(optimizer) == [0.4, 0.1]
    assert [group["momentum"] for group in optimizer.param_groups] == [0.9, 0.9]
    optimizer.step()  # trains nothing, and torch does not warn that the scheduler came first
    assert rates(stand_in(0.4)) == 0.4


def test_a_stand_in_needs_a_rate():
    with pytest.raises(ValueError, match="empty parameter list"):
        stand_in()
