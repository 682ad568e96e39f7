"""What the package costs beside its speed: the time to import it, and the memory of a full run.

Each measurement is made by a fresh interpreter.
"""

import json
import subprocess
import sys

# Modules that are slow to import and that most readers' runs do not need.
LATE = ("d2l", "matplotlib.pyplot", "pandas", "torchvision")

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

FULL_RUN = """
import json, sys, time
import torch
from lrsched_book import cosine, fit, lenet, load_fashion_mnist

def peak_in_bytes():
    if sys.platform == "win32":
        return None
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

imports = peak_in_bytes()
data = load_fashion_mnist("full")
model = lenet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
start = time.perf_counter()
fit(model, data, optimizer, cosine(235), epochs=1, batch_size=256, device="cpu", progress=False)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "peak bytes": peak_in_bytes(),
                  "bytes after imports": imports}))
"""


def import_times(rounds: int) -> list[dict]:
    """Return, for each round, the seconds that both imports took and which `LATE` modules came."""
    _run(IMPORT)  # compiles what is not compiled yet
    return [_run(IMPORT) for _ in range(rounds)]


def full_runs(rounds: int) -> list[dict]:
    """Return time and peak memory of one epoch on all of Fashion-MNIST, with its evaluation."""
    return [_run(FULL_RUN) for _ in range(rounds)]


def _run(code: str) -> dict:
    """Run Python code in a fresh interpreter and return what it printed as JSON.

    Raises:
        RuntimeError: with the last line of its error output, if it fails.
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    return json.loads(done.stdout)
