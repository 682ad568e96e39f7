"""Recipes: the schedules of published training runs, each one line of the schedule language.

What a source does not say is None. What was computed from what it says, such as the number of
updates from tokens and batch, is named in `derived`. `where` says what was read: a place in a
paper, or a file and the first digits of the commit at which it was read. Where a source does not
say whether a warmup begins at zero, it is counted in gaps, as most libraries do.

A run is left out if its line would need a guess: the first GPT does not say how many updates it
had, MiniCPM not how long its decay was, GLM-4.5 not how long its warmup, DeepSeek-V4 not when its
decay began, and CLIP has its warmup and peaks in tables that were not within reach.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lrsched_book import schedules
from lrsched_book.schedules import Schedule

LANGUAGE = {name: getattr(schedules, name) for name in schedules.__all__}


@dataclass(frozen=True)
class Recipe:
    """How one published run moved its learning rate.

    Attributes:
        name: the key in `recipes`.
        year: when the recipe was first published, as a preprint or as code.
        what: the model, and what it was trained on.
        field: language, images, speech, games or 3D.
        optimizer: what updated the weights; None if the source that was read does not say.
        peak: the rate that the schedule shapes; None if the source does not say.
        shape: what the decay is, in a word or two.
        unit: what one step of `line` is: an update, an epoch, so many tokens.
        steps: how many of them the run has.
        line: the schedule, an expression of the schedule language.
        warmup: steps of `line` before the peak; 0 without a warmup.
        final: the factor with which the run ends.
        updates, tokens, epochs, batch: as the source states them; None where it does not.
        source: the key of the bibliography.
        where: what was read: section, table, or repository, path and commit.
        derived: what was computed from the source's numbers; empty if nothing was.
        note: what else a reader should know.

    >>> recipe = recipes["resnet-cifar"]
    >>> recipe.line, recipe.steps, recipe.unit, recipe.peak
    ('multistep([32_000, 48_000])', 64000, 'update', 0.1)
    >>> recipe.schedule.values(recipe.steps)[[0, 32_000, 48_000]].round(3)
    array([1.  , 0.1 , 0.01])
    """

    name: str
    year: int
    what: str
    field: str
    optimizer: str | None
    peak: float | None
    shape: str
    unit: str
    steps: int
    line: str
    warmup: int
    final: float
    source: str
    where: str
    updates: int | None = None
    tokens: float | None = None
    epochs: float | None = None
    batch: str | None = None
    derived: str = ""
    note: str = ""

    @property
    def schedule(self) -> Schedule:
        """What `line` says, over steps of `unit`."""
        return eval(self.line, {"__builtins__": {}}, LANGUAGE)


class Recipes(Mapping):
    """The recipes by their names, oldest first; it cannot be changed.

    >>> recipes["gpt-3"].line
    'cosine(gaps=259_625, final=0.1).with_warmup(gaps=375)'
    >>> recipes["gpt3"]
    Traceback (most recent call last):
        ...
    KeyError: "no recipe 'gpt3'; did you mean 'gpt-3'? list(recipes) has all names"
    """

    def __init__(self, every: tuple[Recipe, ...]):
        self._by_name = {recipe.name: recipe for recipe in every}

    def __getitem__(self, name: str) -> Recipe:
        """Return the recipe of this name.

        Raises:
            KeyError: if there is none; it names those that are spelled alike.
        """
        if name in self._by_name:
            return self._by_name[name]
        alike = get_close_matches(str(name), self._by_name, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(repr, alike))}? " if alike else ""
        raise KeyError(f"no recipe {name!r}; {hint}list(recipes) has all names")

    def __iter__(self) -> Iterator[str]:
        """Go through the names, oldest first."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_name)

    def __repr__(self) -> str:
        """Show the names."""
        return f"<{len(self)} recipes: {', '.join(self)}>"


recipes = Recipes(
    (
        Recipe(
            name="word2vec",
            year=2013,
            what="word vectors, three epochs over the words",
            field="language",
            optimizer="SGD",
            peak=0.025,
            shape="linear",
            unit="hundredth of an epoch",
            steps=300,
            line="linear(gaps=300)",
            warmup=0,
            final=0.0,
            epochs=3,
            source="mikolov2013efficient",
            where="section 4.2",
            note="It approaches zero at the end of the last epoch.",
        ),
        Recipe(
            name="alexnet",
            year=2014,
            what="AlexNet on ImageNet, as Caffe replicates it",
            field="images",
            optimizer="SGD, momentum 0.9",
            peak=0.01,
            shape="staircase",
            unit="update",
            steps=450_000,
            line="step(every=100_000, gamma=0.1)",
            warmup=0,
            final=1e-4,
            updates=450_000,
            source="jia2014caffe",
            where="BVLC/caffe models/bvlc_alexnet/solver.prototxt, commit 55816b6",
            note="In the paper of 2012 the validation error decided when to divide by ten, three "
            "times in roughly 90 epochs: no function of the step.",
        ),
        Recipe(
            name="lstm-ptb",
            year=2014,
            what="large LSTM with dropout on the Penn Treebank",
            field="language",
            optimizer=None,
            peak=1.0,
            shape="exponential",
            unit="epoch",
            steps=55,
            line="constant().then(exponential(1 / 1.15).skip(1), at=14)",
            warmup=0,
            final=1.15**-41,
            epochs=55,
            source="zaremba2014recurrent",
            where="section 4.1, the large LSTM",
        ),
        Recipe(
            name="seq2seq",
            year=2014,
            what="LSTM that translates English to French",
            field="language",
            optimizer="SGD",
            peak=0.7,
            shape="exponential",
            unit="half epoch",
            steps=15,
            line="constant().then(exponential(0.5).skip(1), at=10)",
            warmup=0,
            final=1 / 32,
            epochs=7.5,
            batch="128 sequences",
            source="sutskever2014sequence",
            where="section 3.4",
        ),
        Recipe(
            name="resnet-cifar",
            year=2015,
            what="residual networks on CIFAR-10",
            field="images",
            optimizer="SGD, momentum 0.9",
            peak=0.1,
            shape="staircase",
            unit="update",
            steps=64_000,
            line="multistep([32_000, 48_000])",
            warmup=0,
            final=0.01,
            updates=64_000,
            batch="128 images",
            source="he2016deep",
            where="section 4.2",
            note="The network of 110 layers began at 0.01 until the training error was below 80%, "
            "about 400 updates.",
        ),
        Recipe(
            name="densenet-cifar",
            year=2016,
            what="DenseNet on CIFAR",
            field="images",
            optimizer="SGD, Nesterov momentum 0.9",
            peak=0.1,
            shape="staircase",
            unit="epoch",
            steps=300,
            line="multistep([150, 225])",
            warmup=0,
            final=0.01,
            epochs=300,
            batch="64 images",
            source="huang2017densely",
            where="section 4.2",
        ),
        Recipe(
            name="wide-resnet",
            year=2016,
            what="wide residual networks on CIFAR",
            field="images",
            optimizer="SGD, Nesterov momentum 0.9",
            peak=0.1,
            shape="staircase",
            unit="epoch",
            steps=200,
            line="multistep([60, 120, 160], gamma=0.2)",
            warmup=0,
            final=0.008,
            epochs=200,
            batch="128 images",
            source="zagoruyko2016wide",
            where="section 3, implementation details",
        ),
        Recipe(
            name="imagenet-in-an-hour",
            year=2017,
            what="ResNet-50 on ImageNet, large batch",
            field="images",
            optimizer="SGD, Nesterov momentum 0.9",
            peak=3.2,
            shape="staircase",
            unit="epoch",
            steps=90,
            line="multistep([30, 60, 80]).skip(5).with_warmup(gaps=5, initial=1 / 32)",
            warmup=5,
            final=1e-3,
            epochs=90,
            batch="8,192 images",
            source="goyal2017accurate",
            where="sections 2.2 and 5.1",
            derived="peak = 0.1 · 8,192 / 256; the warmup begins at 0.1 / 3.2 of it",
            note="The warmup moves with every update; here it is read off once per epoch.",
        ),
        Recipe(
            name="transformer",
            year=2017,
            what="the base Transformer, English to German",
            field="language",
            optimizer="Adam",
            peak=(512 * 4_000) ** -0.5,
            shape="inverse square root",
            unit="update",
            steps=100_000,
            line="inverse_sqrt(4_000).skip(1).with_warmup(4_000)",
            warmup=4_000,
            final=0.2,
            updates=100_000,
            batch="about 25,000 source and 25,000 target tokens",
            source="vaswani2017attention",
            where="sections 5.1 to 5.3",
            derived="peak = 512^(-1/2) · 4,000^(-1/2), about 7e-4; the paper's steps count from 1",
        ),
        Recipe(
            name="cyclegan",
            year=2017,
            what="CycleGAN, image to image without pairs",
            field="images",
            optimizer="Adam",
            peak=2e-4,
            shape="constant, then a decay",
            unit="epoch",
            steps=200,
            line="constant().then(linear(gaps=100), at=100)",
            warmup=0,
            final=0.0,
            epochs=200,
            batch="1 image",
            source="zhu2017unpaired",
            where="section 4, training details",
        ),
        Recipe(
            name="alphazero",
            year=2017,
            what="AlphaZero, chess and shogi",
            field="games",
            optimizer="SGD, momentum 0.9",
            peak=0.2,
            shape="staircase",
            unit="update",
            steps=700_000,
            line="multistep([100_000, 300_000, 500_000])",
            warmup=0,
            final=1e-3,
            updates=700_000,
            batch="4,096 positions",
            source="silver2018general",
            where="methods, configuration (values); pseudocode published with the article of 2018 "
            "in Science (when, steps, batch)",
        ),
        Recipe(
            name="bert",
            year=2018,
            what="BERT, masked words",
            field="language",
            optimizer="Adam with decoupled weight decay",
            peak=1e-4,
            shape="linear",
            unit="update",
            steps=1_000_000,
            line="linear(gaps=1_000_000).skip(10_000).with_warmup(gaps=10_000)",
            warmup=10_000,
            final=0.0,
            updates=1_000_000,
            epochs=40,
            batch="256 sequences",
            source="devlin2019bert",
            where="appendix A.2; google-research/bert optimization.py, commit 02102db",
            note="The line counts from update 0, beneath the warmup: at its end the rate drops.",
        ),
        Recipe(
            name="roberta",
            year=2019,
            what="RoBERTa large, masked words",
            field="language",
            optimizer="Adam",
            peak=4e-4,
            shape="linear",
            unit="update",
            steps=500_000,
            line="linear(gaps=470_000).with_warmup(gaps=30_000)",
            warmup=30_000,
            final=0.0,
            updates=500_000,
            batch="8k sequences",
            source="liu2019roberta",
            where="appendix B, as two readers' extracts and Hugging Face's model card agree; "
            "the end: facebookresearch/fairseq "
            "fairseq/optim/lr_scheduler/polynomial_decay_schedule.py, commit 003179f",
        ),
        Recipe(
            name="t5",
            year=2019,
            what="the baseline of T5, 220M parameters",
            field="language",
            optimizer="Adafactor",
            peak=0.01,
            shape="inverse square root",
            unit="update",
            steps=2**19,
            line="constant().then(inverse_sqrt(10_000), at=10_000)",
            warmup=0,
            final=(10_000 / 2**19) ** 0.5,
            updates=2**19,
            tokens=2**35,
            batch="128 sequences of 512 tokens",
            source="raffel2020exploring",
            where="section 3.1.2",
            note="The source calls the first 10,000 constant steps a warmup; no rate rises.",
        ),
        Recipe(
            name="detectron2",
            year=2019,
            what="Faster and Mask R-CNN on COCO, the base configuration",
            field="images",
            optimizer="SGD, momentum 0.9",
            peak=0.02,
            shape="staircase",
            unit="update",
            steps=90_000,
            line="multistep([60_000, 80_000]).skip(1_000).with_warmup(gaps=1_000, initial=0.001)",
            warmup=1_000,
            final=0.01,
            updates=90_000,
            batch="16 images",
            source="wu2019detectron2",
            where="facebookresearch/detectron2 configs/Base-RCNN-FPN.yaml, commit 3169651, and "
            "detectron2/config/defaults.py, commit 084acd0",
        ),
        Recipe(
            name="gpt-3",
            year=2020,
            what="GPT-3, 175B parameters",
            field="language",
            optimizer="Adam",
            peak=6e-5,
            shape="cosine",
            unit="million tokens",
            steps=300_000,
            line="cosine(gaps=259_625, final=0.1).with_warmup(gaps=375)",
            warmup=375,
            final=0.1,
            tokens=300e9,
            batch="3.2M tokens, reached gradually",
            source="brown2020language",
            where="table 2.1 and appendix B",
            note="Whether the 260 billion tokens include the warmup is not said; here they do. "
            "The cosine ends after 260 billion tokens; the rest is trained at its tenth.",
        ),
        Recipe(
            name="simclr",
            year=2020,
            what="SimCLR, ResNet-50 without labels",
            field="images",
            optimizer="LARS",
            peak=4.8,
            shape="cosine",
            unit="epoch",
            steps=100,
            line="cosine(gaps=90).with_warmup(gaps=10)",
            warmup=10,
            final=0.0,
            epochs=100,
            batch="4,096 images",
            source="chen2020simple",
            where="default setting; google-research/simclr model_util.py, commit 244e712",
            note="The source moves the rate with every update; here it is read off once per epoch.",
        ),
        Recipe(
            name="wav2vec-2",
            year=2020,
            what="wav2vec 2.0 base, speech without labels",
            field="speech",
            optimizer="Adam",
            peak=5e-4,
            shape="linear",
            unit="update",
            steps=400_000,
            line="linear(gaps=368_000).with_warmup(gaps=32_000)",
            warmup=32_000,
            final=0.0,
            updates=400_000,
            source="baevski2020wav2vec",
            where="section 4.2; facebookresearch/fairseq "
            "examples/wav2vec/config/pretraining/wav2vec2_base_librispeech.yaml, commit 07dfe9c",
        ),
        Recipe(
            name="ddpm",
            year=2020,
            what="denoising diffusion, faces of CelebA-HQ at 256 × 256",
            field="images",
            optimizer="Adam",
            peak=2e-5,
            shape="constant",
            unit="update",
            steps=500_000,
            line="constant().with_warmup(gaps=5_000)",
            warmup=5_000,
            final=1.0,
            updates=500_000,
            batch="64 images",
            source="ho2020denoising",
            where="appendix B; hojonathanho/diffusion scripts/run_celebahq.py, commit c461299, "
            "and diffusion_tf/utils.py, commit c461299",
            note="An average of the weights takes the place of a decay.",
        ),
        Recipe(
            name="vit-g",
            year=2021,
            what="ViT-g/14 on three billion images",
            field="images",
            optimizer="Adafactor, momentum kept",
            peak=8e-4,
            shape="inverse square root",
            unit="update",
            steps=1_000_000,
            line="inverse_sqrt(10_000).with_warmup(gaps=10_000)"
            " * constant().then(linear(gaps=50_000), at=950_000)",
            warmup=10_000,
            final=0.0,
            updates=1_000_000,
            batch="16,384 images",
            source="zhai2022scaling",
            where="appendix C; google-research/big_vision big_vision/utils.py, commit 11eea57",
            note="The cooldown can be put at the end of any prefix of the run.",
        ),
        Recipe(
            name="mae",
            year=2021,
            what="masked autoencoder, ViT-L",
            field="images",
            optimizer="AdamW",
            peak=2.4e-3,
            shape="cosine",
            unit="epoch",
            steps=800,
            line="cosine(gaps=760).with_warmup(gaps=40)",
            warmup=40,
            final=0.0,
            epochs=800,
            batch="4,096 images",
            source="he2022masked",
            where="facebookresearch/mae PRETRAIN.md, commit 3d650de, util/lr_sched.py, commit "
            "be47fef, and main_pretrain.py, commit 3c8c715",
            derived="peak = 1.5e-4 · 4,096 / 256",
            note="The source moves the rate with every update; here it is read off once per epoch.",
        ),
        Recipe(
            name="nnu-net",
            year=2021,
            what="nnU-Net, segmentation of medical images",
            field="images",
            optimizer="SGD, Nesterov momentum 0.99",
            peak=0.01,
            shape="power",
            unit="epoch",
            steps=1_000,
            line="polynomial(gaps=1_000, power=0.9)",
            warmup=0,
            final=0.0,
            epochs=1_000,
            source="isensee2021nnunet",
            where="MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py, commit "
            "017de4a, and nnunetv2/training/lr_scheduler/polylr.py, commit 16876f8",
            note="An epoch is 250 updates. The file is of the second version.",
        ),
        Recipe(
            name="gopher",
            year=2021,
            what="Gopher, 280B parameters",
            field="language",
            optimizer="Adam",
            peak=4e-5,
            shape="cosine",
            unit="million tokens",
            steps=300_000,
            line="cosine(gaps=295_500, final=0.1).with_warmup(gaps=4_500, initial=0.0025)",
            warmup=4_500,
            final=0.1,
            tokens=300e9,
            batch="3M, later 6M tokens",
            source="rae2021scaling",
            where="the paragraph on training, as two readers' extracts agree; peak: table 4 of the "
            "paper on Chinchilla",
            derived="a warmup of 1,500 updates of 3M tokens, from 1e-7",
        ),
        Recipe(
            name="vit-s",
            year=2022,
            what="plain ViT-S/16 on ImageNet",
            field="images",
            optimizer="Adam",
            peak=1e-3,
            shape="cosine",
            unit="update",
            steps=111_477,
            line="cosine(gaps=101_477).with_warmup(gaps=10_000)",
            warmup=10_000,
            final=0.0,
            epochs=90,
            batch="1,024 images",
            source="beyer2022better",
            where="google-research/big_vision big_vision/configs/vit_s16_i1k.py, commit 2f3f493, "
            "and big_vision/utils.py, commit 11eea57",
            derived="updates = 90 · 99% of 1,281,167 images / 1,024",
        ),
        Recipe(
            name="convnext",
            year=2022,
            what="ConvNeXt-T on ImageNet",
            field="images",
            optimizer="AdamW",
            peak=4e-3,
            shape="cosine",
            unit="epoch",
            steps=300,
            line="cosine(gaps=280, final=0.00025).with_warmup(gaps=20)",
            warmup=20,
            final=0.00025,
            epochs=300,
            batch="4,096 images",
            source="liu2022convnet",
            where="facebookresearch/ConvNeXt TRAINING.md, commit 231af90, and main.py, commit "
            "2313ff8",
            note="The source moves the rate with every update; here it is read off once per epoch.",
        ),
        Recipe(
            name="chinchilla",
            year=2022,
            what="Chinchilla, 70B parameters",
            field="language",
            optimizer="AdamW",
            peak=1e-4,
            shape="cosine",
            unit="million tokens",
            steps=1_400_000,
            line="cosine(gaps=1_397_750, final=0.1).with_warmup(gaps=2_250, initial=0.001)",
            warmup=2_250,
            final=0.1,
            tokens=1.4e12,
            batch="1.5M, later 3M tokens",
            source="hoffmann2022training",
            where="section 4.1 and table 4, which refer to Gopher for all that is not listed",
            derived="a warmup of 1,500 updates of 1.5M tokens, from 1e-7",
            note="Gopher's warmup was read in extracts.",
        ),
        Recipe(
            name="palm",
            year=2022,
            what="PaLM, 540B parameters",
            field="language",
            optimizer="Adafactor, not factored",
            peak=0.01,
            shape="inverse square root",
            unit="update",
            steps=255_000,
            line="constant().then(inverse_sqrt(10_000), at=10_000)",
            warmup=0,
            final=(10_000 / 255_000) ** 0.5,
            updates=255_000,
            batch="1M, later 2M and 4M tokens",
            source="chowdhery2023palm",
            where="section 5, training setup",
        ),
        Recipe(
            name="opt-175b",
            year=2022,
            what="OPT, 175B parameters, as planned",
            field="language",
            optimizer="AdamW",
            peak=1.2e-4,
            shape="linear",
            unit="million tokens",
            steps=300_000,
            line="linear(gaps=296_000, final=0.1).with_warmup(gaps=4_000)",
            warmup=4_000,
            final=0.1,
            tokens=300e9,
            batch="2M tokens",
            source="zhang2022opt",
            where="section 2.2 and table 1",
            derived="a warmup of 2,000 updates of 2M tokens",
            note="A number of changes were made to the rate in mid-flight.",
        ),
        Recipe(
            name="bloom",
            year=2022,
            what="BLOOM, 176B parameters, as planned",
            field="language",
            optimizer="Adam",
            peak=6e-5,
            shape="cosine",
            unit="million tokens",
            steps=450_560,
            line="cosine(gaps=409_225, final=0.1).with_warmup(gaps=375)",
            warmup=375,
            final=0.1,
            tokens=450e9,
            batch="2,048 sequences of 2,048 tokens, reached gradually",
            source="lescao2022bloom",
            where="bigscience-workshop/bigscience train/tr11-176B-ml/tr11-176B-ml.slurm, commit "
            "003b250",
            derived="samples of 2,048 tokens: 183,105 for the warmup, 200 million to the end of "
            "the cosine, 220 million in all",
        ),
        Recipe(
            name="whisper",
            year=2022,
            what="the first Whisper large, speech to text",
            field="speech",
            optimizer="AdamW",
            peak=1.75e-4,
            shape="linear",
            unit="update",
            steps=2**20,
            line="linear(gaps=1_046_528).with_warmup(gaps=2_048)",
            warmup=2_048,
            final=0.0,
            updates=2**20,
            batch="256 segments",
            source="radford2023robust",
            where="section 2.4; peak: appendix F, table 19",
        ),
        Recipe(
            name="pythia-12b",
            year=2023,
            what="Pythia, 12B parameters",
            field="language",
            optimizer="Adam",
            peak=1.2e-4,
            shape="cosine",
            unit="update",
            steps=143_000,
            line="cosine(gaps=141_570, final=0.1).with_warmup(gaps=1_430)",
            warmup=1_430,
            final=0.1,
            updates=143_000,
            batch="1,024 sequences of 2,048 tokens",
            source="biderman2023pythia",
            where="EleutherAI/pythia models/12B/pythia-12b.yml, commit 55e1182",
            derived="batch = 8 a GPU · 2 accumulated · 256 GPUs / 4 that hold one model",
        ),
        Recipe(
            name="llama-65b",
            year=2023,
            what="LLaMA, 65B parameters",
            field="language",
            optimizer="AdamW",
            peak=1.5e-4,
            shape="cosine",
            unit="update",
            steps=350_000,
            line="cosine(gaps=348_000, final=0.1).with_warmup(gaps=2_000)",
            warmup=2_000,
            final=0.1,
            tokens=1.4e12,
            batch="4M tokens",
            source="touvron2023llama",
            where="section 2.3 and table 2",
            derived="updates = 1.4T / 4M tokens",
        ),
        Recipe(
            name="llama-2-70b",
            year=2023,
            what="Llama 2, 70B parameters",
            field="language",
            optimizer="AdamW",
            peak=1.5e-4,
            shape="cosine",
            unit="update",
            steps=500_000,
            line="cosine(gaps=498_000, final=0.1).with_warmup(gaps=2_000)",
            warmup=2_000,
            final=0.1,
            tokens=2e12,
            batch="4M tokens",
            source="touvron2023llama2",
            where="section 2.2 and table 1",
            derived="updates = 2T / 4M tokens",
        ),
        Recipe(
            name="sam",
            year=2023,
            what="Segment Anything, ViT-H",
            field="images",
            optimizer="AdamW",
            peak=8e-4,
            shape="staircase",
            unit="update",
            steps=90_000,
            line="multistep([60_000, 86_666]).skip(250).with_warmup(gaps=250)",
            warmup=250,
            final=0.01,
            updates=90_000,
            batch="256 images",
            source="kirillov2023segment",
            where="appendix A, training recipe",
            note="Whether the cuts count the warmup is not said; here they do. The rate falls by "
            "0.8 from layer to layer; this is the top one.",
        ),
        Recipe(
            name="gaussian-splatting",
            year=2023,
            what="3D Gaussian splatting, the positions",
            field="3D",
            optimizer="Adam",
            peak=1.6e-4,
            shape="exponential",
            unit="update",
            steps=30_000,
            line="exponential(0.01 ** (1 / 30_000))",
            warmup=0,
            final=0.01,
            updates=30_000,
            source="kerbl2023gaussian",
            where="graphdeco-inria/gaussian-splatting arguments/__init__.py, commit 01f0874, "
            "utils/general_utils.py, commit 15d64e6, and scene/gaussian_model.py, commit 1152adc",
            note="Features, opacity, scaling and rotation keep constant rates. The peak is "
            "multiplied by a scale of the scene.",
        ),
        Recipe(
            name="deepseek-67b",
            year=2024,
            what="DeepSeek LLM, 67B parameters",
            field="language",
            optimizer="AdamW",
            peak=3.2e-4,
            shape="staircase",
            unit="update",
            steps=105_964,
            line="multistep([84_771, 95_367], gamma=0.1**0.5).skip(2_000).with_warmup(gaps=2_000)",
            warmup=2_000,
            final=0.1,
            tokens=2e12,
            batch="4,608 sequences of 4,096 tokens",
            source="deepseek2024llm",
            where="section 2.3 and table 2",
            derived="updates = 2T tokens / batch; the cuts at 80% and 90% of the tokens, to 31.6% "
            "and 10%",
        ),
        Recipe(
            name="llama-3-405b",
            year=2024,
            what="Llama 3, 405B parameters, initial pre-training",
            field="language",
            optimizer="AdamW",
            peak=8e-5,
            shape="cosine",
            unit="update",
            steps=1_200_000,
            line="cosine(gaps=1_192_000, final=0.01).with_warmup(gaps=8_000)",
            warmup=8_000,
            final=0.01,
            updates=1_200_000,
            batch="4M, later 8M and 16M tokens",
            source="llama2024herd",
            where="section 3.4.1",
            note="Whether the 1,200,000 updates include the warmup is not said; here they do. Long "
            "contexts and a linear fall to zero in the last 40M tokens follow.",
        ),
        Recipe(
            name="smollm-135m",
            year=2024,
            what="SmolLM, 135M parameters",
            field="language",
            optimizer="AdamW",
            peak=3e-3,
            shape="constant, then a decay",
            unit="update",
            steps=2_000_000,
            line="constant().then(linear(gaps=400_000), at=1_598_000).with_warmup(gaps=2_000)",
            warmup=2_000,
            final=0.0,
            updates=2_000_000,
            tokens=600e9,
            batch="512 sequences of 2,048 tokens",
            source="benallal2024smollm",
            where="huggingface/smollm pre-training/smollm1/config_smollm1_135M.yaml, commit "
            "45a1be8",
            note="Batch times updates is 2.1T tokens; the file's first line says 600B.",
        ),
        Recipe(
            name="olmo-2-7b",
            year=2024,
            what="OLMo 2, 7B parameters, both stages",
            field="language",
            optimizer="AdamW",
            peak=3e-4,
            shape="cosine",
            unit="update",
            steps=940_567,
            line="cosine(gaps=1_190_093, final=0.1).with_warmup(gaps=2_000)"
            ".then(linear(gaps=11_921, initial=0.205), at=928_646)",
            warmup=2_000,
            final=0.0,
            tokens=3.95e12,
            batch="1,024 sequences of 4,096 tokens",
            source="olmo2024furious",
            where="allenai/OLMo configs/official-1124/OLMo2-7B-stage1.yaml, commit 0482070, and "
            "OLMo2-7B-stage2-seed42.yaml, commit 32f934f",
            derived="tokens of the files / (1,024 · 4,096); 0.205 = 6.1499e-5 / 3e-4",
            note="The cosine was made for 5T tokens and left for a straight line after 3.9T. The "
            "file stops ten updates later, at rate zero; three such ends were averaged.",
        ),
        Recipe(
            name="modernbert",
            year=2024,
            what="ModernBERT base, masked words",
            field="language",
            optimizer="StableAdamW",
            peak=8e-4,
            shape="constant, then a decay",
            unit="billion tokens",
            steps=2_003,
            line="constant().then(constant(0.375), at=1_700)"
            ".then(one_minus_sqrt(gaps=50, initial=0.375), at=1_950).with_warmup(gaps=3)",
            warmup=3,
            final=0.0,
            batch="768, later 4,608 sequences",
            source="warner2025smarter",
            where="section 2.2, schedule and context length extension",
            derived="tokens of the phases added up; 0.375 = 3e-4 / 8e-4",
            note="No floor is named; the end at zero is that of 1 − sqrt.",
        ),
        Recipe(
            name="deepseek-v3",
            year=2024,
            what="DeepSeek-V3, 671B parameters",
            field="language",
            optimizer="AdamW",
            peak=2.2e-4,
            shape="constant, then a decay",
            unit="billion tokens",
            steps=14_800,
            line="constant().then(cosine(gaps=4_300, final=0.1), at=9_975).with_warmup(gaps=25)"
            ".then(constant(7.3 / 220), at=14_633)",
            warmup=25,
            final=7.3 / 220,
            tokens=14.8e12,
            batch="3,072, later 15,360 sequences",
            source="deepseek2024v3",
            where="section 4.2",
            derived="a warmup of 2,000 updates of 3,072 · 4,096 tokens; more as the batch grows",
        ),
        Recipe(
            name="kimi-k2",
            year=2025,
            what="Kimi K2, 1T parameters",
            field="language",
            optimizer="MuonClip",
            peak=2e-4,
            shape="constant, then a decay",
            unit="update",
            steps=231_344,
            line="constant().then(cosine(gaps=82_090, final=0.1), at=148_754)"
            ".with_warmup(gaps=500)",
            warmup=500,
            final=0.1,
            tokens=15.5e12,
            batch="67M tokens",
            source="kimi2025k2",
            where="section 2.5 of version 2",
            derived="updates = tokens / 67M: 10T with warmup at the constant rate, 5.5T decay",
            note="An annealing to 7e-6 follows. An earlier version had a warmup of 300 updates and "
            "a decay over 3.5T.",
        ),
        Recipe(
            name="smollm3",
            year=2025,
            what="SmolLM3, 3B parameters",
            field="language",
            optimizer="AdamW",
            peak=2e-4,
            shape="constant, then a decay",
            unit="update",
            steps=4_720_000,
            line="constant().then(linear(gaps=522_000), at=4_196_000).with_warmup(gaps=2_000)",
            warmup=2_000,
            final=0.0,
            updates=4_720_000,
            tokens=11.2e12,
            batch="576 sequences of 4,096 tokens",
            source="bakouch2025smollm3",
            where="card of HuggingFaceTB/SmolLM3-3B-checkpoints; huggingface/smollm "
            "text/pretraining/smollm3/stage1_8T.yaml, read in the copy junzheyi/smollm, commit "
            "28490d0",
            derived="batch = 192 · 3 sequences; updates counted from 0",
            note="The announcement says 11.2T tokens and a decay in the last 10%; the file's "
            "updates are 11.14T and 11%.",
        ),
        Recipe(
            name="apertus-8b",
            year=2025,
            what="Apertus, 8B parameters",
            field="language",
            optimizer="AdEMAMix",
            peak=1.1e-4,
            shape="constant, then a decay",
            unit="100 million tokens",
            steps=150_000,
            line="constant().then(one_minus_sqrt(gaps=15_000, final=0.1), at=134_832)"
            ".with_warmup(gaps=168, initial=0.1)",
            warmup=168,
            final=0.1,
            updates=2_600_000,
            tokens=15e12,
            batch="4.2M, later 8.4M tokens",
            source="apertus2025democratizing",
            where="section 2.3 and table 2",
            note="The first plan had 9T tokens; no rate had to change when it grew.",
        ),
        Recipe(
            name="nemotron-3-super",
            year=2026,
            what="Nemotron 3 Super, 120B parameters",
            field="language",
            optimizer="AdamW",
            peak=4.5e-4,
            shape="constant, then a decay",
            unit="10 billion tokens",
            steps=2_500,
            line="constant().then(one_minus_sqrt(gaps=500, final=0.01), at=1_980)"
            ".with_warmup(gaps=20)",
            warmup=20,
            final=0.01,
            tokens=25e12,
            batch="3,072 sequences of 8,192 tokens",
            source="nvidia2026nemotron",
            where="section 2.4; NVIDIA-NeMo/Nemotron docs/nemotron/super3/pretrain.md, commit "
            "4c0cd66",
            note="Long contexts follow, at a constant 4.5e-6.",
        ),
    )
)
