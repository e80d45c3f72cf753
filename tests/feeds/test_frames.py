"""Bars as frames: what is in them, that they are copies, and that reading them back loses nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.bars import Bars
from feeds.frames import bars_frame
from feeds.reading.files import read_bars
from feeds.reading.memory import Memory
from feeds.simulate import simulate_semiconductors
from feeds.sources import load_bars
from tests.conftest import make_bars

PRICE = st.floats(1e-6, 1e9)


@st.composite
def any_bars(draw):
    """Bars of any prices, daily or with a time of day, with and without an adjusted close."""
    n = draw(st.integers(2, 12))
    # No weekly bars, which are refused, nor one bar a session, which is daily whatever its time of day.
    unit, longest = draw(st.sampled_from([("D", 4), ("m", 479), ("us", 10_000)]))
    steps = draw(st.lists(st.integers(1, longest), min_size=n, max_size=n))
    stamps = np.datetime64("1999-12-31", unit) + np.cumsum(steps)
    rows = [sorted(draw(st.lists(PRICE, min_size=4, max_size=4))) for _ in range(n)]
    low, o, c, high = np.array(rows).T
    volume = draw(st.lists(st.floats(0, 1e15), min_size=n, max_size=n))
    adj = draw(st.none() | st.lists(PRICE, min_size=n, max_size=n))
    return Bars("B", "B.csv", stamps, o, high, low, c, np.array(volume), adj)


@given(any_bars(), st.sampled_from([None, "America/New_York"]))
def test_a_frame_read_back_is_the_same_bars(bars, zone):
    frame = bars_frame(bars)
    # Wall clocks that New York skips or has twice in a year cannot be written with its zone.
    if zone is not None and bars.daily:
        frame = frame.tz_localize(zone)
    again = load_bars(Memory("B", frame))
    assert again.fingerprint() == bars.fingerprint()
    if bars.adj_close is None:
        assert again.adj_close is None
    else:
        np.testing.assert_array_equal(again.adj_close, bars.adj_close)


def test_a_frame_has_columns_of_floats_by_date():
    bars = make_bars([(10, 12, 9, 11), (11, 11, 10, 10)])
    frame = bars_frame(bars)
    expected = pd.DataFrame(
        {
            "open": [10.0, 11.0],
            "high": [12.0, 11.0],
            "low": [9.0, 10.0],
            "close": [11.0, 10.0],
            "volume": [1.0, 1.0],
        },
        index=pd.DatetimeIndex(["2020-01-06", "2020-01-07"], name="date").as_unit("us"),
    )
    pd.testing.assert_frame_equal(frame, expected)
    assert list(bars_frame(load_bars(frame.assign(adj_close=frame["close"])))) == [*expected, "adj_close"]


def test_changing_a_frame_does_not_change_the_bars():
    bars = make_bars([(10, 12, 9, 11), (11, 11, 10, 10)])
    before = bars.fingerprint()
    frame = bars_frame(bars)
    frame["close"] *= 2
    frame.iloc[0, 0] = 1.0
    assert bars.fingerprint() == before


@pytest.mark.parametrize("way", ["memory", "parquet"])
def test_simulated_bars_stay_simulated_on_the_way_there_and_back(way, tmp_path):
    frame = bars_frame(simulate_semiconductors(1, end=np.datetime64("2000-02-01")))
    if way == "memory":
        assert load_bars({"S": frame}).simulated
    else:
        frame.to_parquet(tmp_path / "S.parquet")
        assert read_bars(tmp_path / "S.parquet").simulated
