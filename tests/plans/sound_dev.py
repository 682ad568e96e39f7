"""Sound plans of public recipes: the part that the rules of `diagnose` may be fitted to."""

import math
from functools import partial

import torch
from plans.parts_sound import (
    Multiplied,
    PeakAtWarmup,
    RateTable,
    SetRate,
    TimmStyle,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    constant_plan,
    constant_then_fall,
    cosine_plan,
    inverse_sqrt_plan,
    late_linear,
    linear_plan,
    noam,
    poly,
    polynomial_plan,
    resumed,
    rmsprop,
    sgd,
    square_warm_cosine,
    staircase,
    three_stages,
    timm_cosine,
    timm_steps,
    titan_linear,
    trapezoid,
    unchanged,
    up_and_away,
    warm_cosine,
    warm_cosine_early,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR

import lrsched_book as lb
from lrsched_book.scheduler import ScheduleLR

PLANS: tuple[Plan, ...] = (
    Plan(
        "ResNet-50 on ImageNet, steps of 30 epochs",
        "pytorch/vision references/classification/README.md",
        90,
        lambda: torchs.StepLR(sgd(0.1), step_size=30, gamma=0.1),
    ),
    Plan(
        "MobileNetV2 on ImageNet, 2 percent less each epoch",
        "pytorch/vision references/classification/README.md",
        300,
        lambda: torchs.StepLR(sgd(0.045), step_size=1, gamma=0.98),
    ),
    Plan(
        "quantization-aware MobileNetV2, resumed at epoch 40",
        "pytorch/vision references/classification/README.md",
        50,
        lambda: resumed(lambda: torchs.StepLR(sgd(1e-4), step_size=30, gamma=0.1), 40),
    ),
    Plan(
        "DETR, one drop for transformer and backbone",
        "facebookresearch/detr main.py",
        300,
        lambda: torchs.StepLR(adamw(1e-4, 1e-5), 200),
    ),
    Plan(
        "DETR, resumed from the checkpoint of epoch 100",
        "facebookresearch/detr main.py",
        200,
        lambda: resumed(lambda: torchs.StepLR(adamw(1e-4, 1e-5), 200), 100),
    ),
    Plan(
        "ResNet-50, three drops in 100 epochs",
        "open-mmlab/mmpretrain configs/_base_/schedules/imagenet_bs256.py",
        100,
        lambda: torchs.MultiStepLR(sgd(0.1), milestones=[30, 60, 90], gamma=0.1),
    ),
    # 60 updates an epoch instead of 1252.
    Plan(
        "Swin: linear warmup of 20 epochs, cosine of 280",
        "open-mmlab/mmpretrain configs/_base_/schedules/imagenet_bs1024_adamw_swin.py",
        18_000,
        lambda: (
            lambda o: torchs.SequentialLR(
                o,
                [
                    torchs.LinearLR(o, start_factor=1e-3, total_iters=1200),
                    torchs.CosineAnnealingLR(o, T_max=16_800, eta_min=1e-5),
                ],
                milestones=[1200],
            )
        )(adamw(1e-3)),
    ),
    Plan(
        "CIFAR-10, one cosine of 200 epochs",
        "kuangliu/pytorch-cifar main.py",
        200,
        lambda: torchs.CosineAnnealingLR(sgd(0.1, weight_decay=5e-4), T_max=200),
    ),
    Plan(
        "CIFAR-10, the same cosine as an attached schedule",
        "kuangliu/pytorch-cifar main.py",
        200,
        lambda: ScheduleLR(sgd(0.1, weight_decay=5e-4), lb.cosine(steps=201)),
    ),
    Plan(
        "Shakespeare by characters",
        "karpathy/nanoGPT config/train_shakespeare_char.py",
        5000,
        lambda: LambdaLR(
            adamw(1e-3, 1e-3), partial(warm_cosine, warmup=100, total=5000, floor=0.1)
        ),
    ),
    Plan(
        "Shakespeare by characters as a bare schedule",
        "karpathy/nanoGPT config/train_shakespeare_char.py",
        5000,
        lambda: lb.cosine(steps=4900, final=0.1).with_warmup(100),
        keywords={"peak": 1e-3},
    ),
    Plan(
        "MNIST, seven tenths each epoch",
        "pytorch/examples mnist/main.py",
        14,
        lambda: torchs.StepLR(
            torch.optim.Adadelta([torch.zeros(1, requires_grad=True)], lr=1.0),
            step_size=1,
            gamma=0.7,
        ),
    ),
    Plan(
        "CycleGAN, 100 epochs flat and 100 falling",
        "junyanz/pytorch-CycleGAN-and-pix2pix models/networks.py",
        200,
        lambda: by(late_linear, keep=100, decay=101, offset=1)(adam(2e-4, betas=(0.5, 0.999))),
    ),
    Plan(
        "CycleGAN, continued at epoch 101 by a new offset",
        "junyanz/pytorch-CycleGAN-and-pix2pix models/networks.py",
        100,
        lambda: by(late_linear, keep=100, decay=101, offset=101)(adam(2e-4, betas=(0.5, 0.999))),
    ),
    Plan(
        "CycleGAN, resumed at epoch 80",
        "junyanz/pytorch-CycleGAN-and-pix2pix models/networks.py",
        120,
        lambda: resumed(lambda: by(late_linear, keep=100, decay=101, offset=1)(adam(2e-4)), 80),
        keywords={"resumed": True},
    ),
    Plan(
        "U-Net, plateau of the Dice score, ten looks an epoch",
        "milesial/Pytorch-UNet train.py",
        50,
        lambda: torchs.ReduceLROnPlateau(
            rmsprop(1e-3, weight_decay=1e-8, momentum=0.9), "max", patience=2
        ),
    ),
    # A fifth of the run, as is the next.
    Plan(
        "Conformer on LibriSpeech, warmup of a third",
        "espnet/espnet egs2/librispeech/asr1/conf/tuning/train_asr_conformer.yaml",
        15_000,
        lambda: PeakAtWarmup(adam(0.001), warmup_steps=5000),
    ),
    Plan(
        "Conformer on LibriSpeech, resumed in mid-warmup",
        "espnet/espnet egs2/librispeech/asr1/conf/tuning/train_asr_conformer.yaml",
        13_000,
        lambda: resumed(lambda: PeakAtWarmup(adam(0.001), warmup_steps=5000), 2000),
    ),
    # A third of the run.
    Plan(
        "Conformer on AISHELL, warmup of two fifths",
        "wenet-e2e/wenet examples/aishell/s0/conf/train_conformer.yaml",
        20_000,
        lambda: LambdaLR(adam(0.001), lambda t: min(((t + 1) / 8333) ** -0.5, (t + 1) / 8333)),
    ),
    # A tenth of the run, as is the next.
    Plan(
        "wav2vec 2.0 fine-tuned on 100 h, three stages",
        "facebookresearch/fairseq examples/wav2vec/config/finetuning/base_100h.yaml",
        8000,
        lambda: LambdaLR(
            adam(3e-5, betas=(0.9, 0.98)),
            partial(three_stages, warmup=800, hold=3200, decay=4000, first=0.01, last=0.05),
        ),
    ),
    Plan(
        "wav2vec 2.0 fine-tuned on 100 h, resumed on the plateau",
        "facebookresearch/fairseq examples/wav2vec/config/finetuning/base_100h.yaml",
        6500,
        lambda: resumed(
            lambda: LambdaLR(
                adam(3e-5),
                partial(three_stages, warmup=800, hold=3200, decay=4000, first=0.01, last=0.05),
            ),
            1500,
        ),
    ),
    # 20 updates an epoch instead of 626; the optimizer itself is made with rate 0.
    Plan(
        "Barlow Twins, weights and biases with their own peaks",
        "facebookresearch/barlowtwins main.py",
        20_000,
        lambda: SetRate(
            sgd(0.0, 0.0),
            lambda t: 8 * warm_cosine(t, warmup=200, total=20_000, floor=0.001),
            scales=[0.2, 0.0048],
        ),
    ),
    Plan(
        "YOLOv5, linear to one hundredth in 300 epochs",
        "ultralytics/yolov5 data/hyps/hyp.scratch-low.yaml",
        300,
        lambda: (
            lambda epochs, lrf: LambdaLR(
                sgd(0.01, 0.01, 0.01, momentum=0.937, nesterov=True),
                lr_lambda=lambda x: lrf + (1 - lrf) * (1 - x / epochs),
            )
        )(300, 0.01),
    ),
    Plan(
        "YOLOv5, cosine to one hundredth in 300 epochs",
        "ultralytics/yolov5 data/hyps/hyp.scratch-low.yaml",
        300,
        lambda: by(warm_cosine, warmup=0, total=300, floor=0.01)(
            sgd(0.01, 0.01, 0.01, momentum=0.937)
        ),
    ),
    Plan(
        "YOLO of ultralytics, linear to one hundredth in 100 epochs",
        "ultralytics/ultralytics ultralytics/cfg/default.yaml",
        100,
        lambda: torchs.LinearLR(
            sgd(0.01, 0.01, 0.01, momentum=0.937),
            start_factor=1.0,
            end_factor=0.01,
            total_iters=100,
        ),
    ),
    Plan(
        "nanochat's fine-tuning: flat half, then down to zero",
        "karpathy/nanochat scripts/chat_sft.py",
        900,
        lambda: by(trapezoid, total=900, cooldown=450)(adamw(0.8 * 0.3, 0.8 * 0.004, 0.8 * 0.02)),
    ),
    Plan(
        "Pythia 160M",
        "EleutherAI/gpt-neox configs/pythia/160M.yml",
        143_000,
        lambda: LambdaLR(
            adam(6e-4, betas=(0.9, 0.95)),
            partial(warm_cosine, warmup=1430, total=143_000, floor=0.1),
        ),
    ),
    # 200 updates an epoch. The warmup ends on the whole run's cosine, a little below the base rate.
    Plan(
        "SlowFast on Kinetics, 34 epochs of warmup into a cosine",
        "facebookresearch/SlowFast configs/Kinetics/SLOWFAST_8x8_R50.yaml, "
        "slowfast/utils/lr_policy.py",
        196 * 200,
        lambda: LambdaLR(
            sgd(0.1),
            lambda t: (
                0.5 * (1 + math.cos(math.pi * t / 39_200))
                if t >= 6800
                else 0.1 + (0.5 * (1 + math.cos(math.pi * 34 / 196)) - 0.1) * t / 6800
            ),
        ),
    ),
    Plan(
        "Swin-T fine-tuned on ImageNet-1K",
        "microsoft/Swin-Transformer "
        "configs/swin/swin_tiny_patch4_window7_224_22kto1k_finetune.yaml",
        30 * 1251,
        lambda: TimmStyle(
            adamw(2e-5, 2e-5),
            timm_cosine(25 * 1251, 2e-7),
            warmup_t=5 * 1251,
            warmup_lr=2e-8,
            prefix=True,
        ),
    ),
    Plan(
        "VITS, a tiny exponential decay an epoch",
        "jaywalnut310/vits configs/ljs_base.json",
        20_000,
        lambda: torchs.ExponentialLR(adamw(2e-4, betas=(0.8, 0.99)), gamma=0.999875),
    ),
    Plan(
        "VITS, resumed at epoch 1000",
        "jaywalnut310/vits configs/ljs_base.json",
        19_000,
        lambda: resumed(
            lambda: torchs.ExponentialLR(adamw(2e-4, betas=(0.8, 0.99)), gamma=0.999875), 1000
        ),
    ),
    Plan(
        "NNConv on QM9, plateau with a floor",
        "pyg-team/pytorch_geometric examples/qm9_nn_conv.py",
        300,
        lambda: torchs.ReduceLROnPlateau(
            adam(0.001), mode="min", factor=0.7, patience=5, min_lr=0.00001
        ),
    ),
    Plan(
        "SplineConv on FAUST, one drop after 60 epochs",
        "pyg-team/pytorch_geometric examples/faust.py",
        100,
        lambda: LambdaLR(adam(0.01), lambda epoch: 1.0 if epoch < 60 else 0.1),
    ),
    Plan(
        "NNConv on QM9, resumed at epoch 40",
        "pyg-team/pytorch_geometric examples/qm9_nn_conv.py",
        260,
        lambda: resumed(
            lambda: torchs.ReduceLROnPlateau(adam(0.001), factor=0.7, patience=5, min_lr=1e-5), 40
        ),
    ),
    Plan(
        "Llama fine-tuning, 15 percent less an epoch",
        "facebookresearch/llama-recipes src/llama_recipes/configs/training.py",
        3,
        lambda: torchs.StepLR(adamw(1e-4), step_size=1, gamma=0.85),
    ),
    # A fiftieth of the million.
    Plan(
        "NeRF, thirds at a half, three quarters and nine tenths",
        "nerfstudio-project/nerfstudio nerfstudio/engine/schedulers.py",
        20_000,
        lambda: torchs.MultiStepLR(adam(5e-4), milestones=(10_000, 15_000, 18_000), gamma=0.33),
    ),
    Plan(
        "NeRF, warmup then cosine to five hundredths",
        "nerfstudio-project/nerfstudio nerfstudio/engine/schedulers.py",
        20_000,
        lambda: by(warm_cosine, warmup=333, total=20_000, floor=0.05)(adam(1e-2)),
    ),
    # A fifth of the run.
    Plan(
        "PPM on ADE20K, power 0.9 for encoder and decoder",
        "CSAILVision/semantic-segmentation-pytorch config/ade20k-resnet50dilated-ppm_deepsup.yaml",
        20_000,
        lambda: by(poly, total=20_000)(sgd(0.02, 0.02)),
    ),
    Plan(
        "Llama 3 with QLoRA, four epochs of cosine",
        "axolotl-ai-cloud/axolotl examples/llama-3/qlora.yml",
        1200,
        lambda: LambdaLR(
            adamw(2e-4), partial(cosine_plan, num_warmup_steps=10, num_training_steps=1200)
        ),
    ),
    Plan(
        "DenseNet on CIFAR-10, drops at a half and three quarters",
        "gpleiss/efficient_densenet_pytorch demo.py",
        300,
        lambda: torchs.MultiStepLR(
            sgd(0.1, nesterov=True), milestones=[0.5 * 300, 0.75 * 300], gamma=0.1
        ),
    ),
    Plan(
        "WideResNet-28-10, fifths at 60, 120 and 160",
        "xternalz/WideResNet-pytorch train.py",
        200,
        lambda: LambdaLR(
            sgd(0.1, nesterov=True), lambda e: 0.2 ** ((e > 60) + (e > 120) + (e > 160))
        ),
    ),
    Plan(
        "EfficientNet-B2, 3 percent less every 2.4 epochs",
        "huggingface/pytorch-image-models hfdocs/source/training_script.mdx",
        450,
        lambda: TimmStyle(rmsprop(0.016), timm_steps(2.4, 0.97), warmup_t=5, warmup_lr=1e-6),
    ),
    Plan(
        "SE-ResNet-34, cosine of 150 epochs",
        "huggingface/pytorch-image-models hfdocs/source/training_script.mdx",
        150,
        lambda: TimmStyle(sgd(0.4), timm_cosine(150), warmup_t=5, warmup_lr=1e-4),
    ),
    Plan(
        "SE-ResNet-34, resumed at epoch 90",
        "huggingface/pytorch-image-models hfdocs/source/training_script.mdx",
        60,
        lambda: resumed(
            lambda: TimmStyle(
                sgd(0.4), lambda base, t: base * 0.5 * (1 + math.cos(math.pi * t / 150)), 5, 1e-4
            ),
            90,
        ),
    ),
    Plan(
        "Stable Diffusion fine-tuned at a constant rate",
        "huggingface/diffusers examples/text_to_image/README.md",
        15_000,
        lambda: LambdaLR(adamw(1e-5), unchanged),
    ),
    Plan(
        "diffusion of Pokemon, cosine after 500",
        "huggingface/diffusers examples/unconditional_image_generation/README.md",
        5300,
        lambda: LambdaLR(
            adamw(1e-4), partial(cosine_plan, num_warmup_steps=500, num_training_steps=5300)
        ),
    ),
    Plan(
        "Vicuna, cosine after 4 percent",
        "lm-sys/FastChat scripts/train_vicuna_7b.sh",
        1200,
        lambda: LambdaLR(
            adamw(2e-5, 2e-5), partial(cosine_plan, num_warmup_steps=48, num_training_steps=1200)
        ),
    ),
    # A tenth of the run's updates.
    Plan(
        "EDM, a ramp and then constant",
        "NVlabs/edm training/training_loop.py",
        39_063,
        lambda: LambdaLR(adam(1e-3), partial(constant_plan, num_warmup_steps=1953)),
    ),
    Plan(
        "XLS-R on Common Voice, streamed",
        "huggingface/transformers examples/pytorch/speech-recognition/README.md",
        5000,
        lambda: LambdaLR(
            adamw(5e-4, 5e-4), partial(linear_plan, num_warmup_steps=500, num_training_steps=5000)
        ),
    ),
    Plan(
        "XLS-R on Common Voice, resumed at 3500",
        "huggingface/transformers examples/pytorch/speech-recognition/README.md",
        1500,
        lambda: resumed(
            lambda: LambdaLR(
                adamw(5e-4, 5e-4),
                partial(linear_plan, num_warmup_steps=500, num_training_steps=5000),
            ),
            3500,
        ),
    ),
    Plan(
        "GPT-2 124M in C, cosine to zero",
        "karpathy/llm.c scripts/run_gpt2_124M.sh",
        18_865,
        lambda: LambdaLR(adamw(6e-4), partial(warm_cosine_early, warmup=700, total=18_865)),
    ),
    # A fortieth of the 572,204 updates.
    Plan(
        "GPT-3 125M in C, cosine to a tenth",
        "karpathy/llm.c scripts/run_gpt3_125M.sh",
        14_305,
        lambda: by(warm_cosine_early, warmup=18, total=14_305, floor=0.1)(adamw(6e-4)),
    ),
    Plan(
        "SWA of VGG16: flat, falling, constant",
        "timgaripov/swa README.md",
        300,
        lambda: by(constant_then_fall, start=161, low=0.2)(sgd(0.05, weight_decay=5e-4)),
    ),
    Plan(
        "WideResNet without SWA, to one hundredth",
        "timgaripov/swa README.md",
        200,
        lambda: LambdaLR(sgd(0.1), partial(constant_then_fall, start=200, low=0.01)),
    ),
    Plan(
        "SWA of PreResNet164, resumed at epoch 90",
        "timgaripov/swa README.md",
        135,
        lambda: resumed(lambda: by(constant_then_fall, start=126, low=0.5)(sgd(0.1)), 90),
    ),
    Plan(
        "action recognition, drops at 40 and 80",
        "open-mmlab/mmaction2 configs/_base_/schedules/sgd_100e.py",
        100,
        lambda: torchs.MultiStepLR(sgd(0.01), milestones=[40, 80]),
    ),
    Plan(
        "Llama 3 8B, 200 updates up and 800 down",
        "pytorch/torchtitan configs/llama3_8b-8xb200-8k.toml, "
        "torchtitan/components/lr_scheduler.py",
        1000,
        lambda: LambdaLR(adamw(3e-4), partial(titan_linear, warmup=200, total=1000)),
    ),
    Plan(
        "Llama 3 8B, resumed at 500",
        "pytorch/torchtitan configs/llama3_8b-8xb200-8k.toml, "
        "torchtitan/components/lr_scheduler.py",
        500,
        lambda: resumed(
            lambda: LambdaLR(adamw(3e-4), partial(titan_linear, warmup=200, total=1000)), 500
        ),
        keywords={"resumed": True},
    ),
    # 60 updates an epoch instead of 1849; the optimizer is made with the warmup's first rate, zero.
    Plan(
        "YOLOX: square warmup, cosine, 15 still epochs",
        "Megvii-BaseDetection/YOLOX yolox/exp/yolox_base.py, yolox/utils/lr_scheduler.py",
        18_000,
        lambda: SetRate(
            sgd(0.0, 0.0, 0.0, nesterov=True),
            lambda t: 0.01 * square_warm_cosine(t, warmup=300, total=18_000, still=900, floor=0.05),
        ),
    ),
    Plan(
        "YOLOX, resumed at epoch 200",
        "Megvii-BaseDetection/YOLOX yolox/exp/yolox_base.py, yolox/utils/lr_scheduler.py",
        6000,
        lambda: resumed(
            lambda: SetRate(
                sgd(0.0, 0.0, 0.0),
                lambda t: (
                    0.01 * square_warm_cosine(t, warmup=300, total=18_000, still=900, floor=0.05)
                ),
            ),
            12_000,
        ),
    ),
    Plan(
        "Attention Is All You Need, a wrapper that sets the rate",
        "jadore801120/attention-is-all-you-need-pytorch transformer/Optim.py",
        20_000,
        lambda: SetRate(
            adam(1e-3, betas=(0.9, 0.98), eps=1e-9), lambda t: noam(t + 1, width=512, warmup=4000)
        ),
    ),
    # A fifth of the run.
    Plan(
        "CLIPA, cosine after a short warmup",
        "mlfoundations/open_clip docs/script_examples/clipa/vit_l16/i37_t8_pretrain.sh, "
        "src/training/scheduler.py",
        14_648,
        lambda: RateTable(
            adamw(1.024e-3, 1.024e-3),
            [1.024e-3 * warm_cosine_early(t, warmup=313, total=14_648) for t in range(14_648)],
        ),
    ),
    Plan(
        "CLIPA, resumed at 6000",
        "mlfoundations/open_clip docs/script_examples/clipa/vit_l16/i37_t8_pretrain.sh, "
        "src/training/scheduler.py",
        8648,
        lambda: resumed(
            lambda: by(warm_cosine_early, warmup=313, total=14_648)(adamw(1.024e-3, 1.024e-3)), 6000
        ),
    ),
    # A tenth of the run.
    Plan(
        "GPT-NeoX 20B",
        "EleutherAI/gpt-neox configs/20B.yml",
        15_000,
        lambda: LambdaLR(
            adam(0.97e-4, betas=(0.9, 0.95)),
            partial(warm_cosine, warmup=150, total=15_000, floor=0.1),
        ),
    ),
    # The optimizer's rate is where the cycle begins: its factor goes up to ten.
    Plan(
        "KITTI detectors, up to ten times the rate and away",
        "open-mmlab/mmdetection3d configs/_base_/schedules/cyclic-40e.py",
        40 * 155,
        lambda: by(up_and_away, turn=16 * 155, total=40 * 155, top=10.0, end=1e-4)(
            adamw(0.0018, betas=(0.95, 0.99))
        ),
    ),
    # A fifth of the run.
    Plan(
        "Stable Diffusion 1, 10,000 updates of warmup and constant",
        "CompVis/stable-diffusion configs/stable-diffusion/v1-inference.yaml",
        40_000,
        lambda: LambdaLR(adamw(1e-4), lambda n: 1.0 if n >= 2000 else 1e-6 + (1 - 1e-6) * n / 2000),
    ),
    # A tenth of the run; the cosine runs beneath the warmup.
    Plan(
        "BLIP-2, warmup in front of a cosine that has begun",
        "salesforce/LAVIS lavis/projects/blip2/train/pretrain_stage1.yaml",
        13_300,
        lambda: SetRate(
            adamw(1e-4, 1e-4),
            lambda t: (
                1e-6 + 9.9e-5 * t / 500
                if t < 500
                else 1e-5 + 4.5e-5 * (1 + math.cos(math.pi * t / 13_300))
            ),
        ),
    ),
    Plan(
        "HRNet on MPII, 210 epochs",
        "leoxiaobin/deep-high-resolution-net.pytorch "
        "experiments/mpii/hrnet/w32_256x256_adam_lr1e-3.yaml",
        210,
        lambda: torchs.MultiStepLR(adam(0.001), [170, 200], 0.1),
    ),
    Plan(
        "HRNet on MPII, resumed at epoch 175",
        "leoxiaobin/deep-high-resolution-net.pytorch "
        "experiments/mpii/hrnet/w32_256x256_adam_lr1e-3.yaml",
        35,
        lambda: resumed(lambda: torchs.MultiStepLR(adam(0.001), [170, 200], 0.1), 175),
    ),
    Plan(
        "CenterNet 2x, 230 epochs",
        "xingyizhou/CenterNet experiments/ctdet_coco_dla_2x.sh",
        230,
        lambda: LambdaLR(adam(5e-4), partial(staircase, edges=[180, 210], gamma=0.1)),
    ),
    Plan(
        "Llama 3 with LoRA, an epoch of cosine",
        "pytorch/torchtune recipes/configs/llama3/8B_lora.yaml",
        404,
        lambda: LambdaLR(
            adamw(3e-4), partial(cosine_plan, num_warmup_steps=100, num_training_steps=404)
        ),
    ),
    Plan(
        "Llama 3 with LoRA on a small demo",
        "hiyouga/LLaMA-Factory examples/train_lora/llama3_lora_sft.yaml",
        409,
        lambda: LambdaLR(
            adamw(1e-4, 1e-4), partial(cosine_plan, num_warmup_steps=41, num_training_steps=409)
        ),
    ),
    # A tenth of the run.
    Plan(
        "DeepSeek-V2-Lite: warmup, two steps by 0.316",
        "deepseek-ai/DeepSeek-V2-Lite README.md (model card)",
        30_200,
        lambda: WarmupMultiStep(
            adamw(4.2e-4), [24_160, 27_180], gamma=0.316, factor=0.0, iters=200
        ),
    ),
    Plan(
        "DeepSeek-V2-Lite, resumed after the first step",
        "deepseek-ai/DeepSeek-V2-Lite README.md (model card)",
        5200,
        lambda: resumed(
            lambda: WarmupMultiStep(
                adamw(4.2e-4), [24_160, 27_180], gamma=0.316, factor=0.0, iters=200
            ),
            25_000,
        ),
    ),
    # A tenth of the run.
    Plan(
        "LLaMA 350M on C4, as an attached schedule",
        "xichen-fy/Fira pre_training_c4/scripts/llama_350m.sh",
        6000,
        lambda: ScheduleLR(adamw(0.01, 0.01), lb.cosine(steps=5400, final=0.1).with_warmup(600)),
    ),
    Plan(
        "ten snapshots of a ResNet-18, cosine cycles of 20 epochs",
        "TSTB-dev/Group-Ensemble train.sh",
        200,
        lambda: torchs.CosineAnnealingWarmRestarts(
            sgd(0.1, weight_decay=5e-4), T_0=20, T_mult=1, eta_min=0.0
        ),
    ),
    Plan(
        "ten snapshots, as a bare schedule",
        "TSTB-dev/Group-Ensemble train.sh",
        200,
        lambda: lb.cosine_restarts(20),
        keywords={"peak": 0.1},
    ),
    Plan(
        "ten snapshots, resumed in the seventh",
        "TSTB-dev/Group-Ensemble train.sh",
        70,
        lambda: resumed(lambda: torchs.CosineAnnealingWarmRestarts(sgd(0.1), T_0=20), 130),
    ),
    Plan(
        "SWAG of a ResNet-18 under a cosine",
        "SungJun98/SA-BMA sh/cifar10/resnet18-noBN/cifar10_resnet18-noBN_swag-sgd.sh",
        300,
        lambda: torchs.CosineAnnealingLR(sgd(0.05, weight_decay=5e-4), T_max=300),
    ),
    # A tenth of the run.
    Plan(
        "FCOS 1x",
        "aim-uofa/AdelaiDet configs/FCOS-Detection/Base-FCOS.yaml",
        9000,
        lambda: Multiplied(
            sgd(0.01),
            lambda share: (
                min(0.001 + 0.999 * share * 90, 1) * 0.1 ** ((share >= 6 / 9) + (share >= 8 / 9))
            ),
            9000,
        ),
    ),
    Plan(
        "DINO the detector, 12 epochs, the last one slower",
        "IDEA-Research/DINO config/DINO/DINO_4scale.py",
        12,
        lambda: torchs.StepLR(adamw(1e-4, 1e-5), 11),
    ),
    Plan(
        "DINO the detector, resumed at epoch 6",
        "IDEA-Research/DINO config/DINO/DINO_4scale.py",
        6,
        lambda: resumed(lambda: torchs.StepLR(adamw(1e-4, 1e-5), 11), 6),
    ),
    Plan(
        "simple baselines for pose, 140 epochs",
        "microsoft/human-pose-estimation.pytorch "
        "experiments/coco/resnet50/256x192_d256x3_adam_lr1e-3.yaml",
        140,
        lambda: torchs.MultiStepLR(adam(0.001), [90, 120], 0.1),
    ),
    Plan(
        "simple baselines for pose, resumed at epoch 100",
        "microsoft/human-pose-estimation.pytorch "
        "experiments/coco/resnet50/256x192_d256x3_adam_lr1e-3.yaml",
        40,
        lambda: resumed(
            lambda: torchs.MultiStepLR(adam(0.001), [90, 120], 0.1), 100, scheduler_first=True
        ),
    ),
    # An eighth of the updates.
    Plan(
        "SGDR on CIFAR-10, four cycles of 50 epochs",
        "loshchil/SGDR SGDR_WRNs.py",
        200 * 98,
        lambda: torchs.CosineAnnealingWarmRestarts(sgd(0.05, weight_decay=5e-4), T_0=50 * 98),
    ),
    Plan(
        "SGDR on CIFAR-10, two cycles, a bare schedule by the epoch",
        "loshchil/SGDR SGDR_WRNs.py",
        200,
        lambda: lb.cosine_restarts(100),
        keywords={"peak": 0.05},
    ),
    Plan(
        "the original drops of SGDR's comparison",
        "loshchil/SGDR SGDR_WRNs.py",
        200,
        lambda: ScheduleLR(sgd(0.1), lb.multistep([60, 120, 160], gamma=0.2)),
    ),
    # A twentieth of the run.
    Plan(
        "wav2vec 2.0 pre-training, up and down",
        "facebookresearch/fairseq "
        "examples/wav2vec/config/pretraining/wav2vec2_base_librispeech.yaml",
        20_000,
        lambda: LambdaLR(
            adam(5e-4, betas=(0.9, 0.98)),
            partial(
                polynomial_plan,
                num_warmup_steps=1600,
                num_training_steps=20_000,
                power=1.0,
                end=0.0,
            ),
        ),
    ),
    Plan(
        "rotated boxes 6x by the epoch",
        "open-mmlab/mmrotate configs/_base_/schedules/schedule_6x.py",
        72,
        lambda: torchs.MultiStepLR(sgd(0.0025), milestones=[48, 66], gamma=0.1),
    ),
    Plan(
        "S3DIS segmentation, cosine to a hundredth",
        "open-mmlab/mmdetection3d configs/_base_/schedules/seg-cosine-150e.py",
        150,
        lambda: torchs.CosineAnnealingLR(sgd(0.2), T_max=150, eta_min=0.002),
    ),
    Plan(
        "CIFAR-10, drops at a half and three quarters",
        "open-mmlab/mmpretrain configs/_base_/schedules/cifar10_bs128.py",
        200,
        lambda: torchs.MultiStepLR(sgd(0.1), milestones=[100, 150], gamma=0.1),
    ),
    Plan(
        "translation of IWSLT14, inverse square root after 4000",
        "Adoni/learn-fairseq lesson-3-transformer-real-translation/step-6-train.sh",
        7000,
        lambda: LambdaLR(
            adam(5e-4), partial(inverse_sqrt_plan, num_warmup_steps=4000, timescale=4000)
        ),
    ),
)
