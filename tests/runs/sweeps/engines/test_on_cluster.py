"""Chunks on a Dask cluster of several processes: the same rows as here, also when one of them is killed."""

import os
import signal

import numpy as np
import pytest

from letf_instruments import SpecError
from runs.sweeps.engines import on_cluster
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.local import run_chunks
from runs.sweeps.results.store import CELLS
from runs.sweeps.space.cells import METRICS
from tests.runs.command import letf
from tests.runs.sweeps.specs import job, spec_file

distributed = pytest.importorskip("distributed")

SWEEP = """
plan.stop = {from = 0.02, to = 0.2, step = 0.02}
plan.max_bars = [2, 4, 6, 8]
"""


def table(found) -> np.ndarray:
    """All chunks by number, a row a cell."""
    return np.concatenate(
        [np.column_stack([rows[name] for name in METRICS]) for _, rows in sorted(found, key=lambda c: c[0])]
    )


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
    ) as made:
        yield made


def test_a_worker_that_is_killed_midway_costs_its_chunk_and_no_row(cluster, tmp_path):
    asked = job(tmp_path, SWEEP)
    alone = table(run_chunks(asked, range(asked.chunks), 1))
    with distributed.Client(cluster, set_as_default=False) as client:
        before = client.run(os.getpid)
    assert len(set(before.values())) == 2
    found, victim = [], next(iter(before.values()))
    for chunk in on_cluster.run_chunks(asked, range(asked.chunks), cluster.scheduler_address):
        found.append(chunk)
        if len(found) == 1:
            os.kill(victim, signal.SIGKILL)
    assert sorted(number for number, _ in found) == list(range(asked.chunks))
    np.testing.assert_array_equal(table(found), alone)
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=20)
        assert victim not in client.run(os.getpid).values()


def test_the_kernel_gives_the_same_rows_on_a_cluster(cluster, tmp_path):
    asked = job(tmp_path, SWEEP, engine="kernel")
    alone = table(run_chunks(asked, range(asked.chunks), 2))
    np.testing.assert_array_equal(
        table(on_cluster.run_chunks(asked, range(asked.chunks), cluster.scheduler_address)), alone
    )


def test_the_command_sends_chunks_to_the_cluster(cluster, tmp_path):
    file = spec_file(tmp_path, SWEEP)
    for folder, extra in (("here", ()), ("there", ("--scheduler", cluster.scheduler_address))):
        done = letf("sweep", str(file), "--out", str(tmp_path / folder), *extra)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / CELLS).read_bytes() == (tmp_path / "there" / CELLS).read_bytes()
    wrong = letf("sweep", str(file), "--out", str(tmp_path / "no"), "--scheduler", "tcp://127.0.0.1:9")
    assert wrong.returncode == 2
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9'" in wrong.stderr
    assert len(wrong.stderr.strip().splitlines()) == 1


def test_workers_need_no_data_of_their_own(cluster, tmp_path):
    asked = job(tmp_path, SWEEP, engine="kernel")
    chunks = on_cluster.run_chunks(asked, range(asked.chunks), cluster.scheduler_address)
    alone = table(run_chunks(asked, range(asked.chunks), 1))
    parcel = asked.parcel()
    (tmp_path / "prices.csv").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(asked), "parcel", lambda job: parcel)
        np.testing.assert_array_equal(table(chunks), alone)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        ("nonsense", "no Dask scheduler answers at 'nonsense': it is not of the form tcp://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "no Dask scheduler answers at 'tcp://127.0.0.1:99999'"),
        ("carrier-pigeon://roof:1", "no Dask scheduler answers at 'carrier-pigeon://roof:1'"),
    ],
)
def test_an_address_where_nobody_answers_is_one_sentence(tmp_path, monkeypatch, address, says):
    monkeypatch.setattr(on_cluster, "PATIENCE", 2.0)
    asked: Job = job(tmp_path, SWEEP)
    with pytest.raises(SpecError, match=says) as error:
        next(on_cluster.run_chunks(asked, range(asked.chunks), address))
    assert "\n" not in str(error.value)


def test_a_scheduler_without_workers_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(on_cluster, "PATIENCE", 1.0)
    asked = job(tmp_path, SWEEP)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as empty,
        pytest.raises(SpecError, match="has no workers; start one with: dask worker tcp://"),
    ):
        next(on_cluster.run_chunks(asked, range(asked.chunks), empty.scheduler_address))


def test_a_worker_of_another_version_is_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(on_cluster, "version", lambda name: "9.9")
    asked = job(tmp_path, SWEEP)
    with pytest.raises(SpecError, match=r"has letf-lab .*, here it is 9\.9"):
        next(on_cluster.run_chunks(asked, range(asked.chunks), cluster.scheduler_address))
