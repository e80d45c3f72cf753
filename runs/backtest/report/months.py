"""Returns by month and year."""

from __future__ import annotations

import numpy as np

from runs.answers.parts import Table
from runs.answers.words import percent
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
    """The rule's returns by month and year, coloured."""
    found = by_month(run.days, run.worth, run.start)
    rows, tints = [], []
    for year, months in found.items():
        rows.append(
            [str(year), *("" if month is None else percent(month).removesuffix(" %") for month in months)]
        )
        full = [FULL] * 12 + [3 * FULL]
        tints.append(
            [
                None,
                *(
                    None if m is None else float(np.clip(m / f, -1.0, 1.0))
                    for m, f in zip(months, full, strict=True)
                ),
            ]
        )
    return Table(
        f"{run.spec.name} by month and year, per cent, payments aside"
        if run.paid_in
        else f"{run.spec.name} by month and year, per cent",
        ["", *MONTHS, "year"],
        rows,
        brief=False,
        tints=tints,
    )
