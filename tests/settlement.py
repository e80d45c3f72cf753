"""Settlement dates counted day by day, as the rules say them: an independent way to the same dates."""

from functools import cache

import numpy as np

# New York closed on these at short notice, for attacks, a storm and the funerals of presidents.
UNSCHEDULED = {
    *("1994-04-27", "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2004-06-11", "2007-01-02"),
    *("2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09"),
}


@cache
def _open_days():
    import exchange_calendars as xcals

    sessions = xcals.get_calendar("XNYS", start="1993-01-01", end="2030-01-31").sessions
    return {str(day.date()) for day in sessions} | UNSCHEDULED


@cache
def settles(session):
    """Of an ISO date from 1993 to 2029: the date so many business days later."""
    left = 3 if session < "2017-09-05" else 2 if session < "2024-05-28" else 1
    day = np.datetime64(session, "D")
    while left:
        day = day + 1
        left -= str(day) in _open_days()
    return day


def nights(earlier, later):
    """Days of interest between two sessions."""
    return int((settles(str(later)) - settles(str(earlier))).astype(int))
