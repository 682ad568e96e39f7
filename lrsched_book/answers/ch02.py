"""Answers to the exercises of chapter 02, written by notebooks/build.py."""

from lrsched_book.exercises import Exercise


fastest_door = Exercise(
    "02.1",
    right=[(1 - (0.02 * 8) ** 0.5) ** 2],
    wrong=[
        (1 - (0.02 * 8) ** 0.5, "That is ρ, the factor a step at the best momentum."),
        ((1 - (0.02 * 4) ** 0.5) ** 2, "The curvature of 4x² is its second derivative, 8."),
        ((1 - 0.02 * 8) ** 2, "A root is missing: the border is at 1 + β - ηλ = 2√β."),
        (1 - 0.02 * 8, "That is the factor of plain descent."),
    ],
    hint="What is the curvature λ of 4x²? Then look where the root in the formula of z is zero.",
)


one_thing = Exercise(
    "02.2",
    right=[0.05 / (1 - 0.9) * (1 - 0.98), 0.05 / 5],
    wrong=[
        (0.05, "The same rate: then the effective rate is five times as large."),
        (0.05 * 5, "The wrong way round: the longer memory already adds up more gradients."),
        (0.05 * 0.9 / 0.98, "Not β itself counts but 1 - β."),
        (0.05 / (1 - 0.9), "That is the effective rate. Which lr gives it at momentum 0.98?"),
    ],
    hint="The effective rate is lr / (1 - momentum). Keep it as it is.",
)


def exact(lr, momentum, curvature, sigma):
    inside = 2 * (1 + momentum) - lr * curvature
    return lr * (1 + momentum) * sigma**2 / (2 * (1 - momentum) * inside)


def plain_at_this_rate(lr, momentum, curvature, sigma):
    return lr * sigma**2 / (2 * (2 - lr * curvature))


def plain_at_the_effective_rate(lr, momentum, curvature, sigma):
    return plain_at_this_rate(lr / (1 - momentum), 0.0, curvature, sigma)


def as_if_noise_were_averaged(lr, momentum, curvature, sigma):
    left = sigma * ((1 - momentum) / (1 + momentum)) ** 0.5
    return plain_at_the_effective_rate(lr, momentum, curvature, left)


def for_small_rates(lr, momentum, curvature, sigma):
    return lr / (1 - momentum) * sigma**2 / 4


def sigma_not_squared(lr, momentum, curvature, sigma):
    return exact(lr, momentum, curvature, sigma**0.5)


the_floor = Exercise(
    "02.3",
    right=[exact],
    wrong=[
        (plain_at_this_rate, "That is the floor without momentum, at the same lr."),
        (plain_at_the_effective_rate, "That is the floor of plain SGD at the effective rate."),
        (as_if_noise_were_averaged, "As if each step had noise of its own: ten in a row share it."),
        (for_small_rates, "That is the limit for small rates; the exact formula knows λ."),
        (sigma_not_squared, "The floor holds the variance of the noise, σ², not σ."),
    ],
    hint="The formula stands under “The noise floor under momentum”.",
    calls=[(0.1, 0.9, 1.0, 1.0), (0.02, 0.5, 8.0, 2.0), (0.3, 0.0, 4.0, 0.5)],
)
