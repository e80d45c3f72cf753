"""A hedge beside doing nothing, holding less, and selling the index short.

All four run through the same engine on the same market, account, costs and plan. They are compared from
the close before the hedged account's first fill: before it nothing was known to act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.forced import MARGIN_CALL
from engine.kernel.figures import DAYS_A_YEAR, SESSIONS_A_YEAR
from letf_instruments.sessions import last_of_each
from runs.backtest.metrics import Metrics, performance
from runs.studies.rules.hedge.alternatives import DoingNothing, HoldingLess, ShortingIndex
from runs.studies.rules.hedge.measures import (
    Bools,
    Dates,
    Floats,
    HedgeCost,
    at_target,
    beta,
    by_cause,
    effectiveness,
    held_at_close,
    returns_of,
    worst_windows,
)
from strategies.rules.hedge import Hedge

if TYPE_CHECKING:
    from runs.backtest.result import RunResult
    from runs.studies.rules.study import Rerun

LABELS = {
    "nothing": "doing nothing",
    "hedged": "hedged",
    "less": "holding less",
    "short": "shorting the index",
}


@dataclass(frozen=True, eq=False)
class Course:
    """One of the four accounts, from the common start on: n sessions, n − 1 returns."""

    label: str
    equity: Floats
    returns: Floats
    beta: float | None
    effectiveness: float | None
    costs_paid: float  # money
    margin_calls: int
    performance: Metrics


@dataclass(frozen=True, eq=False)
class Comparison:
    """The four accounts and what the hedge itself cost. `hedged_on` marks the returns, shape (n − 1,), of
    sessions before which the hedge was held; `risk` is (volatility, holding's volatility, beta) on those."""

    rule: Hedge
    index: str
    simulated: bool
    days: Dates
    index_returns: Floats
    courses: dict[str, Course]
    hedged_on: Bools
    gated: bool  # hedged only at times
    risk: tuple[float | None, float | None, float | None]
    money: HedgeCost | None
    cost: HedgeCost | None  # the same, of average equity a year
    rebalances: dict[str, float]  # a year, by cause
    windows: list[tuple[int, int]]
    short_bounded: bool  # margin did not carry the short that the target takes


def compare(run: RunResult, rerun: Rerun) -> Comparison:
    """Run the alternatives and measure all four."""
    rule: Hedge = run.rule
    short = ShortingIndex(rule, run.spec.account.margin())
    runs = {
        "nothing": rerun(DoingNothing(rule)),
        "hedged": run,
        "less": rerun(HoldingLess(rule)),
        "short": rerun(short),
    }
    closes = np.flatnonzero(last_of_each(run.bars.sessions))
    first = min(fill.bar for fills in run.fills.values() for fill in fills)
    start = max(int(np.searchsorted(closes, first)) - 1, 0)
    days = run.days[start:]
    index = run.bars.held()[closes][start:]
    index_returns = index[1:] / index[:-1] - 1.0
    unhedged = returns_of(runs["nothing"].worth[start:])
    courses = {}
    for name, one in runs.items():
        equity = one.worth[start:]
        returns = returns_of(equity)
        courses[name] = Course(
            label=LABELS[name],
            equity=equity,
            returns=returns,
            beta=beta(returns, index_returns),
            effectiveness=effectiveness(returns, unhedged),
            costs_paid=one.metrics["costs_paid"],
            margin_calls=sum(trade.exit_reason == MARGIN_CALL for trade in one.trades),
            performance=performance(days, equity, run.short_rate.on(days)),
        )
    ticker = rule.params.hedge
    on = held_at_close(run.fills.get(ticker, []), closes)[start:-1]
    years = float((days[-1] - days[0]).astype(int)) / DAYS_A_YEAR
    money = _money(run, closes)
    return Comparison(
        rule=rule,
        index=run.bars.name,
        simulated=run.simulated,
        days=days,
        index_returns=index_returns,
        courses=courses,
        hedged_on=on,
        gated=rule.params.active != "always" or bool(rule.filters),
        risk=_risk(courses, index_returns, on),
        money=money,
        cost=money.a_year(days, run.equity[start:]) if money else None,
        rebalances={cause: n / years for cause, n in run.rebalances.items()} if years > 0 else {},
        windows=worst_windows(courses["nothing"].equity),
        short_bounded=short.bounded(run.market()),
    )


def _money(run: RunResult, closes: npt.NDArray[np.int64]) -> HedgeCost | None:
    """The hedge's money by cause; None if it was never bought. `closes` are positions of sessions' last
    bars."""
    rule: Hedge = run.rule
    ticker = rule.params.hedge
    if ticker not in run.legs:
        return None
    weights = rule.checked_targets(run.market()).weights[ticker][closes]
    first = int(np.searchsorted(closes, run.fills[ticker][0].bar))
    multiple = run.ledgers[ticker].fund.multiple
    swapped = run.setting.index_of(ticker).as_swapped().close[closes]
    promised = at_target(weights, multiple, run.equity, swapped, first)
    return by_cause(run.legs[ticker], promised)


def _risk(
    courses: dict[str, Course], index_returns: Floats, on: Bools
) -> tuple[float | None, float | None, float | None]:
    hedged, nothing = courses["hedged"].returns[on], courses["nothing"].returns[on]
    if len(hedged) < 2 or np.isnan(hedged).any() or np.isnan(nothing).any():
        return None, None, None
    volatility, unhedged = (float(r.std(ddof=1) * SESSIONS_A_YEAR**0.5) for r in (hedged, nothing))
    return volatility, unhedged, beta(hedged, index_returns[on])


def window_returns(found: Comparison, name: str) -> Floats:
    """An account's return in each of the worst windows, shape (windows,)."""
    equity = found.courses[name].equity
    return np.array(
        [equity[end] / equity[start] - 1.0 if equity[start] > 0 else np.nan for start, end in found.windows]
    )


def window_mean(found: Comparison, name: str) -> float | None:
    """Mean return in the worst windows."""
    mean = float(window_returns(found, name).mean())
    return mean if np.isfinite(mean) else None
