"""Copies among a cell's neighbours: each run counts once, whichever of its copies is looked at."""

import numpy as np
import pytest

from runs.specs.reading import load_spec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.results.neighbours import neighbourhood
from runs.sweeps.results.stability import stability
from runs.sweeps.results.table import open_sweep
from runs.sweeps.results.top_tables import cell_rows
from runs.sweeps.results.view import look
from runs.sweeps.results.words import sentences
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid
from tests.runs.sweeps.folders import make_sweep

# A stop of 5 % and of 10 % is reached; from 20 % on it never is, so that three cells are one run.
STOPS = {"plan.stop": [0.05, 0.1, 0.2, 0.3, None]}
REACHED = [0.0, 0.1, 2.0, 2.0, 2.0]


@pytest.fixture
def sweep(tmp_path):
    def made(axes, values, trades=(), **more):
        metrics = {"sharpe": values} | ({"trades": trades} if len(trades) else {})
        return open_sweep(make_sweep(tmp_path / "s", axes, metrics, **more))

    return made


def hood(table, cell, by="sharpe"):
    values = table.metric(by)
    return neighbourhood(table, values, int(table.find(np.array([cell]))[0]), 1, by)


def test_a_lucky_cell_and_its_copies_are_no_plateau(sweep):
    """Beside a spike of 2.0 stand, along the stop, its own copies, and along fast 0.23 and 0.33: with the
    copies the median of four would be 1.165, without them that of 0.1, 0.23 and 0.33 is 0.23."""
    axes = {"rule.fast": [1, 2, 3], **STOPS}
    values = [*(0.2, 0.21, 0.22, 0.23, 0.24), *REACHED, *(0.3, 0.31, 0.32, 0.33, 0.34)]
    table = sweep(axes, values)
    found = hood(table, 8)  # fast 2, a stop of 30 %
    assert (found.beside, found.same, found.same_along) == (4, 2, ("plan.stop",))
    # down the stop 0.1, the first that differs; up nothing; along fast 0.23 and 0.33
    assert (found.possible, found.count) == (3, 3)
    assert (found.median, found.worst) == (0.23, 0.1)
    best = stability(table, "sharpe")
    assert (best.best.cell, best.copies, best.different) == (7, 2, 13)
    text = " ".join(sentences(table, best, None))
    assert "Best of 15 cells with a Sharpe (13 different runs): 2.00" in text
    assert "2 other cells are the same run as the best, alike in every metric." in text
    assert "stands on a spike: its 3 neighbours' median, 0.22 (worst 0.10)" in text
    assert "Of the 4 cells beside the best 1 is the same run (along stop): it says nothing" in text


def test_whichever_copy_is_looked_at_its_neighbours_are_the_same(sweep):
    table = sweep(STOPS, REACHED)
    for cell in (2, 3, 4):
        found = hood(table, cell)
        assert (found.possible, found.count, found.median) == (1, 1, 0.1)
    assert [hood(table, cell).same for cell in (2, 3, 4)] == [1, 2, 1]


def test_a_copy_at_the_end_of_the_grid_is_no_hill_that_goes_on(sweep):
    def ends(values):
        table = sweep({"plan.stop": [0.05, 0.1, 0.2]}, values)
        return stability(table, "sharpe").at_end

    assert ends([0.0, 0.1, 2.0]) == ("plan.stop",)
    assert ends([0.0, 2.0, 2.0]) == ()


def test_neighbours_that_are_one_run_count_once(sweep):
    """Three other sides that all trade the same: one neighbour, not three."""
    axes = {"rule.side": ["bull", "bear", "both", "none"], "rule.fast": [1, 2]}
    table = sweep(axes, [2.0, 0.5, 0.1, 0.6, 0.1, 0.7, 0.1, 0.8])
    found = hood(table, 0)
    assert (found.beside, found.same, found.repeated) == (4, 0, 2)
    assert (found.possible, found.count) == (2, 2)
    assert found.median == pytest.approx((0.1 + 0.5) / 2)
    said = " ".join(sentences(table, stability(table, "sharpe"), None))
    assert "2 more of its neighbours repeat another and count once." in said


def test_the_same_sharpe_from_other_trades_is_another_run(sweep):
    found = hood(sweep(STOPS, REACHED, trades=[9, 9, 9, 10, 11]), 3)
    assert (found.same, found.possible, found.count) == (0, 2, 2)
    assert found.median == 2.0


def test_a_copy_is_the_same_to_the_bit(sweep):
    close = [0.0, 0.1, 2.0, np.nextafter(2.0, 3.0), 2.0]
    assert hood(sweep(STOPS, close), 3).same == 0
    # minus zero is zero
    zeros = hood(sweep({"rule.fast": [1, 2, 3, 4]}, [1.0, 0.0, -0.0, 2.0]), 1)
    assert (zeros.same, zeros.median) == (1, 1.5)


def test_a_cell_that_was_not_run_is_no_copy(sweep):
    found = hood(sweep(STOPS, [0.1, 2.0, 2.0], cells=[1, 2, 4]), 2)
    assert (found.beside, found.same, found.possible, found.count) == (2, 0, 2, 1)
    refused = hood(sweep(STOPS, REACHED, refused={3: "no", 4: "no"}), 3)
    assert (refused.same, refused.possible) == (0, 2)


def test_the_marked_cell_tells_of_its_copies(tmp_path):
    axes = {"rule.fast": [1, 2], **STOPS}
    view = look(make_sweep(tmp_path / "s", axes, {"sharpe": [*REACHED, 0.3, 0.4, 0.5, 0.6, 0.7]}), cell=3)
    assert ["the same run beside it", "2 of 3 cells, stepped over"] in cell_rows(view)


def test_a_real_stop_that_is_never_reached_is_one_run_to_the_bit(tmp_path):
    """Of two calm years no trade loses a half: stops from there on are the same run in the compiled engine,
    and a stop of 2 % is another."""
    axis = Axis("plan.stop", (0.02, 0.5, 0.7, 0.9, None))
    changes = ["data.start=2016-01-04", "data.end=2017-12-29"]
    asked = Job(load_spec("rsi_timing", changes), Grid((axis,)), "kernel")
    cells = KernelEngine(asked, Markets(asked.base, asked.grid, asked.folder)).evaluate(np.arange(5))
    assert cells["engine"] == ["kernel"] * 5
    metrics = {name: cells[name] for name in METRICS}
    table = open_sweep(make_sweep(tmp_path / "s", {axis.key: axis.values}, metrics))
    found = hood(table, 2)
    assert (found.beside, found.same, found.possible) == (2, 2, 1)
    assert found.median == cells["sharpe"][0] != cells["sharpe"][2]
