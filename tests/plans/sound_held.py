"""Sound plans of public recipes that are kept from the rules' author: the measured ones."""

import math
from functools import partial

from plans.parts_sound import (
    LateLinear,
    LayerScaledCosine,
    Multiplied,
    SetRate,
    WarmRestarts,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    cosine_plan,
    noam,
    polyline,
    resumed,
    sgd,
    warm_cosine,
    warm_linear,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR

PLANS: tuple[Plan, ...] = (
    Plan(
        "MAE pre-training, 800 epochs after 40 of warmup",
        "facebookresearch/mae PRETRAIN.md, util/lr_sched.py",
        64_000,
        lambda: LayerScaledCosine(adamw(2.4e-3, 2.4e-3), 2.4e-3, warmup=3200, total=64_000),
    ),
    Plan(
        "Mask R-CNN 1x: 500 updates of warmup times two drops",
        "open-mmlab/mmdetection configs/_base_/schedules/schedule_1x.py",
        12 * 7330,
        lambda: (
            lambda o: torchs.ChainedScheduler(
                [
                    torchs.LinearLR(o, start_factor=0.001, total_iters=500),
                    torchs.MultiStepLR(o, milestones=[8 * 7330, 11 * 7330], gamma=0.1),
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
    Plan(
        "Faster R-CNN 1x, resumed at 20,000 from a short state",
        "facebookresearch/detectron2 configs/Base-RCNN-FPN.yaml, detectron2/solver/lr_scheduler.py",
        70_000,
        lambda: resumed(
            lambda: Multiplied(
                sgd(0.02, 0.02),
                lambda share: (
                    min(0.001 + 0.999 * share * 90, 1)
                    * 0.1 ** ((share >= 6 / 9) + (share >= 8 / 9))
                ),
                90_000,
            ),
            20_000,
        ),
    ),
    Plan(
        "detectron2's cosine times a warmup",
        "facebookresearch/detectron2 detectron2/solver/lr_scheduler.py",
        90_000,
        lambda: Multiplied(
            sgd(0.02),
            lambda share: (
                min(0.001 + 0.999 * share * 90, 1) * 0.5 * (1 + math.cos(math.pi * share))
            ),
            90_000,
        ),
    ),
    Plan(
        "OLMo 7B, linear to a tenth",
        "allenai/OLMo configs/official/OLMo-7B.yaml",
        47_684,
        lambda: LambdaLR(adamw(3e-4), partial(warm_linear, warmup=500, total=47_684, floor=0.1)),
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
    Plan(
        "Megatron GPT 345M, cosine to a floor that it keeps",
        "NVIDIA/Megatron-LM examples/pretrain_gpt.sh",
        50_000,
        lambda: by(warm_cosine, warmup=320, total=32_000, floor=1 / 15)(adam(1.5e-4)),
    ),
    Plan(
        "Megatron BERT, linear to a floor that it keeps",
        "NVIDIA/Megatron-LM examples/pretrain_bert.sh",
        100_000,
        lambda: by(warm_linear, warmup=495, total=49_500, floor=0.1)(adam(1e-4)),
    ),
)
