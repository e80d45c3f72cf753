"""Metrics against their definitions, worked out by hand."""

import numpy as np
import pytest

from analyzers import Curve
from analyzers.trades import RoundTrip
from runs.backtest.metrics import (
    activity,
    drawdown_within_bar,
    expected_shortfall,
    performance,
    trading,
)

DAYS = np.datetime64("2020-01-01") + np.arange(0, 366 * 2)
RNG = np.random.default_rng(1)


def trade(profit, rebalances=()):
    day = np.datetime64("2020-01-01")
    shifted = tuple(np.array(rebalances, dtype="datetime64[D]"))
    excursions = (-0.03, 0.05)
    return RoundTrip("X", day, 1.0, day, 1.0, 1.0, profit, profit / 100, 3, 0.0, "stop", shifted, *excursions)


def test_performance_is_what_the_textbook_says():
    returns = 0.0004 + 0.01 * RNG.standard_normal(len(DAYS) - 1)
    equity = 1000 * np.cumprod(np.concatenate(([1.0], 1 + returns)))
    m = performance(DAYS, equity, np.full(len(DAYS), 0.036))
    excess = returns - 0.036 / 360
    years = (DAYS[-1] - DAYS[0]).astype(int) / 365.25
    depth = (equity / np.maximum.accumulate(equity) - 1).min()
    cagr = (equity[-1] / 1000) ** (1 / years) - 1
    downside = np.sqrt(np.mean(np.minimum(excess, 0) ** 2))
    assert m["total_return"] == pytest.approx(equity[-1] / 1000 - 1)
    assert m["cagr"] == pytest.approx(cagr)
    assert m["volatility"] == pytest.approx(returns.std(ddof=1) * np.sqrt(252))
    assert m["sharpe"] == pytest.approx(excess.mean() / excess.std(ddof=1) * np.sqrt(252))
    assert m["sortino"] == pytest.approx(excess.mean() * 252 / (downside * np.sqrt(252)))
    assert m["max_drawdown"] == pytest.approx(depth)
    assert m["calmar"] == pytest.approx(cagr / -depth)


def test_performance_is_what_empyrical_makes_of_the_same_returns():
    import empyrical

    for seed in range(20):
        rng = np.random.default_rng(seed)
        equity = np.exp(np.cumsum(rng.uniform(0.001, 0.05) * rng.standard_t(3, 300)))
        days = np.busday_offset("2018-01-01", np.arange(300), roll="forward")
        returns, nights = np.diff(equity) / equity[:-1], np.diff(days).astype(int)
        found = performance(days, equity, np.full(300, 0.05))
        excess = returns - 0.05 * nights / 360
        assert found["volatility"] == pytest.approx(empyrical.annual_volatility(returns), rel=1e-12)
        assert found["sharpe"] == pytest.approx(empyrical.sharpe_ratio(excess), rel=1e-9)
        assert found["sortino"] == pytest.approx(empyrical.sortino_ratio(excess), rel=1e-9)
        assert found["max_drawdown"] == pytest.approx(empyrical.max_drawdown(returns), rel=1e-9)


def test_sharpe_is_daily_and_annualised_not_yearly():
    """backtrader's `SharpeRatio` defaults to yearly returns, a different and kinder number."""
    equity = np.exp(np.cumsum(np.concatenate(([0.0], 0.001 + 0.01 * RNG.standard_normal(500)))))
    days = np.busday_offset("2018-01-01", np.arange(501), roll="forward")
    daily = np.diff(equity) / equity[:-1]
    sharpe = performance(days, equity, np.zeros(501))["sharpe"]
    assert sharpe == pytest.approx(daily.mean() / daily.std(ddof=1) * 252**0.5)


def test_nothing_to_divide_by_is_none_not_infinity():
    flat = performance(DAYS[:10], np.full(10, 5.0), np.zeros(10))
    assert (flat["total_return"], flat["volatility"], flat["max_drawdown_days"]) == (0.0, 0.0, 0)
    assert flat["sharpe"] is flat["sortino"] is flat["calmar"] is None
    assert trading([])["win_rate"] is None
    assert trading([trade(5.0)])["profit_factor"] is None


def test_cash_at_the_short_rate_has_no_sharpe_as_its_excess_is_rounding():
    days = np.array(["2024-01-02", "2024-01-03", "2024-01-05", "2024-01-08", "2024-01-09"], "datetime64[D]")
    nights = np.array([1, 2, 3, 1])
    equity = 1e5 * np.cumprod(np.concatenate(([1.0], 1.0 + 0.037 * nights / 360)))
    found = performance(days, equity, np.full(5, 0.037))
    assert found["sharpe"] is None
    assert found["sortino"] is None
    assert found["volatility"] > 0


def test_an_account_that_lost_everything_is_minus_one():
    m = performance(DAYS[:4], np.array([10.0, 5.0, 0.0, 0.0]), np.zeros(4))
    assert m["total_return"] == m["cagr"] == m["max_drawdown"] == -1.0
    assert m["volatility"] is m["sharpe"] is None  # from nothing there is no return


def test_within_one_day_there_is_no_annual_growth():
    m = performance(DAYS[[0, 0]], np.array([10.0, 11.0]), np.zeros(2))
    assert (m["total_return"], m["cagr"]) == (pytest.approx(0.1), None)


def test_trading_counts():
    m = trading([trade(30.0), trade(-10.0), trade(-5.0), trade(0.0)])
    assert m == {
        "trades": 4,
        "win_rate": 0.25,
        "profit_factor": 2.0,
        "average_trade": pytest.approx(0.0375),
        "average_bars_held": 3.0,
        "average_adverse_excursion": pytest.approx(-0.03),
        "average_favourable_excursion": pytest.approx(0.05),
    }


def test_a_trade_whose_profit_is_rounding_is_neither_won_nor_lost():
    # 1e-8 and -1e-8 of the 100 that were put in are a part in 10¹⁰ of them.
    found = trading([trade(10.0), trade(1e-8), trade(-1e-8), trade(-5.0)])
    assert (found["win_rate"], found["profit_factor"]) == (0.25, 2.0)


def test_nothing_is_averaged_over_trades_where_one_was_rebalanced():
    assert trading([trade(30.0), trade(-10.0, ["2020-01-02"])]) == {
        "trades": 2,
        "win_rate": None,
        "profit_factor": None,
        "average_trade": None,
        "average_bars_held": None,
        "average_adverse_excursion": None,
        "average_favourable_excursion": None,
    }


def curve(equity, days):
    days, equity, none = np.array(days, dtype="datetime64[D]"), np.array(equity), np.zeros(len(days))
    return Curve(100.0, days, equity, none, none, none, none, equity, equity, none)


def test_a_session_with_two_positions_rebalanced_counts_once():
    trades = [trade(1.0, ["2020-01-02", "2020-01-03"]), trade(2.0, ["2020-01-03"]), trade(3.0)]
    assert activity(trades, 0.0, curve([100.0, 100.0], ["2020-01-01", "2020-01-06"]))["rebalances"] == 2


def test_turnover_is_half_of_what_was_traded_over_mean_equity_a_year():
    # Two years of 365.25 days; 900 traded with 150 on average: 450 / 150 / 2.
    years = curve([100.0, 200.0], ["2001-01-01", "2003-01-01"])
    assert activity([], 900.0, years)["turnover"] == pytest.approx(1.5 * 730.5 / 730)


def test_there_is_no_turnover_without_time_or_without_equity():
    assert activity([], 900.0, curve([100.0, 200.0], ["2001-01-01", "2001-01-01"]))["turnover"] is None
    assert activity([], 900.0, curve([100.0, -200.0], ["2001-01-01", "2003-01-01"]))["turnover"] is None


def test_the_expected_shortfall_is_the_mean_of_the_worst_twentieth_as_empyrical_has_it():
    import empyrical

    for n in (1, 19, 20, 21, 100, 101, 1000):
        returns = np.random.default_rng(n).standard_t(3, n) * 0.02
        worst = np.sort(returns)[: int(np.ceil(n / 20))]
        assert expected_shortfall(returns) == pytest.approx(worst.mean())
        assert expected_shortfall(returns) == pytest.approx(
            empyrical.conditional_value_at_risk(returns, 0.05)
        )
    assert expected_shortfall(np.zeros(0)) is None


def test_the_drawdown_within_the_bar_is_from_the_highest_close_before_it():
    days = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="datetime64[D]")
    equity, worst, none = np.array([110.0, 120.0, 100.0]), np.array([90.0, 104.5, 96.0]), np.zeros(3)
    found = drawdown_within_bar(Curve(100.0, days, equity, none, none, none, none, worst, equity, none))
    assert found == pytest.approx(96 / 120 - 1)  # 90 is below 100, 104.5 below 110, 96 below 120
    risen = drawdown_within_bar(Curve(100.0, days, equity, none, none, none, none, equity + 50, equity, none))
    assert risen == 0.0


def test_a_payment_is_no_part_of_the_drawdown_within_the_bar():
    """At the open 110 were put beside 110; the bar was at 198 and closed at 240."""
    days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    equity, none = np.array([110.0, 240.0]), np.zeros(2)
    worst, worth, paid = np.array([110.0, 99.0]), np.array([110.0, 120.0]), np.array([0.0, 110.0])
    found = drawdown_within_bar(Curve(100.0, days, equity, none, none, none, none, worst, worth, paid))
    assert found == pytest.approx(99 / 110 - 1)
