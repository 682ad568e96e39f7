"""A run that stops in any way goes on as if it had not; a wrong or damaged file changes nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import killed_run
import numpy as np
import pytest
import torch
from helpers import few, identical, network, random_states, sgd, state
from torch.optim import lr_scheduler

from lrsched_book import (
    CheckpointError,
    Diverged,
    Schedule,
    constant,
    cosine,
    fit,
    mlp,
    step,
    training,
)
from lrsched_book._files import write_whole

EPOCHS, BATCH = 4, 20  # 50 examples: three updates an epoch


# --- a kill --------------------------------------------------------------------------------------


@pytest.fixture
def start():
    """Starts `killed_run.py` with the given arguments; leaves no process behind."""
    processes = []

    def start(*arguments):
        script = Path(__file__).with_name("killed_run.py")
        command = [sys.executable, script, *map(str, arguments)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_run_killed_in_mid_epoch_ends_where_the_unbroken_one_does(start, tmp_path):
    # Update 13 of 20 is the third of epoch 3: two of its updates are lost and done again.
    killed = start(tmp_path / "run.pt", tmp_path / "never.pt", 1, 13)
    killed_run.run(tmp_path / "unbroken.pt", tmp_path / "expected.pt", seed=1)
    assert killed.stdout.readline() == "halting\n"
    killed.kill()
    assert killed.wait(timeout=60) == (-signal.SIGKILL if os.name == "posix" else 1)
    assert not (tmp_path / "never.pt").exists()
    saved = torch.load(tmp_path / "run.pt", weights_only=True)
    assert len(saved["history"]["loss"]) == 10, "the file is of the end of epoch 2"

    # With another seed: weights and random states must all come from the file.
    resumed = start(tmp_path / "run.pt", tmp_path / "result.pt", 2)
    assert resumed.wait(timeout=300) == 0
    expected, result = (
        torch.load(tmp_path / name, weights_only=True) for name in ("expected.pt", "result.pt")
    )
    assert len(result["history"]["loss"]) == 20
    for name in expected:
        assert identical(result[name], expected[name]), f"{name} differs"


# --- every scheduler and optimizer, in one process -----------------------------------------------


class Interrupted(Exception):
    """What stops the runs below in mid-epoch."""


SCHEDULES = {
    "none": (lambda o: None, "batch"),
    "ours, per batch": (lambda o: cosine(10).with_warmup(2), "batch"),
    "ours, per epoch": (lambda o: step(1, 0.5), "epoch"),
    "OneCycleLR": (lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=12), "batch"),
    "CyclicLR": (lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.3, 4, cycle_momentum=False), "batch"),
    "MultiStepLR": (lambda o: lr_scheduler.MultiStepLR(o, [2, 7]), "batch"),
    "LambdaLR": (lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.9**t), "batch"),
    "WarmRestarts": (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5), "batch"),
    "SequentialLR": (
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, 0.1, total_iters=2), lr_scheduler.CosineAnnealingLR(o, 9)],
            milestones=[3],
        ),
        "batch",
    ),
    "ChainedScheduler": (
        lambda o: lr_scheduler.ChainedScheduler(
            [lr_scheduler.ConstantLR(o, 0.5, 4), lr_scheduler.ExponentialLR(o, 0.9)]
        ),
        "batch",
    ),
    "ReduceLROnPlateau": (
        # A threshold that no loss passes: every epoch after the first reduces the rate.
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=0.9),
        "epoch",
    ),
}
OPTIMIZERS = {
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
}


@pytest.mark.filterwarnings("ignore:The epoch parameter", "ignore:Detected call of")
@pytest.mark.parametrize("optimizer_name", OPTIMIZERS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_an_interrupted_run_ends_where_the_unbroken_one_does(name, optimizer_name, tmp_path):
    build, step_every = SCHEDULES[name]

    def run(seed, checkpoint=None, stop_at=None):
        torch.manual_seed(seed)  # of the dropout
        model = network(seed=seed, dropout=0.5)
        optimizer = OPTIMIZERS[optimizer_name](model.parameters())
        updates = []

        def stop(model, _):
            if model.training:
                updates.append(1)
                if len(updates) == stop_at:
                    raise Interrupted

        model.register_forward_pre_hook(stop)
        history = fit(model, few(), optimizer, build(optimizer), epochs=EPOCHS, batch_size=BATCH,
                      step_every=step_every, device="cpu", checkpoint=checkpoint)  # fmt: skip
        return state(model, optimizer), history

    expected, whole = run(1)
    file = tmp_path / "run.pt"
    with pytest.raises(Interrupted):
        run(1, file, stop_at=8)
    assert file.exists()
    resumed, history = run(2, file)
    assert identical(resumed, expected)
    assert history == whole
    assert whole.updates == 12
    assert (len(set(whole.lr)) > 1) == (name != "none"), "or the schedule's state would not matter"


def run(file, model=None, **changes):
    """A short run with a checkpoint; `changes` are those of another run."""
    model = model or network()
    arguments = {"data": few(), "optimizer": sgd(model), "schedule": cosine(6), **changes}
    arguments = {"epochs": 2, "batch_size": BATCH, "device": "cpu", **arguments}
    return fit(model, checkpoint=file, **arguments)


@pytest.fixture
def file(tmp_path):
    """The checkpoint of a finished run."""
    run(tmp_path / "run.pt")
    return tmp_path / "run.pt"


def test_a_finished_run_is_loaded_again_without_training(file, tmp_path):
    whole = run(tmp_path / "other.pt")
    written = file.stat().st_mtime_ns
    model = network(seed=5)
    trained = []
    model.register_forward_pre_hook(lambda model, _: trained.append(model.training))
    assert run(file, model) == whole
    assert True not in trained
    assert file.stat().st_mtime_ns == written
    assert identical(model.state_dict(), torch.load(file, weights_only=True)["parts"]["model"])


def test_a_finished_run_can_be_made_longer(file):
    unbroken = run(None, epochs=4)
    assert run(file, epochs=4) == unbroken


def test_a_finished_run_cannot_be_made_shorter(file):
    refuses(file, r"holds 2 epochs, more than epochs=1$", epochs=1)


def test_without_a_checkpoint_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(None)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_is_written_after_every_epoch(tmp_path, monkeypatch):
    lengths = []

    def save(self, history):
        original(self, history)
        lengths.append(len(torch.load(self.path, weights_only=True)["history"]["loss"]))

    original = training.Checkpoint.save
    monkeypatch.setattr(training.Checkpoint, "save", save)
    run(tmp_path / "run.pt", epochs=3)
    assert lengths == [3, 6, 9]


def test_a_run_that_diverges_leaves_its_last_good_checkpoint(tmp_path):
    file = tmp_path / "run.pt"
    with pytest.raises(Diverged):
        run(file, schedule=constant().then(constant(1e30), at=3), epochs=9)
    assert len(torch.load(file, weights_only=True)["history"]["loss"]) == 3


# --- files of other runs -------------------------------------------------------------------------


def other(**changes):
    """A run that differs from the one that wrote the file; each with a model of its own."""
    model = changes.pop("model", network)()
    build = changes.pop("optimizer", sgd)
    return {"model": model, "optimizer": build(model), **changes}


OTHERS = {
    "model was Sequential": lambda: other(model=mlp),
    "batch_size was 20, now it is 10": lambda: other(batch_size=10),
    "seed was 0, now it is 3": lambda: other(seed=3),
    r"schedule was cosine\(steps=6, .*\), now it is cosine\(steps=7": lambda: other(
        schedule=cosine(7)
    ),
    r"schedule was cosine.*, now it is None": lambda: other(schedule=None),
    "optimizer was SGD .*'lr': '0.1'.*, now it is SGD .*'lr': '0.2'": lambda: other(
        optimizer=lambda model: sgd(model, lr=0.2)
    ),
    "optimizer was SGD .*, now it is Adam ": lambda: other(
        optimizer=lambda model: torch.optim.Adam(model.parameters())
    ),
    "step_every was batch, now it is epoch": lambda: other(step_every="epoch"),
    "metric was validation_loss, now it is train_loss": lambda: other(metric="train_loss"),
    "training data was": lambda: other(data=few(seed=9)),
    "batch_size was 20, now it is 5; .*seed was 0, now it is 1": lambda: other(
        batch_size=5, seed=1
    ),
}


def refuses(file, message, **changes):
    """Check that the file is refused with the message, and that nothing at all has changed."""
    changes = {**other(), **changes}
    model, optimizer = changes["model"], changes["optimizer"]
    before, content = state(model, optimizer), file.read_bytes()
    with pytest.raises(CheckpointError, match=message) as caught:
        run(file, **changes)
    assert str(file) in str(caught.value)
    assert identical(state(model, optimizer), before)
    assert "initial_lr" not in optimizer.param_groups[0], "or a second try could not attach"
    assert file.read_bytes() == content


@pytest.mark.parametrize("difference", OTHERS)
def test_the_file_of_another_run_is_refused_and_the_difference_named(difference, file):
    refuses(file, f"is of another run: .*{difference}", **OTHERS[difference]())


def test_the_file_of_another_torch_scheduler_is_refused(tmp_path):
    def with_step(size):
        model = network()
        optimizer = sgd(model)
        scheduler = lr_scheduler.StepLR(optimizer, size)
        return {"model": model, "optimizer": optimizer, "schedule": scheduler}

    file = tmp_path / "run.pt"
    run(file, **with_step(2))
    run(file, **with_step(2))
    with pytest.raises(CheckpointError, match=r"schedule was StepLR\(.*'step_size': 2"):
        run(file, **with_step(3))


# --- damaged files -------------------------------------------------------------------------------


def test_a_file_cut_short_is_refused(file):
    whole = file.read_bytes()
    for length in [0, 1, 100, len(whole) // 2, len(whole) - 1]:
        file.write_bytes(whole[:length])
        refuses(file, r"is no complete checkpoint .*: delete it to start afresh$")


@pytest.mark.parametrize("content", [b"garbage", b"\x80\x04N.", bytes(1000), b"PK\x03\x04rest"])
def test_a_file_of_something_else_is_refused(content, file):
    file.write_bytes(content)
    refuses(file, "is no complete checkpoint")


@pytest.mark.parametrize(
    "content",
    [network().state_dict(), [1, 2, 3], {"plan": {}}, {"plan": 3, "parts": 3, "random": 3}],
)
def test_a_torch_file_of_something_else_is_refused(content, file):
    torch.save(content, file)
    refuses(file, "is no complete checkpoint")


def test_an_altered_byte_is_noticed_wherever_it_matters(file):
    whole = file.read_bytes()
    saved = torch.load(file, weights_only=True)["parts"]["model"]
    noticed = 0
    for position in range(0, len(whole), len(whole) // 150):
        altered = bytearray(whole)
        altered[position] ^= 0xFF
        file.write_bytes(altered)
        model = network(seed=3)
        try:
            run(file, model)
        except CheckpointError:
            noticed += 1
        else:  # it was in the padding between the parts
            assert identical(model.state_dict(), saved)
    assert noticed > 75


# --- writing whole or not at all -----------------------------------------------------------------


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(
    failing, tmp_path, monkeypatch
):
    path = tmp_path / "run.pt"
    write_whole(path, b"old")

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new, and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask to speak of")
def test_others_may_read_the_file_if_the_umask_lets_them(tmp_path):
    before = os.umask(0o022)
    try:
        write_whole(tmp_path / "run.pt", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "run.pt").stat().st_mode & 0o777 == 0o644


def test_the_name_points_to_the_new_content_only_when_that_is_on_the_disk(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    write_whole(path, b"old")
    seen = []

    def spied(name):
        original = getattr(os, name)

        def spy(*arguments):
            seen.append((name, path.read_bytes()))
            return original(*arguments)

        monkeypatch.setattr(os, name, spy)

    spied("fsync")
    spied("replace")
    write_whole(path, b"new")
    assert seen == [("fsync", b"old"), ("replace", b"old")]
    assert path.read_bytes() == b"new"


def test_an_interrupt_while_saving_a_checkpoint_leaves_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    original = os.fsync
    calls = []

    def interrupted(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(handle)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(path, epochs=3)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == [path]
    assert run(path, epochs=3) == run(None, epochs=3)


def test_random_states_are_told_apart():
    # What the tests above rely on: `identical` sees a generator that has moved.
    before = random_states()
    torch.rand(1)
    assert not identical(random_states(), before)


# --- what a checkpoint must hold -----------------------------------------------------------------


@pytest.mark.parametrize(
    "attach",
    [
        lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.5 * (1 + np.cos(np.pi * t / 30))),
        lambda o: lr_scheduler.StepLR(o, np.int64(2), gamma=np.float64(0.5)),
        lambda o: lr_scheduler.MultiStepLR(o, np.array([5, 9])),
        lambda o: Schedule(lambda t: 1 / (1 + t)).with_warmup(3),
    ],
    ids=["LambdaLR", "StepLR", "MultiStepLR", "Schedule"],
)
def test_numbers_of_numpy_and_functions_do_not_keep_a_run_from_being_resumed(attach, tmp_path):
    def train(epochs, file=None):
        model = network()
        optimizer = sgd(model, lr=np.geomspace(0.01, 1, 3)[1])
        run(file, model, optimizer=optimizer, schedule=attach(optimizer), epochs=epochs)
        return model.state_dict()

    file = tmp_path / "run.pt"
    train(2, file)
    assert identical(train(EPOCHS, file), train(EPOCHS))


def test_a_state_that_could_not_be_read_again_is_refused_before_the_first_update(tmp_path):
    class Own(lr_scheduler.LRScheduler):
        def get_lr(self):
            self.path = Path("somewhere")  # nothing that torch.load(weights_only=True) accepts
            return self.base_lrs

    model = network()
    before = state(model)
    optimizer = sgd(model)
    file = tmp_path / "run.pt"
    with pytest.raises(CheckpointError, match=r"^checkpoint must be left out: the state"):
        run(file, model, optimizer=optimizer, schedule=Own(optimizer))
    assert identical(state(model)[0], before[0])
    assert not file.exists()
