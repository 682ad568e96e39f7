"""A trace shows what stepping would do and touches nothing; a schedule attaches as a scheduler."""

import copy
import io
import warnings

import numpy as np
import pytest
import torch
from helpers import few, identical, network, sgd, state, stepped, weightless
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

from lrsched_book import ScheduleLR, attach, constant, cosine, exponential, linear, rates, trace

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
    scheduler = silently(EVERY[name], weightless(*peaks, momentum=0.9))
    twin = silently(EVERY[name], weightless(*peaks, momentum=0.9))
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
    F.cross_entropy(model(data.train_x), data.train_y).backward()
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
    scheduler = silently(EVERY[name], weightless(0.8, momentum=0.9))
    whole = trace(scheduler, STEPS, **metrics_for(scheduler))
    silently(stepped, scheduler, 9, **metrics_for(scheduler, 9))
    rest = {"metrics": METRICS[9:]} if metrics_for(scheduler) else {}
    with pytest.warns(UserWarning, match=f"^{type(scheduler).__name__} has already taken 9 steps"):
        traced = trace(scheduler, STEPS - 9, **rest)
    np.testing.assert_array_equal(traced, whole[9:])


def test_a_fresh_scheduler_is_traced_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace(attach(weightless(0.1), cosine(5)), 5)


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
    traced = trace(lr_scheduler.LambdaLR(weightless(1.0, 2.0), lambdas), 5)
    np.testing.assert_array_equal(traced[:, 0], [0.25, 0.5, 0.75, 1, 1])
    np.testing.assert_array_equal(traced[:, 1], 2.0)


def test_an_object_that_counts_its_calls_is_not_used_up():
    class Counter:
        calls = 0

        def __call__(self, t):
            self.calls += 1
            return 1 / self.calls

    counter = Counter()
    scheduler = lr_scheduler.LambdaLR(weightless(1.0), counter)
    np.testing.assert_allclose(trace(scheduler, 3), [1, 1 / 2, 1 / 3])
    assert counter.calls == 1, "only the scheduler's constructor called it"


def test_steps_past_the_end_of_one_cycle_are_torchs_error():
    with pytest.raises(ValueError, match="total steps"):
        trace(TORCHS["OneCycleLR"](weightless(0.1, momentum=0.9)), STEPS + 2)


@pytest.mark.parametrize("steps", [0, -1, 2.5, None, True])
def test_steps_must_be_a_whole_number(steps):
    with pytest.raises(ValueError, match=f"^steps must be a whole number .* got {steps}$"):
        trace(attach(weightless(0.1), cosine(5)), steps)


@pytest.mark.parametrize("thing", [cosine(5), None, 0.1])
def test_only_a_torch_scheduler_is_traced(thing):
    with pytest.raises(TypeError, match=r"^scheduler must be a torch LRScheduler, got "):
        trace(thing, 5)


def test_metrics_are_for_plateaus_and_one_per_step():
    plateau = TORCHS["ReduceLROnPlateau"](weightless(0.1))
    with pytest.raises(
        ValueError, match=r"^metrics must hold one number per step .* got None for R"
    ):
        trace(plateau, 3)
    with pytest.raises(ValueError, match=r"^metrics must hold 3 numbers, one per step, got 2$"):
        trace(plateau, 3, metrics=[1, 2])
    with pytest.raises(ValueError, match=r"^metrics .* be left out .* for StepLR"):
        trace(TORCHS["StepLR"](weightless(0.1)), 3, metrics=[1, 2, 3])


# --- a schedule as a scheduler -------------------------------------------------------------------


def test_attaching_sets_the_rate_of_the_first_update():
    optimizer = weightless(0.4, 0.8)
    scheduler = attach(optimizer, constant(0.5))
    assert isinstance(scheduler, lr_scheduler.LRScheduler)
    assert rates(optimizer) == scheduler.get_last_lr() == [0.2, 0.4]


def test_the_state_goes_through_a_file_that_is_loaded_safely():
    scheduler = attach(weightless(0.4, 0.8), cosine(20).with_warmup(5))
    stepped(scheduler, 8)
    file = io.BytesIO()
    torch.save(scheduler.state_dict(), file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert "schedule" not in loaded, "the schedule is code, not state"

    resumed = attach(weightless(0.4, 0.8), cosine(20).with_warmup(5))
    resumed.load_state_dict(loaded)
    resumed.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    assert identical(resumed.state_dict(), scheduler.state_dict())
    np.testing.assert_array_equal(stepped(resumed, 20), stepped(scheduler, 20))


def test_a_lower_peak_can_be_attached_after_the_optimizers_rate_is_set():
    optimizer = weightless(0.4)
    optimizer.param_groups[0]["lr"] = 0.1
    assert trace(attach(optimizer, linear(3)), 3).tolist() == [0.1, 0.05, 0.0]


def test_an_optimizer_with_a_scheduler_takes_no_second_one():
    optimizer = weightless(0.4)
    lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    with pytest.raises(ValueError, match=r"^optimizer must be without a scheduler, .*=0\.4 from"):
        attach(optimizer, cosine(5))


def test_a_group_from_a_checkpoint_is_refused_too():
    old = weightless(0.4)
    stepped(attach(old, exponential(0.5)), 3)
    new = weightless(0.4)
    new.load_state_dict(old.state_dict())
    with pytest.raises(ValueError, match="group 0 has initial_lr"):
        attach(new, cosine(5))
    assert new.param_groups[0]["lr"] == old.param_groups[0]["lr"]


def test_schedule_lr_checks_its_arguments():
    with pytest.raises(TypeError, match=r"^optimizer must be a torch Optimizer, got Linear$"):
        ScheduleLR(torch.nn.Linear(1, 1), cosine(5))
    with pytest.raises(TypeError, match=r"^schedule must be a Schedule, got function$"):
        ScheduleLR(weightless(0.1), lambda t: 1.0)


def test_rates_are_plain_numbers():
    assert rates(weightless(0.1)) == 0.1
    assert rates(weightless(0.1, 0.2)) == [0.1, 0.2]
    tensor = torch.optim.Adam([torch.zeros(1)], lr=torch.tensor(0.5))
    assert type(rates(tensor)) is float


def test_trace_follows_a_scheduler_that_holds_on_to_the_groups():
    class Holding(torch.optim.lr_scheduler.LRScheduler):
        def __init__(self, optimizer):
            self.groups = optimizer.param_groups
            super().__init__(optimizer)

        def get_lr(self):
            return [group["lr"] * (0.9 if self.last_epoch else 1) for group in self.groups]

    optimizer = weightless(0.1)
    assert np.allclose(trace(Holding(optimizer), 3), [0.1, 0.09, 0.081])
    assert optimizer.param_groups[0]["lr"] == 0.1
