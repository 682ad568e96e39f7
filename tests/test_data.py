"""The embedded sample is what it claims to be; the full set is found, checked or missed clearly."""

import gzip
import hashlib
import importlib
import math
import pickle
import re
import sys
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lrsched_book import (
    CHARACTERS,
    CLASSES,
    Data,
    Examples,
    as_input,
    data,
    load_fashion_mnist,
    load_text,
)

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    """What one test loads is not what the next one gets, and no folder of the user's is used."""
    monkeypatch.delenv("LRSCHED_DATA", raising=False)
    data._load.cache_clear()
    load_text.cache_clear()
    yield
    data._load.cache_clear()
    load_text.cache_clear()


def parts(whole):
    """The three parts, in their order."""
    return [getattr(whole, field.name) for field in fields(whole)]


# --- the sample ----------------------------------------------------------------------------------


def test_the_sample_is_balanced_and_made_of_bytes():
    sample = load_fashion_mnist(validation=0)
    for (x, y), per_class in ((sample.train, 1000), (sample.test, 500)):
        assert x.shape == (10 * per_class, 1, 28, 28)
        assert (x.dtype, y.dtype) == (torch.uint8, torch.int64)
        assert (x.min().item(), x.max().item()) == (0, 255)
        assert torch.equal(y.bincount(), torch.full((10,), per_class))
    assert len(CLASSES) == 10
    few = sample.take(train=1000)
    assert few.train.y.bincount(minlength=10).min() > 60, "in random order"


def test_pixels_become_the_float32_numbers_of_one_division():
    pixels = torch.arange(256).to(torch.uint8)
    # One division of float32 numbers, as torchvision's ToTensor has it.
    expected = pixels.numpy().astype(np.float32) / np.float32(255)
    numbers = as_input(pixels)
    assert numbers.dtype == torch.float32
    np.testing.assert_array_equal(numbers.numpy(), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_what_are_no_pixels_goes_in_as_it_is(dtype):
    x = torch.ones(3, dtype=dtype)
    assert as_input(x) is x


def test_the_sample_has_no_image_in_two_parts():
    sample = load_fashion_mnist()
    train, validation, test = ([image.numpy().tobytes() for image in x] for x, _ in parts(sample))
    assert len(set(train)) > 7990, "hardly any double"
    assert not set(train) & set(test)
    assert not set(validation) & set(test)
    assert sum(image in set(train) for image in validation) <= 4, "but for the doubles"


@pytest.mark.parametrize(("validation", "held_out"), [(None, 2000), (0, 0), (1, 1), (9999, 9999)])
def test_the_last_training_images_are_the_validation_part(validation, held_out):
    whole = load_fashion_mnist(validation=0)
    sample = load_fashion_mnist(validation=validation)
    learn = 10_000 - held_out
    for half in (0, 1):
        assert torch.equal(sample.train[half], whole.train[half][:learn])
        assert torch.equal(sample.validation[half], whole.train[half][learn:])
        assert torch.equal(sample.test[half], whole.test[half])


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (-1, "^validation must be a whole number of at least 0, got -1$"),
        (0.2, "^validation must be a whole number of at least 0, got 0.2$"),
        (10_000, "^validation must be a whole .* at least 0 and at most 9999, got 10000$"),
    ],
)
def test_the_validation_part_leaves_examples_to_train_on(validation, message):
    with pytest.raises(ValueError, match=message):
        load_fashion_mnist(validation=validation)


def test_a_set_is_read_once_and_kept():
    assert load_fashion_mnist() is load_fashion_mnist("sample", validation=2000)
    assert load_text() is load_text()


def test_an_altered_sample_is_refused(tmp_path, monkeypatch):
    altered = bytearray(data.SAMPLE.read_bytes())
    altered[len(altered) // 2] ^= 1
    (tmp_path / "sample.npz").write_bytes(altered)
    monkeypatch.setattr(data, "SAMPLE", tmp_path / "sample.npz")
    with pytest.raises(ValueError, match=r"sample\.npz is missing or damaged .*: reinstall"):
        load_fashion_mnist()


def test_a_missing_sample_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "SAMPLE", tmp_path / "sample.npz")
    with pytest.raises(ValueError, match=r"sample\.npz is missing or damaged \(no file\): reinst"):
        load_fashion_mnist()


@pytest.mark.parametrize("which", ["half", None, 1, ["full"]])
def test_there_are_two_sets(which):
    with pytest.raises(
        ValueError, match=rf"^which must be one of 'sample', 'full', got {re.escape(repr(which))}$"
    ):
        load_fashion_mnist(which)


# --- Data ----------------------------------------------------------------------------------------


def some(n=4, labels=torch.int64):
    """Examples of three numbers each."""
    return torch.arange(3.0 * n).reshape(n, 3), torch.zeros(n, dtype=labels)


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_take_gives_the_first_examples_of_a_part_and_leaves_the_others(part):
    sample = load_fashion_mnist()
    few = sample.take(**{part: 7})
    for field in fields(sample):
        n = 7 if field.name == part else None
        for half, whole in zip(getattr(few, field.name), getattr(sample, field.name), strict=True):
            assert torch.equal(half, whole[:n])


def test_data_says_what_it_holds_and_travels_to_other_processes():
    few = load_fashion_mnist().take(train=7, validation=5, test=3)
    expected = "Data(7 training, 5 validation and 3 test examples of shape (1, 28, 28))"
    assert repr(few) == expected
    packed = pickle.dumps(few)
    assert len(packed) < 2 * 15 * 784, "without the images that were left"
    copy = pickle.loads(packed)
    assert isinstance(copy, Data)
    assert isinstance(copy.train, Examples)
    assert torch.equal(copy.test.x, few.test.x)


def test_the_parts_of_a_loaded_set_are_sent_once_each():
    size = len(pickle.dumps(load_fashion_mnist()))
    assert 15_000 * 784 < size < 15_000 * 784 + 15_000 * 8 + 20_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"train": 0}, "^train must be a whole number of at least 1 and at most 8000, got 0$"),
        ({"test": -1}, "^test must be .* at least 1 and at most 5000, got -1$"),
        ({"train": 1.5}, "^train must be a whole number of .*, got 1.5$"),
        ({"train": 8_001}, "^train must be .* at most 8000, got 8001$"),
        ({"validation": 2_001}, "^validation must be .* at most 2000, got 2001$"),
        ({"test": 5_001}, "^test must be .* at most 5000, got 5001$"),
    ],
)
def test_take_gives_no_more_than_there_is(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_fashion_mnist().take(**arguments)
    assert len(load_fashion_mnist().take(train=8_000, validation=2_000, test=5_000).train.y) == 8000


def test_a_pair_becomes_examples_and_nothing_is_copied():
    x, y = some()
    own = Data((x, y), [x, y], Examples(x, y))
    for part in parts(own):
        assert isinstance(part, Examples)
        assert part.x is x
        assert part.y is y


def test_examples_go_to_a_device():
    moved = Examples(*some()).to("meta")
    assert isinstance(moved, Examples)
    assert (moved.x.device.type, moved.y.device.type) == ("meta", "meta")


X, Y = some()
WRONG = {
    "fewer labels": ((X, Y[:3]), ValueError, "a label for each example, got 4 and 3$"),
    "fewer examples": ((X[:2], Y), ValueError, "a label for each example, got 2 and 4$"),
    "int32": (some(labels=torch.int32), ValueError, r"int64, got torch.int32: use y.long\(\)$"),
    "float": (some(labels=torch.float), ValueError, "labels of dtype int64, got torch.float32"),
    "NumPy": ((X.numpy(), Y.numpy()), TypeError, "got ndarray, ndarray: torch.as_tensor makes"),
    "lists": (([1.0], [0]), TypeError, "got list, list: "),
    "no label": (X, TypeError, "got Tensor: "),
    "three": ((X, Y, Y), TypeError, "got tuple: "),
    "two numbers": ((X[0, 0], Y[0]), TypeError, "each row, got Tensor, Tensor: "),
    "another shape": (
        (X[:, :2], Y),
        ValueError,
        r"like .*'s, x \(.* and y \(\), got x \(.* y \(\)$",
    ),
    "another dtype": ((X.double(), Y), ValueError, "of torch.float.* got x .* of torch.float"),
    "labels in columns": ((X, Y[:, None]), ValueError, r"y \(.*\), got x \(3,\) of .* y \(.*\)$"),
}


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize("name", WRONG)
def test_a_part_that_is_wrong_is_named_when_the_data_is_made(name, part):
    wrong, error, message = WRONG[name]
    right = {"train": some(), "validation": some(3), "test": some(2)}
    kinds = ("another shape", "another dtype", "labels in columns")
    named = "validation" if part == "train" and name in kinds else part
    with pytest.raises(error, match=f"^{named} must (be|have) .*{message}"):
        Data(**{**right, part: wrong})


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_a_part_may_be_empty_whatever_its_shape(part):
    empty = torch.zeros(0), torch.zeros(0).long()
    own = Data(**{"train": some(), "validation": some(), "test": some(), part: empty})
    assert len(getattr(own, part).y) == 0


def test_another_part_can_be_put_in():
    own = replace(Data(some(), some(0), some()), validation=some(2))
    assert repr(own) == "Data(4 training, 2 validation and 4 test examples of shape (3,))"


# --- the text ------------------------------------------------------------------------------------


def whole_text():
    return gzip.decompress(data.TEXT.read_bytes()).decode()


def spelled(indices):
    return "".join(CHARACTERS[index] for index in indices.flatten())


def test_the_text_is_cut_into_blocks_and_each_block_into_windows():
    text = whole_text()
    known = "".join(c if c in CHARACTERS else CHARACTERS[-1] for c in text)
    cuts = [0, math.floor(0.8 * len(text)), math.floor(0.9 * len(text)), len(text)]
    loaded = load_text(context=50)
    for (x, y), start, end in zip(parts(loaded), cuts, cuts[1:], strict=False):
        n = (end - start - 1) // 50
        assert x.shape == y.shape == (n, 50)
        assert x.dtype == torch.int64
        assert spelled(x) == known[start : start + 50 * n]
        assert spelled(y) == known[start + 1 : start + 50 * n + 1]
    assert repr(loaded).endswith("examples of shape (50,))")


def test_the_characters_are_the_commonest_of_the_training_part_and_one_for_the_others():
    text = whole_text()
    training = text[: len(text) * 8 // 10]
    common = sorted(character for character, _ in Counter(training).most_common(63))
    assert "".join(common) + "\N{REPLACEMENT CHARACTER}" == CHARACTERS
    assert CHARACTERS[-1] not in text
    _, y = load_text().test
    unknown = (y == 63).double().mean().item()
    assert 0.001 < unknown < 0.01


def test_no_long_paragraph_is_in_two_parts():
    paragraphs = [" ".join(one.split()) for one in whole_text().split("\n\n")]
    assert max(n for one, n in Counter(paragraphs).items() if len(one) > 40) == 1


def test_the_largest_windows_and_the_smallest():
    assert load_text(context=1).train.x.shape[1] == 1
    assert len(load_text(context=10_000).validation.y) == 3


@pytest.mark.parametrize("context", [0, 10_001, 2.5, "32"])
def test_a_context_out_of_range_is_refused(context):
    with pytest.raises(ValueError, match=r"^context must be .* at least 1 and at most 10000, got "):
        load_text(context)


@pytest.mark.parametrize(
    "content", [None, b"", gzip.compress(b"another text", mtime=0), b"not packed"]
)
def test_a_text_that_is_missing_or_damaged_is_named(content, tmp_path, monkeypatch):
    if content is not None:
        (tmp_path / "text.gz").write_bytes(content)
    monkeypatch.setattr(data, "TEXT", tmp_path / "text.gz")
    with pytest.raises(
        ValueError, match=r"text\.gz is missing or damaged: reinstall lrsched-book$"
    ):
        load_text()


def test_the_script_draws_each_paragraph_once_in_the_order_of_the_topics():
    draw = importlib.import_module("lrsched_book.text.draw").draw
    long, short = "long " * 8 + "x", "short " * 6 + "abcd"
    assert (len(long), len(short)) == (41, 40)
    topics = {
        "b": f"{long}\n\n{short}\n\nlast\n",
        "a": f"\nfirst\n\n{long.replace(' ', '  ')}\n\n\n{short}",
    }
    expected = ["first", long.replace(" ", "  "), short, short, "last"]
    assert draw(topics) == "".join(f"{paragraph}\n\n" for paragraph in expected)


@pytest.mark.skipif(sys.version_info[:3] != (3, 11, 7), reason="drawn from Python 3.11.7")
def test_the_text_is_what_the_script_draws():
    from pydoc_data.topics import topics

    assert importlib.import_module("lrsched_book.text.draw").draw(topics) == whole_text()


@pytest.mark.parametrize(
    ("folder", "words"),
    [("sample", "Zalando SE"), ("text", "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2")],
)
def test_what_is_embedded_comes_with_its_licence(folder, words):
    assert words in (Path(data.__file__).parent / folder / "LICENSE").read_text(encoding="utf-8")


# --- the full set: a tiny one of the same format in its place ------------------------------------


def packed(array):
    """The array as a gzipped IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return gzip.compress(header + array.tobytes())


@pytest.fixture
def published(monkeypatch):
    """Four small files, published in the place of the real ones: contents by name."""
    rng = np.random.default_rng(0)
    files = {}
    for part, n in (("train", 6), ("t10k", 4)):
        files[f"tiny-{part}-images.gz"] = packed(
            rng.integers(256, size=(n, 28, 28), dtype=np.uint8)
        )
        files[f"tiny-{part}-labels.gz"] = packed(np.arange(n, dtype=np.uint8))
    digests = {
        name: hashlib.sha256(gzip.decompress(content)).hexdigest()
        for name, content in files.items()
    }
    monkeypatch.setattr(data, "FULL", digests)
    return files


@pytest.fixture
def folder(published, tmp_path, monkeypatch):
    """A folder with the four files, chosen by LRSCHED_DATA."""
    for name, content in published.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("LRSCHED_DATA", str(tmp_path))
    return tmp_path


def test_the_full_set_is_read_from_the_chosen_folder(folder, published):
    full = load_fashion_mnist("full", validation=2)
    expected = "Data(4 training, 2 validation and 4 test examples of shape (1, 28, 28))"
    assert repr(full) == expected
    assert full.test.y.tolist() == [0, 1, 2, 3]
    assert full.validation.y.tolist() == [4, 5]
    pixels = np.frombuffer(gzip.decompress(published["tiny-train-images.gz"]), np.uint8, offset=16)
    both = torch.cat([full.train.x, full.validation.x])
    np.testing.assert_array_equal(both.numpy().ravel(), pixels)


@pytest.mark.parametrize("index", range(4))
def test_a_file_cut_short_anywhere_is_named(index, folder, published):
    name = list(published)[index]
    content = published[name]
    lengths = range(len(content)) if len(content) < 100 else range(0, len(content), 97)
    for length in lengths:
        (folder / name).write_bytes(content[:length])
        with pytest.raises(ValueError, match=rf"{name} is .*: fetch it again$"):
            load_fashion_mnist("full", validation=2)


@pytest.mark.parametrize("index", range(4))
def test_an_altered_file_is_named(index, folder, published):
    name = list(published)[index]
    content = bytearray(gzip.decompress(published[name]))
    content[-1] ^= 1
    (folder / name).write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=rf"{name} is not the published Fashion-MNIST file: fetch"):
        load_fashion_mnist("full", validation=2)


def test_a_file_that_is_packed_in_another_way_is_the_same_file(folder, published):
    for name, content in published.items():
        (folder / name).write_bytes(gzip.compress(gzip.decompress(content), compresslevel=1))
    assert len(load_fashion_mnist("full", validation=2).train.y) == 4


def test_a_file_that_is_not_gzipped_is_named(folder):
    (folder / "tiny-t10k-labels.gz").write_bytes(b"not packed")
    with pytest.raises(ValueError, match=r"tiny-t10k-labels\.gz is cut short or damaged .*: fetch"):
        load_fashion_mnist("full", validation=2)


def test_missing_files_in_the_chosen_folder_are_named_with_the_remedy(folder):
    (folder / "tiny-t10k-images.gz").unlink()
    (folder / "tiny-t10k-labels.gz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_fashion_mnist("full", validation=2)
    message = str(caught.value)
    assert message.startswith(
        f"LRSCHED_DATA names {folder}, which lacks tiny-t10k-images.gz, tiny-"
    )
    assert message.endswith("put Fashion-MNIST's four .gz files there, or unset LRSCHED_DATA")


def test_a_chosen_folder_that_does_not_exist_is_named(published, monkeypatch, tmp_path):
    monkeypatch.setenv("LRSCHED_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(
        FileNotFoundError, match=r"^LRSCHED_DATA names .*nowhere, which lacks tiny-"
    ):
        load_fashion_mnist("full", validation=2)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_without_a_network_the_remedies_are_named(published, home, monkeypatch):
    torchvisions = importlib.import_module("torchvision.datasets").FashionMNIST
    # A port at which nobody listens: torchvision's own code meets a real refusal.
    monkeypatch.setattr(torchvisions, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(ConnectionError) as caught:
        load_fashion_mnist("full", validation=2)
    message = str(caught.value)
    assert "could not be downloaded into" in message
    assert str(home) in message
    assert "dataset-fashion-mnist" in message
    assert "LRSCHED_DATA" in message


def test_what_is_downloaded_is_read_and_next_time_found(published, home, monkeypatch):
    downloads = []

    def download(root, download):
        downloads.append(root)
        raw = root / "FashionMNIST" / "raw"  # torchvision's own layout
        raw.mkdir(parents=True)
        for name, content in published.items():
            (raw / name).write_bytes(content)

    torchvisions = importlib.import_module("torchvision.datasets")
    monkeypatch.setattr(torchvisions, "FashionMNIST", download)
    for _ in range(2):
        data._load.cache_clear()
        assert len(load_fashion_mnist("full", validation=2).train.y) == 4
    assert downloads == [home / ".cache" / "lrsched_book"], "once, and into the cache"


def test_torchvision_keeps_the_files_where_we_look():
    torchvisions = importlib.import_module("torchvision.datasets").FashionMNIST
    assert {name for name, _ in torchvisions.resources} == set(data.FULL)


@pytest.mark.skipif(not DEBIAN.exists(), reason="needs Debian's package dataset-fashion-mnist")
def test_the_real_set_is_read_and_the_sample_is_drawn_from_it(monkeypatch):
    monkeypatch.setenv("LRSCHED_DATA", str(DEBIAN))
    assert repr(load_fashion_mnist("full")).startswith("Data(50000 training, 10000 validation and")
    arrays = data._read_full()
    assert [array.shape for array in arrays] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]
    monkeypatch.setattr("lrsched_book.sample.draw._read_full", lambda: arrays)
    drawn = importlib.import_module("lrsched_book.sample.draw").draw()
    with np.load(data.SAMPLE) as sample:
        assert set(sample.files) == set(drawn)
        for name, array in drawn.items():
            np.testing.assert_array_equal(sample[name], array)
            assert sample[name].dtype == array.dtype == np.uint8
