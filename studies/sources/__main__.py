"""Train what is missing and write `results/`: `make reproduce`."""

from studies.sources.runs import reproduce
from studies.sources.tables import RESULTS

# Finished runs wait in a folder of work, so that an interrupted reproduction goes on with the rest.
reproduce(RESULTS.parent / "_build" / "reproduction", RESULTS)
