"""Faulty plans as people made them: looked at once, at the end."""

import math

from plans.parts_faulty import (
    Formula,
    WarmRestarts,
    WarmupCosine,
    adam,
    by_hand,
    hf,
    resumed,
    scaled,
    sequential,
    sgd,
    stepped,
    with_group,
)
from plans.plan import Plan
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    StepLR,
)

from lrsched_book import schedules
from lrsched_book.scheduler import ScheduleLR

PLANS: tuple[Plan, ...] = (
    Plan(
        "T_max is the number of warmup steps",
        "lucidrains/imagen-pytorch#71",
        20_000,
        lambda: CosineAnnealingLR(adam(1e-4), 1000),
        ("rises-again", "swings"),
    ),
    Plan(
        "linear at zero after half the updates on two GPUs",
        "huggingface/transformers#26827",
        40_000,
        lambda: hf("linear", 1e-4, 1000, 20_000),
        ("zero-before-the-end",),
    ),
    Plan(
        "hard restarts whose horizon forgets the division by the GPUs",
        "huggingface/diffusers#6137",
        2650,
        lambda: hf("cosine_with_restarts", 1e-4, 0, 5000, num_cycles=10),
        ("horizon-outside-run", "ends-in-mid-cycle"),
    ),
    Plan(
        "the lambda multiplies by the rate once more",
        "lhoyer/MIC#60",
        30_000,
        lambda: by_hand(sgd(0.01, momentum=0.9), lambda t: 0.01 * (1 + 0.001 * t) ** -0.75),
        ("rate-as-factor",),
    ),
    Plan(
        "a rate of a formula starts anew: optimizer loaded before the scheduler is built",
        "torch-points3d/torch-points3d#630",
        100,
        lambda: resumed(
            lambda: adam(1e-3),
            lambda o: LambdaLR(o, lambda t: 0.98**t),
            60,
            "optimizer",
            "build",
            "scheduler",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "optimizer's state loaded, StepLR's not saved",
        "amjltc295/pytorch-golden-template#50",
        60,
        lambda: resumed(
            lambda: adam(1e-3), lambda o: StepLR(o, 30, gamma=0.1), 40, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "OneCycleLR over 600 updates, the data gives some more",
        "vLAR-group/GrowSP#11",
        640,
        lambda: OneCycleLR(sgd(0.1, momentum=0.9), 0.1, total_steps=600),
        ("would-raise",),
    ),
    Plan(
        "milestones that are no whole numbers",
        "Pointcept/Pointcept#379",
        3504,
        lambda: MultiStepLR(adam(6e-3), [0.6 * 3504, 0.8 * 3504]),
        ("milestone-outside-run", "changes-too-little"),
    ),
    Plan(
        "one max_lr for all groups",
        "katsura-jp/pytorch-cosine-annealing-with-warmup#14",
        1000,
        lambda: WarmRestarts(sgd(0.01, 0.1), 500, 0.1, 1e-3, 50),
        ("group-rates-overwritten",),
    ),
    Plan(
        "layer decay with a rate for all",
        "facebookresearch/mae#216",
        100,
        lambda: WarmupCosine(scaled(1e-3, *(0.65**k for k in range(12, -1, -1))), 5, 100),
        ("lr-scale-ignored",),
    ),
    Plan(
        "MultiStepLR after cosine restarts in a chain",
        "pytorch/pytorch#129565",
        100,
        lambda: ChainedScheduler(
            [CosineAnnealingWarmRestarts(o := sgd(0.1), 50), MultiStepLR(o, [1, 2, 3])]
        ),
        ("composition-bends-rates",),
    ),
    Plan(
        "MultiStepLR before cosine restarts in a chain",
        "pytorch/pytorch#129565",
        100,
        lambda: ChainedScheduler(
            [MultiStepLR(o := sgd(0.1), [1, 2, 3]), CosineAnnealingWarmRestarts(o, 50)]
        ),
        ("composition-bends-rates",),
    ),
    Plan(
        "T_max without the warmup that was never built",
        "Tencent-Hunyuan/UniRL#223",
        15,
        lambda: CosineAnnealingLR(adam(3e-4), 10),
        ("rises-again",),
    ),
    Plan(
        "T_max of one epoch, stepped per update",
        "konstmish/prodigy#4",
        200,
        lambda: CosineAnnealingLR(adam(1.0), 1, eta_min=1e-4),
        ("swings", "ends-too-early"),
    ),
    Plan(
        "cosine over the nominal batches, shards give more",
        "pwhofman/probly#557",
        6410,
        lambda: sequential(
            sgd(0.1),
            [313],
            lambda o: LinearLR(o, 0.01, total_iters=313),
            lambda o: CosineAnnealingLR(o, 5937, eta_min=1e-5),
        ),
        ("rises-again",),
    ),
    Plan(
        "linear over all batches of the example, with accumulation",
        "huggingface/accelerate#225",
        172,
        lambda: hf("linear", 2e-5, 100, 690),
        ("horizon-outside-run",),
    ),
    Plan(
        "the warmup stays at the rate of its first epoch",
        "lingxitong/MIL_BASELINE#47",
        100,
        lambda: by_hand(2e-4, lambda t: 0.5 * 0.9 ** max(0, (t - 1) // 3)),
        ("never-reaches-peak",),
    ),
    Plan(
        "a group added to cosine restarts",
        "pytorch/pytorch#79888",
        20,
        lambda: with_group(CosineAnnealingWarmRestarts(adam(1e-3), 10), 1e-3),
        ("would-raise",),
    ),
    Plan(
        "timm's cosine that runs on under the warmup",
        "huggingface/pytorch-image-models#1242",
        100,
        lambda: by_hand(
            1e-3,
            lambda t: (
                0.01 + 0.99 * t / 20
                if t < 20
                else 0.01 + 0.99 * (1 + math.cos(math.pi * t / 100)) / 2
            ),
        ),
        ("never-reaches-peak",),
    ),
    Plan(
        "a cosine over 120 epochs in a run of 69",
        "wandb/senpai#185",
        69,
        lambda: ScheduleLR(adam(0.015), schedules.cosine(121)),
        ("horizon-outside-run",),
    ),
    Plan(
        "ConstantLR with factor 0",
        "pytorch/pytorch#195853",
        20,
        lambda: ConstantLR(sgd(0.1), 0, total_iters=5),
        ("would-raise",),
    ),
    Plan(
        "T_max of 150 in 300 epochs",
        "SungJun98/SA-BMA cifar10_wideresnet40x10_dnn-sam.sh",
        300,
        lambda: CosineAnnealingLR(sgd(0.1, momentum=0.9), 150),
        ("rises-again",),
    ),
    Plan(
        "a tenth every 30 epochs in 10 epochs",
        "ArcturusYu/PyAEDT dynamic_learningrate.py",
        10,
        lambda: StepLR(sgd(0.1, momentum=0.9), 30, gamma=0.1),
        ("milestone-outside-run",),
    ),
    Plan(
        "SequentialLR built after the optimizer was loaded",
        "pytorch/pytorch#119168",
        20,
        lambda: resumed(
            lambda: sgd(1.0),
            lambda o: sequential(
                o, [2], lambda o: ConstantLR(o, 0.1, 10), lambda o: ExponentialLR(o, 0.8)
            ),
            4,
            "optimizer",
            "build",
            "scheduler",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "MultiStepLR used up by its plot",
        "d2l.ai chapter_optimization/lr-scheduler",
        30,
        lambda: stepped(MultiStepLR(sgd(0.5), [15, 30], gamma=0.5), 30),
        ("exhausted", "already-stepped"),
    ),
    Plan(
        "milestone 30 of 30 epochs",
        "d2l.ai chapter_optimization/lr-scheduler",
        30,
        lambda: MultiStepLR(sgd(0.5), [15, 30], gamma=0.5),
        ("milestone-outside-run",),
    ),
    Plan(
        "the formula is asked after the first epoch",
        "d2l.ai chapter_optimization/lr-scheduler",
        30,
        lambda: Formula(
            sgd(0.3),
            lambda base, t: (
                base
                if t == 0
                else base * (t - 1) / 5
                if t < 6
                else 0.01 + (base - 0.01) * (1 + math.cos(math.pi * min(t - 6, 15) / 15)) / 2
            ),
        ),
        ("late-warmup",),
    ),
    Plan(
        "T_max of 10 epochs' batches in 100 epochs",
        "deepcam-cn/FaceQuality#10",
        30_000,
        lambda: CosineAnnealingLR(sgd(0.1, momentum=0.9), 3000),
        ("rises-again", "swings"),
    ),
    Plan(
        "squared decay that does not stop at its end",
        "mlcommons/training#380",
        10_000,
        lambda: by_hand(
            sgd(1.0),
            lambda t: (
                (t + 1) / 2500
                if t < 2500
                else 1.0
                if t < 5000
                else ((2000 - (t - 5000)) / 2000) ** 2
            ),
        ),
        ("rises-again", "exceeds-peak"),
    ),
    Plan(
        "a cosine of one epoch's batches that nobody restarts",
        "OverLordGoldDragon/keras-adamw#33",
        150,
        lambda: CosineAnnealingLR(adam(1e-3), 15),
        ("rises-again", "swings"),
    ),
    Plan(
        "cosine begins anew at the old rate",
        "allenai/allennlp#1650",
        50,
        lambda: resumed(
            lambda: sgd(0.1), lambda o: CosineAnnealingLR(o, 100), 50, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "place known, optimizer not loaded",
        "IntelLabs/distiller#145",
        100,
        lambda: resumed(
            lambda: sgd(0.1, momentum=0.9),
            lambda o: StepLR(o, 45, gamma=0.1),
            100,
            "build",
            "place",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "linear decay with warmup begins anew when resumed",
        "PaddlePaddle/models#5297",
        400,
        lambda: resumed(
            lambda: adam(3e-5), lambda o: hf("linear", o, 100, 1000), 600, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
)
