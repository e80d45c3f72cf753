"""Ratios that other sheets have: quantstats finds the same, or they are worked out here."""

import warnings

import matplotlib
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import letf
from runs.answers.page.glossary import means
from runs.backtest.report.ratios import autocorrelation_penalty, of_returns, of_trade_returns, risk_of_ruin
from tests.runs.backtest.report.test_sheet import drawn, rows

RATE = 0.03


@pytest.fixture(scope="module")
def timing():
    return letf.run("rsi_timing", index="nasdaq")


def stats():
    with matplotlib.rc_context():  # it sets the looks of all pictures as it is imported
        import quantstats as qs
    return qs.stats


def excess_of(days, returns):
    """Over a short rate of 3 %, ACT/360."""
    return returns[1:] - RATE * np.diff(days).astype(int) / 360


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_returns_they_are_those_of_quantstats(seed):
    qs = stats()
    days, worth, returns = drawn(seed)
    found = of_returns(days, worth, np.full(len(days), RATE))
    own, excess = returns[1:], excess_of(days, returns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {
            "smart_sharpe": qs.smart_sharpe(excess),
            "smart_sortino": qs.smart_sortino(excess),
            "sortino_root_2": qs.adjusted_sortino(excess),
            "smart_sortino_root_2": qs.adjusted_sortino(excess, smart=True),
            "probabilistic_sharpe": qs.probabilistic_sharpe_ratio(excess),
            "common_sense": qs.common_sense_ratio(own),
            "outlier_win": qs.outlier_win_ratio(own),
            "outlier_loss": qs.outlier_loss_ratio(own),
            "mean_over_deviation": qs.risk_return_ratio(own),
            "expected_day": qs.expected_return(own),
            "expected_month": qs.expected_return(own, aggregate="ME"),
            "expected_year": qs.expected_return(own, aggregate="YE"),
        }
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("seed", [1, 2])
def test_those_over_cash_are_worked_out_by_hand(seed):
    days, worth, returns = drawn(seed)
    found = of_returns(days, worth, np.full(len(days), RATE), beta=0.8, correlation=-0.6, in_market=0.25)
    excess = excess_of(days, returns)
    years = (days[-1] - days[0]).astype(int) / 365.25
    grown = (worth[-1] / worth[0]) ** (1 / years) - 1
    cash = np.prod(1 + RATE * np.diff(days).astype(int) / 360) ** (1 / years) - 1
    falls = worth / np.maximum.accumulate(worth) - 1
    ulcer = np.sqrt(np.mean(falls**2))
    worst = np.sort(falls)[: -(-len(falls) // 20)].mean()
    volatility = returns[1:].std() * np.sqrt(252)
    assert found["treynor"] == pytest.approx(252 * excess.mean() / 0.8, rel=1e-9)
    assert found["r_squared"] == pytest.approx(0.36)
    assert found["ulcer_performance"] == pytest.approx((grown - cash) / ulcer, rel=1e-9)
    assert found["serenity"] == pytest.approx((grown - cash) / (ulcer * -worst / volatility), rel=1e-9)
    assert found["return_over_exposure"] == pytest.approx(4 * grown, rel=1e-9)


def test_the_risk_of_ruin_is_that_of_a_gambler_with_small_stakes():
    # A walk of steps ±d that goes up with chance p falls to half with chance (q / p) ^ (ln 2 / d): Feller
    # 1968, chapter XIV.
    d, p = 0.002, 0.503
    up = np.random.default_rng(1).permutation(np.arange(1_000_000) < p * 1_000_000)
    worth = np.exp(np.concatenate(([0.0], np.cumsum(np.where(up, d, -d)))))
    assert risk_of_ruin(worth) == pytest.approx(((1 - p) / p) ** (np.log(2) / d), rel=0.01)
    assert risk_of_ruin(worth[::-1]) == 1.0
    assert risk_of_ruin(np.ones(9)) is None


def test_days_that_do_not_hang_together_are_not_penalised_and_others_are():
    noise = np.random.default_rng(2).normal(0, 0.01, 100_000)
    assert autocorrelation_penalty(noise) == pytest.approx(1.0, abs=0.01)
    # Of a first-order process with ρ = .5 and many days: √(1 + 2 · ρ / (1 − ρ)) = √3.
    held = np.zeros(100_000)
    for at in range(1, len(held)):
        held[at] = 0.5 * held[at - 1] + noise[at]
    assert autocorrelation_penalty(held) == pytest.approx(np.sqrt(3), rel=0.02)
    assert autocorrelation_penalty(np.zeros(9)) == 1.0


def test_of_trades_they_are_those_of_quantstats(timing):
    qs = stats()
    own = pd.Series(timing.trades["return"].to_numpy(), pd.bdate_range("2000-01-03", periods=61))
    found = of_trade_returns(timing.result.trades)
    assert found["cpc"] == pytest.approx(qs.cpc_index(own, prepare_returns=False), rel=1e-9)
    assert found["profit_ratio"] == pytest.approx(qs.profit_ratio(own, prepare_returns=False), rel=1e-9)


def test_they_stand_on_the_page_and_each_is_explained(timing):
    shown = rows(timing, "Further ratios")
    metrics = timing.metrics
    assert len(shown) == 20
    assert all(means(name) for name in shown)
    assert shown["R²"] == [f"{metrics['correlation'] ** 2:.2f}", "1.00"]
    days = timing.equity.index
    held = np.zeros(len(days), dtype=bool)  # in which something was held, if only until the open or a stop
    for _, trade in timing.trades.iterrows():
        held |= (days >= trade["entry_date"]) & (days <= trade["exit_date"])
    assert shown["return over exposure"][0] == f"{100 * metrics['cagr'] / held.mean():+.1f} %".replace(
        "-", "−"
    )
    excess = metrics["sharpe"] / np.sqrt(252)  # nearly normal it is not, so the chance is only near this
    rough = norm.cdf(excess * np.sqrt(len(timing.equity) - 1))
    assert float(shown["probabilistic Sharpe ratio"][0].removesuffix(" %")) == pytest.approx(
        100 * rough, abs=1
    )


def test_what_lost_everything_has_none_and_what_moved_nothing_too():
    days = np.arange("2020-01-01", "2020-01-09", dtype="datetime64[D]")
    assert of_returns(days, np.array([100.0, 50, 0, 0, 0, 0, 0, 0]), np.zeros(8)) == {}
    still = of_returns(days, np.full(8, 100.0), np.zeros(8), beta=None, correlation=None)
    assert {name for name, value in still.items() if value is not None} <= {
        "expected_day",
        "expected_month",
        "expected_year",
        "return_over_exposure",
    }


def test_of_an_account_that_ended_below_0_all_is_expected_to_be_lost():
    """100 became −5 on the last of six days; a root of that is no return, but a number with two parts."""
    days = np.arange("2020-01-06", "2020-01-13", dtype="datetime64[D]")
    found = of_returns(days, np.array([100.0, 120, 90, 100, 60, 30, -5]), np.full(7, RATE))
    assert [found[f"expected_{span}"] for span in ("day", "month", "year")] == [-1.0, -1.0, -1.0]
    assert found["risk_of_ruin"] == 1.0
    assert all(isinstance(value, float) for value in found.values() if value is not None)
