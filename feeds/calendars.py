"""Sessions of an exchange, from the exchange_calendars library."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError


def _calendar(calendar: str, first: str, last: str) -> Any:
    import exchange_calendars as xcals

    try:
        return xcals.get_calendar(calendar, start=first, end=last)
    except xcals.errors.InvalidCalendarName:
        raise DataError(f"no exchange calendar named {calendar!r}; New York is XNYS") from None
    except Exception as error:  # each calendar has its own bounds and its own way of saying so
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"calendar {calendar} does not cover {first} to {last}: {reason}") from None


@cache
def _sessions(calendar: str, first: str, last: str) -> npt.NDArray[np.datetime64]:
    days: npt.NDArray[np.datetime64] = _calendar(calendar, first, last).sessions.to_numpy()
    return days.astype("datetime64[D]")


@cache
def _closes(calendar: str, first: str, last: str) -> tuple[npt.NDArray[np.datetime64], ...]:
    """Sessions, and when each closes, in UTC."""
    cal = _calendar(calendar, first, last)
    closes = cal.closes.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return cal.sessions.to_numpy().astype("datetime64[D]"), closes.astype("datetime64[s]")


def hours(calendar: str, year: int) -> dict[int, tuple[int, int]]:
    """When the sessions of a year open and close, in minutes of the day on the exchange's own clock, by days
    since 1970-01-01.

    Raises
    ------
    DataError
        If there is no such calendar, or it does not reach so far.
    """
    cal = _calendar(calendar, f"{year}-01-01", f"{year}-12-31")

    def minutes(moments: Any) -> list[int]:
        local = moments.dt.tz_convert(cal.tz)
        return (local.dt.hour * 60 + local.dt.minute).to_list()

    days = cal.sessions.to_numpy().astype("datetime64[D]").astype(np.int64).tolist()
    return dict(zip(days, zip(minutes(cal.opens), minutes(cal.closes), strict=True), strict=True))


def last_finished(calendar: str, now: datetime.datetime) -> np.datetime64:
    """The last session (datetime64[D]) that is over at a moment, early closes included.

    Parameters
    ----------
    now : with a time zone.

    Raises
    ------
    DataError
        If there is no such calendar, or it does not reach so far.
    """
    at = np.datetime64(now.astimezone(datetime.UTC).replace(tzinfo=None), "s")
    days, closes = _closes(calendar, f"{now.year - 1}-12-01", f"{now.year + 1}-01-10")
    finished: np.datetime64 = days[int(np.searchsorted(closes, at, side="right")) - 1]
    return finished


def sessions_between(calendar: str, start: np.datetime64, end: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Session dates (datetime64[D]) of a calendar such as "XNYS" from `start` to `end`, both included."""
    first, last = np.datetime64(start, "Y"), np.datetime64(end, "Y") + 1
    days = _sessions(calendar, f"{first}-01-01", f"{last}-01-10")
    return days[(days >= start) & (days <= end)]


def sessions_after(calendar: str, day: np.datetime64, count: int) -> npt.NDArray[np.datetime64]:
    """The first `count` sessions after a day."""
    day = np.datetime64(day, "D")
    ahead = sessions_between(calendar, day + 1, day + 15 + int(1.6 * count))
    return ahead[:count]


def sessions_before(calendar: str, day: np.datetime64, count: int) -> npt.NDArray[np.datetime64]:
    """The last `count` sessions before a day."""
    day = np.datetime64(day, "D")
    behind = sessions_between(calendar, day - 15 - int(1.6 * count), day - 1)
    return behind[len(behind) - count :]
