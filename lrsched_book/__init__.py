"""The helper package of the book on learning-rate schedules.

Schedules are pure functions (`schedules`), become torch schedulers (`scheduler`), and drive the
one training loop of the book (`training`). `diagnose` says what is wrong with a plan before it is
trained. What the chapters state is checked by `claim`.
"""

from lrsched_book import landscapes, plotting, theory
from lrsched_book.checkpoint import CheckpointError
from lrsched_book.claims import ClaimError, Gain, Verdict, claim
from lrsched_book.comparison import Comparison, compare
from lrsched_book.data import (
    CHARACTERS,
    CLASSES,
    Data,
    Examples,
    as_input,
    load_fashion_mnist,
    load_text,
)
from lrsched_book.diagnosis import diagnose
from lrsched_book.exercises import check
from lrsched_book.history import History
from lrsched_book.models import gpt, lenet, mlp
from lrsched_book.rate_finder import RangeTest, range_test
from lrsched_book.recipes import Recipe, recipes
from lrsched_book.scheduler import ScheduleLR, WarmupPlateau, attach, rates, stand_in, trace
from lrsched_book.schedules import (
    Schedule,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    linear_warmup,
    multistep,
    one_cycle,
    one_minus_sqrt,
    polynomial,
    rex,
    step,
    triangular,
    wsd,
)
from lrsched_book.setups import Setup
from lrsched_book.sweeps import SweepError, base_seed, report, seeds, summarize, sweep
from lrsched_book.training import Diverged, evaluate, fit
