"""Facts about torch that the chapters state, checked on the torch that is installed.

None of this tests our package. A test here that turns red means: torch has changed, so re-read
the chapters that its docstring names, and correct them. What torch repairs is good news, and the
test then asserts the repaired behaviour. Numbers with # are issues of pytorch/pytorch.
"""

import copy
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from helpers import stepped
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR

from lrsched_book import rates
from lrsched_book.scheduler import stand_in


def linear_then_cosine(o, **more):
    parts = [torchs.LinearLR(o, 0.1, total_iters=5), torchs.CosineAnnealingLR(o, T_max=5)]
    return torchs.SequentialLR(o, parts, milestones=[5], **more)


def constant_then_decay(o, **more):
    parts = [torchs.ConstantLR(o, 0.1, total_iters=3), torchs.ExponentialLR(o, gamma=0.9)]
    return torchs.SequentialLR(o, parts, milestones=[3], **more)


def half_and_decay(o, **more):
    parts = [torchs.ConstantLR(o, 0.5, total_iters=10), torchs.ExponentialLR(o, gamma=0.5)]
    return torchs.ChainedScheduler(parts, **more)


# One of each class, to be built on an optimizer of rate 1.
BUILD = {
    "LambdaLR": partial(torchs.LambdaLR, lr_lambda=lambda t: 0.5**t),
    "MultiplicativeLR": partial(torchs.MultiplicativeLR, lr_lambda=lambda t: 0.5),
    "StepLR": partial(torchs.StepLR, step_size=2, gamma=0.5),
    "MultiStepLR": partial(torchs.MultiStepLR, milestones=[1, 2], gamma=0.5),
    "ConstantLR": partial(torchs.ConstantLR, factor=0.5, total_iters=10),
    "LinearLR": partial(torchs.LinearLR, start_factor=0.1, total_iters=10),
    "ExponentialLR": partial(torchs.ExponentialLR, gamma=0.5),
    "PolynomialLR": partial(torchs.PolynomialLR, total_iters=10),
    "CosineAnnealingLR": partial(torchs.CosineAnnealingLR, T_max=10),
    "CosineAnnealingWarmRestarts": partial(torchs.CosineAnnealingWarmRestarts, T_0=10),
    "CyclicLR": partial(torchs.CyclicLR, base_lr=0.1, max_lr=1.0, step_size_up=10),
    "OneCycleLR": partial(torchs.OneCycleLR, max_lr=1.0, total_steps=20),
    "ReduceLROnPlateau": partial(torchs.ReduceLROnPlateau, factor=0.5, patience=0),
    "SequentialLR": linear_then_cosine,
    "ChainedScheduler": half_and_decay,
    "SWALR": partial(SWALR, swa_lr=0.05, anneal_epochs=8),
}
every_class = pytest.mark.parametrize("name", BUILD)
INF = float("inf")
in_silence = pytest.mark.filterwarnings("error")


def used(scheduler, updates):
    """The rates of so many updates; a plateau is given a metric that never moves."""
    plateau = isinstance(scheduler, torchs.ReduceLROnPlateau)
    return stepped(scheduler, updates, [1.0] * updates if plateau else None).tolist()


def new_group(lr):
    return {"params": [torch.zeros(1, requires_grad=True)], "lr": lr}


def with_initial_lr():
    """What the documentation asks of an optimizer before `last_epoch` may be given."""
    optimizer = stand_in(1.0, momentum=0.9)
    optimizer.param_groups[0]["initial_lr"] = 1.0
    return optimizer


# --- stepping ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slopes", "weight"), [([INF], 1.0), ([0.25, INF], 0.75)])
def test_a_scheduler_advances_although_the_grad_scaler_skipped_the_update(slopes, weight):
    """Chapter 14. #44511, #55585, #67590. It warns only if the first update is the skipped one."""
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = torchs.ExponentialLR(optimizer, gamma=0.5)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for slope in slopes:
            optimizer.zero_grad()
            scaler.scale(parameter.sum() * slope).backward()
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
    assert parameter.item() == weight
    assert scaler.get_scale() == 2.0**15, "halved: this is how a skipped update shows"
    assert (scheduler.last_epoch, rates(optimizer)) == (len(slopes), 0.5 ** len(slopes))
    blamed = ["lr_scheduler.step()` before `optimizer.step()" in str(w.message) for w in caught]
    assert blamed == ([True] if slopes == [INF] else [])


def test_a_scheduler_stepped_before_its_optimizer_warns_and_loses_its_first_rate():
    """Chapter 14. #20124. It warns at the first step only."""
    optimizer = stand_in(1.0)
    scheduler = torchs.ExponentialLR(optimizer, gamma=0.5)
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        scheduler.step()
    assert rates(optimizer) == 0.5, "1.0 was never used"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()


def test_get_lr_is_not_the_rate_in_use():
    """Chapter 14, and appendix C for the course notes. #31871, #22107."""
    optimizer = stand_in(1.0)
    scheduler = torchs.StepLR(optimizer, step_size=2, gamma=0.5)
    stepped(scheduler, 2)
    assert rates(optimizer) == scheduler.get_last_lr()[0] == 0.5
    with pytest.warns(UserWarning, match=r"please use `get_last_lr\(\)`"):
        assert scheduler.get_lr() == [0.25]


@in_silence
def test_torch_does_not_notice_a_schedule_stepped_too_rarely_or_too_often():
    """Chapters 03, 12 and 14. #65417: per epoch what was meant per batch, and the reverse."""
    per_batch = torchs.OneCycleLR(stand_in(1.0, momentum=0.9), 1.0, total_steps=100)
    assert stepped(per_batch, 10).max() == pytest.approx(0.25063, abs=1e-5), "the peak would be 1"
    per_epoch = torchs.CosineAnnealingLR(stand_in(1.0), T_max=10)
    assert stepped(per_epoch, 21)[[10, 20]] == pytest.approx([0.0, 1.0]), "back at its peak"


@in_silence
def test_a_warmup_from_zero_wastes_its_first_update_unnoticed():
    """Chapters 11 and 14. A LambdaLR that counts from 0; transformers#34754 is the same."""
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    torchs.LambdaLR(optimizer, lambda t: min(1, t / 4))
    parameter.sum().backward()
    optimizer.step()
    assert parameter.item() == 1.0


# --- resuming ------------------------------------------------------------------------------------

# Resumed after three updates by optimizer.load_state_dict, then a new scheduler, then its
# load_state_dict: the next two rates, and those of the unbroken run. Other classes do not differ.
RESUMED_OPTIMIZER_FIRST = {
    # one update at the rate of the start
    "LambdaLR": ([1.0, 0.0625], [0.125, 0.0625]),
    "CosineAnnealingWarmRestarts": ([1.0, 0.654508], [0.793893, 0.654508]),
    "CyclicLR": ([0.1, 0.46], [0.37, 0.46]),
    "OneCycleLR": ([0.04, 0.908328], [0.668328, 0.908328]),
    # wrong for the rest of the run: the factor of the start is applied a second time
    "ConstantLR": ([0.25, 0.25], [0.5, 0.5]),
    "LinearLR": ([0.037, 0.046], [0.37, 0.46]),
    "SequentialLR": ([0.1, 0.128125], [0.64, 0.82]),
    "ChainedScheduler": ([0.03125, 0.015625], [0.0625, 0.03125]),
}


def a_run_of_three_updates(name):
    scheduler = BUILD[name](stand_in(1.0, momentum=0.9))
    used(scheduler, 3)
    saved = copy.deepcopy([scheduler.optimizer.state_dict(), scheduler.state_dict()])
    return used(scheduler, 2), *saved


@every_class
def test_a_scheduler_built_after_the_optimizer_was_loaded_may_overwrite_its_rate(name):
    """Chapters 13 and 14. #119168, #65342. Built before, it never does."""
    unbroken, optimizer_state, scheduler_state = a_run_of_three_updates(name)
    late = stand_in(1.0, momentum=0.9)
    late.load_state_dict(optimizer_state)
    late = BUILD[name](late)
    late.load_state_dict(copy.deepcopy(scheduler_state))
    wrong, right = RESUMED_OPTIMIZER_FIRST.get(name, (unbroken, unbroken))
    assert used(late, 2) == pytest.approx(wrong, abs=1e-6)
    assert unbroken == pytest.approx(right, abs=1e-6)

    early = BUILD[name](stand_in(1.0, momentum=0.9))
    early.load_state_dict(copy.deepcopy(scheduler_state))
    early.optimizer.load_state_dict(optimizer_state)
    assert used(early, 2) == unbroken


def test_a_sequential_scheduler_given_last_epoch_starts_its_first_piece_again():
    """Chapters 13 and 14. #162591."""
    assert stepped(constant_then_decay(stand_in(1.0)), 8)[6] == pytest.approx(0.729)
    resumed = constant_then_decay(with_initial_lr(), last_epoch=5)
    assert resumed.last_epoch == 6
    assert used(resumed, 2) == pytest.approx([0.1, 0.09])


def test_warm_restarts_given_last_epoch_have_the_wrong_cycle_length():
    """Chapters 09 and 14. #88791."""
    whole = torchs.CosineAnnealingWarmRestarts(stand_in(1.0), T_0=3, T_mult=2)
    stepped(whole, 10)
    resumed = torchs.CosineAnnealingWarmRestarts(with_initial_lr(), T_0=3, T_mult=2, last_epoch=9)
    assert (whole.T_cur, whole.T_i, resumed.T_cur, resumed.T_i) == (1, 12, 1, 6)
    assert rates(whole.optimizer) == pytest.approx(0.982963, abs=1e-6)
    assert rates(resumed.optimizer) == pytest.approx(0.933013, abs=1e-6)


@pytest.mark.parametrize(
    "name", [n for n in BUILD if n not in ("ReduceLROnPlateau", "SequentialLR", "ChainedScheduler")]
)
def test_last_epoch_on_a_fresh_optimizer_is_a_key_error(name):
    """Chapter 14. #160626. A plateau and a chain take no last_epoch; a sequence's parts raise."""
    with pytest.raises(KeyError, match="param 'initial_lr' is not specified in param_groups"):
        BUILD[name](stand_in(1.0, momentum=0.9), last_epoch=5)


FROM_LAST_EPOCH = {"LambdaLR": 0.5**7, "CosineAnnealingWarmRestarts": 0.206107}
NOT_COMPUTED = ["StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "CyclicLR"]
NOT_COMPUTED += ["LinearLR", "ConstantLR", "PolynomialLR", "MultiplicativeLR"]


@pytest.mark.parametrize("name", [*FROM_LAST_EPOCH, *NOT_COMPUTED])
def test_last_epoch_computes_the_rate_of_two_classes_and_leaves_the_others_at_the_start(name):
    """Chapters 09 and 14. #102261. They trust the rate that the optimizer has."""
    scheduler = BUILD[name](with_initial_lr(), last_epoch=6)
    assert scheduler.last_epoch == 7
    assert rates(scheduler.optimizer) == pytest.approx(FROM_LAST_EPOCH.get(name, 1.0), abs=1e-6)


def test_a_new_rate_is_lost_when_the_states_are_loaded():
    """Chapter 14. #156846."""
    _, optimizer_state, scheduler_state = a_run_of_three_updates("LambdaLR")
    scheduler = BUILD["LambdaLR"](stand_in(0.3, momentum=0.9))
    scheduler.load_state_dict(scheduler_state)
    scheduler.optimizer.load_state_dict(optimizer_state)
    assert scheduler.base_lrs == [1.0]
    assert used(scheduler, 2) == [0.125, 0.0625]


@pytest.mark.parametrize(("name", "then"), [("LambdaLR", 0.5), ("ExponentialLR", 0.15)])
def test_a_rate_written_by_hand_lasts_one_update_or_for_good_depending_on_the_class(name, then):
    """Chapters 08, 13 and 14. #156846: a closed form forgets it, a recursion goes on from it."""
    scheduler = BUILD[name](stand_in(1.0))
    scheduler.optimizer.param_groups[0]["lr"] = 0.3
    assert used(scheduler, 2) == [0.3, then]


# A first scheduler was built at rate 1, then the rate set to 0.2, then the second one built.
REBUILT = {
    "LambdaLR": [1.0, 0.5],
    "ConstantLR": [0.1, 0.1],
    "LinearLR": [0.02, 0.038],
    "CosineAnnealingLR": [0.2, 0.195106],
    "CosineAnnealingWarmRestarts": [1.0, 0.975528],
    "CyclicLR": [1.0, 0.19],  # though its base rate is 0.1
    "SequentialLR": [0.1, 0.28],
}


@pytest.mark.parametrize("name", REBUILT)
def test_a_second_scheduler_takes_initial_lr_for_its_peak_not_the_rate_it_finds(name):
    """Chapters 04, 09, 13 and 14. Some go on from the rate all the same, some return to the old."""
    optimizer = stand_in(1.0, momentum=0.9)
    torchs.ExponentialLR(optimizer, gamma=0.5)
    optimizer.param_groups[0]["lr"] = 0.2
    scheduler = BUILD[name](optimizer)
    assert optimizer.param_groups[0]["initial_lr"] == 1.0
    assert used(scheduler, 2) == pytest.approx(REBUILT[name], abs=1e-6)


def test_one_cycle_refuses_to_step_past_its_end_even_if_a_longer_run_has_loaded_its_state():
    """Chapters 12 and 14. #38170."""
    short, longer = (
        torchs.OneCycleLR(stand_in(1.0, momentum=0.9), 1.0, total_steps=n) for n in (4, 8)
    )
    stepped(short, 4)
    longer.load_state_dict(short.state_dict())
    for one_cycle in (short, longer):
        with pytest.raises(ValueError, match=r"Tried to step 5 times\. .* total steps is 4"):
            stepped(one_cycle, 1)


@pytest.mark.parametrize("cls", [torchs.LambdaLR, torchs.MultiplicativeLR])
def test_functions_are_not_saved_only_the_attributes_of_callable_objects(cls):
    """Chapters 06, 13 and 14."""

    class Decay:
        def __init__(self, gamma):
            self.gamma = gamma

        def __call__(self, t):
            return self.gamma

    state = cls(stand_in(1.0, 1.0), [lambda t: 0.5, Decay(0.5)]).state_dict()
    assert state["lr_lambdas"] == [None, {"gamma": 0.5}]
    loaded = cls(stand_in(1.0, 1.0), [lambda t: 0.1, Decay(0.1)])
    loaded.load_state_dict(state)
    assert [function(1) for function in loaded.lr_lambdas] == [0.1, 0.5]


def test_cyclic_lr_empties_the_state_it_is_given_so_that_it_loads_once():
    """Chapters 09 and 14. The other classes leave the state as it was."""
    state = BUILD["CyclicLR"](stand_in(1.0)).state_dict()
    BUILD["CyclicLR"](stand_in(1.0)).load_state_dict(state)
    with pytest.raises(KeyError, match="_scale_fn_custom"):
        BUILD["CyclicLR"](stand_in(1.0)).load_state_dict(state)


# --- shape ---------------------------------------------------------------------------------------


def test_cosine_annealing_rises_again_after_t_max():
    """Chapter 08."""
    cosine = stepped(torchs.CosineAnnealingLR(stand_in(1.0), T_max=5), 11)
    assert cosine[[0, 4, 5, 6, 10]] == pytest.approx([1, 0.095492, 0, 0.095492, 1], abs=1e-6)


def test_cosine_annealing_built_again_at_the_end_of_the_first_stays_at_zero_for_a_whole_run():
    """Chapters 08 and 14. #78003. It leaves zero at step T_max + 1 only."""
    optimizer = stand_in(1.0)
    stepped(torchs.CosineAnnealingLR(optimizer, T_max=5), 5)
    again = stepped(torchs.CosineAnnealingLR(optimizer, T_max=5), 7)
    assert again == pytest.approx([0, 0, 0, 0, 0, 0, 0.095492], abs=1e-6)


def test_warm_restarts_never_reach_eta_min():
    """Chapter 09. #47560."""
    restarts = torchs.CosineAnnealingWarmRestarts(stand_in(1.0), T_0=4, eta_min=0.1)
    once = [1.0, 0.868198, 0.55, 0.231802]
    assert stepped(restarts, 9) == pytest.approx([*once, *once, 1.0], abs=1e-6)


@pytest.mark.parametrize("growth", [0, 0.5, 1.5, 2.0])
def test_warm_restarts_refuse_to_shrink_or_to_grow_by_a_fraction(growth):
    """Chapter 09. #95122, #62640."""
    with pytest.raises(ValueError, match=f"Expected integer T_mult >= 1, but got {growth}"):
        torchs.CosineAnnealingWarmRestarts(stand_in(1.0), T_0=4, T_mult=growth)


@pytest.mark.parametrize(("shape", "after"), [("linear", -0.142853), ("cos", 0.0495194)])
def test_one_cycle_bounces_back_or_turns_negative_after_its_last_update(shape, after):
    """Chapter 12. #91765: the step that follows the last update sets this rate."""
    optimizer = stand_in(1.0, momentum=0.9)
    one_cycle = torchs.OneCycleLR(optimizer, 1.0, total_steps=10, anneal_strategy=shape)
    assert stepped(one_cycle, 10)[-1] == pytest.approx(4e-6)
    assert rates(optimizer) == pytest.approx(after, abs=1e-6)


def test_one_cycle_without_a_fall_divides_by_zero_at_its_last_step():
    """Chapter 12."""
    all_rise = torchs.OneCycleLR(stand_in(1.0), 1.0, total_steps=10, pct_start=1.0)
    used(all_rise, 9)
    with pytest.raises(ZeroDivisionError):
        all_rise.step()


def test_one_cycle_of_three_phases_that_do_not_fit_never_reaches_its_end():
    """Chapter 12. Rise and fall take pct_start each, so above one half the run ends in the fall."""
    plan = torchs.OneCycleLR(stand_in(1.0), 1.0, 100, pct_start=0.6, three_phase=True)
    assert used(plan, 100)[-1] > 0.25


@pytest.mark.parametrize(("steps", "share"), [(2, 0.5), (10, 0.1), (100, 0.01)])
def test_one_cycle_divides_by_zero_when_its_warmup_is_one_update_long(steps, share):
    """Chapter 12. #180187. Not only a run of two steps: pct_start · total_steps = 1 is enough."""
    with pytest.raises(ZeroDivisionError):
        torchs.OneCycleLR(stand_in(1.0, momentum=0.9), 1.0, steps, pct_start=share)


def test_linear_lr_refuses_to_start_at_zero_and_sticks_at_a_third_when_it_has_no_steps():
    """Chapter 11. #86454, #193682."""
    with pytest.raises(ValueError, match="expected to be greater than 0 and less or equal to 1"):
        torchs.LinearLR(stand_in(1.0), start_factor=0)
    no_steps = torchs.LinearLR(stand_in(1.0), total_iters=0)
    assert stepped(no_steps, 4) == pytest.approx([1 / 3] * 4)


def test_constant_lr_of_factor_zero_crashes_in_mid_run():
    """Chapter 05. #185006, #194712."""
    scheduler = torchs.ConstantLR(stand_in(1.0), factor=0, total_iters=3)
    assert used(scheduler, 2) == [0, 0]
    with pytest.raises(ZeroDivisionError):
        stepped(scheduler, 1)


# --- momentum and groups -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "momenta"),
    [("OneCycleLR", [0.95, 0.940451, 0.915451]), ("CyclicLR", [0.9, 0.89, 0.88])],
)
@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.SGD])
@in_silence
def test_one_cycle_and_cyclic_move_the_momentum_unasked(name, momenta, optimizer):
    """Chapters 09 and 12. Adam's β1 from 0.9; an SGD that was built without is given momentum."""
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = optimizer([parameter], lr=1.0)
    assert optimizer.defaults.get("momentum", 0) == 0
    scheduler, group = BUILD[name](optimizer), optimizer.param_groups[0]
    for momentum in momenta:
        assert group.get("momentum", group.get("betas", [0])[0]) == pytest.approx(momentum)
        parameter.sum().backward()
        optimizer.step()
        scheduler.step()
    assert {"momentum_buffer", "exp_avg"} & set(optimizer.state[parameter]), "it is really used"


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
def test_cycle_momentum_is_refused_by_an_optimizer_that_has_neither_momentum_nor_betas(name):
    """Chapters 09 and 12. The default is cycle_momentum=True."""
    adagrad = torch.optim.Adagrad([torch.zeros(1, requires_grad=True)])
    with pytest.raises(ValueError, match="must support momentum or beta1 with `cycle_momentum`"):
        BUILD[name](adagrad)
    BUILD[name](adagrad, cycle_momentum=False)


@pytest.mark.parametrize(("name", "rate"), [("OneCycleLR", 0.04), ("CyclicLR", 0.1)])
def test_one_cycle_and_cyclic_overwrite_the_groups_own_rates(name, rate):
    """Chapters 09 and 12. A list of rates, one for each group, keeps them apart."""
    scheduler = BUILD[name](stand_in(0.5, 0.001))
    assert rates(scheduler.optimizer) == pytest.approx([rate, rate])
    apart = torchs.OneCycleLR(stand_in(0.5, 0.001), [0.5, 0.001], total_steps=10)
    assert rates(apart.optimizer) == pytest.approx([0.02, 0.00004])


# A group of rate 0.3 is added to the optimizer of a scheduler; its next four rates.
# Where the scheduler has scaled the first group at its start, the new one outgrows its rate.
ADDED_GROUP = {
    "StepLR": [0.3, 0.3, 0.15, 0.15],
    "MultiStepLR": [0.3, 0.15, 0.075, 0.075],
    "ConstantLR": [0.3, 0.3, 0.3, 0.3],
    "LinearLR": [0.3, 0.57, 0.84, 1.11],
    "ExponentialLR": [0.3, 0.15, 0.075, 0.0375],
    "PolynomialLR": [0.3, 0.27, 0.24, 0.21],
    "CosineAnnealingLR": [0.3, 0.292658, 0.271353, 0.238168],
    "ReduceLROnPlateau": [0.3, 0.3, 0.15, 0.075],
    "SequentialLR": [0.3, 0.84, 1.38, 1.92],
    "ChainedScheduler": [0.3, 0.15, 0.075, 0.0375],
    "LambdaLR": (ValueError, "zip"),
    "MultiplicativeLR": (ValueError, "zip"),
    "CosineAnnealingWarmRestarts": (ValueError, "zip"),
    "CyclicLR": (ValueError, "zip"),
    "OneCycleLR": (KeyError, "initial_lr"),
    "SWALR": (KeyError, "swa_lr"),
}


@every_class
def test_a_group_added_later_is_scaled_from_its_own_rate_or_the_next_step_raises(name):
    """Chapter 14. #79888."""
    scheduler = BUILD[name](stand_in(1.0, momentum=0.9))
    scheduler.optimizer.add_param_group(new_group(lr=0.3))
    expected = ADDED_GROUP[name]
    if isinstance(expected, list):
        assert np.array(used(scheduler, 4))[:, 1] == pytest.approx(expected, abs=1e-6)
    else:
        with pytest.raises(expected[0], match=expected[1]):
            used(scheduler, 1)


@pytest.mark.parametrize(("name", "end"), [("LinearLR", 3.0), ("ConstantLR", 0.6)])
def test_a_group_added_during_a_warmup_ends_far_above_its_own_rate(name, end):
    """Chapters 11 and 14. #79888. Divided by a start_factor that was never applied to it."""
    scheduler = BUILD[name](stand_in(1.0))
    scheduler.optimizer.add_param_group(new_group(lr=0.3))
    stepped(scheduler, 10)
    assert rates(scheduler.optimizer) == pytest.approx([1.0, end])


def test_cosine_annealing_takes_an_added_group_until_t_max_and_then_raises():
    """Chapters 08 and 14. #79888."""
    scheduler = torchs.CosineAnnealingLR(stand_in(1.0), T_max=10)
    scheduler.optimizer.add_param_group(new_group(lr=0.3))
    stepped(scheduler, 10)
    with pytest.raises(ValueError, match="zip"):
        stepped(scheduler, 1)


def test_an_eta_min_above_the_rate_of_a_group_makes_it_rise():
    """Chapter 08."""
    cosine = torchs.CosineAnnealingLR(stand_in(1e-5, 0.1), T_max=4, eta_min=1e-3)
    small, large = stepped(cosine, 5).T
    assert small == pytest.approx([1e-5, 1.54982e-4, 5.05e-4, 8.55018e-4, 1e-3], rel=1e-5)
    assert large == pytest.approx([0.1, 0.0855018, 0.0505, 0.0154982, 0.001], rel=1e-5)


# --- composition, plateau ------------------------------------------------------------------------


def test_sequences_and_chains_refuse_a_plateau():
    """Chapters 10 and 13. #68978."""
    optimizer = stand_in(1.0)
    parts = [torchs.ExponentialLR(optimizer, 0.9), torchs.ReduceLROnPlateau(optimizer)]
    with pytest.raises(ValueError, match="SequentialLR does not support `ReduceLROnPlateau`"):
        torchs.SequentialLR(optimizer, parts, milestones=[3])
    with pytest.raises(ValueError, match="ChainedScheduler does not support `ReduceLROnPlateau`"):
        torchs.ChainedScheduler(parts)


@pytest.mark.parametrize(("eta_min", "chained", "product"), [(0, 0.5, 0.5), (0.1, 0.565226, 0.55)])
def test_a_chain_is_the_product_of_its_parts_only_while_eta_min_is_zero(eta_min, chained, product):
    """Chapter 13. A linear warmup and a cosine, at step 5."""
    warmup = partial(torchs.LinearLR, start_factor=0.1, total_iters=5)
    cosine = partial(torchs.CosineAnnealingLR, T_max=10, eta_min=eta_min)
    optimizer = stand_in(1.0)
    chain = torchs.ChainedScheduler([warmup(optimizer), cosine(optimizer)])
    assert stepped(chain, 6)[5] == pytest.approx(chained, abs=1e-6)
    alone = stepped(warmup(stand_in(1.0)), 6) * stepped(cosine(stand_in(1.0)), 6)
    assert alone[5] == pytest.approx(product)


def test_a_chain_saves_its_parts_but_counts_no_steps_itself():
    """Chapter 13. Code that asks a scheduler for last_epoch fails on a chain."""
    chain = BUILD["ChainedScheduler"](stand_in(1.0))
    stepped(chain, 3)
    assert not hasattr(chain, "last_epoch")
    assert not hasattr(chain, "base_lrs")
    state = chain.state_dict()
    assert [part["last_epoch"] for part in state["_schedulers"]] == [3, 3]
    assert state["_last_lr"] == [0.0625]


@every_class
def test_verbose_is_gone(name):
    """Chapter 10, and appendix C for the course notes. Removed in 2.7: #111302, #147301."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'verbose'"):
        BUILD[name](stand_in(1.0, momentum=0.9), verbose=True)


def plateau(metrics, **arguments):
    scheduler = torchs.ReduceLROnPlateau(stand_in(1.0), factor=0.5, patience=0, **arguments)
    return stepped(scheduler, len(metrics), metrics).tolist()


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_relative_plateau_takes_a_stalled_negative_metric_for_progress(mode):
    """Chapter 10. #47513, #38622. The same metric above zero, or threshold_mode="abs", reduces."""
    reduced = [1.0, 1.0, 0.5, 0.25]
    assert plateau([-1.0] * 4, mode=mode) == [1.0] * 4
    assert plateau([-1.0] * 4, mode=mode, threshold_mode="abs") == reduced
    assert plateau([1.0] * 4, mode=mode) == reduced


def test_a_relative_plateau_does_notice_a_negative_metric_that_clearly_gets_worse():
    """Chapter 10. #47513. Not "never": a step of more than the threshold counts, a creep not."""
    assert plateau([-1.0, -0.9, -0.8, -0.7]) == [1.0, 1.0, 0.5, 0.25]
    creeping = [-1.0 + 0.00005 * step for step in range(30)]
    assert plateau(creeping) == [1.0] * 30, "each a little worse, and each taken for the best"


@in_silence
def test_a_sequence_neither_warns_of_the_epoch_argument_nor_starts_at_a_wrong_rate():
    """Chapter 13. #116776, #72874: both repaired."""
    sequence = constant_then_decay(stand_in(1.0))
    assert used(sequence, 6) == pytest.approx([0.1, 0.1, 0.1, 1.0, 0.9, 0.81])
