"""Sound plans of public recipes: the part set aside before the rules, to measure them by."""

import math
from functools import partial

from plans.parts_sound import (
    LateLinear,
    LayerScaledCosine,
    Multiplied,
    RateTable,
    SetRate,
    WarmRestarts,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    chained_cosines,
    cosine_plan,
    layered,
    noam,
    polyline,
    polynomial_plan,
    resumed,
    sgd,
    walk,
    warm_cosine,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import SWALR

PLANS: tuple[Plan, ...] = (
    # 20 updates an epoch instead of 312.
    Plan(
        "MAE pre-training, 800 epochs after 40 of warmup",
        "facebookresearch/mae PRETRAIN.md, util/lr_sched.py",
        16_000,
        lambda: LayerScaledCosine(adamw(2.4e-3, 2.4e-3), 2.4e-3, warmup=800, total=16_000),
    ),
    # A tenth of the run.
    Plan(
        "Mask R-CNN 1x: 500 updates of warmup times two drops",
        "open-mmlab/mmdetection configs/_base_/schedules/schedule_1x.py",
        12 * 733,
        lambda: (
            lambda o: torchs.ChainedScheduler(
                [
                    torchs.LinearLR(o, start_factor=0.001, total_iters=50),
                    torchs.MultiStepLR(o, milestones=[8 * 733, 11 * 733], gamma=0.1),
                ]
            )
        )(sgd(0.02)),
    ),
    Plan(
        "Faster R-CNN 1x, warmup of 1000",
        "facebookresearch/detectron2 configs/Base-RCNN-FPN.yaml",
        90_000,
        lambda: WarmupMultiStep(sgd(0.02), [60_000, 80_000]),
    ),
    # A tenth of the run.
    Plan(
        "Faster R-CNN 1x, resumed from a short state",
        "facebookresearch/detectron2 configs/Base-RCNN-FPN.yaml, detectron2/solver/lr_scheduler.py",
        7000,
        lambda: resumed(
            lambda: Multiplied(
                sgd(0.02, 0.02),
                lambda share: (
                    min(0.001 + 0.999 * share * 90, 1)
                    * 0.1 ** ((share >= 6 / 9) + (share >= 8 / 9))
                ),
                9000,
            ),
            2000,
        ),
    ),
    # A tenth of the run.
    Plan(
        "detectron2's cosine times a warmup",
        "facebookresearch/detectron2 detectron2/solver/lr_scheduler.py",
        9000,
        lambda: Multiplied(
            sgd(0.02),
            lambda share: (
                min(0.001 + 0.999 * share * 90, 1) * 0.5 * (1 + math.cos(math.pi * share))
            ),
            9000,
        ),
    ),
    # A tenth of the run's 476,837 updates.
    Plan(
        "OLMo 7B, linear to a tenth",
        "allenai/OLMo configs/official/OLMo-7B.yaml",
        47_684,
        lambda: LambdaLR(
            adamw(3e-4),
            partial(
                polynomial_plan, num_warmup_steps=500, num_training_steps=47_684, power=1.0, end=0.1
            ),
        ),
    ),
    Plan(
        "PointNet on ModelNet40",
        "yanx27/Pointnet_Pointnet2_pytorch train_classification.py",
        200,
        lambda: torchs.StepLR(adam(0.001, weight_decay=1e-4), step_size=20, gamma=0.7),
    ),
    Plan(
        "CIFAR-10 in 24 epochs, piecewise linear",
        "davidcpage/cifar10-fast dawn.py",
        24 * 97,
        lambda: SetRate(
            sgd(0.4 / 512, nesterov=True),
            lambda t: polyline(t / 97, at=[0, 5, 24], heights=[0, 0.4, 0]) / 512,
        ),
    ),
    Plan(
        "the Annotated Transformer, base rate 1",
        "harvardnlp/annotated-transformer the_annotated_transformer.py",
        20_000,
        lambda: by(noam, width=512, warmup=4000)(adam(1, betas=(0.9, 0.98), eps=1e-9)),
    ),
    Plan(
        "the Annotated Transformer, the smaller model",
        "harvardnlp/annotated-transformer the_annotated_transformer.py",
        20_000,
        lambda: LambdaLR(
            adam(1.0, betas=(0.9, 0.98)), lr_lambda=partial(noam, width=256, warmup=4000, scale=1)
        ),
    ),
    Plan(
        "LLaVA 1.5, cosine after 3 percent",
        "haotian-liu/LLaVA scripts/v1_5/finetune.sh",
        5197,
        lambda: LambdaLR(
            adamw(2e-5, 2e-5), partial(cosine_plan, num_warmup_steps=156, num_training_steps=5197)
        ),
    ),
    Plan(
        "SimSiam, cosine for all but the predictor",
        "facebookresearch/simsiam README.md",
        100,
        lambda: LambdaLR(
            sgd(0.1, 0.1), [lambda e: 0.5 * (1 + math.cos(math.pi * e / 100)), lambda e: 1.0]
        ),
    ),
    Plan(
        "cosine cycles with warmup, halved each cycle",
        "katsura-jp/pytorch-cosine-annealing-with-warmup README.md",
        1000,
        lambda: WarmRestarts(sgd(0.1), 200, top=0.1, low=0.001, warmup=50, gamma=0.5),
    ),
    Plan(
        "cosine cycles with warmup, all alike",
        "katsura-jp/pytorch-cosine-annealing-with-warmup README.md",
        1000,
        lambda: WarmRestarts(sgd(0.1), 500, top=0.1, low=0.001, warmup=100),
    ),
    Plan(
        "CycleGAN with the decay as an object's method",
        "eriklindernoren/PyTorch-GAN implementations/cyclegan/utils.py",
        200,
        lambda: LambdaLR(adam(2e-4, betas=(0.5, 0.999)), lr_lambda=LateLinear(200, 0, 100).step),
    ),
    Plan(
        "PPO on Atari, linear to zero by the rollout",
        "DLR-RM/rl-baselines3-zoo hyperparams/ppo.yml",
        9765,
        lambda: LambdaLR(adam(2.5e-4, eps=1e-5), lambda n: 1 - n / 9765),
    ),
    Plan(
        "PPO on CartPole, linear to zero by the rollout",
        "DLR-RM/rl-baselines3-zoo hyperparams/ppo.yml",
        390,
        lambda: torchs.LinearLR(adam(1e-3), 1.0, 0.0, total_iters=390),
    ),
    # A tenth of the run: the floor is reached at 32,000 and kept.
    Plan(
        "Megatron GPT 345M, cosine to a floor that it keeps",
        "NVIDIA/Megatron-LM examples/pretrain_gpt.sh",
        50_000,
        lambda: by(warm_cosine, warmup=320, total=32_000, floor=1 / 15)(adam(1.5e-4)),
    ),
    # A hundredth of the run.
    Plan(
        "Megatron BERT, linear to a floor that it keeps",
        "NVIDIA/Megatron-LM examples/pretrain_bert.sh",
        20_000,
        lambda: by(
            polynomial_plan, num_warmup_steps=99, num_training_steps=9900, power=1.0, end=0.1
        )(adam(1e-4)),
    ),
    Plan(
        "PPO on CarRacing, linear to zero by the rollout",
        "DLR-RM/rl-baselines3-zoo hyperparams/ppo.yml",
        976,
        lambda: torchs.PolynomialLR(adam(1e-4), total_iters=976, power=1.0),
    ),
    # 200 updates an epoch instead of 1252.
    Plan(
        "MAE fine-tuned, ViT-B with layer decay",
        "facebookresearch/mae FINETUNE.md, util/lr_sched.py",
        20_000,
        lambda: LayerScaledCosine(
            layered(adamw(2e-3), 12, 0.65), 2e-3, warmup=1000, total=20_000, low=1e-6
        ),
    ),
    Plan(
        "MAE fine-tuned, ViT-L, resumed at epoch 20",
        "facebookresearch/mae FINETUNE.md, util/lr_sched.py",
        6000,
        lambda: resumed(
            lambda: LayerScaledCosine(
                layered(adamw(4e-3), 24, 0.75), 4e-3, warmup=1000, total=10_000, low=1e-6
            ),
            4000,
        ),
    ),
    Plan(
        "LLaVA 1.5, the projector alone",
        "haotian-liu/LLaVA scripts/v1_5/pretrain.sh",
        2181,
        lambda: LambdaLR(
            adamw(1e-3), partial(cosine_plan, num_warmup_steps=66, num_training_steps=2181)
        ),
    ),
    Plan(
        "Mask R-CNN 2x by the epoch",
        "open-mmlab/mmdetection configs/_base_/schedules/schedule_2x.py",
        24,
        lambda: torchs.MultiStepLR(sgd(0.02), milestones=[16, 22], gamma=0.1),
    ),
    Plan(
        "Mask R-CNN 2x, resumed at epoch 12",
        "open-mmlab/mmdetection configs/_base_/schedules/schedule_2x.py",
        12,
        lambda: resumed(lambda: torchs.MultiStepLR(sgd(0.02), milestones=[16, 22], gamma=0.1), 12),
    ),
    # A tenth of the run.
    Plan(
        "EDSR, half after two thirds",
        "XPixelGroup/BasicSR options/train/EDSR/train_EDSR_Lx2.yml",
        30_000,
        lambda: torchs.MultiStepLR(adam(1e-4, betas=(0.9, 0.99)), milestones=[20_000], gamma=0.5),
    ),
    Plan(
        "EDVR, five cosines",
        "XPixelGroup/BasicSR options/train/EDVR/train_EDVR_M_x4_SR_REDS.yml",
        60_000,
        lambda: LambdaLR(
            adam(4e-4, betas=(0.9, 0.99)),
            partial(chained_cosines, periods=[5000, 10_000, 15_000, 15_000, 15_000], low=2.5e-4),
        ),
    ),
    Plan(
        "EDVR, resumed in its third cosine",
        "XPixelGroup/BasicSR options/train/EDVR/train_EDVR_M_x4_SR_REDS.yml",
        38_000,
        lambda: resumed(
            lambda: LambdaLR(
                adam(4e-4),
                partial(
                    chained_cosines, periods=[5000, 10_000, 15_000, 15_000, 15_000], low=2.5e-4
                ),
            ),
            22_000,
        ),
    ),
    Plan(
        "NAFNet on GoPro, cosine to nearly nothing",
        "megvii-research/NAFNet options/train/GoPro/NAFNet-width32.yml",
        20_000,
        lambda: torchs.CosineAnnealingLR(adamw(1e-3, betas=(0.9, 0.9)), T_max=20_000, eta_min=1e-7),
    ),
    # 32 updates an epoch instead of 313.
    Plan(
        "SwAV, 400 epochs, rates from a table",
        "facebookresearch/swav scripts/swav_400ep_pretrain.sh",
        12_800,
        lambda: RateTable(
            sgd(4.8),
            [
                4.8 * warm_cosine(t, warmup=320, total=12_800, floor=0.001, first=0.0625)
                for t in range(12_800)
            ],
        ),
    ),
    # 60 updates an epoch instead of 312.
    Plan(
        "self-supervised ViT, 40 epochs of warmup",
        "open-mmlab/mmselfsup configs/selfsup/_base_/schedules/adamw_coslr-300e_in1k.py",
        18_000,
        lambda: by(warm_cosine, warmup=2400, total=18_000, first=1e-4)(adamw(6e-4)),
    ),
    Plan(
        "PyTorch's own SWA example: a cosine hands over after epoch 160",
        "pytorch/pytorch torch/optim/swa_utils.py",
        139,
        lambda: (
            lambda o: SWALR(
                walk(torchs.CosineAnnealingLR(o, T_max=300), 161).optimizer, swa_lr=0.05
            )
        )(sgd(0.1)),
    ),
    Plan(
        "PyTorch's own SWA example, linearly and in 20 epochs",
        "pytorch/pytorch torch/optim/swa_utils.py",
        139,
        lambda: SWALR(sgd(0.1), anneal_strategy="linear", anneal_epochs=20, swa_lr=0.05),
    ),
    # A tenth of the run.
    Plan(
        "Mask2Former on COCO, the backbone ten times slower",
        "facebookresearch/Mask2Former "
        "configs/coco/instance-segmentation/Base-COCO-InstanceSegmentation.yaml",
        36_875,
        lambda: WarmupMultiStep(adamw(1e-4, 1e-5), (32_778, 35_509), factor=1.0, iters=1),
    ),
    Plan(
        "PPO of CleanRL, annealed by the update",
        "vwxyzjn/cleanrl cleanrl/ppo.py",
        976,
        lambda: LambdaLR(adam(2.5e-4, eps=1e-5), lambda update: 1.0 - update / 976),
    ),
    Plan(
        "PPO of CleanRL, resumed at 300",
        "vwxyzjn/cleanrl cleanrl/ppo.py",
        676,
        lambda: resumed(
            lambda: LambdaLR(adam(2.5e-4, eps=1e-5), lambda update: 1.0 - update / 976), 300
        ),
        keywords={"resumed": True},
    ),
    Plan(
        "GIN on PCQM4Mv2",
        "snap-stanford/ogb examples/lsc/pcqm4m-v2/main_gnn.py",
        100,
        lambda: torchs.StepLR(adam(0.001), step_size=30, gamma=0.25),
    ),
    Plan(
        "GIN on a tenth of PCQM4Mv2, 1000 epochs",
        "snap-stanford/ogb examples/lsc/pcqm4m-v2/main_gnn.py",
        1000,
        lambda: torchs.StepLR(adam(0.001), step_size=300, gamma=0.25),
    ),
)
