"""When money moves for what was traded: the settlement date of a session, New York's calendar.

A fund's swaps, and what it holds beside them, change hands some business days after the session in which
they were traded: three until 2017-09-04, two until 2024-05-27, one since (`facts/settlement.csv`). Interest
therefore runs from one settlement date to the next, not from close to close: what a weekend costs shows in
the return of the Thursday before it under two days, of the Friday before it under one. Over a span the two
differ by its ends alone.

Business days are weekdays without the exchange's regular holidays, which are known years ahead. A day on
which it stayed closed at short notice, as 2001-09-11 or 2012-10-29, counts as one: nobody knew of it at the
close before, and money moved. Nothing here looks ahead.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from letf_instruments.dated import Dated
from letf_instruments.kept_days import kept_days
from letf_instruments.tables import rows

Dates = npt.NDArray[np.datetime64]

CALENDAR = "XNYS"
# Holidays are asked for between these; beyond them business days are weekdays.
FIRST, LAST = "1900-01-01", "2100-12-31"


def _holidays() -> Dates:
    import exchange_calendars as xcals
    import pandas as pd

    # Any few days will do to have the calendar, whose rules for holidays are of all years.
    exchange = xcals.get_calendar(CALENDAR, start="2024-01-02", end="2024-01-31")
    holidays = exchange.regular_holidays.holidays(pd.Timestamp(FIRST), pd.Timestamp(LAST))
    return np.array(holidays, dtype="datetime64[D]")


@cache
def _business_days() -> np.busdaycalendar:
    return np.busdaycalendar(holidays=kept_days(f"{CALENDAR}_holidays_{FIRST}_{LAST}", _holidays))


@cache
def _cycle() -> Dated[int]:
    return Dated.of((row["from"], int(row["sessions"])) for row in rows("settlement"))


def _computed(sessions: Dates) -> Dates:
    return np.asarray(
        np.busday_offset(sessions, _cycle().on(sessions), roll="backward", busdaycal=_business_days())
    )


@cache
def _table() -> Dates:
    """Of every day from FIRST to LAST: to look dates up is some fifty times faster than to reckon them."""
    return _computed(np.arange(np.datetime64(FIRST), np.datetime64(LAST)))


def settlement_dates(sessions: Dates) -> Dates:
    """When what is traded in a session settles.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,). One on a holiday or a weekend settles as the business day before it.

    Returns
    -------
    datetime64[D], shape (n,); they never fall where `sessions` rise.
    """
    table = _table()
    at = (sessions - np.datetime64(FIRST)).astype(np.int64)
    if len(at) and (at.min() < 0 or at.max() >= len(table)):
        return _computed(sessions)
    return np.asarray(table[at])


def settlement_day(session: np.datetime64) -> int:
    """The same for one session, as days from 1970-01-01."""
    return int(settlement_dates(np.array([session]))[0].astype(np.int64))


def settled_days(sessions: Dates) -> npt.NDArray[np.float64]:
    """Days of interest between each session and the one before it, shape (n,) → (n,): 0 for the first."""
    days = np.zeros(len(sessions))
    days[1:] = np.diff(settlement_dates(sessions)).astype(np.int64)
    return days
