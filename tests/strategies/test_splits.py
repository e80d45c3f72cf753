"""Rules see no split: the same trades on prices as traded, whatever the plan and however bars arrive."""

import numpy as np
import pytest

from analyzers import EquityLog, TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import LeveragedFund
from letf_instruments.splits import ActualSplits, IssuerSplits, Ratio
from strategies import (
    AllocationPlan,
    AllocationRule,
    AllocationStrategy,
    RsiTiming,
    RuleParams,
    Signals,
    Targets,
    TradePlan,
    TradeRule,
    TradeStrategy,
)
from tests.conftest import make_bars, random_bars

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
COSTS = Costs(commission_bps=1, commission_minimum=1.0, half_spread_bps=2, slippage_bps=3)
OFTEN = IssuerSplits(low=38, high=42, target=40, sessions=1, notice=1)


class Channel(TradeRule):
    """Buys the fund when it closes above its highest close of five bars; the lowest is a level."""

    name = "channel"
    summary = "for tests"
    Params = RuleParams
    default_instrument = "SOXS"

    def signals(self, market):
        close = market["SOXS"].close
        past = np.array([close[max(i - 5, 0) : i + 1] for i in range(len(close))], dtype=object)
        top = np.array([window[:-1].max() if len(window) > 1 else np.inf for window in past])
        bottom = np.array([window.min() for window in past]) * 0.98
        return Signals({"new high": close > top}, {"new low": close <= bottom / 0.98}, {"low": bottom})


class Swing(AllocationRule):
    """All of it now in one fund, now in the other, by the fund's own five-bar return."""

    name = "swing"
    summary = "for tests"
    Params = RuleParams
    instruments = ("SOXS", "SOXL")

    def targets(self, market):
        close = market["SOXS"].close
        up = np.zeros(len(close), dtype=bool)
        up[5:] = close[5:] > close[:-5]
        return Targets({"SOXS": np.where(up, 0.6, -0.2), "SOXL": np.where(up, 0.0, 0.5)})


RULES = {
    "fractions": RsiTiming(plan=TradePlan(fraction=0.6, stop=0.08, target=0.15, max_bars=10)),
    "trailing, by risk": Channel(plan=TradePlan(risk=0.02, stop=0.1, trailing_stop=0.07)),
    "levels": Channel(plan=TradePlan(risk=0.02, stop="low", target=0.3, cooldown=3)),
    "weights": Swing(plan=AllocationPlan(schedule="weekly", band=0.1)),
}


def run(bars, rule, splits, mode="runonce"):
    lab = Lab(LabBroker(cash=100_000.0, costs=COSTS, short_rate=0.03))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    for ticker in ("SOXS", "SOXL"):
        lab.adddata(FundFeed(dataname=index, fund=ticker, short_rate=0.03, splits=splits))
    kind = AllocationStrategy if isinstance(rule, AllocationRule) else TradeStrategy
    lab.addstrategy(kind, rule=rule)
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run(**MODES[mode])[0]
    return strategy.analyzers[0].equity, strategy.analyzers[1].trades, lab.broker.notes


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rule_trades_the_same_with_and_without_splits(name, seed):
    bars = random_bars(seed, 250)
    equity, trades, notes = run(bars, RULES[name], OFTEN)
    plain, plain_trades, _ = run(bars, RULES[name], "none")
    np.testing.assert_allclose(equity, plain, rtol=1e-9)
    assert len(trades) == len(plain_trades) > 0
    for ours, theirs in zip(trades, plain_trades, strict=True):
        assert (ours.entry_date, ours.exit_date, ours.exit_reason) == (
            theirs.entry_date,
            theirs.exit_date,
            theirs.exit_reason,
        )
        assert ours.ret == pytest.approx(theirs.ret, rel=1e-9, abs=1e-12)
    assert any(": split " in note for note in notes)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("mode", ["next", "streaming"])
def test_however_bars_arrive_the_run_is_the_same_to_the_last_bit(name, mode):
    bars = random_bars(4, 120)
    equity, trades, notes = run(bars, RULES[name], OFTEN)
    same = run(bars, RULES[name], OFTEN, mode)
    np.testing.assert_array_equal(same[0], equity)
    assert same[1:] == (trades, notes)


def test_a_level_is_worth_the_same_after_the_split():
    """A rule's level of 95 for a fund at 100: 950 once it trades at 1,000, and 9.5 shares where 95 were."""

    class Once(TradeRule):
        name = "once"
        summary = "for tests"
        Params = RuleParams
        default_instrument = "X"

        def signals(self, market):
            n = len(market)
            return Signals({"now": np.arange(n) == 3}, {}, {"support": np.full(n, 95.0)})

    rows = [(100.0,) * 4] * 5 + [(100, 100, 90, 92)]
    bars = make_bars(rows)
    lab = Lab(LabBroker(cash=9_500.0))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    splits = ActualSplits((bars.sessions[2],), (Ratio(1, 10),))
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), splits=splits))
    lab.addstrategy(TradeStrategy, rule=Once(plan=TradePlan(stop="support")))
    lab.addanalyzer(TradeLog)
    (trade,) = lab.run()[0].analyzers[0].trades
    assert (trade.exit_reason, trade.size) == ("stop", pytest.approx(9.5))
    assert (trade.entry_price, trade.exit_price) == (pytest.approx(1_000), pytest.approx(950))
