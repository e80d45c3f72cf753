"""Cheng & Madhavan 2009 (SSRN 1539120): figures per $100 of assets and in percent of closing assets."""

import pytest

from letf_instruments import drifted_multiple, rebalancing_share, rebalancing_trade


@pytest.mark.parametrize(("multiple", "trade"), [(3, 30.0), (-3, 60.0), (2, 10.0), (-2, 30.0)])
def test_trade_on_a_five_percent_day(multiple, trade):
    assert rebalancing_trade(multiple, 100.0, 0.05) == pytest.approx(trade)
    assert rebalancing_trade(multiple, 100.0, -0.05) == pytest.approx(-trade)  # bull and bear alike


@pytest.mark.parametrize(
    ("multiple", "move", "percent"),
    [
        (3, 0.01, 5.8),
        (3, -0.01, -6.2),
        (3, 0.05, 26.1),
        (3, -0.05, -35.3),
        (-3, 0.01, 12.4),
        (-3, -0.01, -11.7),
        (-3, 0.05, 70.6),
        (-3, -0.05, -52.2),
    ],
)
def test_share_of_closing_assets(multiple, move, percent):
    assert round(100 * rebalancing_share(multiple, move), 1) == percent


@pytest.mark.parametrize(
    ("multiple", "move", "leverage"),
    [
        (3, 0.05, 2.739),
        (-3, 0.05, -3.706),
        (3, -0.05, 3.353),
        (-3, -0.05, -2.478),
        (3, -0.10, 3.857),
        (-3, -0.10, -2.077),
    ],
)
def test_leverage_drifts_during_the_day(multiple, move, leverage):
    assert round(drifted_multiple(multiple, move), 3) == leverage
