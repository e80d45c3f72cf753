"""Running a rule as its data arrive: all at once, bar by bar, streaming, and cut off."""

from __future__ import annotations

from typing import Any

import numpy as np

from analyzers import EquityLog, TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.events import NONE, Events
from feeds.market import Market, Prices
from letf_instruments import known_fund, synthesize
from strategies import AllocationRule, AllocationStrategy, Rule, TradeStrategy

FUNDS = ("SOXS", "SOXL")
MODES: tuple[dict[str, Any], ...] = ({}, {"runonce": False}, {"runonce": False, "preload": False})
COSTS = Costs(commission_bps=1, half_spread_bps=2, slippage_bps=3)


def market_from(bars: Bars, events: Events = NONE, rate: float = 0.02) -> Market:
    """The market of a run on these bars, with both funds."""
    prices = (bars.open, bars.high, bars.low, bars.close)
    funds = {name: synthesize(known_fund(name), bars.sessions, *prices, rate) for name in FUNDS}
    made = {name: Prices.of_ledger(ledger) for name, ledger in funds.items()}
    return Market(bars.timestamps, Prices.of_bars(bars), made, {}, events)


def run(
    rule: Rule,
    bars: Bars,
    events: Events = NONE,
    rate: float = 0.02,
    broker: LabBroker | None = None,
    **mode: Any,
) -> tuple[list[Any], np.ndarray, Any]:
    """Trades, equity by bar, and the broker, of a rule in backtrader."""
    lab = Lab(broker or LabBroker(cash=100_000.0, costs=COSTS, short_rate=rate))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for name in FUNDS:
        lab.adddata(FundFeed(dataname=index, fund=name, short_rate=rate))
    kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
    lab.addstrategy(kind, rule=rule, events=events)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    log, trades = lab.run(**mode)[0].analyzers
    return trades.trades, log.equity, lab.broker


def assert_sees_no_later_bar(rule: Rule, bars: Bars, events: Events = NONE, cuts: int = 6) -> None:
    """The same run in every mode and on data cut off anywhere, and the same arrays bit for bit."""
    trades, equity, _ = run(rule, bars, events)
    assert len(trades) > 1
    for mode in MODES[1:]:
        again, curve, _ = run(rule, bars, events, **mode)
        assert again == trades
        np.testing.assert_array_equal(curve, equity)
    market = market_from(bars, events)
    whole = arrays(rule, market)
    for n in np.linspace(rule.warm_up + 2, len(bars) - 1, cuts).astype(int).tolist():
        _, curve, _ = run(rule, bars.between(None, bars.sessions[n - 1]), events)
        np.testing.assert_array_equal(curve, equity[:n])
        part = arrays(rule, market.upto(n))
        assert part.keys() == whole.keys()
        for name, values in part.items():
            np.testing.assert_array_equal(values, whole[name][:n], err_msg=name)


def arrays(rule: Rule, market: Market) -> dict[str, np.ndarray]:
    """Everything that a rule says of a market, by name."""
    if isinstance(rule, AllocationRule):
        targets = rule.checked_targets(market)
        return {**targets.weights, **targets.states}
    signals = rule.checked_signals(market)
    return {**signals.entry, **signals.exit, **signals.levels, **signals.votes, **signals.index_levels}
