"""Sound plans of public recipes that neither the rules of `diagnose` nor their authors have seen.

Long runs are shortened in proportion. Where a file leaves the number of updates to the data, a
plausible one stands for it.
"""

import copy
import math
from functools import partial

import numpy as np
from plans.parts_sound import (
    OneCycleWithMomentum,
    PeakAtWarmup,
    RateTable,
    RecursivePoly,
    SetRate,
    TimmStyle,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    constant_plan,
    constant_then_fall,
    cosine_plan,
    half_cosine,
    late_linear,
    layered,
    linear_plan,
    noam,
    poly,
    resumed,
    rmsprop,
    sgd,
    staircase,
    three_stages,
    timm_steps,
    unchanged,
    up_and_away,
    walk,
    warm_cosine,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

import lrsched_book as lb
from lrsched_book import attach

# --- factors and rates of the step ---------------------------------------------------------------


def with_rise(decay, *, warmup, first):
    """A decay, times a rise in a line that does not delay it."""
    return lambda t: decay(t) * (first + (1 - first) * min(t / warmup, 1))


def epoch_cosine(t, *, per_epoch, epochs, low=0.0):
    """Half a cosine in as many steps as there are epochs."""
    return low + (1 - low) * half_cosine(t // per_epoch / epochs)


def rise_then_epoch_cosine(t, *, per_epoch, warmup, epochs, first):
    """A rise by updates, then half a cosine by epochs."""
    if t < warmup * per_epoch:
        return first + (1 - first) * t / (warmup * per_epoch)
    return half_cosine((t // per_epoch - warmup) / (epochs - warmup))


def poly_to(t, *, total, power, low):
    return low + (1 - low) * (1 - t / total) ** power


def exponential_rise(t, *, warmup, first):
    return first ** (1 - min(t / warmup, 1))


def fairseq_inverse_sqrt(t, *, warmup, first):
    if t < warmup:
        return first + (1 - first) * t / warmup
    return math.sqrt(warmup / t)


def fairseq_polynomial(t, *, warmup, total):
    """A rise whose first two updates are the same, then a line to zero."""
    if t <= warmup:
        return max(t, 1) / warmup
    return 1 - (t - warmup) / (total - warmup)


def hard_restarts(t, *, warmup, total, cycles):
    """HF's "cosine_with_restarts"."""
    if t < warmup:
        return t / warmup
    share = (t - warmup) / (total - warmup)
    return 0.0 if share >= 1 else half_cosine(cycles * share % 1)


def logarithmic_rise(t, *, warmup):
    """DeepSpeed's WarmupLR: a rise like the logarithm, then the peak."""
    return min(math.log(max(t, 1)) / math.log(warmup), 1)


def two_cycles(t, *, period, turn, top, end):
    """mmcv's "cyclic" twice, each of two half cosines."""
    return up_and_away(t % period, turn=turn, total=period, top=top, end=end)


def through_the_rise(t, *, warmup, total, start, peak, end):
    """3DETR's: a cosine over the whole run, whose first part gives way to a line."""
    if t <= warmup:
        return start + t / warmup * (peak - start)
    return end + (peak - end) * half_cosine(t / total)


def edm2(t, *, peak, decay, rise):
    """EDM2's: a rise from zero, a plateau, the inverse root of the step."""
    return peak / math.sqrt(max(t / decay, 1)) * min(t / rise, 1)


def rwkv(t, *, peak, warmup, total, low):
    """A cosine to the share `low` with a short rise from a fifth."""
    share = min(max((t - warmup) / (total - warmup), 0), 1)
    rate = peak * (low + (1 - low) * half_cosine(share))
    return rate * (0.2 + 0.8 * t / warmup) if t < warmup else rate


def long_tail(epoch):
    """LDAM-DRW's: five epochs up, a hundredth from 160 on, and a ten-thousandth from 180 on."""
    if epoch < 5:
        return (epoch + 1) / 5
    return 1 if epoch < 160 else 0.01 if epoch < 180 else 0.0001


def mean_teacher(t, *, rampdown):
    """A cosine for more epochs than the run has, which the source asserts on purpose."""
    return half_cosine(t / rampdown)


def root_after_rise(n, *, warmup):
    return min(n**-0.5, n * warmup**-1.5)


def cosine_table(*, first, peak, low, warmup, total):
    """DINO's: a rise that has both its ends among the rates, and half a cosine without its end."""
    fall = (
        low + (peak - low) * (1 + np.cos(np.pi * np.arange(total - warmup) / (total - warmup))) / 2
    )
    return [*np.linspace(first, peak, warmup).tolist(), *fall.tolist()]


def late_poly(t, *, total):
    """TransUNet's: computed after the update, so that the first two have the same rate."""
    return (1 - max(t - 1, 0) / total) ** 0.9


def stairs_after_rise(t, *, warmup, every, gamma):
    return t / warmup if t <= warmup else gamma ** (t // every)


def yolact(t, *, edges, warmup, first):
    return first + (1 - first) * t / warmup if t <= warmup else staircase(t, edges=edges, gamma=0.1)


def triangle_table(steps, *, start, end, peak):
    """The factors of a triangle, one for each update and one for what follows the last."""
    return np.interp(np.arange(steps + 1), [0, int(peak * steps), steps], [start, 1, end])


def apex(t, *, per_epoch):
    """Goyal's stairs with a rise over five epochs whose first update has one part."""
    epoch = t // per_epoch
    factor = 0.1 ** (epoch // 30 + (epoch >= 80))
    return factor * (t + 1) / (5 * per_epoch) if epoch < 5 else factor


def vq_bet(t, *, codes, warmup, total):
    """A constant rate for the codes; then a rise from zero and a cosine for the policy."""
    if t < codes:
        return 1.0
    t -= codes
    return t / warmup if t < warmup else half_cosine((t - warmup) / (total - warmup))


def pi_zero(t, *, warmup, decay, low):
    """A rise from one part more, then a cosine that has been going on since the start."""
    if t < warmup:
        return 1 - (1 - t / warmup) * (1 - 1 / (warmup + 1))
    return low + (1 - low) * half_cosine(min(t, decay) / decay)


def halved_from_the_third(epoch):
    """Informer's: the rate is halved after every epoch but the first."""
    return 0.5 ** max(epoch - 1, 0)


def slanted_triangle(t, *, total, share=0.1, ratio=32):
    """ULMFiT's."""
    cut = int(total * share)
    up = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / share - 1))
    return (1 + up * (ratio - 1)) / ratio


def rise_hold_cosine_hold_drop(t, *, warmup, hold, decay, drop, low, last):
    """DeepSeek-V3's: rise, plateau, cosine, a lower plateau and one drop near the end."""
    if t < hold:
        return min(t / warmup, 1)
    if t < hold + decay:
        return low + (1 - low) * half_cosine((t - hold) / decay)
    return low if t < drop else last


# --- schedulers as repositories write them -------------------------------------------------------


class InverseWithWarmup(LRScheduler):
    """k-diffusion's: a slow inverse power and a rise like that of a moving average."""

    def __init__(self, optimizer, inv_gamma, power, warmup, final_lr=0.0, last_epoch=-1):
        self.inv_gamma, self.power, self.warmup = inv_gamma, power, warmup
        self.final_lr = final_lr
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        rise = 1 - self.warmup ** (self.last_epoch + 1)
        decay = (1 + self.last_epoch / self.inv_gamma) ** -self.power
        return [rise * max(self.final_lr, base * decay) for base in self.base_lrs]


class ExponentialRiseThenHalvings(LRScheduler):
    """GNMT's: an exponential rise from a hundredth, a plateau, halvings at equal distances."""

    def __init__(self, optimizer, iterations, warmup, remain, drops=4, factor=0.5):
        self.warmup, self.remain = warmup, int(remain * iterations)
        self.every = (iterations - self.remain) // drops
        self.drops, self.factor = drops, factor
        super().__init__(optimizer)

    def get_lr(self):
        t = self.last_epoch
        if t <= self.warmup:
            return [base * 0.01 ** ((self.warmup - t) / self.warmup) for base in self.base_lrs]
        if t < self.remain:
            return list(self.base_lrs)
        drops = min((t - self.remain) // self.every + 1, self.drops)
        return [base * self.factor**drops for base in self.base_lrs]


class LineThenExponential(LRScheduler):
    """Chemprop's: counts for itself, so that the first update has taken a step already."""

    def __init__(self, optimizer, warmup, total, init, top, final):
        self.warmup, self.init, self.top = warmup, init, top
        self.gamma = (final / top) ** (1 / (total - warmup))
        self.count = 0
        super().__init__(optimizer)

    def step(self, current_step=None):
        self.count = self.count + 1 if current_step is None else current_step
        if self.count <= self.warmup:
            rate = self.init + self.count * (self.top - self.init) / self.warmup
        else:
            rate = self.top * self.gamma ** (self.count - self.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate


class ExponentialRisePoly(LRScheduler):
    """BiSeNet's: an exponential rise, then a power of what is left."""

    def __init__(self, optimizer, total, warmup, ratio=0.1, power=0.9):
        self.total, self.warmup, self.ratio, self.power = total, warmup, ratio, power
        super().__init__(optimizer)

    def get_lr(self):
        t, w = self.last_epoch, self.warmup
        if t < w:
            factor = self.ratio ** (1 - t / w)
        else:
            factor = (1 - (t - w) / (self.total - w)) ** self.power
        return [base * factor for base in self.base_lrs]


class LinearWarmupCosine(LRScheduler):
    """Lightning Bolts' recursion: reaches the peak one step before the warmup's end."""

    def __init__(self, optimizer, warmup, total, start=0.0, low=0.0):
        self.warmup, self.total, self.start, self.low = warmup, total, start, low
        super().__init__(optimizer)

    def get_lr(self):
        t, w = self.last_epoch, self.warmup
        present = [group["lr"] for group in self.optimizer.param_groups]
        if t == 0:
            return [self.start] * len(present)
        if t < w:
            parts = [(base - self.start) / (w - 1) for base in self.base_lrs]
            return [lr + part for lr, part in zip(present, parts, strict=True)]
        if t == w:
            return list(self.base_lrs)
        now, before = (half_cosine((n - w) / (self.total - w)) for n in (t, t - 1))
        return [self.low + (lr - self.low) * now / before for lr in present]


# --- compositions and resumptions ----------------------------------------------------------------


def one_after_the_other(optimizer, make_first, make_second, at):
    return torchs.SequentialLR(optimizer, [make_first(optimizer), make_second(optimizer)], [at])


def constant_rise_and_stairs(optimizer, warmup, milestones):
    """A tenth of the rate until the training has begun, then the usual stairs."""
    slow = torchs.ConstantLR(optimizer, factor=0.1, total_iters=warmup)
    return torchs.ChainedScheduler([slow, torchs.MultiStepLR(optimizer, milestones)])


def exponential_reopened(make_optimizer, gamma, done):
    """VITS's way to resume: the optimizer's state, and the number of epochs as `last_epoch`."""
    # The checkpoint is written before the scheduler's step of that epoch.
    state = copy.deepcopy(
        walk(torchs.ExponentialLR(make_optimizer(), gamma), done - 1).optimizer.state_dict()
    )
    optimizer = make_optimizer()
    optimizer.load_state_dict(state)
    return torchs.ExponentialLR(optimizer, gamma, last_epoch=done - 2)


def advsr():
    return by(fairseq_inverse_sqrt, warmup=4000, first=1e-7 / 5e-4)(adam(5e-4, betas=(0.9, 0.98)))


def votenet():
    return torchs.MultiStepLR(adam(0.001), [80, 120, 160])


def imagenet_example():
    return torchs.StepLR(sgd(0.1), 30)


def classifier_line():
    return LambdaLR(adamw(3e-4), lambda step: 1 - step / 20_000)


def point_transformer():
    return torchs.OneCycleLR(
        adamw(0.006, 6e-4),
        [0.006, 6e-4],
        20_000,
        pct_start=0.05,
        div_factor=10.0,
        final_div_factor=1000.0,
    )


def airbench():
    table = triangle_table(476, start=0.2, end=0.07, peak=0.23)
    rate = 11.5 / (1024 * (1 + 1 / 0.15))
    optimizer = sgd(64 * rate, rate, momentum=0.85, nesterov=True)
    return LambdaLR(optimizer, lambda step: table[step])


def hlb_cifar():
    # 97 updates an epoch; the cycle leaves two of the ten epochs to a low constant rate.
    return torchs.OneCycleLR(
        sgd(0.5),
        0.5,
        776,
        pct_start=0.25,
        anneal_strategy="linear",
        cycle_momentum=False,
        div_factor=1e16,
        final_div_factor=1 / (1e16 * 0.1),
    )


def rise_beside_stairs(optimizer, warmup, milestones):
    """A rise by updates and drops by epochs side by side, as MMEngine has them."""
    ramp = torchs.LinearLR(optimizer, start_factor=1e-4, total_iters=warmup)
    return torchs.ChainedScheduler([ramp, torchs.MultiStepLR(optimizer, milestones)])


def finetuned_video():
    table = cosine_table(first=1e-6, peak=0.002, low=1e-6, warmup=1000, total=20_000)
    return RateTable(layered(adamw(0.002), layers=12, decay=0.75), table)


PLANS: tuple[Plan, ...] = (
    # --- OpenMMLab's configurations --------------------------------------------------------------
    Plan(
        "few-shot classification, a long warmup and two drops",
        "open-mmlab/mmfewshot configs/classification/_base_/schedules/sgd_100epoch.py",
        20_000,
        lambda: WarmupMultiStep(sgd(0.05), [6000, 12_000], factor=0.25, iters=1667),
    ),
    Plan(
        "few-shot classification, two hundred epochs",
        "open-mmlab/mmfewshot configs/classification/_base_/schedules/sgd_200epoch.py",
        20_000,
        lambda: WarmupMultiStep(sgd(0.05), [6000, 12_000], factor=0.25, iters=500),
    ),
    Plan(
        "text recognition, one epoch up, two late drops",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_adam_step_20e.py",
        10_000,
        lambda: WarmupMultiStep(adam(1e-4), [8000, 9000], factor=0.001, iters=500),
    ),
    Plan(
        "small objects, four drops by a third",
        "liulingyi601/mmdetection config_TSSD/_base_/schedules/schedule_150e.py",
        19_500,
        lambda: WarmupMultiStep(
            sgd(0.001), [6500, 11_700, 15_600, 18_200], gamma=0.3, factor=0.001, iters=1000
        ),
    ),
    Plan(
        "baseline detector, three drops in forty epochs",
        "sirbastiano/MMDET configs/Baseline/_base_/schedules/schedule_40e_tiny.py",
        18_000,
        lambda: WarmupMultiStep(sgd(0.02), [6750, 10_350, 13_500], factor=0.001, iters=1500),
    ),
    Plan(
        "fine-grained objects, two drops in a hundred epochs",
        "ZhuHaoranEIS/Orthogonal-FGOD configs/_base_/schedules/schedule_100e.py",
        20_000,
        lambda: WarmupMultiStep(sgd(0.005), [13_200, 18_000], factor=1 / 2000, iters=2000),
    ),
    Plan(
        "remote sensing with AdamW, both drops in the first two thirds",
        "AICyberTeam/Ringmo-mm configs/_base_/schedules/schedule_6x.py",
        20_000,
        lambda: WarmupMultiStep(adamw(0.0025), [9600, 13_200], factor=1 / 3, iters=500),
    ),
    Plan(
        "ImageNet, warmup by updates and cosine by epochs",
        "facebookresearch/sapiens "
        "pretrain/configs/_base_/schedules/imagenet_bs256_200e_coslr_warmup.py",
        20_000,
        lambda: by(rise_then_epoch_cosine, per_epoch=100, warmup=5, epochs=200, first=0.25)(
            sgd(0.1)
        ),
    ),
    Plan(
        "detector with a cosine to a hundredth by updates",
        "NagatoYuki0943/mmdetection configs/_base_/schedules/schedule_2x_sgd_cos.py",
        19_200,
        lambda: one_after_the_other(
            sgd(0.02, momentum=0.937),
            lambda o: torchs.LinearLR(o, start_factor=0.001, total_iters=800),
            lambda o: torchs.CosineAnnealingLR(o, T_max=18_400, eta_min=2e-4),
            at=800,
        ),
    ),
    Plan(
        "actions in time, cosine by epochs under one epoch of warmup",
        "makecent/APN configs/_base_/adamw_1e-4_10.py",
        3000,
        lambda: LambdaLR(
            adamw(1e-4),
            with_rise(
                partial(epoch_cosine, per_epoch=300, epochs=10, low=0.01), warmup=300, first=0.01
            ),
        ),
    ),
    Plan(
        "litter segmentation, cosine by epochs under a thousand updates of warmup",
        "bcaitech1/p3-ims-obd-hansarang shjas94_works2/configs/_base_/schedules/schedule_custom.py",
        7800,
        lambda: LambdaLR(
            adamw(5e-5),
            with_rise(
                partial(epoch_cosine, per_epoch=650, epochs=12, low=1e-5), warmup=1000, first=0.1
            ),
        ),
    ),
    Plan(
        "litter detection, a warmup that takes four of fifty epochs",
        "boostcampaitech3/level2-object-detection-level2-cv-10 "
        "mmdetection/configs/_minsu_/_base_/schedules/schedule_cosann_adamw.py",
        12_200,
        lambda: LambdaLR(
            adamw(0.01),
            with_rise(
                partial(epoch_cosine, per_epoch=244, epochs=50, low=1e-6), warmup=1000, first=0.1
            ),
        ),
    ),
    Plan(
        "Raman spectra with AdamW, four hundred steps of a cosine",
        "ISCLab-Bistu/RSClassification configs/_base_/schedules/raman_AdamW.py",
        16_000,
        lambda: LambdaLR(
            adamw(0.1),
            with_rise(partial(epoch_cosine, per_epoch=40, epochs=400), warmup=200, first=0.01),
        ),
    ),
    Plan(
        "MobileNetV3 on CIFAR-10, poly under an exponential warmup",
        "XiwenK/mobileNet_v3 configs/_base_/schedules/cifar10_bs128_lr_poly_warmup5.py",
        20_000,
        lambda: LambdaLR(
            sgd(0.1),
            lambda t: (
                poly_to(t, total=20_000, power=0.7, low=0.001)
                * exponential_rise(t, warmup=500, first=0.1)
            ),
        ),
    ),
    Plan(
        "domain adaptation, a rise from next to nothing, then a line to zero",
        "jkee58/CSI configs/_base_/schedules/poly10warm.py",
        20_000,
        lambda: one_after_the_other(
            adamw(6e-5, 6e-4),
            lambda o: torchs.LinearLR(o, start_factor=1e-6, total_iters=750),
            lambda o: torchs.PolynomialLR(o, total_iters=19_250, power=1.0),
            at=750,
        ),
    ),
    Plan(
        "segmentation in ten thousand updates, poly to a hundredth",
        "crazyboy9103/mmsegmentation configs/neurocle/_base_/schedules/schedule_10k.py",
        10_000,
        lambda: RecursivePoly(sgd(0.01), 10_000, 0.9, 1e-4),
    ),
    Plan(
        "LiDAR maps, one cosine without warmup",
        "bochennn/LiDAR2Map configs/_base_/schedules/cosine.py",
        18_000,
        lambda: torchs.CosineAnnealingLR(adamw(0.001), 18_000, eta_min=1e-8),
    ),
    Plan(
        "LiDAR segmentation, one cycle",
        "Xiangxu-0103/FRNet configs/_base_/schedules/onecycle-50e.py",
        20_000,
        lambda: torchs.OneCycleLR(
            adamw(0.01),
            0.01,
            20_000,
            pct_start=0.2,
            div_factor=25.0,
            final_div_factor=100.0,
            cycle_momentum=False,
        ),
    ),
    Plan(
        "sparse transformer for 3D objects, up to a hundred times the rate",
        "tusen-ai/SST configs/_base_/schedules/modified/cosine_2x.py",
        20_000,
        lambda: by(up_and_away, turn=2000, total=20_000, top=100.0, end=0.001)(adamw(1e-5)),
    ),
    Plan(
        "CIFAR-10 in twelve epochs, up to ten times the rate",
        "Gradiant/ai-project-cifar10 configs/schedulers/one_cycle_12_epochs.py",
        4692,
        lambda: by(up_and_away, turn=1407, total=4692, top=10.0, end=0.01)(sgd(1e-4)),
    ),
    Plan(
        "detector with two cycles of two half cosines each",
        "open-mmlab/mmdetection nousapi/configs/schedules/schedule_cyclic.py",
        10_000,
        lambda: by(two_cycles, period=5000, turn=2000, top=10.0, end=1e-4)(sgd(0.001)),
    ),
    # --- torch's own classes ---------------------------------------------------------------------
    Plan(
        "ResNet-50 in 120 epochs, five of them warmup",
        "WimNull/sdgformer_pub script/resnet1.sh",
        120,
        lambda: one_after_the_other(
            sgd(0.4),
            lambda o: torchs.LinearLR(o, start_factor=0.01, total_iters=5),
            lambda o: torchs.CosineAnnealingLR(o, T_max=115, eta_min=1e-4),
            at=5,
        ),
    ),
    Plan(
        "VoteNet, three drops",
        "facebookresearch/votenet train.py",
        180,
        votenet,
    ),
    Plan(
        "VoteNet, resumed between two drops",
        "facebookresearch/votenet train.py",
        80,
        lambda: resumed(votenet, 100),
        keywords={"resumed": True},
    ),
    Plan(
        "ImageNet example, a tenth every thirty epochs",
        "pytorch/examples imagenet/main.py",
        90,
        imagenet_example,
    ),
    Plan(
        "ImageNet example, resumed half-way",
        "pytorch/examples imagenet/main.py",
        45,
        lambda: resumed(imagenet_example, 45),
    ),
    Plan(
        "Transformer-XL on WikiText-103, one cosine by updates",
        "kimiyoung/transformer-xl pytorch/run_wt103_base.sh",
        20_000,
        lambda: torchs.CosineAnnealingLR(adam(2.5e-4), 20_000),
    ),
    Plan(
        "StyleTTS 2, a cycle that stays where it is on purpose",
        "yl4579/StyleTTS2 optimizers.py",
        20_000,
        lambda: torchs.OneCycleLR(
            adamw(1e-4, betas=(0.0, 0.99)),
            1e-4,
            epochs=200,
            steps_per_epoch=100,
            pct_start=0.0,
            div_factor=1,
            final_div_factor=1,
        ),
    ),
    Plan(
        "spectrogram transformer on ESC-50, a list of drops without end",
        "YuanGongND/ast src/traintest.py, egs/esc50/run_esc.sh",
        25,
        lambda: torchs.MultiStepLR(adam(1e-5, betas=(0.95, 0.999)), range(5, 1000), gamma=0.85),
    ),
    Plan(
        "CIFAR-10 in some seconds, a cycle whose end is above its start",
        "tysam-code/hlb-CIFAR10 main.py",
        775,
        hlb_cifar,
    ),
    Plan(
        "TimeSformer, two drops in the last third",
        "facebookresearch/TimeSformer configs/Kinetics/TimeSformer_divST_8x32_224.yaml",
        15,
        lambda: torchs.MultiStepLR(sgd(0.005), [11, 14]),
    ),
    Plan(
        "few-shot baseline, one drop at nine tenths",
        "yinboc/few-shot-meta-baseline configs/train_classifier_mini.yaml",
        100,
        lambda: torchs.MultiStepLR(sgd(0.1), [90]),
    ),
    Plan(
        "MUNIT, nine halvings",
        "NVlabs/MUNIT configs/edges2handbags_folder.yaml",
        20_000,
        lambda: torchs.StepLR(adam(1e-4, betas=(0.5, 0.999)), 2000, gamma=0.5),
    ),
    Plan(
        "audio codec, a slow exponential by updates",
        "descriptinc/descript-audio-codec conf/base.yml",
        20_000,
        lambda: torchs.ExponentialLR(adamw(1e-4, betas=(0.8, 0.99)), gamma=0.999996**12.5),
    ),
    Plan(
        "singing voice conversion, a slow exponential by epochs",
        "svc-develop-team/so-vits-svc configs_template/config_template.json, train.py",
        10_000,
        lambda: torchs.ExponentialLR(adamw(1e-4, betas=(0.8, 0.99)), gamma=0.999875),
    ),
    Plan(
        "singing voice conversion, resumed by last_epoch",
        "svc-develop-team/so-vits-svc configs_template/config_template.json, train.py",
        7000,
        lambda: exponential_reopened(lambda: adamw(1e-4, betas=(0.8, 0.99)), 0.999875, 3000),
        keywords={"resumed": True},
    ),
    Plan(
        "ResNet-110 on CIFAR-10, two drops",
        "bearpaw/pytorch-classification TRAINING.md",
        164,
        lambda: torchs.MultiStepLR(sgd(0.1), [81, 122]),
    ),
    Plan(
        "ResNet-18 on ImageNet, two drops",
        "bearpaw/pytorch-classification TRAINING.md",
        90,
        lambda: torchs.MultiStepLR(sgd(0.1), [31, 61]),
    ),
    Plan(
        "FourCastNet, one cosine by epochs",
        "NVlabs/FourCastNet config/AFNO.yaml",
        50,
        lambda: torchs.CosineAnnealingLR(adam(5e-4), T_max=50),
    ),
    Plan(
        "piano transcription, a tenth less thirty times",
        "bytedance/piano_transcription runme.sh, pytorch/main.py",
        20_000,
        lambda: torchs.StepLR(adam(5e-4), 667, gamma=0.9),
    ),
    Plan(
        "singing by diffusion, three halvings",
        "MoonInTheRiver/DiffSinger usr/configs/popcs_ds_beta6.yaml",
        20_000,
        lambda: torchs.StepLR(adamw(0.001), 6250, gamma=0.5),
    ),
    Plan(
        "Deep Speech 2, a hundredth less each epoch",
        "SeanNaren/deepspeech.pytorch deepspeech_pytorch/model.py",
        70,
        lambda: torchs.ExponentialLR(adamw(1.5e-4), gamma=0.99),
    ),
    Plan(
        "VolSDF, down to a tenth by updates",
        "lioryariv/volsdf code/training/volsdf_train.py, code/confs/dtu.conf",
        20_000,
        lambda: torchs.ExponentialLR(adam(5e-4), gamma=0.1 ** (1 / 20_000)),
    ),
    Plan(
        "Point Transformer V3, one cycle for two groups",
        "Pointcept/Pointcept configs/scannet/semseg-pt-v3m1-0-base.py",
        20_000,
        point_transformer,
    ),
    Plan(
        "Point Transformer V3, resumed on the way down",
        "Pointcept/Pointcept configs/scannet/semseg-pt-v3m1-0-base.py",
        8000,
        lambda: resumed(point_transformer, 12_000),
        keywords={"resumed": True},
    ),
    Plan(
        "PatchTST, one cycle by updates",
        "yuqinie98/PatchTST PatchTST_supervised/scripts/PatchTST/electricity.sh",
        20_000,
        lambda: torchs.OneCycleLR(adam(1e-4), 1e-4, steps_per_epoch=200, epochs=100, pct_start=0.2),
    ),
    Plan(
        "MoCo v3, linear classifier on a frozen network",
        "facebookresearch/moco-v3 CONFIG.md, main_lincls.py",
        90,
        lambda: torchs.CosineAnnealingLR(sgd(12.0), 90),
    ),
    # --- transformers' and fairseq's plans -------------------------------------------------------
    Plan(
        "SimCSE without labels, a line to zero",
        "princeton-nlp/SimCSE run_unsup_example.sh",
        1954,
        lambda: LambdaLR(
            adamw(5e-5, 5e-5), partial(linear_plan, num_warmup_steps=0, num_training_steps=1954)
        ),
    ),
    Plan(
        "Alpaca, cosine with three percent of warmup",
        "tatsu-lab/stanford_alpaca README.md",
        1218,
        lambda: LambdaLR(
            adamw(2e-5), partial(cosine_plan, num_warmup_steps=37, num_training_steps=1218)
        ),
    ),
    Plan(
        "TransNormer, cosine with a tenth of warmup",
        "OpenNLPLab/TransnormerLLM fine-tune/run.sh",
        1000,
        lambda: LambdaLR(
            adamw(1e-4, betas=(0.9, 0.95)),
            partial(cosine_plan, num_warmup_steps=100, num_training_steps=1000),
        ),
    ),
    Plan(
        "pretraining with FSDP, cosine with three percent of warmup",
        "nkkbr/241121_qwerty script/pretrain.sh",
        2000,
        lambda: LambdaLR(
            adamw(2e-5), partial(cosine_plan, num_warmup_steps=60, num_training_steps=2000)
        ),
    ),
    Plan(
        "QLoRA for coreference, cosine with ten updates of warmup",
        "cooper12121/CLES finetune/finetune_lora.sh",
        2000,
        lambda: LambdaLR(
            adamw(2e-5), partial(cosine_plan, num_warmup_steps=10, num_training_steps=2000)
        ),
    ),
    Plan(
        "LoRA for relations, linear with a hundred updates of warmup",
        "wisper12933/LMRC RC/finetune-lora.sh",
        1600,
        lambda: LambdaLR(
            adamw(1e-4), partial(linear_plan, num_warmup_steps=100, num_training_steps=1600)
        ),
    ),
    Plan(
        "Stable Diffusion, cosine with restarts but one cycle only",
        "NotNANtoN/diffusers examples/text_to_image/finetune_abakus_4090.sh",
        3000,
        lambda: by(hard_restarts, warmup=300, total=3000, cycles=1)(adamw(1e-6)),
    ),
    Plan(
        "small Conformer, constant after a warmup",
        "mesolitica/malaya-speech pretrained-model/stt/conformer-ctc/12M.sh",
        20_000,
        lambda: LambdaLR(adamw(5e-5), partial(constant_plan, num_warmup_steps=1000)),
    ),
    Plan(
        "schedule-free RAdam, constant",
        "whaler404/Hf-Learn transformers_learn/training/trainer_api/optimizers/schedule_free.py",
        1000,
        lambda: LambdaLR(adamw(2e-6), unchanged),
    ),
    Plan(
        "protein graphs, a rate that does not change",
        "notabigfish/procesa procesa/configs/s2c5_esm1b/model89.py",
        10,
        lambda: LambdaLR(adam(8e-4), unchanged),
    ),
    Plan(
        "robust translation, inverse square root, a third of it warmup",
        "dmis-lab/AdvSR run/train.sh",
        12_800,
        advsr,
    ),
    Plan(
        "robust translation, resumed after the peak",
        "dmis-lab/AdvSR run/train.sh",
        6800,
        lambda: resumed(advsr, 6000),
    ),
    Plan(
        "stories from BART, a line to zero",
        "PlusLabNLP/story-gen-BART fairseq/run.sh",
        20_000,
        lambda: by(fairseq_polynomial, warmup=500, total=20_000)(adam(3e-5)),
    ),
    Plan(
        "summaries from data with BART, ten updates of warmup",
        "Yale-LILY/dart model/bart/tuning.sh",
        20_000,
        lambda: by(fairseq_polynomial, warmup=10, total=20_000)(adam(3e-5)),
    ),
    Plan(
        "RoBERTa, a line to zero",
        "facebookresearch/fairseq examples/roberta/config/pretraining/base.yaml",
        20_000,
        lambda: by(fairseq_polynomial, warmup=1600, total=20_000)(adam(5e-4, betas=(0.9, 0.98))),
    ),
    Plan(
        "data2vec with adapters, three stages",
        "dohe0342/fairseq_new scripts/whale/ft_data2vec_adpprompt.sh",
        20_000,
        lambda: by(three_stages, warmup=2000, hold=8000, decay=10_000, first=0.01, last=0.05)(
            adam(3e-5, betas=(0.9, 0.98))
        ),
    ),
    # --- other functions of the step -------------------------------------------------------------
    Plan(
        "instant NGP, down to a tenth by updates",
        "ashawkey/torch-ngp main_nerf.py",
        30_000,
        lambda: LambdaLR(
            adam(0.01, 0.01, betas=(0.9, 0.99)), lambda step: 0.1 ** min(step / 30_000, 1)
        ),
    ),
    Plan(
        "NeRF on Lego, an exponential that the run cuts off",
        "yenchenlin/nerf-pytorch configs/lego.txt, run_nerf.py",
        20_000,
        lambda: SetRate(adam(5e-4), lambda step: 5e-4 * 0.1 ** (step / 50_000)),
    ),
    Plan(
        "time series, halved epoch by epoch",
        "thuml/Time-Series-Library utils/tools.py",
        10,
        lambda: LambdaLR(adam(1e-4), halved_from_the_third),
    ),
    Plan(
        "time series, a cosine by epochs",
        "thuml/Time-Series-Library utils/tools.py",
        10,
        lambda: LambdaLR(adam(1e-4), lambda epoch: half_cosine(epoch / 10)),
    ),
    Plan(
        "IMPALA in small, a line to zero by frames",
        "facebookresearch/torchbeast torchbeast/monobeast.py",
        157,
        lambda: LambdaLR(rmsprop(4.8e-4), lambda epoch: 1 - min(epoch * 80 * 8, 100_000) / 100_000),
    ),
    Plan(
        "BLOOM, cosine to a tenth and a last part there",
        "bigscience-workshop/bigscience train/tr11-176B-ml/tr11-176B-ml.slurm",
        20_000,
        lambda: by(warm_cosine, warmup=17, total=18_182, floor=0.1)(
            adam(6e-5, 6e-5, betas=(0.9, 0.95))
        ),
    ),
    Plan(
        "text to image from features, a logarithmic warmup",
        "IDEA-Research/hana config/deepspeed.py",
        20_000,
        lambda: by(logarithmic_rise, warmup=10_000)(adam(1e-4)),
    ),
    Plan(
        "SAM 2 on MOSE, a cosine to a tenth, a slower image encoder",
        "facebookresearch/sam2 sam2/configs/sam2.1_training/sam2.1_hiera_b+_MOSE_finetune.yaml",
        12_000,
        lambda: by(warm_cosine, warmup=0, total=12_000, floor=0.1)(adamw(5e-6, 3e-6)),
    ),
    Plan(
        "3DETR, a warmup that hides the start of a cosine",
        "facebookresearch/3detr engine.py, main.py",
        19_440,
        lambda: SetRate(
            adamw(5e-4),
            partial(through_the_rise, warmup=243, total=19_440, start=1e-6, peak=5e-4, end=1e-6),
        ),
    ),
    Plan(
        "EDM2, rise, plateau and inverse root",
        "NVlabs/edm2 train_edm2.py, training/training_loop.py",
        20_000,
        lambda: SetRate(
            adam(0.012, betas=(0.9, 0.99)), partial(edm2, peak=0.012, decay=1335, rise=186)
        ),
    ),
    Plan(
        "RWKV, one group of three at twice the rate",
        "BlinkDL/RWKV-LM RWKV-v5/demo-training-run.sh, RWKV-v5/src/trainer.py",
        20_000,
        lambda: SetRate(
            adam(6e-4, 6e-4, 6e-4, betas=(0.9, 0.99)),
            partial(rwkv, peak=6e-4, warmup=10, total=20_000, low=0.1),
            scales=[1.0, 1.0, 2.0],
        ),
    ),
    Plan(
        "long-tailed CIFAR, two drops by a hundred",
        "kaidic/LDAM-DRW cifar_train.py",
        200,
        lambda: LambdaLR(sgd(0.1), long_tail),
    ),
    Plan(
        "mean teacher, six sevenths of a cosine",
        "CuriousAI/mean-teacher pytorch/main.py",
        18_000,
        lambda: by(mean_teacher, rampdown=21_000)(sgd(0.1, nesterov=True)),
    ),
    Plan(
        "FastPitch, Noam through a rate that is none",
        "NVIDIA/DeepLearningExamples PyTorch/SpeechSynthesis/FastPitch/train.py",
        20_000,
        lambda: SetRate(
            adam(0.1, betas=(0.9, 0.98)), lambda t: 0.1 * root_after_rise(t + 1, warmup=1000)
        ),
    ),
    Plan(
        "CIFAR-10 to 94 percent, a triangle from a table",
        "KellerJordan/cifar10-airbench airbench94.py",
        476,
        airbench,
    ),
    Plan(
        "SWAG, flat, down to a fifth and there for half the run",
        "wjmaddox/swa_gaussian experiments/train/run_swag.py, README.md",
        300,
        lambda: by(constant_then_fall, start=161, low=0.2)(sgd(0.05)),
    ),
    Plan(
        "MusicGen with D-Adaptation, a cosine from a rate of one",
        "facebookresearch/audiocraft config/solver/musicgen/musicgen_base_32khz.yaml",
        20_000,
        lambda: by(warm_cosine, warmup=80, total=20_000)(adam(1.0)),
    ),
    Plan(
        "NeuS with masks, a cosine to a twentieth",
        "Totoro97/NeuS confs/wmask.conf, exp_runner.py",
        20_000,
        lambda: by(warm_cosine, warmup=333, total=20_000, floor=0.05)(adam(5e-4)),
    ),
    Plan(
        "MobileViTv2, warmup by updates and cosine by epochs to a tenth",
        "apple/ml-cvnets config/classification/imagenet/mobilevit_v2.yaml",
        18_000,
        lambda: TimmStyle(
            adamw(0.002, 0.002),
            lambda base, t: 2e-4 + (base - 2e-4) * half_cosine((t // 60 - 16) / 284),
            warmup_t=960,
            warmup_lr=1e-6,
        ),
    ),
    Plan(
        "VQ-BeT, a rise from zero in the middle, where the second stage begins",
        "huggingface/lerobot src/lerobot/optim/schedulers.py",
        20_000,
        lambda: by(vq_bet, codes=1600, warmup=40, total=20_000)(adam(1e-4)),
    ),
    Plan(
        "Pi0, scaled to fewer updates than it was made for",
        "huggingface/lerobot src/lerobot/optim/schedulers.py",
        20_000,
        lambda: by(pi_zero, warmup=666, decay=20_000, low=0.1)(adamw(2.5e-5, betas=(0.9, 0.95))),
    ),
    Plan(
        "voice cloning, one early drop by a list of sessions",
        "CorentinJ/Real-Time-Voice-Cloning synthesizer/hparams.py",
        20_000,
        lambda: SetRate(adam(0.001), lambda step: 0.001 if step < 800 else 3e-4),
    ),
    Plan(
        "ImageNet with apex, the third drop after twenty epochs only",
        "NVIDIA/apex examples/imagenet/main_amp.py",
        18_000,
        lambda: by(apex, per_epoch=200)(sgd(0.1)),
    ),
    Plan(
        "MoCo v3 with ViT, forty epochs of warmup",
        "facebookresearch/moco-v3 CONFIG.md, main_moco.py",
        18_000,
        lambda: by(warm_cosine, warmup=2400, total=18_000)(adamw(0.0024)),
    ),
    Plan(
        "guided diffusion, the classifier's line to zero",
        "openai/guided-diffusion README.md, scripts/classifier_train.py",
        20_000,
        classifier_line,
    ),
    Plan(
        "guided diffusion, the classifier resumed",
        "openai/guided-diffusion README.md, scripts/classifier_train.py",
        12_000,
        lambda: resumed(classifier_line, 8000),
        keywords={"resumed": True},
    ),
    # --- classes of their own --------------------------------------------------------------------
    Plan(
        "latent audio diffusion, an inverse power with a rise like an average's",
        "Stability-AI/stable-audio-tools docs/diffusion.md",
        20_000,
        lambda: InverseWithWarmup(adamw(5e-5), inv_gamma=1e6, power=0.5, warmup=0.99),
    ),
    Plan(
        "audio autoencoder, a slower rise like an average's",
        "Stability-AI/stable-audio-tools docs/autoencoders.md",
        20_000,
        lambda: InverseWithWarmup(
            adamw(1.5e-4, betas=(0.8, 0.99)), inv_gamma=200_000, power=0.5, warmup=0.999
        ),
    ),
    Plan(
        "GNMT, exponential warmup and four halvings",
        "NVIDIA/DeepLearningExamples PyTorch/Translation/GNMT/seq2seq/train/lr_scheduler.py",
        18_000,
        lambda: ExponentialRiseThenHalvings(adam(0.002), 18_000, warmup=200, remain=0.666),
    ),
    Plan(
        "Chemprop, two epochs up and an exponential down",
        "chemprop/chemprop chemprop/nn_utils.py",
        600,
        lambda: LineThenExponential(
            adam(1e-4), warmup=40, total=600, init=1e-4, top=0.001, final=1e-4
        ),
    ),
    Plan(
        "BiSeNet, exponential warmup and poly, a fast head",
        "CoinCheung/BiSeNet lib/lr_scheduler.py, tools/train_amp.py",
        15_000,
        lambda: ExponentialRisePoly(sgd(0.005, 0.005, 0.05, 0.05), 15_000, warmup=100),
    ),
    Plan(
        "ClimaX, a tenth of warmup and a cosine by recursion",
        "microsoft/ClimaX configs/global_forecast_climax.yaml, src/climax/utils/lr_scheduler.py",
        20_000,
        lambda: LinearWarmupCosine(
            adamw(5e-4, 5e-4, betas=(0.9, 0.99)), 2000, 20_000, start=1e-8, low=1e-8
        ),
    ),
    Plan(
        "CenterPoint, two half cosines with momentum",
        "tianweiy/CenterPoint configs/nusc/pp/nusc_centerpoint_pp_02voxel_two_pfn_10sweep.py",
        20_000,
        lambda: OneCycleWithMomentum(adam(1e-4, betas=(0.95, 0.99)), 20_000, 0.001),
    ),
    Plan(
        "re-identification, ten epochs of warmup, two drops",
        "michuanhaohao/reid-strong-baseline configs/softmax_triplet_with_center.yml",
        120,
        lambda: WarmupMultiStep(adam(3.5e-4), [40, 70], factor=0.01, iters=10),
    ),
    Plan(
        "Flemish speech, a Conformer with ESPnet's warmup",
        "huggingface.co/nelfproject/ASR_verbatim_v1 train_config.yaml",
        20_000,
        lambda: PeakAtWarmup(adam(0.004), warmup_steps=1429),
    ),
    Plan(
        "EfficientNet pruned and retrained, a step every 2.4 epochs",
        "LKJacky/mmrazor efficientnet/scripts/retrain_7.sh",
        450,
        lambda: TimmStyle(rmsprop(0.048), timm_steps(2.4, 0.97), warmup_t=3, warmup_lr=1e-6),
    ),
    Plan(
        "ProteinMPNN, Noam over an optimizer whose own rate is zero",
        "dauparas/ProteinMPNN training/model_utils.py",
        20_000,
        lambda: SetRate(
            adam(0.0, betas=(0.9, 0.98)),
            lambda t: noam(t + 1, width=128, warmup=4000, scale=2.0),
        ),
    ),
    # --- this package's schedules ----------------------------------------------------------------
    Plan(
        "SmolLM, a trapezoid of two million updates",
        "huggingface/smollm pre-training/smollm1/config_smollm1_135M.yaml",
        20_000,
        lambda: attach(
            adamw(0.003, betas=(0.9, 0.95)),
            lb.constant().then(lb.linear(gaps=4000), at=15_980).with_warmup(gaps=20),
        ),
    ),
    Plan(
        "xAR, a plateau of a hundred and a cosine of two hundred epochs",
        "SinaAlemohammad/Neon xAR/util/lr_sched.py",
        20_000,
        lambda: attach(
            adamw(4e-4, 4e-4, betas=(0.9, 0.95)),
            lb.constant().then(lb.cosine(gaps=5000), at=12_500).with_warmup(gaps=2500),
        ),
    ),
    Plan(
        "learned optimizers' baseline, a cosine to a tenth and ten updates there",
        "lefameuxbeding/learned_aggregation config/schedules/3e-1_adamw_cosine_1k-steps.py",
        1000,
        lambda: attach(adamw(0.3), lb.cosine(gaps=980, final=0.1).with_warmup(gaps=10)),
    ),
    # --- torch's own classes, second part --------------------------------------------------------
    Plan(
        "distillation, three late drops",
        "HobbitLong/RepDistiller train_teacher.py",
        240,
        lambda: torchs.MultiStepLR(sgd(0.05), [150, 180, 210]),
    ),
    Plan(
        "mixup, drops that come one epoch later than said",
        "facebookresearch/mixup-cifar10 train.py",
        200,
        lambda: torchs.MultiStepLR(sgd(0.1), [101, 151]),
    ),
    Plan(
        "DARTS, the found network for six hundred epochs",
        "quark0/darts cnn/train.py",
        600,
        lambda: torchs.CosineAnnealingLR(sgd(0.025), 600.0),
    ),
    Plan(
        "DARTS, the search with a floor",
        "quark0/darts cnn/train_search.py",
        50,
        lambda: torchs.CosineAnnealingLR(sgd(0.025), 50.0, eta_min=0.001),
    ),
    Plan(
        "FCN on COCO, poly with a fast auxiliary head",
        "pytorch/vision references/segmentation/train.py, references/segmentation/README.md",
        20_000,
        lambda: torchs.PolynomialLR(sgd(0.02, 0.02, 0.2), total_iters=20_000, power=0.9),
    ),
    Plan(
        "R(2+1)D on Kinetics, ten epochs of warmup by updates, three drops",
        "pytorch/vision references/video_classification/train.py",
        18_000,
        lambda: one_after_the_other(
            sgd(0.64),
            lambda o: torchs.LinearLR(o, start_factor=0.001, total_iters=4000),
            lambda o: torchs.MultiStepLR(o, [4000, 8000, 12_000]),
            at=4000,
        ),
    ),
    Plan(
        "RAFT in torchvision, a cycle in lines",
        "pytorch/vision references/optical_flow/train.py",
        20_000,
        lambda: torchs.OneCycleLR(
            adamw(4e-4),
            4e-4,
            epochs=10,
            steps_per_epoch=2000,
            pct_start=0.05,
            cycle_momentum=False,
            anneal_strategy="linear",
        ),
    ),
    Plan(
        "GMFlow, a cycle ten updates too long",
        "haofeixu/gmflow main.py",
        20_000,
        lambda: torchs.OneCycleLR(
            adamw(4e-4),
            4e-4,
            20_010,
            pct_start=0.05,
            cycle_momentum=False,
            anneal_strategy="cos",
        ),
    ),
    Plan(
        "PARSeq, one cycle by updates",
        "baudm/parseq strhub/models/base.py, configs/model/parseq.yaml",
        20_000,
        lambda: torchs.OneCycleLR(
            adamw(0.0015, 0.0015), 0.0015, 20_000, pct_start=0.075, cycle_momentum=False
        ),
    ),
    Plan(
        "PSMNet on KITTI, one drop at two thirds",
        "JiaRenChang/PSMNet finetune.py",
        300,
        lambda: torchs.MultiStepLR(adam(0.001), [200]),
    ),
    Plan(
        "GwcNet on SceneFlow, four halvings of which the last is the end",
        "xy-guo/GwcNet scripts/sceneflow.sh",
        16,
        lambda: torchs.MultiStepLR(adam(0.001), [10, 12, 14, 16], gamma=0.5),
    ),
    Plan(
        "SSD300 on VOC, three drops of which the last is the end",
        "amdegroot/ssd.pytorch data/config.py, train.py",
        20_000,
        lambda: torchs.MultiStepLR(sgd(0.001), [13_333, 16_667, 20_000]),
    ),
    Plan(
        "EDSR, one halving",
        "sanghyun-son/EDSR-PyTorch src/option.py",
        300,
        lambda: torchs.MultiStepLR(adam(1e-4), [200], gamma=0.5),
    ),
    Plan(
        "DnCNN, three drops by fifths in the first half",
        "cszn/DnCNN TrainingCodes/dncnn_pytorch/main_train.py",
        180,
        lambda: torchs.MultiStepLR(adam(0.001), milestones=[30, 60, 90], gamma=0.2),
    ),
    Plan(
        "VDSR, a tenth every ten epochs",
        "twtygqyy/pytorch-vdsr main_vdsr.py",
        50,
        lambda: torchs.StepLR(sgd(0.1), 10),
    ),
    Plan(
        "Faster R-CNN, biases twice as fast, a drop every six epochs",
        "jwyang/faster-rcnn.pytorch trainval_net.py",
        20,
        lambda: torchs.MultiStepLR(sgd(0.001, 0.002), [5, 11, 17]),
    ),
    Plan(
        "OSNet, ten of fifty epochs with a frozen base",
        "KaiyangZhou/deep-person-reid configs/im_osnet_x1_0_softmax_256x128_amsgrad_cosine.yaml",
        50,
        lambda: torchs.CosineAnnealingLR(adam(0.0015, amsgrad=True), 50.0),
    ),
    Plan(
        "ArcFace in PyTorch, three drops in twenty epochs",
        "TreB1eN/InsightFace_Pytorch config.py, Learner.py",
        20,
        lambda: torchs.MultiStepLR(sgd(0.001, 0.001), [12, 15, 18]),
    ),
    Plan(
        "prototypical networks, a halving every twenty epochs",
        "cyvius96/prototypical-network-pytorch train.py",
        200,
        lambda: torchs.StepLR(adam(0.001), step_size=20, gamma=0.5),
    ),
    Plan(
        "Fourier neural operator, a halving every hundred epochs",
        "zongyi-li/fourier_neural_operator fourier_2d.py",
        500,
        lambda: torchs.StepLR(adam(0.001), step_size=100, gamma=0.5),
    ),
    Plan(
        "DiffDock, plateau down to a hundredth",
        "gcorso/DiffDock README.md, utils/training.py",
        850,
        lambda: torchs.ReduceLROnPlateau(adamw(0.001), factor=0.7, patience=30, min_lr=1e-5),
    ),
    Plan(
        "ANI potentials, plateau without a threshold",
        "aiqm/torchani examples/nnp_training.py",
        700,
        lambda: torchs.ReduceLROnPlateau(
            adamw(0.001, 0.001, 0.001), factor=0.5, patience=100, threshold=0
        ),
    ),
    Plan(
        "ANI potentials, plateau resumed by both states",
        "aiqm/torchani examples/nnp_training.py",
        400,
        lambda: resumed(
            lambda: torchs.ReduceLROnPlateau(
                adamw(0.001, 0.001, 0.001), factor=0.5, patience=100, threshold=0
            ),
            300,
        ),
        keywords={"resumed": True},
    ),
    Plan(
        "Parallel WaveGAN, one halving at half the run",
        "kan-bayashi/ParallelWaveGAN egs/ljspeech/voc1/conf/parallel_wavegan.v1.yaml",
        20_000,
        lambda: torchs.StepLR(adam(1e-4), step_size=10_000, gamma=0.5),
    ),
    Plan(
        "onsets and frames, a fiftieth less fifty times",
        "jongwook/onsets-and-frames train.py",
        20_000,
        lambda: torchs.StepLR(adam(6e-4), step_size=400, gamma=0.98),
    ),
    Plan(
        "speaker recognition, a twentieth less every ten epochs",
        "clovaai/voxceleb_trainer scheduler/steplr.py, trainSpeakerNet.py",
        500,
        lambda: torchs.StepLR(adam(0.001), step_size=10, gamma=0.95),
    ),
    Plan(
        "transfer learning tutorial, the new layer alone",
        "pytorch/tutorials beginner_source/transfer_learning_tutorial.py",
        25,
        lambda: torchs.StepLR(sgd(0.01), step_size=7, gamma=0.1),
    ),
    Plan(
        "transfer learning tutorial, the new layer ten times as fast",
        "pytorch/tutorials beginner_source/transfer_learning_tutorial.py",
        25,
        lambda: torchs.StepLR(sgd(0.01, 0.001), step_size=7, gamma=0.1),
    ),
    Plan(
        "transformer tutorial, three epochs from a rate of five",
        "pytorch/tutorials beginner_source/transformer_tutorial.py",
        3,
        lambda: torchs.StepLR(sgd(5.0, momentum=0.0), 1.0, gamma=0.95),
    ),
    Plan(
        "marine objects, one drop side by side with a rise, a slow backbone",
        "BugBubbles/SMC-DETR configs/schedular/12epochs.py",
        12_000,
        lambda: rise_beside_stairs(adamw(1e-5, 1e-4), 2000, [10_000]),
    ),
    # --- functions of the step and tables, second part -------------------------------------------
    Plan(
        "DINO, a table of rates from zero",
        "facebookresearch/dino main_dino.py, utils.py",
        20_000,
        lambda: RateTable(
            adamw(0.001, 0.001),
            cosine_table(first=0.0, peak=0.001, low=1e-6, warmup=2000, total=20_000),
        ),
    ),
    Plan(
        "VideoMAE fine-tuned, a table of rates for thirteen layers",
        "MCG-NJU/VideoMAE scripts/kinetics/"
        "videomae_vit_base_patch16_224_tubemasking_ratio_0.9_epoch_800/finetune.sh",
        20_000,
        finetuned_video,
    ),
    Plan(
        "MAR, a quarter of warmup and no decay",
        "LTH14/mar README.md, util/lr_sched.py",
        20_000,
        lambda: LambdaLR(
            adamw(8e-4, 8e-4, betas=(0.9, 0.95)), partial(constant_plan, num_warmup_steps=5000)
        ),
    ),
    Plan(
        "pix2pixHD, half of it linear decay",
        "NVIDIA/pix2pixHD models/pix2pixHD_model.py, options/train_options.py",
        200,
        lambda: by(late_linear, keep=100, decay=100)(adam(2e-4, betas=(0.5, 0.999))),
    ),
    Plan(
        "TransUNet, poly by updates one update late",
        "Beckschen/TransUNet trainer.py",
        13_950,
        lambda: by(late_poly, total=13_950)(sgd(0.01)),
    ),
    Plan(
        "PSPNet on ADE20K, poly by updates, heads ten times as fast",
        "hszhao/semseg tool/train.py, config/ade20k/ade20k_pspnet50.yaml",
        20_000,
        lambda: by(poly, total=20_000)(sgd(0.01, 0.1, 0.1)),
    ),
    Plan(
        "YOLACT, a short rise from a tenth, four drops",
        "dbolya/yolact data/config.py, train.py",
        20_000,
        lambda: by(yolact, edges=(7000, 15_000, 17_500, 18_750), warmup=12, first=0.1)(sgd(0.001)),
    ),
    Plan(
        "source separation, stairs under a rise of a thousand updates",
        "bytedance/music_source_separation bytesep/optimizers/lr_schedulers.py",
        20_000,
        lambda: by(stairs_after_rise, warmup=67, every=1000, gamma=0.9)(adam(0.001)),
    ),
    Plan(
        "PPO on MuJoCo in a well-known rewrite, a line to zero by rollouts",
        "ikostrikov/pytorch-a2c-ppo-acktr-gail README.md, a2c_ppo_acktr/utils.py",
        488,
        lambda: SetRate(adam(3e-4), lambda update: 3e-4 - 3e-4 * update / 488),
    ),
    Plan(
        "PPO's details on Atari, a line to zero by rollouts",
        "vwxyzjn/ppo-implementation-details ppo_atari.py",
        9765,
        lambda: SetRate(adam(2.5e-4), lambda update: (1 - update / 9765) * 2.5e-4),
    ),
    Plan(
        "Glow-TTS, Noam from a rate of one",
        "jaywalnut310/glow-tts configs/base.json, commons.py",
        20_000,
        lambda: SetRate(
            adam(1.0, betas=(0.9, 0.98)), lambda t: noam(t + 1, width=192, warmup=4000)
        ),
    ),
    Plan(
        "OpenNMT's transformer, Noam from a rate of two",
        "OpenNMT/OpenNMT-py config/config-transformer-base-1GPU.yml",
        20_000,
        lambda: SetRate(
            adam(2.0, betas=(0.9, 0.998)),
            lambda t: noam(t + 1, width=512, warmup=320, scale=0.4),
        ),
    ),
    Plan(
        "UNETR, one epoch at zero of fifty of warmup",
        "Project-MONAI/research-contributions UNETR/BTCV/main.py, UNETR/BTCV/optimizers",
        5000,
        lambda: LinearWarmupCosine(adamw(1e-4), 50, 5000),
    ),
    Plan(
        "BERT on MRPC without warmup",
        "huggingface/transformers examples/pytorch/text-classification/README.md",
        345,
        lambda: LambdaLR(
            adamw(2e-5, 2e-5), partial(linear_plan, num_warmup_steps=0, num_training_steps=345)
        ),
    ),
    Plan(
        "BERT on SQuAD without warmup",
        "huggingface/transformers examples/pytorch/question-answering/README.md",
        14_754,
        lambda: LambdaLR(
            adamw(3e-5, 3e-5), partial(linear_plan, num_warmup_steps=0, num_training_steps=14_754)
        ),
    ),
    Plan(
        "DreamBooth, constant",
        "huggingface/diffusers examples/dreambooth/README.md",
        400,
        lambda: LambdaLR(adamw(5e-6), unchanged),
    ),
    # --- papers ----------------------------------------------------------------------------------
    Plan(
        "DeepSeek-V3, two plateaus and a drop after the cosine",
        "arXiv 2412.19437 (DeepSeek-V3), section 4.2",
        20_000,
        lambda: by(
            rise_hold_cosine_hold_drop,
            warmup=167,
            hold=13_514,
            decay=5811,
            drop=19_775,
            low=0.1,
            last=7.3 / 220,
        )(adamw(2.2e-4, betas=(0.9, 0.95))),
    ),
    Plan(
        "ULMFiT, one slanted triangle for four layers",
        "arXiv 1801.06146 (ULMFiT), section 3",
        2000,
        lambda: by(slanted_triangle, total=2000)(
            adam(0.01 / 2.6**3, 0.01 / 2.6**2, 0.01 / 2.6, 0.01, betas=(0.7, 0.99))
        ),
    ),
    Plan(
        "ResNet-110 on CIFAR-10, a slow start until it learns",
        "arXiv 1512.03385 (ResNet), section 4.2",
        20_000,
        lambda: constant_rise_and_stairs(sgd(0.1), 125, [10_000, 15_000]),
    ),
    Plan(
        "AlphaGo Zero, two drops in the last half",
        "Silver et al. 2017 (AlphaGo Zero), Extended Data Table 3",
        20_000,
        lambda: torchs.MultiStepLR(sgd(0.01), [11_429, 17_143]),
    ),
    Plan(
        "BERT, a line to zero over a million updates",
        "arXiv 1810.04805 (BERT), appendix A.2",
        20_000,
        lambda: LambdaLR(
            adamw(1e-4), partial(linear_plan, num_warmup_steps=200, num_training_steps=20_000)
        ),
    ),
    Plan(
        "GPT-3, a cosine to a tenth and 40 billion tokens there",
        "arXiv 2005.14165 (GPT-3), appendix B",
        20_000,
        lambda: attach(
            adam(6e-5, betas=(0.9, 0.95)), lb.cosine(gaps=17_308, final=0.1).with_warmup(gaps=25)
        ),
    ),
    Plan(
        "LLaMA, a cosine to a tenth",
        "arXiv 2302.13971 (LLaMA), section 2.3",
        20_000,
        lambda: lb.cosine(gaps=19_840, final=0.1).with_warmup(gaps=160),
        keywords={"peak": 3e-4},
    ),
    Plan(
        "Llama 3 405B, a cosine to a hundredth",
        "arXiv 2407.21783 (Llama 3), section 3.4.1",
        20_000,
        lambda: attach(adamw(8e-5), lb.cosine(gaps=19_867, final=0.01).with_warmup(gaps=133)),
    ),
    Plan(
        "DeepSeek LLM, two drops to a third each in the last fifth",
        "arXiv 2401.02954 (DeepSeek LLM), section 2.3",
        20_000,
        lambda: attach(
            adamw(4.2e-4, betas=(0.9, 0.95)),
            lb.multistep([16_000, 18_000], gamma=0.316) * lb.linear_warmup(gaps=189),
        ),
    ),
    Plan(
        "T5, a plateau and the inverse root of the step",
        "arXiv 1910.10683 (T5), section 3.1.2",
        20_000,
        lambda: lb.constant().then(lb.inverse_sqrt(381), at=381),
        keywords={"peak": 0.01},
    ),
    Plan(
        "Whisper, a line to zero",
        "arXiv 2212.04356 (Whisper), appendix F",
        20_000,
        lambda: lb.linear(gaps=19_961).with_warmup(gaps=39),
        keywords={"peak": 1.75e-4},
    ),
    Plan(
        "ImageNet in one hour, five epochs up and three drops",
        "arXiv 1706.02677 (ImageNet in 1 Hour), section 5.1",
        14_040,
        lambda: lb.multistep([4680, 9360, 12_480]) * lb.linear_warmup(gaps=780, initial=1 / 32),
        keywords={"peak": 3.2, "updates_per_epoch": 156},
    ),
    Plan(
        "EfficientNet, three percent less every 2.4 epochs",
        "arXiv 1905.11946 (EfficientNet), section 5.2",
        350,
        lambda: lb.step(every=2.4, gamma=0.97) * lb.linear_warmup(gaps=5),
        keywords={"peak": 0.256},
    ),
    Plan(
        "snapshot ensembles, six cosines",
        "arXiv 1704.00109 (Snapshot Ensembles), section 4",
        18_000,
        lambda: attach(sgd(0.1), lb.cosine(gaps=3000).repeat(3000)),
    ),
)
