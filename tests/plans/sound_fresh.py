"""Sound plans of public recipes, collected after the rules of `diagnose` were written.

Long runs are shortened in proportion. Where a file leaves the number of updates to the data, a
plausible one stands for it.
"""

import copy
import math
from bisect import bisect_right
from functools import partial

from plans.parts_sound import (
    RateTable,
    SetRate,
    WarmRestarts,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    chained_cosines,
    cosine_plan,
    inverse_sqrt_plan,
    late_linear,
    linear_plan,
    poly,
    polyline,
    resumed,
    sgd,
    staircase,
    trapezoid,
    unchanged,
    up_and_away,
    walk,
    warm_cosine,
    warm_cosine_early,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from torch.optim.swa_utils import SWALR

import lrsched_book as lb
from lrsched_book import attach

# --- factors and rates of the step ---------------------------------------------------------------


def hold_then_fall(t, *, warmup, total, cooldown, first=0.01, root=False):
    """Rise from `first`, stay, and fall to zero: in a line or, with `root`, as 1 - √share."""
    if t < warmup:
        return first + (1 - first) * t / warmup
    share = min(max((t - total + cooldown) / cooldown, 0.0), 1.0)
    return 1 - (math.sqrt(share) if root else share)


def restarts_plan(current_step, *, num_warmup_steps, num_training_steps, num_cycles):
    """HF's "cosine_with_restarts"."""
    if current_step < num_warmup_steps:
        return current_step / max(1, num_warmup_steps)
    share = (current_step - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    if share >= 1:
        return 0.0
    return 0.5 * (1 + math.cos(math.pi * (num_cycles * share % 1)))


def jagged(t, *, warmup, total, every, again, low):
    """ReLoRA's: a cosine to `low` that rises from zero anew after every so many updates."""
    if t < warmup:
        return t / warmup
    since = t % every
    if t >= every and since < again:
        return since / again * warm_cosine(t - since + again, warmup=warmup, total=total, floor=low)
    return warm_cosine(t, warmup=warmup, total=total, floor=low)


def seven_sixteenths(t, *, total):
    """FixMatch's: not quite a quarter of a cosine's wave."""
    return math.cos(7 / 16 * math.pi * t / total)


def warm_then_poly(t, *, warmup, first, total):
    """mmcv's: a decay in a straight line, times a rise that does not delay it."""
    left = 1 - t / total
    return left if t >= warmup else left * (first + (1 - first) * t / warmup)


def tiny_start(t, *, warmup, total):
    """GraphGPS's: a rise by epochs that starts at a millionth, half a cosine to zero."""
    return max(1e-6, t / warmup) if t < warmup else warm_cosine(t, warmup=warmup, total=total)


def rise(t, *, warmup):
    """One part of `warmup` more at each update, then the peak."""
    return min((t + 1) / warmup, 1)


def root_of_step(t, *, peak, warmup):
    """Noam's curve through `peak`; its steps count from 1."""
    return peak * min((t + 1) / warmup, (warmup / (t + 1)) ** 0.5)


def annealed_noam(t, *, width, warmup, drops, gamma, scale):
    """FastSpeech 2's: the Transformer's rate, lower after each of `drops`."""
    n = t + 1
    stairs = gamma ** bisect_right(drops, n - 1)
    return scale * width**-0.5 * min(n**-0.5, n * warmup**-1.5) * stairs


def contrastive(t, *, peak, first, low, warm, epochs, per_epoch):
    """SupContrast's: a cosine by epochs, after a rise by updates to where it has got to then."""

    def height(epoch):
        return low + (peak - low) * (1 + math.cos(math.pi * epoch / epochs)) / 2

    epoch = t // per_epoch + 1
    if epoch > warm:
        return height(epoch)
    return first + (height(warm) - first) * t / (warm * per_epoch)


def joint_embedding(t, *, start, peak, end, warmup, total):
    """I-JEPA's, which steps its scheduler before the update."""
    n = t + 1
    if n < warmup:
        return start + (peak - start) * n / warmup
    share = (n - warmup) / (total - warmup)
    return end + (peak - end) * (1 + math.cos(math.pi * share)) / 2


# --- schedulers as repositories write them -------------------------------------------------------


class WarmCosineLR(LambdaLR):
    """A LambdaLR that hands over a method of its own."""

    def __init__(self, optimizer, warmup, total, last_epoch=-1):
        self.warmup, self.total = warmup, total
        super().__init__(optimizer, self.height, last_epoch=last_epoch)

    def height(self, step):
        return warm_cosine(step, warmup=self.warmup, total=self.total)


class PolyLR(LRScheduler):
    """A power of what is left, in closed form."""

    def __init__(self, optimizer, max_iters, power=0.9, last_epoch=-1):
        self.max_iters, self.power = max_iters, power
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        left = 1 - self.last_epoch / self.max_iters
        return [base * left**self.power for base in self.base_lrs]


class CountingPoly(LRScheduler):
    """nnU-Net's: counts for itself and writes the rates, without the base class's `step`."""

    def __init__(self, optimizer, initial_lr, max_steps, exponent=0.9):
        self.initial_lr, self.max_steps, self.exponent = initial_lr, max_steps, exponent
        self.count = 0
        super().__init__(optimizer)

    def step(self, current_step=None):
        if current_step is None:
            current_step = self.count
            self.count += 1
        left = 1 - current_step / self.max_steps
        for group in self.optimizer.param_groups:
            group["lr"] = self.initial_lr * left**self.exponent


class RiseHoldStairs(LRScheduler):
    """AlphaFold's: a rise from zero, a plateau, then stairs; ignores the optimizer's rate."""

    def __init__(self, optimizer, top, warmup, hold, every, gamma):
        self.top, self.warmup, self.hold = top, warmup, hold
        self.every, self.gamma = every, gamma
        super().__init__(optimizer)

    def get_lr(self):
        t = self.last_epoch
        rate = self.top * min(t / self.warmup, 1)
        if t > self.hold:
            rate *= self.gamma ** ((t - self.hold) // self.every + 1)
        return [rate] * len(self.optimizer.param_groups)


class Eden(LRScheduler):
    """Icefall's: falls both with the batches and, by stairs, with the epochs."""

    def __init__(self, optimizer, lr_batches, lr_epochs, per_epoch):
        self.lr_batches, self.lr_epochs, self.per_epoch = lr_batches, lr_epochs, per_epoch
        super().__init__(optimizer)

    def get_lr(self):
        batches = self.last_epoch / self.lr_batches
        epochs = self.last_epoch // self.per_epoch / self.lr_epochs
        factor = (1 + batches**2) ** -0.25 * (1 + epochs**2) ** -0.25
        return [base * factor for base in self.base_lrs]


class WarmThenLine(LRScheduler):
    """ArcFace's: a rise in closed form, then a line computed from the present rate."""

    def __init__(self, optimizer, warmup, total):
        self.warmup, self.total = warmup, total
        super().__init__(optimizer)

    def get_lr(self):
        t, w, total = self.last_epoch, self.warmup, self.total
        present = [group["lr"] for group in self.optimizer.param_groups]
        if t == 0 or t > total:
            return present
        if t <= w:
            return [base * t / w for base in self.base_lrs]
        return [lr * (total - t) / (total - t + 1) for lr in present]


# --- compositions and resumptions ----------------------------------------------------------------


def one_after_the_other(optimizer, make_first, make_second, at):
    """Put two schedulers one after the other."""
    return torchs.SequentialLR(optimizer, [make_first(optimizer), make_second(optimizer)], [at])


def warmed_stairs(optimizer, warmup, milestones):
    """Let a rise and the stairs act side by side, as MMEngine does."""
    ramp = torchs.LinearLR(optimizer, start_factor=0.001, total_iters=warmup)
    return torchs.ChainedScheduler([ramp, torchs.MultiStepLR(optimizer, milestones)])


def reopened(make_optimizer, function, done):
    """Resume by the optimizer's state and `last_epoch`, without a scheduler's state."""
    state = copy.deepcopy(walk(LambdaLR(make_optimizer(), function), done).optimizer.state_dict())
    optimizer = make_optimizer()
    optimizer.load_state_dict(state)
    return LambdaLR(optimizer, function, last_epoch=done - 1)


def wound_forward(make, done):
    """Resume by the optimizer's state and by stepping a new scheduler as often as before."""
    state = copy.deepcopy(walk(make(), done).optimizer.state_dict())
    again = make()
    again.optimizer.load_state_dict(state)
    return walk(again, done)


def fixmatch():
    return by(seven_sixteenths, total=32_768)(sgd(0.03, nesterov=True))


def conditional_detr():
    return torchs.StepLR(adamw(1e-4, 1e-5), 40)


def flat_then_line():
    return by(hold_then_fall, warmup=300, total=15_000, cooldown=1500)(adamw(1e-3))


def mrpc():
    plan = partial(linear_plan, num_warmup_steps=100, num_training_steps=690)
    return LambdaLR(adamw(2e-5), plan)


def alpaca():
    plan = partial(linear_plan, num_warmup_steps=100, num_training_steps=1164)
    return LambdaLR(adamw(3e-4), plan)


def arcface():
    return WarmThenLine(sgd(0.2, 0.2), warmup=2528, total=31_600)


def ijepa():
    rates = partial(joint_embedding, start=2e-4, peak=1e-3, end=1e-6, warmup=5000, total=37_500)
    return SetRate(adamw(1e-3, 1e-3), rates)


def ignite_cifar():
    at, heights = (0, 388, 2328), (0.0, 1.0, 0.0)
    return by(polyline, at=at, heights=heights)(sgd(0.4, nesterov=True))


def diffusion_optimizer():
    return adamw(1e-4, betas=(0.95, 0.999))


DIFFUSION = partial(cosine_plan, num_warmup_steps=50, num_training_steps=47_500)

PLANS: tuple[Plan, ...] = (
    # --- torch's own classes ---------------------------------------------------------------------
    Plan(
        "Deformable DETR, one drop for three groups",
        "fundamentalvision/Deformable-DETR main.py",
        50,
        lambda: torchs.StepLR(adamw(2e-4, 2e-5, 2e-5), 40),
    ),
    Plan(
        "Conditional DETR, resumed before its drop",
        "Atten4Vis/ConditionalDETR main.py",
        20,
        lambda: resumed(conditional_detr, 30),
        keywords={"resumed": True},
    ),
    Plan(
        "monocular depth, one drop near the end",
        "nianticlabs/monodepth2 options.py",
        20,
        lambda: torchs.StepLR(adam(1e-4), 15, 0.1),
    ),
    Plan(
        "ECAPA-TDNN, 3 percent less each epoch",
        "TaoRuijie/ECAPA-TDNN ECAPAModel.py, trainECAPAModel.py",
        80,
        lambda: torchs.StepLR(adam(0.001), step_size=1, gamma=0.97),
    ),
    Plan(
        "SwinIR, five halvings of which the last is the end",
        "cszn/KAIR options/swinir/train_swinir_sr_classical.json",
        50_000,
        lambda: torchs.MultiStepLR(adam(2e-4), [25_000, 40_000, 45_000, 47_500, 50_000], gamma=0.5),
    ),
    Plan(
        "ResNet-32 on CIFAR-10 with AdamW, two drops",
        "LOG-postech/Sassha image_classification/config/cifar10/resnet32/adamw.sh",
        160,
        lambda: torchs.MultiStepLR(adamw(0.01), [80, 120], gamma=0.1),
    ),
    Plan(
        "hierarchical detector, one drop for four groups",
        "Gogonemnem/hierarchical-object-detection configs/hod/schedules/schedule_r50_8xb2-36e.py",
        36,
        lambda: torchs.MultiStepLR(adamw(2e-4, 2e-5, 2e-5, 2e-5), [30]),
    ),
    Plan(
        "HiFi-GAN, a thousandth less each epoch",
        "jik876/hifi-gan train.py",
        3100,
        lambda: torchs.ExponentialLR(adamw(2e-4, betas=(0.8, 0.99)), gamma=0.999),
    ),
    Plan(
        "DGCNN on ModelNet40, a cosine to a hundredth",
        "WangYueFt/dgcnn pytorch/main.py",
        250,
        lambda: torchs.CosineAnnealingLR(sgd(0.1), 250, eta_min=0.001),
    ),
    Plan(
        "S4 on sequential CIFAR, its own group ten times slower",
        "state-spaces/s4 example.py",
        100,
        lambda: torchs.CosineAnnealingLR(adamw(0.01, 0.001), 100),
    ),
    Plan(
        "implicit Q-learning, a cosine for the policy",
        "gwthomas/IQL-PyTorch main.py",
        50_000,
        lambda: torchs.CosineAnnealingLR(adam(3e-4), 50_000),
    ),
    Plan(
        "SimSiam for a detector, a cosine by epochs",
        "namihagi/mmdetection workspace/configs/simsiam/_base_/schedule_100e_annealing.py",
        100,
        lambda: torchs.CosineAnnealingLR(sgd(0.05), 100),
    ),
    Plan(
        "RAFT-Stereo, a cycle a hundred updates too long",
        "princeton-vl/RAFT-Stereo train_stereo.py",
        50_000,
        lambda: torchs.OneCycleLR(
            adamw(2e-4),
            2e-4,
            50_050,
            pct_start=0.01,
            cycle_momentum=False,
            anneal_strategy="linear",
        ),
    ),
    Plan(
        "DROID-SLAM, a cycle with cosines",
        "princeton-vl/DROID-SLAM train.py",
        50_000,
        lambda: torchs.OneCycleLR(
            adam(2.5e-4), 2.5e-4, 50_000, pct_start=0.01, cycle_momentum=False
        ),
    ),
    Plan(
        "fast adversarial training, one triangle",
        "locuslab/fast_adversarial CIFAR10/train_fgsm.py",
        5865,
        lambda: torchs.CyclicLR(
            sgd(0.2), base_lr=0.0, max_lr=0.2, step_size_up=2932.5, step_size_down=2932.5
        ),
    ),
    Plan(
        "ControlNet of MAISI, a parabola to zero",
        "Project-MONAI/tutorials generation/maisi/scripts/train_controlnet.py",
        40_000,
        lambda: torchs.PolynomialLR(adamw(1e-5), total_iters=40_000, power=2.0),
    ),
    Plan(
        "PPO in traffic, a line to zero",
        "mepear/flow train_scripts/test-uniform-another.sh",
        666,
        lambda: torchs.LinearLR(adam(2.5e-4), 1.0, 0.0, total_iters=666),
    ),
    Plan(
        "interatomic potentials, plateau for five groups",
        "ACEsuit/mace mace/tools/scripts_utils.py, mace/tools/arg_parser.py",
        2048,
        lambda: torchs.ReduceLROnPlateau(adam(*[0.01] * 5), factor=0.8, patience=50),
    ),
    Plan(
        "interatomic potentials, second stage at a tenth",
        "ACEsuit/mace mace/tools/scripts_utils.py, mace/tools/arg_parser.py",
        512,
        lambda: SWALR(adam(*[0.01] * 5), swa_lr=0.001, anneal_epochs=1, anneal_strategy="linear"),
    ),
    Plan(
        "NequIP, a patient plateau",
        "mir-group/nequip configs/full.yaml",
        5000,
        lambda: torchs.ReduceLROnPlateau(adam(0.005, amsgrad=True), factor=0.5, patience=100),
    ),
    Plan(
        "GCN on ZINC, an impatient plateau",
        "graphdeeplearning/benchmarking-gnns configs/molecules_graph_regression_GCN_ZINC_100k.json",
        1000,
        lambda: torchs.ReduceLROnPlateau(adam(0.001), factor=0.5, patience=10),
    ),
    # --- compositions ----------------------------------------------------------------------------
    Plan(
        "NAdamW baseline, a rise from next to nothing, a cosine",
        "mlcommons/algorithmic-efficiency "
        "reference_algorithms/paper_baselines/nadamw/pytorch/submission.py",
        46_666,
        lambda: one_after_the_other(
            adamw(0.002),
            lambda o: torchs.LinearLR(o, start_factor=1e-10, total_iters=2333),
            lambda o: torchs.CosineAnnealingLR(o, T_max=46_666 - 2333),
            at=2333,
        ),
    ),
    Plan(
        "masked autoencoder of cells, a fifth of warmup",
        "SimonBon/MCA configs/_base_/train_cfg.py",
        1000,
        lambda: one_after_the_other(
            adamw(3e-4),
            lambda o: torchs.LinearLR(o, start_factor=1e-4, total_iters=200),
            lambda o: torchs.CosineAnnealingLR(o, T_max=800, eta_min=1e-6),
            at=200,
        ),
    ),
    Plan(
        "DDQ with Swin, one epoch of warmup, slow backbone",
        "boostcampaitech7/level2-objectdetection-cv-09 "
        "mmdetection/custom_configs/hch/ddq_swin/scheduler.py",
        5700,
        lambda: one_after_the_other(
            adamw(2e-4, 1e-5),
            lambda o: torchs.LinearLR(o, start_factor=1e-4, total_iters=190),
            lambda o: torchs.CosineAnnealingLR(o, T_max=29 * 190),
            at=190,
        ),
    ),
    Plan(
        "melanoma, one slow epoch, then one cycle of warm restarts",
        "haqishen/SIIM-ISIC-Melanoma-Classification-1st-Place-Solution train.py",
        15,
        lambda: one_after_the_other(
            adam(3e-4),
            lambda o: torchs.LinearLR(o, start_factor=0.1, total_iters=1),
            lambda o: torchs.CosineAnnealingWarmRestarts(o, 14),
            at=1,
        ),
    ),
    Plan(
        "prompt learning, one epoch at a small constant rate",
        "KaiyangZhou/CoOp configs/trainers/CoOp/rn50.yaml",
        200,
        lambda: one_after_the_other(
            sgd(0.002),
            lambda o: torchs.ConstantLR(o, factor=0.005, total_iters=1),
            lambda o: torchs.CosineAnnealingLR(o, 200),
            at=1,
        ),
    ),
    Plan(
        "Mask R-CNN on VOC, rise and stairs side by side",
        "hank-aa11/sparse-maskrcnn-voc schedule_sparse_1x.py",
        21_000,
        lambda: warmed_stairs(adamw(2e-5), 1000, [15_750, 19_250]),
    ),
    Plan(
        "SADP-Net, rise and stairs side by side, early drops",
        "YuuuuuuuZhou/SADPNet configs/_base_/schedules/schedule_1x_SADP_Net.py",
        15_000,
        lambda: warmed_stairs(adamw(1e-4), 1000, [7200, 12_000]),
    ),
    # --- transformers' plans as LambdaLR ---------------------------------------------------------
    Plan(
        "Alpaca with LoRA, linear",
        "tloen/alpaca-lora finetune.py",
        1164,
        alpaca,
    ),
    Plan(
        "Alpaca with LoRA, resumed from the Trainer's checkpoint",
        "tloen/alpaca-lora finetune.py",
        364,
        lambda: resumed(alpaca, 800),
    ),
    Plan(
        "BERT on MRPC, resumed after two of three epochs",
        "huggingface/accelerate examples/by_feature/checkpointing.py",
        230,
        lambda: resumed(mrpc, 460),
        keywords={"resumed": True},
    ),
    Plan(
        "LoRA on instructions, linear without warmup",
        "Natu-ja/cook scripts/run_train_lora.sh",
        3000,
        lambda: LambdaLR(
            adamw(5e-5), partial(linear_plan, num_warmup_steps=0, num_training_steps=3000)
        ),
    ),
    Plan(
        "mathematics with a persona, cosine",
        "IchigyouRurii/PersonaMath run_zero3.sh",
        1650,
        lambda: LambdaLR(
            adamw(2e-5), partial(cosine_plan, num_warmup_steps=50, num_training_steps=1650)
        ),
    ),
    Plan(
        "style LoRA of PixArt, cosine without warmup",
        "MTDoven/Conditional-Parameter-Diffusion PixArt-StyleTrans-COCO/trainLoRA.sh",
        4500,
        lambda: LambdaLR(
            adamw(8e-6), partial(cosine_plan, num_warmup_steps=0, num_training_steps=4500)
        ),
    ),
    Plan(
        "Prodigy at a rate of one, cosine for two groups",
        "bmaltais/kohya_ss presets/lora/SDXL - edgLoRAXL.json",
        3000,
        lambda: LambdaLR(
            adamw(1.0, 1.0), partial(cosine_plan, num_warmup_steps=0, num_training_steps=3000)
        ),
    ),
    Plan(
        "LoHa, constant, the text encoder at half the rate",
        "bmaltais/kohya_ss presets/lora/sd15-EDG_LoHaOptiSettings.json",
        2000,
        lambda: LambdaLR(adamw(5e-5, 1e-4), unchanged),
    ),
    Plan(
        "cinematic images with LoRA, constant",
        "rmalde/236-cinematic-diffusion run.sh",
        1500,
        lambda: LambdaLR(adamw(1e-4), unchanged),
    ),
    Plan(
        "language model from scratch, cosine with restarts, one cycle",
        "Eric-is-good/pretrain-LLM-from-scratch pretrain.sh",
        20_000,
        lambda: LambdaLR(
            adamw(0.001),
            partial(restarts_plan, num_warmup_steps=600, num_training_steps=20_000, num_cycles=1),
        ),
    ),
    Plan(
        "translation with fairseq, inverse square root",
        "tmu-nlp/100knock2021 nakatsuji/chapter10/96.py",
        7500,
        lambda: LambdaLR(
            adam(0.001), partial(inverse_sqrt_plan, num_warmup_steps=2000, timescale=2000)
        ),
    ),
    Plan(
        "diffusion policy, cosine",
        "real-stanford/diffusion_policy "
        "diffusion_policy/config/train_diffusion_unet_lowdim_workspace.yaml",
        47_500,
        lambda: LambdaLR(diffusion_optimizer(), DIFFUSION),
    ),
    Plan(
        "diffusion policy, resumed by last_epoch",
        "real-stanford/diffusion_policy "
        "diffusion_policy/workspace/train_diffusion_unet_lowdim_workspace.py",
        27_500,
        lambda: reopened(diffusion_optimizer, DIFFUSION, 20_000),
        keywords={"resumed": True},
    ),
    # --- other functions of the step -------------------------------------------------------------
    Plan(
        "FixMatch, seven sixteenths of a cosine",
        "kekmodel/FixMatch-pytorch train.py",
        32_768,
        fixmatch,
    ),
    Plan(
        "FixMatch, resumed half-way",
        "kekmodel/FixMatch-pytorch train.py",
        16_384,
        lambda: resumed(fixmatch, 16_384),
    ),
    Plan(
        "NanoGPT speedrun, flat and down, rates from 0.008 to 0.6",
        "KellerJordan/modded-nanogpt train_gpt2.py",
        1875,
        lambda: by(trapezoid, total=1875, cooldown=562)(
            adam(0.6, 0.008, 0.04, 0.04, betas=(0.9, 0.95))
        ),
    ),
    Plan(
        "WSD with a cooldown of one minus the root",
        "epfml/schedules-and-scaling src/optim/utils.py, src/config/base.py",
        15_000,
        lambda: by(hold_then_fall, warmup=300, total=15_000, cooldown=1500, root=True)(
            adamw(0.001, betas=(0.9, 0.95))
        ),
    ),
    Plan(
        "WSD with a linear cooldown, resumed on the plateau",
        "epfml/schedules-and-scaling src/optim/utils.py, src/config/base.py",
        9000,
        lambda: resumed(flat_then_line, 6000),
    ),
    Plan(
        "decision transformer, a rise over a tenth and no decay",
        "kzl/decision-transformer gym/experiment.py",
        50_000,
        lambda: by(rise, warmup=5000)(adamw(1e-4)),
    ),
    Plan(
        "SegFormer on ADE20K, the head ten times faster",
        "NVlabs/SegFormer local_configs/segformer/B1/segformer.b1.512x512.ade.160k.py",
        40_000,
        lambda: by(warm_then_poly, warmup=375, first=1e-6, total=40_000)(adamw(6e-5, 6e-4)),
    ),
    Plan(
        "SAM's example, three drops by fifths",
        "davda54/sam example/utility/step_lr.py",
        200,
        lambda: by(staircase, edges=(60, 120, 160), gamma=0.2)(sgd(0.1)),
    ),
    Plan(
        "TRADES, one drop just before the end",
        "yaodongyu/TRADES train_trades_cifar10.py",
        80,
        lambda: by(staircase, edges=(74, 89, 99), gamma=0.1)(sgd(0.1)),
    ),
    Plan(
        "DeepLab with Xception, poly by iterations, a fast head",
        "jfzhang95/pytorch-deeplab-xception utils/lr_scheduler.py, train_voc.sh",
        33_050,
        lambda: by(poly, total=33_050)(sgd(0.007, 0.07)),
    ),
    Plan(
        "graph transformer on ZINC, fifty epochs of warmup",
        "rampasek/GraphGPS configs/GPS/zinc-GPS+RWSE.yaml",
        2000,
        lambda: by(tiny_start, warmup=50, total=2000)(adamw(0.001)),
    ),
    Plan(
        "GPT-2 rebuilt in a lecture, fifty updates",
        "karpathy/build-nanogpt train_gpt2.py",
        50,
        lambda: by(warm_cosine_early, warmup=10, total=50, floor=0.1)(adamw(6e-4, 6e-4)),
    ),
    Plan(
        "PPO on MuJoCo, a line to zero",
        "thu-ml/tianshou examples/mujoco/mujoco_ppo.py",
        1500,
        lambda: LambdaLR(adam(3e-4), lambda epoch: 1 - epoch / 1500),
    ),
    Plan(
        "ignite's CIFAR-10, up and down in lines",
        "pytorch/ignite examples/cifar10/main.py",
        2328,
        ignite_cifar,
    ),
    Plan(
        "ignite's CIFAR-10, resumed on the way down",
        "pytorch/ignite examples/cifar10/main.py",
        1328,
        lambda: resumed(ignite_cifar, 1000),
    ),
    Plan(
        "mask optimization with a GAN, half of it linear decay",
        "dekura/dls-dmo train_2048_1024_gpu8_mg2cw.sh",
        100,
        lambda: by(late_linear, keep=50, decay=51, offset=1)(adam(2e-4, betas=(0.5, 0.999))),
    ),
    Plan(
        "federated pix2pix, a third of it linear decay",
        "Chris-tyt/fed-pix train_pix2pix.sh",
        15,
        lambda: by(late_linear, keep=10, decay=6, offset=1)(adam(2e-4, betas=(0.5, 0.999))),
    ),
    Plan(
        "language model with NAG, one cosine from a rate of one",
        "ZurichNLP/domain-robustness scripts/lm/training/train_lm_generic.sh",
        28_600,
        lambda: by(warm_cosine, warmup=1600, total=28_600, floor=1e-4, first=1e-7)(
            sgd(1.0, momentum=0.99, nesterov=True)
        ),
    ),
    Plan(
        "ReLoRA, jagged cosine",
        "shi3z/peft_pretraining train7B.sh",
        20_000,
        lambda: by(jagged, warmup=500, total=20_000, every=5000, again=100, low=0.1)(adam(0.001)),
    ),
    Plan(
        "weight averaging of a detector, twelve cosines",
        "VincentWangty/oodcv configs/_base_/swa.py",
        3600,
        lambda: by(chained_cosines, periods=(300,) * 12, low=0.01)(sgd(0.01)),
    ),
    Plan(
        "MonoCon, up to ten times the rate and away",
        "Xianpeng919/MonoCon mmdetection3d-0.14.0/configs/_base_/schedules/cyclic_200e_monocon.py",
        46_400,
        lambda: by(up_and_away, turn=18_560, total=46_400, top=10.0, end=1e-4)(
            adamw(2.25e-4, 4.5e-4, betas=(0.95, 0.99))
        ),
    ),
    # --- classes of their own --------------------------------------------------------------------
    Plan(
        "ViT fine-tuned on CIFAR, a LambdaLR with a method of its own",
        "jeonsworld/ViT-pytorch utils/scheduler.py, README.md",
        1000,
        lambda: WarmCosineLR(sgd(0.03), warmup=100, total=1000),
    ),
    Plan(
        "DeepLabV3+ on VOC, resumed, a slow backbone",
        "VainF/DeepLabV3Plus-Pytorch main.py, utils/scheduler.py",
        20_000,
        lambda: resumed(lambda: PolyLR(sgd(0.001, 0.01), 30_000), 10_000),
    ),
    Plan(
        "nnU-Net, poly by a counter of its own",
        "MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/polylr.py",
        1000,
        lambda: CountingPoly(sgd(0.01, momentum=0.99, nesterov=True), 0.01, 1000),
    ),
    Plan(
        "OpenFold, rise, plateau and stairs",
        "aqlaboratory/openfold openfold/utils/lr_schedulers.py",
        50_000,
        lambda: RiseHoldStairs(adam(0.001), 0.001, 500, 5000, 25_000, 0.95),
    ),
    Plan(
        "Zipformer's Eden, thirty epochs",
        "k2-fsa/icefall egs/librispeech/ASR/pruned_transducer_stateless7/optim.py",
        30_000,
        lambda: Eden(adam(0.003), lr_batches=1000, lr_epochs=6, per_epoch=1000),
    ),
    Plan(
        "ArcFace on MS1MV3, resumed on the way down",
        "deepinsight/insightface recognition/arcface_torch/lr_scheduler.py, train_v2.py",
        18_960,
        lambda: resumed(arcface, 12_640),
        keywords={"resumed": True},
    ),
    Plan(
        "I-JEPA, three hundred epochs",
        "facebookresearch/ijepa src/utils/schedulers.py, configs/in1k_vith14_ep300.yaml",
        37_500,
        ijepa,
    ),
    Plan(
        "I-JEPA, resumed by winding the scheduler forward",
        "facebookresearch/ijepa src/train.py, configs/in1k_vith14_ep300.yaml",
        25_000,
        lambda: wound_forward(ijepa, 12_500),
        keywords={"resumed": True},
    ),
    Plan(
        "FastSpeech 2, the Transformer's rate with three drops",
        "ming024/FastSpeech2 model/optimizer.py, config/LJSpeech/train.yaml",
        50_000,
        lambda: SetRate(
            adam(0.001, betas=(0.9, 0.98)),
            partial(
                annealed_noam,
                width=256,
                warmup=222,
                drops=(16_667, 22_222, 27_778),
                gamma=0.3,
                scale=18**-0.5,
            ),
        ),
    ),
    Plan(
        "WaveNet vocoder, Noam through a given peak",
        "r9y9/wavenet_vocoder lrschedule.py, hparams.py",
        50_000,
        lambda: SetRate(adam(1e-4), partial(root_of_step, peak=1e-4, warmup=4000)),
    ),
    Plan(
        "supervised contrastive learning, cosine by epochs",
        "HobbitLong/SupContrast util.py, README.md",
        49_000,
        lambda: SetRate(
            sgd(0.5),
            partial(
                contrastive, peak=0.5, first=0.01, low=5e-4, warm=10, epochs=1000, per_epoch=49
            ),
        ),
    ),
    Plan(
        "BLIP for retrieval, six epochs by a table",
        "salesforce/BLIP utils.py, configs/retrieval_coco.yaml",
        6,
        lambda: RateTable(
            adamw(1e-5), [5e-6 * (1 + math.cos(math.pi * epoch / 6)) for epoch in range(6)]
        ),
    ),
    Plan(
        "bag of tricks on Market-1501, warmup and two drops",
        "JDAI-CV/fast-reid configs/Base-bagtricks.yml",
        24_240,
        lambda: WarmupMultiStep(adam(3.5e-4), [8080, 18_180], factor=0.1, iters=2000),
    ),
    Plan(
        "key points in masks, Adam, warmup and two drops",
        "LEOCUIZHIHAO/kpmask configs/_base_/schedules/schedule_120e.py",
        12_000,
        lambda: WarmupMultiStep(adam(5e-4), [9000, 11_000], factor=0.001, iters=500),
    ),
    Plan(
        "nuclei by weak labels, warmup and two drops by iterations",
        "ZhiHuaYin/WeaklyNucleiSegmentation "
        "mmdetection-dna/configs/_base_/schedules/schedule_56k.py",
        28_000,
        lambda: WarmupMultiStep(sgd(0.01), [18_000, 24_500], factor=0.001, iters=250),
    ),
    Plan(
        "action segmentation, two warm cycles, the second half as high",
        "Thinksky5124/SVTAS config/_base_/schedules/lr/cosine_warmup_restart_50e.py",
        50,
        lambda: WarmRestarts(adam(0.001), first=25, top=0.001, low=1e-4, warmup=10, gamma=0.5),
    ),
    # --- this package's schedules ----------------------------------------------------------------
    Plan(
        "TinyStories transformer, half a cosine to zero",
        "karpathy/llama2.c train.py",
        50_000,
        lambda: attach(
            adamw(5e-4, 5e-4, betas=(0.9, 0.95)), lb.cosine(gaps=49_500).with_warmup(gaps=500)
        ),
    ),
    Plan(
        "Gaussian splatting, one group of six decays",
        "graphdeco-inria/gaussian-splatting utils/general_utils.py, arguments/__init__.py",
        30_000,
        lambda: attach(
            adam(1.6e-4, 2.5e-3, 1.25e-4, 0.05, 0.001, 0.001),
            [lb.exponential(0.01 ** (1 / 30_000)), *[lb.constant()] * 5],
        ),
    ),
    Plan(
        "music transformer with fairseq, inverse square root",
        "Pzzzzz5142/My-Music fake.sh",
        50_000,
        lambda: attach(
            adam(7e-4, betas=(0.9, 0.98)),
            lb.inverse_sqrt(2000).with_warmup(gaps=2000, initial=1e-7 / 7e-4),
        ),
    ),
    Plan(
        "learned aggregation, a cosine to a third and some updates there",
        "lefameuxbeding/learned_aggregation "
        "config/meta_train/schedules/meta_train_3e-3_5000_d3:1_clip1.py",
        5000,
        lambda: attach(
            adamw(0.003), lb.cosine(gaps=4800, final=1 / 3).with_warmup(gaps=100, initial=1e-7)
        ),
    ),
    Plan(
        "Raman spectra, a cosine times ten epochs of warmup",
        "ISCLab-Bistu/MultiTask-OralRamanSystem configs/_base_/schedules/raman_google.py",
        400,
        lambda: attach(sgd(0.05), lb.cosine(gaps=400) * lb.linear_warmup(gaps=10, initial=0.01)),
    ),
    Plan(
        "traffic anomalies, two drops times five epochs of warmup",
        "cybercore-co-ltd/AICity2022-Track3 configs/_base_/schedules/step_lr_20e.py",
        20,
        lambda: lb.multistep([10, 15]) * lb.linear_warmup(gaps=5, initial=0.1),
    ),
    Plan(
        "BERT in a day, one triangle",
        "JonasGeiping/cramming cramming/backend/optimizers/schedulers.py",
        50_000,
        lambda: lb.linear(gaps=25_000).with_warmup(gaps=25_000),
    ),
)
