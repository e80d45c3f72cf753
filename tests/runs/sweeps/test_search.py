"""A guided search: it finds what a sweep of all cells finds, in fewer trials, and goes on after a stop."""

import json

import pyarrow.parquet as pq
import pytest

from runs.sweeps.engines.choice import engine_of
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.local import run_chunks
from runs.sweeps.results.columns import schema
from runs.sweeps.results.store import CELLS, open_store
from runs.sweeps.running import manifest_of
from runs.sweeps.search import BATCH, JOURNAL, run_search
from tests.runs.sweeps.specs import job

optuna = pytest.importorskip("optuna")

SWEEP = """
rule.overbought = {from = 50, to = 90, step = 1}
rule.oversold = {from = 10, to = 48, step = 2}
plan.stop = {from = 0.01, to = 0.2, step = 0.01}
plan.max_bars = [2, 4, 8, "none"]
"""


class Stopped(Exception):
    pass


def search(
    asked: Job, folder, trials: int, by: str = "sharpe", resume: bool = False, stop: int | None = None
):
    """Run a search in a folder; `stop` ends it as a kill would, once so many trials are done."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if stop is not None and done >= stop:
            raise Stopped

    with open_store(folder, manifest_of(asked), resume) as store:
        shape = schema(asked.grid, {"name": "test"})
        return run_search(
            asked, store, shape, trials, by, 7, lambda some: run_chunks(some, range(some.chunks), 1), advance
        )


@pytest.fixture
def asked(tmp_path):
    return job(tmp_path, SWEEP, engine="kernel")


def test_a_search_comes_near_the_best_of_all_cells_with_a_hundredth_of_the_runs(asked, tmp_path):
    import numpy as np

    every = engine_of(asked).evaluate(np.arange(asked.grid.size))["sharpe"]
    found = search(asked, tmp_path / "out", 400)
    rows = pq.read_table(tmp_path / "out" / CELLS).to_pylist()
    assert [row["cell"] for row in rows] == sorted({row["cell"] for row in rows}) == list(found.sample)
    assert asked.grid.size == 65_600
    assert len(rows) <= 400
    best = max(row["sharpe"] for row in rows if row["sharpe"] is not None)
    above = np.nanmean(every > best)
    assert above < 1e-3  # drawn at random, the best of 400 leaves a 400th above it
    for row in rows[:50]:
        assert row["sharpe"] is None or row["sharpe"] == every[row["cell"]]


def test_a_search_that_was_stopped_goes_on_to_the_same_bytes(asked, tmp_path):
    search(asked, tmp_path / "whole", 4 * BATCH)
    with pytest.raises(Stopped):
        search(asked, tmp_path / "stopped", 4 * BATCH, stop=2 * BATCH)
    journal = tmp_path / "stopped" / JOURNAL
    with journal.open("a") as file:
        file.write('{"op_code":5,"half a wo')
    search(asked, tmp_path / "stopped", 4 * BATCH, resume=True)
    assert (tmp_path / "stopped" / CELLS).read_bytes() == (tmp_path / "whole" / CELLS).read_bytes()


def test_optuna_itself_reads_the_study(asked, tmp_path):
    from optuna.storages.journal import JournalFileBackend, JournalStorage

    search(asked, tmp_path / "out", 2 * BATCH, by="max_drawdown_days")
    storage = JournalStorage(JournalFileBackend(str(tmp_path / "out" / JOURNAL)))
    study = optuna.load_study(study_name=asked.base.name, storage=storage)
    assert len(study.trials) == 2 * BATCH
    assert study.direction.name == "MINIMIZE"
    rows = {row["cell"]: row for row in pq.read_table(tmp_path / "out" / CELLS).to_pylist()}
    best = study.best_trial
    assert best.value == min(row["max_drawdown_days"] for row in rows.values() if row["refused"] is None)
    values = best.user_attrs["values"]
    assert all(rows[best.user_attrs["cell"]][key] == values[key] for key in values if values[key] != "none")


def test_refused_cells_fail_and_are_not_proposed_for_ever(tmp_path):
    odd = job(
        tmp_path, "rule.overbought = [30, 60]\nrule.oversold = {from = 20, to = 58, step = 2}", "kernel"
    )
    search(odd, tmp_path / "out", 2 * BATCH)
    lines = (tmp_path / "out" / JOURNAL).read_text().splitlines()
    assert all(json.loads(line) for line in lines)
    rows = pq.read_table(tmp_path / "out" / CELLS).to_pylist()
    assert any(row["refused"] for row in rows)
    assert any(row["refused"] is None for row in rows)
