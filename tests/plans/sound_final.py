"""Sound plans of public recipes: the part set aside for the last measurement."""

from functools import partial

from plans.parts_sound import (
    OneCycleWithMomentum,
    RateTable,
    RecursivePoly,
    SetRate,
    TimmStyle,
    WarmupMultiStep,
    adam,
    adamw,
    by,
    cosine_plan,
    inverse_sqrt_plan,
    layered,
    noam,
    polyline,
    resumed,
    sgd,
    staircase,
    timm_cosine,
    unchanged,
    warm_cosine,
)
from plans.plan import Plan
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LambdaLR

import lrsched_book as lb
from lrsched_book.scheduler import ScheduleLR

PLANS: tuple[Plan, ...] = (
    Plan(
        "segmentation for 40,000 updates, power 0.9 down to a floor",
        "open-mmlab/mmsegmentation configs/_base_/schedules/schedule_40k.py",
        40_000,
        lambda: RecursivePoly(sgd(0.01), 40_000, power=0.9, eta_min=1e-4),
    ),
    Plan(
        "segmentation for 40,000 updates, resumed at 16,000",
        "open-mmlab/mmsegmentation configs/_base_/schedules/schedule_40k.py",
        24_000,
        lambda: resumed(lambda: RecursivePoly(sgd(0.01), 40_000, power=0.9, eta_min=1e-4), 16_000),
    ),
    # 29 updates an epoch instead of 293.
    Plan(
        "HRNet pose estimation, 210 epochs",
        "open-mmlab/mmpose configs/body_2d_keypoint/topdown_heatmap/coco/"
        "td-hm_hrnet-w32_8xb64-210e_coco-256x192.py",
        210 * 29,
        lambda: WarmupMultiStep(adam(5e-4), [170 * 29, 200 * 29], factor=0.001, iters=50),
    ),
    Plan(
        "RAFT on chairs, linear one-cycle",
        "princeton-vl/RAFT train.py, train_standard.sh",
        100_001,
        lambda: torchs.OneCycleLR(
            adamw(4e-4),
            4e-4,
            100_100,
            pct_start=0.05,
            cycle_momentum=False,
            anneal_strategy="linear",
        ),
    ),
    Plan(
        "RAFT on KITTI, linear one-cycle",
        "princeton-vl/RAFT train.py, train_standard.sh",
        50_001,
        lambda: torchs.OneCycleLR(
            adamw(1e-4),
            1e-4,
            50_100,
            pct_start=0.05,
            cycle_momentum=False,
            anneal_strategy="linear",
        ),
    ),
    Plan(
        "MoCo v1, drops at 120 and 160",
        "facebookresearch/moco main_moco.py",
        200,
        lambda: LambdaLR(sgd(0.03), partial(staircase, edges=[120, 160], gamma=0.1)),
    ),
    Plan(
        "MoCo v2, cosine by the epoch",
        "facebookresearch/moco main_moco.py",
        200,
        lambda: by(warm_cosine, warmup=0, total=200)(sgd(0.03)),
    ),
    Plan(
        "ResNet-50 with FFCV, 88 epochs, peak after two",
        "libffcv/ffcv-imagenet train_imagenet.py, rn50_configs/rn50_88_epochs.yaml",
        88 * 312,
        lambda: SetRate(
            sgd(1.0, 1.0),
            lambda t: 1.7 * polyline(t / 312, at=[0, 2, 88], heights=[1e-4, 1.0, 0.0]),
        ),
    ),
    Plan(
        "MPT-125M, cosine to a tenth",
        "mosaicml/llm-foundry scripts/train/yamls/pretrain/mpt-125m.yaml",
        4800,
        lambda: by(warm_cosine, warmup=100, total=4800, floor=0.1)(adamw(6e-4)),
    ),
    Plan(
        "MPT-125M as an attached schedule",
        "mosaicml/llm-foundry scripts/train/yamls/pretrain/mpt-125m.yaml",
        4800,
        lambda: ScheduleLR(adamw(6e-4), lb.cosine(steps=4700, final=0.1).with_warmup(100)),
    ),
    Plan(
        "MPT-125M, resumed at 2000",
        "mosaicml/llm-foundry scripts/train/yamls/pretrain/mpt-125m.yaml",
        2800,
        lambda: resumed(
            lambda: by(warm_cosine, warmup=100, total=4800, floor=0.1)(adamw(6e-4)),
            2000,
            scheduler_first=True,
        ),
    ),
    # 400 updates an epoch instead of 3466.
    Plan(
        "ConvNeXt on ImageNet-22K, rates from a table",
        "facebookresearch/ConvNeXt TRAINING.md",
        36_000,
        lambda: RateTable(
            adamw(4e-3, 4e-3),
            [4e-3 * warm_cosine(t, warmup=2000, total=36_000, floor=2.5e-4) for t in range(36_000)],
        ),
    ),
    Plan(
        "ConvNeXt-B fine-tuned with layer decay, no warmup",
        "facebookresearch/ConvNeXt TRAINING.md",
        30 * 200,
        lambda: RateTable(
            layered(adamw(5e-5), 12, 0.8),
            [5e-5 * warm_cosine(t, warmup=0, total=6000, floor=0.02) for t in range(6000)],
        ),
    ),
    Plan(
        "SECOND on KITTI, one-cycle with moving momentum",
        "open-mmlab/OpenPCDet tools/cfgs/kitti_models/second.yaml",
        80 * 116,
        lambda: OneCycleWithMomentum(adam(0.003, betas=(0.9, 0.99)), 80 * 116, 0.003),
    ),
    Plan(
        "Zephyr, supervised",
        "huggingface/alignment-handbook recipes/zephyr-7b-beta/sft/config_full.yaml",
        1625,
        lambda: LambdaLR(
            adamw(2e-5), partial(cosine_plan, num_warmup_steps=163, num_training_steps=1625)
        ),
    ),
    Plan(
        "Zephyr, DPO",
        "huggingface/alignment-handbook recipes/zephyr-7b-beta/dpo/config_full.yaml",
        477,
        lambda: LambdaLR(
            adamw(5e-7, 5e-7), partial(cosine_plan, num_warmup_steps=48, num_training_steps=477)
        ),
    ),
    Plan(
        "Zephyr, supervised, resumed at 1000",
        "huggingface/alignment-handbook recipes/zephyr-7b-beta/sft/config_full.yaml",
        625,
        lambda: resumed(
            lambda: LambdaLR(
                adamw(2e-5), partial(cosine_plan, num_warmup_steps=163, num_training_steps=1625)
            ),
            1000,
        ),
    ),
    # A third of the run.
    Plan(
        "SpeechBrain's Transformer, Noam from rate 0",
        "speechbrain/speechbrain recipes/LibriSpeech/ASR/transformer/hparams/transformer.yaml",
        20_000,
        lambda: SetRate(
            adam(0.0, betas=(0.9, 0.98)), lambda t: noam(t + 1, width=768, warmup=8333)
        ),
    ),
    Plan(
        "DeiT fine-tuned at 384 pixels, constant after its warmup",
        "facebookresearch/deit README_deit.md",
        30,
        lambda: TimmStyle(adamw(5e-6), timm_cosine(30, 5e-6), warmup_t=5, warmup_lr=1e-6),
    ),
    Plan(
        "DeiT, 300 epochs",
        "facebookresearch/deit README_deit.md",
        300,
        lambda: TimmStyle(adamw(1e-3), timm_cosine(300, 1e-5), warmup_t=5, warmup_lr=1e-6),
    ),
    Plan(
        "Guanaco, constant rate",
        "artidoro/qlora scripts/finetune_guanaco_7b.sh",
        1875,
        lambda: LambdaLR(adamw(2e-4), unchanged),
    ),
    # 50 updates an epoch instead of 2502; the optimizer itself is made with rate 0.
    Plan(
        "VICReg, 100 epochs",
        "facebookresearch/vicreg README.md",
        5000,
        lambda: SetRate(
            sgd(0.0), lambda t: 0.6 * warm_cosine(t, warmup=500, total=5000, floor=0.001)
        ),
    ),
    Plan(
        "VICReg, a tenth of the labels, head and backbone",
        "facebookresearch/vicreg README.md",
        20,
        lambda: torchs.CosineAnnealingLR(sgd(0.1, 0.01), 20),
    ),
    Plan(
        "ConvNeXt-S isotropic, 50 epochs of warmup, a bare schedule",
        "facebookresearch/ConvNeXt TRAINING.md",
        300 * 312,
        lambda: lb.cosine(steps=250 * 312).with_warmup(50 * 312),
        keywords={"peak": 4e-3},
    ),
    Plan(
        "DeiT, resumed at epoch 150",
        "facebookresearch/deit README_deit.md",
        150,
        lambda: resumed(
            lambda: TimmStyle(adamw(1e-3), timm_cosine(300, 1e-5), warmup_t=5, warmup_lr=1e-6), 150
        ),
    ),
    Plan(
        "RAFT on KITTI, resumed at 20,000",
        "princeton-vl/RAFT train.py, train_standard.sh",
        30_001,
        lambda: resumed(
            lambda: torchs.OneCycleLR(
                adamw(1e-4),
                1e-4,
                50_100,
                pct_start=0.05,
                cycle_momentum=False,
                anneal_strategy="linear",
            ),
            20_000,
        ),
    ),
    # A tenth of the run.
    Plan(
        "Mask R-CNN at half the batch, warmup from a third",
        "facebookresearch/maskrcnn-benchmark configs/e2e_mask_rcnn_R_50_FPN_1x.yaml",
        18_000,
        lambda: WarmupMultiStep(sgd(0.01, 0.02), (12_000, 16_000), factor=1 / 3, iters=50),
    ),
    # A thirtieth of the run.
    Plan(
        "TinyLlama, cosine to a tenth",
        "Lightning-AI/litgpt config_hub/pretrain/tinyllama.yaml",
        95_367,
        lambda: by(warm_cosine, warmup=67, total=95_367, floor=0.1)(adamw(4e-4)),
    ),
    Plan(
        "LLaMA 60M on C4, cosine to a tenth",
        "jie040109/Conda examples/llama/scripts/llama_60m_adamw.sh",
        10_000,
        lambda: by(warm_cosine, warmup=1000, total=10_000, floor=0.1)(adamw(0.001)),
    ),
    Plan(
        "LLaMA 130M on C4, cosine to a tenth",
        "jie040109/Conda examples/llama/scripts/benchmark_c4/llama_130m_adamw.sh",
        20_000,
        lambda: LambdaLR(adamw(0.001), partial(warm_cosine, warmup=2000, total=20_000, floor=0.1)),
    ),
    # A twentieth of about 390,000 updates: three cycles.
    Plan(
        "ECAPA-TDNN, three triangles from nearly nothing",
        "speechbrain/speechbrain recipes/VoxCeleb/SpeakerRec/hparams/train_ecapa_tdnn.yaml",
        19_500,
        lambda: torchs.CyclicLR(
            adam(0.001, weight_decay=2e-6),
            base_lr=1e-8,
            max_lr=0.001,
            step_size_up=3250,
            cycle_momentum=False,
        ),
    ),
    Plan(
        "x-vectors, linear to a tenth in 20 epochs",
        "speechbrain/speechbrain recipes/VoxCeleb/SpeakerRec/hparams/train_x_vectors.yaml",
        20,
        lambda: torchs.LinearLR(
            adam(0.001, weight_decay=2e-6), start_factor=1.0, end_factor=0.1, total_iters=19
        ),
    ),
    Plan(
        "translation into Finnish, inverse square root after 4000",
        "NJUNLP/fairseq_mrt mrt_scripts/fairseq_train/fairseq_train_normal_enfi.sh",
        20_000,
        lambda: LambdaLR(
            adam(5e-4, betas=(0.9, 0.98)),
            partial(inverse_sqrt_plan, num_warmup_steps=4000, timescale=4000),
        ),
    ),
    Plan(
        "translation into Finnish, resumed at 9000",
        "NJUNLP/fairseq_mrt mrt_scripts/fairseq_train/fairseq_train_normal_enfi.sh",
        11_000,
        lambda: resumed(
            lambda: LambdaLR(
                adam(5e-4, betas=(0.9, 0.98)),
                partial(inverse_sqrt_plan, num_warmup_steps=4000, timescale=4000),
            ),
            9000,
        ),
        keywords={"resumed": True},
    ),
    Plan(
        "Llama 2 on Stack Exchange, 500 updates",
        "qilei123/trl run_sft.sh",
        500,
        lambda: LambdaLR(
            adamw(1e-4), partial(cosine_plan, num_warmup_steps=100, num_training_steps=500)
        ),
    ),
)
