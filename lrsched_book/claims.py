"""A claim is a sentence of the book that the book itself checks."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lrsched_book._checks import real_number

LEVEL = 0.95  # of all intervals together, if there are several comparisons


class ClaimError(AssertionError):
    """A sentence of the book that its own measurement contradicts."""


@dataclass(frozen=True)
class Verdict:
    """Whether a measurement supports a sentence, and by how much.

    A verdict is true or false like a bool; two of them joined by `&` hold if both do, with the
    smaller margin.

    Attributes:
        holds: whether the sentence is supported. False also where nothing can be said.
        margin: distance between effect and threshold in standard errors, negative on the wrong
            side; None if it could not be measured.
        reason: why it does not hold; empty if it does.

    >>> Verdict(True, 8.1) & Verdict(True, 6.25)
    Verdict(holds, margin 6.2 standard errors)
    >>> bool(Verdict(False, None, "1 of 10 runs of 'constant' is lost"))
    False
    """

    holds: bool
    margin: float | None
    reason: str = ""

    def __bool__(self) -> bool:
        """Tell whether the sentence is supported."""
        return self.holds

    def __and__(self, other: Verdict) -> Verdict:
        """Return the verdict on a sentence that says both."""
        if not isinstance(other, Verdict):
            return NotImplemented
        margins = [self.margin, other.margin]
        return Verdict(
            self.holds and other.holds,
            None if None in margins else min(margins),
            "; ".join(filter(None, [self.reason, other.reason])),
        )

    def __repr__(self) -> str:
        """Say it in words."""
        words = "holds" if self.holds else f"does not hold: {self.reason}"
        return f"Verdict({words}{_in_errors(self.margin)})"


def _in_errors(margin: float | None) -> str:
    return "" if margin is None else f", margin {margin:.1f} standard errors"


@dataclass(frozen=True, repr=False)
class Gain:
    """What one schedule gains over another, paired by seed.

    The interval is that of Student's t for the mean of the pairs, at a level of 95%. Where the
    table holds more comparisons, each interval is widened (Bonferroni) so that all of them
    together hold with 95%. It speaks of other seeds on the same images at the chosen peaks, not
    of other images.

    Attributes:
        name: the schedule that may be better.
        over: the one it is compared with.
        metric: what is gained, in words: `"test loss"`, `"test accuracy"`, …
        pairs: by seed, the gain of that seed; positive is better for every metric.
        comparisons: number of comparisons in the table.
        doubt: why nothing can be concluded; empty if something can.

    >>> gain = Gain("cosine", "constant", "test loss", {0: 0.03, 1: 0.05, 2: 0.04})
    >>> gain
    Gain of 'cosine' over 'constant' in test loss: +0.0400, 95% interval [+0.0152, +0.0648]
    pairs by seed: 0: +0.0300, 1: +0.0500, 2: +0.0400
    >>> gain.above(0)
    Verdict(holds, margin 6.9 standard errors)
    >>> gain.within(0.05)
    Verdict(does not hold: [+0.0152, +0.0648] is not within ±0.05, margin 1.7 standard errors)
    """

    name: str
    over: str
    metric: str
    pairs: Mapping[int, float]
    comparisons: int = 1
    doubt: str = ""

    @property
    def effect(self) -> float:
        """Mean of the pairs."""
        return float(np.mean(self._values))

    @property
    def error(self) -> float:
        """Standard error of the effect: standard deviation of the pairs / √n."""
        return float(np.std(self._values, ddof=1) / math.sqrt(len(self.pairs)))

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of the effect, widened for the number of comparisons."""
        from scipy.special import stdtrit  # the quantile of t, without the weight of scipy.stats

        outside = (1 - LEVEL) / self.comparisons
        width = float(stdtrit(len(self.pairs) - 1, 1 - outside / 2)) * self.error
        return self.effect - width, self.effect + width

    def above(self, threshold: float) -> Verdict:
        """Tell whether the whole interval lies above `threshold`.

        The margin is (effect - threshold) / standard error.

        Raises:
            ValueError: if `threshold` is no finite number.
        """
        threshold = real_number("threshold", threshold, low=-math.inf)
        if self.doubt:
            return self._unsettled()
        low, _ = self.interval
        return self._verdict(low > threshold, self.effect - threshold, f"above {threshold:g}")

    def within(self, limit: float) -> Verdict:
        """Tell whether the whole interval lies between -`limit` and `limit`: no difference matters.

        The margin is (limit - abs(effect)) / standard error.

        Raises:
            ValueError: if `limit` is not above 0.
        """
        limit = real_number("limit", limit, above=0.0)
        if self.doubt:
            return self._unsettled()
        low, high = self.interval
        return self._verdict(
            -limit < low and high < limit, limit - abs(self.effect), f"within ±{limit:g}"
        )

    def beyond(self, share: float, *, of: Gain) -> Gain:
        """Return what is left of this gain beyond a share of another one, pair by pair.

        "More than half of what the other gains" is `gain.beyond(1 / 2, of=other).above(0)`.
        The doubts of both remain, and the wider of both intervals' corrections. Where one has no
        pairs, since no peak was chosen, none is left, and its doubt says so.

        Raises:
            ValueError: if `share` is no finite number, or the metrics or the seeds differ.

        >>> line = Gain("line", "constant", "test loss", {0: 0.75, 1: 1.25})
        >>> cosine = Gain("cosine", "constant", "test loss", {0: 1.0, 1: 2.0})
        >>> line.beyond(1 / 2, of=cosine).pairs
        {0: 0.25, 1: 0.25}
        """
        share = real_number("share", share, low=-math.inf)
        doubt = "; ".join(dict.fromkeys(filter(None, [self.doubt, of.doubt])))
        without = doubt and not (self.pairs and of.pairs)
        same_seeds = set(self.pairs) == set(of.pairs)
        if self.metric != of.metric or not (same_seeds or without):
            raise ValueError(
                f"of must be a gain in {self.metric} over the same seeds, got {of.metric} and "
                f"seeds {sorted(of.pairs)}"
            )
        return Gain(
            self.name,
            f"{share:.0%} of {of.name}",
            self.metric,
            {s: pair - share * of.pairs[s] for s, pair in self.pairs.items() if s in of.pairs},
            max(self.comparisons, of.comparisons),
            doubt,
        )

    def _unsettled(self) -> Verdict:
        return Verdict(False, None, f"not settled: {self.doubt}")

    def _verdict(self, holds: bool, distance: float, what: str) -> Verdict:
        if self.error:
            margin = distance / self.error
        else:  # all pairs are equal: infinitely sure, or exactly on the threshold
            margin = math.copysign(math.inf, distance) if distance else 0.0
        reason = "" if holds else f"{self._interval_text()} is not {what}"
        return Verdict(holds, margin, reason)

    @property
    def _values(self) -> np.ndarray:
        return np.array(list(self.pairs.values()), dtype=float)

    def _interval_text(self) -> str:
        return "[{:+.4f}, {:+.4f}]".format(*self.interval)

    def __repr__(self) -> str:
        """Show effect, interval and pairs, or why there are none."""
        words = f"Gain of {self.name!r} over {self.over!r} in {self.metric}: "
        if self.doubt:
            words += f"not settled: {self.doubt}"
        else:
            words += f"{self.effect:+.4f}, 95% interval {self._interval_text()}"
            if self.comparisons > 1:
                words += f", widened for {self.comparisons} comparisons"
        pairs = ", ".join(f"{seed}: {pair:+.4f}" for seed, pair in self.pairs.items())
        return f"{words}\npairs by seed: {pairs or 'none'}"


def claim(sentence: str, holds: bool | Verdict) -> None:
    """Print one fixed line if `holds` is true; raise `ClaimError` if it is false.

    nbval compares the printed line with the stored one, so a sentence that the code no longer
    supports turns the test run red. Measured digits belong in a cell of their own, never in
    `sentence`: another processor rounds differently.

    With the environment variable `LRSCHED_CLAIMS=collect` a false claim prints its line and goes
    on, and each claim is added to the file that `LRSCHED_CLAIMS_FILE` names, as a line of JSON
    with `claim`, `holds` and `margin` (null where there is no finite one). So all claims of the
    book are tried with other seeds in one go.

    Args:
        sentence: what the text states, as the reader will read it.
        holds: a single truth value, or the verdict of a comparison. An array is refused, since
            "some of it holds" is no claim.

    Raises:
        ClaimError: if `holds` is false, with the reason of a verdict.
        TypeError: if `holds` is neither a bool nor a `Verdict`.
        ValueError: if `LRSCHED_CLAIMS` is set to something else, or its file is not named.

    >>> claim("a rate of 1/8 lands in the minimum of 4x² in one step", 2 - 0.125 * 8 * 2 == 0)
    Claim holds: a rate of 1/8 lands in the minimum of 4x² in one step
    >>> claim("two is less than one", 2 < 1)
    Traceback (most recent call last):
    ...
    lrsched_book.claims.ClaimError: Claim fails: two is less than one
    """
    if isinstance(holds, bool | np.bool_):
        verdict = Verdict(bool(holds), None)
    elif isinstance(holds, Verdict):
        verdict = holds
    else:
        raise TypeError(
            f"holds must be True, False or a Verdict, got {type(holds).__name__} {holds!r}"
        )
    finite = verdict.margin is not None and math.isfinite(verdict.margin)
    collected = record(
        {
            "claim": sentence,
            "holds": verdict.holds,
            "margin": float(verdict.margin) if finite else None,
        }
    )
    if not verdict.holds and not collected:
        reason = verdict.reason and f" ({verdict.reason}{_in_errors(verdict.margin)})"
        raise ClaimError(f"Claim fails: {sentence}{reason}")
    print(f"Claim {'holds' if verdict.holds else 'fails'}: {sentence}")


def record(entry: dict) -> bool:
    """Add a line of JSON to the file of collected claims; return whether they are collected.

    Raises:
        ValueError: if `LRSCHED_CLAIMS` is neither unset nor `collect`, or if it is `collect` and
            `LRSCHED_CLAIMS_FILE` names no file.
        OSError: if the file cannot be written.
    """
    wanted = os.environ.get("LRSCHED_CLAIMS", "")
    if wanted not in ("", "collect"):
        raise ValueError(f"LRSCHED_CLAIMS must be 'collect' or unset, got {wanted!r}")
    if not wanted:
        return False
    path = os.environ.get("LRSCHED_CLAIMS_FILE", "")
    if not path:
        raise ValueError("LRSCHED_CLAIMS_FILE must name a file where LRSCHED_CLAIMS is 'collect'")
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")  # one write: a line stays whole
    return True
