"""A run that stops in any way goes on as if it had not; a wrong or damaged file changes nothing."""

import errno
import functools
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
from torch import nn
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
from lrsched_book._files import check_writable, write_whole
from lrsched_book.fingerprint import fingerprint

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
    r"schedule was cosine\(steps=6, .*, now it is cosine\(steps=7": lambda: other(
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
    for length in [1000, len(whole) // 2, len(whole) - 1]:
        file.write_bytes(whole[:length])
        refuses(file, r"is no complete checkpoint .*: delete it to start afresh$")


NOT_OURS = r"is no checkpoint of fit: name another file$"


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"\x80\x04N.", bytes(1000), b"PK\x03\x04rest"]
)
def test_nobody_is_told_to_delete_a_file_of_something_else(content, file):
    file.write_bytes(content)
    refuses(file, NOT_OURS)


@pytest.mark.parametrize(
    "content",
    [network().state_dict(), [1, 2, 3], {"plan": {}}, {"plan": 3, "parts": 3, "random": 3}],
)
def test_nobody_is_told_to_delete_a_model_of_his_own(content, file):
    torch.save(content, file)
    refuses(file, NOT_OURS)


def test_a_large_file_of_something_else_is_not_read(file, monkeypatch):
    with open(file, "wb") as sparse:
        sparse.truncate(2**40)  # no machine could hold it
    model = network()
    with pytest.raises(CheckpointError, match=NOT_OURS):
        run(file, model)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_checkpoint(path):
    with pytest.raises(ValueError, match=f"^checkpoint must be a file in an .* got '{path}'$"):
        run(path)


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


# --- what makes a run another one -----------------------------------------------------------------


def scaled(factor):
    """A function with a value from outside."""
    return lambda t: factor**t


def lambdas(function):
    """Runs with a torch scheduler around a function."""

    def build():
        model = network()
        optimizer = sgd(model)
        return other(
            model=lambda: model,
            optimizer=lambda _: optimizer,
            schedule=lr_scheduler.LambdaLR(optimizer, function),
        )

    return build


def scheduled(function):
    return lambda: other(schedule=Schedule(function))


def composed(function):
    return lambda: other(schedule=constant().then(Schedule(function), at=2))


def with_pixel(part, value):
    """The same data but for one pixel of the last image."""

    def build():
        data = few()
        getattr(data, part).x[-1, 0, 27, 27] = value
        return other(data=data)

    return build


class Squashed(nn.Module):
    def forward(self, x):
        return torch.tanh(x)


class Rectified(nn.Module):
    def forward(self, x):
        return torch.relu(x)


def with_activation(kind, name):
    """The network with another activation; a class of one's own under the same name."""

    def build():
        activation = type(name, (nn.Module,), {"forward": kind.forward, "__module__": __name__})
        model = network()
        model[1] = activation() if name == "Own" else kind()
        return other(model=lambda: model)

    return build


# Each pair was once taken for the same run. The two of a pair look alike when they are printed.
PAIRS = {
    "a lambda": (scheduled(lambda t: 0.9**t), scheduled(lambda t: 0.1**t)),
    "an operation": (scheduled(lambda t: 1 / (t + 1)), scheduled(lambda t: 1 / (t + 1) * 1)),
    "a function called": (scheduled(lambda t: np.exp(-t)), scheduled(lambda t: np.exp2(-t))),
    "a closure": (scheduled(scaled(0.9)), scheduled(scaled(0.8))),
    "a partial": (
        scheduled(functools.partial(np.power, 0.9)),
        scheduled(functools.partial(np.power, 0.8)),
    ),
    "inside a composition": (composed(lambda t: 0.9**t), composed(lambda t: 0.1**t)),
    "LambdaLR": (lambdas(lambda t: 0.9**t), lambdas(lambda t: 0.1**t)),
    "LambdaLR's closure": (lambdas(scaled(0.9)), lambdas(scaled(0.8))),
    "training images": (with_pixel("train", 0.0), with_pixel("train", 1.0)),
    "validation images": (with_pixel("validation", 0.0), with_pixel("validation", 1.0)),
    "activation": (with_activation(nn.ReLU, "ReLU"), with_activation(nn.Tanh, "Tanh")),
    "forward": (with_activation(Rectified, "Own"), with_activation(Squashed, "Own")),
    "clipping": (lambda: other(clip_norm=1.0), lambda: other(clip_norm=2.0)),
}
NAMES = {"training images": "training data", "validation images": "validation data",
         "activation": "model", "forward": "model", "clipping": "clip_norm"}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_what_makes_a_run_another_one_is_noticed_and_the_same_run_goes_on(name, tmp_path):
    first, second = PAIRS[name]
    file = tmp_path / "run.pt"
    whole = run(file, **first())
    assert run(file, **first()) == whole, "built once more, it is the same run"
    with pytest.raises(CheckpointError, match=f"of another run: {NAMES.get(name, 'schedule')} was"):
        run(file, **second())


def test_a_run_is_described_alike_in_every_process():
    code = """if True:
        import sys; sys.path.insert(0, "tests")
        import numpy as np
        from helpers import few, network, sgd
        from lrsched_book import Schedule
        from lrsched_book.fingerprint import describe_run
        GAMMA, SET = 0.9, {"a", "b", "c"}
        def own(t):
            return GAMMA**t + (str(t) in {"x", "y", "z"})
        model = network()
        print(describe_run(model, few(), sgd(model), Schedule(own), {}))"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert "0x" not in outputs.pop()


def test_a_global_number_that_a_function_uses_belongs_to_it():
    def two(value):
        space = {"GAMMA": value}
        exec("own = lambda t: GAMMA**t", space)
        return space["own"]

    assert fingerprint(two(0.9)) == fingerprint(two(0.9)) != fingerprint(two(0.8))


def test_functions_that_call_themselves_or_are_bound_later_have_a_fingerprint():
    def countdown(t):
        return 1.0 if t < 1 else 0.5 * countdown(t - 1)

    def early():
        return late()  # not bound yet

    assert fingerprint(countdown) != fingerprint(early)
    late = countdown
    assert callable(late)


# --- where a checkpoint may lie ------------------------------------------------------------------


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "real.pt", tmp_path / "run.pt"
    link.symlink_to(target)
    whole = run(link)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["disk", "real.pt", "run.pt"]
    assert run(link) == run(target) == whole


def test_a_folder_that_cannot_be_written_to_is_noticed_before_any_work(tmp_path, monkeypatch):
    touch = Path.touch

    def read_only(path, *arguments, **keywords):
        if path.parent == tmp_path:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        touch(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "touch", read_only)
    model = network()
    optimizer = sgd(model)
    before = state(model, optimizer)
    message = (
        r"^checkpoint must be in a folder that can be written to, got '.*run\.pt': .*Read-only"
    )
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "run.pt", model, optimizer=optimizer)
    assert identical(state(model, optimizer), before)
    monkeypatch.undo()
    run(tmp_path / "run.pt", model, optimizer=optimizer)  # nor is the optimizer bound


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_a_real_folder_that_cannot_be_written_to_is_noticed():
    with pytest.raises(ValueError, match=r"^checkpoint must be in a folder that can be written to"):
        run("/proc/self/run.pt")


def test_the_try_leaves_nothing_behind_and_does_not_touch_the_file(tmp_path):
    write_whole(tmp_path / "run.pt", b"old")
    check_writable(tmp_path / "run.pt")
    check_writable(tmp_path / "new.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
    assert (tmp_path / "run.pt").read_bytes() == b"old"


def test_a_disk_that_is_full_is_named_by_the_path_and_the_record_is_kept(tmp_path, monkeypatch):
    file = tmp_path / "run.pt"
    original, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as write(2) does: no name
        original(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*run\.pt") as caught:
        run(file, epochs=3)
    assert (caught.value.history.updates, caught.value.history.epochs) == (6, 2)
    monkeypatch.undo()
    assert run(file, epochs=3) == run(None, epochs=3), "the last good checkpoint is there"


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


def test_a_state_that_could_not_be_read_again_does_not_bind_the_optimizer(tmp_path):
    model = network()
    model.register_buffer("path", torch.zeros(1))
    optimizer = sgd(model)
    optimizer.register_state_dict_post_hook(lambda _, state: {**state, "path": tmp_path})
    with pytest.raises(CheckpointError, match=r"^checkpoint must be left out: the state"):
        run(tmp_path / "run.pt", model, optimizer=optimizer)
    assert run(None, model, optimizer=optimizer).updates == 6
