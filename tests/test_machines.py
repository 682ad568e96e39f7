"""Machines that are not there, or die: a clear error in bounded time, and nothing hangs."""

import socket
import subprocess
import sys
import time

import joblib
import pytest
from helpers import alive

import lrsched_book as lb

DYING = """
import os, sys, time
import torch
from torch import distributed, nn

distributed.init_process_group("gloo")
rank = distributed.get_rank()
open(f"{sys.argv[1]}/{rank}.pid", "w").write(str(os.getpid()))
distributed.barrier()
if rank == 1:
    os._exit(3)  # as if killed: without a word to the other one
model = nn.parallel.DistributedDataParallel(nn.Linear(2, 1))
for _ in range(1_000_000):
    model(torch.ones(4, 2)).sum().backward()
    time.sleep(0.01)
"""


def closed_port():
    """A port of this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's store needs libuv there")
def test_when_one_of_two_processes_dies_the_other_ends_and_the_command_fails(tmp_path):
    script = tmp_path / "dying.py"
    script.write_text(DYING)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--local-addr=127.0.0.1", "--nproc-per-node=2", str(script), str(tmp_path)]
    # subprocess kills torchrun and raises if it hangs.
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert ended.returncode != 0
    assert "exitcode" in ended.stderr
    pids = [int((tmp_path / f"{rank}.pid").read_text()) for rank in (0, 1)]
    assert not any(map(alive, pids))


class TestDask:
    distributed = pytest.importorskip("distributed", reason="the extra `read` installs it")

    def test_a_scheduler_that_is_not_there_is_an_error_in_time(self):
        started = time.monotonic()
        with pytest.raises(OSError, match=r"Timed out trying to connect to tcp://127\.0\.0\.1"):
            self.distributed.Client(f"127.0.0.1:{closed_port()}", timeout=2)
        assert time.monotonic() - started < 60  # of which most is for crowded machines

    @pytest.mark.parametrize("closed", [False, True])
    def test_without_a_client_or_with_a_closed_one_joblib_says_what_is_missing(self, closed):
        if closed:
            workers = {"n_workers": 1, "threads_per_worker": 1, "processes": False}
            options = {"dashboard_address": None, "silence_logs": 50}
            with self.distributed.LocalCluster(**workers, **options) as cluster:
                self.distributed.Client(cluster).close()
        with (
            pytest.raises(ValueError, match="first create a Dask Client"),
            joblib.parallel_config("dask"),
        ):
            lb.sweep(lambda seed: {"square": seed**2}, {"only": {}}, seeds=[1, 2])
