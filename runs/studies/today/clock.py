"""Which close is asked about, and whether the data have it."""

from __future__ import annotations

import datetime

import numpy as np

from feeds.bars import MIN_BARS
from feeds.calendars import last_finished, sessions_between
from letf_instruments import DataError, SpecError
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec

LONGEST_PAUSE = np.timedelta64(30, "D")  # of an exchange; from 1914-07-31 New York was closed for longer


def last_bar(
    spec: RunSpec, setting: Setting, as_of: datetime.date | None, now: datetime.datetime | None
) -> tuple[int, list[str]]:
    """How many bars there are to the close that is asked about, and what there is to say of it.

    Parameters
    ----------
    as_of : a day; its own session, or the last before it. None for the last session that is finished.
    now : the moment, with a time zone; None for the clock's.

    Raises
    ------
    DataError
        If the data end before that close, lack its bar, begin after it, or are intraday.
    SpecError
        If the day is still to come, or the moment has no time zone.
    """
    bars, calendar = setting.bars, spec.data.calendar
    moment = datetime.datetime.now(datetime.UTC) if now is None else now
    if moment.tzinfo is None:
        raise SpecError(f"now is {moment}; it needs a time zone")
    if not bars.daily:
        raise DataError(
            f"{bars.source}: bars within the day; what is for the next session is asked of daily ones"
        )
    finished = last_finished(calendar, moment)
    wanted = finished
    if as_of is not None:
        day = np.datetime64(as_of, "D")
        before = sessions_between(calendar, day - LONGEST_PAUSE, day)
        if not len(before):
            raise DataError(f"{calendar} has no session in the {LONGEST_PAUSE.astype(int)} days to {as_of}")
        wanted = before[-1]
        if wanted > finished:
            raise SpecError(f"as_of is {as_of}; the last session of {calendar} that is over is {finished}")
    days = bars.sessions
    count = int(np.searchsorted(days, wanted, side="right"))
    if days[-1] < wanted:
        end = spec.data.end
        cut = f" (data.end is {end}; --set data.end=none)" if end is not None and end <= wanted.item() else ""
        raise DataError(
            f"{bars.source}: the data end on {days[-1]}, but the session of {wanted} is over: add what is "
            f"missing (letf data update), or ask for that day with --as-of {days[-1]}{cut}"
        )
    if count < MIN_BARS:
        raise DataError(f"{bars.source}: the run begins on {days[0]}, too late to say anything of {wanted}")
    if days[count - 1] != wanted:
        raise DataError(f"{bars.source}: there is no bar of {wanted}, a session of {calendar}")
    left = int((days > finished).sum()) if as_of is None else 0
    if left:
        return count, [f"{days[-1]}: a session that is not over yet; its bar is left out"]
    return count, []
