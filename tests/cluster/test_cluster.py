"""The same comparison on dask and on ray: every number is that of a run without a cluster."""

import os

import joblib
import pandas as pd
import pytest

import lrsched_book as lb

distributed = pytest.importorskip("distributed", reason="make cluster installs it")


def setup():
    return lb.Setup(
        epochs=2,
        batch_size=100,
        data=lambda: lb.load_fashion_mnist().take(train=500, validation=100, test=100),
    )


def compare():
    plans = {"constant": lb.constant(), "to zero": lb.linear(setup().updates)}
    return lb.compare(plans, setup(), peaks=(0.02, 0.04, 0.08), tuning=2, judging=3)


@pytest.fixture(scope="module")
def alone():
    """The comparison in this very process."""
    with joblib.parallel_config("sequential"):
        return compare()


def assert_same(runs, alone):
    assert runs.chosen == alone.chosen
    pd.testing.assert_frame_equal(
        runs.table.drop(columns="history"), alone.table.drop(columns="history")
    )
    assert list(runs.table["history"]) == list(alone.table["history"])


def fails(seed):
    """Not nested, and sent by value: a cluster's workers cannot import this module."""
    if seed == 3:
        raise ArithmeticError("too steep")
    return {"process": os.getpid(), "seed squared": seed**2}


@pytest.fixture(scope="module")
def dask():
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def test_a_comparison_on_dask_is_that_of_one_process(dask, alone):
    with joblib.parallel_config("dask"):
        assert_same(compare(), alone)


def test_a_sweep_on_dask_runs_in_its_workers_and_names_what_fails(dask):
    workers = set(dask.run(os.getpid).values())
    with joblib.parallel_config("dask"):
        table = lb.sweep(fails, {"only": {}}, seeds=[1, 2, 4])
        assert table["seed squared"].tolist() == [1, 4, 16]
        assert set(table["process"]) <= workers
        with pytest.raises(lb.SweepError, match="setting 'only', seed 3 failed: ArithmeticError"):
            lb.sweep(fails, {"only": {}}, seeds=[1, 2, 3])


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray", reason="no wheel for this Python")
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    register_ray()
    yield ray
    ray.shutdown()


def test_a_comparison_on_ray_is_that_of_one_process(ray, alone):
    with joblib.parallel_config("ray"):
        assert_same(compare(), alone)


def test_a_sweep_on_ray_keeps_the_finished_runs_when_one_fails(ray):
    with joblib.parallel_config("ray"), pytest.raises(lb.SweepError) as caught:
        lb.sweep(fails, {"only": {}}, seeds=[1, 2, 3])
    assert "setting 'only', seed 3 failed: ArithmeticError" in str(caught.value)
    assert caught.value.table["seed"].tolist() == [1, 2]
    assert os.getpid() not in set(caught.value.table["process"])
