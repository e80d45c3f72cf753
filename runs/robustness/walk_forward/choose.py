"""Which cell of a window's training is taken: the best, or the one on the best plateau."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments import SpecError
from runs.sweeps.results.neighbours import neighbourhood
from runs.sweeps.results.ranking import ranked
from runs.sweeps.results.run_numbers import numbered_runs
from runs.sweeps.results.stability import differing_runs, steadiest_of
from runs.sweeps.results.table import SweepTable
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BEST, PLATEAU = "best", "plateau"
CHOICES = (BEST, PLATEAU)
AMONG = 1_000  # of the best runs that differ the plateau is looked for


class CellsInMemory(SweepTable):
    """The cells of one window, as what looks at their neighbours takes a sweep."""

    def __init__(self, grid: Grid, cells: Ints, metrics: Mapping[str, Floats]) -> None:
        self.__dict__["grid"] = grid
        self.__dict__["runs"] = numbered_runs(metrics[name] for name in METRICS)
        self._cells = cells

    @property
    def cells(self) -> Ints:
        return self._cells


@dataclass(frozen=True)
class Choice:
    """A cell, its value of the metric in training, the median of its neighbours there (None if it was not
    asked for, or too few have a value), and whether it is the best for want of a plateau."""

    cell: int
    value: float
    neighbours: float | None
    for_want: bool


def choose(
    grid: Grid, cells: Ints, metrics: Mapping[str, Floats], by: str, how: str, min_trades: int = 0
) -> Choice | None:
    """The cell to be traded; None if none has a value.

    Parameters
    ----------
    cells : their numbers, rising, shape (n,). metrics : by name, shape (n,) each; NaN where there is none.
    by : the metric; the better the cell (`ranking.direction`). Of equals the first.
    how : "best", or "plateau": of the best runs that differ the one whose lesser of its own value and its
        neighbours' median is the best, which is the steadiest cell of a sweep (`results.stability`).
    min_trades : cells with fewer trades are left out.
    """
    if how not in CHOICES:
        raise SpecError(f"choose is {how!r}; it must be {' or '.join(CHOICES)}")
    values = np.where(metrics["trades"] >= min_trades, metrics[by], np.nan)
    if how == BEST:
        first = ranked(values, by, 1)
        if not len(first):
            return None
        return Choice(int(cells[first[0]]), float(values[first[0]]), None, False)
    order = ranked(values, by)
    if not len(order):
        return None
    table = CellsInMemory(grid, cells, metrics)
    places = differing_runs(table.runs, order, AMONG)
    hoods = [neighbourhood(table, values, int(order[place]), place + 1, by) for place in places]
    steadiest = steadiest_of(hoods, by)
    found = hoods[0] if steadiest is None else steadiest
    return Choice(found.cell, found.value, found.median if found.enough else None, steadiest is None)
