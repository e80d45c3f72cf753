"""What stands beside a cell, and what it made.

A cell's neighbours are one step away along one axis (von Neumann's neighbourhood): the next smaller value
and the next larger, none beyond the largest. Where the values are no numbers (words, true and false, lists),
each other value is a neighbour. Cells that were not run, were refused or have no value of the metric count as
missing.

Each run counts once. A stop that is never reached makes the cells beside it the same run to the bit; counted
as neighbours that hold they would make a plateau of one lucky cell. So an axis along which all cells through
a cell are the same says nothing of it: its neighbours there are left out. Along the others, cells that are
the same run as the cell itself are stepped over, to the next that differs; and of neighbours that are the
same run as each other one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from runs.sweeps.results.ranking import Floats, Ints, direction

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable

ENOUGH = 0.5  # of the neighbours that the grid has must have a value, or nothing is said
LEAST = 2  # neighbours with a value: one alone is neither a plateau nor a spike
SAME = 1e-12  # of the larger value: two that are nearer to each other are the same


@dataclass(frozen=True)
class Neighbourhood:
    """A cell and what its neighbours made; median and worst are None if none of them has a value."""

    cell: int
    rank: int | None  # from 1; None if the cell itself has no value
    value: float
    possible: int  # neighbours that the grid has along axes that change something, each run once
    count: int  # of them with a value
    median: float | None
    worst: float | None
    idle: tuple[str, ...] = ()  # keys of the axes that change nothing here
    beside: int = 0  # cells one step away along the other axes
    same: int = 0  # of them the same run as the cell: stepped over
    repeated: int = 0  # neighbours that are the same run as another: left out
    same_along: tuple[str, ...] = ()  # keys of the axes along which a step is the same run
    absent: int = 0  # neighbours that the grid has and nobody ran: in no sample, or not yet

    @property
    def enough(self) -> bool:
        """True if enough neighbours have a value to say something of them."""
        return self.count >= LEAST and self.count >= ENOUGH * self.possible


def neighbours(table: SweepTable, cell: int, but: Sequence[int] = ()) -> Ints:
    """The numbers of a cell's neighbours in the grid, ascending; those along the axes `but` left out."""
    return np.array(sorted(int(line[0]) for _, line in _lines(table, cell, but)), dtype=np.int64)


def _lines(table: SweepTable, cell: int, but: Sequence[int]) -> Iterator[tuple[int, Ints]]:
    """The ways out of a cell: an axis, and the numbers of the cells along it, the nearest first. Two along
    numbers, up and down; one for each other value where there is no order."""
    place = table.grid.digits(np.array([cell]))[0]
    for axis in (axis for axis in table.varied if axis not in but):
        at, order = int(place[axis]), table.grid.axes[axis].order
        ways: list[Sequence[int]] = [[other] for other in order if other != at]
        if table.grid.axes[axis].is_ordered:
            here = order.index(at)
            ways = [order[:here][::-1], order[here + 1 :]]
        for way in ways:
            if way:
                yield axis, cell + (np.array(way, dtype=np.int64) - at) * table.step(axis)


def neighbourhood(table: SweepTable, values: Floats, at: int, rank: int | None, by: str) -> Neighbourhood:
    """The cell that stands at place `at`, with its neighbours; `values` are those of the metric `by`."""
    cell = int(table.cells[at])
    idle = idle_axes(table, values, at)
    near, beside, along = [], 0, []
    for axis, line in _lines(table, cell, idle):
        alike = _same_run(table, values, at, line)
        beside += 1
        if alike[0]:
            along.append(axis)
        if not alike.all():
            near.append(int(line[np.argmin(alike)]))
    there = _with_value(table, values, np.array(near, dtype=np.int64))
    _, first = np.unique(table.runs[there], return_index=True)
    known = values[there[first]]
    repeated = len(there) - len(first)
    return Neighbourhood(
        cell,
        rank,
        float(values[at]),
        possible=len(near) - repeated,
        count=len(known),
        median=float(np.median(known)) if len(known) else None,
        worst=float(known.min() if direction(by) > 0 else known.max()) if len(known) else None,
        idle=_keys(table, idle),
        beside=beside,
        same=len(along),
        repeated=repeated,
        same_along=_keys(table, dict.fromkeys(along)),
        absent=int(np.count_nonzero(table.find(np.array(near, dtype=np.int64)) < 0)),
    )


def _keys(table: SweepTable, axes: Iterable[int]) -> tuple[str, ...]:
    return tuple(table.grid.axes[axis].key for axis in axes)


def _same_run(table: SweepTable, values: Floats, at: int, cells: Ints) -> npt.NDArray[np.bool_]:
    """Which of some cells are the same run as the one at place `at`; a cell without a value is like none."""
    there = table.find(cells)
    found = (there >= 0) & np.isfinite(values[at])
    found[found] = table.runs[there[found]] == table.runs[at]
    return found


def idle_axes(table: SweepTable, values: Floats, at: int) -> list[int]:
    """The axes along which two cells or more have a value, all the same as that of the cell at place `at`."""
    if not np.isfinite(values[at]):
        return []
    cell = int(table.cells[at])
    place = table.grid.digits(np.array([cell]))[0]
    found = []
    for axis in table.varied:
        steps = np.arange(table.grid.shape[axis]) - place[axis]
        known = values[_with_value(table, values, cell + steps * table.step(axis))]
        if len(known) > 1 and np.ptp(known) <= SAME * np.max(np.abs(known)):
            found.append(axis)
    return found


def _with_value(table: SweepTable, values: Floats, cells: Ints) -> Ints:
    """Where those of some cells stand that have a value."""
    there = table.find(cells)
    there = there[there >= 0]
    return there[np.isfinite(values[there])]
