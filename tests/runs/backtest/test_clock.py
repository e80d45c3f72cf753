"""A plan's leaving time against the sessions' bars: 3 July 2024 closed at 13:00, the days around at 16:00."""

from types import SimpleNamespace

import numpy as np
import pytest

from feeds.bars import Bars
from letf_instruments import DataError
from runs.backtest.clock import check_clock, clock_note
from strategies import TradePlan


def bars(*days, step=30):
    """Bars of half an hour, stamped with their beginning; each day a date and the minute of its close."""
    stamps = np.concatenate(
        [np.datetime64(day, "m") + np.arange(570, close, step) for day, close in days]
    ).astype("datetime64[us]")
    n = len(stamps)
    return Bars("IDX", "IDX", stamps, *np.full((4, n), 100.0), np.zeros(n))


WEEK = bars(("2024-07-02", 960), ("2024-07-03", 780), ("2024-07-05", 960))


def plan(time):
    return SimpleNamespace(plan=TradePlan(leave_at=time))


def test_a_session_that_is_over_before_the_time_is_said():
    check_clock(WEEK, plan("15:30"))
    assert clock_note(WEEK, plan("15:30")) == [
        '1 of 3 sessions are over before plan.leave_at = "15:30" could sell at an open, the first on '
        "2024-07-03: what is held then is kept overnight"
    ]


@pytest.mark.parametrize("time", ["12:30", "10:01"])
def test_a_time_that_every_session_has_is_not(time):
    check_clock(WEEK, plan(time))
    assert clock_note(WEEK, plan(time)) == []


@pytest.mark.parametrize("time", ["15:31", "16:00", "20:00"])
def test_a_time_after_which_no_bar_opens_is_refused(time):
    with pytest.raises(DataError, match='no session has one; take an earlier time, or "session end"'):
        check_clock(WEEK, plan(time))


@pytest.mark.parametrize("time", ["03:00", "09:30"])
def test_a_time_before_anything_could_be_bought_is_refused(time):
    with pytest.raises(DataError, match="nothing would be bought; take a later time"):
        check_clock(WEEK, plan(time))


def test_without_a_time_there_is_nothing_to_say():
    for at in (None, "open", "session end"):
        check_clock(WEEK, plan(at))
        assert clock_note(WEEK, plan(at)) == []
