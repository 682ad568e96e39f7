"""Faulty plans as people made them: unread while writing rules."""

import math

from plans.parts_faulty import (
    adam,
    after_another,
    by_hand,
    hf,
    loaded,
    resumed,
    sgd,
    stepped,
    with_group,
    with_rate,
)
from plans.plan import Plan
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    OneCycleLR,
    StepLR,
)

PLANS: tuple[Plan, ...] = (
    Plan(
        "StepLR of half the epochs, stepped per update",
        "Lornatang/SRGAN-PyTorch#1",
        20_000,
        lambda: StepLR(adam(1e-4), 50, gamma=0.1),
        ("ends-too-early",),
    ),
    Plan(
        "T_max counts epochs, stepped per batch",
        "ivadomed/ivadomed#57",
        5000,
        lambda: CosineAnnealingLR(adam(1e-3), 100),
        ("ends-too-early", "swings"),
    ),
    Plan(
        "linear over micro-batches, stepped at every fifth",
        "huggingface/accelerate#1160",
        138,
        lambda: hf("linear", 2e-5, 100, 690),
        ("horizon-outside-run",),
    ),
    Plan(
        "linear over micro-batches with accumulation of 4",
        "huggingface/distil-whisper#51",
        2500,
        lambda: hf("linear", 1e-4, 500, 10_000),
        ("horizon-outside-run",),
    ),
    Plan(
        "the lambda returns the constant rate",
        "pytorch/pytorch#78917",
        100,
        lambda: by_hand(1e-3, lambda t: 1e-3),
        ("rate-as-factor",),
    ),
    Plan(
        "OneCycleLR with one max_lr for encoder and decoder",
        "shariqfarooq123/AdaBins#44",
        5000,
        lambda: OneCycleLR(
            adam(3.57e-5, 3.57e-4), 3.57e-4, total_steps=5000, div_factor=25, final_div_factor=100
        ),
        ("group-rates-overwritten",),
    ),
    Plan(
        "OneCycleLR for a transformer and its head",
        "flairNLP/flair#2641",
        2000,
        lambda: OneCycleLR(adam(5e-5, 5e-3), 5e-5, total_steps=2000),
        ("group-rates-overwritten",),
    ),
    Plan(
        "a cosine whose rate the warmup by hand has set",
        "Lightning-AI/pytorch-lightning#4902",
        2000,
        lambda: with_rate(CosineAnnealingLR(sgd(0.1), 2000), 0.1 / 500),
        ("rate-mismatch",),
    ),
    Plan(
        "restarts every 55 in a run of 70",
        "wandb/senpai#231",
        70,
        lambda: CosineAnnealingWarmRestarts(adam(6e-3), 55),
        ("ends-in-mid-cycle",),
    ),
    Plan(
        "StepLR of one epoch, stepped per update",
        "meta-llama/llama-cookbook#27",
        4000,
        lambda: StepLR(adam(1e-4), 1, gamma=0.85),
        ("ends-too-early",),
    ),
    Plan(
        "rounded down by a batch per epoch",
        "deepset-ai/FARM#46",
        300,
        lambda: hf("linear", 2e-5, 30, 290),
        ("zero-before-the-end",),
    ),
    Plan(
        "total divided by the batch size twice, below the warmup",
        "gaoyixu/CAIL2020-Argument-Mining#1",
        4000,
        lambda: hf("linear", 1e-5, 5000, 312),
        ("never-reaches-peak",),
    ),
    Plan(
        "CyclicLR with one pair of rates for backbone and head",
        "Lightning-AI/pytorch-lightning#4983",
        18_000,
        lambda: CyclicLR(
            sgd(1e-6, 1e-5, momentum=0.98), 1e-5, 1e-3, 2000, 1000, mode="triangular2"
        ),
        ("group-rates-overwritten",),
    ),
    Plan(
        "a group thawed after LambdaLR was built",
        "Lightning-AI/pytorch-lightning#12141",
        20,
        lambda: with_group(by_hand(1e-3, lambda t: 0.95**t), 1e-4),
        ("would-raise",),
    ),
    Plan(
        "LambdaLR starts anew while the optimizer goes on",
        "yuxumin/PoinTr#90",
        240,
        lambda: resumed(
            lambda: adam(2e-4),
            lambda o: LambdaLR(o, lambda t: max(0.9 ** (t / 21), 0.02)),
            60,
            "build",
            "optimizer",
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "StepLR counts from 0 again when resumed",
        "victoresque/pytorch-template#68",
        40,
        lambda: resumed(
            lambda: adam(1e-3), lambda o: StepLR(o, 50, gamma=0.1), 60, "build", "optimizer"
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "a lambda of epoch / 10 in 5 epochs",
        "andreypudov/pytorch-tutorial 24_adjust_the_learning_rate.py",
        5,
        lambda: by_hand(sgd(0.1), lambda t: t / 10),
        ("first-update-at-zero", "never-reaches-peak"),
    ),
    Plan(
        "epoch // 30 as a factor",
        "darttusin/Knowledge-base-RAG data/dataset/optim/torch.optim.lr_scheduler.LambdaLR.md",
        100,
        lambda: LambdaLR(sgd(0.1, 0.1), [lambda t: t // 30, lambda t: 0.95**t]),
        ("first-update-at-zero", "exceeds-peak"),
    ),
    Plan(
        "an annealer that gives the rate itself",
        "hahakumquat/stat234-project utils/learning_rate_annealing.py",
        100,
        lambda: by_hand(1e-3, lambda t: max(math.exp(-t / 8 - 2), 0.00025)),
        ("rate-as-factor",),
    ),
    Plan(
        "restarts every 5 updates in place of epochs",
        "boostcampaitech4cv3/trash-object-detection schedule_CosineRestart.py",
        4900,
        lambda: CosineAnnealingWarmRestarts(sgd(0.02, momentum=0.9), 5, eta_min=1e-7),
        ("ends-too-early",),
    ),
    Plan(
        "cosine that does not come to 0 with accumulation",
        "kohya-ss/sd-scripts#483",
        800,
        lambda: hf("cosine", 1e-4, 40, 3200),
        ("horizon-outside-run",),
    ),
    Plan(
        "a new rate, and the old scheduler's state",
        "pytorch/pytorch#156846",
        70,
        lambda: loaded(
            by_hand(0.01, lambda t: 0.97**t), stepped(by_hand(0.1, lambda t: 0.97**t), 30)
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "StepLR of 15 made anew at epoch 15 of 20",
        "nianticlabs/manydepth#46",
        5,
        lambda: StepLR(adam(1e-4), 15, gamma=0.1),
        ("milestone-outside-run",),
    ),
    Plan(
        "squared decay over 5 epochs, resumed for 10",
        "deepinsight/insightface#2143",
        5000,
        lambda: by_hand(sgd(0.02, momentum=0.9), lambda t: (1 - t / 2500) ** 2),
        ("rises-again",),
    ),
    Plan(
        "a cosine built on a rate that the warmup has damped",
        "Tony-Y/pytorch_warmup#26",
        10_000,
        lambda: after_another(
            LinearLR(sgd(0.1), 1 / 2000, total_iters=2000), lambda o: CosineAnnealingLR(o, 10_000)
        ),
        ("rate-mismatch",),
    ),
    Plan(
        "cosine stepped at every micro-batch",
        "huggingface/accelerate#963",
        400,
        lambda: hf("cosine", 1e-3, 10, 100),
        ("rises-again", "swings"),
    ),
    Plan(
        "a cosine over 700,000 iterations, stepped per epoch",
        "GarrickZ2/Image-Denoising#3",
        100,
        lambda: CosineAnnealingLR(adam(2e-4), 700_000, eta_min=1e-6),
        ("changes-too-little", "horizon-outside-run"),
    ),
    Plan(
        "T_max 1 and a floor above the text encoder's rate",
        "kohya-ss/sd-scripts#601",
        200,
        lambda: CosineAnnealingLR(adam(1e-5, 1e-4), 1, eta_min=1e-4),
        ("floor-above-rate", "swings"),
    ),
    Plan(
        "warmup as long as the run, with a factor that falls",
        "facebookresearch/d2go#19",
        300,
        lambda: by_hand(sgd(2.5e-4), lambda t: 0.001 * (1 - t / 300)),
        # the factor is never above 0.001: whether it is a rate or a share, it shows so
        ("never-reaches-peak", "rate-as-factor"),
    ),
    Plan(
        "eta_min eight times the rate, T_max 8 of 96 epochs",
        "qm-qn/mmocr configs/textrecog/_base_/schedules/m_schedule_adamw_cos_6e.py",
        96,
        lambda: CosineAnnealingLR(adam(1e-4), 8, eta_min=8e-4),
        ("floor-above-rate", "swings"),
    ),
    Plan(
        "OneCycleLR stepped beyond its total",
        "pytorch/pytorch#38170",
        12,
        lambda: OneCycleLR(sgd(0.1, momentum=0.9), 0.1, total_steps=10),
        ("would-raise",),
    ),
    Plan(
        "polynomial factors multiplied onto one another",
        "ChaseDuncan/brats2020 scheduler.py",
        200,
        lambda: MultiplicativeLR(adam(1e-4), lambda t: (1 - t / 200) ** 0.9),
        ("zero-before-the-end", "ends-too-early"),
    ),
    Plan(
        "factors divided by the decayed rate",
        "huggingface/nanotron#256",
        100,
        lambda: after_another(
            stepped(hf("cosine", 3e-4, 0, 1000), 900),
            lambda o: LambdaLR(o, lambda t: 30 * (1 + math.cos(math.pi * t / 1000)) / 2),
        ),
        ("exceeds-peak",),
    ),
    Plan(
        "the schedule of a first attempt in the rerun with half the batch size",
        "huggingface/transformers#24758",
        2000,
        lambda: stepped(hf("linear", 5e-5, 0, 1000), 40),
        ("already-stepped", "zero-before-the-end"),
    ),
)
