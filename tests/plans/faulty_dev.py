"""Faulty plans as people made them: read while writing rules."""

import math

import torch
from plans.parts_faulty import (
    Formula,
    WarmRestarts,
    WarmupCosine,
    adam,
    after_another,
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
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

PLANS: tuple[Plan, ...] = (
    Plan(
        "LinearWarmupCosine counts updates, Lightning steps it per epoch",
        "galilai-group/stable-worldmodel#280",
        100,
        lambda: WarmupCosine(adam(5e-5), 1000, 100_000),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "T_max is the number of batches, stepped per epoch",
        "sthalles/SimCLR#8",
        80,
        lambda: CosineAnnealingLR(adam(3e-4), 390),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "T_max of 1e10 in a run of 100 epochs",
        "bigmb/Unet-Segmentation-Pytorch-Nest-of-Unets#14",
        100,
        lambda: CosineAnnealingLR(adam(1e-3), int(1e10), eta_min=1e-5),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "OneCycleLR over 5 epochs of 1000 updates, stepped 5 times",
        "pytorch/pytorch#65417",
        5,
        lambda: OneCycleLR(sgd(0.1, momentum=0.9), 0.1, epochs=5, steps_per_epoch=1000),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "OneCycleLR over 60 epochs of 352 updates, stepped per epoch",
        "ageron/handson-mlp#28",
        60,
        lambda: OneCycleLR(
            torch.optim.NAdam([torch.zeros(1)], lr=1e-3), 1e-2, epochs=60, steps_per_epoch=352
        ),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "linear warmup of 10 and max_epochs as total, stepped per update",
        "Lightning-AI/pytorch-lightning#18570",
        500,
        lambda: hf("linear", 2e-5, 10, 5),
        ("ends-too-early", "zero-before-the-end"),
    ),
    Plan(
        "cosine horizon times accumulation steps",
        "huggingface/diffusers#4387",
        15_000,
        lambda: hf("cosine", 1e-5, 1200, 60_000),
        ("horizon-outside-run",),
    ),
    Plan(
        "CyclicLR with half-cycles of 2000 updates, stepped per epoch",
        "Lightning-AI/pytorch-lightning#5631",
        20,
        lambda: CyclicLR(sgd(1e-3, momentum=0.9), 1e-3, 0.1),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "OneCycleLR with a fixed number of batches per epoch, more batches in truth",
        "A4Bio/PiFold#6",
        1100,
        lambda: OneCycleLR(adam(1e-3), 1e-3, epochs=100, steps_per_epoch=10),
        ("would-raise",),
    ),
    Plan(
        "StepLR every 7, stepped per batch of the tutorial",
        "pytorch/tutorials#640",
        1525,
        lambda: StepLR(sgd(1e-3, momentum=0.9), 7, gamma=0.1),
        ("ends-too-early",),
    ),
    Plan(
        "linear warmup never left with accumulation",
        "huggingface/transformers#218",
        21,
        lambda: hf("linear", 5e-5, 34, 344),
        ("never-reaches-peak", "horizon-outside-run"),
    ),
    Plan(
        "linear over all batches, updates at every second",
        "microsoft/CodeXGLUE#32",
        5000,
        lambda: hf("linear", 5e-5, 1000, 10_000),
        ("horizon-outside-run",),
    ),
    Plan(
        "linear stepped once for each of two processes",
        "huggingface/transformers#24088",
        2000,
        lambda: hf("linear", 5e-5, 0, 1000),
        ("zero-before-the-end",),
    ),
    Plan(
        "linear stepped once for each of eight processes",
        "allenai/open-instruct#646",
        16_000,
        lambda: hf("linear", 2e-5, 60, 2000),
        ("zero-before-the-end", "ends-too-early"),
    ),
    Plan(
        "cosine of diffusers over epochs, stepped per update",
        "ScrollPrize/villa#1495",
        25_000,
        lambda: hf("cosine", 1e-3, 0, 100),
        ("ends-too-early", "swings"),
    ),
    Plan(
        "warm restarts of one epoch count with a shrinking peak, stepped per update",
        "ScrollPrize/villa#1495",
        25_000,
        lambda: WarmRestarts(sgd(1e-2), 100, 1e-2, 1e-4, 10, 0.9),
        ("ends-too-early",),
    ),
    Plan(
        "OneCycleLR over epochs, stepped per update",
        "ScrollPrize/villa#1495",
        25_000,
        lambda: OneCycleLR(sgd(1e-2, momentum=0.9), 1e-2, total_steps=100),
        ("would-raise",),
    ),
    Plan(
        "LambdaLR built after loading, its place set by hand",
        "ultralytics/yolov5#292",
        100,
        lambda: resumed(
            lambda: sgd(0.01, 0.01, 0.01, momentum=0.937),
            lambda o: LambdaLR(o, lambda t: (1 + math.cos(t * math.pi / 300)) * 0.45 + 0.1),
            200,
            "optimizer",
            "build",
            "place",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "MultiStepLR's state loaded, the optimizer's not",
        "pytorch/pytorch#29697",
        40,
        lambda: resumed(
            lambda: sgd(0.1), lambda o: MultiStepLR(o, [30, 60, 90]), 50, "build", "scheduler"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "polynomial with warmup starts anew when resumed",
        "lightly-ai/lightly-train#301",
        600,
        lambda: resumed(
            lambda: adam(1e-4, 1e-3),
            lambda o: LambdaLR(o, lambda t: t / 200 if t < 200 else (1 - (t - 200) / 800) ** 0.9),
            400,
            "build",
            "optimizer",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "power 0.9 of a negative number",
        "Jittor/jittor#231",
        9078,
        lambda: by_hand(sgd(0.02, momentum=0.9), lambda t: (1 - t / 8900) ** 0.9),
        ("rate-not-finite", "would-raise"),
    ),
    Plan(
        "Noam with 4000 steps of warmup, stepped in 1000 epochs",
        "coqui-ai/TTS#1611",
        1000,
        lambda: by_hand(1e-3, lambda t: 4000**0.5 * min((t + 1) * 4000**-1.5, (t + 1) ** -0.5)),
        ("never-reaches-peak", "changes-too-little"),
    ),
    Plan(
        "eta_min is the rate itself",
        "AmirmohammadRostami/KeywordsSpotting-EfficientNet-A0#1",
        100,
        lambda: CosineAnnealingLR(adam(1e-3), 100, eta_min=1e-3),
        ("floor-above-rate", "changes-too-little"),
    ),
    Plan(
        "the shrinking peak falls below the floor",
        "katsura-jp/pytorch-cosine-annealing-with-warmup#16",
        30_000,
        lambda: WarmRestarts(sgd(0.1, momentum=0.9), 3000, 5e-4, 5e-6, 600, 0.5),
        ("floor-above-rate",),
    ),
    Plan(
        "timm's layer decay under a cosine of torch",
        "huggingface/pytorch-image-models#2532",
        50,
        lambda: CosineAnnealingLR(scaled(1e-3, *(0.75**k for k in range(12, -1, -1))), 50),
        ("lr-scale-ignored",),
    ),
    Plan(
        "a SequentialLR in a SequentialLR",
        "pytorch/pytorch#196243",
        10,
        lambda: sequential(
            sgd(0.1),
            [],
            lambda o: sequential(
                o, [2], lambda o: ConstantLR(o, 0.5, 2), lambda o: ConstantLR(o, 0.2, 10)
            ),
        ),
        ("composition-bends-rates",),
    ),
    Plan(
        "a ChainedScheduler in a SequentialLR",
        "pytorch/pytorch#196243",
        20,
        lambda: sequential(
            sgd(0.1),
            [12],
            lambda o: ChainedScheduler([ConstantLR(o, 0.5, 2), ExponentialLR(o, 0.9)]),
            lambda o: ConstantLR(o, 0.2, 100),
        ),
        ("composition-bends-rates",),
    ),
    Plan(
        "three cycles of 17 in a run of 59",
        "wandb/senpai#1543",
        59,
        lambda: CosineAnnealingWarmRestarts(adam(2.6e-3), 17),
        ("ends-in-mid-cycle",),
    ),
    Plan(
        "StepLR every 10, stepped per batch",
        "hazdzz/stgcn#18",
        30_000,
        lambda: StepLR(adam(1e-3), 10, gamma=0.95),
        ("ends-too-early",),
    ),
    Plan(
        "the minus that makes the staircase climb",
        "SYSU-SAIL/PAM#4",
        80,
        lambda: by_hand(1e-4, lambda t: 0.1 ** -(t // 30)),
        ("exceeds-peak",),
    ),
    Plan(
        "gamma 0 for no decay",
        "LINCellularNeuroscience/VAME#26",
        500,
        lambda: StepLR(adam(5e-4), 100, gamma=0),
        ("zero-before-the-end",),
    ),
    Plan(
        "decay per 500 batches, stepped in 200 epochs",
        "davidstutz/confidence-calibrated-adversarial-training#5",
        200,
        lambda: by_hand(sgd(0.1), lambda t: 0.97 ** math.floor(t / 500)),
        ("changes-too-little",),
    ),
    Plan(
        "warmup as long as the run",
        "mosaicml/composer#1077",
        102,
        lambda: by_hand(
            0.1,
            lambda t: t / 100 if t < 100 else (1 + math.cos(math.pi * (t - 100) / (100 - 100))) / 2,
        ),
        ("would-raise",),
    ),
    Plan(
        "no decay steps to divide by",
        "pytorch/torchtitan#1010",
        20,
        lambda: by_hand(
            0.1, lambda t: (t + 1) / 6 if t < 5 else 1.0 if t < 10 else 1 - (t - 10) / 0
        ),
        ("would-raise",),
    ),
    Plan(
        "warmup covers the whole of a one-epoch run",
        "sciknoworg/OntoLearner#344",
        51,
        lambda: by_hand(1e-4, lambda t: t / 50 if t < 50 else 1 - (t - 50) / (50 - 50)),
        ("would-raise",),
    ),
    Plan(
        "T_max of 0 after a warmup of all steps",
        "Lightning-AI/litgpt#1393",
        110,
        lambda: sequential(
            adam(3e-4),
            [100],
            lambda o: LambdaLR(o, lambda t: t / 100),
            lambda o: CosineAnnealingLR(o, 0),
        ),
        ("would-raise",),
    ),
    Plan(
        "linear over 5 epochs in a run of 50",
        "clovaai/bros#11",
        10_000,
        lambda: hf("linear", 5e-5, 0, 1000),
        ("zero-before-the-end",),
    ),
    Plan(
        "total without the accumulation",
        "axolotl-ai-cloud/axolotl#1170",
        500,
        lambda: hf("cosine", 2e-4, 20, 2000),
        ("horizon-outside-run",),
    ),
    Plan(
        "PolyLR continued beyond its iterations",
        "VainF/DeepLabV3Plus-Pytorch#59",
        4000,
        lambda: Formula(sgd(0.01, 0.1), lambda base, t: max(base * (1 - t / 3000) ** 0.9, 1e-6)),
        ("would-raise",),
    ),
    Plan(
        "LinearLR over environment steps, stepped once per episode",
        "agi-brain/xuance#135",
        95,
        lambda: LinearLR(adam(7e-4), 1.0, 0.5, total_iters=50_000),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "milestones of a run of 720,000 in one of 12,000",
        "microsoft/SoftTeacher#224",
        12_000,
        lambda: MultiStepLR(sgd(0.01, momentum=0.9), [480_000, 640_000]),
        ("milestone-outside-run",),
    ),
    Plan(
        "a key lr_mul that no optimizer of torch reads",
        "msight-tech/research-ms-loss#27",
        2000,
        lambda: MultiStepLR(
            torch.optim.Adam(
                [
                    {"params": [torch.zeros(1)], "lr_mul": 0.1},
                    {"params": [torch.zeros(1)], "lr_mul": 1.0},
                ],
                lr=3e-5,
            ),
            [1200, 1600],
        ),
        ("lr-scale-ignored",),
    ),
    Plan(
        "a group thawed after OneCycleLR was built",
        "Lightning-Universe/lightning-flash#1321",
        500,
        lambda: with_group(OneCycleLR(adam(1e-3), 1e-3, epochs=50, steps_per_epoch=10), 1e-4),
        ("would-raise",),
    ),
    Plan(
        "a group thawed after the linear schedule was built",
        "huggingface/transformers#20029",
        1000,
        lambda: with_group(hf("linear", 1e-4, 100, 1000), 1e-5),
        ("would-raise",),
    ),
    Plan(
        "a step of 200 epochs in 200 epochs",
        "open-mmlab/mmpretrain#938",
        200,
        lambda: StepLR(sgd(1e-3, momentum=0.9), 200, gamma=0.9),
        ("milestone-outside-run",),
    ),
    Plan(
        "a step of 5000 epochs",
        "Project-MONAI/tutorials#1430",
        100,
        lambda: StepLR(adam(1e-4), 5000, gamma=0.1),
        ("milestone-outside-run", "changes-too-little"),
    ),
    Plan(
        "hard restarts over twice the updates with accumulation of 2",
        "bghira/SimpleTuner#96",
        2000,
        lambda: hf("cosine_with_restarts", 1e-5, 0, 4000, num_cycles=10),
        ("horizon-outside-run",),
    ),
    Plan(
        "a cosine that climbs to one rate for all groups",
        "open-mmlab/mmdetection3d#3059",
        8,
        lambda: CosineAnnealingLR(adam(1e-5, 1e-4), 8, eta_min=1e-2),
        ("group-rates-overwritten", "floor-above-rate"),
    ),
    Plan(
        "one cycle that falls below zero in its last tenth",
        "nathanhubens/Learning-Rate#7",
        3000,
        lambda: by_hand(
            sgd(2e-3), lambda t: 1 + 24 * (1 - (abs(t / 1350 - 1) if t <= 2700 else t / 2700))
        ),
        ("negative-rate",),
    ),
    Plan(
        "the decay runs backwards",
        "innodatalabs/tbert tbert/optimization.py",
        1000,
        lambda: by_hand(2e-5, lambda t: t / 100 if t <= 100 else 1 - (1000 - t) / 900),
        ("rises-again",),
    ),
    Plan(
        "milestones 30 and 50 in 40 epochs",
        "lizhihao6/MMCompression_open configs/_base_/schedules/schedule_40epochs.py",
        40,
        lambda: MultiStepLR(adam(1e-4), [30, 50]),
        ("milestone-outside-run",),
    ),
    Plan(
        "StepLR every 30, stepped per batch of CIFAR-10",
        "kangmincho1/Paper-Implementation AlexNet/train.py",
        782,
        lambda: StepLR(sgd(0.01, momentum=0.9), 30, gamma=0.1),
        ("ends-too-early",),
    ),
    Plan(
        "periods of 1, 12 and 24 epochs in a run of 24",
        "boostcampaitech2/object-detection-level2-cv-04 schedule_2x_CosineRestart.py",
        24,
        lambda: by_hand(
            1e-4,
            lambda t: (
                1.0
                if t < 1
                else (1 + math.cos(math.pi * (t - 1) / 12)) / 2
                if t < 13
                else 0.3 * (1 + math.cos(math.pi * (t - 13) / 24))
            ),
        ),
        ("ends-in-mid-cycle",),
    ),
    Plan(
        "nothing is left after the warmup",
        "pypi-data/pypi-mirror-310 lightning_module_enhanced/schedulers/warmup_cosine_scheduler.py",
        1000,
        lambda: by_hand(
            1e-3,
            lambda t: max(t, 1) / 100 if t < 100 else 0 * (1 + math.cos(math.pi * (t - 100) / 900)),
        ),
        ("zero-before-the-end",),
    ),
    Plan(
        "warmup handed over above the peak",
        "deepseek-ai/DeepSpec#32",
        15,
        lambda: by_hand(
            6e-4,
            lambda t: (
                (t + 1) / 5
                if t < 5
                else 2 / (1 + math.cos(math.pi / 10))
                if t == 5
                else (1 + math.cos(math.pi * (t - 5) / 10)) / 2
            ),
        ),
        ("exceeds-peak",),
    ),
    Plan(
        "linear over after a quarter: eight processes, accumulation of 2",
        "huggingface/transformers#18436",
        80_000,
        lambda: hf("linear", 1e-4, 1000, 20_000),
        ("zero-before-the-end",),
    ),
    Plan(
        "a cosine made anew at rate 0",
        "pytorch/pytorch#78003",
        10,
        lambda: after_another(
            stepped(CosineAnnealingLR(sgd(1.0), 10), 10), lambda o: CosineAnnealingLR(o, 10)
        ),
        ("all-updates-at-zero",),
    ),
    Plan(
        "LinearLR over no iterations",
        "pytorch/pytorch#193682",
        100,
        lambda: LinearLR(sgd(0.1), total_iters=0),
        ("never-reaches-peak",),
    ),
    Plan(
        "linear decay of 50 and 50 epochs, stepped per update",
        "ziqi-jin/finetune-anything#57",
        1000,
        lambda: by_hand(1e-4, lambda t: 1 - max(0, t - 50) / 50),
        ("negative-rate",),
    ),
    Plan(
        "cosine of one epoch, stepped per update",
        "ziqi-jin/finetune-anything#57",
        1000,
        lambda: by_hand(1e-4, lambda t: (1 + math.cos(math.pi * t / 1)) / 2),
        ("swings", "ends-too-early"),
    ),
    Plan(
        "a linear warmup that nothing stops",
        "Adit-Jain-srm/NightmareNet#158",
        1000,
        lambda: by_hand(5e-5, lambda t: t / 100),
        ("exceeds-peak",),
    ),
    Plan(
        "t_total rounded down by five batches",
        "huggingface/transformers#556",
        7720,
        lambda: hf("linear", 5e-5, 772, 7715),
        ("zero-before-the-end",),
    ),
    Plan(
        "linear over the true updates, stepped for four processes each",
        "huggingface/accelerate#2318",
        4000,
        lambda: hf("linear", 1e-4, 30, 1000),
        ("zero-before-the-end",),
    ),
    Plan(
        "the number of examples as the number of updates",
        "huggingface/transformers#27667",
        1875,
        lambda: hf("linear", 1e-4, 500, 10_000),
        ("horizon-outside-run",),
    ),
    Plan(
        "linear decay asked beyond its last epoch",
        "junyanz/pytorch-CycleGAN-and-pix2pix#1270",
        50,
        lambda: by_hand(
            torch.optim.Adam([torch.zeros(1)], lr=2e-4), lambda t: 1 - max(0, t + 201 - 100) / 101
        ),
        ("negative-rate",),
    ),
    Plan(
        "warmup by differences stops a step before the peak",
        "Oneflow-Inc/libai#37",
        20,
        lambda: by_hand(sgd(5.0), lambda t: (0.001 + 0.1998 * min(t, 4)) * (0.1 if t >= 10 else 1)),
        ("never-reaches-peak",),
    ),
    Plan(
        "milestones 30 and 80 of epochs in a trainer that counts iterations",
        "facebookresearch/detectron2#2058",
        1000,
        lambda: MultiStepLR(sgd(0.02, momentum=0.9), [30, 80], gamma=0.1),
        ("ends-too-early",),
        {"updates_per_epoch": 10},
    ),
    Plan(
        "SequentialLR built with last_epoch",
        "pytorch/pytorch#162591",
        30,
        lambda: after_another(
            stepped(
                sequential(
                    sgd(1.0), [3], lambda o: ConstantLR(o, 0.1, 20), lambda o: ExponentialLR(o, 0.9)
                ),
                6,
            ),
            lambda o: SequentialLR(
                o, [ConstantLR(o, 0.1, 20), ExponentialLR(o, 0.9)], [3], last_epoch=6
            ),
        ),
        ("rate-mismatch", "composition-bends-rates"),
    ),
    Plan(
        "a schedule of updates, stepped once per epoch by default",
        "Lightning-AI/pytorch-lightning#19534",
        10,
        lambda: hf("cosine", 5e-5, 50, 10_000),
        ("changes-too-little", "never-reaches-peak"),
    ),
    Plan(
        "cosine over in 190 of 5145 iterations",
        "ml-explore/mlx-examples#985",
        5145,
        lambda: by_hand(
            1e-5,
            lambda t: (
                0.01 + 0.99 * t / 60
                if t < 60
                else 0.01 + 0.99 * (1 + math.cos(math.pi * min(1, (t - 60) / 130))) / 2
            ),
        ),
        ("ends-too-early",),
    ),
    Plan(
        "polynomial stretched by the accumulation",
        "huggingface/diffusers#2632",
        1000,
        lambda: hf("polynomial", 5e-6, 0, 4000),
        ("horizon-outside-run",),
    ),
    Plan(
        "ExponentialLR not restored",
        "neuro-ml/thunder#72",
        40,
        lambda: resumed(
            lambda: adam(1e-3), lambda o: ExponentialLR(o, 0.95), 60, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "linear over fewer epochs than are trained",
        "wenyu332/daguan_bert_ner#19",
        5000,
        lambda: hf("linear", 5e-5, 300, 3000),
        ("zero-before-the-end",),
    ),
    Plan(
        "cycles that double, the run stops within the fifth",
        "ML4GW/amplfi#87",
        200,
        lambda: CosineAnnealingWarmRestarts(adam(1e-3), 10, T_mult=2),
        ("ends-in-mid-cycle",),
    ),
    Plan(
        "warmup ratio of 1",
        "InternLM/xtuner#1285",
        201,
        lambda: by_hand(
            1e-5,
            lambda t: t / 200 if t < 200 else (1 + math.cos(math.pi * (t - 200) / (200 - 200))) / 2,
        ),
        ("would-raise",),
    ),
    Plan(
        "last_epoch after the milestone, the rate before it",
        "akamaster/pytorch_resnet_cifar10#14",
        80,
        lambda: MultiStepLR(
            torch.optim.SGD(
                [{"params": [torch.zeros(1)], "initial_lr": 0.1}], lr=0.1, momentum=0.9
            ),
            [100, 150],
            last_epoch=119,
        ),
        ("rate-mismatch",),
    ),
)
