"""`fit` does what a loop written by hand does, in the right order, and refuses bad input early."""

import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import few, identical, network, sgd, state, weightless
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler

from lrsched_book import (
    Diverged,
    History,
    attach,
    constant,
    cosine,
    evaluate,
    exponential,
    fit,
    linear,
    step,
    training,
)

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
        permutation = torch.randperm(len(data.train_y), generator=order)
        for start in range(0, len(permutation), BATCH):
            chosen = permutation[start : start + BATCH]
            x, y = data.train_x[chosen], data.train_y[chosen]
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
            logits = model(data.test_x)
        test_loss = F.cross_entropy(logits, data.test_y, reduction="sum").item() / len(data.test_y)
        test_hits = (logits.argmax(1) == data.test_y).sum().item()
        n = len(data.train_y)
        epochs.append((sum_of_losses / n, hits / n, test_loss, test_hits / len(data.test_y)))
        if per == "epoch":
            scheduler.step()
        if per == "plateau":
            scheduler.step(test_loss)
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
    if callable(getattr(schedule, "attach", None)):
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
    measured = [history.train_loss, history.train_accuracy, history.test_loss]
    np.testing.assert_array_equal(np.transpose([*measured, history.test_accuracy]), epochs)
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
    assert sequence_of_calls(monkeypatch, cosine(4).attach, "batch") == 2 * epoch


@pytest.mark.parametrize("schedule", [cosine(2).attach, lr_scheduler.ReduceLROnPlateau])
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
    whole = data.train_x.sum(dim=(1, 2, 3)).sort().values
    for epoch in epochs:
        torch.testing.assert_close(epoch.sum(dim=(1, 2, 3)).sort().values, whole)
    assert not torch.equal(*epochs)


def test_fit_trains_a_model_that_was_left_in_evaluation_mode():
    model = network(dropout=0.5).eval()
    modes = []
    model.register_forward_pre_hook(lambda model, _: modes.append(model.training))
    fit(model, few(train=20), sgd(model), epochs=2, batch_size=20)
    check, *epochs = modes
    assert check is False
    assert epochs == [True, False] * 2


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
    loss, accuracy = evaluate(model, data.train_x, data.train_y, batch_size=3)
    assert model.training is training_mode
    assert identical(state(model), before)
    assert all(parameter.grad is None for parameter in model.parameters())
    with torch.no_grad():
        logits = model.eval()(data.train_x)
    assert loss == pytest.approx(F.cross_entropy(logits, data.train_y).item(), rel=1e-6)
    assert accuracy == (logits.argmax(1) == data.train_y).sum().item() / 7


def test_evaluate_leaves_a_part_that_was_frozen_frozen():
    model = network(dropout=0.5).train()
    list(model.modules())[-1].eval()
    before = [module.training for module in model.modules()]
    assert len(set(before)) == 2
    evaluate(model, few().test_x, few().test_y)
    assert [module.training for module in model.modules()] == before


def test_evaluate_that_fails_leaves_the_mode_as_well():
    model = network().train()
    with pytest.raises(RuntimeError):
        evaluate(model, torch.zeros(4, 3), torch.zeros(4).long())
    assert model.training


@pytest.mark.parametrize(("images", "labels"), [(0, 0), (3, 2)])
def test_evaluate_needs_as_many_labels_as_images(images, labels):
    x, y = torch.zeros(images, 1, 28, 28), torch.zeros(labels).long()
    with pytest.raises(ValueError, match=f"^x and y must be .* got {images} and {labels}$"):
        evaluate(network(), x, y)


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


def test_no_update_is_made_with_a_loss_that_is_not_finite():
    model = network()
    optimizer = sgd(model, lr=0.25)
    data = few()
    data.train_x[:] = math.nan
    before = state(model, optimizer)[:1]
    with pytest.raises(Diverged, match=r"^the loss is nan at update 0 \(epoch 1\) .* rate 0\.25:"):
        fit(model, data, optimizer, epochs=1, batch_size=BATCH)
    assert identical(state(model)[:1], before)


# --- errors, before any work ---------------------------------------------------------------------


def elsewhere(optimizer=None):
    return lr_scheduler.StepLR(optimizer or weightless(0.1), 2)


def with_labels(part, value):
    data = few()
    labels = getattr(data, part).clone()
    labels[-1] = value
    return replace(data, **{part: labels})


BAD = {
    "epochs 0": ({"epochs": 0}, ValueError, "^epochs must be .* at least 1, got 0$"),
    "epochs 1.5": ({"epochs": 1.5}, ValueError, "^epochs must be .* got 1.5$"),
    "batch size 0": ({"batch_size": 0}, ValueError, "^batch_size must be .* at least 1, got 0$"),
    "batch size -8": ({"batch_size": -8}, ValueError, "^batch_size must be .* got -8$"),
    "seed -1": ({"seed": -1}, ValueError, "^seed must be .* at least 0, got -1$"),
    "a step every week": (
        {"step_every": "week"},
        ValueError,
        "^step_every must be one of 'batch', 'epoch', got 'week'$",
    ),
    "an unknown metric": (
        {"metric": "f1"},
        ValueError,
        "^metric must be one of 'train_loss', .*'test_accuracy', got 'f1'$",
    ),
    "a device there is not": (
        {"device": "cuda:99"},
        ValueError,
        "^device must be 'auto' or available, got 'cuda:99': ",
    ),
    "a device of no kind": ({"device": "abacus"}, ValueError, "^device must be .* got 'abacus': "),
    "a model that is a function": ({"model": F.relu}, TypeError, "^model must be of type Module"),
    "an optimizer by name": ({"optimizer": "sgd"}, TypeError, "^optimizer must be .* got str$"),
    "data as a tuple": ({"data": few().parts}, TypeError, "^data must be .*Data, got tuple$"),
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
        {"data": with_labels("train_y", -1)},
        ValueError,
        "^train_y must hold labels from 0 to 9, .* got labels from -1 to ",
    ),
    "a label too many": (
        {"data": with_labels("train_y", 10)},
        ValueError,
        "^train_y must hold labels from 0 to 9, .* got labels from 0 to 10$",
    ),
    "a test label too many": (
        {"data": with_labels("test_y", 10)},
        ValueError,
        "^test_y must hold labels from 0 to 9, .* to 10$",
    ),
    "images of another size": (
        {"data": replace(few(), train_x=torch.zeros(50, 1, 32, 32))},
        ValueError,
        r"^model must take images of shape \(1, 32, 32\): ",
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
    good = {"model": model, "data": few(), "optimizer": optimizer, "epochs": 1, "batch_size": BATCH}
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


def test_a_model_that_does_not_classify_is_refused():
    model = nn.Conv2d(1, 3, 5)
    with pytest.raises(ValueError, match=r"^model must return logits \(n, classes\), got \(1, 3,"):
        fit(model, few(), sgd(model), epochs=1, batch_size=BATCH)


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
            record.add_epoch(train_loss=1.5, train_accuracy=0.25, test_loss=1.25, test_accuracy=0.5)
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
    assert list(table)[2:] == ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
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


def test_columns_must_be_lists(history):
    with pytest.raises(ValueError, match=r"^columns must be lr, loss, "):
        History.from_dict({**history.to_dict(), "lr": None})
