"""Running a rule in an account of one's own, and all the checks of `causality` at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from analyzers import EquityLog, TradeLog
from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.events import NONE, Events
from feeds.market import Market, Prices
from letf_instruments import known_fund, synthesize
from strategies import AllocationRule, AllocationStrategy, Rule, TradeStrategy
from tests.strategies.causality import (
    COSTS,
    FUNDS,
    assert_prefixes,
    assert_same_in_every_mode,
    market_of_bars,
)


def market_from(bars: Bars, events: Events = NONE, rate: float = 0.02) -> Market:
    """The market of a run on these bars at that short rate, with both funds."""
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
    log, trades = lab.run()[0].analyzers
    return trades.trades, log.equity, lab.broker


def assert_sees_no_later_bar(rule: Rule, bars: Bars, events: Events = NONE, cuts: int = 4) -> None:
    """The same run in every mode and on data cut off anywhere, and the same arrays bit for bit."""
    ends = np.linspace(rule.warm_up + 2, len(bars) - 1, cuts).astype(int).tolist()
    assert_same_in_every_mode(rule, bars, ends, least=2, events=events)
    assert_prefixes(rule, market_of_bars(bars, events=events), ends)
