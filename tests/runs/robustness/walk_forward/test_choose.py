"""Which cell is taken, from tables that are made up here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import SpecError
from runs.robustness.walk_forward.choose import choose
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid

LINE = Grid((Axis("rule.bars", tuple(range(10, 18))),))


def table(values, by="sharpe", trades=20.0):
    """Metrics of cells; all but one are their numbers, so that no two are the same run."""
    n = len(values)
    out = {name: np.arange(n, dtype=float) for name in METRICS}
    return out | {by: np.array(values, dtype=float), "trades": np.broadcast_to(trades, n).astype(float)}


def test_a_spike_is_the_best_and_no_plateau():
    values = [0.1, 0.2, 3.0, 0.1, 0.9, 1.0, 0.95, 0.1]
    cells = np.arange(8)
    best = choose(LINE, cells, table(values), "sharpe", "best")
    assert (best.cell, best.value) == (2, 3.0)
    plateau = choose(LINE, cells, table(values), "sharpe", "plateau")
    # Cell 5's lesser of itself (1.0) and the median of 0.9 and 0.95 is the best there is.
    assert (plateau.cell, plateau.value, plateau.neighbours) == (5, 1.0, pytest.approx(0.925))
    assert not plateau.for_want


def test_less_is_better_of_what_is_a_cost():
    values = [9.0, 1.0, 8.0, 3.0, 2.5, 3.0, 7.0, 6.0]
    cells = np.arange(8)
    assert choose(LINE, cells, table(values, "volatility"), "volatility", "best").cell == 1
    assert choose(LINE, cells, table(values, "volatility"), "volatility", "plateau").cell == 4


def test_the_plateau_in_two_directions():
    grid = Grid((Axis("rule.a", (1, 2, 3, 4, 5)), Axis("rule.b", (1, 2, 3, 4, 5))))
    values = np.zeros((5, 5))
    values[0, 0] = 5.0
    values[1:4, 1:4] = 1.0
    values[1:4, 2] = values[2, 1:4] = 2.0  # a hill
    values[2, 2] = 2.1
    rng = np.random.default_rng(0)
    values += 1e-3 * rng.random((5, 5))
    found = choose(grid, np.arange(25), table(values.ravel()), "sharpe", "plateau")
    assert found.cell == 2 * 5 + 2
    around = [values[1, 2], values[3, 2], values[2, 1], values[2, 3]]
    assert found.neighbours == pytest.approx(np.median(around))


def test_few_trades_and_no_value_are_left_out():
    cells = np.arange(3)
    values, trades = [3.0, 2.0, np.nan], np.array([2.0, 30.0, 50.0])
    assert choose(LINE, cells, table(values, trades=trades), "sharpe", "best").cell == 0
    assert choose(LINE, cells, table(values, trades=trades), "sharpe", "best", min_trades=3).cell == 1
    assert choose(LINE, cells, table(values, trades=trades), "sharpe", "plateau", min_trades=40) is None
    assert choose(LINE, cells, table([np.nan] * 3), "sharpe", "best") is None


def test_without_neighbours_the_best_is_taken_and_it_says_so():
    sample = np.array([0, 3, 6])
    found = choose(LINE, sample, table([1.0, 2.0, 1.5]), "sharpe", "plateau")
    assert (found.cell, found.for_want, found.neighbours) == (3, True, None)


def test_a_choice_that_there_is_none_of():
    with pytest.raises(SpecError, match="choose is 'worst'; it must be best or plateau"):
        choose(LINE, np.arange(3), table([1.0, 2.0, 3.0]), "sharpe", "worst")


@given(st.lists(st.floats(-5, 5).map(lambda x: round(x, 2)), min_size=8, max_size=8, unique=True))
def test_the_plateau_by_another_way_of_working_it_out(values):
    found = choose(LINE, np.arange(8), table(values), "sharpe", "plateau")
    lesser = [
        min(values[i], np.median([values[i - 1], values[i + 1]])) if 0 < i < 7 else -np.inf for i in range(8)
    ]
    assert found.cell == int(np.argmax(lesser)) or lesser[found.cell] == max(lesser)
    assert not found.for_want
