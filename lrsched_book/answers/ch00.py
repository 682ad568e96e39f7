"""Answers to the exercises of chapter 00, written by notebooks/build.py."""

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import constant, cosine, linear, wsd


read = Exercise(
    "00.1",
    right=[0.2 * cosine(101)(50), 0.2 / 2],
    wrong=[
        (cosine(101)(50), "That is the factor. What rate is it, at a peak of 0.2?"),
        (0.2, "That is the peak, which update 0 uses."),
        (0.0, "That is the last update, number 100."),
    ],
    hint="A schedule is a function: `lb.cosine(101)(50)` is the factor of update 50.",
)


join = Exercise(
    "00.2",
    right=[constant().then(linear(20), at=80), wsd(0, 80, linear(20))],
    wrong=[
        (linear(100), "This line falls from the very beginning."),
        (constant(), "The rate never falls."),
        (constant().then(linear(100), at=80), "The line has 20 updates to reach zero, not 100."),
        (
            constant().then(linear(20), at=20),
            "The parts are swapped: 80 updates at the peak come first.",
        ),
        (constant().then(linear(20), at=81), "One update late: the line begins with update 80."),
        (
            constant().then(cosine(20), at=80),
            "The ends are right, and yours is a cosine between them.",
        ),
    ],
    hint="`first.then(second, at=n)` hands over at update n; second starts from its own step 0.",
    steps=100,
)
