"""Faulty plans as people made them, from places that no other part of the corpus has."""

from functools import partial

from plans.parts_faulty import (
    Formula,
    adam,
    after_another,
    by_hand,
    cosine,
    hf,
    resumed,
    sequential,
    sgd,
    stepped,
    warmup_cosine,
)
from plans.plan import Plan
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    StepLR,
)


# --- formulas ------------------------------------------------------------------------------------
def warmup_of_each_epoch(step, warmup, per_epoch, epochs):
    """The warmup counts the updates of the epoch it is in, not those of the run."""
    if step < warmup:
        return (step % per_epoch) / warmup
    return cosine(step, epochs * per_epoch)


def warmup_then_wave(step, warmup, total):
    """A whole-run cosine that starts when the run does, with a warmup laid over it."""
    return cosine(step, total) * min(1.0, step / warmup)


def straight_down(step, warmup, total):
    """A warmup and then 1 minus the share of the run that is over."""
    share = step / total
    return share / warmup if share < warmup else 1 - share


def slanted_triangle(step, total, cut=0.1, ratio=32):
    """The triangle of ULMFiT: up over `cut` of the run, then down to 1/ratio."""
    top = int(total * cut)
    share = step / top if step < top else 1 - (step - top) / (total - top)
    return (1 + share * (ratio - 1)) / ratio


def megatron_cosine(step, warmup, end):
    """Warms up, then decays until `end`, and from there keeps its lowest rate, zero."""
    if step <= warmup:
        return step / warmup
    return 0.0 if step > end else cosine(step - warmup, end - warmup)


def poly_or_warmup(base, step, total, warmup, power=0.9, floor=1e-7):
    """The smaller of a warmup from a tenth and a polynomial decay."""
    share = step / warmup
    return min(
        base * ((1 - share) / 10 + share), (base - floor) * (1 - step / total) ** power + floor
    )


def noam(step, width=512, warmup=4000):
    """The rate itself of "Attention is all you need", not a share of one."""
    return width**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


def linear_rate(epoch, epochs, start, end):
    """A rate that goes down in a straight line."""
    return start + epoch * (end - start) / epochs


def short_restarts(step, first=500, shrink=0.7):
    """The first wave of a cosine with restarts, whose later tops are lower."""
    wave, t = divmod(step, first)
    return shrink**wave * cosine(t, first)


# --- classes -------------------------------------------------------------------------------------
class MultiStepWithWarmup(MultiStepLR):
    """Multiplies the rates of MultiStepLR, which are the present ones, by a warmup's factor."""

    def __init__(self, optimizer, milestones, factor=1 / 3, warmup=500):
        self.warmup_factor, self.warmup_iters = factor, warmup
        super().__init__(optimizer, milestones)

    def get_lr(self):
        rates = super().get_lr()
        if self.last_epoch >= self.warmup_iters:
            return rates
        share = self.last_epoch / self.warmup_iters
        return [rate * (self.warmup_factor * (1 - share) + share) for rate in rates]


# --- plans that a lambda is too short for --------------------------------------------------------
def chained(optimizer, *functions):
    """ChainedScheduler over formulas that each set the rate from the base rate."""
    pieces = [
        Formula(optimizer, lambda base, step, factor=factor: base * factor(step))
        for factor in functions
    ]
    return ChainedScheduler(pieces)


def taken_up(optimizer, factor, step):
    """A LambdaLR that is made anew in the middle of a run, for an optimizer that was saved."""
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return LambdaLR(optimizer, factor, last_epoch=step - 1)


def from_last_epoch():
    """The optimizer's state is loaded and the scheduler told how many epochs are over."""
    old = stepped(CosineAnnealingLR(sgd(1e-3), 100), 45)
    optimizer = sgd(1e-3)
    optimizer.load_state_dict(old.optimizer.state_dict())
    return CosineAnnealingLR(optimizer, 100, last_epoch=45)


def to_first_rate(optimizer, warmup):
    """A warmup to one rate, which is read from the optimizer's first group."""
    rate = optimizer.param_groups[0]["lr"]
    return Formula(optimizer, lambda base, step: rate * min(1.0, step / warmup))


def layer_decay(rate, decay, layers):
    """AdamW whose rate falls from layer to layer, towards the input."""
    return adam(*(rate * decay**depth for depth in range(layers)))


def warmup_of_detection(optimizer, updates=100, factor=0.01):
    """torchvision's warmup: a LambdaLR that is stepped with each batch of the first epoch."""
    return LambdaLR(optimizer, lambda x: min(1.0, factor + (1 - factor) * x / updates))


def warmup_and_cosine(optimizer, warmup, total):
    """LinearLR, and CosineAnnealingLR for the rest."""
    return sequential(
        optimizer,
        [warmup],
        partial(LinearLR, start_factor=0.01, total_iters=warmup),
        partial(CosineAnnealingLR, T_max=total - warmup),
    )


UNITS = (
    # --- counts updates, is stepped once per epoch
    Plan(
        "Lightning steps OneCycleLR with the epochs unless told otherwise",
        "Lightning-AI/pytorch-lightning#3869",
        20,
        lambda: OneCycleLR(
            adam(1e-3), max_lr=1e-3, steps_per_epoch=500, epochs=20, anneal_strategy="linear"
        ),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "interval: step written beside the scheduler and not into its dictionary",
        "Lightning-AI/pytorch-lightning#6948",
        30,
        lambda: OneCycleLR(sgd(0.1), max_lr=0.1, epochs=30, steps_per_epoch=250),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "a warmup of 4000 updates that takes 4000 epochs",
        "ace-step/ACE-Step#198",
        120,
        lambda: hf("linear", 1e-4, 4000, 200_000),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "OneCycleLR among the schedulers of the epochs",
        "espnet/espnet#3319",
        70,
        lambda: OneCycleLR(adam(2e-3), max_lr=2e-3, total_steps=70 * 400),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "CyclicLR among the schedulers of the epochs",
        "espnet/espnet#3319",
        70,
        lambda: CyclicLR(sgd(1e-4, momentum=0.9), base_lr=1e-4, max_lr=2e-3, step_size_up=2000),
        # its rise is cut off at a tenth of the way to max_lr, as OneCycleLR's above is
        ("changes-too-little", "ends-in-mid-cycle", "never-reaches-peak"),
    ),
    Plan(
        "get_linear_schedule_with_warmup moved out of the loop over the batches",
        "rpryzant/causal-bert-pytorch#9",
        10,
        lambda: hf("linear", 2e-5, 100, 1000),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "a wave of 500 in a trainer that steps with the epochs",
        "allenai/allennlp#2388",
        20,
        lambda: by_hand(3e-5, short_restarts),
        ("changes-too-little", "horizon-outside-run"),
    ),
    # --- counts epochs, is stepped with each update
    Plan(
        "a trainer that steps every scheduler with the batches",
        "nodefluxio/vortex#58",
        25_000,
        lambda: StepLR(sgd(1e-2), step_size=200),
        ("ends-too-early",),
    ),
    Plan(
        "warm restarts after T_0 batches",
        "automl/Auto-PyTorch#211",
        50 * 150,
        lambda: CosineAnnealingWarmRestarts(adam(1e-3), T_0=10),
        ("ends-too-early",),
    ),
    Plan(
        "the thirty epochs of StepLR over after thirty batches",
        "Mastering PyTorch LRSchedulers: Common Pitfalls and Advanced Techniques",
        100 * 60,
        lambda: StepLR(sgd(0.01), step_size=30, gamma=0.1),
        ("ends-too-early",),
    ),
)

HORIZONS = (
    # --- stepped more often than planned
    Plan(
        "eight processes step a linear schedule eight times",
        "huggingface/accelerate#662",
        8 * 500,
        lambda: hf("linear", 5e-5, 50, 500),
        ("zero-before-the-end",),
    ),
    Plan(
        "four processes step a cosine four times",
        "huggingface/diffusers#3954",
        4 * 400,
        lambda: hf("cosine", 5e-6, 0, 400),
        # down, up, down and up: it rises again twice, which is what a swing is
        ("rises-again", "swings"),
    ),
    Plan(
        "the length divided by the accumulation steps, but stepped with each batch",
        "huggingface/diffusers#1957",
        3000,
        lambda: hf("cosine", 1e-4, 500, 3000 // 2),
        ("rises-again",),
    ),
    Plan(
        "as many times too fast as there are GPUs",
        "axolotl-ai-cloud/axolotl#157",
        4 * 250,
        lambda: hf("cosine", 2e-4, 10, 250),
        # down, up, down and up, as above
        ("rises-again", "swings"),
    ),
    Plan(
        "stepped with the micro-batches of an update",
        "starVLA/starVLA#210",
        2 * 1500,
        lambda: by_hand(2.5e-5, partial(warmup_cosine, warmup=100, total=1500, floor=0.02)),
        ("rises-again",),
    ),
    Plan(
        "counts training batches where there are several updates in each",
        "NovaSky-AI/SkyRL#873",
        4 * 150,
        lambda: hf("linear", 1e-6, 0, 150),
        ("zero-before-the-end",),
    ),
    Plan(
        "T_max divided by the GPUs of the node though nothing is distributed",
        "DingXiaoH/RepVGG#34",
        4 * 600,
        lambda: CosineAnnealingLR(sgd(0.1, 0.2, momentum=0.9), T_max=600),
        ("rises-again",),
    ),
    # --- a run that is longer than its schedule
    Plan(
        "800,000 steps written into the script, a hundredth of them",
        "SafeAILab/EAGLE#107",
        10_000,
        lambda: hf("linear", 3e-5, 20, 8000),
        ("zero-before-the-end",),
    ),
    Plan(
        "the warmup subtracted twice",
        "areal-project/AReaL#1289",
        220,
        lambda: by_hand(1e-5, partial(megatron_cosine, warmup=22, end=198)),
        ("zero-before-the-end",),
    ),
    Plan(
        "the trainer's epochs and the scheduler's are two settings",
        "FGA-DIKU/BONSAI#156",
        20 * 50,
        lambda: hf("linear", 5e-4, 100, 12 * 50),
        ("zero-before-the-end",),
    ),
    Plan(
        "training beyond specified t_total",
        "luhua-rain/MRC_Competition_Dureader#22",
        1500,
        lambda: hf("linear", 3e-5, 100, 1000),
        ("zero-before-the-end",),
    ),
    Plan(
        "1 minus the share of the run, when the share is more than 1",
        "huggingface/transformers#327",
        1200,
        lambda: by_hand(6.25e-5, partial(straight_down, warmup=0.002, total=1000)),
        ("negative-rate",),
    ),
    Plan(
        "max_iters of the config is less than the run",
        "Noble-Lab/casanovo#693",
        900,
        lambda: by_hand(5e-4, partial(warmup_then_wave, warmup=100, total=600)),
        ("rises-again",),
    ),
    Plan(
        "twice the epochs and the old T_max",
        "CodefyUI/CodefyUI#205",
        200,
        lambda: CosineAnnealingLR(sgd(0.1, momentum=0.9), T_max=100),
        ("rises-again",),
    ),
    # --- a schedule that is longer than its run
    Plan(
        "half the epochs and the old T_max",
        "CodefyUI/CodefyUI#205",
        100,
        lambda: CosineAnnealingLR(sgd(0.1, momentum=0.9), T_max=200),
        ("horizon-outside-run",),
    ),
    Plan(
        "three epochs of a schedule for all ten rounds of pruning",
        "VITA-Group/BERT-Tickets#4",
        3 * 80,
        lambda: hf("linear", 2e-5, 0, 30 * 80),
        ("horizon-outside-run",),
    ),
    Plan(
        "max_steps ends the run, the epochs end the schedule",
        "vllm-project/speculators#1104",
        1000,
        lambda: hf("cosine", 1e-4, 20, 4000),
        ("horizon-outside-run",),
    ),
    Plan(
        "a triangle as long as the batches, with an update in every fourth",
        "allenai/allennlp#4089",
        500,
        lambda: by_hand(1e-3, partial(slanted_triangle, total=2000)),
        ("horizon-outside-run",),
    ),
    Plan(
        "a step after fifty epochs, of fifty",
        "chaofengc/PSFRGAN#35",
        50,
        lambda: StepLR(adam(2e-4), step_size=50, gamma=0.1),
        ("milestone-outside-run", "horizon-outside-run"),
    ),
)

STEPPING = (
    # --- steps that cannot be taken
    Plan(
        "OneCycleLR with the rounded-down length of a distributed loader",
        "chengtan9907/OpenSTL#184",
        100 * 63,
        lambda: OneCycleLR(adam(1e-3), max_lr=1e-3, total_steps=100 * 62),
        ("would-raise",),
    ),
    Plan(
        "two processes share 93 batches and step OneCycleLR 94 times",
        "huggingface/accelerate#385",
        3 * 94,
        lambda: OneCycleLR(adam(0.04), max_lr=0.04, epochs=3, steps_per_epoch=93),
        ("would-raise",),
    ),
    Plan(
        "the smaller of a float and a complex number",
        "plemeri/InSPyReNet#54",
        1200,
        lambda: Formula(adam(1e-5), partial(poly_or_warmup, total=600, warmup=100)),
        ("would-raise",),
    ),
    Plan(
        "fit called a second time",
        "ourownstory/neural_prophet#828",
        300,
        lambda: stepped(OneCycleLR(adam(0.1), max_lr=0.1, total_steps=300), 299),
        ("would-raise", "exhausted"),
    ),
    # --- schedulers that have been used
    Plan(
        "the next fold goes on with the last one's scheduler",
        "Lightning-AI/pytorch-lightning#12409",
        10,
        lambda: stepped(StepLR(sgd(1.0), step_size=1, gamma=0.7), 10),
        ("already-stepped",),
    ),
    Plan(
        "as long again from the last checkpoint",
        "mosaicml/composer#1384",
        1500,
        lambda: stepped(hf("linear", 1e-3, 500, 1000), 1500),
        ("all-updates-at-zero", "exhausted"),
        {"resumed": True},
    ),
    # --- runs that went on
    Plan(
        "T_max and last_epoch given, and the optimizer's state loaded",
        "pytorch/pytorch#60265",
        55,
        from_last_epoch,
        ("rate-mismatch",),
        {"resumed": True},
    ),
    Plan(
        "the schedule got shorter while the run was interrupted",
        "Nerogar/OneTrainer#1604",
        428,
        lambda: taken_up(adam(1e-6), partial(cosine, total=400), 432),
        ("rises-again",),
        {"resumed": True},
    ),
    Plan(
        "saves the optimizer and not the scheduler",
        "D-X-Y/NAS-Bench-201#19",
        60,
        lambda: resumed(
            lambda: sgd(0.1, momentum=0.9), lambda o: StepLR(o, 30), 65, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "start_epoch comes back and the cosine starts over",
        "DingXiaoH/RepVGG train.py",
        600,
        lambda: resumed(
            lambda: sgd(0.1, 0.2, momentum=0.9),
            lambda o: CosineAnnealingLR(o, 1200),
            600,
            "build",
            "optimizer",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "warmup and cosine start over on a loaded optimizer",
        "PolymathicAI/the_well#63",
        300,
        lambda: resumed(
            lambda: adam(5e-3), lambda o: warmup_and_cosine(o, 20, 500), 200, "build", "optimizer"
        ),
        ("rate-mismatch", "exceeds-peak"),
    ),
    Plan(
        "last_epoch is zero again when a checkpoint is loaded",
        "facebookresearch/mmf#513",
        700,
        lambda: resumed(
            lambda: adam(1e-4), lambda o: hf("linear", o, 100, 1000), 300, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "saves the scheduler and not its optimizer",
        "pyro-ppl/pyro#2910",
        200,
        lambda: resumed(
            lambda: adam(0.01), lambda o: ExponentialLR(o, 0.99), 200, "build", "scheduler"
        ),
        ("rate-mismatch",),
        {"resumed": True},
    ),
    # --- two schedulers
    Plan(
        "a warmup with the batches and steps with the epochs on one optimizer",
        "Lightning-AI/pytorch-lightning#8884",
        10,
        lambda: after_another(
            warmup_of_detection(sgd(0.1)), lambda o: MultiStepLR(o, milestones=[2, 4, 8])
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "CyclicLR after a cosine has written down its initial rate",
        "pytorch/pytorch#21965",
        200,
        lambda: after_another(
            CosineAnnealingLR(sgd(0.5, momentum=0.9), T_max=20, eta_min=0.1),
            lambda o: CyclicLR(o, base_lr=0.1, max_lr=0.3, step_size_up=10),
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "a cosine chained to a warmup, each from the base rate",
        "Noble-Lab/casanovo#249",
        1000,
        lambda: chained(adam(5e-4), lambda step: min(1.0, step / 100), partial(cosine, total=1000)),
        ("composition-bends-rates",),
    ),
)

SHAPES = (
    # --- warmups
    Plan(
        "the warmup and the length of the run changed places",
        "WasifurRahman/BERT_multimodal_transformer#22",
        1000,
        lambda: hf("linear", 1e-5, 1000, 100),
        ("late-warmup", "never-reaches-peak"),
    ),
    Plan(
        "the warmup and the length changed places, and two batches make an update",
        "shirley-wu/cross-doc-misinfo-detection#1",
        12 * 150 // 2,
        lambda: hf("linear", 1e-5, 12 * 150, 100),
        ("never-reaches-peak",),
    ),
    Plan(
        "the default warmup is longer than the run",
        "deepspeedai/DeepSpeed#8142",
        500,
        lambda: by_hand(1e-2, partial(warmup_cosine, warmup=1000, total=500, floor=1e-4)),
        ("never-reaches-peak",),
    ),
    Plan(
        "the warmup starts over with each epoch",
        "Vision-CAIR/MiniGPT-4#263",
        1000,
        lambda: by_hand(1e-4, partial(warmup_of_each_epoch, warmup=500, per_epoch=100, epochs=10)),
        ("swings", "never-reaches-peak"),
    ),
    Plan(
        "a warmup that multiplies the present rate again and again",
        "potterhsu/easy-faster-rcnn.pytorch#26",
        900,
        lambda: MultiStepWithWarmup(sgd(1e-3, momentum=0.9), [500, 700]),
        ("never-reaches-peak", "rate-mismatch"),
    ),
    Plan(
        "a warmup from zero, stepped after the first epoch",
        "Project-MONAI/MONAI#3989",
        50,
        lambda: hf("cosine", 1e-4, 5, 50),
        ("first-update-at-zero",),
    ),
    Plan(
        "an epoch in which nothing is learned",
        "meta-pytorch/torchtune#2010",
        20,
        lambda: hf("cosine", 3e-4, 2, 20),
        ("first-update-at-zero",),
    ),
    # --- the rate itself, and floors
    Plan(
        "LambdaLR is to set the rate to 0.01",
        "LambdaLR in PyTorch: A Friendly Guide to Dynamic Learning Rates",
        30,
        lambda: by_hand(sgd(0.1), lambda epoch: 0.01),
        ("rate-as-factor", "never-reaches-peak"),
    ),
    Plan(
        "LambdaLR over a function of the real rate",
        "gao-hongnan/omniverse#82",
        10_000,
        lambda: by_hand(1e-3, noam),
        ("rate-as-factor", "never-reaches-peak"),
    ),
    Plan(
        "from 4e-4 down to 1e-5 in a straight line",
        "pytorch/pytorch#110480",
        100,
        lambda: by_hand(4e-4, partial(linear_rate, epochs=100, start=4e-4, end=1e-5)),
        ("rate-as-factor", "never-reaches-peak"),
    ),
    Plan(
        "a warmup to the rate of the first group, for every group",
        "deepspeedai/DeepSpeed#8171",
        1000,
        lambda: to_first_rate(adam(0.1, 0.2), warmup=100),
        ("group-rates-overwritten",),
    ),
    Plan(
        "one floor for all layers, whose rates differ",
        "YalaLab/pillar-finetune#6",
        100,
        lambda: CosineAnnealingLR(layer_decay(1e-4, 0.65, 13), T_max=100, eta_min=1e-6),
        ("floor-above-rate",),
    ),
)

PLANS = (*UNITS, *HORIZONS, *STEPPING, *SHAPES)
