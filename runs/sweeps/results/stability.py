"""Is the best cell a plateau or a spike: what its neighbours made, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from letf_instruments import DataError
from runs.answers.words import listed, share
from runs.sweeps.results.importance import axis_shares
from runs.sweeps.results.neighbours import Neighbourhood, neighbourhood
from runs.sweeps.results.ranking import (
    Floats,
    Ints,
    counted,
    direction,
    metric_name,
    metric_text,
    ranked,
    short_keys,
    value_text,
)
from runs.sweeps.space.cells import METRICS

if TYPE_CHECKING:
    from runs.sweeps.results.table import SweepTable
    from runs.sweeps.space.grid import Axis

RATIOS = ("sharpe", "sortino", "calmar", "cagr", "volatility")
TOP = 100  # the best cells, among which the steadiest is looked for
PLATEAU, SPIKE = 0.8, 0.5  # of the way from the median cell to the best, kept by the neighbours' median
POOL = 10_000  # among so many of the best the hundred that differ are looked for
FEW = 10  # trades, below which a metric says little


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
        sign = direction(self.by)
        able = [
            (-min(sign * hood.value, sign * hood.median), place)
            for place, hood in enumerate(self.differing)
            if hood.enough and hood.median is not None
        ]
        return self.differing[min(able)[1]] if able else None

    @property
    def kept(self) -> float | None:
        """What the neighbours' median keeps of the way from the median cell to the best: 1 is a plateau.

        None if too few neighbours have a value, or the best is no better than the median.
        """
        way = self.best.value - self.median
        if not self.best.enough or self.best.median is None or way == 0:
            return None
        return (self.best.median - self.median) / way


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
    order = ranked(values, table.cells, by, max(POOL, top))
    if not len(order):
        traded = f" and {_at_least(min_trades)}" if min_trades else ""
        raise DataError(f"{table.folder}: not one of {counted(len(table))} has a value of {by}{traded}")
    known = values[np.isfinite(values)]
    differing = _differing(table, values, order, top)
    hoods = {
        place: neighbourhood(table, values, int(order[place]), place + 1, by)
        for place in sorted({*range(min(top, len(order))), *differing})
    }
    best = hoods[0]
    place = table.grid.digits(np.array([best.cell]))[0]
    varied = [(table.grid.axes[axis], int(place[axis])) for axis in table.varied]
    return Stability(
        by,
        len(table),
        int(np.count_nonzero(~table.ran)),
        len(known),
        float(np.median(known)),
        float(np.quantile(known, 0.99 if direction(by) > 0 else 0.01)),
        tuple(hoods[place] for place in range(min(top, len(order)))),
        tuple(hoods[place] for place in differing),
        tuple(axis.key for axis, at in varied if axis.key not in best.idle and _is_end(axis, at)),
        tuple((table.grid.axes[axis].key, eta) for axis, eta in axis_shares(table, values)),
        float(table.metrics(("trades",), order[:1])["trades"][0]),
        min_trades,
    )


def _differing(table: SweepTable, values: Floats, order: Ints, most: int) -> list[int]:
    """Of cells in order of rank, the places in it of the first `most` that repeat no earlier one."""
    best = values[order]
    if not np.any(best[1 : most + 1] == best[:-1][:most]):
        return list(range(min(most, len(order))))
    found = table.metrics(METRICS, order)
    rows = np.column_stack([found[name] for name in METRICS]) + 0.0  # no minus zero
    first: dict[bytes, int] = {}
    for place, row in enumerate(rows):
        first.setdefault(row.tobytes(), place)
    return list(first.values())[:most]


def _is_end(axis: Axis, place: int) -> bool:
    """True for the least and the largest value of three or more; beyond None there is nothing."""
    ends = (axis.order[0], axis.order[-1])
    return len(axis.values) > 2 and axis.is_ordered and place in ends and axis.values[place] is not None


def sentences(table: SweepTable, found: Stability) -> list[str]:
    """What the neighbours say of the best cell, in plain words."""
    said = [_luck(table, found), *_few(table, found)]
    if found.valued == 1:
        return said
    return [*said, *_shape(table, found), *_ends(table, found), *_steadier(found), *_shares(table, found)]


def _luck(table: SweepTable, found: Stability) -> str:
    _, best, median = _words(found)
    without, refused = found.present - found.valued, found.refused
    more = f"{without:,} more {'has' if without == 1 else 'have'} none"
    if refused == without:
        more = f"{without:,} more {'was' if without == 1 else 'were'} refused"
    elif refused:
        more += f", {refused:,} of them refused"
    rest = f" ({more})" if without else ""
    what = _valued(found.by) + (f" and {found.least}" if found.least else "")
    if found.valued == 1:
        return f"Only 1 cell has {what}{rest}: {best}; there is nothing to compare it with."
    chosen, warning = "", ""
    if table.search is not None:
        chosen = f" among the cells that a search for the best {metric_name(table.search['by'])} chose"
        warning = " Median, neighbours and shares are of those cells, not of the grid."
    border = metric_text(found.by, found.best_hundredth)
    return (
        f"Best of {counted(found.valued)} with {what}{chosen}{rest}: {best}; the median cell made {median}, "
        f"the best 1 % begin at {border}. The best of many is partly luck; how much is not measured here."
        f"{warning}"
    )


def _few(table: SweepTable, found: Stability) -> list[str]:
    if not found.trades < FEW or found.by == "trades" or _holds(table):
        return []
    made = f"{found.trades:.0f} trade{'' if found.trades == 1 else 's'}"
    return [f"The best cell made {made}: its {metric_name(found.by)} says little."]


def _holds(table: SweepTable) -> bool:
    """True for a rule that shifts weights: it may stay invested for years, and a trade is no sample then."""
    from strategies import RULES
    from strategies.allocation_rule import AllocationRule

    kind = RULES.get(str((table.manifest.get("spec") or {}).get("strategy")))
    return kind is not None and issubclass(kind, AllocationRule)


def _shape(table: SweepTable, found: Stability) -> list[str]:
    best = found.best
    short = short_keys([axis.key for axis in table.grid.axes])
    idle = ""
    if best.idle:
        names = listed([short[key] for key in best.idle], 6)
        idle = f"{names} {'changes' if len(best.idle) == 1 else 'change'} nothing here"
    if not best.possible:
        return [f"{idle}: there is nothing to compare the best cell with."]
    return [_neighbours_say(found), *([f"{idle}."] if idle else [])]


def _neighbours_say(found: Stability) -> str:
    name, _, middle = _words(found)
    best = found.best
    if not best.enough or best.median is None:
        have = "has" if best.count == 1 else "have"
        which = f"{best.count or 'None'} of the {best.possible} neighbours of the best cell {have}"
        if best.possible == 1:
            which = "Not even the only neighbour of the best cell has"
        return f"{which} {_valued(found.by)}: too few to tell a plateau from a spike."
    if found.kept is None:
        same = "" if found.shares else f": {name} does not vary"
        return f"The best cell is no better than the median one{same}."
    median, worst = (metric_text(found.by, value) for value in (best.median, best.worst))
    made = f"its {best.count} neighbours' median, {median} (worst {worst}),"
    if best.count == 1:
        made = f"its only neighbour, {median},"
    if found.kept < 0:
        return f"The best cell stands on a spike: {made} is worse than the median cell ({middle})."
    kind = "a plateau" if found.kept >= PLATEAU else "a spike" if found.kept < SPIKE else "a slope"
    return (
        f"The best cell stands on {kind}: {made} keeps {share(found.kept, 0)} of the way from the median "
        f"cell ({middle}) to the best; a plateau keeps {share(PLATEAU, 0)} or more, a spike less than "
        f"{share(SPIKE, 0)}."
    )


def _ends(table: SweepTable, found: Stability) -> list[str]:
    if not found.at_end:
        return []
    at = table.grid.values(found.best.cell)
    where = listed([f"{key} = {value_text(at[key])}" for key in found.at_end])
    return [f"The best lies at the end of the grid ({where}): better values may lie beyond."]


def _steadier(found: Stability) -> list[str]:
    choice, count = found.steadiest, len(found.differing)
    which = f"the best {count:,} cells"
    if any(hood.rank != place + 1 for place, hood in enumerate(found.differing)):
        which += " that differ"
    if count == 1:
        return []
    if choice is None:
        alone = not any(hood.possible for hood in found.differing)
        return [] if alone else [f"None of {which} has neighbours enough to name a steadier one."]
    if choice is found.best:
        return [f"None of {which} is steadier than the best."]
    value, median, worst = (
        metric_text(found.by, number) for number in (choice.value, choice.median, choice.worst)
    )
    return [
        f"Steadier choice: cell {choice.cell:,} (rank {choice.rank}), {value} itself, its neighbours' median "
        f"{median}, the worst {worst}: by the lesser of itself and that median the first of {which}."
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


def _at_least(trades: int) -> str:
    return f"at least {trades:,} trade{'' if trades == 1 else 's'}" if trades else ""


def _words(found: Stability) -> tuple[str, str, str]:
    return (
        metric_name(found.by),
        metric_text(found.by, found.best.value),
        metric_text(found.by, found.median),
    )


def _valued(by: str) -> str:
    """What a cell has that is ranked: "a Sharpe", "a value of trades"."""
    return f"a {metric_name(by)}" if by in RATIOS else f"a value of {metric_name(by)}"
