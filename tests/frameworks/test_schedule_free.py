"""Chapter 17's schedule-free lines, as they stand in its source, beside the authors' package."""

import re
from pathlib import Path

import pytest
import schedulefree
import torch
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "src" / "17_averaging.md"
UPDATES = 200


def the_chapters_lines():
    """The function `schedule_free`, from the one cell of the chapter that defines it."""
    cells = re.findall(r"```\{code-cell\} ipython3\n(.*?)```", CHAPTER.read_text("utf-8"), re.S)
    (cell,) = (cell for cell in cells if "def schedule_free(" in cell)
    names = {"torch": torch, "AveragedModel": AveragedModel}
    exec(cell, names)
    return names["schedule_free"]


def a_problem():
    """A network, and noisy batches for it: in double precision, so that the last digits count."""
    torch.manual_seed(0)
    layers = torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3)
    model = torch.nn.Sequential(*layers).double()
    return model, torch.randn(UPDATES, 32, 8).double(), torch.randint(3, (UPDATES, 32))


def trained(model, optimizer, x, y):
    """Train, and return the rate and the weights in which each gradient was taken."""
    used = []
    for inputs, labels in zip(x, y, strict=True):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), labels).backward()
        used.append([weight.detach().clone() for weight in model.parameters()])
        optimizer.step()
    return used


BASES = {
    "SGD": (
        lambda p: torch.optim.SGD(p, lr=2.0),
        lambda p, beta: schedulefree.SGDScheduleFree(p, lr=2.0, momentum=beta),
    ),
    "AdamW": (
        lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.0, 0.999), weight_decay=0.0),
        lambda p, beta: schedulefree.AdamWScheduleFree(p, lr=0.02, betas=(beta, 0.999)),
    ),
}


@pytest.mark.parametrize("beta", [0.9, 0.5])
@pytest.mark.parametrize("name", BASES)
def test_the_chapters_lines_are_the_authors_optimizer_to_the_last_digits(name, beta):
    base, theirs = BASES[name]
    model, x, y = a_problem()
    optimizer = base(model.parameters())
    average = the_chapters_lines()(model, optimizer, beta)
    used = trained(model, optimizer, x, y)

    their_model, x, y = a_problem()
    their_optimizer = theirs(their_model.parameters(), beta)
    their_optimizer.train()
    their_used = trained(their_model, their_optimizer, x, y)
    their_optimizer.eval()  # from y to x

    close = {"rtol": 0, "atol": 1e-11}
    for weights, their_weights in zip(used, their_used, strict=True):
        for one, other in zip(weights, their_weights, strict=True):
            torch.testing.assert_close(one, other, **close)
    for one, other in zip(average.parameters(), their_model.parameters(), strict=True):
        torch.testing.assert_close(one, other, **close)
    moved = max((a - b).abs().max() for a, b in zip(used[0], used[-1], strict=True))
    assert moved > 0.1, "or it says nothing"
    (ours,), (group,) = optimizer.param_groups, their_optimizer.param_groups
    assert ours["lr"] == group["scheduled_lr"]
    assert group["k"] == average.n_averaged == UPDATES


def test_what_is_saved_in_training_is_y_and_only_eval_makes_it_x():
    """What chapter 17 says of facebookresearch/schedule_free#15."""
    model, x, y = a_problem()
    optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=0.02)
    optimizer.train()
    trained(model, optimizer, x, y)
    saved = {name: weight.clone() for name, weight in model.state_dict().items()}
    optimizer.eval()
    assert any((weight != saved[name]).any() for name, weight in model.state_dict().items())
