"""The same plan in backtrader and in the compiled loop, on the same feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzers import EquityLog, FillLog, LoggedFill, TradeLog
from engine import Costs, Lab, LabBroker
from engine.kernel.stage import Instrument, Stage, Terms
from feeds.array_feed import to_stamp
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.market import Market
from feeds.rates import BorrowFee, ShortRate
from letf_instruments.sessions import last_of_each
from runs.backtest import metrics as m
from runs.backtest.benchmarks import against_index
from strategies import AllocationRule, AllocationStrategy, Rule, TradeStrategy, market_of
from strategies.account_rule import AccountRule
from strategies.carriers.account_strategy import AccountStrategy


@dataclass(frozen=True, eq=False)
class Reference:
    """A run in backtrader, and the market it saw as the compiled loops take it."""

    market: Market
    stage: Stage
    factors: dict[str, np.ndarray]
    equity: np.ndarray
    fills: list[LoggedFill]
    metrics: m.Metrics
    notes: list[str]


def reference(
    bars: Bars,
    rule: Rule,
    funds: list[Any],
    costs: Costs,
    terms: Terms,
    rate: float | ShortRate = 0.0,
    fee: float = 0.0,
    splits: Any = "none",
    volume: Any = None,
) -> Reference:
    """Run a rule through the broker."""
    short_rate = rate if isinstance(rate, ShortRate) else ShortRate.constant(rate)
    margin = terms.margin
    lab = Lab(
        LabBroker(
            cash=terms.cash,
            costs=costs,
            short_rate=short_rate,
            whole_shares=terms.whole_shares,
            cash_spread=terms.cash_spread,
            debt_spread=terms.debt_spread,
            borrow_fee=fee,
            recall_rate=terms.recall_rate,
            seed=terms.seed,
            deposits=terms.deposits,
            initial_margin=margin.initial_short,
            maintenance_margin=margin.maintenance_short,
            long_initial_margin=margin.initial_long,
            long_maintenance_margin=margin.maintenance_long,
        )
    )
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for fund in funds:
        lab.adddata(FundFeed(dataname=index, fund=fund, short_rate=short_rate, splits=splits, volume=volume))
    kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
    lab.addstrategy(AccountStrategy if isinstance(rule, AccountRule) else kind, rule=rule)
    for analyzer in (EquityLog, FillLog, TradeLog):
        lab.addanalyzer(analyzer)
    ran = lab.run()[0]
    log, fills, trades = ran.analyzers
    n = len(bars)
    instruments, factors = {}, {}
    for data in lab.datas:

        def line(name: str, data: Any = data) -> np.ndarray:
            return np.array(getattr(data.lines, name).array[:n])

        is_fund = isinstance(data, FundFeed)
        if is_fund:
            factors[data._name] = line("factor")
        instruments[data._name] = Instrument(
            data._name,
            data.fund.multiple if is_fund else 1.0,
            *(line(name) for name in ("open", "high", "low", "close", "volume")),
            line("split") if is_fund else np.ones(n),
            np.zeros(n) if is_fund else line("dividend"),
        )
    days = to_stamp(np.array(index.lines.datetime.array[:n])).astype("datetime64[D]").astype(np.int64)
    stage = Stage(
        days,
        short_rate.on(bars.sessions),
        np.full(n, BorrowFee.of(fee).at(0)),
        bars.close,
        instruments,
        bars.held(),
    )
    curve = log.by_session()
    held = bars.held()[last_of_each(bars.sessions)][-len(curve.days) :]
    numbers = m.account(curve, short_rate, trades.trades, lab.broker.accounts)
    numbers |= m.money(curve)
    numbers |= against_index(curve.days, curve.worth, held, short_rate.on(curve.days), curve.start)
    market = market_of(lab.datas, n)
    return Reference(market, stage, factors, log.equity, fills.fills, numbers, lab.broker.notes)


def first_difference(ours: list[Any], theirs: list[Any], equity: np.ndarray, other: np.ndarray) -> str:
    """Where two runs part, in words; empty if they do not. Fills are compared in the order they happened,
    to a part in 10⁹."""
    for i, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        for field in ("bar", "instrument", "reason", "price", "size", "costs"):
            one, two = getattr(a, field), getattr(b, field)
            if isinstance(one, str) or field == "bar":
                same = one == two
            else:
                # What a sale through rounding leaves is measured by the position, costs by the value traded.
                scale = max(abs(two), 1e-12 * abs(b.size * b.price) if field == "costs" else 0.0)
                same = abs(one - two) <= 1e-9 * scale
            if not same:
                return f"fill {i}: {field} is {one!r}, not {two!r}: {a} against {b}"
    if len(ours) != len(theirs):
        longer = max(ours, theirs, key=len)
        return f"{len(ours)} fills, not {len(theirs)}: {longer[min(len(ours), len(theirs))]}"
    apart = ~(np.abs(equity - other) <= 1e-9 * np.maximum(np.abs(other), np.abs(other).max()))
    if apart.any():
        at = int(np.argmax(apart))
        return f"bar {at}: equity is {equity[at]!r}, not {other[at]!r}"
    return ""


MONEY = ("final_equity", "costs_paid", "interest_earned", "put_in", "profit")


def differing_measures(
    found: np.ndarray, names: tuple[str, ...], metrics: m.Metrics, stake: float
) -> list[str]:
    """The measures that differ by more than a part in 10⁹ (of the stake, where they are money: of a fund that
    is wiped out rounding is all that is left), in words."""
    said = []
    for value, name in zip(found, names, strict=True):
        wanted = metrics[name]
        if wanted is None:
            same = bool(np.isnan(value))
        else:
            least = stake if name in MONEY else 1.0
            same = abs(value - wanted) <= 1e-9 * max(least, abs(wanted))  # type: ignore[arg-type]
        if not same:
            said.append(f"{name} is {value!r}, not {wanted!r}")
    return said
