"""Faulty plans, the answers of ten fixed searches in their order."""

from bisect import bisect_right
from functools import partial

from plans.parts_faulty import (
    Formula,
    adam,
    by_hand,
    cosine,
    hf,
    loaded,
    resumed,
    sequential,
    sgd,
    stepped,
)
from plans.plan import Plan
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    StepLR,
)


# --- formulas ------------------------------------------------------------------------------------
def constant(step):
    """No change."""
    return 1.0


def rate_from_epoch_five(epoch):
    """The rate 0.001 from epoch 5 on, where a share of the base rate is asked for."""
    return 0.001 if epoch >= 5 else 1.0


def step_late(base, step, warmup, total, floor=1e-4):
    """DeepSpeed's WarmupCosineLR, which sets no rate before its first step."""
    if step == 0:
        return base
    if step - 1 < warmup:
        return base * (step - 1) / warmup
    return base * cosine(step - warmup, total - warmup, floor)


def warmup_is_all(epoch, warmup, total, floor=1e-3):
    """Lightly's warmup and cosine, of which the latter needs one epoch at least."""
    if epoch < warmup:
        return (epoch + 1) / warmup
    if total - warmup < 1:
        raise ValueError(f"Total step number {total - warmup} must be >= 1.")
    return cosine(epoch - warmup, max(1, total - warmup - 1), floor)


# --- a run that goes on --------------------------------------------------------------------------
def loaded_with_optimizer(scheduler, old):
    """The scheduler and its optimizer, after both have loaded the old run's states."""
    scheduler.optimizer.load_state_dict(old.optimizer.state_dict())
    return loaded(scheduler, old)


# --- classes -------------------------------------------------------------------------------------
class DropsByLoss(MultiStepLR):
    """A MultiStepLR whose `step` is given the loss, and takes it for the epoch."""

    def get_lr(self):
        loss = 85 * 0.9 ** (self.last_epoch - 1) if self.last_epoch else 0
        drops = bisect_right(sorted(self.milestones.elements()), loss)
        return [base * self.gamma**drops for base in self.base_lrs]


class DecayedEachUpdate(LRScheduler):
    """A warmup, and a layer's decay that each update applies to what the last one left."""

    def __init__(self, optimizer, warmup, decay, first=0.001):
        self.warmup_iters, self.layer_decay, self.warmup_ratio = warmup, decay, first
        super().__init__(optimizer)

    def get_lr(self):
        if self.last_epoch > self.warmup_iters:
            return [group["lr"] * self.layer_decay for group in self.optimizer.param_groups]
        factor = self.warmup_ratio + (1 - self.warmup_ratio) * self.last_epoch / self.warmup_iters
        return [base * factor * self.layer_decay for base in self.base_lrs]


class WarmupUntilRateOne(LRScheduler):
    """A warmup and a linear decay; it still warms up while the rate is below 1."""

    def __init__(self, optimizer, warmup, total, first):
        self.warmup_updates, self.max_lr_steps, self.warmup_rate = warmup, total, first
        super().__init__(optimizer)

    def get_lr(self):
        step, warmup, total = self.last_epoch, self.warmup_updates, self.max_lr_steps
        if step < warmup or self.optimizer.param_groups[0]["lr"] < 1:
            share = min(1.0, step / warmup)
            factor = self.warmup_rate + (1 - self.warmup_rate) * share
        else:
            factor = max(0.0, 1 - (step - warmup) / total)
        return [base * factor for base in self.base_lrs]


# Where a number is not the user's, a comment says so.
PLANS: tuple[Plan, ...] = (
    # --- learning rate scheduler wrong learning rate pytorch
    Plan(
        "MultiStepLR is given the loss for the epoch",
        "pytorch/pytorch#20527",
        8 + 12,  # eight epochs are printed; the losses are such that their rates come out
        lambda: DropsByLoss(sgd(0.1), milestones=[30, 50, 80], gamma=0.1),
        ("rises-again",),
    ),
    Plan(
        "StepLR at half of the epochs, stepped in every batch of a GAN",
        "leftthomas/SRGAN#94",
        100 * 261,  # epochs and batches of that repository's defaults
        lambda: StepLR(adam(1e-3), step_size=50, gamma=0.1),
        ("ends-too-early",),
    ),
    Plan(
        "StepLR of 30 epochs inside of the loop over the batches",
        "runebook.dev torch.optim.lr_scheduler.lrscheduler",
        100 * 100,  # 100 epochs are the page's, 100 batches are not
        lambda: StepLR(sgd(0.01), step_size=30, gamma=0.1),
        ("ends-too-early",),
    ),
    # --- CosineAnnealingLR unexpected behaviour
    Plan(
        "CosineAnnealingLR for twice its T_max, which is to restart",
        "leyaa.ai pytorch-cosineannealinglr",
        10,
        lambda: CosineAnnealingLR(sgd(0.1), T_max=5, eta_min=0.01),
        ("rises-again",),
    ),
    # --- OneCycleLR total_steps error
    Plan(
        "OneCycleLR over 200000 steps, when a thousand are enough",
        "tysam-code/hlb-gpt#8",
        1000,
        lambda: OneCycleLR(
            adam(2e-3),
            max_lr=2e-3,
            total_steps=200_000,
            pct_start=0.001,  # the share that divides by zero at 1000 steps, as the user reports
            anneal_strategy="linear",
            cycle_momentum=False,
            div_factor=1e2,
            final_div_factor=0.02,
        ),
        ("horizon-outside-run",),
    ),
    Plan(
        "OneCycleLR takes the batch size for the batches of an epoch",
        "discuss.pytorch.org how-to-use-onecyclelr/159945",
        200 * 391,  # CIFAR-10 in batches of 128
        lambda: OneCycleLR(adam(1e-3), max_lr=0.01, epochs=200, steps_per_epoch=128),
        ("would-raise",),
    ),
    Plan(
        "OneCycleLR of ten epochs in a run of two hundred",
        "discuss.pytorch.org how-to-use-onecyclelr/159945",
        200 * 391,
        lambda: OneCycleLR(adam(1e-3), max_lr=0.01, epochs=10, steps_per_epoch=391),
        ("would-raise",),
    ),
    # --- learning rate is zero during training
    Plan(
        "a polynomial decay to zero at epoch 100, and the run goes on",
        "likyoo/open-cd#93",
        200,  # the user names epoch 101 only
        lambda: PolynomialLR(adam(0.00356799066427741), total_iters=100, power=1.0),
        ("zero-before-the-end",),
    ),
    Plan(
        "a layer's decay that is applied anew in every update",
        "jaehyunnn/ViTPose_pytorch#9",
        5 * 1827,  # the first of 210 epochs
        lambda: DecayedEachUpdate(adam(5e-4), warmup=500, decay=0.85),
        ("ends-too-early",),
    ),
    # --- learning rate warmup bug pytorch
    Plan(
        "a warmup that goes on while the rate is below 1, so that no decay begins",
        "facebookresearch/ParlAI#4384",
        100,
        lambda: WarmupUntilRateOne(adam(1e-5), warmup=10, total=100, first=0.01),
        ("milestone-outside-run", "horizon-outside-run"),
    ),
    # --- resume training learning rate scheduler state wrong learning rate
    Plan(
        "a tenth of the rate for the second half of a cosine, which keeps the old one",
        "bmaltais/kohya_ss#1924",
        500,  # the rates are the user's in their ratio only, the steps are not
        lambda: loaded_with_optimizer(
            hf("cosine", 1e-5, 0, 1000), stepped(hf("cosine", 1e-4, 0, 1000), 500)
        ),
        ("exceeds-peak",),
        {"resumed": True},
    ),
    Plan(
        "a constant tenth of the rate after a cosine, which becomes the whole again",
        "bmaltais/kohya_ss#1924",
        500,
        lambda: loaded_with_optimizer(
            by_hand(1e-5, constant), stepped(hf("cosine", 1e-4, 0, 1000), 500)
        ),
        ("exceeds-peak", "rate-mismatch"),
        {"resumed": True},
    ),
    Plan(
        "a recovered run that has lost the state of its polynomial decay",
        "microsoft/InnerEye-DeepLearning#311",
        60,  # scheduler and numbers are not the user's
        lambda: resumed(
            lambda: adam(1e-4),
            partial(PolynomialLR, total_iters=100, power=0.9),
            40,
            "build",
            "optimizer",
        ),
        ("rate-mismatch", "horizon-outside-run"),
        {"resumed": True},
    ),
    Plan(
        "the state of StepLR without that of its optimizer",
        "runebook.dev torch.optim.lr_scheduler.LRScheduler.load_state_dict",
        60,  # the epochs are not the page's
        lambda: resumed(
            lambda: adam(0.01),
            partial(StepLR, step_size=30, gamma=0.1),
            40,
            "build",
            "scheduler",
        ),
        ("rate-mismatch",),
        {"resumed": True},
    ),
    Plan(
        "StepLR of 30 epochs in ten",
        "codegenes.net learning-rate-scheduler-when-resuming-pytorch",
        10,
        lambda: StepLR(sgd(0.01), step_size=30, gamma=0.1),
        ("milestone-outside-run", "changes-too-little"),
    ),
    Plan(
        "warm restarts that begin anew, for only the optimizer was saved",
        "runebook.dev torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.state_dict",
        45,  # the numbers are not the page's
        lambda: resumed(
            lambda: sgd(0.1),
            partial(CosineAnnealingWarmRestarts, T_0=10, T_mult=2),
            25,
            "build",
            "optimizer",
        ),
        ("rate-mismatch", "ends-in-mid-cycle"),
        {"resumed": True},
    ),
    # --- get_cosine_schedule_with_warmup num_training_steps wrong
    Plan(
        "a cosine over no epoch at all, for the warmup is the whole run",
        "lightly-ai/lightly#1842",
        10,  # the number is not the user's
        lambda: by_hand(0.1, partial(warmup_is_all, warmup=10, total=10)),
        ("would-raise",),
    ),
    Plan(
        "DeepSpeed's warmup after one update at the full rate and one at none",
        "deepspeedai/DeepSpeed#5287",
        100,
        lambda: Formula(adam(1.0), partial(step_late, warmup=10, total=100)),
        ("late-warmup",),
    ),
    # --- MultiStepLR StepLR not decaying learning rate
    Plan(
        "drops at 30 and 80 in a run of 20 epochs",
        "hasty.ai MP wiki, MultiStepLR",
        20,
        lambda: MultiStepLR(adam(0.05), milestones=[30, 80], gamma=0.1),
        ("milestone-outside-run", "changes-too-little"),
    ),
    # --- LambdaLR SequentialLR learning rate bug
    Plan(
        "an exponential decay after another, back at the base rate",
        "pytorch/pytorch#67586",
        50,
        lambda: sequential(
            sgd(0.1), [5], partial(ExponentialLR, gamma=0.5), partial(ExponentialLR, gamma=0.9)
        ),
        ("rises-again", "composition-bends-rates"),
    ),
    Plan(
        "an exponential decay after halving in every epoch, back at the base rate",
        "runebook.dev torch.optim.lr_scheduler.SequentialLR.get_lr",
        10,
        lambda: sequential(
            sgd(0.1),
            [5],
            partial(StepLR, step_size=1, gamma=0.5),
            partial(ExponentialLR, gamma=0.9),
        ),
        ("rises-again", "composition-bends-rates"),
    ),
    Plan(
        "a lambda that returns the rate it wants from epoch 5 on",
        "runebook.dev torch.optim.lr_scheduler.LambdaLR",
        20,  # the epochs are not the page's
        lambda: LambdaLR(sgd(0.01), rate_from_epoch_five),
        ("rate-as-factor",),
    ),
    # no code: nodefluxio/vortex#70 – a resumed StepLR asks for step_size=350, the loaded state
    #   brings back 200
    # no code: runebook.dev torch.optim.lr_scheduler.StepLR – a StepLR of 30 epochs that nobody
    #   steps in a hundred
)
