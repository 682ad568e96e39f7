"""Train what is missing and write `results/`: `make reproduce`."""

import os

from lrsched_book.sweeps import exit_with_parent
from studies.sources.runs import reproduce, tune
from studies.sources.tables import RESULTS

if "MAKELEVEL" in os.environ:  # a make that is killed cannot pass it on
    exit_with_parent()
# Finished runs wait in folders of work, so that an interrupted reproduction goes on with the rest.
reproduce(RESULTS.parent / "_build" / "reproduction", RESULTS)
tune(RESULTS.parent / "_build" / "choices", RESULTS)
