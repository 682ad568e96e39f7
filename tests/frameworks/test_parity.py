"""Every plan of other libraries is one line of this package, and both agree at every step."""

import re
import warnings
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from ignite.engine import Engine, Events
from plans import PEAK, PLANS
from timm import scheduler as timm
from torch.optim import lr_scheduler
from transformers import SchedulerType

import lrsched_book

jax.config.update("jax_enable_x64", True)

# The shapes that stay functions of one's own: hardly anybody uses them.
OF_ONES_OWN = {"cosine, k-decay", "poly, k-decay", "tanh"}
THE_NAMES_WE_USE = {**vars(lrsched_book), "PEAK": PEAK, "np": np}


def sgd():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=PEAK)


def by_torch(plan):
    """The rate in the optimizer at each update, when torch's or a like scheduler is stepped."""
    optimizer = sgd()
    scheduler = plan.theirs(optimizer)
    follows_metric = isinstance(scheduler, lr_scheduler.ReduceLROnPlateau)
    follows_metric |= type(scheduler).__name__ == "GreedyLR"
    for _ in range(plan.updates):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step(1.0) if follows_metric else scheduler.step()


def by_timm(plan):
    optimizer = sgd()
    scheduler = plan.theirs(optimizer)
    for epoch in range(plan.updates):
        scheduler.step(epoch, metric=1.0)
        yield optimizer.param_groups[0]["lr"]


def by_ignite(plan):
    optimizer, used = sgd(), []
    trainer = Engine(lambda engine, batch: used.append(optimizer.param_groups[0]["lr"]))
    trainer.add_event_handler(Events.ITERATION_STARTED, plan.theirs(optimizer))
    trainer.run([0] * plan.updates)
    return used


def by_optax(plan):
    return jax.vmap(plan.theirs)(jnp.arange(plan.updates, dtype=float))


BY = {
    "transformers": by_torch,
    "torch": by_torch,
    "timm": by_timm,
    "ignite": by_ignite,
    "optax": by_optax,
}


def ours(plan):
    return eval(plan.ours, dict(THE_NAMES_WE_USE))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.library}: {plan.name}")
def test_one_line_is_the_plan_at_every_step(plan):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="torch|timm")
        theirs = np.array([float(rate) for rate in BY[plan.library](plan)])
    values = PEAK * ours(plan).values(plan.updates)
    assert theirs.shape == (plan.updates,)
    np.testing.assert_allclose(values, theirs, rtol=0, atol=1e-9 * PEAK)
    assert "constant" in plan.name or np.ptp(theirs) > 0.3 * np.max(theirs), "or it says nothing"


def test_no_line_needs_a_lambda_or_a_plus_one():
    for plan in PLANS:
        assert plan.name in OF_ONES_OWN or "lambda" not in plan.ours, plan
        assert plan.name in OF_ONES_OWN or not re.search(r"[+-] *1\b(?!\.)", plan.ours), plan
        assert ";" not in plan.ours
        assert "\n" not in plan.ours
    assert {plan.name for plan in PLANS if "lambda" in plan.ours} == OF_ONES_OWN


def test_what_is_printed_makes_the_same_plan_again():
    for plan in PLANS:
        if plan.name not in OF_ONES_OWN:
            assert eval(repr(ours(plan)), dict(THE_NAMES_WE_USE)) == ours(plan)


def test_the_table_is_as_long_as_it_should_be():
    count = Counter(plan.library for plan in PLANS)
    assert count.total() >= 79
    assert len({(plan.library, plan.name) for plan in PLANS}) == count.total()
    least = {"transformers": 20, "torch": 22, "timm": 15, "ignite": 3, "optax": 19}
    assert all(count[library] >= least[library] for library in least), count


def names(library):
    """The first words of a library's rows: what is left when a variant is said after a comma."""
    return {re.split(r"[ ,]", plan.name)[0] for plan in PLANS if plan.library == library}


def test_every_name_of_get_scheduler_is_in_the_table():
    assert {kind.value for kind in SchedulerType} == names("transformers")


def test_every_scheduler_of_torch_is_in_the_table():
    classes = {
        name
        for name, value in vars(lr_scheduler).items()
        if isinstance(value, type) and issubclass(value, lr_scheduler.LRScheduler)
    }
    assert classes - {"LRScheduler", "_LRScheduler"} <= names("torch")


def test_every_schedule_of_optax_is_in_the_table():
    # The rest of that module injects hyperparameters into an optimizer, or is a type.
    makers = {
        name for name in vars(optax.schedules) if re.search(r"^[a-z]\w*_(schedule|decay)$", name)
    }
    assert makers | {"join_schedules"} == names("optax")


def test_every_scheduler_of_timm_is_in_the_table():
    classes = {name for name in vars(timm) if name.endswith("LRScheduler")}
    classes -= {"PlateauLRScheduler"}  # follows a metric, and timm is about to remove it
    rows = {plan.theirs.func.__name__ for plan in PLANS if plan.library == "timm"}
    assert classes <= rows


# --- under jit -----------------------------------------------------------------------------------


def test_a_table_of_rates_is_a_schedule_under_jit():
    schedule = lrsched_book.cosine(90).with_warmup(10)
    rates = jnp.asarray(PEAK * schedule.values(100))

    @jax.jit
    def descend(count, x):
        return count + 1, x - rates[count] * 2 * x, rates[count]

    count, x, used = jnp.zeros((), int), jnp.ones(()), []
    for _ in range(100):
        count, x, rate = descend(count, x)
        used.append(float(rate))
    np.testing.assert_array_equal(used, PEAK * schedule.values(100))
    assert float(descend(jnp.asarray(500), x)[2]) == used[-1], "past the end: the last rate"


def test_a_table_of_rates_drives_an_optimizer_of_optax():
    schedule = lrsched_book.linear(gaps=90).with_warmup(gaps=10)
    rates = jnp.asarray(PEAK * schedule.values(100))
    optimizer = optax.sgd(learning_rate=lambda count: rates[count])
    weight = jnp.ones(())
    state = optimizer.init(weight)
    update = jax.jit(optimizer.update)
    for step in range(100):
        change, state = update(jnp.ones(()), state)
        assert float(-change) == pytest.approx(PEAK * schedule(step), abs=1e-15)
