"""Train what is missing and write `results/`: `make reproduce`."""

import os

from lrsched_book.sweeps import exit_with_parent
from studies.sources.runs import reproduce
from studies.sources.tables import RESULTS

if "MAKELEVEL" in os.environ:  # a make that is killed cannot pass it on
    exit_with_parent()
# Finished runs wait in a folder of work, so that an interrupted reproduction goes on with the rest.
reproduce(RESULTS.parent / "_build" / "reproduction", RESULTS)
