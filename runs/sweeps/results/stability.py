"""Is the best cell a plateau or a spike: what its neighbours made. What is said of it stands in `words`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError
from runs.sweeps.results.importance import axis_shares
from runs.sweeps.results.neighbours import Neighbourhood, neighbourhood
from runs.sweeps.results.ranking import (
    Floats,
    Ints,
    counted,
    direction,
    ranked,
)

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable
    from runs.sweeps.space.grid import Axis

TOP = 100  # the best cells, among which the steadiest is looked for
POOL = 10_000  # among so many of the best the hundred that differ are looked for


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
    differing: tuple[Neighbourhood, ...]  # the best again, without those that repeat another in all metrics
    at_end: tuple[str, ...]  # axes on which the best has the first or last value: the hill may go on
    shares: tuple[tuple[str, float], ...]  # eta squared by axis, the largest first
    trades: float  # of the best; NaN where not known
    different: int  # runs among the cells with a value: those alike in every metric count once
    copies: int  # other cells that are the same run as the best
    min_trades: int = 0  # cells with fewer have no value here

    @property
    def least(self) -> str:
        """What a cell must have beside a value, if anything: "at least 10 trades"."""
        return _at_least(self.min_trades)

    @property
    def best(self) -> Neighbourhood:
        """The best cell."""
        return self.top[0]

    @property
    def steadiest(self) -> Neighbourhood | None:
        """Of the best hundred that differ, first by the lesser of itself and its neighbours' median.

        The lesser of both, as a poor cell beside one spike may have good neighbours. Of equals the better
        cell. None if no cell has neighbours enough.
        """
        return steadiest_of(self.differing, self.by)

    @property
    def kept(self) -> float | None:
        """What the neighbours' median keeps of the way from the median cell to the best: 1 is a plateau.

        None if too few neighbours have a value, or the best is no better than the median.
        """
        way = self.best.value - self.median
        if not self.best.enough or self.best.median is None or way == 0:
            return None
        return (self.best.median - self.median) / way


def steadiest_of(hoods: Sequence[Neighbourhood], by: str) -> Neighbourhood | None:
    """Of some cells, the best first, the first by the lesser of itself and its neighbours' median; None if
    none of them has neighbours enough."""
    sign = direction(by)
    able = [
        (-min(sign * hood.value, sign * hood.median), place)
        for place, hood in enumerate(hoods)
        if hood.enough and hood.median is not None
    ]
    return hoods[min(able)[1]] if able else None


def stability(
    table: SweepTable, by: str, values: Floats | None = None, top: int = TOP, min_trades: int = 0
) -> Stability:
    """The `top` best cells by a metric and their neighbours.

    Parameters
    ----------
    values : the metric's, by row, NaN for cells with fewer than `min_trades` trades; read if not given.

    Raises
    ------
    SpecError
        If there is no such metric.
    DataError
        If no cell has a value of it.
    """
    values = table.metric(by, min_trades) if values is None else values
    order = ranked(values, by, max(POOL, top))
    if not len(order):
        traded = f" and {_at_least(min_trades)}" if min_trades else ""
        raise DataError(f"{table.folder}: not one of {counted(len(table))} has a value of {by}{traded}")
    valued = np.isfinite(values)
    runs = np.sort(table.runs[valued])
    same = int(np.count_nonzero(runs == table.runs[order[0]])) - 1
    different = int(np.count_nonzero(runs[1:] != runs[:-1])) + 1
    del runs  # of a million cells it is all there need be beside the table's own columns
    known = values[valued]
    differing = differing_runs(table.runs, order, top)
    hoods = {
        place: neighbourhood(table, values, int(order[place]), place + 1, by)
        for place in sorted({*range(min(top, len(order))), *differing})
    }
    best = hoods[0]
    place = table.grid.digits(np.array([best.cell]))[0]
    still = {*best.idle, *best.same_along}  # a step on would likely change nothing either
    varied = [(table.grid.axes[axis], int(place[axis])) for axis in table.varied]
    return Stability(
        by,
        len(table),
        int(np.count_nonzero(~table.ran)),
        len(known),
        float(np.median(known, overwrite_input=True)),
        float(np.quantile(known, 0.99 if direction(by) > 0 else 0.01, overwrite_input=True)),
        tuple(hoods[place] for place in range(min(top, len(order)))),
        tuple(hoods[place] for place in differing),
        tuple(axis.key for axis, at in varied if axis.key not in still and _is_end(axis, at)),
        tuple((table.grid.axes[axis].key, eta) for axis, eta in axis_shares(table, values)),
        float(table.metrics(("trades",), order[:1])["trades"][0]),
        different,
        same,
        min_trades,
    )


def differing_runs(runs: npt.NDArray[np.uint64], order: Ints, most: int) -> list[int]:
    """Of cells in order of rank, the places in it of the first `most` that repeat no earlier one."""
    _, first = np.unique(runs[order], return_index=True)
    return [int(place) for place in np.sort(first)[:most]]


def _is_end(axis: Axis, place: int) -> bool:
    """True for the least and the largest value of three or more; beyond None there is nothing."""
    ends = (axis.order[0], axis.order[-1])
    return len(axis.values) > 2 and axis.is_ordered and place in ends and axis.values[place] is not None


def _at_least(trades: int) -> str:
    return f"at least {trades:,} trade{'' if trades == 1 else 's'}" if trades else ""
