"""Cells run again in another process: what is found is what this one finds, whatever becomes of the other."""

import os
import signal
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from letf_instruments import LetfError
from runs.sweeps import verify as module
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.results.columns import schema, table_of
from runs.sweeps.verifier import Verifier, Verifying
from runs.sweeps.verify import ParityError, verify
from tests.runs.sweeps.specs import job

SWEEP = "plan.stop = [0.03, 0.05, 0.1]\nplan.max_bars = [3, 6, 9]"


def swept(home, name="cells.parquet"):
    asked = job(home, SWEEP, engine="kernel")
    cells = np.arange(asked.grid.size)
    table = table_of(asked.grid, schema(asked.grid, {}), cells, KernelEngine(asked).evaluate(cells))
    pq.write_table(table, home / name)
    return asked, home / name


def spoilt(path, cell):
    table = pq.read_table(path)
    wrong = table["sharpe"].to_numpy().copy()
    wrong[cell] += 1e-6
    pq.write_table(table.set_column(table.schema.get_field_index("sharpe"), "sharpe", pa.array(wrong)), path)


@pytest.fixture(scope="module")
def verifier():
    with Verifier() as started:
        yield started


@pytest.mark.parametrize("ahead", [None, 0, 3])
def test_it_finds_what_this_process_finds(tmp_path, verifier, ahead):
    asked, path = swept(tmp_path)
    if ahead is not None:
        verifier.ahead(asked, ahead)
    assert verifier.begin(asked, path, [4, 2], 3).result() == verify(asked, path, [4, 2], 3)


def test_a_difference_is_told_in_the_same_words(tmp_path, verifier):
    asked, path = swept(tmp_path)
    verifier.ahead(asked, 3)
    for cell in (4, module.drawn_cells(asked, 3)[0]):  # one of the best, and one that was run ahead
        swept(tmp_path)
        spoilt(path, cell)
        with pytest.raises(ParityError) as here:
            verify(asked, path, [4, 2], 3)
        with pytest.raises(ParityError) as there:
            verifier.begin(asked, path, [4, 2], 3).result()
        assert str(there.value) == str(here.value)
        assert f"cell {cell} (" in str(there.value)


def test_a_search_s_cells_are_verified_on_the_data_that_is_loaded(tmp_path, verifier):
    asked, path = swept(tmp_path)
    verifier.ahead(asked, 0)
    some = replace(asked, sample=np.array([1, 4, 6, 7]))
    pq.write_table(pq.read_table(path).take([1, 4, 6, 7]), path)
    found = verifier.begin(some, path, [4], 2).result()
    assert found == verify(some, path, [4], 2)
    assert set(found.cells) <= {1, 4, 6, 7}


def test_a_grid_that_no_memory_holds_is_made_ready_for_as_any(tmp_path):
    axes = "\n".join(
        f"{key} = {{from = {low}, to = {high}, count = 10000}}"
        for key, low, high in (
            ("plan.stop", 0.01, 0.5),
            ("plan.target", 0.01, 0.9),
            ("plan.fraction", 0.1, 1.0),
            ("rule.overbought", 50, 90),
        )
    )
    asked = job(tmp_path, axes, engine="kernel")
    assert asked.grid.size == 10**16
    with Verifier() as started:
        started.ahead(asked, 0)  # as a search does
    assert "_starts" not in vars(asked)  # chunks of them all


def test_what_is_refused_first_is_no_error_yet(tmp_path, verifier):
    asked = job(tmp_path, "rule.overbought = [30, 70]\nplan.stop = [0.05, 0.1]", engine="kernel")
    with pytest.raises(LetfError):
        KernelEngine(asked).record(0)
    verifier.ahead(asked, 0)


def test_if_the_process_dies_this_one_verifies(tmp_path):
    asked, path = swept(tmp_path)
    with Verifier() as dying:
        dying.ahead(asked, 1)
        begun = dying.begin(asked, path, [4], 1)
        for worker in dying._pool._processes:
            os.kill(worker, signal.SIGKILL)
        assert begun.result() == verify(asked, path, [4], 1)
        assert dying.begin(asked, path, [4], 1).result() == verify(asked, path, [4], 1)


def test_without_another_process_this_one_verifies(tmp_path):
    asked, path = swept(tmp_path)
    assert Verifying(asked, path, [4], 1).result() == verify(asked, path, [4], 1)
