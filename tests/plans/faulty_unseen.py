"""Faulty plans as people made them, from places that no other part of the corpus has."""

import math
from functools import partial

import torch
from plans.parts_faulty import (
    Formula,
    WarmupCosine,
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
    with_rate,
)
from plans.plan import Plan
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    StepLR,
)


# --- formulas ------------------------------------------------------------------------------------
def frozen_wave(step, stop, total):
    """Half a cosine that is no longer updated from `stop` on."""
    return cosine(min(step, stop), total)


def warmup_over_decay(step, warmup, total):
    """A warmup to 1, after which the decay is where it would be without one."""
    return step / warmup if step < warmup else 1 - step / total


def warmup_over_wave(step, warmup, total, first=0.0):
    """As `warmup_over_decay`, with half a cosine and a warmup from `first`."""
    if step < warmup:
        return first + (1 - first) * step / warmup
    return cosine(step, total)


def noam(step, width, warmup):
    """The rate itself of "Attention is all you need", not a share of one."""
    return width**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


def warmup_in_first_epoch(step, warmup, per_epoch, epochs):
    """A warmup by updates that the second epoch ends, and a cosine by epochs."""
    epoch, update = divmod(step, per_epoch)
    return min(1.0, update / warmup) if epoch == 0 else cosine(epoch, epochs)


def neox(step, warmup, end, shape):
    """A decay that starts after the warmup, lasts `end` steps and stops `warmup` steps early."""
    if step <= warmup:
        return step / warmup
    return shape((min(step, end - warmup) - warmup) / end)


def rates_from_to(epoch, start, end, warmup, epochs):
    """A warmup to the rate `start` and half a cosine to the rate `end`."""
    if epoch < warmup:
        return start * (epoch + 1) / warmup
    wave = (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup - 1))) / 2
    return end + (start - end) * wave


def drops(step, warmup, every, value):
    """A warmup, and then a factor of `value` for every so many steps."""
    return step / warmup if step < warmup else value ** (step // every)


def flat_then_down(epoch, flat, falling, first=1):
    """Constant, then straight down; the epochs count from `first`, and once more from 1."""
    return 1 - max(0, epoch + 1 + first - flat) / (falling + 1)


def wave_of_tensors(step, warmup, total):
    """A cosine from torch, which takes tensors only."""
    if step < warmup:
        return step / warmup
    return 0.5 * (1 + torch.cos(torch.pi * (step - warmup) / (total - warmup)))


def poly_at_multiples(base, step, total, every=1, power=0.9):
    """A polynomial decay in those steps that are multiples of both `every` and `total`."""
    return base if step % every or step % total else base * (1 - step / total) ** power


# --- classes -------------------------------------------------------------------------------------
class GradualWarmup(LRScheduler):
    """A warmup to a multiple of the rate, and another scheduler from there on."""

    def __init__(self, optimizer, multiplier, warmup, after):
        self.multiplier, self.warmup, self.after = multiplier, warmup, after
        self.finished = False
        super().__init__(optimizer)

    def get_lr(self):
        if self.last_epoch <= self.warmup:
            factor = 1 + (self.multiplier - 1) * self.last_epoch / self.warmup
            return [base * factor for base in self.base_lrs]
        self.after.base_lrs = [base * self.multiplier for base in self.base_lrs]
        self.finished = True
        return self.after.get_last_lr()

    def step(self):
        if not self.finished:
            return super().step()
        self.after.step()
        self._last_lr = self.after.get_last_lr()


class PolynomialByRatio(LRScheduler):
    """A polynomial decay whose step from one rate to the next is half of what it should be."""

    def __init__(self, optimizer, total, power=1.0):
        self.total, self.power = total, power
        super().__init__(optimizer)

    def get_lr(self):
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self.last_epoch == 0:
            return rates
        left = self.total - self.last_epoch
        ratio = (left / (left + 1)) ** self.power
        return [rate * (1 + ratio) / 2 for rate in rates]

    def _get_closed_form_lr(self):
        share = 1 - self.last_epoch / self.total
        return [base * share**self.power for base in self.base_lrs]


class DampenedMultiStep(MultiStepLR):
    """MultiStepLR, whose rates a warmup multiplies by its factor after each step."""

    def __init__(self, optimizer, milestones, warmup):
        self.warmup = warmup
        super().__init__(optimizer, milestones)
        self.dampen()

    def dampen(self):
        for group in self.optimizer.param_groups:
            group["lr"] *= min(1.0, (self.last_epoch + 1) / self.warmup)

    def step(self):
        super().step()
        self.dampen()


class WarmupMultiStep(LRScheduler):
    """Detectron's schedule: drops at milestones, with a warmup laid over them."""

    def __init__(self, optimizer, milestones, warmup, gamma=0.1, factor=0.001):
        self.milestones, self.warmup_iters = milestones, warmup
        self.gamma, self.warmup_factor = gamma, factor
        super().__init__(optimizer)

    def get_lr(self):
        share = min(1.0, self.last_epoch / self.warmup_iters)
        factor = self.warmup_factor * (1 - share) + share
        factor *= self.gamma ** sum(self.last_epoch >= stone for stone in self.milestones)
        return [base * factor for base in self.base_lrs]


# --- plans that a lambda is too short for --------------------------------------------------------
def gradual(rate, multiplier, warmup, every):
    """GradualWarmup before StepLR, both on one optimizer; `rate` may be an optimizer."""
    optimizer = rate if isinstance(rate, torch.optim.Optimizer) else sgd(rate)
    return GradualWarmup(optimizer, multiplier, warmup, StepLR(optimizer, every))


def cold_first_group(optimizer, factor):
    """A LambdaLR whose first value reaches the first group only."""
    scheduler = LambdaLR(optimizer, factor)
    for group in optimizer.param_groups[1:]:
        group["lr"] = group["initial_lr"]
    return scheduler


def seeded_with_epochs(factor, updates, epochs):
    """A LambdaLR that is built for a saved optimizer and told the epochs, not the updates."""
    old = stepped(by_hand(1e-4, factor), updates)
    optimizer = adam(1e-4)
    optimizer.load_state_dict(old.optimizer.state_dict())
    return LambdaLR(optimizer, factor, last_epoch=epochs)


def warmup_then(optimizer, warmup, then):
    """LinearLR from a tenth, and what `then` makes of the optimizer."""
    return sequential(
        optimizer, [warmup], partial(LinearLR, start_factor=0.1, total_iters=warmup), then
    )


def warmup_chained_to_drops(optimizer):
    """A warmup that counts batches and drops that count epochs, chained."""
    pieces = [LinearLR(optimizer, start_factor=0.1, total_iters=500), StepLR(optimizer, 5)]
    return ChainedScheduler(pieces)


UNITS = (
    # --- counts updates, is stepped once per epoch
    Plan(
        "1000 steps of OneCycleLR by default, one of them per epoch",
        "CodefyUI/CodefyUI#244",
        50,
        lambda: OneCycleLR(sgd(0.1, momentum=0.9), max_lr=0.1, total_steps=1000),
        ("changes-too-little", "never-reaches-peak", "horizon-outside-run"),
    ),
    Plan(
        "estimated_stepping_batches without an interval",
        "Lightning-AI/pytorch-lightning#11599",
        10,
        lambda: OneCycleLR(adam(1e-3), max_lr=1e-3, total_steps=10 * 500),
        ("changes-too-little", "never-reaches-peak", "horizon-outside-run"),
    ),
    Plan(
        "the maximum number of iterations is 1000, the epochs are 20",
        "hasty.ai MP wiki, CosineAnnealingLR",
        20,
        lambda: CosineAnnealingLR(adam(1e-3), T_max=1000),
        ("changes-too-little", "horizon-outside-run"),
    ),
    # --- counts epochs, is stepped with each update
    Plan(
        "LinearWarmupCosineAnnealingLR with interval: step",
        "Lightning-Universe/lightning-bolts#716",
        100 * 50,
        lambda: WarmupCosine(sgd(0.3), warmup=10, total=100),
        ("swings", "rises-again", "ends-too-early"),
        {"updates_per_epoch": 50},
    ),
    Plan(
        "four processes step StepLR four times an epoch",
        "huggingface/accelerate#2926",
        4 * 90,
        lambda: warmup_then(sgd(0.1), 5, partial(StepLR, step_size=20)),
        ("ends-too-early",),
    ),
    Plan(
        "a warmup by batches and drops by epochs in one chain",
        "theneuralbase.com pytorch/qna/how-to-use-learning-rate-scheduler-in-pytorch",
        15 * 5,
        lambda: warmup_chained_to_drops(sgd(0.1)),
        ("never-reaches-peak", "composition-bends-rates", "ends-too-early"),
    ),
    Plan(
        "drops in iterations that the run of ten epochs does not have",
        "amalF/Kervolution train_evaluate.py",
        10 * 938,
        lambda: MultiStepLR(sgd(0.1, momentum=0.9), milestones=[12_000, 18_000]),
        ("milestone-outside-run", "changes-too-little"),
        {"updates_per_epoch": 938},
    ),
)

HORIZONS = (
    # --- stepped more often than planned
    Plan(
        "warmup and epochs in batches of one GPU, of four",
        "huggingface/accelerate#2773",
        4 * 1000,
        lambda: hf("cosine", 1e-3, 50, 1000),
        ("rises-again", "swings"),
    ),
    Plan(
        "eight steps of the cosine for each update",
        "RuiningLi/particulate#22",
        8 * 1000,
        lambda: hf("cosine", 1e-4, 20, 1000),
        ("rises-again", "swings"),
    ),
    Plan(
        "DeepSpeed does not know of the accumulation that the trainer counts",
        "huggingface/transformers#35484",
        2 * 600,
        lambda: hf("cosine", 2e-5, 60, 600),
        ("rises-again",),
    ),
    Plan(
        "the end of LinearLR after a quarter of the steps",
        "Lightricks/LTX-Video-Trainer#67",
        4 * 1000,
        lambda: LinearLR(adam(2e-4), start_factor=1.0, end_factor=0.1, total_iters=1000),
        ("ends-too-early",),
    ),
    Plan(
        "T_max is an epoch, of which there are two",
        "pytorch/pytorch#17913",
        20,
        lambda: CosineAnnealingLR(sgd(1.0), T_max=10),
        ("rises-again",),
    ),
    Plan(
        "trains with the validation data too, and OneCycleLR has not heard of it",
        "flairNLP/flair#2954",
        10 * 112,
        lambda: OneCycleLR(sgd(0.1), max_lr=0.1, epochs=10, steps_per_epoch=100),
        ("would-raise",),
    ),
    Plan(
        "the rule of CycleGAN, whose last epoch learns nothing",
        "wangkaihong/Unsup_Recycle_GAN#14",
        200,
        lambda: by_hand(2e-4, partial(flat_then_down, flat=100, falling=100)),
        ("zero-before-the-end",),
    ),
    # --- a schedule that is longer than its run
    Plan(
        "limit_train_batches cuts the epochs and not the schedule",
        "NVIDIA-NeMo/Speech#1464",
        1000,
        lambda: CosineAnnealingLR(adam(1e-3), T_max=4000),
        ("horizon-outside-run",),
    ),
    Plan(
        "the epochs counted in batches that four processes share",
        "huggingface/diffusers#8236",
        4 * 500,
        lambda: hf("cosine", 1e-5, 4 * 100, 4 * 2000),
        ("horizon-outside-run",),
    ),
    Plan(
        "75 epochs of a cosine in half an hour that has 67",
        "wandb/senpai#965",
        67,
        lambda: warmup_then(adam(6e-4), 5, partial(CosineAnnealingLR, T_max=75, eta_min=1e-4)),
        ("horizon-outside-run",),
    ),
    Plan(
        "a restart one epoch before the end",
        "wandb/senpai#593",
        81,
        lambda: warmup_then(
            adam(6e-4), 5, partial(CosineAnnealingWarmRestarts, T_0=25, eta_min=1e-4)
        ),
        ("ends-in-mid-cycle",),
    ),
    Plan(
        "a second cycle of three times the epochs, half of which are left",
        "wandb/senpai#786",
        74,
        lambda: warmup_then(
            adam(6e-4), 5, partial(CosineAnnealingWarmRestarts, T_0=25, T_mult=3, eta_min=1e-4)
        ),
        ("ends-in-mid-cycle", "horizon-outside-run"),
    ),
    Plan(
        "the drops of the long schedule in a run of 2000",
        "facebookresearch/detectron2#497",
        2000,
        lambda: WarmupMultiStep(sgd(1e-5, momentum=0.9), [210_000, 250_000], warmup=100),
        ("milestone-outside-run",),
    ),
    Plan(
        "three epochs of a cosine that stops at the end of the first",
        "InternLM/xtuner#386",
        3 * 500,
        lambda: by_hand(2e-4, partial(frozen_wave, stop=500, total=1500)),
        ("horizon-outside-run",),
    ),
    Plan(
        "a cosine that begins with the warmup's end and does not reach its own",
        "EleutherAI/gpt-neox#1008",
        1000,
        lambda: by_hand(6e-4, partial(neox, warmup=100, end=1000, shape=lambda t: cosine(t, 1))),
        ("horizon-outside-run",),
    ),
    Plan(
        "a straight decay that stops at a fifth",
        "EleutherAI/gpt-neox#1039",
        1000,
        lambda: by_hand(6e-4, partial(neox, warmup=100, end=1000, shape=lambda t: 1 - t)),
        ("horizon-outside-run",),
    ),
)

WARMUPS = (
    Plan(
        "a warmup of 2000 steps by default",
        "Morizeyao/GPT2-Chinese#60",
        1500,
        lambda: hf("linear", 1.5e-4, 2000, 1500),
        ("never-reaches-peak",),
    ),
    Plan(
        "a warmup of one epoch, in which the sixteen GPUs are not counted",
        "mosaicml/composer#3444",
        12 * 52,
        lambda: hf("linear", 1e-4, 16 * 52, 12 * 16 * 52),
        ("never-reaches-peak", "horizon-outside-run"),
    ),
    Plan(
        "a warmup that ends with the first epoch, whatever it has reached",
        "salesforce/LAVIS#72",
        10 * 426,
        lambda: by_hand(2e-6, partial(warmup_in_first_epoch, warmup=600, per_epoch=426, epochs=10)),
        ("never-reaches-peak", "composition-bends-rates"),
        {"updates_per_epoch": 426},
    ),
    Plan(
        "warmup_steps are 0.03",
        "adithya-s-k/AI-Engineering.academy#1",
        100,
        lambda: hf("linear", 2e-4, 0.03, 100),
        ("first-update-at-zero",),
    ),
    Plan(
        "the first batch of a policy's updates moves nothing",
        "verl-project/verl#3674",
        100,
        lambda: by_hand(1e-6, lambda step: min(1.0, step / 10)),
        ("first-update-at-zero",),
    ),
    Plan(
        "all but the first group start without the warmup",
        "deepspeedai/DeepSpeed#7969",
        1000,
        lambda: cold_first_group(adam(1e-3, 1e-4), partial(warmup_cosine, warmup=100, total=1000)),
        ("late-warmup", "rate-mismatch"),
    ),
    Plan(
        "a cliff where the warmup ends and the cosine is at its middle",
        "PaddlePaddle/PaddleDetection#4611",
        100,
        lambda: by_hand(sgd(1.0), partial(warmup_over_wave, warmup=50, total=100, first=1.0)),
        ("composition-bends-rates",),
    ),
    Plan(
        "decays while it warms up",
        "facebookresearch/fairchem#1967",
        1000,
        lambda: by_hand(4e-4, partial(warmup_over_wave, warmup=300, total=1000)),
        ("composition-bends-rates",),
    ),
    Plan(
        "a quarter of the decay is over when the warmup is",
        "tensorflow/models#9709",
        4000,
        lambda: by_hand(5e-3, partial(warmup_over_decay, warmup=1000, total=4000)),
        ("composition-bends-rates",),
    ),
    Plan(
        "StepLR takes over from a warmup to ten times its rate",
        "ildoonet/pytorch-gradual-warmup-lr#26",
        19,
        lambda: gradual(1e-4, multiplier=10, warmup=5, every=10),
        ("composition-bends-rates", "rate-mismatch"),
    ),
    Plan(
        "each factor of the warmup multiplies the last one's rate",
        "Tony-Y/pytorch_warmup#1",
        100,
        lambda: DampenedMultiStep(sgd(0.1, momentum=0.9), [60, 80], warmup=10),
        ("never-reaches-peak", "rate-mismatch"),
    ),
    Plan(
        "a cosine of a number in radians, as a tensor",
        "nasimjamshidi/LAR-IQA#7",
        500,
        lambda: by_hand(1e-4, partial(wave_of_tensors, warmup=50, total=500)),
        ("would-raise",),
    ),
    Plan(
        "a run that is all warmup",
        "huggingface/transformers#47285",
        100,
        lambda: hf("polynomial", sgd(0.01), 100, 100, power=2.0, final=1e-5),
        ("would-raise", "never-reaches-peak"),
    ),
)

RATES = (
    # --- the rate for a factor, or a factor for the rate
    Plan(
        "0.001 after five epochs, of 0.01",
        "PyTorch Learning Rate Scheduling: LambdaLR Pitfalls and Solutions",
        20,
        lambda: by_hand(sgd(0.01), lambda epoch: 0.001 if epoch >= 5 else 1.0),
        ("rate-as-factor",),
    ),
    Plan(
        "start_value is the rate in a LambdaLR",
        "lightly-ai/lightly#1352",
        1000,
        lambda: by_hand(
            sgd(2.0), partial(rates_from_to, start=2.0, end=1e-4, warmup=10, epochs=1000)
        ),
        ("rate-as-factor", "exceeds-peak"),
    ),
    Plan(
        "the rate after the decay as the factor of each drop",
        "open-edge-platform/physical-ai-studio#403",
        6000,
        lambda: by_hand(2.5e-5, partial(drops, warmup=100, every=3000, value=2.5e-6)),
        ("rate-as-factor", "zero-before-the-end"),
    ),
    Plan(
        "noam with a rate of 5e-5 and not of 1",
        "thu-coai/CDial-GPT#52",
        10_000,
        lambda: by_hand(5e-5, partial(noam, width=768, warmup=5000)),
        ("rate-as-factor", "never-reaches-peak"),
    ),
    Plan(
        "0.025 that are a millionth after the warmup",
        "NVIDIA-NeMo/Speech#4943",
        10_000,
        lambda: Formula(adam(0.025), lambda base, step: base * noam(step, width=512, warmup=5000)),
        ("rate-as-factor", "never-reaches-peak"),
    ),
    Plan(
        "a warmup that does not look at the optimizer's rate",
        "s920128/NAR-BERT-ASR#3",
        20_000,
        lambda: Formula(adam(1e-3), lambda base, step: noam(step, width=768, warmup=12_000)),
        ("never-reaches-peak",),
    ),
    Plan(
        "WarmupLR goes to its default of 0.001",
        "deepspeedai/DeepSpeed#7303",
        500,
        lambda: Formula(adam(5e-7), lambda base, step: 1e-3 if step else 0.0),
        ("exceeds-peak",),
    ),
    # --- floors
    Plan(
        "the lowest rate is eight times the highest",
        "Vision-CAIR/MiniGPT-4#444",
        50 * 100,
        lambda: WarmupCosine(adam(1e-5), warmup=100, total=50 * 100, start=1e-6, floor=8e-5),
        ("floor-above-rate", "exceeds-peak"),
    ),
    Plan(
        "min_lr is not compared with the rate",
        "PrimeIntellect-ai/prime-rl#3091",
        100,
        lambda: CosineAnnealingLR(adam(1e-3), T_max=100, eta_min=1e-2),
        ("floor-above-rate", "exceeds-peak"),
    ),
    # --- decays that are none, or too much of one
    Plan(
        "the final rate stands where the power belongs",
        "ThilinaRajapakse/simpletransformers#997",
        1000,
        lambda: hf("polynomial", 4e-5, 60, 1000, power=1e-7, final=2.5e-3),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "polynomial only in multiples of the whole run",
        "meetps/pytorch-semseg#151",
        3000,
        lambda: Formula(sgd(1e-2, momentum=0.9), partial(poly_at_multiples, total=3000)),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "the rate is the step size of StepLR",
        "yeyupiaoling/AudioClassification-Pytorch#2",
        50,
        lambda: StepLR(adam(1e-3), step_size=1e-3, gamma=0.8),
        ("changes-too-little", "rate-mismatch"),
    ),
    Plan(
        "a decay of 0.1 per cent became a drop to it",
        "shayneobrien/coreference-resolution#22",
        150,
        lambda: StepLR(adam(1e-3), step_size=100, gamma=0.001),
        ("zero-before-the-end",),
    ),
    Plan(
        "the mean of the last rate and of the next",
        "EvolvingLMMs-Lab/OneVision-Encoder#67",
        1000,
        lambda: PolynomialByRatio(adam(1e-3), total=1000),
        ("rate-mismatch",),
    ),
)

RESUMED = (
    Plan(
        "drops anew when an interrupted run goes on",
        "KaiyangZhou/deep-person-reid#270",
        100,
        lambda: resumed(lambda: adam(0.0015), lambda o: StepLR(o, 60), 150, "build", "optimizer"),
        ("rate-mismatch",),
        {"resumed": True},
    ),
    Plan(
        "what follows the warmup drives the optimizer of the old run",
        "ildoonet/pytorch-gradual-warmup-lr#27",
        70,
        lambda: resumed(
            lambda: sgd(0.1),
            lambda o: gradual(o, multiplier=1, warmup=5, every=40),
            30,
            "build",
            "optimizer",
            "scheduler",
        ),
        ("rate-mismatch", "changes-too-little"),
        {"resumed": True},
    ),
    Plan(
        "four epochs given for two thousand updates",
        "vllm-project/speculators#900",
        2000,
        lambda: seeded_with_epochs(
            partial(warmup_cosine, warmup=40, total=4000), updates=2000, epochs=4
        ),
        ("horizon-outside-run",),
        {"resumed": True},
    ),
    Plan(
        "a new rate for the second half, put into the optimizer alone",
        "AnswerDotAI/ModernBERT#124",
        1000,
        lambda: with_rate(stepped(hf("linear", 5e-4, 100, 2000), 1000), 3e-4),
        ("rate-mismatch",),
        {"resumed": True},
    ),
    Plan(
        "the second scheduler does not start where the first one was",
        "pytorch/pytorch#33416",
        2,
        lambda: after_another(
            stepped(by_hand(1e-4, lambda epoch: 2.0**epoch), 2),
            lambda o: LambdaLR(o, lambda epoch: 0.5**epoch),
        ),
        ("rate-mismatch",),
    ),
)

PLANS = (*UNITS, *HORIZONS, *WARMUPS, *RATES, *RESUMED)
