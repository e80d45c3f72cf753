import pytest

from analyzers import TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed
from tests.conftest import flat_bars, make_bars
from tests.engine.scripted import Scripted


def trades(closes, script, **broker):
    lab = Lab(LabBroker(cash=100_000.0, **broker))
    lab.adddata(BarsFeed(dataname=flat_bars(closes)))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    return lab.run()[0].analyzers[0].trades, lab.broker


def test_a_round_trip_with_costs():
    script = {0: lambda s: s.buy(size=10, reason="entry"), 2: lambda s: s.sell(size=10, reason="oversold")}
    (trade,), broker = trades([100.0, 100.0, 110.0, 120.0], script, costs=Costs(commission_bps=100))
    assert (trade.entry_price, trade.exit_price, trade.size, trade.bars) == (100, 110, 10, 2)
    assert trade.costs == pytest.approx(10 + 11)
    assert trade.profit == pytest.approx(100 - 21)
    assert trade.ret == pytest.approx(79 / 1000)
    assert trade.exit_reason == "oversold"
    assert broker.getvalue() - 100_000 == pytest.approx(trade.profit)


def test_scaling_in_and_out_is_one_trade_at_average_prices():
    script = {
        0: lambda s: s.buy(size=10),
        1: lambda s: s.buy(size=30),
        2: lambda s: s.sell(size=20),
        3: lambda s: s.sell(size=20),
    }
    (trade,), broker = trades([100.0, 120.0, 140.0, 160.0, 160.0], script)
    assert trade.entry_price == pytest.approx((10 * 100 + 30 * 120) / 40)
    assert trade.exit_price == pytest.approx(150)
    assert trade.size == 40
    assert broker.getvalue() - 100_000 == pytest.approx(trade.profit)


def test_one_order_through_zero_is_two_trades():
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=25), 3: lambda s: s.buy(size=15)}
    (long, short), broker = trades([100.0, 110.0, 90.0, 80.0, 80.0], script, costs=Costs(commission_bps=10))
    assert (long.size, short.size) == (10, -15)
    assert (long.exit_price, short.entry_price, short.exit_price) == (110, 110, 80)
    assert broker.getvalue() - 100_000 == pytest.approx(long.profit + short.profit)


def test_two_feeds_without_a_name_are_two_instruments():
    lab = Lab(LabBroker(cash=100_000.0))
    for closes in ([100.0, 100.0, 110.0], [100.0, 100.0, 50.0]):
        bars = flat_bars(closes, name="")
        lab.adddata(BarsFeed(dataname=bars))

    def act(strategy):
        strategy.buy(data=strategy.datas[0], size=5)
        strategy.sell(data=strategy.datas[1], size=5)

    lab.addstrategy(Scripted, script={0: act})
    lab.addanalyzer(TradeLog)
    one, other = lab.run()[0].analyzers[0].trades
    assert sorted((one.profit, other.profit)) == [50, 250]


def test_a_trade_that_is_still_open_is_marked_and_says_so():
    (trade,), broker = trades([100.0, 100.0, 130.0], {0: lambda s: s.buy(size=10)})
    assert trade.exit_reason == "open at end"
    assert trade.exit_price == 130
    assert broker.getvalue() - 100_000 == pytest.approx(trade.profit)


def test_a_short_s_borrow_fee_is_a_cost_of_its_trade():
    # Short 10 at 100 on Tuesday, covered on Friday at 100: three nights of 36 % a year on 1,000 are 3.
    bars = make_bars([(100.0,) * 4] * 6)
    lab = Lab(LabBroker(cash=10_000.0, borrow_fee=0.36))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script={0: lambda s: s.sell(size=10), 3: lambda s: s.close()})
    lab.addanalyzer(TradeLog)
    (trade,) = lab.run()[0].analyzers[0].trades
    assert trade.costs == pytest.approx(3.0)
    assert trade.profit == pytest.approx(-3.0)
    assert lab.broker.accounts["borrow"] == pytest.approx(3.0)


def test_the_return_is_on_the_most_money_that_was_in_the_trade():
    # 10 at 100, 5 sold at 110, 5 bought again at 110, all sold at 320: never more than 1,000 in.
    closes = [100.0, 100.0, 110.0, 110.0, 320.0, 320.0]
    lab = Lab(LabBroker(cash=10_000.0))
    lab.adddata(BarsFeed(dataname=make_bars([(c,) * 4 for c in closes])))
    script = {
        0: lambda s: s.buy(size=10),
        1: lambda s: s.sell(size=5),
        2: lambda s: s.buy(size=5),
        3: lambda s: s.close(),
    }
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    (trade,) = lab.run()[0].analyzers[0].trades
    assert trade.profit == pytest.approx(5 * 10 + 5 * 220 + 5 * 210)
    assert trade.ret == pytest.approx(2_200 / 1_000)
