"""A plan's fills and times against the run's bars: what they cannot do is refused, what they will not do on
some days is said."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from feeds.bars import Bars
from feeds.session_clock import bar_ends
from letf_instruments import DataError
from strategies import Rule


@lru_cache(maxsize=4)
def _decisive(bars: Bars) -> tuple[np.ndarray, np.ndarray]:
    """When the first bar of each session ends, and its last one but one, on whose close the last sale at an
    open of the session is decided; minutes of the day, shape (sessions,). 0 where there is but one bar."""
    minute, _ = bar_ends(bars.timestamps)
    first = np.flatnonzero(np.append(True, bars.sessions[1:] != bars.sessions[:-1]))
    last = np.append(first[1:], len(minute)) - 1
    return minute[first], np.where(last > first, minute[last - 1], 0)


def check_clock(bars: Bars, rule: Rule) -> None:
    """Refuse orders for a close on intraday bars, a time of day on daily ones, and one that no bar serves.

    Raises
    ------
    DataError
        One sentence.
    """
    plan = rule.plan
    if getattr(plan, "fill", "open") == "close" and not bars.daily:
        raise DataError(
            f'{bars.source}: these are intraday bars; plan.fill = "close", an order for the close of a '
            "session, needs daily ones"
        )
    leave = getattr(plan, "leave_minute", None)
    if leave is None:
        return
    asked = f'plan.leave_at = "{plan.leave_at}"'
    if bars.daily:
        raise DataError(f"{bars.source}: these are daily bars; {asked}, a time of day, needs intraday ones")
    begins, ends = _decisive(bars)
    if leave <= begins.min():
        raise DataError(
            f"{bars.source}: {asked} is not after the first bar of any session, so nothing would be "
            "bought; take a later time"
        )
    if leave > ends.max():
        raise DataError(
            f"{bars.source}: {asked} leaves at the open after the bar that ends then, and no session has "
            'one; take an earlier time, or "session end"'
        )


def clock_note(bars: Bars, rule: Rule) -> list[str]:
    """The sessions that are over before the plan's leaving time, as those with an early close are."""
    leave = getattr(rule.plan, "leave_minute", None)
    if leave is None:
        return []
    _, ends = _decisive(bars)
    short = np.unique(bars.sessions)[ends < leave]
    if not len(short):
        return []
    return [
        f"{len(short):,} of {len(ends):,} sessions are over before plan.leave_at = "
        f'"{rule.plan.leave_at}" could sell at an open, the first on {short[0]}: what is held then is kept '
        "overnight"
    ]
