"""The example of the README runs, and does what its comments say."""

import re
from pathlib import Path

import numpy as np

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_example_runs_and_its_schedule_ends_where_the_comment_says():
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(example, names)
    schedule, scheduler, trace = names["s"], names["scheduler"], names["trace"]
    assert schedule(999) == schedule.values(2000).min() == 0.01
    assert np.allclose(trace(scheduler, 1000), 0.3 * schedule.values(1000), rtol=1e-12)
