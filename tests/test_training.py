"""`fit` does what a loop written by hand does, in the right order, and refuses bad input early."""

import json
import math
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import few, identical, network, sgd, state
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler

from lrsched_book import (
    Data,
    Diverged,
    History,
    Schedule,
    WarmupPlateau,
    attach,
    constant,
    cosine,
    evaluate,
    exponential,
    fit,
    gpt,
    linear,
    linear_warmup,
    load_fashion_mnist,
    load_text,
    mlp,
    step,
    training,
)
from lrsched_book.scheduler import stand_in

EPOCHS, BATCH = 3, 20  # 50 examples: batches of 20, 20 and 10
UPDATES = 3 * EPOCHS


def by_hand(model, data, optimizer, scheduler, per, seed):
    """What `fit` promises, written down once more without its comforts."""
    order = torch.Generator().manual_seed(seed)
    model.to(memory_format=torch.channels_last)  # as `fit` does: another layout rounds differently
    rates, losses, epochs = [], [], []
    for _ in range(EPOCHS):
        model.train()
        sum_of_losses = hits = 0
        permutation = torch.randperm(len(data.train.y), generator=order)
        for start in range(0, len(permutation), BATCH):
            chosen = permutation[start : start + BATCH]
            x, y = data.train.x[chosen], data.train.y[chosen]
            optimizer.zero_grad()
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            loss.backward()
            rates.append([group["lr"] for group in optimizer.param_groups])
            losses.append(loss.item())
            optimizer.step()
            if per == "batch":
                scheduler.step()
            sum_of_losses += loss.item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
        model.eval()
        with torch.no_grad():
            x, y = data.validation
            logits = model(x)
        validation_loss = F.cross_entropy(logits, y, reduction="sum").item() / len(y)
        validation_hits = (logits.argmax(1) == y).sum().item()
        n = len(data.train.y)
        epochs.append((sum_of_losses / n, hits / n, validation_loss, validation_hits / len(y)))
        if per == "epoch":
            scheduler.step()
        if per == "plateau":
            scheduler.step(validation_loss)
    return np.array(rates), losses, np.array(epochs)


CASES = {
    "no schedule": (None, "never"),
    "ours, per batch": (cosine(UPDATES, final=0.1).with_warmup(2), "batch"),
    "ours, per epoch": (step(every=1, gamma=0.5), "epoch"),
    "torch's, per batch": (lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=9), "batch"),
    "torch's, per epoch": (lambda o: lr_scheduler.ExponentialLR(o, gamma=0.5), "epoch"),
    "plateau": (
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=9),
        "plateau",
    ),
}


@pytest.mark.parametrize("build", [
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    lambda p: torch.optim.Adam(p, lr=0.01),
], ids=["sgd", "adam"])  # fmt: skip
@pytest.mark.parametrize("name", CASES)
def test_fit_equals_a_loop_written_by_hand_to_the_last_bit(name, build):
    schedule, per = CASES[name]
    data = few()
    ours, theirs = network(dropout=0.3), network(dropout=0.3)
    optimizers = build(ours.parameters()), build(theirs.parameters())
    if isinstance(schedule, Schedule):
        schedulers = schedule, attach(optimizers[1], schedule)
    else:
        schedulers = [schedule and schedule(optimizer) for optimizer in optimizers]

    torch.manual_seed(1)  # of the dropout
    step_every = "epoch" if per in ("epoch", "plateau") else "batch"
    arguments = {"epochs": EPOCHS, "batch_size": BATCH, "step_every": step_every, "seed": 7}
    history = fit(ours, data, optimizers[0], schedulers[0], device="cpu", **arguments)
    torch.manual_seed(1)
    rates, losses, epochs = by_hand(theirs, data, optimizers[1], schedulers[1], per, seed=7)

    assert identical(ours.state_dict(), theirs.state_dict())
    assert identical(optimizers[0].state_dict(), optimizers[1].state_dict())
    np.testing.assert_array_equal(history.lr, rates[:, 0])
    np.testing.assert_array_equal(history.loss, losses)
    measured = [history.train_loss, history.train_accuracy, history.validation_loss]
    np.testing.assert_array_equal(np.transpose([*measured, history.validation_accuracy]), epochs)
    np.testing.assert_array_equal(history.update, [3, 6, 9])
    assert (len(np.unique(history.lr)) > 1) == (schedule is not None), "or the case shows nothing"


def test_the_recorded_rate_is_the_one_in_force_at_the_update():
    model = network()
    optimizer = sgd(model, lr=0.3)
    in_force = []
    optimizer.register_step_pre_hook(
        lambda optimizer, *_: in_force.append(optimizer.param_groups[0]["lr"])
    )
    history = fit(model, few(), optimizer, exponential(0.5), epochs=2, batch_size=BATCH)
    assert history.lr.tolist() == in_force == [0.3 * 0.5**t for t in range(6)]


def test_every_group_has_a_column_of_rates():
    model = network()
    groups = [{"params": model[0].parameters()}, {"params": model[4].parameters(), "lr": 0.01}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    history = fit(model, few(), optimizer, linear(4), epochs=1, batch_size=BATCH)
    np.testing.assert_allclose(history.lr, np.outer([1, 2 / 3, 1 / 3], [0.1, 0.01]))


def sequence_of_calls(monkeypatch, schedule, step_every):
    """The order in which `fit` calls what it calls, in a run of two epochs of two batches."""
    calls = []

    def spied(owner, name, shown):
        original = getattr(owner, name)

        def spy(*arguments, **keywords):
            calls.append(shown)
            return original(*arguments, **keywords)

        monkeypatch.setattr(owner, name, spy)

    model = network()
    optimizer = sgd(model)
    scheduler = schedule(optimizer)
    model.register_forward_pre_hook(
        lambda model, _: calls.append("forward") if model.training else None
    )
    optimizer.register_step_pre_hook(lambda *_: calls.append("optimizer.step"))
    spied(optimizer, "zero_grad", "zero_grad")
    spied(torch.Tensor, "backward", "backward")
    spied(History, "add_update", "record")
    spied(scheduler, "step", "scheduler.step")
    spied(training, "evaluate", "evaluate")
    spied(History, "add_epoch", "record epoch")
    spied(training.Checkpoint, "save", "save")
    fit(model, few(train=40), optimizer, scheduler, epochs=2, batch_size=20, step_every=step_every)
    return calls


def test_the_order_of_calls_per_batch(monkeypatch):
    update = ["zero_grad", "forward", "backward", "record", "optimizer.step", "scheduler.step"]
    epoch = [*update, *update, "evaluate", "record epoch", "save"]
    assert sequence_of_calls(monkeypatch, lambda o: attach(o, cosine(4)), "batch") == 2 * epoch


@pytest.mark.parametrize(
    "schedule", [lambda o: attach(o, cosine(2)), lr_scheduler.ReduceLROnPlateau]
)
def test_the_order_of_calls_per_epoch(monkeypatch, schedule):
    update = ["zero_grad", "forward", "backward", "record", "optimizer.step"]
    epoch = [*update, *update, "evaluate", "record epoch", "scheduler.step", "save"]
    assert sequence_of_calls(monkeypatch, schedule, "epoch") == 2 * epoch


def test_a_plateau_is_given_the_metric_that_was_asked_for(monkeypatch):
    model = network()
    optimizer = sgd(model)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, mode="max")
    seen = []
    monkeypatch.setattr(plateau, "step", seen.append)
    history = fit(model, few(), optimizer, plateau, epochs=2, batch_size=BATCH, step_every="epoch",
                  metric="train_accuracy")  # fmt: skip
    assert seen == history.train_accuracy.tolist()


def test_the_seed_orders_the_examples_and_leaves_the_global_generators_alone():
    def losses(seed):
        model = network()
        return fit(model, few(), sgd(model), epochs=1, batch_size=BATCH, seed=seed).loss.tolist()

    before = state()
    assert losses(0) == losses(0) != losses(1)
    assert identical(state(), before), "a network without dropout draws nothing"


def test_each_epoch_sees_every_example_once_in_a_new_order():
    seen = []
    model = network()
    model.register_forward_pre_hook(
        lambda model, inputs: seen.append(inputs[0]) if model.training else None
    )
    data = few()
    fit(model, data, sgd(model), epochs=2, batch_size=BATCH)
    assert [len(batch) for batch in seen] == [20, 20, 10] * 2, "the last batch is the rest"
    epochs = torch.cat(seen[:3]), torch.cat(seen[3:])
    whole = data.train.x.sum(dim=(1, 2, 3)).sort().values
    for epoch in epochs:
        torch.testing.assert_close(epoch.sum(dim=(1, 2, 3)).sort().values, whole)
    assert not torch.equal(*epochs)


def test_fit_trains_a_model_that_was_left_in_evaluation_mode():
    model = network(dropout=0.5).eval()
    modes = []
    model.register_forward_pre_hook(lambda model, _: modes.append(model.training))
    fit(model, few(train=20), sgd(model), epochs=2, batch_size=20)
    *checks, _, _, _, _ = modes
    assert checks == [False, False], "one for each part of the data"
    assert modes[2:] == [True, False] * 2


def test_a_run_can_go_on_with_a_second_call():
    model = network()
    optimizer = sgd(model)
    scheduler = attach(optimizer, cosine(6))
    first = fit(model, few(), optimizer, scheduler, epochs=1, batch_size=BATCH)
    with pytest.warns(UserWarning, match=r"^schedule has already taken 3 steps") as caught:
        second = fit(model, few(), optimizer, scheduler, epochs=1, batch_size=BATCH)
    assert caught[0].filename == __file__, "the warning points to the caller"
    np.testing.assert_allclose([*first.lr, *second.lr], 0.1 * cosine(6).values(6))


def test_a_chain_of_schedulers_is_taken_and_warns_when_stepped():
    model = network()
    optimizer = sgd(model)
    pieces = [lr_scheduler.StepLR(optimizer, 2), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    chain = lr_scheduler.ChainedScheduler(pieces)
    fit(model, few(), optimizer, chain, epochs=1, batch_size=BATCH)
    with pytest.warns(UserWarning, match=r"^schedule has already taken 3 steps"):
        fit(model, few(), optimizer, chain, epochs=1, batch_size=BATCH)


# --- evaluate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("training_mode", [True, False])
def test_evaluate_measures_without_dropout_and_leaves_mode_weights_and_gradients(training_mode):
    model = network(dropout=0.5).train(training_mode)
    data = few(train=7)
    before = state(model)
    loss, accuracy = evaluate(model, data.train, batch_size=3)
    assert model.training is training_mode
    assert identical(state(model), before)
    assert all(parameter.grad is None for parameter in model.parameters())
    with torch.no_grad():
        logits = model.eval()(data.train.x)
    assert loss == pytest.approx(F.cross_entropy(logits, data.train.y).item(), rel=1e-6)
    assert accuracy == (logits.argmax(1) == data.train.y).sum().item() / 7


def test_evaluate_leaves_a_part_that_was_frozen_frozen():
    model = network(dropout=0.5).train()
    list(model.modules())[-1].eval()
    before = [module.training for module in model.modules()]
    assert len(set(before)) == 2
    evaluate(model, few().test)
    assert [module.training for module in model.modules()] == before


def test_evaluate_that_fails_leaves_the_mode_as_well():
    model = network().train()
    with pytest.raises(RuntimeError):
        evaluate(model, (torch.zeros(4, 3), torch.zeros(4).long()))
    assert model.training


def test_evaluate_refuses_what_it_cannot_measure():
    empty = torch.zeros(0, 1, 28, 28), torch.zeros(0).long()
    with pytest.raises(ValueError, match=r"^examples must hold at least one example, got none$"):
        evaluate(network(), empty)
    with pytest.raises(ValueError, match=r"^examples must have a label for each .* got 20 and 19$"):
        evaluate(network(), (few().validation.x, few().validation.y[1:]))
    with pytest.raises(ValueError, match=r"^batch_size must be .* at least 1, got 0$"):
        evaluate(network(), few().test, batch_size=0)
    with pytest.raises(
        TypeError, match=r"^examples must be a pair of tensors \(x, y\), .* got Data"
    ):
        evaluate(network(), few())


# --- a loss that is not finite -------------------------------------------------------------------


def test_a_run_that_diverges_says_where_and_keeps_its_record():
    model = network()
    optimizer = sgd(model, lr=0.1)
    # Three updates at 0.1, then a rate at which no float32 stays finite for long.
    jump = constant().then(constant(1e30), at=3)
    with pytest.raises(Diverged) as caught:
        fit(model, few(), optimizer, jump, epochs=9, batch_size=BATCH, device="cpu")
    record = caught.value.history
    assert record.updates > 4
    assert not math.isfinite(record.loss[-1])
    assert np.all(np.isfinite(record.loss[:-1])), "it stops at the first one"
    assert record.lr[2] == 0.1
    assert record.lr[-1] == pytest.approx(1e29)
    last = record.updates - 1
    message = str(caught.value)
    assert message.startswith(f"the loss is {record.loss[-1]} at update {last} (epoch 2) with ")
    assert f"learning rate {record.lr[-1]}" in message
    assert record.epochs == 1


def test_divergence_passes_from_a_worker_process_to_its_parent():
    history = History()
    history.add_update(lr=0.1, loss=2.5)
    copy = pickle.loads(pickle.dumps(Diverged("the loss is nan", history)))
    assert str(copy) == "the loss is nan"
    assert copy.history == history


class Broken(nn.Module):
    """A network whose logits become NaN, in one mode, from one call on."""

    def __init__(self, training, call):
        super().__init__()
        self.network, self.when, self.calls = network(), training, -call

    def forward(self, x):
        self.calls += self.training == self.when
        return self.network(x) * (math.nan if self.calls > 0 else 1.0)


def test_no_update_is_made_with_a_loss_that_is_not_finite():
    model = Broken(training=True, call=0)
    optimizer = sgd(model, lr=0.25)
    before = state(model)[:1]
    with pytest.raises(Diverged, match=r"^the loss is nan at update 0 \(epoch 1\) .* rate 0\.25:"):
        fit(model, few(), optimizer, epochs=1, batch_size=BATCH)
    assert identical(state(model)[:1], before)


def test_a_validation_loss_that_is_not_finite_is_a_divergence_and_reaches_no_plateau(tmp_path):
    # In evaluation mode: two calls are the checks, the third is the first epoch's validation.
    model = Broken(training=False, call=3)
    optimizer = sgd(model, lr=0.1)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    file, called = tmp_path / "run.pt", []
    with pytest.raises(Diverged) as caught:
        fit(model, few(), optimizer, plateau, epochs=3, batch_size=BATCH, step_every="epoch",
            checkpoint=file, on_epoch=called.append)  # fmt: skip
    record = caught.value.history
    assert (record.updates, record.epochs) == (6, 2), "the epoch that failed is in the record"
    assert np.isfinite(record.validation_loss[0])
    assert np.isnan(record.validation_loss[1])
    assert np.isfinite(record.loss).all()
    message = r"^the validation loss is nan after update 5 \(epoch 2\) with learning rate 0\.1: low"
    assert re.match(message, str(caught.value))
    assert (plateau.last_epoch, optimizer.param_groups[0]["lr"]) == (1, 0.1)
    assert len(torch.load(file, weights_only=True)["history"]["loss"]) == 3, "nor the checkpoint"
    assert len(called) == 1


def test_a_last_update_that_explodes_is_a_divergence():
    model = mlp(widths=(784, 10))
    explosion = constant().then(constant(3e39), at=2)  # at a rate of 0.1 just below float32's limit
    with pytest.raises(Diverged, match=r"^the validation loss is (nan|inf) after update 2 "):
        fit(model, few(), sgd(model), explosion, epochs=1, batch_size=BATCH, device="cpu")


# --- what ends a run keeps its record; what is called after an epoch ------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, ZeroDivisionError])
def test_whatever_ends_a_run_carries_its_record(error):
    model, histories = network(), []

    def end(history):
        histories.append(history)
        if history.epochs == 2:
            raise error

    with pytest.raises(error) as caught:
        fit(model, few(), sgd(model), epochs=5, batch_size=BATCH, on_epoch=end)
    assert caught.value.history is histories[-1]
    assert (caught.value.history.updates, caught.value.history.epochs) == (6, 2)


def test_an_interrupt_in_mid_epoch_keeps_the_updates_that_were_made(monkeypatch):
    model = network()
    optimizer = sgd(model)
    steps = []

    def interrupt(*_):
        steps.append(1)
        if len(steps) == 5:
            raise KeyboardInterrupt

    optimizer.register_step_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(model, few(), optimizer, epochs=5, batch_size=BATCH)
    assert (caught.value.history.updates, caught.value.history.epochs) == (5, 1)


def test_after_each_epoch_the_function_is_called_with_the_record_as_it_is_then(tmp_path):
    model, seen = network(), []
    file = tmp_path / "run.pt"

    def look(history):
        saved = torch.load(file, weights_only=True)["history"]
        assert saved == history.to_dict(), "the epoch is safe before anything else is done"
        seen.append((history.updates, history.epochs, model.training))

    fit(model, few(), sgd(model), epochs=3, batch_size=BATCH, checkpoint=file, on_epoch=look)
    assert seen == [(3, 1, True), (6, 2, True), (9, 3, True)]


@pytest.mark.parametrize(
    ("answer", "epochs"), [(None, 4), (False, 4), (True, 2), (np.True_, 2), (np.False_, 4)]
)
def test_a_true_answer_ends_the_run(answer, epochs):
    model = network()
    history = fit(model, few(), sgd(model), epochs=4, batch_size=BATCH,
                  on_epoch=lambda history: history.epochs == 2 and answer)  # fmt: skip
    assert history.epochs == epochs


# --- modes ----------------------------------------------------------------------------------------


def normed(frozen=False):
    """A network with batch norm over the features of one example: it needs two examples."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.BatchNorm1d(6), nn.Linear(6, 10))
    model[2].train(not frozen)
    return model


def test_a_part_that_was_frozen_stays_frozen():
    model = normed(frozen=True)
    before = model[2].running_mean.clone()
    fit(model, few(), sgd(model), epochs=2, batch_size=BATCH)
    assert torch.equal(model[2].running_mean, before)
    assert [module.training for module in model.modules()] == [True, True, True, False, True]


def test_modes_that_a_callback_changes_are_put_back_for_the_next_epoch():
    model = normed()
    first = []

    def measure(history):
        first.append(model[2].running_mean.clone())
        model.eval()

    fit(model, few(), sgd(model), epochs=2, batch_size=BATCH, on_epoch=measure)
    assert not torch.equal(*first), "the second epoch has trained the batch norm"


# --- the kinds of data ---------------------------------------------------------------------------


def test_pixels_are_scaled_at_the_moment_of_use_to_the_same_numbers():
    data = load_fashion_mnist().take(train=60, validation=30)
    scaled = (
        (torch.from_numpy(x.numpy().astype(np.float32) / np.float32(255)), y)
        for x, y in (data.train, data.validation, data.test)
    )
    floats = Data(*scaled)
    results = []
    for one in (data, floats):
        model = network()
        history = fit(model, one, sgd(model), epochs=2, batch_size=BATCH, device="cpu")
        results.append((history, model.state_dict(), evaluate(model, one.test)))
    (bytes_history, bytes_state, bytes_test), (history, weights, test) = results
    assert bytes_history == history
    assert identical(bytes_state, weights)
    assert bytes_test == test


def test_the_test_part_is_never_looked_at():
    data = few()
    hidden = replace(data, test=(data.test.x * math.nan, data.test.y + 99))
    empty = replace(data, test=(data.test.x[:0], data.test.y[:0]))
    histories = []
    for one in (data, hidden, empty):
        model = network()
        histories.append(fit(model, one, sgd(model), epochs=2, batch_size=BATCH))
    assert histories[0] == histories[1] == histories[2]


def test_a_text_is_trained_by_the_same_loop_and_its_loss_is_the_mean_over_characters():
    data = load_text(context=8).take(train=40, validation=10)
    model = gpt(context=8, width=8, layers=1, heads=2)
    start = gpt(context=8, width=8, layers=1, heads=2)
    history = fit(model, data, sgd(model, lr=1e-30), epochs=1, batch_size=16, device="cpu")
    x, y = data.train
    with torch.no_grad():
        logits = start(x)
    hits = (logits.argmax(2) == y).double().mean().item()
    loss = F.cross_entropy(logits.transpose(1, 2), y).item()
    assert history.updates == 3
    assert history.train_loss[0] == pytest.approx(loss, rel=1e-5)
    assert history.train_accuracy[0] == pytest.approx(hits, abs=1e-12)
    x, y = data.validation
    with torch.no_grad():
        logits = start(x)
    expected = F.cross_entropy(logits.transpose(1, 2), y).item()
    assert history.validation_loss[0] == pytest.approx(expected, rel=1e-5)
    assert history.validation_accuracy[0] == (logits.argmax(2) == y).double().mean().item()


def test_an_example_may_be_a_single_number():
    y = torch.arange(40) % 10
    for x, first in ((y, nn.Embedding(10, 4)), (y.float(), nn.Unflatten(0, (-1, 1)))):
        model = nn.Sequential(first, nn.LazyLinear(10))
        model(x)
        data = Data((x, y), (x, y), (x, y))
        assert fit(model, data, sgd(model), epochs=1, batch_size=BATCH).updates == 2
        x = x.clone().float()
        x[7] = math.nan
        with pytest.raises(ValueError, match=r"in 1 examples, the first one number 7$"):
            fit(model, Data((x, y), (x, y), (x, y)), sgd(model), epochs=1, batch_size=BATCH)


@pytest.mark.parametrize("limit", [0.01, 1e6])
def test_gradients_are_clipped_by_their_global_norm(limit):
    model = network()
    optimizer = sgd(model, lr=0.1, momentum=0.0)
    norms = []

    def measure(*_):
        gradients = [parameter.grad for parameter in model.parameters()]
        norms.append(torch.cat([gradient.flatten() for gradient in gradients]).norm().item())

    optimizer.register_step_pre_hook(measure)
    fit(model, few(), optimizer, epochs=1, batch_size=BATCH, clip_norm=limit)
    if limit < 1:
        np.testing.assert_allclose(norms, limit, rtol=1e-3)
    else:
        assert 0.01 < max(norms) < 1e6


# --- errors, before any work ---------------------------------------------------------------------


def elsewhere(optimizer=None):
    return lr_scheduler.StepLR(optimizer or stand_in(0.1), 2)


def with_labels(part, value):
    data = few()
    getattr(data, part).y[-1] = value
    return data


def with_pixels(part, value, at=3):
    data = few()
    getattr(data, part).x[at:, 0, 5, 5] = value
    return data


def without(part):
    data = few()
    x, y = getattr(data, part)
    return replace(data, **{part: (x[:0], y[:0])})


def of_size(n):
    """Images of n × n pixels."""
    x = torch.zeros(50, 1, n, n)
    part = x, few().train.y
    return Data(part, part, part)


BAD = {
    "epochs 0": ({"epochs": 0}, ValueError, "^epochs must be .* at least 1, got 0$"),
    "epochs 1.5": ({"epochs": 1.5}, ValueError, "^epochs must be .* got 1.5$"),
    "batch size 0": ({"batch_size": 0}, ValueError, "^batch_size must be .* at least 1, got 0$"),
    "batch size -8": ({"batch_size": -8}, ValueError, "^batch_size must be .* got -8$"),
    "seed -1": ({"seed": -1}, ValueError, "^seed must be .* at least 0 and .*, got -1$"),
    "a step every week": (
        {"step_every": "week"},
        ValueError,
        "^step_every must be one of 'batch', 'epoch', got 'week'$",
    ),
    "an unknown metric": (
        {"metric": "f1"},
        ValueError,
        "^metric must be one of 'train_loss', .*'validation_accuracy', got 'f1'$",
    ),
    "a device there is not": (
        {"device": "cuda:99"},
        ValueError,
        "^device must be 'auto' or available, got 'cuda:99': ",
    ),
    "a device of no kind": ({"device": "abacus"}, ValueError, "^device must be .* got 'abacus': "),
    "a model that is a function": ({"model": F.relu}, TypeError, "^model must be of type Module"),
    "an optimizer by name": ({"optimizer": "sgd"}, TypeError, "^optimizer must be .* got str$"),
    "data as a tuple": (
        {"data": tuple(few().train)},
        TypeError,
        "^data must be .*Data, got tuple$",
    ),
    "a schedule as a function": (
        {"schedule": lambda t: 1.0},
        TypeError,
        "^schedule must be a Schedule, a torch LRScheduler or None, got function$",
    ),
    "the scheduler of another optimizer": (
        {"schedule": elsewhere()},
        ValueError,
        "^schedule must be built on the optimizer that is given",
    ),
    "the optimizer of another model": (
        {"optimizer": sgd(network())},
        ValueError,
        "^optimizer must hold parameters of model, but 4 of its 4 tensors",
    ),
    "a negative label": (
        {"data": with_labels("train", -1)},
        ValueError,
        r"^data\.train\.y must hold labels from 0 to 9, .* got labels from -1 to ",
    ),
    "a label too many": (
        {"data": with_labels("train", 10)},
        ValueError,
        r"^data\.train\.y must hold labels from 0 to 9, .* got labels from 0 to 10$",
    ),
    "a validation label too many": (
        {"data": with_labels("validation", 10)},
        ValueError,
        r"^data\.validation\.y must hold labels from 0 to 9, .* to 10$",
    ),
    "a NaN in the training images": (
        {"data": with_pixels("train", math.nan)},
        ValueError,
        r"^data\.train\.x must hold finite .* infinity in 47 examples, the first one number 3$",
    ),
    "an infinity in the validation images": (
        {"data": with_pixels("validation", -math.inf, at=19)},
        ValueError,
        r"^data\.validation\.x must hold finite .* in 1 examples, the first one number 19$",
    ),
    "no training data": (
        {"data": without("train")},
        ValueError,
        r"^data\.train must hold at least one example, got none",
    ),
    "no validation data": (
        {"data": without("validation")},
        ValueError,
        r"^data\.validation must hold .* got none: .*dataclasses\.replace\(data, validation=…\)$",
    ),
    "a negative factor": (
        {"schedule": Schedule(lambda t: 1 - t / 2)},
        ValueError,
        r"^schedule must give finite factors ≥ 0, got -0\.5 at step 3 of 6$",
    ),
    "a factor that is NaN": (
        {"schedule": Schedule(lambda t: np.where(t == 5, math.nan, 1.0))},
        ValueError,
        r"^schedule must give finite factors ≥ 0, got nan at step 5 of 6$",
    ),
    "an infinite factor": (
        {"schedule": Schedule(lambda t: np.where(t == 5, math.inf, 1.0))},
        ValueError,
        r"^schedule must give finite factors ≥ 0, got inf at step 5 of 6$",
    ),
    "clipping at 0": ({"clip_norm": 0}, ValueError, r"^clip_norm must be .* > 0\.0, got 0$"),
    "clipping at NaN": ({"clip_norm": math.nan}, ValueError, "^clip_norm must be .* got nan$"),
    "a callback that is none": (
        {"on_epoch": "stop"},
        TypeError,
        "^on_epoch must be a function or None, got str$",
    ),
    "a seed too large": (
        {"seed": 2**63},
        ValueError,
        "^seed must be a whole number of at least 0 and at most 9223372036854775807, got 92",
    ),
    "images of another size": (
        {"data": of_size(32)},
        ValueError,
        r"^model must take examples of shape \(1, 32, 32\) and torch\.float32: ",
    ),
    "a checkpoint in no folder": (
        {"checkpoint": "nowhere/at/all.pt"},
        ValueError,
        "^checkpoint must be a file in an existing folder, got 'nowhere/at/all.pt'$",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_argument_is_an_error_before_any_work(name):
    changes, error, message = BAD[name]
    model = network(dropout=0.5).train()
    optimizer = sgd(model)
    good = {"model": model, "data": few(), "optimizer": optimizer, "epochs": 2, "batch_size": BATCH}
    before = state(model, optimizer)
    with pytest.raises(error, match=message):
        fit(**{**good, "schedule": cosine(5), **changes})
    assert identical(state(model, optimizer), before), "weights, rates, random states"
    assert "initial_lr" not in optimizer.param_groups[0], "or a second try could not attach"
    assert model.training


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda m: torch.optim.LBFGS(m.parameters()), TypeError, "^optimizer .* got LBFGS, whose"),
        (
            lambda m: sgd(m.requires_grad_(False)),
            ValueError,
            "^optimizer must hold a parameter that is trained, but each of its 4 tensors has",
        ),
    ],
)
def test_an_optimizer_that_cannot_train_the_model_is_refused(build, error, message):
    model = network()
    optimizer = build(model)
    with pytest.raises(error, match=message):
        fit(model, few(), optimizer, cosine(5), epochs=1, batch_size=BATCH)
    assert "initial_lr" not in optimizer.param_groups[0]


def test_a_model_on_another_device_is_named_with_both():
    model = network().to("meta")
    optimizer = sgd(model)
    with pytest.raises(ValueError, match=r"^model must be on the CPU or on cpu, .* on meta$"):
        fit(model, few(), optimizer, epochs=1, batch_size=BATCH, device="cpu")


class Returns(nn.Module):
    """A model that returns something else than logits."""

    def __init__(self, what):
        super().__init__()
        self.network, self.what = network(), what

    def forward(self, x):
        return self.what(self.network(x))


OUTPUTS = {
    "tuple": (lambda logits: (logits, None), TypeError, "one tensor of floats, got tuple: wrap"),
    "dict": (lambda logits: {"logits": logits}, TypeError, "floats, got dict: wrap it"),
    "classes": (lambda logits: logits.argmax(1), TypeError, r"got Tensor of torch\.int64: wrap"),
    "one number": (lambda logits: logits[:, 0], ValueError, r"got \(2,\) for \(2,\)$"),
    "maps": (lambda logits: logits[..., None], ValueError, r"got \(2, 10, 1\) for \(2,\)$"),
    "squeezed": (lambda logits: logits[0], ValueError, r"got \(10,\) for \(2,\)$"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_model_that_returns_no_logits_is_refused(name):
    what, error, message = OUTPUTS[name]
    model = Returns(what)
    with pytest.raises(error, match=f"^model must return logits.*{message}"):
        fit(model, few(), sgd(model), epochs=1, batch_size=BATCH)


def test_labels_in_a_column_are_refused():
    data, model = few(), network()
    columns = Data(*((x, y[:, None]) for x, y in (data.train, data.validation, data.test)))
    with pytest.raises(ValueError, match=r"for labels \(n,\), .* got \(2, 10\) for \(2, 1\)$"):
        fit(model, columns, sgd(model), epochs=1, batch_size=BATCH)


@pytest.mark.parametrize("index", [-1, 64])
@pytest.mark.parametrize("part", ["train", "validation"])
def test_an_index_beyond_an_embedding_is_found_before_any_work(part, index):
    data = load_text(context=8).take(train=40, validation=20)
    model = gpt(context=8, width=8, layers=1, heads=2)
    getattr(data, part).x[17, 3] = index
    with pytest.raises(
        ValueError, match=r"^model must take examples of shape \(8,\) and torch\.int64"
    ):
        fit(model, data, sgd(model), epochs=1, batch_size=BATCH)


@pytest.mark.parametrize(("train", "batch_size"), [(41, 20), (3, 1), (1, 20)])
def test_a_last_batch_of_one_example_is_refused_for_batch_norm(train, batch_size):
    model = normed()
    optimizer = sgd(model)
    data = few(train=train)
    before = state(model, optimizer)
    with pytest.raises(
        ValueError, match=rf"^batch_size must not leave .* got {batch_size} for {train} "
    ):
        fit(model, data, optimizer, cosine(9), epochs=1, batch_size=batch_size)
    assert identical(state(model, optimizer), before)
    # The optimizer is free for a retry.
    retry = replace(data, train=few(train=40).train)
    assert fit(model, retry, optimizer, cosine(9), epochs=1, batch_size=20).updates == 2


def test_one_example_alone_is_no_problem_for_other_models_and_for_frozen_norms():
    for model in (network(), normed(frozen=True)):
        assert fit(model, few(train=41), sgd(model), epochs=1, batch_size=20).updates == 3


def test_the_largest_seed_is_taken():
    model = network()
    fit(model, few(), sgd(model), epochs=1, batch_size=BATCH, seed=2**63 - 1)


def test_factors_beyond_the_last_step_do_not_matter():
    falls = Schedule(lambda t: 1.0 - t / 1.5)  # negative from step 2 on
    model = network()
    arguments = {"batch_size": BATCH, "step_every": "epoch"}
    history = fit(model, few(), sgd(model), falls, epochs=2, **arguments)
    np.testing.assert_allclose(history.lr, 0.1 * np.repeat([1, 1 / 3], 3))
    with pytest.raises(ValueError, match=r"^schedule must give .* at step 2 of 3$"):
        fit(model, few(), sgd(model), falls, epochs=3, **arguments)


def test_a_warmup_before_a_plateau_is_stepped_after_updates_and_given_the_metric_after_epochs():
    model = network()
    optimizer = sgd(model, lr=0.4)
    plateau = WarmupPlateau(optimizer, linear_warmup(4), steps=4, factor=0.5, patience=0,
                            threshold=0.99)  # fmt: skip
    history = fit(model, few(), optimizer, plateau, epochs=4, batch_size=BATCH)
    rates = [0.1, 0.2, 0.3, 0.4, 0.4, 0.4]
    # The first metric comes in mid-warmup; the second one is the best; the third one no better.
    np.testing.assert_allclose(history.lr, [*rates, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2])
    with pytest.raises(
        ValueError, match=r"^step_every must be 'batch' for WarmupPlateau, .*'epoch'$"
    ):
        fit(model, few(), optimizer, plateau, epochs=1, batch_size=BATCH, step_every="epoch")


def test_a_plateau_cannot_be_stepped_per_batch():
    model = network()
    optimizer = sgd(model)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError, match=r"^step_every must be 'epoch' .* got 'batch'$"):
        fit(model, few(), optimizer, plateau, epochs=1, batch_size=BATCH)


def test_a_schedule_cannot_be_attached_a_second_time():
    model = network()
    optimizer = sgd(model)
    fit(model, few(), optimizer, cosine(3), epochs=1, batch_size=BATCH)
    before = state(model, optimizer)
    with pytest.raises(ValueError, match=r"^optimizer must be without a scheduler"):
        fit(model, few(), optimizer, cosine(3), epochs=1, batch_size=BATCH)
    assert identical(state(model, optimizer), before)


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="needs a GPU")
def test_an_accelerator_is_used_when_there_is_one():
    model = network()
    history = fit(model, few(), sgd(model), cosine(6), epochs=2, batch_size=BATCH)
    assert next(model.parameters()).device.type == torch.accelerator.current_accelerator().type
    np.testing.assert_allclose(history.lr, 0.1 * cosine(6).values(6))


# --- the record ----------------------------------------------------------------------------------


@pytest.fixture
def history():
    record = History()
    for update in range(4):
        record.add_update(lr=0.1 / (update + 1), loss=2.0 - update)
        if update % 2:
            record.add_epoch(
                train_loss=1.5, train_accuracy=0.25, validation_loss=1.25, validation_accuracy=0.5
            )
    return record


def test_a_history_comes_back_from_its_file(history, tmp_path):
    history.save(tmp_path / "run.json")
    loaded = History.load(tmp_path / "run.json")
    assert loaded == history
    np.testing.assert_array_equal(loaded.lr, history.lr)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_histories_differ_when_any_number_does(history):
    other = History.from_dict(history.to_dict())
    assert other == history
    other.add_update(lr=0.1, loss=0.1)
    assert other != history, "the copy shares no list with the original"
    assert history != "a history"


def test_a_history_is_a_table_of_its_epochs(history):
    table = history.to_frame()
    assert table.index.tolist() == [1, 2]
    assert table["update"].tolist() == [2, 4]
    assert table["lr"].tolist() == [0.05, 0.025], "of the last update of each epoch"
    assert list(table)[2:] == [
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
    ]
    assert "<table" in history._repr_html_()
    assert repr(history) == "History(4 updates, 2 epochs)"


def test_a_history_names_its_columns_when_one_is_not_there(history):
    with pytest.raises(AttributeError, match=r"^History has no 'speed'; it has lr, loss, update, "):
        _ = history.speed


def test_a_history_cut_short_anywhere_is_an_error(history, tmp_path):
    whole = json.dumps(history.to_dict()).encode()
    path = tmp_path / "run.json"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"run\.json is no complete history file: "):
            History.load(path)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"3", b'{"lr": [0.1]}', b"\xff\xfe\x00"])
def test_a_file_that_is_no_history_is_an_error(content, tmp_path):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.json is no complete history file: "):
        History.load(tmp_path / "run.json")


def test_a_history_of_several_rates_comes_back():
    record = History()
    for _ in range(2):
        record.add_update(lr=[0.1, 0.2], loss=1)
    assert History.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert record.lr.shape == (2, 2)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("loss", ["1.5", "1", "0", "0"]),
        ("loss", [1.0, None, 2.0, 2.0]),
        ("loss", [[1.0], [1.0], [1.0], [1.0]]),
        ("lr", [[0.1, 0.2], [0.1], [0.1, 0.2], [0.1, 0.2]]),
        ("lr", [[[0.1]], [[0.1]], [[0.1]], [[0.1]]]),
        ("update", [True, False]),
        ("train_loss", [{}, {}]),
    ],
)
def test_columns_must_hold_numbers(history, column, values):
    with pytest.raises(ValueError, match=rf"^{column} must hold numbers, got "):
        History.from_dict({**history.to_dict(), column: values})


@pytest.mark.parametrize(
    ("column", "lengths"),
    [
        ("loss", r"^lr, loss must be equally long, got \[4, 3\]$"),
        ("lr", r"^lr, loss must be equally long, got \[3, 4\]$"),
        ("validation_loss", r"^update, .* must be equally long, got \[2, 2, 2, 1, 2\]$"),
        ("update", r"^update, .* must be equally long, got \[1, 2, 2, 2, 2\]$"),
    ],
)
def test_columns_must_be_equally_long(history, column, lengths, tmp_path):
    columns = history.to_dict()
    columns[column] = columns[column][:-1]
    with pytest.raises(ValueError, match=lengths):
        History.from_dict(columns)
    (tmp_path / "run.json").write_text(json.dumps(columns))
    with pytest.raises(ValueError, match=r"run\.json is no complete history file: .* equally long"):
        History.load(tmp_path / "run.json")


def test_columns_must_be_lists(history):
    with pytest.raises(ValueError, match=r"^columns must be lr, loss, "):
        History.from_dict({**history.to_dict(), "lr": None})
