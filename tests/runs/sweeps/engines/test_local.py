"""Chunks over processes: the same rows however many workers; a worker that dies costs nothing but time."""

import threading
import time

import numpy as np
import pytest

from letf_instruments import LetfError
from runs.sweeps.engines import local
from runs.sweeps.engines.local import run_chunks
from runs.sweeps.space.cells import METRICS
from tests.runs.sweeps.specs import job

# Buys on the first bar and sells `days` later. With a file named `die` beside it, its process ends there.
OWN = """
import os
from pathlib import Path

import backtrader as bt


class Wait(bt.Strategy):
    params = (("days", 5), ("size", 10))

    def next(self):
        mark = Path(__file__).parent / "die"
        if self.p.days == 9 and mark.exists():
            if mark.read_text() == "once":
                mark.unlink()
            os._exit(7)
        if len(self) == 1:
            self.buy(data=self.data1, size=self.p.size)
        if len(self) == 1 + self.p.days:
            self.close(data=self.data1)
"""
TEXT = """
strategy = "own.py:Wait"
[data]
index = "prices.csv"
rate = 0
[sweep]
"""
DAYS = "rule.days = {from = 1, to = 20, step = 1}"


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    return job(tmp_path, DAYS, text=TEXT)


def table(found) -> np.ndarray:
    """All chunks by number, a row a cell."""
    return np.concatenate(
        [np.column_stack([rows[name] for name in METRICS]) for _, rows in sorted(found, key=lambda c: c[0])]
    )


def test_a_strategy_of_ones_own_is_swept_over_processes_and_a_dead_worker_replaced(own, tmp_path):
    alone = table(run_chunks(own, range(own.chunks), 1))
    held = METRICS.index("average_bars_held")
    assert alone[:, held].tolist() == list(range(1, 21))
    (tmp_path / "die").write_text("once")
    together = table(run_chunks(own, range(own.chunks), 2))
    assert not (tmp_path / "die").exists()  # a process did end
    assert np.array_equal(alone, together, equal_nan=True)


def test_a_chunk_of_which_workers_always_die_is_one_sentence(own, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "TRIES", 1)
    (tmp_path / "die").write_text("always")
    with pytest.raises(LetfError, match="a worker died 1 times over cells 8 to 15"):
        table(run_chunks(own, [1], 2))


class Counted:
    """An engine in place of the kernel: every metric is the cell's own number."""

    def __init__(self):
        self.threads = set()

    def evaluate(self, cells):
        self.threads.add(threading.get_ident())
        time.sleep(0.01)  # as the kernel, without Python's lock
        numbers = {name: cells.astype(float) for name in METRICS}
        return {**numbers, "refused": [None] * len(cells), "engine": ["kernel"] * len(cells)}


def test_the_kernel_is_asked_by_threads(tmp_path, monkeypatch):
    engine = Counted()
    monkeypatch.setattr(local, "engine_of", lambda job: engine)
    found = job(
        tmp_path,
        "plan.stop = {from = 0.0001, to = 0.9, count = 200}\nplan.max_bars = {from = 1, to = 200, step = 1}",
        "kernel",
    )
    assert found.chunks == 20
    assert table(run_chunks(found, range(20), 3))[:, 0].tolist() == list(range(40_000))
    assert len(engine.threads) > 1
    assert threading.get_ident() not in engine.threads
