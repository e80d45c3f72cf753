import numpy as np
import pandas as pd
import pytest

from strategies.indicators import crosses_above, crosses_below, rsi, sma
from tests.conftest import EXPECTED, random_bars


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


@pytest.mark.parametrize("indicator", [lambda x: rsi(x, 14), lambda x: sma(x, 10)])
def test_what_comes_later_changes_nothing_to_the_last_bit(indicator):
    close = random_bars(42, 120).close
    whole = indicator(close)
    for n in range(1, 121):
        np.testing.assert_array_equal(indicator(close[:n]), whole[:n])


def test_crossings():
    values = np.array([np.nan, 60, 70, 65, 64, 66, 65])
    assert crosses_below(values, 65).tolist() == [False, False, False, False, True, False, False]
    assert crosses_above(values, 65).tolist() == [False, False, True, False, False, True, False]
