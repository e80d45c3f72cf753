"""Sessions of an exchange, from the exchange_calendars library."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError


@cache
def _sessions(calendar: str, first: str, last: str) -> npt.NDArray[np.datetime64]:
    import exchange_calendars as xcals

    try:
        cal = xcals.get_calendar(calendar, start=first, end=last)
    except xcals.errors.InvalidCalendarName:
        raise DataError(f"no exchange calendar named {calendar!r}; New York is XNYS") from None
    except Exception as error:  # each calendar has its own bounds and its own way of saying so
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"calendar {calendar} does not cover {first} to {last}: {reason}") from None
    return cal.sessions.to_numpy().astype("datetime64[D]")


def sessions_between(calendar: str, start: np.datetime64, end: np.datetime64) -> npt.NDArray[np.datetime64]:
    """Session dates (datetime64[D]) of a calendar such as "XNYS" from `start` to `end`, both included."""
    first, last = np.datetime64(start, "Y"), np.datetime64(end, "Y") + 1
    days = _sessions(calendar, f"{first}-01-01", f"{last}-01-10")
    return days[(days >= start) & (days <= end)]
