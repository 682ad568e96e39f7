"""Settings of the unit tests."""

import sys
from pathlib import Path

import matplotlib
import torch
from hypothesis import settings

# --import-mode=importlib leaves sys.path alone, and the test modules share `helpers`.
sys.path.insert(0, str(Path(__file__).parent))

torch.set_num_threads(1)  # what is trained here is so small that threads only wait for each other
matplotlib.use("agg")  # figures are made, never shown

# No deadline, since a busy machine is no bug; no database, so that the tests leave no files behind.
settings.register_profile("book", deadline=None, database=None, max_examples=60)
settings.load_profile("book")
