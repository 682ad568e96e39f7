"""A range test leaves no trace, sweeps the rates it says, and reads the curve by its rules."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import few, identical, network, random_states, sgd, state
from torch import nn
from torch.nn import functional as F

from lrsched_book import Diverged, RangeTest, fit, load_fashion_mnist, mlp, range_test
from lrsched_book.plotting import plot_range_test

SMALL = {"batch_size": 5, "steps": 10}
ATTRIBUTES = ("lr", "loss", "smoothed")


class Gambler(nn.Module):
    """Everything that a test could leave behind: buffers, draws, a mode, an error on demand."""

    def __init__(self, fail_at=None):
        super().__init__()
        self.norm = nn.BatchNorm1d(784)
        self.linear = nn.Linear(784, 10)
        self.register_buffer("calls", torch.zeros(()), persistent=False)  # not in state_dict
        self.fail_at = fail_at

    def forward(self, x):
        self.calls += self.training
        if self.calls == self.fail_at:
            raise ZeroDivisionError("the model is broken")
        random.random(), np.random.random()
        return self.linear(F.dropout(self.norm(x.flatten(1)), 0.2, self.training))


def in_use(fail_at=None, lr=0.01):
    """A model in the middle of its life: momentum, running statistics, gradients, a frozen part."""
    torch.manual_seed(5)
    model = Gambler()
    optimizer = torch.optim.SGD(
        [
            {"params": [*model.norm.parameters()], "lr": lr},
            {"params": [*model.linear.parameters()]},
        ],
        lr=2 * lr,
        momentum=0.9,
    )
    fit(model, few(), optimizer, epochs=1, batch_size=10, device="cpu")
    torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)  # it wraps optimizer.step
    model.norm.eval()
    model.calls.zero_()
    model.fail_at = fail_at
    return model, optimizer


def everything(model, optimizer):
    """All that must be the same afterwards, also what no `state_dict` holds."""
    return [
        *state(model, optimizer),
        model.calls.item(),
        [module.training for module in model.modules()],
        [parameter.grad.clone() for parameter in model.parameters()],
        [parameter.requires_grad for parameter in model.parameters()],
        getattr(optimizer.step, "_wrapped_by_lr_sched", None),
        getattr(optimizer, "_opt_called", None),
    ]


def objects(model, optimizer):
    """Which tensors these are: a scheduler or the caller may hold on to them."""
    tensors = [*model.parameters(), *model.buffers(), *(p.grad for p in model.parameters())]
    held = [p for group in optimizer.param_groups for p in group["params"]]
    momenta = [optimizer.state[p]["momentum_buffer"] for p in held]
    return [id(thing) for thing in [*tensors, *held, *momenta, *optimizer.param_groups]]


@pytest.mark.parametrize("end", ["at high", "early", "exception", "refusal"])
def test_nothing_is_left_of_a_test_however_it_ends(end):
    model, optimizer = in_use(fail_at=7 if end == "exception" else None)
    before, same = everything(model, optimizer), objects(model, optimizer)
    arguments = {**SMALL, "high": 1e6 if end == "early" else 0.01, "stop_factor": 9}
    if end == "exception":
        with pytest.raises(ZeroDivisionError, match="the model is broken"):
            range_test(model, few(), optimizer, **arguments)
    elif end == "refusal":
        with pytest.raises(ValueError, match="steps"):
            range_test(model, few(), optimizer, **{**arguments, "steps": 11})
    else:
        test = range_test(model, few(), optimizer, **arguments)
        assert (len(test.lr) < 10) == (end == "early")
    assert identical(everything(model, optimizer), before)
    assert objects(model, optimizer) == same


def test_the_same_seed_gives_the_same_test_whatever_was_drawn_before_and_another_one_another():
    model, optimizer = in_use()
    first = range_test(model, few(), optimizer, **SMALL, high=0.01)
    torch.rand(3)
    again = range_test(model, few(), optimizer, **SMALL, high=0.01)
    other = range_test(model, few(), optimizer, **SMALL, high=0.01, seed=1)
    for name in ATTRIBUTES:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert (first.loss[:5] != other.loss[:5]).all()


def by_hand(model, data, optimizer, rates, batch_size, smoothing):
    """The same test as a plain loop, which uses model and optimizer up."""
    order = torch.randperm(len(data.train.y), generator=torch.Generator().manual_seed(0))
    losses, smoothed = [], []
    for index, lr in enumerate(rates):
        batch = order[index * batch_size : (index + 1) * batch_size]
        for group, ratio in zip(optimizer.param_groups, (1, 0.5), strict=False):
            group["lr"] = lr * ratio
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data.train.x[batch]), data.train.y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        weights = smoothing ** np.arange(index, -1.0, -1.0)
        smoothed.append(np.average(losses, weights=weights))
    return losses, smoothed


@pytest.mark.parametrize("smoothing", [0.0, 0.9])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("optimizer_class", [torch.optim.SGD, torch.optim.AdamW])
def test_it_is_the_plain_loop_over_a_geometric_sequence(smoothing, groups, optimizer_class):
    data, model = few(), mlp(widths=(784, 20, 10))
    parameters = [*model.parameters()]
    sets = [{"params": parameters[:1], "lr": 0.2}, {"params": parameters[1:], "lr": 0.1}]
    optimizer = optimizer_class(sets if groups == 2 else parameters, lr=0.3)
    test = range_test(
        model, data, optimizer, **SMALL, low=0.001, high=0.1, smoothing=smoothing, device="cpu"
    )
    np.testing.assert_allclose(test.lr, 0.001 * 100 ** (np.arange(10) / 9), rtol=1e-12)
    losses, smoothed = by_hand(model, data, optimizer, test.lr, 5, smoothing)
    np.testing.assert_allclose(test.loss, losses, rtol=1e-6)
    np.testing.assert_allclose(test.smoothed, smoothed, rtol=1e-6)
    assert repr(test) == "RangeTest(10 updates, rates 0.001 to 0.1)"


def test_its_batches_are_those_that_fit_would_take_with_this_seed():
    model = mlp(widths=(784, 20, 10))
    test = range_test(
        model, few(), sgd(model), **SMALL, low=1e-12, high=1e-11, seed=3, device="cpu"
    )
    history = fit(model, few(), sgd(model, lr=1e-12), epochs=1, batch_size=5, seed=3, device="cpu")
    np.testing.assert_allclose(test.loss, history.loss, rtol=1e-5)


def test_it_stops_once_the_smoothed_loss_exceeds_a_multiple_of_the_lowest():
    model = mlp(widths=(784, 20, 10))
    arguments = {**SMALL, "low": 1e-3, "high": 1e3}
    test = range_test(model, few(), sgd(model), **arguments, stop_factor=2.0)
    lowest = np.minimum.accumulate(test.smoothed)
    assert len(test.lr) < 10
    assert test.smoothed[-1] > 2.0 * lowest[-1]
    assert (test.smoothed[:-1] <= 2.0 * lowest[:-1]).all()
    np.testing.assert_allclose(test.lr, np.geomspace(1e-3, 1e3, 10)[: len(test.lr)])


def test_a_loss_that_overflows_ends_the_test_and_is_not_recorded():
    model = mlp(widths=(784, 10))
    test = range_test(model, few(), sgd(model), **SMALL, low=1e36, high=1e38, stop_factor=1e300)
    assert 1 < len(test.lr) < 10
    assert np.isfinite([getattr(test, name) for name in ATTRIBUTES]).all()


def test_on_the_sample_it_finds_a_rate_that_trains():
    model = mlp(widths=(784, 64, 10))
    optimizer, data = sgd(model), load_fashion_mnist()
    test = range_test(model, data, optimizer, batch_size=128)
    for rate in test.suggestions.values():
        assert 1e-3 < rate < 1
    assert test.smoothed.min() < 2


# --- what is read from a curve -------------------------------------------------------------------


def curve(smoothed, low=1e-4):
    """A test of one point per decade."""
    smoothed = np.array(smoothed, dtype=float)
    return RangeTest(low * 10.0 ** np.arange(len(smoothed)), smoothed, smoothed)


# Points 0 to 9 lie at 1e-4 to 1e5.
CURVES = {
    # Update 3 takes the loss from 9 to 6.
    "one descent": ([12, 11, 10, 9, 6, 4, 3, 8, 30], {"steepest": 3, "valley": 4, "minimum": 6}),
    # The longest unbroken descent is 2 to 5; two thirds along it is 4.
    "two descents": ([9, 8, 8.5, 8, 7, 6, 6.5, 3, 9], {"steepest": 6, "valley": 4, "minimum": 7}),
    # Of two equally long ones, 0 to 3 and 4 to 7, the later one counts.
    "a tie": ([9, 8, 7, 6, 6.5, 6, 5, 4, 9], {"steepest": 0, "valley": 6, "minimum": 7}),
    # A loss that spikes and comes down again is no descent: it lies beyond the minimum.
    "a spike": ([9, 7, 8, 5, 30, 25, 20, 15, 10, 8], {"steepest": 2, "valley": 2, "minimum": 3}),
    # A plateau breaks a descent.
    "a plateau": ([9, 8, 8, 7, 6, 4, 4, 9], {"steepest": 4, "valley": 4, "minimum": 5}),
    # Fallen to the last: the sweep was too short to show a minimum, and says its end.
    "still falling": ([9, 8, 7, 6, 5], {"steepest": 0, "valley": 2, "minimum": 4}),
}


@pytest.mark.parametrize("name", CURVES)
def test_the_suggestions_of_curves_with_known_answers(name):
    smoothed, at = CURVES[name]
    test = curve(smoothed)
    found = {rule: getattr(test, rule) for rule in at}
    assert found == pytest.approx({rule: 1e-4 * 10.0**index for rule, index in at.items()})
    assert test.suggestions == {
        "steepest": test.steepest,
        "valley": test.valley,
        "minimum / 10": test.minimum / 10,
    }
    assert all(type(rate) is float for rate in test.suggestions.values())


@pytest.mark.parametrize("smoothed", [[2, 3, 4, 9], [2, 2, 2], [2, 1.95, 1.92, 3], [2]], ids=str)
@pytest.mark.parametrize("rule", ["steepest", "valley", "minimum", "suggestions"])
def test_a_curve_that_does_not_fall_suggests_nothing_and_says_why(smoothed, rule):
    with pytest.raises(ValueError, match=r"never falls 5% below .* rates 0\.0001 and .* no rate"):
        getattr(curve(smoothed), rule)


def test_five_percent_are_enough():
    assert curve([2, 1.9, 3]).minimum == pytest.approx(1e-3)


def test_a_figure_marks_each_suggestion_on_the_smoothed_curve():
    test = curve(CURVES["one descent"][0])
    ax = plot_range_test(test, title="Falls, then explodes")
    assert "Falls, then explodes" in (ax.get_title(), ax.get_title(loc="left"))
    assert (ax.get_xlabel(), ax.get_xscale()) == ("learning rate of the update", "log")
    assert ax.get_ylabel() == "training loss"
    raw, smoothed, *marks = ax.lines
    for line, values in ((raw, test.loss), (smoothed, test.smoothed)):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([test.lr, values]))
    points = {mark.get_label(): mark.get_xydata()[0] for mark in marks}
    assert list(points) == ["steepest: 0.1", "valley: 1", "minimum / 10: 10"]
    np.testing.assert_allclose([*points.values()], [[0.1, 9], [1, 6], [10, 4]])


def test_a_figure_without_suggestions_says_so():
    ax = plot_range_test(curve([2, 3, 4]), title="Rises")
    assert len(ax.lines) == 2
    assert [text.get_text() for text in ax.texts] == ["no suggestion"]


# --- errors --------------------------------------------------------------------------------------

BAD = {
    "low 0": ({"low": 0}, ValueError, r"low must be .* > 0\.0, got 0"),
    "low negative": ({"low": -0.1}, ValueError, r"low must be .* > 0\.0, got -0\.1"),
    "low nan": ({"low": float("nan")}, ValueError, "low must be .* got nan"),
    "low text": ({"low": "small"}, ValueError, "low must be .* got 'small'"),
    "wrong order": ({"low": 1.0, "high": 0.1}, ValueError, r"high must be .* > 1\.0, got 0\.1"),
    "equal": ({"low": 0.1, "high": 0.1}, ValueError, r"high must be .* > 0\.1, got 0\.1"),
    "high inf": ({"high": float("inf")}, ValueError, "high must be a finite number .* got inf"),
    "steps 9": ({"steps": 9}, ValueError, "steps must be a whole number of at least 10, got 9"),
    "steps 10.0": ({"steps": 10.0}, ValueError, r"steps must be a whole .* got 10\.0"),
    "too many": (
        {"steps": 11},
        ValueError,
        "steps must be at most 10, the full batches of 5 in 50 training examples, got 11",
    ),
    "a part batch": ({"batch_size": 6}, ValueError, "at most 8, the full batches of 6 in 50"),
    "batch 0": ({"batch_size": 0}, ValueError, "batch_size must be .* at least 1, got 0"),
    "smoothing 1": ({"smoothing": 1}, ValueError, r"smoothing must be .* ≤ 0\.99, got 1"),
    "smoothing -1": ({"smoothing": -1}, ValueError, r"smoothing must be .* ≥ 0\.0"),
    "stop_factor": ({"stop_factor": 1}, ValueError, r"stop_factor must be .* > 1\.0, got 1"),
    "seed": ({"seed": -1}, ValueError, "seed must be .* at least 0 and .*, got -1"),
    "device": ({"device": "nowhere"}, ValueError, "device must be 'auto' or available"),
    "model": ({"model": "lenet"}, TypeError, "model must be of type Module, got str"),
    "data": ({"data": [1]}, TypeError, "data must be of type Data, got list"),
    "optimizer": (
        {"optimizer": iter([])},
        TypeError,
        "optimizer must be of type Optimizer, got list_iterator",
    ),
    "parameters": (
        {"optimizer": network().parameters()},
        TypeError,
        "optimizer must be of type Optimizer, got generator",
    ),
    "foreign": (
        {"optimizer": sgd(network())},
        ValueError,
        "optimizer must hold parameters of model, but 4 of its 4 tensors belong to something else",
    ),
    "classes": (
        {"model": "of 3 classes"},
        ValueError,
        r"data\.train\.y must hold labels from 0 to 2",
    ),
    "lr of group 0": (
        {"optimizer": "of two groups, the first at 0"},
        ValueError,
        r"lr of the optimizer's first group must be a finite number > 0\.0, got 0\.0",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_argument_is_refused_before_the_model_is_trained(name, monkeypatch):
    arguments, kind, message = BAD[name]
    model = network(classes=3) if name == "classes" else network()
    optimizer = sgd(model)
    if name == "lr of group 0":
        first, *rest = model.parameters()
        optimizer = torch.optim.SGD([{"params": [first], "lr": 0.0}, {"params": rest}], lr=0.1)
    monkeypatch.setattr(F, "cross_entropy", lambda *_: pytest.fail("it has begun to work"))
    usual = {"model": model, "data": few(), "optimizer": optimizer, **SMALL}
    arguments = {} if name in ("classes", "lr of group 0") else arguments
    before = random_states()
    with pytest.raises(kind, match=message):
        range_test(**{**usual, **arguments})
    assert identical(random_states(), before)


def test_a_loss_that_is_not_finite_from_the_start_is_no_fault_of_the_rate():
    model = network()
    with torch.no_grad():
        model[-1].bias[0] = float("inf")
    before = state(model)
    with pytest.raises(
        Diverged, match="nan before the first update, so no learning rate"
    ) as caught:
        range_test(model, few(), sgd(model), **SMALL)
    assert caught.value.history.updates == 0
    assert identical(state(model), before)


def test_broken_images_are_found_too():
    good = few()
    bad = replace(good, train=(torch.full_like(good.train.x, float("nan")), good.train.y))
    model = network()
    with pytest.raises(ValueError, match=r"^data\.train\.x must hold finite numbers, got NaN"):
        range_test(model, bad, sgd(model), **SMALL)


def test_only_the_training_part_is_used():
    data = few()
    empty = data.test.x[:0], data.test.y[:0]
    tests = []
    for one in (data, replace(data, validation=empty, test=empty)):
        model = network()
        tests.append(range_test(model, one, sgd(model), **SMALL))
    np.testing.assert_array_equal(tests[0].loss, tests[1].loss)


def test_a_first_group_at_rate_zero_matters_only_if_there_are_others():
    model = network()
    assert len(range_test(model, few(), sgd(model, lr=0.0), **SMALL, high=0.1).lr) == 10


def test_an_optimizer_with_attributes_of_its_own_is_copied_whole():
    class Own(torch.optim.Optimizer):
        def __init__(self, parameters, lr):
            super().__init__(parameters, {"lr": lr})
            self.scale = 1.0

        @torch.no_grad()
        def step(self):
            for group in self.param_groups:
                for weight in group["params"]:
                    weight -= self.scale * group["lr"] * weight.grad

    model = network()
    test = range_test(model, few(train=200), Own(model.parameters(), 0.1), batch_size=20, steps=10)
    assert len(test.lr) == 10
