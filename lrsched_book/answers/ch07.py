"""Answers to the exercises of chapter 07, written by notebooks/build.py."""

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import constant, inverse_sqrt, inverse_time, linear


EPOCH = 63

the_start_of_the_cooldown = Exercise(
    "07.1",
    right=[inverse_sqrt(EPOCH / 2)(5 * EPOCH), 11**-0.5],
    wrong=[
        (10**-0.5, "Almost. After one timescale the factor is 1/√2, not 1: add 1 before the root."),
        (1 / 11, "That is inverse time. Take the root."),
        (6**-0.5, "The timescale is half an epoch, so five epochs are more than five of it."),
        (3.5**-0.5, "Divide the five epochs by the timescale; do not multiply them."),
        (1.0, "The plan does not wait for the cooldown: it has been falling for five epochs."),
    ],
    hint="The factor is 1 / √(1 + t/τ). How many timescales τ are five epochs?",
    tolerance=1e-3,
)


the_right_clock = Exercise(
    "07.2",
    right=[inverse_sqrt(EPOCH), inverse_sqrt(float(EPOCH))],
    wrong=[
        (inverse_sqrt(1), "That is the recipe stepped once per epoch; yours steps per update."),
        (inverse_sqrt(1 / EPOCH), "The wrong way round: now it falls faster, not more slowly."),
        (inverse_time(EPOCH), "The timescale is right. The recipe has a square root."),
        (inverse_sqrt(EPOCH - 1), "Almost. How many updates is one epoch?"),
    ],
    hint="The timescale is given in the unit in which you step. After how many updates is epoch 2?",
    steps=5 * EPOCH,
)


START, RUN = 4 * EPOCH, 5 * EPOCH


def cool(fall, at=START):
    return inverse_sqrt(EPOCH) * constant().then(fall, at=at)


a_cooldown = Exercise(
    "07.3",
    right=[cool(linear(EPOCH, final=0.01)), cool(linear(gaps=EPOCH - 1, final=0.01))],
    wrong=[
        (inverse_sqrt(EPOCH), "There is no cooldown yet: multiply by a plan that has one."),
        (
            inverse_sqrt(EPOCH).then(linear(EPOCH, final=0.01), at=START),
            "`then` jumps back to the peak before it falls. Multiply instead.",
        ),
        (cool(linear(EPOCH, final=0.01), at=4), "Your cooldown begins after four updates."),
        (cool(linear(EPOCH)), "The last update should use 1%, and yours moves nothing."),
        (
            cool(linear(gaps=EPOCH, final=0.01)),
            "One step late: 63 updates have 62 gaps between them.",
        ),
        (linear(RUN, final=0.01), "That is a line over the whole run, planned from the start."),
    ],
    hint="Two schedules can be multiplied. Which one is 1 for four epochs and then falls?",
    steps=RUN,
)
