"""Sound plans, the answers of twelve fixed searches in their order.

Long runs are shortened in proportion. Where a file leaves the number of updates to the data, a
plausible one stands for it; what else a file does not say is marked as missing.
"""

from plans.parts_sound import (
    PeakAtWarmup,
    RecursivePoly,
    SetRate,
    WarmRestarts,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    half_cosine,
    linear_plan,
    resumed,
    rmsprop,
    sgd,
    walk,
    warm_cosine,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

# --- factors and rates of the step ---------------------------------------------------------------


def flat_then_cosine(t, *, flat, total):
    """The full rate for some epochs, which the source calls a flat warmup, then half a cosine."""
    return half_cosine(max(t - flat, 0) / (total - flat))


def rise_then_poly(t, *, warmup, total):
    """nnU-Net with a warmup by epochs, the first of which has one part."""
    return (t + 1) / warmup if t < warmup else (1 - (t - warmup) / (total - warmup)) ** 0.9


def nnunet_poly(t, *, rate, total):
    return rate * (1 - t / total) ** 0.9


def rise_to_one(t, *, warmup, low):
    return low + (1 - low) * min(t / warmup, 1)


def linear_to(t, *, total, low):
    return (1 - t / total) * (1 - low) + low


def poly_to(t, *, total, low):
    return low + (1 - low) * (1 - t / total) ** 0.9


def linear_to_an_eleventh(t, *, warmup, total):
    """An early one of modded-nanogpt's: the line would be at zero a tenth after the end."""
    if t < warmup:
        return (t + 1) / warmup
    return (1.1 - (t - warmup) / (total - warmup)) / 1.1


def nanogpt(t, *, rate, low, warmup, total):
    return rate * warm_cosine(t, warmup=warmup, total=total, floor=low / rate)


def rise_then_epoch_cosine(t, *, per_epoch, warmup, epochs):
    """OpenMMLab's: a rise by updates, then half a cosine by epochs."""
    if t < warmup * per_epoch:
        return 1e-4 + (1 - 1e-4) * t / (warmup * per_epoch)
    return half_cosine((t // per_epoch - warmup) / (epochs - warmup))


def epoch_cosine_with_rise(t, *, per_epoch, epochs, warmup, first, low):
    """mmcv's: the cosine goes on by epochs beneath the rise."""
    rise = first + (1 - first) * min(t / warmup, 1)
    return rise * (low + (1 - low) * half_cosine(t // per_epoch / epochs))


def tenth_then_line(t, *, warmup, total):
    """mmcv's constant warmup, a tenth of a line that has begun to fall already."""
    return (0.1 if t < warmup else 1.0) * (1 - t / total)


def root_after_rise(t, *, warmup):
    return min(1.0, t / warmup) * (warmup / max(t, warmup)) ** 0.5


# --- schedulers as repositories write them -------------------------------------------------------


class UpDownAnnihilate(LRScheduler):
    """Smith's cycle in lines: up, down, and a last tenth towards nothing; the momentum against."""

    def __init__(self, optimizer, num_steps, rates=(0.1, 1.0), momenta=(0.85, 0.95)):
        self.num_steps, self.rates, self.momenta = num_steps, rates, momenta
        self.cycle = int(0.9 * num_steps)
        super().__init__(optimizer)

    def get_lr(self):
        t, half, (low, top) = self.last_epoch, self.cycle // 2, self.rates
        if t > self.cycle:
            share = (t - self.cycle) / (self.num_steps - self.cycle)
            return [low * (1 - 0.99 * min(share, 1))] * len(self.optimizer.param_groups)
        up = t / half if t <= half else (self.cycle - t) / (self.cycle - half)
        for group in self.optimizer.param_groups:
            group["momentum"] = self.momenta[1] - (self.momenta[1] - self.momenta[0]) * up
        return [low + (top - low) * up] * len(self.optimizer.param_groups)


class RiseThenConstant(LRScheduler):
    """FunASR's "custom_lambdalr"."""

    def __init__(self, optimizer, warmup_steps, last_epoch=-1):
        self.warmup_steps = warmup_steps
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch < self.warmup_steps:
            return [base * self.last_epoch / self.warmup_steps for base in self.base_lrs]
        return list(self.base_lrs)


class CosineRestarts(LRScheduler):
    """mmcv's "CosineRestart": cycles by epochs, each with its weight, and a rise by updates."""

    def __init__(self, optimizer, periods, weights, per_epoch, warmup, low):
        self.periods, self.weights, self.per_epoch = periods, weights, per_epoch
        self.warmup, self.low = warmup, low
        super().__init__(optimizer)

    def get_lr(self):
        epoch, cycle = self.last_epoch // self.per_epoch, 0
        while epoch >= self.periods[cycle]:
            epoch -= self.periods[cycle]
            cycle += 1
        share, weight = half_cosine(epoch / self.periods[cycle]), self.weights[cycle]
        rise = 0.001 + 0.999 * min(self.last_epoch / self.warmup, 1)
        return [rise * (self.low + weight * (b - self.low) * share) for b in self.base_lrs]


class WarmupCosine(LRScheduler):
    """A textbook's subclass: a rise to the rate and half a cosine."""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0, last_epoch=-1):
        self.warmup_steps, self.total_steps, self.min_lr = warmup_steps, total_steps, min_lr
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        scale = warm_cosine(self.last_epoch, warmup=self.warmup_steps, total=self.total_steps)
        return [self.min_lr + (base - self.min_lr) * scale for base in self.base_lrs]


# --- compositions and plans that are resumed as well ---------------------------------------------


def rise_and_cosine(optimizer, *, warmup, total, first, low=0.0):
    """torchvision's reference scripts and MMEngine: one after the other."""
    rise = torchs.LinearLR(optimizer, start_factor=first, total_iters=warmup)
    fall = torchs.CosineAnnealingLR(optimizer, total - warmup, eta_min=low)
    return torchs.SequentialLR(optimizer, [rise, fall], [warmup])


def constant_and_exponential(optimizer):
    slow = torchs.ConstantLR(optimizer, factor=0.1, total_iters=2)
    return torchs.ChainedScheduler([slow, torchs.ExponentialLR(optimizer, gamma=0.9)])


def convnext_unet():
    return torchs.CosineAnnealingLR(adamw(1e-4, 2e-4, weight_decay=1e-6), 15_000, eta_min=5e-7)


def kaggle_may():
    return by(linear_plan, num_warmup_steps=2000, num_training_steps=20_000)(adam(0.001))


def frnet_long():
    return torchs.OneCycleLR(
        adamw(0.01, weight_decay=0.01),
        0.01,
        15_000,
        pct_start=0.2,
        div_factor=25.0,
        final_div_factor=100.0,
    )


def one_step_ahead(scheduler):
    """Sassha's script steps once before the first epoch, so that the drops come one earlier."""
    scheduler.optimizer.step()
    scheduler.step()
    return scheduler


def template_drops():
    return torchs.MultiStepLR(sgd(0.1, weight_decay=1e-4), milestones=[100, 150], gamma=0.1)


def pruned_vit():
    return rise_and_cosine(adamw(0.003, weight_decay=0.3), warmup=30, total=300, first=0.033)


def lymph_nodes():
    return torchs.StepLR(adam(0.001, weight_decay=0.01), step_size=50, gamma=0.5)


def yolo_groups():
    return sgd(0.00125, 0.00125, 0.00125)  # a hundredth for sixty-four images, eight of them


def yolo_line():
    return by(linear_to, total=160, low=0.01)(yolo_groups())


def polar_lows():
    return torchs.ReduceLROnPlateau(adam(5e-4), mode="min", patience=5, factor=0.5)


def gpt2_xl():
    rates = {"rate": 2e-4, "low": 2e-5, "warmup": 100, "total": 15_000}
    return SetRate(adamw(2e-4, weight_decay=0.1), lambda t: nanogpt(t, **rates))


def text_detector():
    return RecursivePoly(sgd(0.007, weight_decay=1e-4), 20_000, power=0.9, eta_min=1e-7)


def textbook_restarts():
    return torchs.CosineAnnealingWarmRestarts(sgd(0.1), T_0=10, T_mult=2, eta_min=1e-6)


def yolo_reopened(done):
    """The repository's way: the optimizer's state, and one step from the epoch's number."""
    again = walk(yolo_line(), done)
    state = again.optimizer.state_dict()
    optimizer = yolo_groups()
    optimizer.load_state_dict(state)
    scheduler = LambdaLR(optimizer, lambda t: linear_to(t, total=160, low=0.01))
    scheduler.last_epoch = done - 1
    optimizer.step()
    scheduler.step()
    return scheduler


RESUMED = {"resumed": True}

PLANS: tuple[Plan, ...] = (
    # --- 1. CosineAnnealingLR training script epochs ---------------------------------------------
    Plan(
        "segmentation, a cosine over the iterations for backbone and head",
        "AokiMasataka/open_segmentation configs/convnext_base_unet.py",
        15_000,
        convnext_unet,
    ),
    Plan(
        "segmentation, a cosine over the iterations at a thousandth",
        "AokiMasataka/open_segmentation configs/segformer_b0.py",
        15_000,
        lambda: torchs.CosineAnnealingLR(adamw(1e-3, weight_decay=1e-6), 15_000, eta_min=5e-7),
    ),
    Plan(
        "a preset for small images, five flat epochs before the cosine",
        "CorcovadoMing/Researchlib researchlib/preset/config/cosine.py",
        15_000,
        lambda: by(flat_then_cosine, flat=500, total=15_000)(sgd(0.1)),
    ),
    Plan(
        "detection pretraining, a cosine by iterations",
        "namihagi/mmdetection workspace/configs/pretrain/_base_/schedule_20e_annealing.py",
        14_660,
        lambda: torchs.CosineAnnealingLR(sgd(0.01, weight_decay=1e-4), 14_660),
    ),
    Plan(
        "detection pretraining, three drops in twenty epochs",
        "namihagi/mmdetection workspace/configs/pretrain/_base_/schedule_20e.py",
        20,
        lambda: torchs.MultiStepLR(sgd(0.01, weight_decay=1e-4), [11, 15, 18]),
    ),
    Plan(
        "twelve epochs by epochs without a warmup",
        "namihagi/mmdetection workspace/configs/faster_rcnn_c4_coco/_base_/schedule_1x.py",
        12,
        lambda: torchs.MultiStepLR(sgd(0.02, weight_decay=1e-4), [8, 11]),
    ),
    Plan(
        "medical segmentation, a thousand epochs of a cosine",
        "MIC-DKFZ/nnUNet "
        "nnunetv2/training/nnUNetTrainer/variants/lr_schedule/nnUNetTrainerCosAnneal.py",
        1000,
        lambda: torchs.CosineAnnealingLR(sgd(0.01, momentum=0.99, nesterov=True), 1000),
    ),
    Plan(
        "medical segmentation, fifty epochs up and a power down",
        "MIC-DKFZ/nnUNet "
        "nnunetv2/training/nnUNetTrainer/variants/lr_schedule/nnUNetTrainer_warmup.py",
        1000,
        lambda: by(rise_then_poly, warmup=50, total=1000)(
            sgd(0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)
        ),
    ),
    Plan(
        "medical segmentation, a power down from a hundredth with AdamW",
        "MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/variants/optimizer/nnUNetTrainerAdam.py",
        1000,
        lambda: SetRate(adamw(0.01, amsgrad=True), lambda t: nnunet_poly(t, rate=0.01, total=1000)),
    ),
    Plan(
        "medical segmentation, a power down from Karpathy's constant",
        "MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/variants/optimizer/nnUNetTrainerAdam.py",
        1000,
        lambda: SetRate(adam(3e-4), lambda t: nnunet_poly(t, rate=3e-4, total=1000)),
    ),
    # --- 2. get_linear_schedule_with_warmup num_training_steps training loop ---------------------
    Plan(
        "answer types with BERT, a line down without a warmup",
        "rungsiman/smart smart/experiments/base.py",
        1976,
        lambda: by(linear_plan, num_warmup_steps=0, num_training_steps=1976)(adamw(2e-5)),
    ),
    Plan(
        "a tabular competition, a tenth up and a line down",
        "h3z/tps-may src/train/schedulers.py",
        20_000,
        kaggle_may,
    ),
    Plan(
        "question answering, three epochs with accumulated gradients",
        "yikyak02/CS4248-Project config/deberta_base_pointer.yaml",
        9216,
        lambda: by(linear_plan, num_warmup_steps=921, num_training_steps=9216)(
            adamw(3e-5, weight_decay=0.01)
        ),
    ),
    Plan(
        "question answering, one quick epoch",
        "yikyak02/CS4248-Project config/test_run_augmented.yaml",
        3000,
        lambda: by(linear_plan, num_warmup_steps=180, num_training_steps=3000)(
            adamw(3e-5, weight_decay=0.01)
        ),
    ),
    Plan(
        "nodules in lungs, a twentieth up and a line down",
        "novahow/DLCV-Final final/detector/main.py",
        3800,
        lambda: by(linear_plan, num_warmup_steps=190, num_training_steps=3800)(
            sgd(0.01, weight_decay=1e-4)
        ),
    ),
    # --- 3. OneCycleLR steps_per_epoch train -----------------------------------------------------
    Plan(
        "a cycle in lines with an annihilation",
        "dkumazaw/onecyclelr README.md",
        5000,  # missing
        lambda: UpDownAnnihilate(sgd(0.1), 5000),
    ),
    Plan(
        "video prediction, a cycle over a hundred epochs",
        # The rate is that of configs/kitticaltech/SimVP.py.
        "chengtan9907/OpenSTL methods/optim_scheduler.py",
        10_000,
        lambda: torchs.OneCycleLR(adam(5e-3), max_lr=5e-3, total_steps=10_000),
    ),
    Plan(
        "video prediction with Swin blocks, a cycle over fifty epochs",
        "chengtan9907/OpenSTL configs/human/simvp/SimVP_Swin.py",
        10_000,
        lambda: torchs.OneCycleLR(adam(1e-3), max_lr=1e-3, epochs=50, steps_per_epoch=200),
    ),
    Plan(
        "range images, a cycle over many iterations",
        "Xiangxu-0103/FRNet configs/_base_/schedules/onecycle-150k.py",
        15_000,
        frnet_long,
    ),
    Plan(
        "range images, a cycle over a third of the iterations",
        "Xiangxu-0103/FRNet configs/_base_/schedules/onecycle-50k.py",
        10_000,
        lambda: torchs.OneCycleLR(
            adamw(0.01, weight_decay=0.01), 0.01, 10_000, pct_start=0.2, final_div_factor=100.0
        ),
    ),
    # --- 4. MultiStepLR milestones ImageNet CIFAR training ---------------------------------------
    Plan(
        "a sharpness-aware optimizer, two drops in a hundred and sixty epochs",
        "LOG-postech/Sassha image_classification/config/cifar100/resnet32/sam_sgd.sh",
        160,
        lambda: one_step_ahead(torchs.MultiStepLR(sgd(0.1, weight_decay=5e-4), [80, 120])),
    ),
    Plan(
        "a second-order optimizer on ImageNet, two drops",
        "LOG-postech/Sassha image_classification/config/imagenet/resnet50/msassha.sh",
        90,
        lambda: one_step_ahead(torchs.MultiStepLR(sgd(0.15, weight_decay=1e-4), [30, 60])),
    ),
    Plan(
        "the usual drops for twenty layers at a higher rate",
        "LOG-postech/Sassha image_classification/config/cifar10/resnet20/adahessian.sh",
        160,
        lambda: one_step_ahead(torchs.MultiStepLR(sgd(0.15, weight_decay=5e-4), [80, 120])),
    ),
    Plan(
        "a wide network, three drops to a fifth with AdamW",
        "LOG-postech/Sassha image_classification/config/cifar100/wideresnet/adamw.sh",
        200,
        lambda: one_step_ahead(
            torchs.MultiStepLR(adamw(1e-3, weight_decay=5e-4), [60, 120, 160], gamma=0.2)
        ),
    ),
    Plan(
        "networks to prune, three drops in two hundred epochs",
        "VainF/Torch-Pruning benchmarks/scripts/pretrain/train.sh",
        200,
        lambda: torchs.MultiStepLR(sgd(0.1, weight_decay=5e-4), [120, 150, 180], gamma=0.1),
    ),
    Plan(
        "a detector to prune, drops in twenty-six epochs",
        # The rate is torchvision's; its warmup in the first epoch is another scheduler.
        "VainF/Torch-Pruning benchmarks/scripts/pretrain/coco_faster_rcnn.sh",
        26,
        lambda: torchs.MultiStepLR(sgd(0.02, weight_decay=1e-4), [16, 22], gamma=0.1),
    ),
    Plan(
        "a mobile network to prune, two hundredths less each epoch",
        "VainF/Torch-Pruning benchmarks/scripts/pretrain/mobilenetv2_width_1_4.sh",
        90,
        lambda: torchs.StepLR(rmsprop(0.045, weight_decay=4e-5), step_size=1, gamma=0.98),
    ),
    Plan(
        "point clouds to prune, three drops in two hundred and fifty epochs",
        "VainF/Torch-Pruning benchmarks/scripts/pretrain/modelnet40_pretrain.sh",
        250,
        lambda: torchs.MultiStepLR(sgd(0.1, weight_decay=5e-4), [100, 150, 200], gamma=0.1),
    ),
    Plan(
        "a pruned vision transformer, a tenth of the epochs up",
        "VainF/Torch-Pruning benchmarks/scripts/prune/imagenet/vit_group_norm.sh",
        300,
        pruned_vit,
    ),
    Plan(
        "a textbook's drops to a fifth",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/multistep_lr.md",
        200,
        lambda: torchs.MultiStepLR(sgd(0.1), milestones=[60, 120, 160], gamma=0.2),
    ),
    # --- 5. StepLR step_size gamma training script -----------------------------------------------
    Plan(
        "super-resolution, ten steps to a fifth",
        "yoosk526/SR-for-training auto_train.sh",
        300,
        lambda: torchs.StepLR(adam(0.001), 30, 0.2),
    ),
    Plan(
        "super-resolution, ten steps to a half",
        "yoosk526/SR-for-training auto_train.sh",
        300,
        lambda: torchs.StepLR(adam(0.001), 30, 0.5),
    ),
    Plan(
        "super-resolution, ten gentle steps",
        "yoosk526/SR-for-training auto_train.sh",
        300,
        lambda: torchs.StepLR(adam(0.001), 30, 0.8),
    ),
    Plan(
        "lymph nodes, four stages to a half",
        "yycris/Multimodal-Deep-Learning-Research-in-CLNM code/config.py",
        200,
        lymph_nodes,
    ),
    Plan(
        "vessels, four stages to a tenth from a small rate",
        "yycris/Multi-label-Deep-Learning-Framework-Research-in-MVI config.py",
        200,
        lambda: torchs.StepLR(adam(1e-5, weight_decay=0.01), step_size=50, gamma=0.1),
    ),
    Plan(
        "few-shot aircraft, two stages of three hundred epochs",
        "Tsingularity/PoseNorm_Fewshot FGVC/proto/ResNet18.sh",
        600,
        lambda: torchs.StepLR(sgd(0.1, weight_decay=1e-3), step_size=300, gamma=0.1),
    ),
    Plan(
        "few-shot aircraft with four layers, two stages",
        "Tsingularity/PoseNorm_Fewshot FGVC/proto/Conv4.sh",
        1000,
        lambda: torchs.StepLR(sgd(0.1, weight_decay=1e-3), step_size=500, gamma=0.1),
    ),
    Plan(
        "few-shot birds, three stages of twenty-five epochs",
        "Tsingularity/PoseNorm_Fewshot CUB/dynamic+PN/ResNet18.sh",
        75,
        lambda: torchs.StepLR(sgd(0.1, weight_decay=1e-3), step_size=25, gamma=0.1),
    ),
    Plan(
        "video captions, every third epoch a fifth less",
        "YehLi/xmodaler configs/video_caption/msvd/base_caption.yaml",
        5000,
        lambda: torchs.StepLR(adam(5e-4, betas=(0.9, 0.98)), 300, 0.8),
    ),
    Plan(
        "image captions, every third epoch a tenth of it",
        "YehLi/xmodaler configs/image_caption/base_att_image_caption.yaml",
        2000,
        lambda: torchs.StepLR(adam(5e-4), 600, 0.1),
    ),
    # --- 6. LambdaLR warmup cosine lr_lambda training --------------------------------------------
    Plan(
        "speech, a rise and then constant",
        "modelscope/FunASR funasr/schedulers/lambdalr_cus.py",
        20_000,
        lambda: RiseThenConstant(adam(2e-4), 1000),  # all numbers are missing
    ),
    Plan(
        "speech with branches, a peak at a fifth of the run",
        "modelscope/FunASR examples/aishell/branchformer/conf/branchformer_12e_6d_2048_256.yaml",
        18_000,
        lambda: PeakAtWarmup(adam(0.001, weight_decay=1e-6), 3500),
    ),
    Plan(
        "speech with convolutions, the root of the step after a rise",
        "modelscope/FunASR examples/aishell/conformer/conf/conformer_12e_6d_2048_256.yaml",
        15_000,
        lambda: PeakAtWarmup(adam(5e-4), 3000),
    ),
    Plan(
        "diffusion of grippers, a rise from a tenth",
        "LMN1590/point_e_revised training/scheduler.py",
        20_000,
        lambda: by(rise_to_one, warmup=1000, low=0.1)(adamw(1e-4)),
    ),
    Plan(
        "diffusion of grippers, a cosine by epochs",
        "LMN1590/point_e_revised training/trainer.py",
        1000,
        lambda: torchs.CosineAnnealingLR(adamw(1e-4), T_max=1000, eta_min=0.0),
    ),
    Plan(
        "a detector for VOC, a line to a hundredth",
        # The rise in the first three epochs is written into the groups by hand.
        "EricReno/Yolo_v3 utils/lr_scheduler.py",
        161,  # the loop does one more than it says
        yolo_line,
    ),
    # --- 7. CosineAnnealingWarmRestarts T_0 T_mult train -----------------------------------------
    Plan(
        "a forked package's example, one cycle",
        "alibalapour/pytorch-cosine-annealing-with-warmup README.md",
        200,  # missing
        lambda: WarmRestarts(sgd(0.1, weight_decay=1e-5), 200, top=0.1, low=0.001, warmup=50),
    ),
    Plan(
        "trash in photographs, two cycles and an epoch before",
        "boostcampaitech3/level2-object-detection-level2-cv-18 "
        "Mmdetection/Swin_T/_base_/schedules/schedule_2x.py",
        2400,
        lambda: CosineRestarts(
            adamw(1e-4), [1, 12, 12, 12], [1, 1, 0.5, 0.5], per_epoch=100, warmup=100, low=1e-5
        ),
    ),
    Plan(
        "trash in photographs, a cosine by epochs",
        "boostcampaitech3/level2-object-detection-level2-cv-18 "
        "Mmdetection/Swin_B/configs/_boost_/schedules/schedule_swin_b.py",
        12_000,
        lambda: by(
            epoch_cosine_with_rise, per_epoch=500, epochs=24, warmup=300, first=0.1, low=7e-6
        )(adamw(5e-5, weight_decay=0.01)),
    ),
    Plan(
        "trash in photographs, five cycles ever lower",
        "boostcampaitech3/level2-object-detection-level2-cv-18 "
        "Mmdetection/_MyModel/_base_/schedules/schedule_1x.py",
        5000,
        lambda: CosineRestarts(
            sgd(0.01),
            [1, 10, 10, 10, 10, 10],
            [1, 1, 0.8, 0.6, 0.5, 0.3],
            per_epoch=100,
            warmup=100,
            low=1e-6,
        ),
    ),
    Plan(
        "trash in photographs, two drops in twelve epochs",
        "boostcampaitech3/level2-object-detection-level2-cv-18 "
        "Mmdetection/_boost_/_base_/schedules/schedule_1x.py",
        6000,
        lambda: WarmupMultiStep(sgd(0.02, weight_decay=1e-4), [4000, 5500], iters=500),
    ),
    Plan(
        "trash in photographs, three cycles and an epoch before",
        "boostcampaitech3/level2-object-detection-level2-cv-18 "
        "Mmdetection/_boost_/_base_/schedules/schedule_3x.py",
        3600,
        lambda: CosineRestarts(
            adamw(1e-4), [1, 12, 12, 12], [1, 1, 0.5, 0.5], per_epoch=100, warmup=100, low=1e-5
        ),
    ),
    Plan(
        "a template, a cosine to a hundredth",
        "kiaraesguerra/lightning-template schedulers/cosine.py",
        200,
        lambda: torchs.CosineAnnealingLR(sgd(0.1, weight_decay=1e-4), T_max=200, eta_min=1e-3),
    ),
    Plan(
        "a template, drops at a half and three quarters",
        "kiaraesguerra/lightning-template schedulers/multistep.py",
        200,
        template_drops,
    ),
    # --- 8. ReduceLROnPlateau patience training pytorch ------------------------------------------
    Plan(
        "a course's plateau after five epochs",
        "Longistamina/DeepLearning_Pytorch 02_General_Workflow/Reduce_LR_On_Plateau.py",
        60,  # missing
        lambda: torchs.ReduceLROnPlateau(sgd(0.1), mode="min", patience=5, factor=0.1),
    ),
    Plan(
        "notes on PyTorch, a plateau",
        "Divenirelrn/PytorchNN lr_scheduler.py",
        100,  # missing, and so is the rate
        lambda: torchs.ReduceLROnPlateau(adam(1e-3), mode="min", factor=0.1, patience=10),
    ),
    Plan(
        "notes on PyTorch, steps",
        "Divenirelrn/PytorchNN lr_scheduler.py",
        90,  # missing, and so is the rate
        lambda: torchs.StepLR(sgd(0.1), step_size=30, gamma=0.1),
    ),
    Plan(
        "polar lows, halved on a plateau",
        # The numbers are those of conf/defaults.yaml.
        "andrea-federici/wsss-polar-low-pseudolabels src/train/components/optimizer_configs.py",
        200,
        polar_lows,
    ),
    Plan(
        "polar lows, halved with more patience",
        "andrea-federici/wsss-polar-low-pseudolabels conf/training/base.yaml",
        200,
        lambda: torchs.ReduceLROnPlateau(adam(5e-4), mode="min", patience=7, factor=0.5),
    ),
    Plan(
        "twenty-five epochs, halved on a plateau",
        "andrea-federici/wsss-polar-low-pseudolabels conf/training/pascal_voc.yaml",
        25,
        lambda: torchs.ReduceLROnPlateau(adam(8e-4), mode="min", patience=7, factor=0.5),
    ),
    Plan(
        "automatic tables, the default plateau",
        "automl/Auto-PyTorch autoPyTorch/pipeline/components/setup/lr_scheduler/"
        "ReduceLROnPlateau.py",
        50,  # missing, and so is the rate
        lambda: torchs.ReduceLROnPlateau(adam(0.01), mode="min", factor=0.1, patience=10),
    ),
    # --- 9. SequentialLR LinearLR warmup CosineAnnealingLR ---------------------------------------
    Plan(
        "a documented chain of two low epochs and a geometric fall",
        "helmholtz-analytics/heat doc/api/heat/optim/lr_scheduler.md",
        100,
        lambda: constant_and_exponential(sgd(1.0)),
    ),
    Plan(
        "four documented epochs at half the rate",
        "helmholtz-analytics/heat doc/api/heat/optim/lr_scheduler.md",
        100,
        lambda: torchs.ConstantLR(sgd(0.05), factor=0.5, total_iters=4),
    ),
    Plan(
        "four documented epochs up from half the rate",
        "helmholtz-analytics/heat doc/api/heat/optim/lr_scheduler.md",
        100,
        lambda: torchs.LinearLR(sgd(0.05), start_factor=0.5, total_iters=4),
    ),
    Plan(
        "cells in tissue, a long run down to a tenth",
        "SimonBon/MCA configs/_base_/train_cfg_long.py",
        10_000,
        lambda: rise_and_cosine(
            sgd(0.3, weight_decay=1e-5), warmup=500, total=10_000, first=1e-4, low=0.03
        ),
    ),
    Plan(
        "medical images and text, a cosine of the accumulated updates",
        "VectorInstitute/mmlearn projects/med_benchmarking/configs/experiment/baseline.yaml",
        10_755,
        lambda: torchs.CosineAnnealingLR(
            adamw(5e-5, betas=(0.9, 0.98), weight_decay=0.1), T_max=10_755
        ),
    ),
    Plan(
        "insects and barcodes, a cycle with its momentum left alone",
        "VectorInstitute/mmlearn projects/bioscan_clip/configs/experiment/bioscan_1m.yaml",
        20_264,
        lambda: torchs.OneCycleLR(
            adamw(1e-3), 1e-3, 20_264, pct_start=0.3, anneal_strategy="cos", cycle_momentum=False
        ),
    ),
    # --- 10. nanoGPT get_lr warmup_iters lr_decay_iters min_lr -----------------------------------
    Plan(
        "the largest of four GPT-2",
        "wjfwzzc/nanoGPT config/wjfwzzc_train_gpt2_xl.py",
        15_000,
        gpt2_xl,
    ),
    Plan(
        "the second of four GPT-2",
        "wjfwzzc/nanoGPT config/wjfwzzc_train_gpt2_large.py",
        15_000,
        lambda: by(warm_cosine, warmup=50, total=15_000, floor=0.1)(adamw(2.5e-4)),
    ),
    Plan(
        "the third of four GPT-2",
        "wjfwzzc/nanoGPT config/wjfwzzc_train_gpt2_medium.py",
        15_000,
        lambda: SetRate(
            adamw(3e-4, 3e-4),
            lambda t: nanogpt(t, rate=3e-4, low=3e-5, warmup=50, total=15_000),
        ),
    ),
    Plan(
        "the smallest of four GPT-2",
        "wjfwzzc/nanoGPT config/wjfwzzc_train_gpt2_small.py",
        15_001,  # the loop does one more than it says
        lambda: by(warm_cosine, warmup=50, total=15_000, floor=0.1)(adamw(6e-4, 6e-4)),
    ),
    Plan(
        "an early record, a line down to an eleventh",
        "KellerJordan/modded-nanogpt run.sh",
        12_288,
        lambda: by(linear_to_an_eleventh, warmup=128, total=12_288)(
            adamw(0.0015, weight_decay=0.1)
        ),
    ),
    Plan(
        "tiny stories in a search space",
        # The length is missing: that of the repository it takes its settings from.
        "hoanglocla9/TangleNAS search_spaces/tinyllama/config/train_tinystories_base.py",
        10_000,
        lambda: SetRate(
            adamw(5e-4), lambda t: nanogpt(t, rate=5e-4, low=5e-5, warmup=10, total=10_000)
        ),
    ),
    Plan(
        "Shakespeare's letters in a search space",
        "hoanglocla9/TangleNAS search_spaces/tinyllama/config/train_shakespeare_char_base.py",
        5000,
        lambda: by(warm_cosine, warmup=100, total=5000, floor=0.1)(adamw(1e-3)),
    ),
    # --- 11. PolynomialLR segmentation training --------------------------------------------------
    Plan(
        "clothes, a power down to a floor over the longest run",
        # The rate is missing: that of the file beside it.
        "guillem-ms/cloth_seg configs/_base_/schedules/schedule_640k_own.py",
        16_000,
        lambda: RecursivePoly(sgd(0.01, weight_decay=5e-4), 16_000, power=0.9, eta_min=1e-4),
    ),
    Plan(
        "clothes, a power down to a floor",
        "guillem-ms/cloth_seg configs/_base_/schedules/schedule_160k_own.py",
        8000,
        lambda: RecursivePoly(sgd(0.01, weight_decay=5e-4), 8000, power=0.9, eta_min=1e-4),
    ),
    Plan(
        "segmentation with Jittor, the long power",
        "Jittor/JSeg project/_base_/schedules/schedule_160k.py",
        16_000,
        lambda: by(poly_to, total=16_000, low=0.01)(sgd(0.01, weight_decay=5e-4)),
    ),
    Plan(
        "segmentation with Jittor, the short power",
        "Jittor/JSeg project/_base_/schedules/schedule_40k.py",
        10_000,
        lambda: by(poly_to, total=10_000, low=0.01)(sgd(0.01, weight_decay=5e-4)),
    ),
    Plan(
        "a tenth of a line, then the line",
        "open-mmlab/mmpretrain configs/_base_/schedules/imagenet_bs1024_lineardecay.py",
        18_000,
        lambda: by(tenth_then_line, warmup=200, total=18_000)(sgd(0.5, weight_decay=4e-5)),
    ),
    Plan(
        "a hundred epochs of AdamW, a rise by updates and a cosine by epochs",
        "open-mmlab/mmpretrain configs/_base_/schedules/adamw_coslr-100e_in1k.py",
        10_000,
        lambda: by(rise_then_epoch_cosine, per_epoch=100, warmup=5, epochs=100)(adamw(1e-3)),
    ),
    Plan(
        "two hundred epochs of AdamW, a fifth of them up",
        "open-mmlab/mmpretrain configs/_base_/schedules/adamw_coslr-200e_in1k.py",
        10_000,
        lambda: by(rise_then_epoch_cosine, per_epoch=50, warmup=40, epochs=200)(
            adamw(1.5e-4, betas=(0.9, 0.95), weight_decay=0.05)
        ),
    ),
    Plan(
        "small images, drops at a half and three quarters by epochs",
        "open-mmlab/mmpretrain configs/_base_/schedules/cifar10.py",
        200,
        lambda: torchs.MultiStepLR(sgd(0.1, weight_decay=1e-4), [100, 150]),
    ),
    Plan(
        "text detection, a power down by iterations",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_sgd_100k_iters.py",
        20_000,
        text_detector,
    ),
    Plan(
        "text detection, a power down by epochs",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_1200e.py",
        1200,
        lambda: RecursivePoly(sgd(0.007, weight_decay=1e-4), 1200, power=0.9, eta_min=1e-7),
    ),
    Plan(
        "text detection, a short rise and two drops",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_160e.py",
        16_000,
        lambda: WarmupMultiStep(sgd(0.08, weight_decay=1e-4), [8000, 12_800], iters=222),
    ),
    Plan(
        "text detection, twelve epochs",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_1x.py",
        12_000,
        lambda: WarmupMultiStep(sgd(0.02, weight_decay=1e-4), [8000, 11_000], iters=500),
    ),
    # --- 12. ExponentialLR gamma epochs training -------------------------------------------------
    Plan(
        "a textbook's geometric fall",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/exponential_lr.md",
        100,  # missing, and so is the rate
        lambda: torchs.ExponentialLR(sgd(0.1), gamma=0.95),
    ),
    Plan(
        "a textbook's ResNet, drops at three of ten tenths",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/combined_guide.md",
        100,
        lambda: torchs.MultiStepLR(sgd(0.1, weight_decay=1e-4), [30, 60, 90], gamma=0.1),
    ),
    Plan(
        "a textbook's BERT, a hundredth up and a line down",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/combined_guide.md",
        20_000,
        lambda: by(linear_plan, num_warmup_steps=200, num_training_steps=20_000)(
            adamw(1e-4, weight_decay=0.01)
        ),
    ),
    Plan(
        "a textbook's quick training with one cycle",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/combined_guide.md",
        3910,
        lambda: torchs.OneCycleLR(
            sgd(0.1, momentum=0.9), max_lr=0.1, steps_per_epoch=391, epochs=10, pct_start=0.3
        ),
    ),
    Plan(
        "a textbook's cosine",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/cosine_annealing.md",
        200,
        lambda: torchs.CosineAnnealingLR(sgd(0.1), T_max=200, eta_min=1e-6),  # the rate is missing
    ),
    Plan(
        "a textbook's restarts, three cycles",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/cosine_annealing.md",
        70,  # missing, and so is the rate
        textbook_restarts,
    ),
    Plan(
        "a textbook's inverse root",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/custom_schedulers.md",
        20_000,  # missing, and so are the rate and the warmup
        lambda: by(root_after_rise, warmup=1000)(adam(1e-3)),
    ),
    Plan(
        "a textbook's own class",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/custom_schedulers.md",
        10_000,  # missing, and so are the rate and the warmup
        lambda: WarmupCosine(adamw(3e-4), 500, 10_000, min_lr=1e-6),
    ),
    # --- resumed from both states ----------------------------------------------------------------
    Plan(
        "segmentation, a cosine for backbone and head, resumed after a third",
        "AokiMasataka/open_segmentation configs/convnext_base_unet.py",
        10_000,
        lambda: resumed(convnext_unet, 5000),
        keywords=RESUMED,
    ),
    Plan(
        "a tabular competition, resumed within the rise",
        "h3z/tps-may src/train/schedulers.py",
        19_000,
        lambda: resumed(kaggle_may, 1000),
        keywords=RESUMED,
    ),
    Plan(
        "range images, a cycle resumed on its way down",
        "Xiangxu-0103/FRNet configs/_base_/schedules/onecycle-150k.py",
        9000,
        lambda: resumed(frnet_long, 6000, scheduler_first=True),
        keywords=RESUMED,
    ),
    Plan(
        "a template, resumed between the drops",
        "kiaraesguerra/lightning-template schedulers/multistep.py",
        80,
        lambda: resumed(template_drops, 120),
        keywords=RESUMED,
    ),
    Plan(
        "a pruned vision transformer, resumed in the cosine",
        "VainF/Torch-Pruning benchmarks/scripts/prune/imagenet/vit_group_norm.sh",
        200,
        lambda: resumed(pruned_vit, 100),
        keywords=RESUMED,
    ),
    Plan(
        "lymph nodes, resumed in the third stage",
        "yycris/Multimodal-Deep-Learning-Research-in-CLNM code/config.py",
        80,
        lambda: resumed(lymph_nodes, 120),
        keywords=RESUMED,
    ),
    Plan(
        "polar lows, a plateau resumed",
        "andrea-federici/wsss-polar-low-pseudolabels src/train/components/optimizer_configs.py",
        140,
        lambda: resumed(polar_lows, 60),
        keywords=RESUMED,
    ),
    Plan(
        "the largest of four GPT-2, resumed at the number of its iteration",
        "wjfwzzc/nanoGPT train.py",
        9000,
        lambda: resumed(gpt2_xl, 6000),
        keywords=RESUMED,
    ),
    Plan(
        "text detection, a power resumed halfway",
        "open-mmlab/mmocr configs/_base_/schedules/schedule_sgd_100k_iters.py",
        10_000,
        lambda: resumed(text_detector, 10_000, scheduler_first=True),
        keywords=RESUMED,
    ),
    Plan(
        "a textbook's restarts, resumed in the third cycle",
        "SungchulLee/deep_learning_book_writing docs/ch05/schedulers/cosine_annealing.md",
        30,
        lambda: resumed(textbook_restarts, 40),
        keywords=RESUMED,
    ),
    Plan(
        "a detector for VOC, resumed by the epoch's number",
        "EricReno/Yolo_v3 train.py",
        61,
        lambda: yolo_reopened(100),
        keywords=RESUMED,
    ),
)
