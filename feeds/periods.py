"""The last sessions of weeks, months, quarters and years, known beforehand by the exchange's calendar."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from feeds.calendars import sessions_between
from letf_instruments import SpecError

EPOCH = 719163  # 1970-01-01 as a proleptic ordinal, which is how backtrader counts days
PERIODS = ("week", "month", "quarter", "year")


def period_numbers(days: npt.NDArray[np.datetime64], every: str) -> npt.NDArray[np.int64]:
    """A number for each session's period: equal within it, rising from one to the next; shape (n,)."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]").astype(np.int64)
    if every == "week":
        return np.asarray((day.astype(np.int64) + 3) // 7)  # 1970-01-01 was a Thursday, weeks begin on Monday
    if every not in PERIODS:
        raise SpecError(f"there is no period {every!r}; there are {', '.join(PERIODS)}")
    return np.asarray(month // {"month": 1, "quarter": 3, "year": 12}[every])


def is_last_of_period(day: datetime.date, every: str, calendar: str = "XNYS") -> bool:
    """True if a session is the last of its period by the calendar."""
    due = _sessions(calendar, day.year)
    days = np.array([day], dtype="datetime64[D]")
    after = due[np.searchsorted(due, days, side="right")]
    return bool((period_numbers(after, every) != period_numbers(days, every))[0])


@cache
def _sessions(calendar: str, year: int) -> npt.NDArray[np.datetime64]:
    return sessions_between(calendar, np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-31"))


def last_of_period(
    days: npt.NDArray[np.datetime64], every: str, calendar: str = "XNYS"
) -> npt.NDArray[np.bool_]:
    """True on the sessions that are the last of their period by the calendar, shape (n,).

    The calendar says beforehand that no session of the period follows, so this looks at no later bar; a
    session
    that fell out unforeseen (a storm) is taken for one that was to come.

    Parameters
    ----------
    days : sessions, datetime64[D], shape (n,), rising.
    """
    if not len(days):
        return np.zeros(0, dtype=np.bool_)
    due = sessions_between(calendar, days[0], days[-1] + np.timedelta64(14, "D"))
    following = np.searchsorted(due, days.astype("datetime64[D]"), side="right")
    after = due[np.minimum(following, len(due) - 1)]
    return np.asarray(period_numbers(after, every) != period_numbers(days, every))
