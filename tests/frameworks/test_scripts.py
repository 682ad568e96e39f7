"""The scripts of examples/ use the planned rates, log them, and are warned of a faulty plan.

Each is run as it stands, and with other sizes. The rates are read where torch is about to use
them, whatever a script says of itself.
"""

import math
import os
import re
import runpy
import subprocess
import sys
import tempfile
import warnings
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import optax
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.optim.optimizer import register_optimizer_step_pre_hook

import lrsched_book as lb

ROOT = Path(__file__).resolve().parents[2]
PEAK, EPOCHS, BATCH = 0.1, 3, 8
TORCH = ["raw_loop", "lightning_trainer", "hf_trainer", "accelerate_loop", "ignite_engine"]
TRAINERS = ["lightning_trainer", "hf_trainer"]  # whose callback diagnoses
# The tag of the rate, and which update stands at a step of the log, k micro-batches each.
LOGS = {
    "lightning_trainer": ("lr-SGD", lambda step, k: step),
    "hf_trainer": ("train/learning_rate", lambda step, k: step - 1),
    "accelerate_loop": ("rate", lambda step, k: step),
    "ignite_engine": ("lr/group_0", lambda step, k: (step - 1) // k),
}
# Examples and micro-batches an update. In the last two an epoch ends with an incomplete group.
AS_IT_STANDS = 160, 2
SIZES = [AS_IT_STANDS, (160, 1), (152, 2), (160, 3)]
ON_CPU = {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}


def planned(updates):
    return PEAK * lb.cosine(updates - 4, final=0.01).with_warmup(4).values(updates)


def updates_of(name, examples, accumulate, processes=1):
    batches = math.ceil(examples / BATCH / processes)
    if name == "ignite_engine":  # where a group goes on in the next epoch
        return EPOCHS * batches // accumulate
    return EPOCHS * math.ceil(batches / accumulate)


def sized(examples, accumulate):
    """The changes to a script that make it so large."""
    return ("160", str(examples)), ("= 0.1, 3, 2", f"= 0.1, 3, {accumulate}")


def script_with(changes, name, folder):
    text = (ROOT / "examples" / f"{name}.py").read_text("utf-8")
    for was, now in changes:
        assert was in text, f"{name} has no {was!r} to change"
        text = text.replace(was, now)
    script = folder / f"{name}.py"
    script.write_text(text, "utf-8")
    return script


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a script with some of its text changed; return its names, the rates and the warnings.

    What was run so already is not run again.
    """

    @cache
    def run(name, *changes):
        script, used = script_with(changes, name, tmp_path_factory.mktemp(name)), []
        watch = register_optimizer_step_pre_hook(partial(note_rate, used))
        try:
            with (
                pytest.MonkeyPatch.context() as patch,
                warnings.catch_warnings(record=True) as caught,
            ):
                patch.setattr(tempfile, "tempdir", str(script.parent))  # its logs, too
                warnings.simplefilter("always")
                names = runpy.run_path(str(script), run_name="__main__")
        finally:
            watch.remove()
        return names, np.array(used), [str(each.message) for each in caught]

    return run


def note_rate(used, optimizer, *_):
    (rate,) = {group["lr"] for group in optimizer.param_groups}
    used.append(rate)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", TORCH)
def test_each_update_uses_the_planned_rate(run, name, size, capsys):
    names, used, _ = run(name, *sized(*size))
    wanted = planned(updates_of(name, *size))
    assert used.shape == wanted.shape
    off = np.abs(used - wanted).max() / PEAK
    with capsys.disabled():
        print(f"\n{name:<18} {size[0]} examples, {size[1]} an update: {len(used)} rates, {off:.1g}")
    assert off <= 1e-15, "a last bit of the peak"
    assert names["used"] == used.tolist(), "what it shows is what was used"


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", LOGS)
def test_the_log_has_the_rate_of_each_update(run, name, size):
    names, used, _ = run(name, *sized(*size))
    tag, update_at = LOGS[name]
    logged = {}
    for file in Path(names["FOLDER"]).rglob("events.out.tfevents.*"):
        events = EventAccumulator(str(file), size_guidance={"scalars": 0}).Reload()
        for event in events.Scalars(tag) if tag in events.Tags()["scalars"] else []:
            logged.setdefault(update_at(event.step, size[1]), set()).add(event.value)
    after_the_last = logged.keys() - range(len(used))
    assert not after_the_last or name == "ignite_engine", "micro-batches of no update"
    single = used.astype(np.float32).tolist()  # as TensorBoard keeps them
    assert [logged[update] for update in range(len(used))] == [{rate} for rate in single]


def diagnoses(messages):
    return [message for message in messages if re.search(r" over [\d,]+ updates:", message)]


@pytest.mark.parametrize("name", TRAINERS)
def test_a_sound_plan_draws_no_warning(run, name):
    _, _, messages = run(name, *sized(*AS_IT_STANDS))
    assert not diagnoses(messages)


FAULTS = {
    "too long": (("steps - 4", "steps * 10"), "horizon-outside-run"),
    "rises to the end": (("with_warmup(4)", "with_warmup(100)"), "never-reaches-peak"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", TRAINERS)
def test_the_callback_warns_once_of_a_faulty_plan(run, name, fault):
    change, code = FAULTS[fault]
    _, used, messages = run(name, change)
    (message,) = diagnoses(messages)
    assert "over 30 updates:" in message
    assert code in message
    assert len(used) == 30, "it warns, and the run goes on"


def test_lightnings_callback_warns_of_a_plan_that_is_stepped_once_an_epoch(run):
    change = ('"interval": "step"', '"interval": "epoch"')
    _, used, messages = run("lightning_trainer", change)
    (message,) = diagnoses(messages)
    assert "over 3 updates:" in message
    assert "never-reaches-peak" in message
    assert len(set(used)) == EPOCHS, "as it was foreseen"


def test_a_resumed_run_is_not_diagnosed_again(run):
    resumed = SimpleNamespace(global_step=5)  # whatever else is asked of it raises
    run("lightning_trainer")[0]["Diagnose"]().on_train_start(resumed, None)
    run("hf_trainer")[0]["Diagnose"]().on_train_begin(None, resumed, None, None, None)


def test_the_table_is_what_optax_uses(run):
    names, _, _ = run("optax_curve")
    wanted = planned(30).astype(names["table"].dtype)  # float32, unless JAX was told otherwise
    assert names["used"] == wanted.tolist()
    optimizer, gradient = optax.sgd(names["rate"]), np.ones(1, wanted.dtype)
    state = optimizer.init(gradient)
    for rate in [*wanted, wanted[-1]]:  # past the end it stays
        change, state = optimizer.update(gradient, state)
        assert -change == rate


def test_with_two_processes_the_plan_has_half_the_updates(tmp_path):
    """Accelerate steps a scheduler that `prepare` was given twice an update then."""
    exact = ('f"{rate:.4f}"', "repr(rate)")
    script = script_with([exact], "accelerate_loop", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), **ON_CPU},
    )
    assert not done.returncode, done.stderr
    *_, line, _ = done.stdout.splitlines()  # the first process's: the other prints nothing
    used = np.array(line.split(), float)
    wanted = planned(updates_of("accelerate_loop", *AS_IT_STANDS, processes=2))
    assert used.shape == wanted.shape
    assert np.abs(used - wanted).max() <= 1e-15 * PEAK


def test_a_script_is_short_enough_to_be_read_at_once():
    for script in (ROOT / "examples").glob("*.py"):
        lines = script.read_text("utf-8").splitlines()
        assert sum(map(bool, lines)) <= 40, script.name
