"""Costs term by term, what they leave to spend, and what a bar's volume allows."""

import dataclasses

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers import TradeLog
from engine import PRESETS, Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from letf_instruments import SpecError
from tests.conftest import make_bars
from tests.engine.scripted import Scripted, bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)


def volumes(rows, volume):
    """Bars with a volume each."""
    bars = make_bars(rows)
    columns = (getattr(bars, name) for name in ("timestamps", "open", "high", "low", "close"))
    return Bars("TEST", "TEST", *columns, np.broadcast_to(np.array(volume, dtype=float), len(rows)).copy())


@pytest.mark.parametrize(
    ("costs", "commission", "spread", "slippage"),
    [
        # 200 shares at 50, of a bar's 20,000: value 10,000, a hundredth of the volume.
        (Costs(commission_bps=3), 3.0, 0, 0),
        (Costs(commission_per_share=0.0035), 0.7, 0, 0),
        (Costs(commission_per_trade=1.5, commission_per_share=0.0035, commission_bps=3), 1.5 + 0.7 + 3, 0, 0),
        (Costs(commission_per_share=0.0035, commission_minimum=0.8), 0.8, 0, 0),
        (Costs(half_spread_cents=0.5), 0, 1.0, 0),
        (Costs(half_spread_cents=0.5, half_spread_bps=2), 0, 1.0 + 2.0, 0),
        (Costs(slippage_bps=4), 0, 0, 4.0),
        (Costs(impact_bps=30), 0, 0, 3.0),  # 30 bp · √(1/100) of 10,000
        (Costs(impact_bps=30, slippage_bps=4), 0, 0, 7.0),
    ],
)
def test_each_cost_is_what_its_unit_says(costs, commission, spread, slippage):
    for size in (200, -200):
        assert costs.charge(size, 50.0, 20_000) == pytest.approx((commission, spread, slippage))


def test_four_times_the_size_moves_the_price_twice_as_far():
    costs = Costs(impact_bps=30)
    small, large = (costs.charge(size, 50.0, 20_000).slippage / size for size in (200, 800))
    assert large == pytest.approx(2 * small)


def test_half_a_spread_is_never_more_than_the_price():
    assert Costs(half_spread_cents=50).charge(10, 0.2).spread == pytest.approx(2.0)
    assert Costs(half_spread_cents=50).charge(10, 0.0).total == 0.0


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(Costs)])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_cost_that_cannot_be_is_refused_by_its_name(name, value):
    with pytest.raises(SpecError, match=f"costs.{name}"):
        Costs(**{name: value})


@given(
    st.floats(0, 1e9),
    st.floats(0.001, 1e5),
    st.floats(0.1, 2),
    st.floats(0, 1e5),
    st.one_of(st.just(0.0), st.floats(1, 1e9)),
    st.builds(
        Costs,
        commission_bps=st.floats(0, 100),
        commission_per_share=st.floats(0, 1),
        commission_per_trade=st.floats(0, 50),
        commission_minimum=st.floats(0, 50),
        half_spread_bps=st.floats(0, 100),
        half_spread_cents=st.floats(0, 100),
        slippage_bps=st.floats(0, 100),
        impact_bps=st.floats(0, 100),
    ),
)
def test_the_largest_purchase_spends_no_more_than_there_is_and_nearly_all_of_it(
    money, price, tied, closed, volume, costs
):
    need, most = tied * price, 1e9
    size = costs.largest(money, price, need, volume, closed, most)

    def spent(size):
        return size * need + costs.charge(closed + size, price, volume).total

    assert 0 <= size <= most
    if size:
        assert spent(size) <= money
    if size < most:
        assert spent(size * (1 + 1e-9) + 1e-9) > money


def test_presets_are_named_and_can_be_changed_in_part():
    assert Costs.preset("zero") == Costs()
    assert Costs.preset("retail", slippage_bps=9).slippage_bps == 9
    assert Costs.preset("retail", slippage_bps=9).half_spread_bps == PRESETS["retail"].half_spread_bps
    with pytest.raises(SpecError, match="no costs named 'retial'; known are zero, retail, pro"):
        Costs.preset("retial")


def test_presets_cost_what_their_brokers_and_quotes_do():
    """An order of 10,000 dollars in SOXS at 20 dollars, one cent wide: half the spread is .5 cent."""
    shares, price = 500, 20.0
    retail = PRESETS["retail"].charge(shares, price)
    assert retail.commission == 0
    assert 0.5 <= retail.spread / (shares * 0.005) <= 2.5  # between quotes of 8 and of 40 dollars
    pro = PRESETS["pro"].charge(shares, price, volume=10_000_000)
    assert pro.commission == pytest.approx(shares * 0.0035)  # Interactive Brokers, tiered
    assert PRESETS["pro"].charge(1, price).commission == 0.35  # its minimum
    assert pro.spread < retail.spread


def test_zero_and_retail_differ_by_the_costs_and_what_they_would_have_earned():
    # 10 shares at 100 bought on Tuesday and sold on Thursday; interest of 3.6 %, .0001 a day.
    bars = make_bars([FLAT] * 5)  # Monday to Friday
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.sell(size=10)}
    ends, paid = {}, {}
    for name in ("zero", "retail"):
        broker = LabBroker(cash=10_000.0, costs=Costs.preset(name), short_rate=0.036)
        play(bars, script, broker)
        ends[name] = broker.getvalue()
        paid[name] = sum(broker.accounts[a] for a in ("commission", "spread", "slippage", "borrow"))
    assert paid == {"zero": 0, "retail": pytest.approx(2 * 1000 * 7e-4)}
    # .7 is missing from Tuesday on, another .7 from Thursday: three nights and one.
    lost = 0.7 * (1.0001**3 - 1) + 0.7 * 0.0001
    assert ends["zero"] - ends["retail"] == pytest.approx(1.4 + lost, rel=1e-9)


def test_costs_a_share_out_of_all_proportion_are_said_once():
    rows = [(0.2,) * 4] * 6
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.sell(size=10)}
    _, broker = play(make_bars(rows), script, LabBroker(cash=100.0, costs=Costs(half_spread_cents=1)))
    assert len(broker.notes) == 1
    assert "costs of 0.01 a share are more than 1% of a price of 0.2" in broker.notes[0]


# -- volume -------------------------------------------------------------------------------------------

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
