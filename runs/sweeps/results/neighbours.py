"""What stands beside a cell, and what it made.

A cell's neighbours are one step away along one axis (von Neumann's neighbourhood): the next smaller value
and the next larger, none beyond the largest. Where the values are no numbers (words, true and false, lists),
each other value is a neighbour. An axis along which all cells through a cell are the same says nothing of
it: its neighbours there are left out. Cells that were not run, were refused or have no value of the metric
count as missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runs.sweeps.results.ranking import Floats, Ints, direction

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable

ENOUGH = 0.5  # of the neighbours that the grid has must have a value, or nothing is said
SAME = 1e-12  # of the larger value: two that are nearer to each other are the same


@dataclass(frozen=True)
class Neighbourhood:
    """A cell and what its neighbours made; median and worst are None if none of them has a value."""

    cell: int
    rank: int | None  # from 1; None if the cell itself has no value
    value: float
    possible: int  # neighbours that the grid has along axes that change something
    count: int  # of them with a value
    median: float | None
    worst: float | None
    idle: tuple[str, ...] = ()  # keys of the axes that change nothing here

    @property
    def enough(self) -> bool:
        """True if enough neighbours have a value to say something of them."""
        return self.count > 0 and self.count >= ENOUGH * self.possible


def neighbours(table: SweepTable, cell: int, but: Sequence[int] = ()) -> Ints:
    """The numbers of a cell's neighbours in the grid, ascending; those along the axes `but` left out."""
    place = table.grid.digits(np.array([cell]))[0]
    found = []
    for axis in (axis for axis in table.varied if axis not in but):
        at, order = int(place[axis]), table.grid.axes[axis].order
        near: Sequence[int] = [other for other in order if other != at]
        if table.grid.axes[axis].is_ordered:
            here = order.index(at)
            near = (*order[:here][-1:], *order[here + 1 : here + 2])
        found += [cell + (other - at) * table.step(axis) for other in near]
    return np.array(sorted(found), dtype=np.int64)


def neighbourhood(table: SweepTable, values: Floats, at: int, rank: int | None, by: str) -> Neighbourhood:
    """The cell that stands at place `at`, with its neighbours; `values` are those of the metric `by`."""
    cell = int(table.cells[at])
    idle = idle_axes(table, values, at)
    near = neighbours(table, cell, idle)
    known = _known(table, values, near)
    median = float(np.median(known)) if len(known) else None
    worst = float(known.min() if direction(by) > 0 else known.max()) if len(known) else None
    keys = tuple(table.grid.axes[axis].key for axis in idle)
    return Neighbourhood(cell, rank, float(values[at]), len(near), len(known), median, worst, keys)


def idle_axes(table: SweepTable, values: Floats, at: int) -> list[int]:
    """The axes along which two cells or more have a value, all the same as that of the cell at place `at`."""
    if not np.isfinite(values[at]):
        return []
    cell = int(table.cells[at])
    place = table.grid.digits(np.array([cell]))[0]
    found = []
    for axis in table.varied:
        steps = np.arange(table.grid.shape[axis]) - place[axis]
        known = _known(table, values, cell + steps * table.step(axis))
        if len(known) > 1 and np.ptp(known) <= SAME * np.max(np.abs(known)):
            found.append(axis)
    return found


def _known(table: SweepTable, values: Floats, cells: Ints) -> Floats:
    there = table.find(cells)
    found = values[there[there >= 0]]
    return found[np.isfinite(found)]
