"""Comparisons that the choice of a schedule rests on, and those that shaped the book's protocol.

`python -m studies.choosing` compares the main schedules at equal tries, on two networks and three
budgets, and writes `results/choosing.csv`; the chapter on choosing reads it. `settings` says what
is compared. `cheapest` and `pilot` measure what comparisons cost and show.
"""
