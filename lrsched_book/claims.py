"""A claim is a sentence of the book that the book itself checks."""

import numpy as np


class ClaimError(AssertionError):
    """A sentence of the book that its own measurement contradicts."""


def claim(sentence: str, holds: bool) -> None:
    """Print one fixed line if `holds` is true; raise `ClaimError` if it is false.

    nbval compares the printed line with the stored one, so a sentence that the code no longer
    supports turns the test run red. Measured digits belong in a cell of their own, never in
    `sentence`: another processor rounds differently.

    Args:
        sentence: what the text states, as the reader will read it.
        holds: a single truth value. An array is refused, since "some of it holds" is no claim.

    Raises:
        ClaimError: if `holds` is false.
        TypeError: if `holds` is not a bool.

    >>> claim("a rate of 1/8 lands in the minimum of 4x² in one step", 2 - 0.125 * 8 * 2 == 0)
    Claim holds: a rate of 1/8 lands in the minimum of 4x² in one step
    >>> claim("two is less than one", 2 < 1)
    Traceback (most recent call last):
    ...
    lrsched_book.claims.ClaimError: Claim fails: two is less than one
    """
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(f"holds must be True or False, got {type(holds).__name__} {holds!r}")
    if not holds:
        raise ClaimError(f"Claim fails: {sentence}")
    print(f"Claim holds: {sentence}")
