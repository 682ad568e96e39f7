"""Draw the sample of Fashion-MNIST that ships with the package.

Run it with `python -m lrsched_book.sample.draw`. It takes 1,000 training and 500 test images of
each class, without replacement, in random order, from the full data set (which must be there: see
`lrsched_book.load_fashion_mnist`), and prints the new file's SHA-256.
"""

import hashlib
import io

import numpy as np

from lrsched_book._files import write_whole
from lrsched_book.data import SAMPLE, _read_full

SEED = 20170825  # the day on which Fashion-MNIST was announced; any fixed number would do


def draw() -> dict[str, np.ndarray]:
    """Return the sample's arrays: uint8 images `(n, 28, 28)` and labels `(n,)` of both parts."""
    train_x, train_y, test_x, test_y = _read_full()
    rng = np.random.default_rng(SEED)
    train = _balanced(train_y, 1000, rng)
    test = _balanced(test_y, 500, rng)
    return {
        "train_x": train_x[train],
        "train_y": train_y[train],
        "test_x": test_x[test],
        "test_y": test_y[test],
    }


def _balanced(labels: np.ndarray, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Return shuffled indices of `per_class` examples of every class."""
    chosen = [
        rng.choice(np.flatnonzero(labels == label), per_class, replace=False)
        for label in np.unique(labels)
    ]
    return rng.permutation(np.concatenate(chosen))


if __name__ == "__main__":
    packed = io.BytesIO()
    np.savez_compressed(packed, **draw())
    write_whole(SAMPLE, packed.getvalue())
    print(hashlib.sha256(packed.getvalue()).hexdigest())
