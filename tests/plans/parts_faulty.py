"""What the faulty plans are made of: small optimizers, others' schedules, resumed runs."""

import math
from functools import partial

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, SequentialLR


def sgd(*rates, **arguments):
    """SGD with one group for each rate."""
    groups = [{"params": [torch.zeros(1)], "lr": rate} for rate in rates]
    return torch.optim.SGD(groups, lr=rates[0], **arguments)


def adam(*rates):
    """AdamW with one group for each rate."""
    return torch.optim.AdamW([{"params": [torch.zeros(1)], "lr": rate} for rate in rates])


def scaled(rate, *scales):
    """AdamW whose groups carry an `lr_scale`, as timm's and MAE's layer decay make them."""
    groups = [{"params": [torch.zeros(1)], "lr_scale": scale} for scale in scales]
    return torch.optim.AdamW(groups, lr=rate)


def by_hand(rate, function):
    """A LambdaLR over a formula of one's own; `rate` may be an optimizer."""
    optimizer = rate if isinstance(rate, torch.optim.Optimizer) else adam(rate)
    return LambdaLR(optimizer, function)


# --- Hugging Face's get_scheduler: a LambdaLR over a partial -------------------------------------
def _linear(step, *, num_warmup_steps, num_training_steps):
    if step < num_warmup_steps:
        return step / max(1, num_warmup_steps)
    left, length = num_training_steps - step, num_training_steps - num_warmup_steps
    return max(0.0, left / max(1, length))


def _cosine(step, *, num_warmup_steps, num_training_steps, num_cycles=0.5):
    if step < num_warmup_steps:
        return step / max(1, num_warmup_steps)
    share = (step - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    return max(0.0, (1 + math.cos(2 * math.pi * num_cycles * share)) / 2)


def _hard_restarts(step, *, num_warmup_steps, num_training_steps, num_cycles=1):
    if step < num_warmup_steps:
        return step / max(1, num_warmup_steps)
    share = (step - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    return max(0.0, (1 + math.cos(math.pi * (num_cycles * share % 1))) / 2) if share < 1 else 0.0


def _polynomial(step, *, num_warmup_steps, num_training_steps, power=1.0, final=1e-3):
    if step < num_warmup_steps:
        return step / max(1, num_warmup_steps)
    share = (step - num_warmup_steps) / (num_training_steps - num_warmup_steps)
    return final if share > 1 else (1 - final) * (1 - share) ** power + final


_SHAPES = {
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _hard_restarts,
    "polynomial": _polynomial,
}


def hf(name, rate, warmup, total, **arguments):
    """`get_scheduler(name, optimizer, warmup, total)`; `rate` may be an optimizer."""
    arguments |= {"num_warmup_steps": warmup, "num_training_steps": total}
    return by_hand(rate, partial(_SHAPES[name], **arguments))


# --- classes that many repositories carry --------------------------------------------------------
class WarmupCosine(LRScheduler):
    """Linear warmup from a start rate, then a cosine to a floor, over `total` steps in all."""

    def __init__(self, optimizer, warmup, total, start=0.0, floor=0.0):
        self.warmup_epochs, self.max_epochs = warmup, total
        self.warmup_start_lr, self.eta_min = start, floor
        super().__init__(optimizer)

    def get_lr(self):
        t, warmup, start, floor = (
            self.last_epoch,
            self.warmup_epochs,
            self.warmup_start_lr,
            self.eta_min,
        )
        if t < warmup:
            share = t / max(1, warmup - 1)
            return [start + share * (base - start) for base in self.base_lrs]
        wave = (1 + math.cos(math.pi * (t - warmup) / (self.max_epochs - warmup))) / 2
        return [floor + wave * (base - floor) for base in self.base_lrs]


class WarmRestarts(LRScheduler):
    """Cycles of a linear warmup and a cosine between two rates; the upper one shrinks by gamma."""

    def __init__(self, optimizer, cycle, high, low, warmup=0, gamma=1.0):
        self.first_cycle_steps, self.warmup_steps, self.gamma = cycle, warmup, gamma
        self.max_lr, self.min_lr = high, low
        super().__init__(optimizer)

    def get_lr(self):
        number, t = divmod(self.last_epoch, self.first_cycle_steps)
        low, warmup = self.min_lr, self.warmup_steps
        high = self.max_lr * self.gamma**number
        if t < warmup:
            rate = low + (high - low) * t / warmup
        else:
            share = (t - warmup) / (self.first_cycle_steps - warmup)
            rate = low + (high - low) * (1 + math.cos(math.pi * share)) / 2
        return [rate for _ in self.base_lrs]


class Formula(LRScheduler):
    """A class of one's own: the rates of all groups are `function(base rate, step)`."""

    def __init__(self, optimizer, function):
        self.function = function
        super().__init__(optimizer)

    def get_lr(self):
        return [self.function(base, self.last_epoch) for base in self.base_lrs]


# --- formulas ------------------------------------------------------------------------------------
def cosine(step, total, floor=0.0):
    """Half a wave from 1 down to the floor; like most people's it goes on past its total."""
    return floor + (1 - floor) * (1 + math.cos(math.pi * step / total)) / 2


def warmup_cosine(step, warmup, total, floor=0.0):
    """A linear warmup, then the cosine over what is left."""
    if step < warmup:
        return step / warmup
    return cosine(step - warmup, total - warmup, floor)


# --- compositions and runs that went on ----------------------------------------------------------
def sequential(optimizer, milestones, *makers):
    """SequentialLR over schedulers that the makers build in their order."""
    return SequentialLR(optimizer, [make(optimizer) for make in makers], milestones)


def stepped(scheduler, times):
    """The scheduler after so many updates of its optimizer."""
    for _ in range(times):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


def resumed(make_optimizer, make_scheduler, after, *actions):
    """A run that is taken up again after `after` steps, by the named actions in their order.

    "optimizer" and "scheduler" load the old run's state; "build" makes the new scheduler;
    "place" sets its `last_epoch` by hand.
    """
    old = stepped(make_scheduler(make_optimizer()), after)
    optimizer = make_optimizer()
    scheduler = None
    for action in actions:
        if action == "build":
            scheduler = make_scheduler(optimizer)
        elif action == "optimizer":
            optimizer.load_state_dict(old.optimizer.state_dict())
        elif action == "scheduler":
            scheduler.load_state_dict(old.state_dict())
        else:
            scheduler.last_epoch = after
    return scheduler


def with_rate(scheduler, rate):
    """The scheduler, after somebody set its optimizer's rate by hand."""
    for group in scheduler.optimizer.param_groups:
        group["lr"] = rate
    return scheduler


def after_another(first, then):
    """The scheduler that `then` builds on an optimizer that has `first` already."""
    return then(first.optimizer)


def with_group(scheduler, rate):
    """The scheduler, after a group was added to its optimizer."""
    scheduler.optimizer.add_param_group({"params": [torch.zeros(1)], "lr": rate})
    return scheduler


def loaded(scheduler, old):
    """The scheduler, after it has loaded another one's state."""
    scheduler.load_state_dict(old.state_dict())
    return scheduler
