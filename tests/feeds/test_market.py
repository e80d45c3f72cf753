"""The market that a rule sees: names, sessions, and what was known at a bar."""

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.calendars import sessions_between
from feeds.events import load_events
from feeds.market import Market, Prices
from letf_instruments import DataError, known_fund, synthesize
from tests.conftest import random_bars


@pytest.fixture
def market():
    bars = random_bars(4, 30)
    ledger = synthesize(
        known_fund("SOXS"), bars.sessions, bars.open, bars.high, bars.low, bars.close, np.full(30, 0.02)
    )
    other = random_bars(5, 30)
    asset = Bars(
        "NVDA", "NVDA", other.timestamps, other.open, other.high, other.low, other.close, other.volume
    )
    return Market(
        bars.timestamps,
        Prices.of_bars(bars),
        {"SOXS": Prices.of_ledger(ledger)},
        {"NVDA": Prices.of_bars(asset)},
        load_events("option-expiry"),
    )


def test_everything_has_a_name_and_the_index_two(market):
    assert market["SOXS"].multiple == -3
    assert market["NVDA"] is market.assets["NVDA"]
    assert market["index"] is market["TEST"] is market.index
    with pytest.raises(DataError, match="the market has no 'SOXL'; it has TEST, SOXS, NVDA"):
        market["SOXL"]
    assert not market["SOXS"].volume.any()  # a synthetic fund has none
    assert market.index.volume.any()


def test_up_to_a_bar_it_is_what_was_known_then_and_the_calendar(market):
    cut = market.upto(10)
    assert len(cut) == 10
    for name in ("index", "SOXS", "NVDA"):
        whole, short = market[name], cut[name]
        assert (short.name, short.multiple) == (whole.name, whole.multiple)
        for column in ("open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(getattr(short, column), getattr(whole, column)[:10])
    assert cut.events is market.events
    assert len(market.upto(99)) == 30


def test_the_session_of_an_intraday_bar_is_its_day(market):
    stamps = np.array(["2020-01-06T09:30", "2020-01-06T16:00", "2020-01-07T09:30"], dtype="datetime64[us]")
    assert Market(stamps, market.index, {}).sessions.astype(str).tolist() == [
        "2020-01-06",
        "2020-01-06",
        "2020-01-07",
    ]


# -- finished weeks and months -------------------------------------------------------------------------


def in_march_2024():
    """Daily bars around Good Friday 2024-03-29, whose closes count up from 100 on Friday 2024-03-15."""
    days = sessions_between("XNYS", np.datetime64("2024-03-11"), np.datetime64("2024-04-05"))
    close = 96.0 + np.arange(len(days))
    own = Prices("IDX", 1.0, close - 0.5, close + 2.0, close - 2.0, close, np.ones(len(days)))
    return days, Market(days.astype("datetime64[us]"), own, {})


def test_a_week_stands_until_the_next_is_over():
    days, market = in_march_2024()
    week = dict(zip(days.astype(str).tolist(), market.weekly("index").close.tolist(), strict=True))
    assert np.isnan(week["2024-03-14"])
    assert week["2024-03-15"] == week["2024-03-20"] == 100.0
    assert week["2024-03-22"] == 105.0
    # Thursday before Good Friday is the last of its week.
    assert week["2024-03-28"] == 109.0 == week["2024-04-01"]


def test_a_finished_week_has_its_own_range_and_volume():
    days, market = in_march_2024()
    at = days.astype(str).tolist().index("2024-03-20")
    week = market.weekly("IDX")
    assert (week.open[at], week.high[at], week.low[at], week.volume[at]) == (95.5, 102.0, 94.0, 5.0)


def test_a_month_is_over_on_its_last_session():
    days, market = in_march_2024()
    month = dict(zip(days.astype(str).tolist(), market.monthly("index").close.tolist(), strict=True))
    assert np.isnan(month["2024-03-27"])
    assert month["2024-03-28"] == month["2024-04-05"] == 109.0


def test_weeks_and_months_look_at_no_later_bar():
    days, market = in_march_2024()
    for n in range(2, len(days)):
        for whole, cut in (
            (market.weekly("index"), market.upto(n).weekly("index")),
            (market.monthly("index"), market.upto(n).monthly("index")),
        ):
            np.testing.assert_array_equal(cut.close, whole.close[:n])
            np.testing.assert_array_equal(cut.high, whole.high[:n])
