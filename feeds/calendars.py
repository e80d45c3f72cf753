"""Sessions of an exchange, from the exchange_calendars library."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError
from letf_instruments.kept_days import kept_days

# A calendar takes as long to build for a week as for a lifetime: New York's is built once for spans within.
# Not of every exchange: what Seoul's gives of a year's first session depends on the span it is built for.
WIDE = {"XNYS": ("1960-01-01", "2049-12-31")}


def _built(calendar: str, first: str, last: str) -> Any:
    import exchange_calendars as xcals

    try:
        return xcals.get_calendar(calendar, start=first, end=last)
    except xcals.errors.InvalidCalendarName:
        raise DataError(f"no exchange calendar named {calendar!r}; New York is XNYS") from None
    except Exception as error:  # each calendar has its own bounds and its own way of saying so
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"calendar {calendar} does not cover {first} to {last}: {reason}") from None


class _Hours(NamedTuple):
    """Sessions (datetime64[D], rising), and when each opens and closes (datetime64[s], UTC)."""

    days: npt.NDArray[np.datetime64]
    opens: npt.NDArray[np.datetime64]
    closes: npt.NDArray[np.datetime64]
    zone: Any

    def between(self, first: np.datetime64, last: np.datetime64) -> _Hours:
        """Those of the sessions from `first` to `last`, both included."""
        kept = slice(np.searchsorted(self.days, first), np.searchsorted(self.days, last, side="right"))
        return self._replace(days=self.days[kept], opens=self.opens[kept], closes=self.closes[kept])


@cache
def _hours(calendar: str, first: str, last: str) -> _Hours:
    cal = _built(calendar, first, last)

    def utc(moments: Any) -> npt.NDArray[np.datetime64]:
        seconds: npt.NDArray[np.datetime64] = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return seconds.astype("datetime64[s]")

    days = cal.sessions.to_numpy().astype("datetime64[D]")
    return _Hours(days, utc(cal.opens), utc(cal.closes), cal.tz)


def _span(calendar: str, first: str, last: str) -> tuple[str, str]:
    """The span for which a calendar is built, to have these days of it."""
    begin, end = WIDE.get(calendar, (first, last))
    is_within = np.datetime64(begin) <= np.datetime64(first) and np.datetime64(last) <= np.datetime64(end)
    return (begin, end) if is_within else (first, last)


def _covering(calendar: str, first: str, last: str) -> _Hours:
    return _hours(calendar, *_span(calendar, first, last))


@cache
def _days(calendar: str, first: str, last: str) -> npt.NDArray[np.datetime64]:
    """Its sessions, of a span as `_span` gives it; of a wide one they are kept for the next process."""

    def reckon() -> npt.NDArray[np.datetime64]:
        return _hours(calendar, first, last).days

    if (first, last) == WIDE.get(calendar):
        return kept_days(f"{calendar}_sessions_{first}_{last}", reckon)
    return reckon()


def hours(calendar: str, year: int) -> dict[int, tuple[int, int]]:
    """When the sessions of a year open and close, in minutes of the day on the exchange's own clock, by days
    since 1970-01-01.

    Raises
    ------
    DataError
        If there is no such calendar, or it does not reach so far.
    """
    import pandas as pd

    first, last = f"{year}-01-01", f"{year}-12-31"
    of = _covering(calendar, first, last).between(np.datetime64(first), np.datetime64(last))

    def minutes(moments: npt.NDArray[np.datetime64]) -> list[int]:
        local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(of.zone)
        found: list[int] = (local.hour * 60 + local.minute).to_list()
        return found

    days = of.days.astype(np.int64).tolist()
    return dict(zip(days, zip(minutes(of.opens), minutes(of.closes), strict=True), strict=True))


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
    of = _covering(calendar, f"{now.year - 1}-12-01", f"{now.year + 1}-01-10")
    finished: np.datetime64 = of.days[int(np.searchsorted(of.closes, at, side="right")) - 1]
    return finished


def sessions_between(calendar: str, start: np.datetime64, end: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Session dates (datetime64[D]) of a calendar such as "XNYS" from `start` to `end`, both included."""
    first, last = np.datetime64(start, "Y"), np.datetime64(end, "Y") + 1
    days = _days(calendar, *_span(calendar, f"{first}-01-01", f"{last}-01-10"))
    return days[np.searchsorted(days, start) : np.searchsorted(days, end, side="right")].copy()


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
