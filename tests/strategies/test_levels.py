"""Levels of the traded instrument, by hand arithmetic."""

import numpy as np
import pytest

from feeds.market import Market, Prices
from strategies.levels import AtrParams, atr_levels, level_bars, range_levels
from strategies.plans.trade_plan import TradePlan
from tests.conftest import make_bars, random_bars
from tests.strategies.causality import market_of_bars

# Every bar spans 2 with no gap beyond it, so the average true range is 2 by any weighting.
ROWS = [(10, 11, 9, 10), (10, 11, 9, 10), (10, 12, 10, 11), (11, 12, 10, 12), (12, 12, 10, 11)]


def market(rows):
    bars = make_bars(rows)
    return Market(bars.timestamps, Prices.of_bars(bars), {"SOXS": Prices.of_bars(bars)})


def test_atr_levels_are_so_many_ranges_from_the_close():
    levels = atr_levels(market(ROWS), "SOXS", AtrParams(atr_bars=2, atr_stop=1.5, atr_target=3))
    np.testing.assert_array_equal(levels["atr_stop"], [np.nan, np.nan, 11 - 3, 12 - 3, 11 - 3])
    np.testing.assert_array_equal(levels["atr_target"], [np.nan, np.nan, 11 + 6, 12 + 6, 11 + 6])


def test_the_range_counts_the_gap_from_the_prior_close():
    rows = [(10, 10, 10, 10), (13, 14, 13, 14)]  # 10 to 14
    levels = atr_levels(market(rows), "SOXS", AtrParams(atr_bars=1, atr_stop=1))
    assert levels["atr_stop"][1] == 14 - 4


def test_a_stop_below_nothing_is_none():
    levels = atr_levels(market(ROWS), "SOXS", AtrParams(atr_bars=2, atr_stop=5.5, atr_target=5.5))
    np.testing.assert_array_equal(levels["atr_stop"], [np.nan, np.nan, np.nan, 1, np.nan])  # 11 - 11 = 0
    assert levels["atr_target"][2] == 22


def test_support_and_resistance_are_the_range_of_the_last_bars():
    levels = range_levels(market(ROWS), "SOXS", 2)
    np.testing.assert_array_equal(levels["support"], [np.nan, 9, 9, 10, 10])
    # On bar 3 the close is the highest high itself: no target.
    np.testing.assert_array_equal(levels["resistance"], [np.nan, 11, 12, np.nan, 12])


def test_a_market_without_the_instrument_has_no_levels():
    assert atr_levels(market(ROWS), "SOXL", AtrParams()) == {}
    assert range_levels(market(ROWS), "SOXL", 2) == {}


@pytest.mark.parametrize(
    ("plan", "bars"),
    [
        ({}, 0),
        ({"stop": 0.1}, 0),
        ({"stop": "atr_stop"}, 15),
        ({"target": "atr_target"}, 15),
        ({"stop": "support", "target": "atr_target"}, 30),
        ({"stop": "support"}, 30),
    ],
)
def test_only_levels_that_a_plan_names_have_to_be_waited_for(plan, bars):
    assert level_bars(TradePlan(**plan), AtrParams(), range_bars=30) == bars


def test_levels_on_the_first_bars_are_the_first_of_all_levels():
    whole = market_of_bars(random_bars(11, 90))
    for n in range(1, 91):
        cut = whole.upto(n)
        for levels, of_all in (
            (atr_levels(cut, "SOXS", AtrParams()), atr_levels(whole, "SOXS", AtrParams())),
            (range_levels(cut, "SOXS", 20), range_levels(whole, "SOXS", 20)),
        ):
            for name in levels:
                np.testing.assert_array_equal(levels[name], of_all[name][:n])
