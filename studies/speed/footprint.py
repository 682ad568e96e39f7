"""What the package costs beside its speed: the time to import it, and the memory of a full run.

Each measurement is made by a fresh interpreter.
"""

import json
import subprocess
import sys

# Modules that are slow to import and that most readers' runs do not need.
LATE = ("d2l", "joblib", "matplotlib", "pandas", "scipy", "torchvision")

IMPORT = f"""
import json, sys, time
start = time.perf_counter()
import torch
between = time.perf_counter()
import lrsched_book
end = time.perf_counter()
loaded = [name for name in {LATE} if name in sys.modules]
print(json.dumps({{"torch": between - start, "lrsched_book": end - between, "loaded": loaded}}))
"""

# 60,000 images to learn from, as everywhere else, and the test images to measure on.
FULL_RUN = """
import dataclasses, json, sys, time
import torch
import lrsched_book as lb

def peak_in_bytes():
    if sys.platform == "win32":
        return None
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

imports = peak_in_bytes()
try:
    data = lb.load_fashion_mnist("full", validation=0)
except (ConnectionError, FileNotFoundError) as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()
data = dataclasses.replace(data, validation=data.test)
model = lb.lenet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
start = time.perf_counter()
lb.fit(model, data, optimizer, lb.cosine(235), epochs=1, batch_size=256, device="cpu",
       progress=False)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "peak bytes": peak_in_bytes(),
                  "bytes after imports": imports}))
"""


class MissingData(Exception):
    """The full data set is not here and cannot be fetched: a fact about the machine, no failure."""


def import_times(rounds: int) -> list[dict]:
    """Return, for each round, the seconds that both imports took and which `LATE` modules came."""
    _run(IMPORT)  # compiles what is not compiled yet
    return [_run(IMPORT) for _ in range(rounds)]


def full_runs(rounds: int) -> list[dict]:
    """Return time and peak memory of one epoch on all of Fashion-MNIST, with its evaluation.

    Raises:
        MissingData: without the full data set.
        RuntimeError: if a run fails.
    """
    runs = []
    for _ in range(rounds):
        runs.append(_run(FULL_RUN))
        if "missing" in runs[-1]:
            raise MissingData(runs[-1]["missing"])
    return runs


def _run(code: str) -> dict:
    """Run Python code in a fresh interpreter and return what it printed as JSON.

    Raises:
        RuntimeError: with all of its error output, if it fails.
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"exit status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])
