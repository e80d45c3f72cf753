"""When a bar ends on the exchange's clock, and whether its session ends with it: known when it arrives."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from feeds.calendars import hours

OPENS, CLOSES = 570, 960  # minutes of the day, New York: of a day that the calendar does not know


@cache
def _hours(calendar: str, year: int) -> dict[int, tuple[int, int]]:
    return hours(calendar, year)


def bar_ends(
    timestamps: npt.NDArray[np.datetime64], calendar: str = "XNYS"
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """When each bar ends, in minutes of its day, and whether its session ends with it; shape (n,) each.

    Element t is made of stamps up to t and the exchange's calendar, early closes included. Bars are taken to
    be stamped with their beginning once one has begun with a session, as most vendors do, else with their
    end. Their length is the shortest step seen so far within a session. Daily bars end with their session.

    Parameters
    ----------
    timestamps : datetime64, shape (n,), in the exchange's own time, rising.
    """
    stamps = timestamps.astype("datetime64[m]")
    days = stamps.astype("datetime64[D]")
    minute = (stamps - days).astype(np.int64)
    n = len(stamps)
    sessions, of = np.unique(days, return_inverse=True)
    known: dict[int, tuple[int, int]] = {}
    for year in np.unique(sessions.astype("datetime64[Y]").astype(np.int64) + 1970).tolist():
        known |= _hours(calendar, year)
    found = [known.get(day, (OPENS, CLOSES)) for day in sessions.astype(np.int64).tolist()]
    opens, closes = np.array(found, dtype=np.int64).reshape(len(sessions), 2)[of].T
    if not minute.any():
        return closes, np.ones(n, dtype=np.bool_)
    step = np.full(n, np.iinfo(np.int64).max)
    within = np.flatnonzero(days[1:] == days[:-1]) + 1
    step[within] = minute[within] - minute[within - 1]
    length = np.minimum.accumulate(step)
    length = np.where(length == np.iinfo(np.int64).max, 0, length)
    from_start = np.maximum.accumulate(minute == opens)
    end = minute + np.where(from_start, length, 0)
    return end, end >= closes
