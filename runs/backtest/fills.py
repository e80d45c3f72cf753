"""Every fill of a run as a table: what was traded, and the position and its average cost after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from analyzers import positions

if TYPE_CHECKING:
    import pandas as pd

    from runs.backtest.result import RunResult

FLAT = 1e-9  # of a position's largest size: with less, it is over
COLUMNS = (
    "instrument",
    "size",
    "price",
    "value",
    "costs",
    "position",
    "average_cost",
    "reason",
)


def average_costs(fills: Iterable[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Position and average cost after each fill, shape (n,), by the average-cost method.

    What adds to a position moves its average cost towards the fill's price, what reduces it leaves it; a fill
    through zero begins a position at its own price. For a short likewise: its average cost is the mean price
    at which it was sold. NaN where nothing is held.

    Parameters
    ----------
    fills : size (negative for a sale) and price of each, in order, in shares that are never split.
    """
    positions, averages = [], []
    held = peak = 0.0
    average = np.nan
    for size, price in fills:
        after = held + size
        if abs(after) <= FLAT * max(abs(peak), abs(size)):
            after, average = 0.0, np.nan
        elif held == 0 or held * after < 0:
            average = price
        elif held * size > 0:
            average += (price - average) * size / after
        # The largest of this position, not of those before it.
        peak = after if held * after <= 0 else max(peak, after, key=abs)
        held = after
        positions.append(held)
        averages.append(average)
    return np.array(positions), np.array(averages)


def fills_frame(run: RunResult) -> pd.DataFrame:
    """One row a fill, in the order in which they happened; the index is the date.

    Columns: `instrument`; `size` in shares, negative for a sale; `price`; `value` = size × price in money,
    negative for a sale; `costs` in money; `position` and `average_cost` after the fill (`average_costs`; NaN
    where nothing is held); `reason`. All as traded on that day: where a fund was split since the fill before,
    position and average cost are in the new shares. An option counts in units of its underlying, at its
    premium, and its expiry is a fill.
    """
    import pandas as pd

    sessions = run.bars.sessions
    rows: list[tuple[int, str, float, float, float, str]] = [
        (fill.bar, fill.instrument, fill.size, fill.price, fill.costs, fill.reason) for fill in run.logged
    ]
    for fill in run.contracts.fills if run.contracts is not None else ():
        costs = fill.spread + fill.commission
        rows.append((fill.bar - 1, str(fill.contract), fill.units, fill.quote.price, costs, fill.reason))
    rows.sort(key=lambda row: row[0])
    bars = np.array([row[0] for row in rows], dtype=np.int64)
    after, average = _after(run, rows)
    columns = (
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[2] * row[3] for row in rows],
        [row[4] for row in rows],
        after,
        average,
        [row[5] for row in rows],
    )
    index = pd.Index(sessions[bars].astype("datetime64[s]"), name="date")
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=index)


def _after(
    run: RunResult, rows: list[tuple[int, str, float, float, float, str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Position and average cost after each row, as traded."""
    of: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        of[row[1]].append(at)
    after, average = np.zeros(len(rows)), np.full(len(rows), np.nan)
    for name, places in of.items():
        bars = [rows[at][0] for at in places]
        factors = run.factors[name][bars] if name in run.factors else np.ones(len(bars))
        unsplit = [(rows[at][2] * f, rows[at][3] / f) for at, f in zip(places, factors, strict=True)]
        held, cost = average_costs(unsplit)
        after[places], average[places] = held / factors, cost * factors
    return after, average


def held_bars(run: RunResult) -> np.ndarray:
    """True where something was held, options too, if only within the bar or until its open; by bar of the
    market, shape (n,)."""
    n = len(run.bars.sessions)
    held = np.zeros(n, dtype=bool)
    for fills in run.fills.values():
        held |= positions(fills, n) != 0
        held[[fill.bar for fill in fills]] = True
    if run.contracts is not None:
        first: dict[int, int] = {}
        units: dict[int, float] = defaultdict(float)
        for fill in run.contracts.fills:
            units[fill.trip] += fill.units
            first.setdefault(fill.trip, fill.bar - 1)
            held[first[fill.trip] : fill.bar] = True
        for trip, left in units.items():
            if left:
                held[first[trip] :] = True
    return held


def held_sessions(run: RunResult) -> np.ndarray:
    """True where something was held on a bar of it (`held_bars`); by session of the run, shape (n,)."""
    return np.isin(run.days, run.bars.sessions[held_bars(run)])


def held_part(run: RunResult) -> float:
    """The part of the run's sessions in which something was held (`held_sessions`)."""
    return float(held_sessions(run).mean())


def held_bars_part(run: RunResult) -> float | None:
    """The part of the run's bars on which something was held; None where a session is one bar."""
    sessions = run.bars.sessions
    of_run = np.isin(sessions, run.days)
    return None if of_run.sum() == len(run.days) else float(held_bars(run)[of_run].mean())
