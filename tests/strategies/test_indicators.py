"""Indicators against independent computations: Wilder's sheet, pandas, numpy and plain loops."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import indicators as ind
from strategies.indicators import crosses_above, crosses_below, rsi, sma
from tests.conftest import EXPECTED, random_bars

BARS = random_bars(43, 300)
CLOSE = BARS.close


def test_rsi_is_wilder_s_published_sheet():
    sheet = pd.read_csv(EXPECTED / "wilder_rsi14.csv")
    ours = rsi(sheet["close"].to_numpy(), 14)
    assert np.isnan(ours[:14]).all()
    np.testing.assert_allclose(ours[14:], sheet["rsi14"].to_numpy()[14:], atol=5e-3)
    # An exponential mean without Wilder's seed gives 50.75 on bar 15.
    assert ours[14] == pytest.approx(70.53, abs=0.01)


def test_rsi_of_a_series_without_a_fall_is_100_and_without_a_move_50():
    """`bt.ind.RSI` divides by zero on a window with no down bar."""
    assert rsi(np.arange(1.0, 40.0), 14)[14:].tolist() == [100.0] * 25
    assert rsi(np.arange(40.0, 1.0, -1.0), 14)[14:].tolist() == [0.0] * 25
    assert rsi(np.full(30, 7.0), 14)[14:].tolist() == [50.0] * 16


def test_rsi_has_no_scale_even_for_a_fund_that_has_decayed_to_nothing():
    close = random_bars(41, 200).close
    np.testing.assert_allclose(rsi(close * 1e-13, 14), rsi(close, 14), rtol=1e-9)


def test_too_few_bars_give_no_value():
    assert np.isnan(rsi(np.array([1.0, 2.0]), 14)).all()
    assert np.isnan(sma(np.array([1.0, 2.0]), 3)).all()
    assert sma(np.array([1.0, 2.0]), 1).tolist() == [1.0, 2.0]


def test_crossings():
    values = np.array([np.nan, 60, 70, 65, 64, 66, 65])
    assert crosses_below(values, 65).tolist() == [False, False, False, False, True, False, False]
    assert crosses_above(values, 65).tolist() == [False, False, True, False, False, True, False]


# -- windows --------------------------------------------------------------------------------------------


WINDOWS = {
    "mean": (ind.rolling_mean, lambda w: w.mean()),
    "sma": (ind.sma, lambda w: w.mean()),
    "median": (ind.rolling_median, lambda w: w.median()),
    "std": (ind.rolling_std, lambda w: w.std()),
    "max": (ind.highest, lambda w: w.max()),
    "min": (ind.lowest, lambda w: w.min()),
}


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("period", [2, 3, 20, 299, 300, 301])
def test_windows_are_pandas_rolling_with_and_without_gaps(name, period):
    ours, pandas_s = WINDOWS[name]
    gaps = CLOSE.copy()
    gaps[[0, 1, 57, 130]] = np.nan
    for values in (CLOSE, gaps):
        expected = pandas_s(pd.Series(values).rolling(period)).to_numpy()
        np.testing.assert_allclose(ours(values, period), expected, rtol=1e-9, atol=1e-12)


def test_an_average_of_a_fund_that_has_decayed_is_of_its_prices_and_not_of_rounding_errors():
    close = 100 * np.exp(-np.linspace(0, 36, 3000))  # to 2e-14
    exact = [math.fsum(close[t - 9 : t + 1]) / 10 for t in range(9, 3000)]
    np.testing.assert_allclose(sma(close, 10)[9:], exact, rtol=1e-14)


def test_before_and_momentum():
    close = np.array([100.0, 110.0, 99.0, 0.0, 5.0, np.nan, 10.0])
    np.testing.assert_array_equal(ind.before(close, 2)[:5], [np.nan, np.nan, 100, 110, 99])
    expected = [np.nan, 0.1, -0.1, -1.0, np.nan, np.nan, np.nan]  # nothing grows out of a price of 0
    np.testing.assert_allclose(ind.momentum(close, 1), expected, rtol=1e-12)
    assert ind.momentum(close, 2)[2] == pytest.approx(-0.01)


def test_volatility_is_that_of_log_returns():
    returns = pd.Series(np.log(CLOSE)).diff()
    expected = returns.rolling(20).std() * math.sqrt(252)
    np.testing.assert_allclose(ind.realised_volatility(CLOSE, 20), expected, rtol=1e-9)
    # +1 % and −1 % in logs by turns: √(2/1) × 1 % over two bars, times √252.
    swings = 100 * np.exp(np.array([0.0, 0.01, 0.0, 0.01]))
    assert ind.realised_volatility(swings, 2)[-1] == pytest.approx(0.01 * math.sqrt(2 * 252))


def test_log_returns_from_or_to_nothing_are_not_known():
    returns = ind.log_returns(np.array([100.0, 50.0, 0.0, 0.0, 10.0]))
    np.testing.assert_allclose(returns, [np.nan, -math.log(2), np.nan, np.nan, np.nan])


def test_drawdown_by_hand():
    found = ind.drawdown(np.array([100.0, 80.0, 90.0, 120.0, 30.0, 0.0]))
    np.testing.assert_allclose(found, [0, -0.2, -0.1, 0, -0.75, -1], atol=1e-15)


# -- Kaufman and Wilder -----------------------------------------------------------------------------------


def test_efficiency_by_hand():
    close = np.array([10.0, 12.0, 11.0, 14.0, 14.0, 14.0, 14.0])
    # |14 − 10| over 2 + 1 + 3; |14 − 12| over 1 + 3 + 0; 3 over 3; nothing moved.
    np.testing.assert_allclose(
        ind.efficiency_ratio(close, 3), [np.nan, np.nan, np.nan, 4 / 6, 2 / 4, 1, 0], rtol=1e-15
    )


def test_efficiency_across_a_missing_close_is_not_known_and_is_never_above_one():
    close = np.array([1.0, 2.0, np.nan, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(ind.efficiency_ratio(close, 2), [np.nan] * 5 + [1.0])
    for seed, period in itertools.product(range(20), (2, 5, 20)):
        rising = np.cumsum(np.abs(np.random.default_rng(seed).standard_normal(60)) ** 3)
        line = ind.efficiency_ratio(rising, period)[period:]
        assert line.max() <= 1
        assert line.min() > 1 - 1e-9


def wilder_atr(high, low, close, n):
    ranges = [
        max(high[t] - low[t], abs(high[t] - close[t - 1]), abs(low[t] - close[t - 1]))
        for t in range(1, len(close))
    ]
    out = [math.nan] * len(close)
    value = sum(ranges[:n]) / n
    for t in range(n, len(close)):
        value = value if t == n else (value * (n - 1) + ranges[t - 1]) / n
        out[t] = value
    return out


@pytest.mark.parametrize("period", [1, 2, 14, 299])
def test_average_true_range_is_wilder_s_loop(period):
    found = ind.atr(BARS.high, BARS.low, CLOSE, period)
    np.testing.assert_allclose(found, wilder_atr(BARS.high, BARS.low, CLOSE, period), rtol=1e-9)
    assert np.isnan(ind.atr(BARS.high, BARS.low, CLOSE, 300)).all()


def test_true_range_takes_the_gap_in():
    high, low, close = np.array([[10.0, 9, 8.5], [20, 19, 19.5], [15, 14, 14.5], [16, 14, 15]]).T
    np.testing.assert_array_equal(ind.true_range(high, low, close), [np.nan, 11.5, 5.5, 2])


# -- beta -------------------------------------------------------------------------------------------------


def test_beta_is_that_of_numpy_s_covariance():
    rng = np.random.default_rng(3)
    index = 0.02 * rng.standard_normal(120)
    stock = 1.7 * index + 0.01 * rng.standard_normal(120)
    found = ind.rolling_beta(stock, index, 30)
    assert np.isnan(found[:29]).all()
    for t in (29, 60, 119):
        cov = np.cov(stock[t - 29 : t + 1], index[t - 29 : t + 1])
        assert found[t] == pytest.approx(cov[0, 1] / cov[1, 1], rel=1e-9)
    np.testing.assert_allclose(ind.rolling_beta(-3 * index, index, 30)[29:], -3, rtol=1e-12)


def test_beta_to_what_did_not_move_or_is_not_known_is_not_known():
    stock = np.array([0.01, 0.02, -0.01, 0.03, 0.01])
    assert np.isnan(ind.rolling_beta(stock, np.zeros(5), 3)).all()
    index = np.array([np.nan, 0.02, -0.01, 0.03, 0.02])
    assert np.isnan(ind.rolling_beta(stock, index, 3)).tolist() == [True, True, True, False, False]
    assert np.isnan(ind.rolling_beta(stock[:2], index[:2], 3)).all()


# -- all of them ------------------------------------------------------------------------------------------

ONE_SERIES = {
    "rsi": lambda x: rsi(x, 5),
    "sma": lambda x: sma(x, 5),
    "mean": lambda x: ind.rolling_mean(x, 7),
    "median": lambda x: ind.rolling_median(x, 6),
    "std": lambda x: ind.rolling_std(x, 4),
    "highest": lambda x: ind.highest(x, 5),
    "lowest": lambda x: ind.lowest(x, 5),
    "before": lambda x: ind.before(x, 3),
    "momentum": lambda x: ind.momentum(x, 4),
    "log returns": ind.log_returns,
    "volatility": lambda x: ind.realised_volatility(x, 5),
    "efficiency": lambda x: ind.efficiency_ratio(x, 5),
    "drawdown": ind.drawdown,
    "true range": lambda x: ind.true_range(x * 1.01, x * 0.98, x),
    "atr": lambda x: ind.atr(x * 1.01, x * 0.98, x, 5),
    "beta": lambda x: ind.rolling_beta(ind.log_returns(x), ind.momentum(x, 1), 6),
    "below": lambda x: crosses_below(x, 100.0),
    "above": lambda x: crosses_above(x, 100.0),
}


@pytest.mark.parametrize("name", ONE_SERIES)
@settings(max_examples=settings().max_examples // 3)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 60), gap=st.none() | st.integers(0, 59))
def test_what_comes_later_changes_nothing_to_the_last_bit(name, seed, n, gap):
    indicator = ONE_SERIES[name]
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.2 * rng.standard_normal(n)))
    if seed % 3 == 0:
        close[n // 2 :] = np.round(close[n // 2 :])  # ties and, if it has fallen far, nothing left
        close[0] = 100.0
    if gap is not None and gap < n:
        close[gap] = np.nan
    whole = indicator(close)
    assert len(whole) == n
    for cut in range(1, n):
        np.testing.assert_array_equal(indicator(close[:cut]), whole[:cut])


@pytest.mark.parametrize("period", [129, 200])
@pytest.mark.parametrize("name", WINDOWS)
def test_nor_does_it_in_a_window_too_wide_for_one_block_of_numpy_s_sum(name, period):
    values = CLOSE**3 * np.exp(
        3 * np.sin(np.arange(300.0))
    )  # sizes far apart, so that the order of a sum shows
    indicator = WINDOWS[name][0]
    whole = indicator(values, period)
    for cut in range(period - 1, 300):
        np.testing.assert_array_equal(indicator(values[:cut], period), whole[:cut])


@pytest.mark.parametrize("name", ONE_SERIES)
def test_too_little_history_is_not_known_and_nothing_is_no_error(name):
    indicator = ONE_SERIES[name]
    assert len(indicator(np.zeros(0))) == 0
    first = indicator(np.array([100.0]))
    assert first.tolist() in ([False], [0.0]) or np.isnan(first).all()
    assert len(indicator(np.full(20, np.nan))) == 20
