"""What every rule must pass, of both kinds: no bar is used before it has arrived.

`assert_same_in_every_mode` runs a rule in backtrader with all bars known, bar by bar, and streaming, and on
data cut short; `assert_prefixes` compares the rule's arrays on the first n bars with the first n of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analyzers import EquityLog, RoundTrip, TradeLog
from analyzers.trades import OPEN
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from feeds.events import NONE, Events
from feeds.market import Market, Prices
from feeds.rates import ShortRate
from feeds.volumes import Volumes
from letf_instruments import known_fund, synthesize
from strategies import AllocationRule, AllocationStrategy, TradeStrategy
from strategies.rule import Rule

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
FUNDS = ("SOXS", "SOXL")
COSTS = Costs(commission_bps=1, commission_minimum=1.0, half_spread_bps=2, slippage_bps=3)
RATE = 0.03


def market_of_bars(
    bars: Bars,
    funds: Sequence[str] = FUNDS,
    volumes: Mapping[str, Volumes] | None = None,
    assets: Sequence[Bars] = (),
    events: Events = NONE,
) -> Market:
    """The market that a rule sees: the index, its synthetic funds, and assets on the same bars."""
    rates = ShortRate.constant(RATE).on(bars.sessions)
    made = {}
    for ticker in funds:
        ledger = synthesize(
            known_fund(ticker), bars.sessions, bars.open, bars.high, bars.low, bars.close, rates, 100.0
        )
        made[ticker] = Prices.of_ledger(ledger)
        if volumes and ticker in volumes:
            made[ticker] = replace(made[ticker], volume=volumes[ticker].on(bars.sessions))
    others = {asset.name: Prices.of_bars(asset) for asset in assets}
    return Market(bars.timestamps, Prices.of_bars(bars), made, others, events)


def run_rule(
    rule: Rule,
    bars: Bars,
    mode: str = "runonce",
    funds: Sequence[str] = FUNDS,
    volumes: Mapping[str, Volumes] | None = None,
    assets: Sequence[Bars] = (),
    events: Events = NONE,
) -> tuple[list[RoundTrip], np.ndarray]:
    """Trades and equity, shape (n,), of a rule of either kind in one of `MODES`."""
    lab = Lab(LabBroker(cash=100_000.0, costs=COSTS, short_rate=RATE))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for ticker in funds:
        volume = (volumes or {}).get(ticker)
        lab.adddata(FundFeed(dataname=index, fund=ticker, short_rate=RATE, volume=volume))
    for asset in assets:
        lab.adddata(BarsFeed(dataname=asset))
    kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
    lab.addstrategy(kind, rule=rule, events=events)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run(**MODES[mode])[0]
    return strategy.analyzers[1].trades, np.asarray(strategy.analyzers[0].equity)


def assert_same_in_every_mode(
    rule: Rule, bars: Bars, cuts: Iterable[int] = (40, 133, 250), least: int = 3, **setting
) -> list[RoundTrip]:
    """Fails unless all modes, and all data cut after `cuts` bars, give the same run up to there.

    Parameters
    ----------
    least : trades below which the check would show nothing, so that it fails.
    setting : funds, volumes, assets and events, as `run_rule` takes them.
    """
    trades, equity = run_rule(rule, bars, **setting)
    assert len(trades) >= least, f"{len(trades)} trades show nothing"
    for mode in ("next", "streaming"):
        other, curve = run_rule(rule, bars, mode, **setting)
        assert other == trades, mode
        np.testing.assert_array_equal(curve, equity, mode)
    for n in cuts:
        end = bars.sessions[n - 1]
        assets = [asset.between(None, end) for asset in setting.get("assets", ())]
        cut, curve = run_rule(rule, bars.between(None, end), **{**setting, "assets": assets})
        done = [trade for trade in cut if trade.exit_reason != OPEN]
        assert done == trades[: len(done)], n
        assert len(done) == sum(t.exit_date <= end and t.exit_reason != OPEN for t in trades), n
        np.testing.assert_array_equal(curve, equity[:n], str(n))
    return trades


def arrays_of(rule: Rule, market: Market) -> dict[str, np.ndarray]:
    """Everything that a rule says of a market, filters included, by kind and name."""
    if isinstance(rule, AllocationRule):
        said, kinds = rule.checked_targets(market), ("weights", "states")
    else:
        said, kinds = rule.checked_signals(market), ("entry", "exit", "levels", "votes", "index_levels")
    sides = {"": said} | ({"other ": said.other} if getattr(said, "other", None) is not None else {})
    return {
        f"{which}{kind} {name}": a
        for which, side in sides.items()
        for kind in kinds
        for name, a in getattr(side, kind).items()
    }


def assert_prefixes(rule: Rule, market: Market, cuts: Iterable[int] | None = None) -> None:
    """Fails unless the rule's arrays on the first n bars are, bit for bit, the first n of all; for every
    n if `cuts` is None."""
    whole = arrays_of(rule, market)
    for n in range(1, len(market) + 1) if cuts is None else cuts:
        short = arrays_of(rule, market.upto(n))
        assert list(short) == list(whole)
        for name, values in short.items():
            np.testing.assert_array_equal(values, whole[name][:n], f"{name}, first {n} bars")
