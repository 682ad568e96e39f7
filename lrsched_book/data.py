"""Fashion-MNIST as tensors in memory: a sample that ships with the package, or all of it."""

import functools
import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lrsched_book._checks import one_of, whole_number

CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

SAMPLE = Path(__file__).parent / "sample" / "fashion_mnist_sample.npz"
SAMPLE_SHA256 = "bdd6b72ac28cefbb873920caa598b8c6cdd1c76156e468d34fda055ae47831d1"

# SHA-256 of the unpacked files: packers differ (Debian's is not the original's), pixels do not.
FULL = {
    "train-images-idx3-ubyte.gz": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
    ),
    "train-labels-idx1-ubyte.gz": (
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
    ),
}


@dataclass(frozen=True)
class Data:
    """Training and test examples, in memory.

    Attributes:
        train_x: training images, float32 in [0, 1], shape `(n, 1, 28, 28)`.
        train_y: their labels, int64, shape `(n,)`.
        test_x: test images, shape `(m, 1, 28, 28)`.
        test_y: their labels, shape `(m,)`.
    """

    train_x: torch.Tensor
    train_y: torch.Tensor
    test_x: torch.Tensor
    test_y: torch.Tensor

    @property
    def parts(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """The four tensors, in the order of the attributes."""
        return self.train_x, self.train_y, self.test_x, self.test_y

    def take(self, train: int, test: int) -> "Data":
        """Return the first `train` training and the first `test` test examples.

        The examples are in random order, so the first ones are a fair sample.

        Raises:
            ValueError: if a number is below 1 or above what there is.

        >>> load_fashion_mnist().take(train=500, test=100)
        Data(500 training and 100 test examples of shape (1, 28, 28))
        """
        for name, n, there in (("train", train, self.train_y), ("test", test, self.test_y)):
            if whole_number(name, n, at_least=1) > len(there):
                raise ValueError(f"{name} must be at most {len(there)}, got {n}")
        return Data(
            self.train_x[:train], self.train_y[:train], self.test_x[:test], self.test_y[:test]
        )

    def hold_out(self, validation: int) -> "Data":
        """Put the last `validation` training examples in the place of the test examples.

        What was the test loss is then a validation loss: choose by it, and keep the test
        examples for the end.

        Raises:
            ValueError: if `validation` is below 1 or leaves nothing to train on.

        >>> load_fashion_mnist().hold_out(2000)
        Data(8000 training and 2000 test examples of shape (1, 28, 28))
        """
        there = len(self.train_y)
        if whole_number("validation", validation, at_least=1) >= there:
            raise ValueError(f"validation must be less than {there}, got {validation}")
        x, y, learn = self.train_x, self.train_y, there - validation
        return Data(x[:learn], y[:learn], x[learn:], y[learn:])

    def __repr__(self) -> str:
        """Say how much there is; the numbers themselves would fill the screen."""
        return (
            f"Data({len(self.train_y)} training and {len(self.test_y)} test examples "
            f"of shape {tuple(self.train_x.shape[1:])})"
        )


def load_fashion_mnist(which: str = "sample") -> Data:
    """Return Fashion-MNIST: 28 × 28 grey images of clothes in the ten `CLASSES`.

    Args:
        which: `"sample"` for the 10,000 training and 5,000 test images inside the package
            (balanced, drawn with a fixed seed, no network), or `"full"` for all 60,000 and
            10,000. The full set is taken from the folder named by the environment variable
            `LRSCHED_DATA` if that is set; otherwise from the cache, from Debian's package
            `dataset-fashion-mnist`, or downloaded by torchvision into the cache, in this order.

    Returns:
        The data. It is kept and handed out again, so do not write into its tensors.

    Raises:
        ValueError: if `which` is neither, or a file is not the published one.
        FileNotFoundError: if a file is missing where `LRSCHED_DATA` says it is.
        ConnectionError: if the files are nowhere and cannot be downloaded.

    Source: Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747; MIT licence, Zalando SE.

    >>> load_fashion_mnist()
    Data(10000 training and 5000 test examples of shape (1, 28, 28))
    """
    return _load(one_of("which", which, ("sample", "full")))


@functools.lru_cache(maxsize=1)  # chapters and parallel runs ask again and again
def _load(which: str) -> Data:
    """Read one of the two sets and turn it into tensors."""
    parts = _read_sample() if which == "sample" else _read_full()
    train_x, train_y, test_x, test_y = (
        # In one go, without an array in between: the full set must fit in little memory.
        np.divide(part[:, np.newaxis], 255, dtype=np.float32)
        if part.ndim == 3
        else part.astype(np.int64)
        for part in parts
    )
    return Data(*map(torch.from_numpy, (train_x, train_y, test_x, test_y)))


def _read_sample() -> list[np.ndarray]:
    """Read the embedded sample: uint8 images and labels of both parts."""
    digest = hashlib.sha256(SAMPLE.read_bytes()).hexdigest() if SAMPLE.exists() else "no file"
    if digest != SAMPLE_SHA256:
        raise ValueError(f"{SAMPLE} is missing or damaged ({digest}): reinstall lrsched-book")
    with np.load(SAMPLE) as file:
        return [file[name] for name in ("train_x", "train_y", "test_x", "test_y")]


def _read_full() -> list[np.ndarray]:
    """Read the four published files from the first folder that has them."""
    folder = _find_full()
    # The small files first: what is freed after a large one, the C library may not give back.
    return [_read_idx(folder / name, digest) for name, digest in reversed(FULL.items())][::-1]


def _find_full() -> Path:
    """Return a folder with the four files, downloading them if there is none."""
    if chosen := os.environ.get("LRSCHED_DATA"):
        if missing := _missing(Path(chosen)):
            raise FileNotFoundError(
                f"LRSCHED_DATA names {chosen}, which lacks {', '.join(missing)}: "
                "put Fashion-MNIST's four .gz files there, or unset LRSCHED_DATA"
            )
        return Path(chosen)
    cache = Path.home() / ".cache" / "lrsched_book"
    downloaded = cache / "FashionMNIST" / "raw"  # torchvision's own layout
    for folder in (downloaded, Path("/usr/share/datasets/fashion-mnist")):
        if not _missing(folder):
            return folder
    _download(cache)
    return downloaded


def _missing(folder: Path) -> list[str]:
    return [name for name in FULL if not (folder / name).is_file()]


def _download(cache: Path) -> None:
    """Fetch the four files by torchvision, or say what else can be done."""
    from torchvision.datasets import FashionMNIST  # slow to import, and rarely needed

    try:
        FashionMNIST(cache, download=True)
    except (OSError, RuntimeError) as error:
        raise ConnectionError(
            f"Fashion-MNIST could not be downloaded into {cache} ({error}). Without a network, "
            "install Debian's dataset-fashion-mnist, or put the four .gz files into a folder "
            "and name it in the environment variable LRSCHED_DATA"
        ) from error


def _read_idx(path: Path, digest: str) -> np.ndarray:
    """Read one gzipped IDX file, shape `(n, 28, 28)` or `(n,)`, after checking its content."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is cut short or damaged ({error}): fetch it again") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{path} is not the published Fashion-MNIST file: fetch it again")
    # Header: two zero bytes, the type (8: uint8), the number of dimensions, then their sizes.
    sizes = np.frombuffer(content, ">i4", count=content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)
