"""Losses of one and two parameters have the values and the paths that theory gives them."""

import numpy as np
import pytest
import torch
from helpers import random_states

from lrsched_book import exponential
from lrsched_book.landscapes import descend, quadratic


def sgd(lr, **arguments):
    return lambda parameters: torch.optim.SGD(parameters, lr=lr, **arguments)


def test_a_quadratic_has_its_curvatures_as_hessian():
    bowl = quadratic(1.0, 10.0)
    torch.testing.assert_close(
        torch.autograd.functional.hessian(bowl, torch.tensor([3.0, -2.0])),
        torch.diag(torch.tensor([1.0, 10.0])),
    )
    assert bowl(torch.zeros(2)).item() == 0
    assert bowl(torch.ones(5, 4, 2)).shape == (5, 4)


@pytest.mark.parametrize("lr", [0.01, 0.05, 0.125, 0.2, 0.25, 0.3])
def test_gradient_descent_on_a_parabola_shrinks_by_one_minus_rate_times_curvature(lr):
    path = descend(quadratic(8), [2.0], sgd(lr), steps=10)
    assert path.shape == (11, 1)
    np.testing.assert_allclose(path[:, 0], 2 * (1 - lr * 8) ** np.arange(11), rtol=1e-4, atol=1e-6)


def test_a_schedule_shapes_every_step_of_the_path():
    path = descend(quadratic(1), [1.0], sgd(0.5), steps=3, schedule=exponential(0.5))
    np.testing.assert_allclose(path[:, 0], np.cumprod([1, 1 - 0.5, 1 - 0.25, 1 - 0.125]))


def test_momentum_is_the_heavy_ball():
    path = descend(quadratic(1, 4), [1.0, 1.0], sgd(0.1, momentum=0.9), steps=20)
    point, velocity = np.ones(2), np.zeros(2)
    for row in path[1:]:
        velocity = 0.9 * velocity + np.array([1, 4]) * point
        point = point - 0.1 * velocity
        np.testing.assert_allclose(row, point, rtol=1e-4, atol=1e-5)


def test_a_path_draws_no_random_number():
    before = random_states()["torch"]
    descend(quadratic(1, 4), [1.0, 1.0], sgd(0.1), steps=3)
    assert torch.equal(random_states()["torch"], before)


@pytest.mark.parametrize("curvatures", [(), (0.0,), (1.0, -2.0), (float("nan"),), ("steep",)])
def test_curvatures_must_be_positive(curvatures):
    with pytest.raises(ValueError, match=r"^curvatures must .*, got "):
        quadratic(*curvatures)


@pytest.mark.parametrize("steps", [0, -1, 1.5])
def test_a_path_has_at_least_one_step(steps):
    with pytest.raises(ValueError, match=f"^steps must be a whole number .* got {steps}$"):
        descend(quadratic(1), [1.0], sgd(0.1), steps=steps)
