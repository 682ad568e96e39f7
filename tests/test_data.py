"""The embedded sample is what it claims to be; the full set is found, checked or missed clearly."""

import gzip
import hashlib
import importlib
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from lrsched_book import CLASSES, Data, data, load_fashion_mnist

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    """What one test loads is not what the next one gets, and no folder of the user's is used."""
    monkeypatch.delenv("LRSCHED_DATA", raising=False)
    data._load.cache_clear()
    yield
    data._load.cache_clear()


# --- the sample ----------------------------------------------------------------------------------


def test_the_sample_is_balanced_and_scaled():
    sample = load_fashion_mnist()
    for x, y, per_class in (
        (sample.train_x, sample.train_y, 1000),
        (sample.test_x, sample.test_y, 500),
    ):
        assert x.shape == (10 * per_class, 1, 28, 28)
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
        assert (x.min().item(), x.max().item()) == (0.0, 1.0)
        assert torch.equal(y.bincount(), torch.full((10,), per_class))
    assert len(CLASSES) == 10
    few = sample.take(train=1000, test=1000)
    assert few.train_y.bincount(minlength=10).min() > 60, "in random order"


def test_the_sample_has_no_image_in_both_parts():
    sample = load_fashion_mnist()
    train = {image.numpy().tobytes() for image in sample.train_x}
    assert len(train) > 9990, "hardly any double"
    assert sum(image.numpy().tobytes() in train for image in sample.test_x) == 0


def test_a_set_is_read_once_and_kept():
    assert load_fashion_mnist() is load_fashion_mnist("sample")


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


@pytest.mark.parametrize("which", ["half", None, 1])
def test_there_are_two_sets(which):
    with pytest.raises(
        ValueError, match=rf"^which must be one of 'sample', 'full', got {which!r}$"
    ):
        load_fashion_mnist(which)


# --- Data ----------------------------------------------------------------------------------------


def test_take_gives_the_first_examples():
    sample = load_fashion_mnist()
    few = sample.take(train=7, test=3)
    for part, whole in zip(few.parts, sample.parts, strict=True):
        assert torch.equal(part, whole[: len(part)])
    assert repr(few) == "Data(7 training and 3 test examples of shape (1, 28, 28))"
    assert isinstance(pickle.loads(pickle.dumps(few)), Data), "it travels to other processes"


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (0, 1, "^train must be a whole number of at least 1, got 0$"),
        (1, -1, "^test must be a whole number of at least 1, got -1$"),
        (1.5, 1, "^train must be a whole number of at least 1, got 1.5$"),
        (10_001, 1, "^train must be at most 10000, got 10001$"),
        (1, 5_001, "^test must be at most 5000, got 5001$"),
    ],
)
def test_take_gives_no_more_than_there_is(train, test, message):
    with pytest.raises(ValueError, match=message):
        load_fashion_mnist().take(train, test)


def test_hold_out_makes_the_last_training_examples_the_test_part():
    sample = load_fashion_mnist()
    choosing = sample.hold_out(2000)
    assert torch.equal(choosing.train_x, sample.train_x[:8000])
    assert torch.equal(choosing.train_y, sample.train_y[:8000])
    assert torch.equal(choosing.test_x, sample.train_x[8000:])
    assert torch.equal(choosing.test_y, sample.train_y[8000:])


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (0, "^validation must be a whole number of at least 1, got 0$"),
        (0.2, "^validation must be a whole number of at least 1, got 0.2$"),
        (10_000, "^validation must be less than 10000, got 10000$"),
    ],
)
def test_hold_out_leaves_examples_to_train_on(validation, message):
    with pytest.raises(ValueError, match=message):
        load_fashion_mnist().hold_out(validation)


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
    full = load_fashion_mnist("full")
    assert repr(full) == "Data(6 training and 4 test examples of shape (1, 28, 28))"
    assert full.test_y.tolist() == [0, 1, 2, 3]
    pixels = np.frombuffer(gzip.decompress(published["tiny-train-images.gz"]), np.uint8, offset=16)
    # One division of float32 numbers, as torchvision's ToTensor has it.
    expected = pixels.astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(full.train_x.numpy().ravel(), expected)


@pytest.mark.parametrize("index", range(4))
def test_a_file_cut_short_anywhere_is_named(index, folder, published):
    name = list(published)[index]
    content = published[name]
    lengths = range(len(content)) if len(content) < 100 else range(0, len(content), 97)
    for length in lengths:
        (folder / name).write_bytes(content[:length])
        with pytest.raises(ValueError, match=rf"{name} is .*: fetch it again$"):
            load_fashion_mnist("full")


@pytest.mark.parametrize("index", range(4))
def test_an_altered_file_is_named(index, folder, published):
    name = list(published)[index]
    content = bytearray(gzip.decompress(published[name]))
    content[-1] ^= 1
    (folder / name).write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=rf"{name} is not the published Fashion-MNIST file: fetch"):
        load_fashion_mnist("full")


def test_a_file_that_is_packed_in_another_way_is_the_same_file(folder, published):
    for name, content in published.items():
        (folder / name).write_bytes(gzip.compress(gzip.decompress(content), compresslevel=1))
    assert len(load_fashion_mnist("full").train_y) == 6


def test_a_file_that_is_not_gzipped_is_named(folder):
    (folder / "tiny-t10k-labels.gz").write_bytes(b"not packed")
    with pytest.raises(ValueError, match=r"tiny-t10k-labels\.gz is cut short or damaged .*: fetch"):
        load_fashion_mnist("full")


def test_missing_files_in_the_chosen_folder_are_named_with_the_remedy(folder):
    (folder / "tiny-t10k-images.gz").unlink()
    (folder / "tiny-t10k-labels.gz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_fashion_mnist("full")
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
        load_fashion_mnist("full")


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
        load_fashion_mnist("full")
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
        assert len(load_fashion_mnist("full").train_y) == 6
    assert downloads == [home / ".cache" / "lrsched_book"], "once, and into the cache"


def test_torchvision_keeps_the_files_where_we_look():
    torchvisions = importlib.import_module("torchvision.datasets").FashionMNIST
    assert {name for name, _ in torchvisions.resources} == set(data.FULL)


@pytest.mark.skipif(not DEBIAN.exists(), reason="needs Debian's package dataset-fashion-mnist")
def test_the_real_set_is_read_and_the_sample_is_drawn_from_it(monkeypatch):
    monkeypatch.setenv("LRSCHED_DATA", str(DEBIAN))
    parts = data._read_full()
    assert [part.shape for part in parts] == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    monkeypatch.setattr("lrsched_book.sample.draw._read_full", lambda: parts)
    drawn = importlib.import_module("lrsched_book.sample.draw").draw()
    with np.load(data.SAMPLE) as sample:
        assert set(sample.files) == set(drawn)
        for name, array in drawn.items():
            np.testing.assert_array_equal(sample[name], array)
            assert sample[name].dtype == array.dtype == np.uint8
