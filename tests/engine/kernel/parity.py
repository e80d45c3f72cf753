"""One allocation in both engines, and where they differ."""

from __future__ import annotations

import math

import numpy as np

from analyzers import EquityLog, TradeLog
from analyzers.fills import FillLog
from engine import Lab, LabBroker
from engine.kernel.figures import MEASURES, STILL
from engine.kernel.stage import Instrument, Stage, Terms
from engine.kernel.weight_cells import WeightSignals, run_weight_plan
from engine.margin import Margin
from feeds.backtrader_feeds import BarsFeed
from feeds.events import NONE
from feeds.rates import BorrowFee, ShortRate
from letf_instruments.sessions import last_of_each
from runs.backtest import metrics as m
from runs.backtest.benchmarks import against_index
from strategies import AllocationStrategy
from strategies.carriers.signal_feed import market_of

EXACT = 1e-9
MONEY = ("final_equity", "costs_paid", "interest_earned")
DAY_ONE = np.datetime64("1970-01-01", "D")


def lab_of(bars, funds=(), assets=(), **broker):
    """A lab with an index, funds on it (functions of the index's feed) and assets."""
    lab = Lab(LabBroker(**broker))
    index = BarsFeed(dataname=bars)
    for feed in (index, *(make(index) for make in funds), *(BarsFeed(dataname=a) for a in assets)):
        lab.adddata(feed)
    return lab


def run_events(lab, rule, events=NONE):
    """Run a rule in the event-driven engine; returns fills, equity by bar and metrics."""
    lab.addstrategy(AllocationStrategy, rule=rule, events=events)
    for analyzer in (EquityLog, TradeLog, FillLog):
        lab.addanalyzer(analyzer)
    log, trades, fills = lab.run()[0].analyzers
    rate = lab.broker._rate
    curve = log.by_session()
    days, equity = curve.from_start()
    numbers = m.account(curve, rate, trades.trades, lab.broker.accounts)
    held = lab.datas[0].p.dataname.held()
    held = held[last_of_each(log.days)][-len(curve.days) :]
    numbers |= m.money(curve)
    numbers |= against_index(curve.days, curve.worth, held, rate.on(curve.days), curve.start)
    _leave_out_noise(numbers, days, equity, rate.on(days))
    return fills.fills, log.equity, numbers


def _leave_out_noise(numbers, days, equity, rates):
    """An account that only earns the short rate has no excess return but rounding: no ratio over that."""
    if numbers["sharpe"] is None:
        return
    excess = equity[1:] / equity[:-1] - 1 - rates[:-1] * np.diff(days).astype(np.int64) / 360
    if excess.std(ddof=1) <= STILL:
        numbers["sharpe"] = numbers["correlation"] = None
    if np.sqrt((np.minimum(excess, 0) ** 2).mean()) <= STILL:
        numbers["sortino"] = None


def stage_of(lab):
    """The market of a lab that has run, as arrays, and as the rule saw it."""
    n = len(lab.datas[0])
    market = market_of(lab.datas, n)

    def column(feed, name):
        return np.array(getattr(feed.lines, name).array[:n])

    instruments = {}
    for feed in lab.datas:
        split = column(feed, "split") if hasattr(feed.lines, "split") else np.ones(n)
        multiple = feed.fund.multiple if hasattr(feed, "fund") else 1.0
        paid = column(feed, "dividend") if hasattr(feed.lines, "dividend") else np.zeros(n)
        prices = [column(feed, name) for name in ("open", "high", "low", "close", "volume")]
        instruments[feed._name] = Instrument(feed._name, multiple, *prices, split, paid)
    days = (market.sessions - DAY_ONE).astype(np.int64)
    p = lab.broker.p
    rate = p.short_rate if isinstance(p.short_rate, ShortRate) else ShortRate.constant(p.short_rate)
    fee = BorrowFee.of(p.borrow_fee)
    fees = np.array([fee.at(int(day)) for day in days])
    return market, Stage(
        days,
        rate.on(market.sessions),
        fees,
        column(lab.datas[0], "close"),
        instruments,
        lab.datas[0].p.dataname.held(),
    )


def terms_of(broker):
    """A broker's terms."""
    p = broker.p
    margin = Margin(p.initial_margin, p.maintenance_margin, p.long_initial_margin, p.long_maintenance_margin)
    spreads = (p.cash_spread, p.debt_spread)
    return Terms(p.cash, p.whole_shares, *spreads, margin, p.recall_rate, p.seed, p.deposits)


def both(lab, rule):
    """Run a rule in both engines, on the same feeds."""
    ours = run_events(lab, rule)
    market, stage = stage_of(lab)
    signals = WeightSignals.of(rule, market)
    return ours, run_weight_plan(stage, signals, rule.plan, lab.broker.p.costs, terms_of(lab.broker))


def assert_same(reference, run):
    """The same fills one by one, the same account at each close, the same metrics."""
    fills, equity, numbers = reference
    assert run.done
    largest = max([np.abs(equity).max(), *(abs(f.size * f.price) for f in fills)])
    assert [(f.bar, f.instrument, f.price, f.reason) for f in run.fills] == [
        (f.bar, f.instrument, f.price, f.reason) for f in fills
    ]
    for mine, other in zip(run.fills, fills, strict=True):
        # In money: a small trade is the difference of two large positions.
        assert abs(mine.size - other.size) * other.price <= EXACT * largest
        assert abs(mine.costs - other.costs) <= EXACT * max(largest, other.costs)
    np.testing.assert_allclose(run.equity, equity, rtol=0, atol=EXACT * np.abs(equity).max())
    assert_metrics(numbers, run.metrics, equity)


def assert_metrics(numbers, row, equity):
    """Metrics of the two engines; NaN is None. Money agrees to a part in 10⁹ of the largest equity; a return
    is a ratio of equities, so that of an account of which little is left rounding is a larger part."""
    largest, left = np.abs(equity).max(), equity[equity > 0]
    magnified = max(largest / left.min(), 1.0) if len(left) else 1.0
    for key, value in zip(MEASURES, row, strict=True):
        expected = math.nan if numbers[key] is None else float(numbers[key])
        scale = largest if key in MONEY else magnified
        assert np.isclose(value, expected, rtol=EXACT, atol=EXACT * scale, equal_nan=True), (
            key,
            value,
            expected,
        )
