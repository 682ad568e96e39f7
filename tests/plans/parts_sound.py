"""What the sound plans share: small optimizers, formulas and schedulers of recipes, resuming.

The formulas and classes are written anew from what the recipes compute. Some classes keep to the
habits of older code on purpose: they override `step`, leave `_last_lr` out, or save half a state.
"""

import copy
import math
from bisect import bisect_right

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from lrsched_book import stand_in

# --- optimizers: one group for each rate, with one weight each -----------------------------------


def _groups(rates):
    return [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in rates]


def sgd(*rates, momentum=0.9, **arguments):
    return stand_in(*rates, momentum=momentum, **arguments)


def adam(*rates, **arguments):
    return torch.optim.Adam(_groups(rates), **arguments)


def adamw(*rates, **arguments):
    return torch.optim.AdamW(_groups(rates), **arguments)


def rmsprop(*rates, **arguments):
    return torch.optim.RMSprop(_groups(rates), **arguments)


def layered(optimizer, layers, decay):
    """Give an optimizer's only group one sibling a layer, with the `lr_scale` of a layer decay."""
    base = optimizer.param_groups[0]
    base["lr_scale"] = decay**layers
    for layer in range(1, layers + 1):
        weight = torch.zeros(1, requires_grad=True)
        scale = decay ** (layers - layer)
        optimizer.add_param_group({"params": [weight], "lr": base["lr"], "lr_scale": scale})
    return optimizer


# --- running and resuming ------------------------------------------------------------------------


def walk(scheduler, steps):
    """Step a scheduler as a loop would; a plateau sees a loss that stops falling."""
    scheduler.optimizer.step()  # without gradients it changes nothing, so that once is enough
    for index in range(steps):
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(max(1 / (1 + index), 0.1))
        else:
            scheduler.step()
    return scheduler


def resumed(make, done, *, scheduler_first=False):
    """Make a plan, run `done` steps of it, save both states, and load both into the plan anew."""
    first = walk(make(), done)
    optimizer_state = copy.deepcopy(first.optimizer.state_dict())
    scheduler_state = copy.deepcopy(first.state_dict())
    again = make()
    states = [(again.optimizer, optimizer_state), (again, scheduler_state)]
    for part, state in reversed(states) if scheduler_first else states:
        part.load_state_dict(state)
    return again


# --- factors of the step -------------------------------------------------------------------------


def half_cosine(share):
    """From 1 to 0 as the share goes from 0 to 1; it climbs again after that."""
    return 0.5 * (1 + math.cos(math.pi * share))


def _share(t, start, end):
    return min(max((t - start) / (end - start), 0.0), 1.0)


def linear_plan(current_step, *, num_warmup_steps, num_training_steps):
    """HF's "linear": up from zero, then down to zero."""
    if current_step < num_warmup_steps:
        return current_step / max(1, num_warmup_steps)
    return 1 - _share(current_step, num_warmup_steps, num_training_steps)


def cosine_plan(current_step, *, num_warmup_steps, num_training_steps, num_cycles=0.5):
    """HF's "cosine": up from zero, then half a cosine to zero."""
    if current_step < num_warmup_steps:
        return current_step / max(1, num_warmup_steps)
    share = (current_step - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    return max(0.0, half_cosine(2 * num_cycles * share))


def polynomial_plan(current_step, *, num_warmup_steps, num_training_steps, power, end):
    """HF's "polynomial": up from zero, then a power down to the share `end` of the peak."""
    if current_step < num_warmup_steps:
        return current_step / max(1, num_warmup_steps)
    left = 1 - _share(current_step, num_warmup_steps, num_training_steps)
    return end + (1 - end) * left**power


def constant_plan(current_step, *, num_warmup_steps):
    """HF's "constant_with_warmup"."""
    return min(1.0, current_step / max(1.0, num_warmup_steps))


def inverse_sqrt_plan(current_step, *, num_warmup_steps, timescale):
    """HF's "inverse_sqrt"."""
    if current_step < num_warmup_steps:
        return current_step / max(1, num_warmup_steps)
    return math.sqrt(timescale / (current_step + timescale - num_warmup_steps))


def unchanged(_):
    """HF's "constant"."""
    return 1


def warm_cosine(t, *, warmup, total, floor=0.0, first=0.0):
    """Rise linearly from the share `first`, reach 1 at `warmup`, half a cosine to `floor`."""
    if t < warmup:
        return first + (1 - first) * t / warmup
    return floor + (1 - floor) * half_cosine(_share(t, warmup, total))


def warm_cosine_early(t, *, warmup, total, floor=0.0):
    """The same, but the warmup's first update has one part of `warmup`, its last has all."""
    if t < warmup:
        return (t + 1) / warmup
    return floor + (1 - floor) * half_cosine(_share(t, warmup, total))


def trapezoid(t, *, total, cooldown):
    """Stay, and fall linearly to zero over the last `cooldown` updates."""
    return 1 - _share(t, total - cooldown, total)


def three_stages(t, *, warmup, hold, decay, first, last):
    """Linear rise, plateau, exponential fall, as in SpecAugment."""
    if t < warmup:
        return first + (1 - first) * t / warmup
    return last ** _share(t, warmup + hold, warmup + hold + decay)


def poly(t, *, total, power=0.9):
    return (1 - min(t, total) / total) ** power


def noam(t, *, width, warmup, scale=1.0):
    """The Transformer's rate itself, for a base rate of 1; its steps count from 1."""
    n = max(t, 1)
    return scale * width**-0.5 * min(n**-0.5, n * warmup**-1.5)


def polyline(t, *, at, heights):
    """Straight lines between the corners (`at`, `heights`)."""
    if t >= at[-1]:
        return heights[-1]
    right = max(bisect_right(at, t), 1)
    share = (t - at[right - 1]) / (at[right] - at[right - 1])
    return heights[right - 1] + share * (heights[right] - heights[right - 1])


def staircase(t, *, edges, gamma):
    return gamma ** bisect_right(edges, t)


def late_linear(epoch, *, keep, decay, offset=0):
    """CycleGAN's rule: keep the rate, then go down in `decay` equal steps."""
    return 1 - max(0, epoch + offset - keep) / decay


def square_warm_cosine(t, *, warmup, total, still, floor):
    """YOLOX's: a square rise, half a cosine to `floor`, and the last `still` updates there."""
    if t <= warmup:
        return (t / warmup) ** 2
    return floor + (1 - floor) * half_cosine(_share(t, warmup, total - still))


def constant_then_fall(t, *, start, low):
    """SWA's: flat to half of `start`, linearly to `low` at nine tenths of it, and so on."""
    return 1 - (1 - low) * _share(t / start, 0.5, 0.9)


def titan_linear(t, *, warmup, total):
    """A rise and a fall that both leave their zero out, by one more part than updates."""
    if t < warmup:
        return (t + 1) / (warmup + 1)
    return 1 - (t + 1 - warmup) / (total - warmup + 1)


def up_and_away(t, *, turn, total, top, end):
    """Two half cosines: from 1 up to `top`, then down to `end`."""
    if t < turn:
        return top + (1 - top) * half_cosine(t / turn)
    return end + (top - end) * half_cosine(_share(t, turn, total))


def chained_cosines(t, *, periods, low):
    """Cosines of the given lengths one after the other, each from 1 to `low`."""
    for period in periods:
        if t < period:
            break
        t -= period
    return low + (1 - low) * half_cosine(min(t / period, 1.0))


class LateLinear:
    """The same rule as an object whose method is handed to LambdaLR."""

    def __init__(self, epochs, offset, start):
        self.epochs, self.offset, self.start = epochs, offset, start

    def step(self, epoch):
        return 1 - max(0, epoch + self.offset - self.start) / (self.epochs - self.start)


def by(function, /, **arguments):
    """Return a maker of LambdaLR with `function` and these arguments inside a closure."""
    return lambda optimizer: LambdaLR(optimizer, lambda t: function(t, **arguments))


# --- schedulers as repositories write them -------------------------------------------------------


class WarmupMultiStep(LRScheduler):
    """Detectron's: a linear or constant warmup times the stairs, in closed form."""

    def __init__(self, optimizer, milestones, gamma=0.1, factor=1e-3, iters=1000, last_epoch=-1):
        self.milestones, self.gamma, self.factor, self.iters = milestones, gamma, factor, iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        done = min(self.last_epoch / self.iters, 1.0) if self.iters else 1.0
        warm = self.factor * (1 - done) + done
        stairs = self.gamma ** bisect_right(self.milestones, self.last_epoch)
        return [base * warm * stairs for base in self.base_lrs]


class Multiplied(LRScheduler):
    """Any function of the share of the run that is done; saves only what it needs."""

    def __init__(self, optimizer, multiplier, max_iter, last_iter=-1):
        self._multiplier, self._max_iter = multiplier, max_iter
        super().__init__(optimizer, last_epoch=last_iter)

    def state_dict(self):
        return {"base_lrs": self.base_lrs, "last_epoch": self.last_epoch}

    def get_lr(self):
        return [base * self._multiplier(self.last_epoch / self._max_iter) for base in self.base_lrs]


class PeakAtWarmup(LRScheduler):
    """Noam's curve, scaled so that the optimizer's own rate is its peak (ESPnet, WeNet)."""

    def __init__(self, optimizer, warmup_steps=25000, last_epoch=-1):
        self.warmup_steps = warmup_steps
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        n, w = self.last_epoch + 1, self.warmup_steps
        return [base * min((w / n) ** 0.5, n / w) for base in self.base_lrs]


class RecursivePoly(LRScheduler):
    """A power decay computed from the group's present rate (OpenMMLab)."""

    def __init__(self, optimizer, total, power=0.9, eta_min=0.0):
        self.total, self.power, self.eta_min = total, power, eta_min
        super().__init__(optimizer)

    def get_lr(self):
        present = [group["lr"] for group in self.optimizer.param_groups]
        if self.last_epoch == 0 or self.last_epoch > self.total:
            return present
        left = self.total - self.last_epoch
        shrink = (left / (left + 1)) ** self.power
        return [self.eta_min + (lr - self.eta_min) * shrink for lr in present]


class WarmRestarts(LRScheduler):
    """Cycles of a linear warmup and a cosine, each with its peak times `gamma`; sets the rates."""

    def __init__(self, optimizer, first, mult=1.0, top=0.1, low=0.001, warmup=0, gamma=1.0):
        self.first, self.mult, self.warmup, self.gamma = first, mult, warmup, gamma
        self.base_top, self.top, self.low = top, top, low
        self.length, self.cycle, self.within = first, 0, -1
        super().__init__(optimizer)
        for group in optimizer.param_groups:
            group["lr"] = low

    def get_lr(self):
        if self.within == -1:
            return [self.low] * len(self.optimizer.param_groups)
        span = self.top - self.low
        rate = self.low + span * warm_cosine(self.within, warmup=self.warmup, total=self.length)
        return [rate] * len(self.optimizer.param_groups)

    def step(self, epoch=None):
        self.last_epoch += 1
        self.within += 1
        if self.within >= self.length:
            self.cycle += 1
            self.within -= self.length
            self.length = int((self.length - self.warmup) * self.mult) + self.warmup
        self.top = self.base_top * self.gamma**self.cycle
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = rate


class RateTable(LRScheduler):
    """A list of rates made beforehand, written into every group times its `lr_scale` if any."""

    def __init__(self, optimizer, rates):
        self.rates = rates
        super().__init__(optimizer)

    def step(self, epoch=None):
        self.last_epoch += 1
        rate = self.rates[min(self.last_epoch, len(self.rates) - 1)]
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("lr_scale", 1.0)


class SetRate(LRScheduler):
    """A rate that is a function of the step, whatever rate the optimizer was given."""

    def __init__(self, optimizer, function, scales=None):
        self.function, self.scales = function, scales or [1.0] * len(optimizer.param_groups)
        super().__init__(optimizer)

    def get_lr(self):
        rate = self.function(self.last_epoch)
        return [rate * scale for scale in self.scales]


class LayerScaledCosine(LRScheduler):
    """MAE's and BEiT's fine-tuning: one warm cosine, times each group's `lr_scale`."""

    def __init__(self, optimizer, peak, warmup, total, low=0.0):
        self.peak, self.warmup, self.total, self.low = peak, warmup, total, low
        super().__init__(optimizer)

    def get_lr(self):
        floor = self.low / self.peak
        t, warmup, total = self.last_epoch, self.warmup, self.total
        rate = self.peak * warm_cosine(t, warmup=warmup, total=total, floor=floor)
        return [rate * group.get("lr_scale", 1.0) for group in self.optimizer.param_groups]


class TimmStyle(LRScheduler):
    """A warmup from a fixed rate, then any decay; with `prefix` the decay starts after it."""

    def __init__(self, optimizer, decay, warmup_t=0, warmup_lr=0.0, prefix=False):
        self.decay, self.warmup_t, self.warmup_lr, self.prefix = decay, warmup_t, warmup_lr, prefix
        super().__init__(optimizer)

    def get_lr(self):
        t = self.last_epoch
        if t < self.warmup_t:
            done = t / self.warmup_t
            return [self.warmup_lr + (base - self.warmup_lr) * done for base in self.base_lrs]
        t -= self.warmup_t if self.prefix else 0
        return [self.decay(base, t) for base in self.base_lrs]


def timm_cosine(total, low=0.0):
    return lambda base, t: low + (base - low) * half_cosine(min(t / total, 1.0))


def timm_steps(every, rate):
    return lambda base, t: base * rate ** (t // every)


class OneCycleWithMomentum(LRScheduler):
    """fastai's cycle as the 3D detectors use it: two half cosines, β1 against the rate."""

    def __init__(self, optimizer, total, top, moms=(0.95, 0.85), div=10.0, pct=0.4):
        self.total, self.top, self.moms, self.low = total, top, moms, top / div
        self.turn = int(total * pct)
        super().__init__(optimizer)

    def get_lr(self):
        up = self.last_epoch < self.turn
        share = _share(self.last_epoch, 0 if up else self.turn, self.turn if up else self.total)
        start, end = (self.low, self.top) if up else (self.top, self.low / 1e4)
        first, last = self.moms if up else self.moms[::-1]
        for group in self.optimizer.param_groups:
            group["betas"] = (last + (first - last) * half_cosine(share), group["betas"][1])
        return [end + (start - end) * half_cosine(share)] * len(self.optimizer.param_groups)
