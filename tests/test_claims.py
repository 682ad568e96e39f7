"""A claim prints one fixed line or raises; only a single truth value is one."""

import numpy as np
import pytest
import torch

from lrsched_book import ClaimError, claim


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.float64(1) < 2])
def test_a_claim_that_holds_prints_one_fixed_line(holds, capsys):
    claim("cosine ends lower", holds)
    assert capsys.readouterr().out == "Claim holds: cosine ends lower\n"


@pytest.mark.parametrize("holds", [False, np.bool_(False)])
def test_a_claim_that_fails_raises_and_prints_nothing(holds, capsys):
    with pytest.raises(ClaimError, match=r"^Claim fails: cosine ends lower$"):
        claim("cosine ends lower", holds)
    assert capsys.readouterr().out == ""


def test_a_failed_claim_is_an_assertion():
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize(
    "holds", [1, "yes", None, np.array([True, True]), torch.tensor(True), [True]]
)
def test_only_a_single_truth_value_is_a_claim(holds):
    with pytest.raises(
        TypeError, match=f"^holds must be True or False, got {type(holds).__name__}"
    ):
        claim("some of it holds", holds)
