"""Data in memory, in three parts: Fashion-MNIST and a text, both shipped with the package."""

import functools
import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

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

HELD_OUT = {"sample": 2_000, "full": 10_000}  # training images that become the validation part

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

TEXT = Path(__file__).parent / "text" / "language_reference.txt.gz"
TEXT_SHA256 = "03a6575bf7d3defe60af1f3222f437ea15a31f7a4c42fb3332b6b4f75b2a69ce"

# The 63 commonest characters of the text's training part; the last one stands for all others.
CHARACTERS = "\n \"'()*+,-.0123:;<=>ACEFIMNPRST[]_abcdefghijklmnopqrstuvwxyz|~’�"


class Examples(NamedTuple):
    """Examples and their labels: `x, y = data.train` takes them apart.

    Attributes:
        x: examples, shape `(n, …)`. Bytes (uint8) are pixels: see `as_input`.
        y: labels from 0, int64: one an example, `(n,)`, or one a character, `(n, context)`.

    >>> x, y = load_fashion_mnist().test
    >>> tuple(x.shape), x.dtype, y.dtype
    ((5000, 1, 28, 28), torch.uint8, torch.int64)
    """

    x: torch.Tensor
    y: torch.Tensor

    def to(self, device: str | torch.device) -> "Examples":
        """Return the same examples on a device."""
        return Examples(self.x.to(device), self.y.to(device))


def as_input(x: torch.Tensor) -> torch.Tensor:
    """Return what a model is given of `x`: pixels as float32 in [0, 1], all else as it is.

    Pixels stay bytes, a quarter of the memory, until a batch of them is used.

    >>> as_input(torch.tensor([0, 51, 255], dtype=torch.uint8))
    tensor([0.0000, 0.2000, 1.0000])
    """
    return x.float() / 255 if x.dtype == torch.uint8 else x


@dataclass(frozen=True, eq=False)
class Data:
    """Examples in memory, in three parts that share none.

    Each part is an `Examples`, or a pair of tensors `(x, y)` that becomes one.

    Attributes:
        train: what the weights are fitted to.
        validation: what choices are made by (a rate, a schedule, when to stop). `fit` measures it
            after each epoch.
        test: what the chosen is judged by, once, at the end. `fit` never looks at it.

    Raises:
        TypeError: if a part is no pair of tensors.
        ValueError: if a part has not as many labels as examples, labels that are not int64, or
            examples of another shape or dtype than the training part's. A part may be empty.

    >>> part = torch.rand(4, 3), torch.tensor([0, 1, 1, 0])
    >>> data = Data(train=part, validation=part, test=part)
    >>> data, data.train.y
    (Data(4 training, 4 validation and 4 test examples of shape (3,)), tensor([0, 1, 1, 0]))
    """

    train: Examples
    validation: Examples
    test: Examples

    def __post_init__(self):
        """Check each part; a pair becomes an `Examples`."""
        for name, part in self._parts().items():
            object.__setattr__(self, name, as_examples(name, part))
        for name, part in self._parts().items():
            if len(part.y) and _kind(part) != _kind(self.train) and len(self.train.y):
                raise ValueError(
                    f"{name} must have examples and labels like train's, {_kind(self.train)}, "
                    f"got {_kind(part)}"
                )

    def take(
        self, train: int | None = None, validation: int | None = None, test: int | None = None
    ) -> "Data":
        """Return the first examples of each part: as many as are said, or all.

        The images are in random order, so the first ones are a fair sample. They are copied, so
        that a worker process is sent them alone.

        Raises:
            ValueError: if a number is below 1 or above what there is.

        >>> load_fashion_mnist().take(train=500, validation=100)
        Data(500 training, 100 validation and 5000 test examples of shape (1, 28, 28))
        """
        numbers = {"train": train, "validation": validation, "test": test}
        parts = self._parts()
        for name, n in numbers.items():
            if n is not None:
                x, y = parts[name]
                n = whole_number(name, n, at_least=1, at_most=len(y))
                parts[name] = Examples(x[:n].clone(), y[:n].clone())
        return Data(**parts)

    def _parts(self) -> dict[str, Examples]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __repr__(self) -> str:
        """Say how much there is; the numbers themselves would fill the screen."""
        train, validation, test = (len(part.y) for part in self._parts().values())
        return (
            f"Data({train} training, {validation} validation and {test} test examples "
            f"of shape {tuple(self.train.x.shape[1:])})"
        )


def as_examples(name: str, part) -> Examples:
    """Return a part of the data as `Examples`, or raise an error that says what is wrong."""
    pair = isinstance(part, tuple | list) and len(part) == 2
    if not pair or not all(isinstance(half, torch.Tensor) and half.ndim for half in part):
        got = ", ".join(type(half).__name__ for half in part) if pair else type(part).__name__
        raise TypeError(
            f"{name} must be a pair of tensors (x, y), with an example and its label in each row, "
            f"got {got}: torch.as_tensor makes a tensor of an array"
        )
    x, y = part
    if len(x) != len(y):
        raise ValueError(f"{name} must have a label for each example, got {len(x)} and {len(y)}")
    if y.dtype != torch.int64:
        raise ValueError(f"{name} must have labels of dtype int64, got {y.dtype}: use y.long()")
    return Examples(x, y)


def _kind(part: Examples) -> str:
    """Describe one example and its label."""
    x, y = part
    return f"x {tuple(x.shape[1:])} of {x.dtype} and y {tuple(y.shape[1:])}"


def load_fashion_mnist(which: str = "sample", *, validation: int | None = None) -> Data:
    """Return Fashion-MNIST: 28 × 28 grey images of clothes in the ten `CLASSES`.

    Args:
        which: `"sample"` for 10,000 training and 5,000 test images inside the package (balanced,
            drawn with a fixed seed, no network), or `"full"` for all 60,000 and 10,000. The full
            set is taken from the folder named by the environment variable `LRSCHED_DATA` if that
            is set; otherwise from the cache, from Debian's package `dataset-fashion-mnist`, or
            downloaded by torchvision into the cache, in this order.
        validation: how many of the training images, the last ones, become the validation part:
            2,000 of the sample and 10,000 of the full set if left out. With 0 all of them stay in
            the training part; `fit` then needs `dataclasses.replace(data, validation=…)`.

    Returns:
        Images `(n, 1, 28, 28)` as bytes from 0 to 255 (see `as_input`) and labels `(n,)`. The data
        is kept and handed out again, so do not write into its tensors.

    Raises:
        ValueError: if `which` is neither, `validation` leaves nothing to train on, or a file is
            not the published one.
        FileNotFoundError: if a file is missing where `LRSCHED_DATA` says it is.
        ConnectionError: if the files are nowhere and cannot be downloaded.

    Source: Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747; MIT licence, Zalando SE.

    >>> load_fashion_mnist()
    Data(8000 training, 2000 validation and 5000 test examples of shape (1, 28, 28))
    """
    one_of("which", which, tuple(HELD_OUT))
    validation = HELD_OUT[which] if validation is None else validation
    return _load(which, whole_number("validation", validation, at_least=0))


@functools.lru_cache(maxsize=1)  # chapters and parallel runs ask again and again
def _load(which: str, validation: int) -> Data:
    """Read one of the two sets, as tensors of their own: a view would be sent with its whole."""
    train_x, train_y, test_x, test_y = _read_sample() if which == "sample" else _read_full()
    learn = len(train_y) - whole_number(
        "validation", validation, at_least=0, at_most=len(train_y) - 1
    )
    return Data(
        _as_tensors(train_x[:learn], train_y[:learn]),
        _as_tensors(train_x[learn:], train_y[learn:]),
        _as_tensors(test_x, test_y),
    )


def _as_tensors(images: np.ndarray, labels: np.ndarray) -> Examples:
    x = torch.from_numpy(images[:, np.newaxis].copy())
    return Examples(x, torch.from_numpy(labels.astype(np.int64)))


@functools.lru_cache(maxsize=1)
def load_text(context: int = 32) -> Data:
    r"""Return the reference manual of Python, to be predicted character by character.

    The text is cut into blocks, the first 80% to train, 10% for validation and the last 10% to
    test, and each block into windows that do not overlap: no character of one part is in another,
    and no paragraph of the text comes twice.

    Args:
        context: characters in a window, at least 1.

    Returns:
        x, int64 `(n, context)`: indices into `CHARACTERS`; y, of the same shape: at each place the
        index of the character that follows. Kept like the images: do not write into it.

    Raises:
        ValueError: if `context` is no whole number from 1 to 10,000, or the file is damaged.

    Source: `pydoc_data.topics` of Python 3.11.7, the Python Software Foundation; PSF licence, in
    `lrsched_book/text/`.

    >>> x, y = load_text().train
    >>> "".join(CHARACTERS[i] for i in x[0]), "".join(CHARACTERS[i] for i in y[0])
    ('The "assert" statement\n*********', 'he "assert" statement\n**********')
    """
    context = whole_number("context", context, at_least=1, at_most=10_000)
    try:
        content = gzip.decompress(TEXT.read_bytes())
    except (OSError, EOFError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != TEXT_SHA256:
        raise ValueError(f"{TEXT} is missing or damaged: reinstall lrsched-book")
    text = content.decode()
    places = {character: index for index, character in enumerate(CHARACTERS)}
    indices = torch.tensor([places.get(character, len(CHARACTERS) - 1) for character in text])
    learn, choose = len(text) * 8 // 10, len(text) * 9 // 10
    blocks = indices[:learn], indices[learn:choose], indices[choose:]
    return Data(*(_windows(block, context) for block in blocks))


def _windows(block: torch.Tensor, context: int) -> Examples:
    """Cut a block into windows, each with the characters that follow its own."""
    n = (len(block) - 1) // context
    x, y = block[: n * context], block[1 : n * context + 1]
    return Examples(x.reshape(n, context).clone(), y.reshape(n, context).clone())


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
