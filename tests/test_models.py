"""The networks start where they should, and the transformer sees no character that is to come."""

import math

import pytest
import torch
from helpers import identical, random_states
from torch.nn import functional as F

from lrsched_book import fit, gpt, lenet, load_text, mlp

NETWORKS = {"lenet": lenet, "mlp": mlp, "gpt": gpt}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_seed_gives_the_same_weights_and_leaves_the_generators_alone(name):
    build = NETWORKS[name]
    before = random_states()
    first, again, other = (build(seed).state_dict() for seed in (3, 3, 4))
    assert identical(random_states(), before)
    assert identical(first, again)
    assert not identical(first, other)
    assert identical(build().state_dict(), build(0).state_dict())


def text(n=2, length=32):
    return torch.randint(64, (n, length), generator=torch.Generator().manual_seed(1))


def test_a_later_character_changes_no_earlier_logits_and_all_later_ones():
    model, x = gpt(context=12), text(length=12)
    changed = x.clone()
    changed[:, 5] = (changed[:, 5] + 1) % 64
    with torch.no_grad():
        before, after = model(x), model(changed)
    torch.testing.assert_close(before[:, :5], after[:, :5], rtol=0, atol=1e-7)
    assert ((before[:, 5:] - after[:, 5:]).abs().amax(dim=2) > 1e-5).all()


def test_the_order_of_what_came_before_matters():
    model, x = gpt(layers=1), text(n=1)
    swapped = x.clone()
    swapped[0, [3, 9]] = x[0, [9, 3]]
    assert x[0, 3] != x[0, 9]
    with torch.no_grad():
        assert (model(x)[0, -1] - model(swapped)[0, -1]).abs().max() > 1e-6


def test_a_shorter_text_is_taken_and_a_longer_one_is_not():
    model, x = gpt(context=16), text(length=16)
    with torch.no_grad():
        torch.testing.assert_close(model(x[:, :7]), model(x)[:, :7], rtol=0, atol=1e-6)
    with pytest.raises(RuntimeError):
        model(text(length=17))


def test_it_is_a_stack_of_blocks_that_normalize_what_goes_in():
    """The same function, written down once more from its formulas."""
    model, x = gpt(seed=2, width=12, layers=2, heads=3), text()
    with torch.no_grad():
        for parameter in model.parameters():  # or norms and biases would not show
            parameter += 0.3 * torch.randn(parameter.shape)
        h = model.character(x) + model.place(torch.arange(32))
        hidden = torch.ones(32, 32).triu(1).bool()
        for block in model.blocks:
            normed = F.layer_norm(h, (12,), block.norm_attention.weight, block.norm_attention.bias)
            query, key, value = block.query_key_value(normed).split(12, dim=2)
            seen = []
            for head in range(3):
                own = slice(4 * head, 4 * head + 4)
                scores = query[..., own] @ key[..., own].transpose(1, 2) / math.sqrt(4)
                weights = scores.masked_fill(hidden, -math.inf).softmax(dim=2)
                seen.append(weights @ value[..., own])
            h = h + block.merge(torch.cat(seen, dim=2))
            inner, _, outer = block.mlp
            normed = F.layer_norm(h, (12,), block.norm_mlp.weight, block.norm_mlp.bias)
            h = h + outer(F.gelu(inner(normed)))
        expected = model.logits(F.layer_norm(h, (12,), model.norm.weight, model.norm.bias))
        torch.testing.assert_close(model(x), expected, rtol=1e-4, atol=1e-4)


def test_the_initial_weights_are_small_and_the_first_guess_is_nearly_uniform():
    model = gpt(width=64)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any()
        elif "norm" in name:
            assert (parameter == 1).all()
        else:
            assert parameter.std().item() == pytest.approx(0.02, rel=0.1), name
    x, y = load_text().validation
    with torch.no_grad():
        loss = F.cross_entropy(model(x[:50]).flatten(0, 1), y[:50].flatten()).item()
    assert loss == pytest.approx(math.log(64), abs=0.05)
    assert sum(parameter.numel() for parameter in gpt().parameters()) == 30_592


def test_a_few_hundred_updates_learn_more_than_how_frequent_each_character_is():
    data = load_text().take(train=2400, validation=200)
    counts = load_text().train.y.flatten().bincount(minlength=64) + 1
    labels = data.validation.y.flatten()
    by_frequency = -(counts / counts.sum()).log()[labels].mean().item()
    model = gpt()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, betas=(0.9, 0.95), weight_decay=0.1)
    history = fit(model, data, optimizer, epochs=1, batch_size=8, clip_norm=1.0)
    assert history.updates == 300
    assert 3.0 < by_frequency < 3.3
    assert history.validation_loss[0] < by_frequency - 0.4
    assert history.validation_accuracy[0] > 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 30}, "^width must be a multiple of heads=4, got 30$"),
        ({"width": 0}, "^width must be a whole number of at least 1, got 0$"),
        ({"heads": 0}, "^heads must be a whole number of at least 1, got 0$"),
        ({"layers": 0}, "^layers must be .* at least 1, got 0$"),
        ({"context": 0}, "^context must be .* at least 1, got 0$"),
        ({"vocabulary": 0.5}, "^vocabulary must be .* at least 1, got 0.5$"),
    ],
)
def test_a_transformer_of_no_size_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        gpt(**arguments)
