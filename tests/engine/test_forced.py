"""Recalled shorts and ruined accounts."""

import numpy as np
import pytest

from analyzers import TradeLog
from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed
from strategies import TradePlan, TradeStrategy
from tests.conftest import make_bars
from tests.engine.scripted import Scripted, play
from tests.strategies.plans.test_trade_plan import OnBars

FLAT = (100.0, 100.0, 100.0, 100.0)


# -- recalls ------------------------------------------------------------------------------------------


def short_every_day(n, rate, seed=7, feeds=1, **broker):
    """Short 1 at every open where flat; returns the bars on which recalls were filled, by feed."""

    def act(strategy):
        for data in strategy.datas:
            if not strategy.broker.getposition(data).size:
                strategy.sell(data=data, size=1, reason="entry")

    lab = Lab(LabBroker(cash=100_000.0, recall_rate=rate, seed=seed, **broker))
    for i in range(feeds):
        lab.adddata(BarsFeed(dataname=make_bars([FLAT] * n, name=f"F{i}")))
    lab.addstrategy(Scripted, script=dict.fromkeys(range(n), act))
    lab.addanalyzer(TradeLog)
    trades = lab.run()[0].analyzers[0].trades
    recalled = [(t.instrument, t.exit_date) for t in trades if t.exit_reason == "recall"]
    return recalled, lab.broker


def test_no_short_is_recalled_unless_it_is_asked_for():
    assert short_every_day(300, 0.0)[0] == []


def test_recalls_come_as_often_as_their_rate_says():
    # 2,000 sessions of weekdays are 2,800 calendar days or 7.67 years; a short is open on most of them:
    # after a recall, filled at an open, the next is opened a session later. At 12 a year about 90, and by
    # Poisson's law within four standard deviations, 4·√90 = 38.
    recalled, broker = short_every_day(2_000, 12.0)
    assert 52 <= len(recalled) <= 128
    assert len([n for n in broker.notes if "recall: the lender wants the shares back" in n]) in (
        len(recalled),
        len(recalled) + 1,  # of the last close, never filled
    )


def test_a_recall_is_certain_at_a_rate_without_bounds_and_fills_at_the_next_open():
    rows = [FLAT, FLAT, FLAT, (107.0,) * 4, (107.0,) * 4]
    broker = LabBroker(cash=1_000.0, recall_rate=366.0, seed=1)
    # Once a day on average, by Poisson's law in a night with 1 - 1/e; seed 1 draws it in the first night.
    strategy, _ = play(make_bars(rows), {0: lambda s: s.sell(size=1)}, broker)
    assert strategy.fills == [(1, 100.0, -1.0, ""), (3, 107.0, 1.0, "recall")]


def test_the_same_seed_recalls_the_same_days_and_another_others():
    first = short_every_day(500, 12.0)[0]
    assert first == short_every_day(500, 12.0)[0]
    assert first != short_every_day(500, 12.0, seed=8)[0]


def test_data_cut_off_or_another_feed_change_no_recall_before():
    whole = short_every_day(500, 12.0)[0]
    part = short_every_day(300, 12.0)[0]
    assert len(part) > 3
    assert part == whole[: len(part)]
    both = short_every_day(500, 12.0, feeds=2)[0]
    assert [r for r in both if r[0] == "F0"] == whole
    assert [day for name, day in both if name == "F1"] != [day for _, day in whole]


# -- ruin ---------------------------------------------------------------------------------------------


def test_a_ruined_account_is_closed_at_the_next_open_and_takes_no_more_entries():
    # Short 10 at 100 with 1,000; at 300 equity is 2,000 - 3,000. Bought in at 310: 1,100 beyond the stake.
    rows = [FLAT, FLAT, (300.0,) * 4, (310.0,) * 4, (310.0,) * 4, (310.0,) * 4, (310.0,) * 4]
    orders = {
        0: lambda s: s.sell(size=10),
        1: lambda s: s.buy(size=10, exectype=2, price=50.0),  # a limit that never comes
        3: lambda s: s.buy(size=1),
        4: lambda s: s.sell(size=1, exectype=2, price=900.0),  # would wait for ever
    }
    strategy, broker = play(make_bars(rows), orders, LabBroker(cash=1_000.0))
    assert strategy.fills == [(1, 100.0, -10.0, ""), (3, 310.0, 10.0, "ruin")]
    assert broker.ruined
    assert broker.getvalue() == pytest.approx(-1_100)
    ended = [(o.getstatusname(), o.info.get("why")) for o in strategy.orders.values()]
    assert ended == [
        ("Completed", None),
        ("Canceled", "ruin"),
        ("Completed", None),
        ("Rejected", "ruin"),
        ("Rejected", "ruin"),
    ]
    said = [note.partition("TEST: ")[2] for note in broker.notes]
    assert said[0] == (
        "ruin: equity is -1000.00, a loss beyond the stake of 1000.00; "
        "all positions are closed at the next open and no entry is taken any more"
    )
    assert said[1] == "ruin: all positions are closed, the loss beyond the stake is 1100.00"
    assert [s for s in said if "refused" in s] == ["an order was refused: the account is ruined"]


def test_an_account_that_lost_all_but_no_more_is_ruined_without_a_loss_beyond_the_stake():
    rows = [FLAT, FLAT, FLAT, FLAT, FLAT]
    bars = make_bars(rows)
    for column in ("open", "high", "low", "close"):
        values = getattr(bars, column).copy()
        values[2:] = 0.0
        object.__setattr__(bars, column, values)
    strategy, broker = play(bars, {0: lambda s: s.buy(size=100)})
    assert strategy.fills[1] == (3, 0.0, -100.0, "ruin")
    assert "ruin: equity is 0.00; all positions are closed" in broker.notes[0]
    assert len(broker.notes) == 1


def test_a_strategy_of_a_plan_falls_silent_after_ruin():
    """All equity in a -3x fund whose index rises by 40 %: nothing is left, and 90 signals follow."""
    from feeds.backtrader_feeds import FundFeed

    rows = [FLAT] * 3 + [(100.0, 140.0, 100.0, 140.0)] + [(140.0,) * 4] * 90
    lab = Lab(LabBroker(cash=10_000.0))
    index = BarsFeed(dataname=make_bars(rows))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="SOXS"))
    lab.adddata(FundFeed(dataname=index, fund=3, name="SOXL"))
    lab.addstrategy(TradeStrategy, rule=OnBars(range(90), TradePlan(instrument="SOXS", fraction=1)))
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]
    assert len(strategy.analyzers[0].trades) == 1
    assert lab.broker.getvalue() == pytest.approx(0, abs=1e-6)
    assert len(strategy.notes) + len(lab.broker.notes) <= 3


def test_a_strategy_of_a_plan_says_once_that_nothing_is_left_to_enter_with():
    """Shorted into ruin by another hand, with an instrument that still has a price."""

    class AndShort(TradeStrategy):
        def next(self):
            if len(self) == 1:
                self.sell(data=self.data0, size=10)
            super().next()

    rows = [FLAT, FLAT] + [(2_500.0,) * 4] * 60
    lab = Lab(LabBroker(cash=1_000.0))
    lab.adddata(BarsFeed(dataname=make_bars(rows)))
    lab.adddata(BarsFeed(dataname=make_bars([FLAT] * 62, name="SOXS")))
    lab.addstrategy(AndShort, rule=OnBars(range(10, 60), TradePlan(fraction=0.5)))
    strategy = lab.run()[0]
    said = [note for note in strategy.notes if "no equity is left" in note]
    assert len(said) == 1
    assert len(strategy.notes) == 1
    assert np.isclose(lab.broker.getvalue(), 2_000 - 25_000)


def test_an_allocation_falls_silent_after_ruin():
    from feeds.backtrader_feeds import FundFeed
    from strategies import AllocationPlan, AllocationStrategy
    from strategies.rules.benchmarks import Hold, HoldParams

    rows = [FLAT] * 3 + [(100.0, 140.0, 100.0, 140.0)] + [(140.0,) * 4] * 60
    lab = Lab(LabBroker(cash=10_000.0))
    index = BarsFeed(dataname=make_bars(rows))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund=-3, name="SOXS"))
    plan = AllocationPlan(schedule="daily")
    lab.addstrategy(AllocationStrategy, rule=Hold(HoldParams(instrument="SOXS"), plan))
    strategy = lab.run()[0]
    assert lab.broker.ruined
    assert len([note for note in strategy.notes if "no equity is left" in note]) == 1
    assert len(strategy.notes) + len(lab.broker.notes) <= 3


def test_what_a_ruined_account_owes_stays_what_it_was_when_all_was_closed():
    bars = make_bars([FLAT, FLAT] + [(300.0,) * 4] * 20)
    broker = LabBroker(cash=1_000.0, short_rate=0.05, debt_spread=0.05)
    strategy, broker = play(bars, {0: lambda s: s.sell(size=10)}, broker)
    assert broker.ruined
    assert strategy.values[3:] == [strategy.values[3]] * 19
    assert strategy.values[3] == pytest.approx(1_000 - 10 * 200, abs=1.0)
