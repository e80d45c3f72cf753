"""Further ratios of a run, that other sheets have. Formulas are in the glossary and in docs/metrics.md; where
other sheets take days of an account for its trades, or the whole return for that of a year, ours do not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyzers import RoundTrip, underwater
from analyzers.luck.sharpe import probabilistic_sharpe
from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from letf_instruments.sizes import DUST
from runs.answers.parts import Table
from runs.answers.words import number, percent, share
from runs.backtest import metrics as m
from runs.backtest.benchmarks import index_held
from runs.backtest.fills import held_part
from runs.backtest.metrics import Dates, Floats
from runs.backtest.report.months import from_start, held_returns
from runs.backtest.report.sheet import Figures, beside, of_trades, over, shape
from runs.backtest.result import RunResult

LOST = 0.5  # the part of the account whose loss counts as ruin
PERIODS = {"month": "M", "year": "Y"}


def of_returns(
    days: Dates,
    worth: Floats,
    short_rate: Floats,
    beta: float | None = 1.0,
    correlation: float | None = 1.0,
    in_market: float = 1.0,
    held: np.ndarray | None = None,
) -> Figures:
    """Ratios of an account's daily returns; None where there is nothing to divide by, and only what an
    account without returns has where nothing was left of it.

    Days on which nothing was held only earn interest: they are no day with a gain.

    Parameters
    ----------
    days : datetime64[D], shape (n,). worth : the account by time-weighted returns, shape (n,). short_rate :
        fraction a year known at each session, shape (n,). beta, correlation : to the index. in_market : share
        of the sessions in which something was held. held : bool, shape (n − 1,), the returns of those; None
        is all.

    References
    ----------
    Treynor 1965, "How to Rate Management of Investment Funds", Harvard Business Review 43:63–75; Bailey &
    López de Prado 2012, "The Sharpe Ratio Efficient Frontier"; Martin & McCann 1989 (Ulcer performance);
    Schwager 2012 (Sortino over √2: of an account as wide to both sides its Sharpe ratio); Cox & Miller 1965,
    *The Theory of Stochastic Processes* (how low a drift ever comes). The Serenity index is KeyQuant's.
    """
    figures = m.performance(days, worth, short_rate)
    excess = m.excess_returns(days, worth, short_rate)
    if excess is None or len(excess) < 5:
        return {}
    returns = worth[1:] / worth[:-1] - 1.0
    moments = shape(days, worth)
    ulcer = moments["ulcer_index"] or 0.0
    sharpe, sortino, cagr = (figures[key] for key in ("sharpe", "sortino", "cagr"))
    year, smart = math.sqrt(SESSIONS_A_YEAR), autocorrelation_penalty(excess)
    active = returns if held is None else returns[held]
    won, lost = active[active > 0], active[active < 0]
    idle = float(np.prod(1.0 + m.night_rates(days, short_rate)))
    years = float((days[-1] - days[0]).astype(int)) / m.DAYS_A_YEAR
    over_cash = None if cagr is None or years <= 0 else float(cagr) - (idle ** (1.0 / years) - 1.0)  # type: ignore[arg-type]
    depths = underwater(worth)
    volatility = float(np.std(returns, ddof=1)) * year
    made = max(float(worth[-1] / worth[0]), 0.0)  # a loss beyond the stake is all of it
    pitfall = over(-(m.expected_shortfall(depths) or 0.0), volatility)
    out: Figures = {
        "treynor": None if beta is None else _signed(SESSIONS_A_YEAR * float(excess.mean()), beta),
        "r_squared": None if correlation is None else correlation**2,
        "probabilistic_sharpe": None,
        "smart_sharpe": None if sharpe is None else float(sharpe) / smart,
        "smart_sortino": None if sortino is None else float(sortino) / smart,
        "sortino_root_2": None if sortino is None else float(sortino) / math.sqrt(2.0),
        "smart_sortino_root_2": None if sortino is None else float(sortino) / smart / math.sqrt(2.0),
        "ulcer_performance": None if over_cash is None else over(over_cash, ulcer),
        "serenity": None if over_cash is None or pitfall is None else over(over_cash, ulcer * pitfall),
        "common_sense": _times(moments.get("omega"), moments.get("tail_ratio")),
        "outlier_win": over(float(np.percentile(active, 99)), float(won.mean())) if len(won) else None,
        "outlier_loss": over(-float(np.percentile(active, 1)), -float(lost.mean())) if len(lost) else None,
        "risk_of_ruin": risk_of_ruin(worth),
        "return_over_exposure": None if cagr is None else over(float(cagr), in_market),
        "mean_over_deviation": over(float(returns.mean()), float(np.std(returns, ddof=1))),
        "expected_day": made ** (1.0 / len(returns)) - 1.0,
    }
    if sharpe is not None and moments.get("skew") is not None:
        chances = pd.Series(excess)
        out["probabilistic_sharpe"] = probabilistic_sharpe(
            float(sharpe) / year,
            0.0,
            len(excess),
            float(chances.skew()),
            float(chances.kurt()) + 3.0,  # type: ignore[arg-type]
        )
    for name, code in PERIODS.items():
        count = len(np.unique(pd.DatetimeIndex(days).to_period(code).asi8))
        out[f"expected_{name}"] = made ** (1.0 / count) - 1.0
    return out


def autocorrelation_penalty(returns: Floats) -> float:
    """By how much the deviation of many days exceeds that of one times their root, if each day's return goes
    on from the day before: √(1 + 2 · Σ (n − k) / n · |ρ|ᵏ) over k from 1 to n − 1, with the correlation ρ of
    a day's return with the next one's. Shape (n,); 1 where they do not move."""
    n = len(returns)
    if n < 3 or min(np.std(returns[:-1]), np.std(returns[1:])) <= STILL:
        return 1.0
    rho = abs(float(np.corrcoef(returns[:-1], returns[1:])[0, 1]))
    k = np.arange(1, n)
    return math.sqrt(1.0 + 2.0 * float(np.sum((n - k) / n * rho**k)))


def risk_of_ruin(worth: Floats) -> float | None:
    """The chance of ever losing half of the account, if its days go on as they were: LOST ** (2 μ / σ²), with
    mean and variance of daily log returns; 1 if they do not rise, or all is lost. None of one that stands."""
    if worth.min() <= 0.0:
        return 1.0
    logs = np.diff(np.log(worth))
    variance = float(np.var(logs, ddof=1))
    if math.sqrt(variance) <= STILL:
        return None
    return float(LOST ** (2.0 * max(float(logs.mean()), 0.0) / variance))


def of_trade_returns(trades: Sequence[RoundTrip]) -> Figures:
    """Ratios of trades by their returns on the money put in; None where none was won, or none was lost.

    CPC = profit factor · share won · payoff; profit ratio = (mean of those won / their number) over (size of
    the mean of those lost / their number).
    """
    returns = np.array([trade.ret for trade in trades])
    won, lost = returns[returns > DUST], returns[returns < -DUST]
    payoff = of_trades(trades)["payoff"]
    if payoff is None:
        return {"cpc": None, "profit_ratio": None}
    chance = len(won) / (len(won) + len(lost))
    return {
        "cpc": float(won.sum() / -lost.sum()) * chance * payoff,
        "profit_ratio": payoff * len(lost) / len(won),
    }


def ratios_table(run: RunResult) -> Table:
    """The ratios of the rule and of the index held."""
    index = index_held(run.setting, len(run.days))
    days, worth = from_start(run)
    rates, mine = run.short_rate.on(days), held_returns(run)
    beta, correlation = (run.metrics[key] for key in ("beta", "correlation"))
    own = of_returns(days, worth, rates, beta, correlation, held_part(run), mine)  # type: ignore[arg-type]
    held = of_returns(run.days, index, run.short_rate.on(run.days))
    if run.trades and not any(trade.rebalanced for trade in run.trades):
        own |= of_trade_returns(run.trades)
    rows = []
    for label, key, write in (
        ("Treynor ratio", "treynor", percent),
        ("R²", "r_squared", number),
        ("probabilistic Sharpe ratio", "probabilistic_sharpe", share),
        ("smart Sharpe ratio", "smart_sharpe", number),
        ("smart Sortino ratio", "smart_sortino", number),
        ("Sortino / √2", "sortino_root_2", number),
        ("smart Sortino / √2", "smart_sortino_root_2", number),
        ("mean over deviation, by day", "mean_over_deviation", lambda v: number(v, 4)),
        ("Ulcer performance index", "ulcer_performance", number),
        ("Serenity index", "serenity", number),
        ("common sense ratio", "common_sense", number),
        ("outlier win ratio", "outlier_win", number),
        ("outlier loss ratio", "outlier_loss", number),
        ("CPC index", "cpc", number),
        ("profit ratio", "profit_ratio", number),
        ("risk of ruin", "risk_of_ruin", share),
        ("return over exposure", "return_over_exposure", percent),
        ("expected day", "expected_day", lambda v: percent(v, 3)),
        ("expected month", "expected_month", lambda v: percent(v, 2)),
        ("expected year", "expected_year", percent),
    ):
        if key in own:
            rows.append([label, write(own[key]), write(held[key]) if key in held else ""])
    return beside(run, "Further ratios", rows)


def _signed(value: float, by: float) -> float | None:
    return value / by if abs(by) > STILL else None


def _times(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first * second
