from types import SimpleNamespace

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers import TradeLog
from analyzers.trades import OPEN, contract_trades
from engine import CfdBroker, Costs, Lab, LabBroker
from engine.contract_records import ContractFill
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from letf_instruments import LeveragedFund
from letf_instruments.options import Contract, Quote
from letf_instruments.splits import ActualSplits, Ratio
from tests.conftest import flat_bars, make_bars, random_bars
from tests.engine.scripted import Scripted, bracket


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
    assert trade.ret == pytest.approx(79 / 1010)  # what was bought, and the commission on it
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


# -- what is rebalanced, and what is a plain trade --------------------------------------------------------


def days_of(*bars):
    """Bars of `make_bars` as days: the first is a Monday."""
    return tuple(np.datetime64("2020-01-06") + bar for bar in bars)


def in_parts(script, rows):
    """The trades where bars from the third on take 40 shares each; 100 are bought on the second."""
    bars = make_bars(rows)
    volume = np.array([1000.0, 1000.0] + [400.0] * (len(rows) - 2))
    columns = (bars.timestamps, bars.open, bars.high, bars.low, bars.close)
    lab = Lab(LabBroker(cash=10_000.0, costs=Costs(max_participation=0.1)))
    lab.adddata(BarsFeed(dataname=Bars("TEST", "TEST", *columns, volume)))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    return lab.run()[0].analyzers[0].trades


def test_one_order_in_and_one_out_is_no_rebalance():
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.close(), 3: lambda s: s.sell(size=5)}
    (long, short), _ = trades([100.0, 100.0, 110.0, 120.0, 120.0, 120.0], script)
    assert (long.rebalances, short.rebalances) == ((), ())
    assert not long.rebalanced


def test_what_adds_and_what_takes_a_part_rebalances_on_the_day_of_its_fill():
    script = {
        0: lambda s: s.sell(size=10),
        1: lambda s: s.sell(size=10),
        3: lambda s: s.buy(size=5),
        4: lambda s: s.close(),
    }
    (trade,), _ = trades([100.0] * 7, script)
    assert trade.rebalances == days_of(2, 4)
    assert trade.rebalanced


def test_orders_on_the_bar_of_the_entry_are_one_entry():
    def twice(strategy):
        strategy.buy(size=10)
        strategy.buy(size=5)

    (trade,), _ = trades([100.0] * 4, {0: twice, 2: lambda s: s.close()})
    assert (trade.size, trade.rebalances) == (15, ())


def test_an_order_through_zero_rebalances_neither_position():
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=25), 3: lambda s: s.buy(size=15)}
    both, _ = trades([100.0] * 6, script)
    assert [trade.rebalances for trade in both] == [(), ()]


def test_an_exit_that_volume_spreads_over_bars_is_no_rebalance():
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.close()}
    (trade,) = in_parts(script, [(100.0,) * 4] * 6)
    assert trade.bars == 3  # 40, 40 and 20 from the bar after the entry's on
    assert trade.rebalances == ()


def test_an_entry_that_is_filled_over_bars_is_no_rebalance():
    cerebro = bt.Cerebro()  # under backtrader's own broker, 40 shares a bar; ours cancels what does not fill
    cerebro.broker.set_filler(bt.fillers.FixedSize(size=40))
    bars = make_bars([(100.0,) * 4] * 8)
    columns = (bars.timestamps, bars.open, bars.high, bars.low, bars.close)
    cerebro.adddata(BarsFeed(dataname=Bars("TEST", "TEST", *columns, np.full(8, 1000.0))))
    cerebro.addstrategy(Scripted, script={0: lambda s: s.buy(size=50), 4: lambda s: s.close()})
    cerebro.addanalyzer(TradeLog)
    (trade,) = cerebro.run()[0].analyzers[0].trades
    assert (trade.size, trade.bars, trade.rebalances) == (50, 5, ())


def test_a_stop_that_takes_the_rest_of_a_target_is_no_rebalance():
    def protected(strategy):
        entry = strategy.buy(size=100, transmit=False)
        stop = {"exectype": bt.Order.Stop, "price": 95.0}
        strategy.sell(size=100, parent=entry, transmit=False, **stop)
        strategy.sell(size=100, parent=entry, exectype=bt.Order.Limit, price=110.0)

    flat, up, down = (100.0,) * 4, (100.0, 110.0, 100.0, 100.0), (94.0,) * 4
    found = in_parts({0: protected}, [flat, flat, up, down, down, down])
    assert [trade.rebalanced for trade in found] == [False]


def test_what_is_paid_for_a_fraction_of_a_share_is_no_rebalance():
    # 37 shares become 3.7 on a split of 1:10; three are kept.
    bars = make_bars([(5.0,) * 4] * 5)
    lab = Lab(LabBroker(cash=10_000.0, whole_shares=True))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    splits = ActualSplits((bars.sessions[2],), (Ratio(1, 10),))
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), initial_nav=5.0, splits=splits))
    script = {0: lambda s: s.buy(data=s.datas[1], size=37), 3: lambda s: s.close(data=s.datas[1])}
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    (trade,) = lab.run()[0].analyzers[0].trades
    assert (trade.size, trade.exit_price) == (pytest.approx(3.7), pytest.approx(50.0))
    assert trade.rebalances == ()


def test_option_contracts_of_which_some_are_sold_earlier_are_rebalanced():
    contract = Contract("call", "X", 100.0, np.datetime64("2020-01-31"))
    quote = Quote(*[2.0] * len(Quote._fields))

    def fill(trip, bar, units):
        return ContractFill(trip, days_of(bar)[0], bar, contract, units, quote, 0.0, 0.0, "told to")

    fills = [fill(1, 1, 200.0), fill(2, 2, 100.0), fill(1, 3, -100.0), fill(1, 4, -100.0), fill(2, 4, -100.0)]
    one, other = contract_trades(SimpleNamespace(fills=fills, marks=dict))
    assert (one.rebalances, other.rebalances) == (days_of(3), ())


# -- the return on the money put in, and how far prices went ------------------------------------------


def traded(rows, script, broker=None, fund=None):
    """Trades of a script on bars, or on a fund of them."""
    lab = Lab(broker or LabBroker(cash=100_000.0))
    index = BarsFeed(dataname=make_bars(rows))
    lab.adddata(index)
    if fund is not None:
        lab.adddata(FundFeed(dataname=index, fund=fund, initial_nav=100.0))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    return lab.run()[0].analyzers[0].trades


FLAT = (100.0,) * 4
DOWN = [FLAT, FLAT, (95.0,) * 4, (95.0,) * 4]


def test_the_return_of_a_cfd_is_on_its_margin():
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.close()}
    terms = {"cash": 100_000.0, "financing_spread": 0.0, "costs": Costs(commission_bps=10)}
    (trade,) = traded(DOWN, script, CfdBroker(margin_rate=0.2, **terms))
    # A notional of 10,000 loses 500 and pays 10 and 9.5; 2,000 and the first 10 were put in.
    assert trade.profit == pytest.approx(-519.5)
    assert trade.ret == pytest.approx(-519.5 / 2_010)
    (wide,) = traded(DOWN, script, CfdBroker(margin_rate=1.0, **terms))
    assert wide.ret == pytest.approx(-519.5 / 10_010)


def test_the_return_of_a_short_is_on_what_it_takes_to_open_it():
    script = {0: lambda s: s.sell(size=100), 1: lambda s: s.close()}
    (trade,) = traded(DOWN, script)
    assert trade.ret == pytest.approx(500 / 5_000)  # Regulation T: half of 10,000, beside the proceeds
    script = {0: lambda s: s.sell(data=s.datas[1], size=100), 2: lambda s: s.close(data=s.datas[1])}
    (trade,) = traded(DOWN, script, fund=LeveragedFund("X", 3.0))
    put_in = 0.9 * 100 * trade.entry_price  # 30 % maintenance times 3
    assert trade.ret == pytest.approx(trade.profit / put_in)
    assert trade.profit == pytest.approx(100 * (trade.entry_price - trade.exit_price))


def test_the_return_of_what_is_bought_is_on_its_price():
    script = {0: lambda s: s.buy(size=100), 1: lambda s: s.close()}
    (trade,) = traded(DOWN, script)
    assert trade.ret == pytest.approx(-0.05)


HALF = [FLAT, FLAT, (50.0,) * 4, (50.0,) * 4]  # the end of a 3x fund


@pytest.mark.parametrize(
    ("costs", "paid"),
    [
        (Costs(commission_bps=50), 50.0),  # of the sale at 0 nothing
        (Costs(commission_minimum=20.0), 40.0),  # the sale's 20 had to be put in too
    ],
    ids=["basis points", "a minimum"],
)
def test_shares_bought_that_come_to_nothing_lose_all_that_was_put_in_and_no_more(costs, paid):
    script = {
        0: lambda s: s.buy(data=s.datas[1], size=100),
        2: lambda s: s.close(data=s.datas[1]),
    }
    broker = LabBroker(cash=50_000.0, costs=costs)
    (trade,) = traded(HALF, script, broker, LeveragedFund("X", 3.0))
    assert trade.exit_price == 0.0
    assert trade.profit == pytest.approx(-100 * trade.entry_price - paid, rel=1e-4)
    assert trade.ret == pytest.approx(-1.0)
    del script[2]
    (held,) = traded(HALF, script, LabBroker(cash=50_000.0, costs=costs), LeveragedFund("X", 3.0))
    assert held.ret == pytest.approx(-1.0)


def test_a_short_is_put_up_for_with_its_margin_and_what_its_sale_costs():
    script = {0: lambda s: s.sell(size=100), 1: lambda s: s.close()}
    (trade,) = traded(DOWN, script, LabBroker(cash=50_000.0, costs=Costs(commission_bps=100)))
    # Sold for 10,000 at 100, bought back for 9,500 at 95: half of the first and its 100 were put up.
    assert trade.ret == pytest.approx((500 - 195) / (5_000 + 100))


def test_what_is_filled_in_two_parts_pays_for_both():
    script = {0: lambda s: (s.buy(size=10), s.buy(size=30)), 1: lambda s: s.close()}
    (trade,) = traded(DOWN, script, LabBroker(cash=50_000.0, costs=Costs(commission_per_trade=5.0)))
    assert trade.ret == pytest.approx((-200 - 15) / (4_000 + 10))


WIDE = (100.0, 106.0, 97.0, 101.0)


@pytest.mark.parametrize(
    ("last", "reason", "adverse", "favourable"),
    [
        (
            (100.0, 103.0, 80.0, 101.0),
            "stop",
            -0.05,
            0.06,
        ),  # out at 95; the high of 103 is below that of before
        ((100.0, 108.0, 80.0, 101.0), "stop", -0.05, 0.08),  # the high may have come before the stop
        ((93.0, 120.0, 80.0, 95.0), "stop", -0.07, 0.06),  # out at the open, and none of the bar
        ((100.0, 112.0, 96.0, 105.0), "target", -0.04, 0.10),  # the low may have come before the target
        ((111.0, 120.0, 80.0, 90.0), "target", -0.03, 0.11),  # out at the open
        ((100.0, 104.0, 96.0, 103.0), OPEN, -0.04, 0.06),
    ],
)
def test_a_trade_knows_how_far_prices_went_against_it_and_for_it(last, reason, adverse, favourable):
    (trade,) = traded([FLAT, WIDE, last], {0: bracket(10, stop=0.05, target=0.10)})
    assert trade.exit_reason == reason
    assert trade.adverse_excursion == pytest.approx(adverse)
    assert trade.favourable_excursion == pytest.approx(favourable)


def test_for_a_short_a_high_is_adverse():
    (trade,) = traded([FLAT, WIDE, FLAT, FLAT], {0: lambda s: s.sell(size=10), 1: lambda s: s.close()})
    assert (trade.adverse_excursion, trade.favourable_excursion) == (
        pytest.approx(-0.06),
        pytest.approx(0.03),
    )


def test_what_is_entered_at_the_close_meets_nothing_of_its_bar_and_what_leaves_then_all_of_it():
    script = {
        0: lambda s: s.buy(size=10, exectype=bt.Order.Close),
        1: lambda s: s.sell(size=10, exectype=bt.Order.Close),
    }
    (trade,) = traded([FLAT, (100.0, 150.0, 50.0, 100.0), WIDE, FLAT], script)
    assert trade.adverse_excursion == pytest.approx(-0.03)
    assert trade.favourable_excursion == pytest.approx(0.06)


def test_excursions_are_of_shares_that_are_never_split():
    rows = [(5.0,) * 4, (5.0, 6.0, 4.0, 5.0), (5.0,) * 4, (5.0, 5.5, 4.5, 5.0), (5.0,) * 4]
    lab = Lab(LabBroker(cash=10_000.0))
    bars = make_bars(rows)
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    splits = ActualSplits((bars.sessions[3],), (Ratio(1, 10),))
    lab.adddata(FundFeed(dataname=index, fund=LeveragedFund("X", 1.0), initial_nav=5.0, splits=splits))
    lab.addstrategy(Scripted, script={0: lambda s: s.buy(data=s.datas[1], size=100)})
    lab.addanalyzer(TradeLog)
    (trade,) = lab.run()[0].analyzers[0].trades
    assert trade.entry_price == pytest.approx(50.0, rel=1e-3)
    assert trade.adverse_excursion == pytest.approx(-0.2, rel=1e-3)
    assert trade.favourable_excursion == pytest.approx(0.2, rel=1e-3)


@given(
    st.integers(0, 300),
    st.booleans(),
    st.floats(0.01, 0.2),
    st.floats(0.01, 0.2),
    st.integers(1, 8),
)
def test_without_costs_a_trade_s_return_lies_between_its_excursions(seed, short, stop, target, hold):
    def enter(strategy):
        sign = -1 if short else 1
        entry = (strategy.sell if short else strategy.buy)(size=10, transmit=False)
        leave = strategy.buy if short else strategy.sell
        common = {"size": 10, "price": 1.0, "parent": entry}
        leave(exectype=bt.Order.Stop, from_fill=-sign * stop, transmit=False, **common)
        leave(exectype=bt.Order.Limit, from_fill=sign * target, **common)

    script = {0: enter, hold: lambda s: s.close() if s.position else None}
    bars = random_bars(seed, 12)
    lab = Lab(LabBroker(cash=1e6))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script=script)
    lab.addanalyzer(TradeLog)
    for trade in lab.run()[0].analyzers[0].trades:
        sign = 1 if trade.size > 0 else -1
        moved = sign * (trade.exit_price / trade.entry_price - 1)
        assert trade.adverse_excursion <= 0 <= trade.favourable_excursion
        assert trade.adverse_excursion - 1e-12 <= moved <= trade.favourable_excursion + 1e-12
        assert moved == pytest.approx(trade.ret * (0.5 if sign < 0 else 1.0), abs=1e-12)
        held = (bars.sessions >= trade.entry_date) & (bars.sessions <= trade.exit_date)
        ends = sign * (np.array([bars.low[held].min(), bars.high[held].max()]) / trade.entry_price - 1)
        assert ends.min() - 1e-12 <= trade.adverse_excursion
        assert trade.favourable_excursion <= ends.max() + 1e-12


def test_an_option_has_no_excursions():
    contract = Contract("call", "X", 100.0, np.datetime64("2020-01-31"))
    quote = Quote(*[2.0] * len(Quote._fields))
    fills = [
        ContractFill(1, days_of(bar)[0], bar, contract, units, quote, 0.0, 0.0, "told to")
        for bar, units in ((1, 100.0), (2, -100.0))
    ]
    (trade,) = contract_trades(SimpleNamespace(fills=fills, marks=dict))
    assert np.isnan([trade.adverse_excursion, trade.favourable_excursion]).all()


def test_an_option_is_put_in_with_its_premium_and_what_buying_it_costs():
    contract = Contract("call", "X", 100.0, np.datetime64("2020-01-31"))

    def fill(bar, units, price):
        quote = Quote(price, *[1.0] * (len(Quote._fields) - 1))
        return ContractFill(1, days_of(bar)[0], bar, contract, units, quote, 3.0, 1.0, "told to")

    (trade,) = contract_trades(SimpleNamespace(fills=[fill(1, 100.0, 2.0), fill(2, -100.0, 1.0)], marks=dict))
    # Bought for 200 and sold for 100, each at a spread of 3 and a commission of 1.
    assert trade.ret == pytest.approx((100 - 200 - 8) / 204)
