"""What traders know from other sheets of a run: the shape of its returns, the last months and years, and its
trades in figures. What each figure means is in docs/metrics.md."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyzers import RoundTrip, drawdowns, underwater
from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from letf_instruments.sizes import DUST
from runs.answers.parts import Table
from runs.answers.words import number, percent, share
from runs.backtest.benchmarks import index_held
from runs.backtest.metrics import Dates, Floats
from runs.backtest.report.months import by_month, from_start, held_returns
from runs.backtest.result import RunResult

Figures = dict[str, float | None]
LATELY = {  # months back; None: since the last close of the month or year before
    "this month": ("M", 0),
    "three months": ("M", 3),
    "six months": ("M", 6),
    "this year": ("Y", 0),
    "one year": ("M", 12),
    "three years, a year": ("M", 36),
    "five years, a year": ("M", 60),
    "ten years, a year": ("M", 120),
}


def shape(days: Dates, worth: Floats, held: np.ndarray | None = None) -> Figures:
    """How daily returns are spread, and how the account was under water.

    Skewness and excess kurtosis are of a sample (Fisher's g with the usual correction for its size); value at
    risk and the tail ratio take percentiles of the returns as they came. None where there is nothing to
    divide by, and of all returns where nothing was left of the account.

    Parameters
    ----------
    days : datetime64[D], shape (n,). worth : the account by time-weighted returns, shape (n,).
    held : bool, shape (n − 1,), the returns of days on which something was held, of which days in a row are
        counted: interest alone is no day with a gain. None is all.

    References
    ----------
    Martin & McCann 1989, *The Investor's Guide to Fidelity Funds* (Ulcer index); Schwager 2012, *Market
    Sense and Nonsense* (gain to pain); Keating & Shadwick 2002, "A Universal Performance Measure" (omega).
    """
    depths, spells = underwater(worth), drawdowns(days, worth)
    deepest = spells[0].depth if spells else 0.0
    found: Figures = {
        "ulcer_index": float(np.sqrt(np.mean(depths**2))),
        "recovery_factor": over(float(worth[-1] / worth[0]) - 1.0, -deepest),
        "average_drawdown": _mean([spell.depth for spell in spells]),
        "average_drawdown_days": _mean([float(spell.days) for spell in spells]),
        "spells": float(len(spells)),
    }
    if len(worth) < 5 or not (worth[:-1] > 0).all():
        return found
    returns = worth[1:] / worth[:-1] - 1.0
    low, high = np.percentile(returns, (5, 95))
    months = [m for row in by_month(days, worth, float(worth[0])).values() for m in row[:12] if m is not None]
    moved = float(returns.std()) > STILL
    active = returns if held is None else returns[held]
    return found | {
        "skew": float(pd.Series(returns).skew()) if moved else None,  # type: ignore[arg-type]
        "excess_kurtosis": float(pd.Series(returns).kurt()) if moved else None,  # type: ignore[arg-type]
        "value_at_risk_5": float(low),
        "tail_ratio": over(float(high), abs(float(low))),
        "omega": over(float(returns[returns > 0].sum()), -float(returns[returns < 0].sum())),
        "gain_to_pain": over(sum(months), -sum(month for month in months if month < 0)),
        "most_gains": float(longest(active > 0)),
        "most_losses": float(longest(active < 0)),
    }


def information_ratio(worth: Floats, index: Floats) -> float | None:
    """Mean over standard deviation of what each day returned beyond the index, annualised by the root of 252;
    None where that never differs. Both shape (n,)."""
    if not ((worth[:-1] > 0).all() and (index[:-1] > 0).all()):
        return None
    beyond = worth[1:] / worth[:-1] - index[1:] / index[:-1]
    spread = float(np.std(beyond, ddof=1)) if len(beyond) > 1 else 0.0
    return float(beyond.mean()) / spread * math.sqrt(SESSIONS_A_YEAR) if spread > STILL else None


def longest(holds: np.ndarray) -> int:
    """The longest run of True in a row; shape (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], holds, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def lately(days: Dates, worth: Floats) -> Figures:
    """Return of the last months and years up to the last close, each from the last close on or before the day
    it begins with; of more than a year, a year. None where the run does not reach back so far."""
    end = days[-1]
    out: Figures = {}
    for name, (unit, back) in LATELY.items():
        begins = pd.Timestamp(end) - pd.DateOffset(months=back)
        if not back:
            begins = begins.to_period(unit).start_time - pd.Timedelta(days=1)
        at = int(np.searchsorted(days, begins.to_datetime64().astype("datetime64[D]"), "right")) - 1
        if at < 0 or worth[at] <= 0:
            out[name] = None
            continue
        grown = float(worth[-1] / worth[at])
        # A debt has no root: told a year, no more is lost than all. Of a year or less it is what it came to.
        out[name] = grown - 1.0 if back <= 12 else max(grown, 0.0) ** (12 / back) - 1.0
    return out


def of_trades(trades: Sequence[RoundTrip]) -> Figures:
    """Figures of trades by their returns on the money put in, after costs; a trade whose return is rounding
    is neither won nor lost.

    payoff = mean of those won / size of the mean of those lost; Kelly = W − (1 − W) / payoff with the share W
    won of those that were either; SQN = √n · mean / standard deviation, with n of 100 at the most.

    References
    ----------
    Kelly 1956, "A New Interpretation of Information Rate", Bell System Technical J. 35:917–926; Tharp 2008,
    *Van Tharp's Definitive Guide to Position Sizing* (SQN).
    """
    returns = np.array([trade.ret for trade in trades])
    won, lost = returns > DUST, returns < -DUST
    payoff = None
    if won.any() and lost.any():
        payoff = float(returns[won].mean() / -returns[lost].mean())
    chance = won.sum() / max(int((won | lost).sum()), 1)
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return {
        "best": float(returns.max()),
        "worst": float(returns.min()),
        "average_won": float(returns[won].mean()) if won.any() else None,
        "average_lost": float(returns[lost].mean()) if lost.any() else None,
        "payoff": payoff,
        "expectancy": float(returns.mean()),
        "kelly": None if payoff is None else float(chance - (1 - chance) / payoff),
        "sqn": math.sqrt(min(len(returns), 100)) * float(returns.mean()) / spread if spread > STILL else None,
        "most_won": float(longest(won)),
        "most_lost": float(longest(lost)),
        "longest_bars": float(max(trade.bars for trade in trades)),
        "longest_days": float(max((trade.exit_date - trade.entry_date).astype(int) for trade in trades)),
    }


def shape_table(run: RunResult) -> Table:
    """The shape of the rule's returns and falls beside those of the index held."""
    index = index_held(run.setting, len(run.days))
    days, worth = from_start(run)
    both = (shape(days, worth, held_returns(run)), shape(run.days, index))
    beyond = information_ratio(run.worth, index)
    peak = int(np.argmax(worth))
    rows = [
        [label, *(write(figures.get(key)) for figures in both)]
        for label, key, write in (
            ("skew of daily returns", "skew", number),
            ("excess kurtosis", "excess_kurtosis", number),
            ("value at risk, 5 % of days", "value_at_risk_5", lambda v: percent(v, 2)),
            ("tail ratio", "tail_ratio", number),
            ("omega ratio", "omega", number),
            ("gain to pain, by month", "gain_to_pain", number),
            ("most days with a gain in a row", "most_gains", _count),
            ("most days with a loss in a row", "most_losses", _count),
            ("times under water", "spells", _count),
            ("average drawdown", "average_drawdown", percent),
            ("… in days", "average_drawdown_days", _count),
            ("Ulcer index", "ulcer_index", share),
            ("recovery factor", "recovery_factor", number),
        )
    ]
    rows += [
        ["information ratio", number(beyond), ""],
        ["highest close", f"{percent(float(worth[peak] / worth[0]) - 1.0)} on {days[peak]}", ""],
    ]
    return beside(run, "Shape of returns and falls", rows)


def lately_table(run: RunResult) -> Table:
    """The last months and years of the rule and of the index held."""
    both = (lately(run.days, run.worth), lately(run.days, index_held(run.setting, len(run.days))))
    rows = [[name, *(percent(each[name]) for each in both)] for name in LATELY if both[0][name] is not None]
    return beside(run, f"Up to {run.days[-1]}", rows)


def trades_figures(run: RunResult) -> list[Table]:
    """The trades in figures; none where there are no trades or positions were rebalanced."""
    if not run.trades or any(trade.rebalanced for trade in run.trades):
        return []
    f = of_trades(run.trades)
    rows = [
        ["best trade, worst trade", f"{percent(f['best'])}, {percent(f['worst'])}"],
        ["average of those won, lost", f"{percent(f['average_won'], 2)}, {percent(f['average_lost'], 2)}"],
        ["payoff ratio", number(f["payoff"])],
        ["expectancy", percent(f["expectancy"], 2)],
        ["Kelly fraction", share(f["kelly"])],
        ["SQN", number(f["sqn"])],
        ["most won, most lost in a row", f"{_count(f['most_won'])}, {_count(f['most_lost'])}"],
        ["longest holding", f"{_count(f['longest_bars'])} bars, {_count(f['longest_days'])} days"],
    ]
    return [Table("Trades in figures", [], rows, brief=False)]


def beside(run: RunResult, title: str, rows: list[list[str]]) -> Table:
    """A table of the rule and of the index held."""
    return Table(title, ["", run.spec.name, f"{run.bars.name} held"], rows, brief=False)


def _count(value: float | None) -> str:
    return number(value, 0)


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def over(value: float, by: float) -> float | None:
    """A ratio; None where there is nothing to divide by."""
    return value / by if by > STILL else None
