"""Answers to the exercises of chapter 01, written by notebooks/build.py."""

from lrsched_book.exercises import Exercise


a_tenth = Exercise(
    "01.1",
    right=[(1 - 0.1) / 8, 0.9 / 8],
    wrong=[
        (1.1 / 8, "As fast, but the factor is -0.1: this walker changes sides at each step."),
        (0.9 / 4, "The gradient of 4x² is 8x: what counts is the curvature, not the 4."),
        (1 / 8, "That lands at once and leaves nothing."),
        (0.1 / 8, "That takes a tenth of the distance away; it should leave a tenth."),
        (
            (1 - 0.1**0.5) / 8,
            "That leaves a tenth of the distance after two steps, or of the loss.",
        ),
    ],
    hint="A step multiplies the distance by 1 - 8η. Which factor do you want?",
)


three_curvatures = Exercise(
    "01.2",
    right=[[2 / 12, 2 / (0.5 + 12)]],
    wrong=[
        (
            [2 / 12, 1 / 12],
            "The limit is right. At 1/12 the steepest lands at once; who is slowest?",
        ),
        ([2 / 12, 1 / 0.5], "The limit is right, and your second rate lies far beyond it."),
        ([2 / 12, 1 / 3], "The limit is right, and your second rate lies beyond it."),
        ([2 / 12, 2 / 12], "The limit is right. At the limit itself, one direction never shrinks."),
        ([2 / 0.5, 2 / 12.5], "The best is right. Which direction runs away first?"),
        ([1 / 12, 2 / 12.5], "The best is right, and it is above what you call the limit."),
        ([2 / 12.5, 2 / 12], "Right numbers in the wrong order."),
    ],
    hint="Draw |1 - ηλ| over η for the three curvatures. The largest of the three lines counts.",
)


def exact(floor, curvature, sigma):
    return 4 * floor / (sigma**2 + 2 * floor * curvature)


def for_small_rates(floor, curvature, sigma):
    return 4 * floor / sigma**2


def without_curvature(floor, curvature, sigma):
    return 4 * floor / (sigma**2 + 2 * floor)


def sigma_not_squared(floor, curvature, sigma):
    return 4 * floor / (sigma + 2 * floor * curvature)


def of_the_variance(floor, curvature, sigma):
    return 2 * floor * curvature / (sigma**2 + floor * curvature**2)


def sign_lost(floor, curvature, sigma):
    return 4 * floor / (sigma**2 - 2 * floor * curvature)


rate_for_floor = Exercise(
    "01.3",
    right=[exact],
    wrong=[
        (for_small_rates, "That is the approximation for small rates; solve the exact formula."),
        (without_curvature, "Right for a curvature of 1. Where does λ enter the formula?"),
        (sigma_not_squared, "The floor holds the variance of the noise, σ², not σ."),
        (
            of_the_variance,
            "That is the rate for a variance of x; the floor is a mean loss, λ/2 times it.",
        ),
        (
            sign_lost,
            "A sign went wrong: however high the floor, the rate must stay below 2/λ.",
        ),
    ],
    hint="Multiply floor = η σ² / (2 (2 - η λ)) by its denominator and collect η.",
    calls=[(0.01, 8.0, 1.0), (0.1, 1.0, 0.5), (0.02, 3.0, 2.0)],
)
