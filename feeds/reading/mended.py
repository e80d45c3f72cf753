"""What is done to rows of bars before they are checked: order, rows left out, whole sessions, rounding.

Nothing here changes a price by more than the rounding of its own digits, and all of it is said.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.bars import LONGEST_STEP, PRICES, ROUNDING
from feeds.reading.tables import Table, counted
from letf_instruments import DataError

Stamps = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Kept = npt.NDArray[np.bool_]

MOST_EMPTY = 0.05  # FRED writes the ten holidays of a year as rows; beyond this share something else is wrong
MOST_ROUNDED = 0.005  # prices are printed in cents or finer
DAY = np.timedelta64(1, "D")


def without_remarks(table: Table, columns: dict[str, str]) -> Table:
    """The table without rows that hold nothing, and without Yahoo's rows of a dividend or a split."""
    if not table.served:
        return table
    frame = table.frame
    texts = [columns[c] for c in PRICES if c in columns and frame[columns[c]].dtype.kind == "O"]
    empty = frame.isna().all(axis=1).to_numpy()
    if empty.any():
        table.note(f"{counted(empty.sum(), 'empty row')} left out")
    paid = np.zeros(len(frame), dtype=bool)
    for heading in dict.fromkeys(texts):
        paid |= frame[heading].astype(str).str.contains("dividend|split", case=False).to_numpy(dtype=bool)
    if paid.any():
        table.note(f"{counted(paid.sum(), 'row')} of dividends or splits between its bars left out")
    return table if not (empty | paid).any() else table.take(~(empty | paid))


def turned_round(table: Table, stamps: Stamps) -> tuple[Table, Stamps]:
    """Oldest first, where all of it is newest first."""
    steps = np.diff(stamps)
    zero = np.timedelta64(0, "us")
    if not table.served or not len(steps) or not (steps <= zero).all() or not (steps < zero).any():
        return table, stamps
    table.note("newest first, turned round")
    backwards = np.arange(len(table))[::-1]
    return table.take(backwards), stamps[::-1]


def kept_rows(table: Table, stamps: Stamps, data: dict[str, Floats]) -> Kept:
    """Which rows are bars: not those without any price, a repetition, or a last one that is unfinished.

    Parameters
    ----------
    data : prices, volume and adjusted close by name, shape (n,) each.
    """
    if not table.served or np.isnat(stamps).any():
        return np.ones(len(table), dtype=bool)
    prices = [data[c] for c in PRICES]
    keep = _priced(table, stamps, prices)
    keep &= _unrepeated(table, stamps, list(data.values()), keep)
    return keep & _finished(
        table, stamps, [*prices, *([data["adj_close"]] if "adj_close" in data else [])], keep
    )


def _when(days: Stamps) -> str:
    return f"{'first' if len(days) > 1 else 'on'} {days[0]}"


def _priced(table: Table, stamps: Stamps, prices: list[Floats]) -> Kept:
    empty = np.isnan(prices).all(axis=0)
    if not empty.any() or empty.sum() > max(1, MOST_EMPTY * len(table)):
        return np.ones(len(table), dtype=bool)
    days = stamps[empty].astype("datetime64[D]")
    table.note(f"{counted(len(days), 'row')} without any price left out, {_when(days)}")
    return ~empty


def _unrepeated(table: Table, stamps: Stamps, columns: list[Floats], keep: Kept) -> Kept:
    """Rows that do not say again what the row before says."""
    repeated = np.zeros(len(table), dtype=bool)
    at = np.flatnonzero(keep)
    same = stamps[at][1:] == stamps[at][:-1]
    for column in columns:
        same &= (column[at][1:] == column[at][:-1]) | (np.isnan(column[at][1:]) & np.isnan(column[at][:-1]))
    repeated[at[1:][same]] = True
    if repeated.any():
        days = stamps[repeated].astype("datetime64[D]")
        table.note(f"{counted(len(days), 'repetition')} of the row before left out, {_when(days)}")
    return ~repeated


def _finished(table: Table, stamps: Stamps, prices: list[Floats], keep: Kept) -> Kept:
    """All rows but a last one that lacks a price, or whose clock says that its session still went on."""
    at = np.flatnonzero(keep)
    finished = np.ones(len(table), dtype=bool)
    if len(at) < 3:
        return finished
    whole = ~np.isnan(prices).any(axis=0)[at]
    clocks = stamps[at] - stamps[at].astype("datetime64[D]")
    sessions = stamps[at][:-1].astype("datetime64[D]")
    daily = bool((clocks[:-1] == clocks[0]).all() and (np.diff(sessions) >= DAY).all())
    midnight = clocks[0] == np.timedelta64(0, "us")
    live = daily and (clocks[-1] != clocks[0] if midnight else clocks[-1] < clocks[0])
    if live or (whole[-2] and not whole[-1]):
        finished[at[-1]] = False
        when = stamps[at[-1]].astype("datetime64[m]" if live else "datetime64[D]")
        table.note(
            f"its last row, of {str(when).replace('T', ' ')}, is of an unfinished session and left out"
        )
    return finished


def whole_sessions(table: Table, stamps: Stamps) -> Stamps:
    """Midnight for bars of which every session has one, whatever their clocks say.

    Raises
    ------
    DataError
        If they are weekly or longer.
    """
    days = stamps.astype("datetime64[D]")
    steps = np.diff(days)
    if len(days) < 3 or not (steps >= DAY).all():
        return stamps
    step = float(np.median(steps.astype(np.int64)))
    if step > LONGEST_STEP:
        raise DataError(
            f"{table.source}: its bars are {step:g} days apart (median); a fund that resets daily cannot be "
            "made from weekly or longer bars"
        )
    if (stamps == days).all():
        return stamps
    table.note("one bar a session, so it is daily, and the time of day left out")
    return days.astype("datetime64[us]")


def within_rounding(table: Table, data: dict[str, Floats]) -> None:
    """Let a high or low reach open and close where it misses them by their rounding, half their last digit.

    Parameters
    ----------
    data : prices by name; its high and low are replaced.
    """
    missed = np.zeros(len(table), dtype=bool)
    for side, better in (("high", np.maximum), ("low", np.minimum)):
        for other in ("open", "close"):
            reach = better(data[side], data[other])
            gap = np.abs(reach - data[side])
            if not (gap > ROUNDING * data["close"]).any():
                continue  # `Bars` lets that pass
            one, two = _digits(data[side]), _digits(data[other])
            slack = min(0.5 * 10.0 ** -min(one, two), MOST_ROUNDED) * (1 + ROUNDING) if one != two else 0.0
            near = (gap > 0) & (gap <= slack + 10.0 ** -max(one, two) / 2)
            if slack and near.any():
                data[side] = np.where(near, reach, data[side])
                missed |= near
    if missed.any():
        table.note(
            f"on {counted(missed.sum(), 'row')} high or low misses open or close by their rounding and is "
            "taken to reach them"
        )


def _digits(values: Floats) -> int:
    """Digits after the point with which a column is printed, 6 at most."""
    known = values[np.isfinite(values)]
    return next((d for d in range(6) if np.array_equal(np.round(known, d), known)), 6)
