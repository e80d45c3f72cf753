"""Returns by month and year."""

from __future__ import annotations

import numpy as np

from engine.kernel.figures import STILL
from runs.answers.parts import Table
from runs.answers.words import number, percent
from runs.backtest.benchmarks import index_held
from runs.backtest.fills import held_sessions
from runs.backtest.result import RunResult

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL = 0.10  # a month's return at which its colour is full; of a year three times that


def by_month(days: np.ndarray, worth: np.ndarray, start: float) -> dict[int, list[float | None]]:
    """By year: the return of each month, and of the year after them; None where the account was not there or
    had nothing left.

    Parameters
    ----------
    days : datetime64[D], shape (n,). worth : the account by time-weighted returns, shape (n,). start : before
    the first of them.
    """
    months = days.astype("datetime64[M]")
    last = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    ends, before = worth[last], np.append(start, worth[last][:-1])
    out: dict[int, list[float | None]] = {}
    for month, end, begun in zip(months[last], ends, before, strict=True):
        year, number = divmod(int(month.astype(int)), 12)
        row = out.setdefault(1970 + year, [None] * 13)
        row[number] = None if begun <= 0 else float(end / begun - 1.0)
    for row in out.values():
        known = [1.0 + month for month in row[:12] if month is not None]
        row[12] = float(np.prod(known)) - 1.0 if known else None
    return out


def months_table(run: RunResult) -> Table:
    """The rule's returns by month and year, coloured, and beside them the index held by year."""
    found = by_month(run.days, run.worth, run.start)
    held = index_held(run.setting, len(run.days))
    index = by_month(run.days, held, float(held[0]))
    rows, tints = [], []
    for year, months in found.items():
        values = [*months, index[year][12]]
        full = [FULL] * 12 + [3 * FULL] * 2
        rows.append(
            [str(year), *("" if value is None else percent(value).removesuffix(" %") for value in values)]
        )
        tints.append([None, *(_tint(value, most) for value, most in zip(values, full, strict=True))])
    aside = ", payments aside" if run.paid_in else ""
    return Table(
        f"{run.spec.name} by month and year, per cent{aside}; last the index held",
        ["", *MONTHS, "year", run.bars.name],
        rows,
        brief=False,
        tints=tints,
    )


def years_table(run: RunResult) -> Table:
    """The rule and the index held by year: what it was ahead, how many times the index's return it made where
    that is a gain, and whether it was beaten."""
    held = index_held(run.setting, len(run.days))
    index = by_month(run.days, held, float(held[0]))
    rows, tints = [], []
    for year, months in by_month(run.days, run.worth, run.start).items():
        own, other = months[12], index[year][12]
        if own is None or other is None:
            continue
        multiple = number(own / other) if other > STILL else "n/a"
        beaten = "yes" if own > other else "no"
        rows.append([str(year), percent(own), percent(other), percent(own - other), multiple, beaten])
        tints.append([None, *(_tint(value, 3 * FULL) for value in (own, other, own - other)), None, None])
    headings = ["", run.spec.name, f"{run.bars.name} held", "ahead by", "times the index", "beaten"]
    return Table("Year by year", headings, rows, brief=False, tints=tints)


def _tint(value: float | None, full: float) -> float | None:
    return None if value is None else float(np.clip(value / full, -1.0, 1.0))


def from_start(run: RunResult) -> tuple[np.ndarray, np.ndarray]:
    """Days and the account by time-weighted returns, with the money at the start before them where the first
    session changed it."""
    if run.worth[0] == run.start:
        return run.days, run.worth
    return np.append(run.days[:1], run.days), np.append(run.start, run.worth)


def held_returns(run: RunResult) -> np.ndarray:
    """True where the daily return of `from_start` is of a session in which something was held; bool, shape
    (n − 1,). The others are interest on cash."""
    held = held_sessions(run)
    return held[1:] if run.worth[0] == run.start else held
