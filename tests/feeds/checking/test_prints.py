"""False prints: what is named, with which size, and what no real day is."""

import time
from dataclasses import replace

import numpy as np
import pytest

from feeds.bars import Bars
from feeds.checking.checks import split_like, warnings_of
from feeds.checking.prints import false_prints
from feeds.reading.files import read_bars
from feeds.sources import load_bars
from letf_instruments import DataError
from tests.conftest import make_bars

N = 41
CALM = (100.0, 101.0, 99.0, 100.0)  # a true range of ln(101/99), 2.0 %: ten times that is 20 %


def calm(at=20, **prices):
    """Bars that range from 99 to 101 every day, but for one."""
    rows = [CALM] * N
    rows[at] = tuple(prices.get(c, p) for c, p in zip(("open", "high", "low", "close"), CALM, strict=True))
    return make_bars(rows)


def named(bars):
    found = false_prints(bars)
    return [(int(i), found.column(int(i))) for i in found.at]


def test_calm_bars_and_what_is_built_in_have_none():
    assert named(calm()) == []
    assert named(load_bars("nasdaq")) == []
    assert named(load_bars("semis-sim")) == []


def test_a_high_is_false_beyond_ten_times_the_usual_range():
    assert named(calm(high=122.0)) == []  # ln 1.22 is 0.1989, ten times ln(101/99) is 0.2000
    assert named(calm(high=123.0)) == [(20, "high")]


def test_what_is_false_is_named_with_bar_price_and_size():
    bars = calm(high=1000.0)
    assert false_prints(bars).sentence(20) == (
        "high 1,000 is 10 × what its open and close allow (100); the bar before ranged from 99 to 101, "
        "and bars around it range over 2 %"
    )
    assert "low 20 is 80 % below what its open and close allow (100)" in false_prints(
        calm(low=20.0)
    ).sentence(20)


def test_an_open_beyond_the_close_before_and_its_own_is_false_and_the_high_that_goes_with_it_is_not_named():
    bars = calm(open=150.0, high=150.0)
    assert named(bars) == [(20, "open")]
    said = false_prints(bars).sentence(20)
    assert said.startswith("open 150 is 50 % above the close before and its own close (100 and 100)")


def test_an_open_that_the_day_goes_on_from_is_a_gap():
    assert (
        named(calm(open=150.0, high=151.0, low=149.0, close=150.0))[0][1] == "close"
    )  # but back the day after
    rows = [CALM] * 20 + [(150.0, 151.5, 148.5, 150.0)] * 21
    assert named(make_bars(rows)) == []


def test_a_close_that_is_off_for_one_bar_and_back_is_false():
    assert named(calm(close=10.0, low=10.0)) == [(20, "close")]
    assert named(calm(close=1000.0, high=1000.0)) == [(20, "close")]
    assert named(calm(open=1000.0, high=1010.0, low=990.0, close=1000.0)) == [(20, "close")]


def test_the_last_close_has_nothing_after_it_to_come_back_to():
    assert named(calm(at=N - 1, close=50.0, low=50.0)) == []


def test_the_first_bar_is_judged_by_itself_and_what_follows():
    assert named(calm(at=0, high=500.0)) == [(0, "high")]
    assert named(calm(at=0, open=500.0, high=500.0)) == [(0, "open")]


def test_a_stormy_month_explains_its_lows_and_a_calm_one_does_not_hide_them():
    storm = [(100.0, 110.0, 90.0, 100.0)] * 15  # a range of 20 %, eight times which is 160 %
    rows = [CALM] * 30 + storm[:7] + [(100.0, 101.0, 60.0, 100.0)] + storm[7:] + [CALM] * 30
    assert named(make_bars(rows)) == []
    assert named(calm(low=60.0)) == [(20, "low")]


def test_bars_that_do_not_move_are_judged_by_the_least_distance():
    rows = [(100.0,) * 4] * 30
    rows[10] = (100.0, 104.0, 100.0, 100.0)
    rows[20] = (100.0, 106.0, 100.0, 100.0)
    assert named(make_bars(rows)) == [(20, "high")]


def test_too_few_bars_have_no_usual_range():
    assert named(make_bars([CALM, CALM, (100.0, 1000.0, 99.0, 100.0), CALM, CALM])) == []


def test_several_are_all_named_and_each_by_itself():
    rows = [CALM] * N
    rows[10], rows[11] = (100.0, 300.0, 99.0, 100.0), (100.0, 101.0, 20.0, 100.0)
    assert named(make_bars(rows)) == [(10, "high"), (11, "low")]


def test_within_keeps_those_of_the_sessions():
    bars = calm(high=1000.0)
    day = bars.sessions[20]
    found = false_prints(bars)
    assert len(found.within(day, day)) == 1
    assert len(found.within(day + 1, None)) == len(found.within(None, day - 1)) == 0


def test_mended_bars_have_what_open_and_close_allow():
    high = false_prints(calm(open=98.0, high=500.0, low=97.0, close=99.0)).mended()
    assert (high.open[20], high.high[20], high.low[20], high.close[20]) == (98.0, 99.0, 97.0, 99.0)
    low = false_prints(calm(open=98.0, low=10.0, close=99.0)).mended()
    assert (low.open[20], low.high[20], low.low[20], low.close[20]) == (98.0, 101.0, 98.0, 99.0)
    open_ = false_prints(calm(open=150.0, high=160.0, close=101.0)).mended()  # the high is as far out
    assert (open_.open[20], open_.high[20], open_.low[20], open_.close[20]) == (100.0, 101.0, 99.0, 101.0)
    assert len(false_prints(open_)) == 0


def test_nothing_to_mend_gives_the_same_bars():
    bars = calm()
    assert false_prints(bars).mended() is bars


def test_an_adjustment_that_doubles_for_one_day_is_false_and_a_dividend_is_not():
    ratio = np.where(np.arange(N) < 30, 0.8, 1.0)  # a large dividend on bar 30
    bars = replace(calm(), adj_close=100 * ratio)
    assert named(bars) == []
    doubled = np.where(np.arange(N) == 20, 160.0, bars.adj_close)
    bars = replace(bars, adj_close=doubled)
    assert named(bars) == [(20, "adj_close")]
    assert false_prints(bars).sentence(20) == (
        "adj_close 160 is 2 × what its neighbours' adjustments make of the close (80 and 80)"
    )
    assert len(false_prints(bars, adjusted=False)) == 0


@pytest.mark.parametrize(
    ("value", "what"), [(np.nan, "is missing"), (0.0, "is 0; it must be"), (-5.0, "is -5; it must be")]
)
def test_an_adjusted_close_that_is_no_price_is_named_by_its_own_column(value, what):
    adj = np.full(N, 80.0)
    adj[[20, 21]] = value
    with pytest.raises(DataError, match=rf"TEST, row 22 \(2020-02-03\): adjusted close {what}"):
        replace(calm(), adj_close=adj)


def test_warnings_name_false_prints_and_no_split_beside_them():
    bars = calm(open=1000.0, high=1010.0, low=990.0, close=1000.0)
    said = [warning for warning in warnings_of(bars) if "sessions" not in warning]
    assert len(said) == 1
    assert said[0].startswith("TEST, row 22 (2020-02-03): close 1,000 is 10 × the closes before and after")
    assert not any("false print" in warning for warning in warnings_of(bars, prints=False))


def test_an_adjusted_close_that_jumps_for_good_looks_like_a_split():
    bars = replace(calm(), adj_close=100 * np.where(np.arange(N) < 20, 1.0, 0.25))
    (said,) = split_like(bars)
    assert "the adjusted close jumps from 100 to 25 and the close does not, about 4 to 1" in said


def intraday(n):
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(0.001 * rng.standard_normal(n)))
    open_ = np.concatenate((close[:1], close[:-1]))
    stamps = np.datetime64("2000-01-03T09:30", "us") + np.arange(n) * np.timedelta64(60_000_000, "us")
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    return Bars("X", "X", stamps, open_, 1.0005 * top, 0.9995 * bottom, close, np.ones(n))


def test_intraday_bars_are_judged_by_their_own_smaller_ranges():
    bars = intraday(5_000)
    high = np.array(bars.high)
    high[777] *= 1.06
    assert named(bars) == []
    assert named(replace(bars, high=high)) == [(777, "high")]


def test_a_long_history_of_minutes_takes_no_time():
    bars = intraday(600_000)
    low = np.array(bars.low)
    low[::1000] *= 0.5
    bars = replace(bars, low=low)
    start = time.perf_counter()
    assert len(false_prints(bars)) == 600
    assert time.perf_counter() - start < 2.0  # a tenth of a second on an idle machine


REAL = ["SOX", "SMH", "SOXL", "SOXS", "QQQ", "TQQQ", "SQQQ", "VIX"]
REAL += ["as_traded/SOXL", "as_traded/SOXS", "intraday/SMH_5min", "intraday/SOXL_5min"]
STOCKS = ["AMAT", "AMD", "AVGO", "INTC", "MU", "NVDA", "QCOM", "TXN"]


@pytest.mark.market
@pytest.mark.parametrize("name", REAL)
def test_no_real_day_is_named(market_folder, name):
    assert named(read_bars(market_folder / f"{name}.csv")) == []


@pytest.mark.market
@pytest.mark.parametrize("name", STOCKS)
def test_no_real_day_of_a_stock_is_named(market_folder, name):
    span = (np.datetime64("1990-01-02"), np.datetime64("2023-12-29"))
    bars = read_bars(market_folder / "stocks" / f"{name}.csv", closes_only=True, span=span)
    assert named(bars) == []
    assert split_like(bars) == []


@pytest.mark.market
def test_the_stray_low_of_an_etf_in_the_flash_crash_is_the_only_one(market_folder):
    bars = read_bars(market_folder / "SOXX.csv")
    found = false_prints(bars)
    assert [(str(bars.sessions[i]), found.column(int(i))) for i in found.at] == [("2010-05-06", "low")]
    assert "low 7.75333 is 51 % below what its open and close allow (15.74)" in found.sentence(
        int(found.at[0])
    )


@pytest.mark.market
@pytest.mark.parametrize(("column", "factor"), [("high", 10.0), ("low", 0.2), ("open", 1.5)])
def test_one_false_price_in_a_real_index_is_named(market_folder, column, factor):
    bars = read_bars(market_folder / "SOX.csv").between("2022-06-01", "2023-12-29")
    columns = {c: np.array(getattr(bars, c)) for c in ("open", "high", "low")}
    columns[column][200] *= factor
    columns["high"][200] = max(columns["high"][200], columns["open"][200])
    assert named(replace(bars, **columns)) == [(200, column)]
