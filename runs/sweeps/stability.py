"""Is the best cell a plateau or a spike: what its neighbours made.

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

from letf_instruments import DataError
from runs.sweeps.importance import axis_shares
from runs.sweeps.ranking import (
    Floats,
    Ints,
    direction,
    metric_name,
    metric_text,
    ranked,
    short_keys,
    value_text,
)
from runs.words import listed, share

if TYPE_CHECKING:
    from runs.sweeps.grid import Axis
    from runs.sweeps.table import SweepTable

TOP = 100  # the best cells, among which the steadiest is looked for
PLATEAU, SPIKE = 0.8, 0.5  # of the way from the median cell to the best, kept by the neighbours' median
ENOUGH = 0.5  # of the neighbours that the grid has must have a value, or nothing is said


@dataclass(frozen=True)
class Neighbourhood:
    """A cell and what its neighbours made; median and worst are None if none of them has a value."""

    cell: int
    rank: int | None  # from 1; None if the cell itself has no value
    value: float
    possible: int  # neighbours that the grid has
    count: int  # of them with a value
    median: float | None
    worst: float | None

    @property
    def enough(self) -> bool:
        """True if enough neighbours have a value to say something of them."""
        return self.count > 0 and self.count >= ENOUGH * self.possible


@dataclass(frozen=True)
class Stability:
    """The best cells by a metric, each with its neighbours, against all cells."""

    by: str
    present: int
    refused: int
    valued: int
    median: float  # of all cells with a value
    best_hundredth: float  # the best 1 % begin here
    top: tuple[Neighbourhood, ...]
    at_end: tuple[str, ...]  # axes on which the best has the first or last value: the hill may go on
    shares: tuple[tuple[str, float], ...]  # eta squared by axis, the largest first

    @property
    def best(self) -> Neighbourhood:
        """The best cell."""
        return self.top[0]

    @property
    def steadiest(self) -> Neighbourhood | None:
        """Of the best hundred, first by the lesser of itself and its neighbours' median.

        The lesser of both, as a poor cell beside one spike may have good neighbours. Of equals the better
        cell. None if no cell has neighbours enough.
        """
        sign = direction(self.by)
        able = [
            (-min(sign * hood.value, sign * hood.median), place)
            for place, hood in enumerate(self.top)
            if hood.enough and hood.median is not None
        ]
        return self.top[min(able)[1]] if able else None

    @property
    def kept(self) -> float | None:
        """What the neighbours' median keeps of the way from the median cell to the best: 1 is a plateau.

        None if too few neighbours have a value, or the best is no better than the median.
        """
        way = self.best.value - self.median
        if not self.best.enough or self.best.median is None or way == 0:
            return None
        return (self.best.median - self.median) / way


def neighbours(table: SweepTable, cell: int) -> Ints:
    """The numbers of a cell's neighbours in the grid, ascending."""
    place = table.grid.digits(np.array([cell]))[0]
    found = []
    for axis in table.varied:
        at, order = int(place[axis]), table.grid.axes[axis].order
        near: Sequence[int] = [other for other in order if other != at]
        if table.grid.axes[axis].is_ordered:
            here = order.index(at)
            near = (*order[:here][-1:], *order[here + 1 : here + 2])
        found += [cell + (other - at) * table.step(axis) for other in near]
    return np.array(sorted(found), dtype=np.int64)


def neighbourhood(table: SweepTable, values: Floats, at: int, by: str, rank: int | None) -> Neighbourhood:
    """The cell that stands at place `at`, with its neighbours; `values` are those of the metric."""
    cell = int(table.cells[at])
    near = neighbours(table, cell)
    there = table.find(near)
    known = values[there[there >= 0]]
    known = known[np.isfinite(known)]
    median = float(np.median(known)) if len(known) else None
    worst = float(known.min() if direction(by) > 0 else known.max()) if len(known) else None
    return Neighbourhood(cell, rank, float(values[at]), len(near), len(known), median, worst)


def stability(table: SweepTable, by: str, values: Floats | None = None, top: int = TOP) -> Stability:
    """The `top` best cells by a metric and their neighbours; `values` are the metric's, if already read.

    Raises
    ------
    SpecError
        If there is no such metric.
    DataError
        If no cell has a value of it.
    """
    values = table.metric(by) if values is None else values
    order = ranked(values, table.cells, by, top)
    if not len(order):
        raise DataError(f"{table.folder}: not one of {len(table):,} cells has a value of {by}")
    known = values[np.isfinite(values)]
    grid = table.grid
    place = grid.digits(table.cells[order[:1]])[0]
    at_end = tuple(grid.axes[axis].key for axis in table.varied if _is_end(grid.axes[axis], int(place[axis])))
    return Stability(
        by,
        len(table),
        int(np.count_nonzero(~table.ran)),
        len(known),
        float(np.median(known)),
        float(np.quantile(known, 0.99 if direction(by) > 0 else 0.01)),
        tuple(neighbourhood(table, values, int(at), by, i + 1) for i, at in enumerate(order)),
        at_end,
        tuple((grid.axes[axis].key, eta) for axis, eta in axis_shares(table, values)),
    )


def _is_end(axis: Axis, place: int) -> bool:
    """True for the least and the largest value of three or more; beyond None there is nothing."""
    ends = (axis.order[0], axis.order[-1])
    return len(axis.values) > 2 and axis.is_ordered and place in ends and axis.values[place] is not None


def sentences(table: SweepTable, found: Stability) -> list[str]:
    """What the neighbours say of the best cell, in plain words."""
    return [_luck(found), _shape(found), *_ends(table, found), *_steadier(found), *_shares(table, found)]


def _luck(found: Stability) -> str:
    name, best, median = _words(found)
    without = found.present - found.valued
    refused = f", {found.refused:,} of them refused" if found.refused else ""
    rest = f" ({without:,} more have none{refused})" if without else ""
    border = metric_text(found.by, found.best_hundredth)
    return (
        f"Best of {found.valued:,} cells with a {name}{rest}: {best}; the median cell made {median}, the "
        f"best 1 % begin at {border}. The best of many is partly luck; how much is not measured here."
    )


def _shape(found: Stability) -> str:
    name, _, middle = _words(found)
    best = found.best
    if not best.enough or best.median is None:
        return (
            f"{best.count} of the {best.possible} neighbours of the best cell have a {name}: too few to tell "
            "a plateau from a spike."
        )
    if found.kept is None:
        return f"The best cell is no better than the median one: {name} does not vary."
    kind = "a plateau" if found.kept >= PLATEAU else "a spike" if found.kept < SPIKE else "a slope"
    median, worst = (metric_text(found.by, value) for value in (best.median, best.worst))
    return (
        f"The best cell stands on {kind}: its {best.count} neighbours' median, {median} (worst {worst}), "
        f"keeps {share(found.kept, 0)} of the way from the median cell ({middle}) to the best; a plateau "
        f"keeps {share(PLATEAU, 0)} or more, a spike less than {share(SPIKE, 0)}."
    )


def _ends(table: SweepTable, found: Stability) -> list[str]:
    if not found.at_end:
        return []
    at = table.grid.values(found.best.cell)
    where = listed([f"{key} = {value_text(at[key])}" for key in found.at_end])
    return [f"The best lies at the end of the grid ({where}): better values may lie beyond."]


def _steadier(found: Stability) -> list[str]:
    choice = found.steadiest
    if choice is None:
        return [f"None of the best {len(found.top)} cells has neighbours enough to name a steadier one."]
    if choice is found.best:
        more = len(found.top) > 1
        return [f"No cell of the best {len(found.top)} is steadier than the best."] if more else []
    value, median, worst = (
        metric_text(found.by, number) for number in (choice.value, choice.median, choice.worst)
    )
    return [
        f"Steadier choice: cell {choice.cell:,} (rank {choice.rank}), {value} itself, its neighbours' median "
        f"{median}, the worst {worst}: by the lesser of itself and that median the first of the best "
        f"{len(found.top)} cells."
    ]


def _shares(table: SweepTable, found: Stability) -> list[str]:
    if len(found.shares) < 2:
        return []
    short = short_keys([axis.key for axis in table.grid.axes])
    parts = [f"{short[key]} {share(eta, 0)}" for key, eta in found.shares]
    return [
        f"Of the variance of {metric_name(found.by)} between cells each axis explains by itself: "
        f"{listed(parts, 6)}."
    ]


def _words(found: Stability) -> tuple[str, str, str]:
    return (
        metric_name(found.by),
        metric_text(found.by, found.best.value),
        metric_text(found.by, found.median),
    )
