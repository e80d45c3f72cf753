"""The market that a rule sees: names, sessions, and what was known at a bar."""

import numpy as np
import pytest

from feeds.bars import Bars
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
