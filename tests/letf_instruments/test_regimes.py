"""Efficiency ratios of lines and zigzags; windows and terciles by hand; the effect is the ledger's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import DataError, LeveragedFund, synthesize
from letf_instruments.holding import holding_periods
from letf_instruments.regimes import (
    Windows,
    efficiency_ratio,
    realised_volatility,
    split_windows,
    terciles,
)


def days(n):
    return np.datetime64("2020-01-06") + np.arange(n)


def test_the_efficiency_ratio_of_a_straight_line_is_1():
    assert efficiency_ratio(100 * 1.01 ** np.arange(64)) == pytest.approx(1.0)
    assert efficiency_ratio(100 * 0.98 ** np.arange(64)) == pytest.approx(1.0)


def test_the_efficiency_ratio_by_hand():
    assert efficiency_ratio(np.array([100.0, 110.0, 121.0, 110.0])) == pytest.approx(1 / 3)
    assert efficiency_ratio(np.array([100.0, 90.0, 100.0])) == pytest.approx(0.0)
    assert efficiency_ratio(np.array([100.0, 100.0])) == 0.0


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=50))
def test_the_efficiency_ratio_lies_between_0_and_1(moves):
    ratio = efficiency_ratio(100 * np.exp(np.cumsum([0.0, *moves])))
    assert 0.0 <= ratio <= 1.0 + 1e-9


def test_realised_volatility_is_about_zero_not_about_the_mean():
    assert realised_volatility(100 * np.exp(0.01 * np.arange(30))) == pytest.approx(0.01 * 252**0.5)


def test_windows_by_hand():
    """−10 % and back: +3x ends at −6.67 %, −3x at −13.33 %; the window after begins at the shared close."""
    closes = np.array([100.0, 90.0, 100.0, 110.0, 121.0, 50.0])
    bull, bear = (split_windows(days(6), closes, b, 2) for b in (3, -3))
    np.testing.assert_allclose(bull.effect, [-1 / 15, 1.3**2 - 1 - 0.63])
    np.testing.assert_allclose(bear.effect, [-2 / 15, 0.7**2 - 1 + 0.63])
    np.testing.assert_allclose(bull.efficiency, [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(bull.index, [0.0, 0.21], atol=1e-12)
    assert bull.starts.tolist() == days(6)[[0, 2]].tolist()
    assert bull.ends.tolist() == days(6)[[2, 4]].tolist()  # the sixth close fills no window
    with pytest.raises(DataError, match="does not fit into 2 sessions"):
        split_windows(days(2), closes[:2], 3, 2)


def test_a_fund_that_is_its_index_has_no_effect():
    closes = 100 * np.exp(np.cumsum(0.02 * np.random.default_rng(3).standard_normal(400)))
    np.testing.assert_array_equal(split_windows(days(400), closes, 1).effect, 0.0)


@pytest.mark.parametrize("multiple", [-3, -1, 2, 3])
def test_the_effect_is_what_a_fund_without_costs_would_have_shown(multiple):
    closes = 100 * np.exp(np.cumsum(0.02 * np.random.default_rng(2).standard_normal(400)))
    windows = split_windows(days(400), closes, multiple)
    nav = synthesize(LeveragedFund("X", multiple), days(400), *(closes,) * 4).close
    periods = holding_periods(days(400), closes, nav, multiple, 63)
    np.testing.assert_allclose(windows.effect, periods.difference[::63][:6], atol=1e-11)


def test_terciles_are_by_efficiency_choppiest_first():
    efficiency = np.array([0.5, 0.1, 0.3, 0.2, 0.6, 0.4, 0.7])
    effect = np.array([1.0, -3.0, 0.0, -1.0, 2.0, -1.0, 3.0])
    groups = terciles(Windows(days(7), days(7), efficiency, effect, effect, np.ones(7)))
    assert [g.windows for g in groups] == [3, 2, 2]
    assert [(g.lowest, g.highest) for g in groups] == [(0.1, 0.3), (0.4, 0.5), (0.6, 0.7)]
    assert [g.mean_effect for g in groups] == [pytest.approx(-4 / 3), 0.0, 2.5]
    assert [g.helped for g in groups] == [0.0, 0.5, 1.0]
    assert terciles(Windows(*(values[:2] for values in (days(7), days(7), *(effect,) * 4)))) == []
