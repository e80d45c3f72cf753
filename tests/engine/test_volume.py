"""What a bar's volume allows, and orders that are filled over several bars because of it."""

import backtrader as bt
import numpy as np
import pytest

from analyzers import TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from strategies import TradePlan, TradeStrategy
from tests.conftest import make_bars
from tests.engine.scripted import Scripted, bracket, play
from tests.strategies.plans.test_trade_plan import OnBars

FLAT = (100.0, 100.0, 100.0, 100.0)


def volumes(rows, volume):
    """Bars with a volume each."""
    bars = make_bars(rows)
    columns = (getattr(bars, name) for name in ("timestamps", "open", "high", "low", "close"))
    return Bars("TEST", "TEST", *columns, np.broadcast_to(np.array(volume, dtype=float), len(rows)).copy())


TENTH = Costs(max_participation=0.1)


def test_an_entry_takes_its_share_of_the_volume_and_the_rest_is_cancelled_with_a_note():
    strategy, broker = play(
        volumes([FLAT] * 5, 400), {0: lambda s: s.buy(size=70)}, LabBroker(cash=10_000.0, costs=TENTH)
    )
    assert strategy.fills == [(1, 100.0, 40.0, "")]
    assert len(broker.notes) == 1
    assert "order to buy 70 became 40 at 100: no more than 0.1 of the bar's volume of 400" in broker.notes[0]
    assert next(iter(strategy.orders.values())).info["why"].endswith("the rest is cancelled")


def test_orders_of_one_bar_share_its_volume():
    def act(strategy):
        strategy.buy(size=30)
        strategy.buy(size=30)
        strategy.buy(size=30)

    strategy, _ = play(volumes([FLAT] * 5, 400), {0: act}, LabBroker(cash=10_000.0, costs=TENTH))
    assert [fill[2] for fill in strategy.fills] == [30.0, 10.0]
    statuses = [order.getstatusname() for order in strategy.orders.values()]
    assert statuses == ["Completed", "Completed", "Rejected"]


def test_whole_shares_of_a_share_of_the_volume():
    broker = LabBroker(cash=10_000.0, costs=TENTH, whole_shares=True)
    strategy, _ = play(volumes([FLAT] * 4, 87), {0: lambda s: s.buy(size=20)}, broker)
    assert strategy.fills[0][2] == 8.0  # of 8.7
    assert "no more than 0.1 of the bar's volume" in broker.notes[0]


def exit_over_bars(script, rows, **broker):
    """100 shares bought in one bar of 1,000, then bars of 400 that take 40 each."""
    bars = volumes(rows, [1000, 1000] + [400] * (len(rows) - 2))
    lab = Lab(LabBroker(cash=10_000.0, costs=TENTH, **broker))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]
    return strategy, lab.broker, strategy.analyzers[0].trades


def test_an_exit_stays_in_the_market_until_it_is_filled():
    rows = [FLAT, FLAT, FLAT, (110.0,) * 4, (120.0,) * 4, FLAT, FLAT]
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.sell(size=100, reason="told to")}
    strategy, broker, (trade,) = exit_over_bars(script, rows)
    assert broker.getposition(strategy.data).size == 0
    # 40 at 100, 40 at 110, 20 at 120
    assert broker.getvalue() == pytest.approx(10_000 + 40 * 10 + 20 * 20)
    assert trade.exit_price == pytest.approx((40 * 100 + 40 * 110 + 20 * 120) / 100)
    assert (trade.profit, trade.exit_reason) == (pytest.approx(800), "told to")
    assert len(broker.notes) == 1
    assert "order to sell 100 is filled over several bars" in broker.notes[0]
    assert "60 stay in the market" in broker.notes[0]


def test_a_trade_whose_exit_is_only_part_filled_at_the_end_counts_what_was():
    rows = [FLAT, FLAT, FLAT, (110.0,) * 4]
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.sell(size=100)}
    _, broker, (trade,) = exit_over_bars(script, rows)
    assert (trade.exit_reason, trade.profit) == ("open at end", pytest.approx(600))  # 60 shares gained 10
    assert broker.getvalue() == pytest.approx(10_600)


def test_a_stop_that_was_hit_is_a_market_order_for_the_rest():
    # Hit at 95; the next bar opens at 99, above the stop, and a real stop is sold there none the less.
    rows = [FLAT, FLAT, (100, 100, 90, 92), (99, 99, 99, 99), (98,) * 4, FLAT]
    strategy, broker, (trade,) = exit_over_bars({0: bracket(100, stop=0.05, target=0.5)}, rows)
    assert trade.exit_price == pytest.approx((40 * 95 + 40 * 99 + 20 * 98) / 100)
    assert trade.exit_reason == "stop"
    assert broker.getposition(strategy.data).size == 0


def test_a_part_filled_target_leaves_the_stop_with_the_shares_that_are_left():
    # The target of 110 takes 40 of 100; the next bar falls through the stop of 95, which may sell 60.
    rows = [FLAT, FLAT, (100, 112, 100, 108), (100, 100, 90, 91), (90,) * 4, (90,) * 4]
    strategy, broker, (trade,) = exit_over_bars({0: bracket(100, stop=0.05, target=0.1)}, rows)
    assert trade.exit_price == pytest.approx((40 * 110 + 40 * 95 + 20 * 90) / 100)
    assert broker.getposition(strategy.data).size == 0  # never short
    assert [order.getstatusname() for order in strategy.orders.values()] == [
        "Completed",
        "Completed",
        "Canceled",
    ]


def test_a_stop_beside_a_part_filled_target_sells_only_what_is_left():
    # The target takes 40 of 100; then there is volume for everything, and the stop sells 60, not 100.
    rows = [FLAT, FLAT, (100, 112, 100, 108), (100, 100, 90, 91), (90,) * 4]
    broker = LabBroker(cash=10_000.0, costs=TENTH)
    bars = volumes(rows, [1000, 1000, 400, 9000, 9000])
    strategy, _ = play(bars, {0: bracket(100, stop=0.05, target=0.1)}, broker)
    assert [fill[1:] for fill in strategy.fills] == [(100.0, 100.0, "entry"), (95.0, -60.0, "stop")]
    assert broker.getposition(strategy.data).size == 0


def test_the_rest_of_an_order_for_the_close_is_not_filled_at_a_close_of_before():
    day = np.datetime64("2020-01-06T10:00")
    hours = np.array([0, 1, 2, 3, 24, 25, 26, 27]) * np.timedelta64(60, "m")
    closes = np.array([100.0, 100, 100, 103, 104, 105, 106, 107])
    volume = np.array([1000.0, 1000, 400, 400, 400, 400, 400, 400])
    bars = Bars("TEST", "TEST", day + hours, closes, closes, closes, closes, volume)
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.sell(size=100, exectype=bt.Order.Close)}
    lab = Lab(LabBroker(cash=10_000.0, costs=TENTH))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script=script)
    lab.run()
    # 40 at the close of Monday, 103, as backtrader finds on Tuesday's first bar; then 105 and 106.
    assert lab.broker.getvalue() == pytest.approx(10_000 + 40 * 3 + 40 * 5 + 20 * 6)


def test_a_part_filled_target_for_more_than_is_held_leaves_its_stop_in_place():
    # 40 of 100 are sold by hand; the target of 110 is still for 100, of which 60 close anything.
    rows = [FLAT, FLAT, FLAT, (100, 112, 100, 108), (100, 100, 90, 91), (90,) * 4]
    script = {0: bracket(100, stop=0.05, target=0.1), 1: lambda s: s.sell(size=40)}
    strategy, _, (trade, *_) = exit_over_bars(script, rows)
    fills = {order.info.get("reason"): order.executed.size for order in strategy.orders.values()}
    # 40 by hand, 40 at 110, and what was left at the stop of 95.
    assert trade.exit_price == pytest.approx((40 * 100 + 40 * 110 + 20 * 95) / 100)
    assert trade.exit_reason == "stop"
    assert fills["target"] == -40


def test_a_reversal_that_the_volume_does_not_allow_only_closes():
    rows = [FLAT] * 7
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.sell(size=150)}
    strategy, broker, _ = exit_over_bars(script, rows)
    assert broker.getposition(strategy.data).size == 0
    assert any("order to sell 150 is filled over several bars" in note for note in broker.notes)


def test_a_margin_call_does_not_ask_for_volume():
    rows = [FLAT, FLAT, (170.0,) * 4, (170.0,) * 4, (170.0,) * 4]
    broker = LabBroker(cash=1_000.0, costs=TENTH)
    strategy, _ = play(volumes(rows, [1000, 1000, 1, 1, 1]), {0: lambda s: s.sell(size=10)}, broker)
    assert strategy.fills[1] == (3, 170.0, 10.0, "margin call")


def test_without_volume_neither_impact_nor_bound_applies_and_that_is_said_once():
    lab = Lab(LabBroker(cash=10_000.0, costs=Costs(impact_bps=50, max_participation=0.01)))
    index = BarsFeed(dataname=make_bars([FLAT] * 8))
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund="SOXS"))
    script = {i: lambda s: s.buy(data=s.datas[1], size=10) for i in range(5)}
    lab.addstrategy(Scripted, script=script)
    strategy = lab.run()[0]
    assert [fill[2] for fill in strategy.fills] == [10.0] * 5
    assert lab.broker.accounts["slippage"] == 0
    assert len(lab.broker.notes) == 1
    assert "SOXS: there is no volume" in lab.broker.notes[0]


@pytest.mark.parametrize("kind", [bt.Order.Close, bt.Order.Limit, bt.Order.StopTrail])
def test_an_exit_of_any_kind_is_filled_over_bars_within_their_ranges(kind):
    rows = [FLAT, FLAT] + [(100, 101, 99, 100.5)] * 6
    how = {
        bt.Order.Close: {},
        bt.Order.Limit: {"price": 100.2},
        bt.Order.StopTrail: {"trailpercent": 0.001},
    }[kind]
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.sell(size=100, exectype=kind, **how)}
    strategy, broker, (trade,) = exit_over_bars(script, rows)
    assert broker.getposition(strategy.data).size == 0
    assert 99 <= trade.exit_price <= 101


def test_a_plan_whose_exit_takes_several_bars_trades_on_afterwards():
    """Entries of 40 a bar of 400; later bars of 100 take 10 each, four bars an exit."""
    n = 24
    lab = Lab(LabBroker(cash=10_000.0, costs=TENTH))
    lab.adddata(BarsFeed(dataname=volumes([FLAT] * n, [400] * 4 + [100] * 6 + [400] * (n - 10))))
    plan = TradePlan(instrument="TEST", fraction=0.5, stop=0.1, max_bars=3)
    lab.addstrategy(TradeStrategy, rule=OnBars([1, 12], plan))
    lab.addanalyzer(TradeLog)
    first, second = lab.run()[0].analyzers[0].trades
    assert (first.size, first.bars, first.exit_reason) == (40, 6, "longest holding")  # bars 5 to 8
    assert (second.size, second.bars, second.exit_reason) == (40, 3, "longest holding")
    assert lab.broker.getvalue() == pytest.approx(10_000)
