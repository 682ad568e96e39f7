"""The thresholds that several modules of rules share: each number stands once, with its reason."""

# A horizon may be a hundredth longer than the run: whether it counts updates or the gaps between
# them, and whether the last batch is dropped, is a matter of convention and changes no result.
TOO_LONG = 1.01
# A decay that fills less than a twentieth of the run was counted in another unit: an epoch of
# less than twenty updates is rare, and so is a decay that is over that soon on purpose.
TOO_SHORT = 0.05
# Two rates differ if they do so by more than rounding: torch's recursions err by less in a step.
ROUNDING = 1e-9
# A warmup and a decay that overlap by little still reach nine tenths of the peak.
REACHED = 0.9
# A curve has come down if it is below a twentieth of its top.
DOWN = 0.05
# A restart jumps; what climbs by less than a tenth of the top in one update goes smoothly.
JUMP = 0.1
# A warmup of fewer steps counts neither as one nor as late.
SHORTEST_WARMUP = 3
# A plan that is a twentieth of the peak away from its parts, or from its formula, is another one:
# less comes from a floor, which torch adds after multiplying.
BENT = 0.05
# Of a long run so many updates are compared with a formula.
SAMPLE = 500
# A milestone where the run ends is a way to write down its length, if two drops or more have been
# before it.
ENOUGH_DROPS = 2
# Two numbers are the same number if a hundredth part is all they differ by.
SAME = 0.01
# In fewer steps nothing can be said about how fast a rate changes.
SHORTEST_CHANGE = 5
# Published decays per epoch change the rate by 1.2% and more in a run; what changes less in a
# whole run cannot be seen in a loss.
TOO_LITTLE = 0.01
# Half of the top: above it a curve is up.
HALF = 0.5
# What goes from slow to half as fast again, or more, gathers speed.
GATHERS = 1.5
