"""When weekly options expire: on Fridays, or on the session before where Friday is a holiday."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from feeds.calendars import sessions_between

Dates = npt.NDArray[np.datetime64]
MONDAY = 4  # days from Thursday 1970-01-01, with which numpy's weeks begin, to a Monday


def weekly_expiries(calendar: str, start: np.datetime64, end: np.datetime64) -> Dates:
    """The last session of each week (Monday to Friday) whose Friday lies within `start` and `end`.

    The exchange's calendar also has closures that nobody knew of before, such as 2001-09-11.

    Raises
    ------
    DataError
        If there is no such calendar, or it does not reach so far.
    """
    days = sessions_between(calendar, start - np.timedelta64(6, "D"), end)
    weeks = (days.astype("datetime64[D]").astype(np.int64) - MONDAY) // 7
    last = np.append(weeks[1:] != weeks[:-1], True) if len(days) else np.zeros(0, dtype=bool)
    fridays = (weeks * 7 + MONDAY + 4).astype("datetime64[D]")
    found: Dates = days[last & (fridays >= start) & (fridays <= end)]
    return found


def first_expiry(calendar: str, day: np.datetime64, at_least: int) -> np.datetime64:
    """The first weekly expiry that is `at_least` calendar days from `day`, or more."""
    earliest = np.datetime64(day, "D") + np.timedelta64(at_least, "D")
    decade = int(np.datetime64(earliest, "Y").astype(np.int64)) // 10
    found = _of_decade(calendar, decade)
    first: np.datetime64 = found[np.searchsorted(found, earliest)]
    return first


def next_session(calendar: str, day: np.datetime64) -> np.datetime64:
    """The first session after a day."""
    after = np.datetime64(day, "D") + np.timedelta64(1, "D")
    days = _sessions_of_decade(calendar, int(np.datetime64(after, "Y").astype(np.int64)) // 10)
    following: np.datetime64 = days[np.searchsorted(days, after)]
    return following


@cache
def _sessions_of_decade(calendar: str, decade: int) -> Dates:
    start = np.datetime64(decade * 10, "Y").astype("datetime64[D]")
    return sessions_between(calendar, start, start + np.timedelta64(3_690, "D"))


@cache
def _of_decade(calendar: str, decade: int) -> Dates:
    """The expiries of ten years and a bit, counted from 1970: a calendar takes its time to make."""
    start = np.datetime64(decade * 10, "Y").astype("datetime64[D]")
    return weekly_expiries(calendar, start, start + np.timedelta64(3_690, "D"))
