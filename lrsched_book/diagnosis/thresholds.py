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
