"""Margin: the requirements of the rules, and an account in which longs carry shorts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Allowance, Costs, Lab, LabBroker, Margin, Others
from feeds.backtrader_feeds import BarsFeed, FundFeed
from letf_instruments import SpecError
from tests.conftest import flat_bars, make_bars
from tests.engine.scripted import Scripted, play

FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("size", "multiple", "to_keep", "to_open"),
    [
        (1, 1, 0.25, 0.5),  # FINRA rule 4210 and Regulation T
        (-1, 1, 0.30, 0.5),
        (1, 2, 0.50, 0.5),  # the example of FINRA Regulatory Notice 09-53: 2 x 25 %
        (-1, 3, 0.90, 0.9),  # and 3 x 30 %; opening is never cheaper than keeping
        (1, -3, 0.75, 0.75),
        (-1, -3, 0.90, 0.9),
        (1, 5, 1.00, 1.0),  # a long no more than all of it
        (-1, 5, 1.50, 1.5),
        (1, -0.5, 0.25, 0.5),  # no less than an unleveraged instrument
    ],
)
def test_requirements_are_those_of_the_rules(size, multiple, to_keep, to_open):
    margin = Margin()
    assert margin.maintenance(size, multiple) == pytest.approx(to_keep)
    assert margin.initial(size, multiple) == pytest.approx(to_open)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("initial_margin", 0),
        ("initial_margin", 11),
        ("maintenance_margin", -1),
        ("long_initial_margin", 1.5),
        ("long_maintenance_margin", float("nan")),
    ],
)
def test_a_requirement_out_of_bounds_is_refused_by_its_name(name, value):
    with pytest.raises(SpecError, match=name):
        LabBroker(**{name: value})


def two(script, closes=(100.0,) * 6, other=None, fund=None, **broker):
    """A script on two instruments: A, and B or a fund of A."""
    one = flat_bars(closes, name="A")
    lab = Lab(LabBroker(**{"cash": 1_000.0, **broker}))
    index = BarsFeed(dataname=one)
    lab.adddata(index)
    if fund is None:
        lab.adddata(BarsFeed(dataname=flat_bars(other or closes, name="B")))
    else:
        lab.adddata(FundFeed(dataname=index, fund=fund))
    lab.addstrategy(Scripted, script=script)
    return lab.run()[0], lab.broker


def sizes(strategy, broker):
    return [broker.getposition(data).size for data in strategy.datas]


def buy_then_short(long, short):
    return {
        0: lambda s: s.buy(data=s.datas[0], size=long),
        1: lambda s: s.sell(data=s.datas[1], size=short),
    }


def test_all_equity_in_an_index_carries_a_short_of_seventy_percent_of_it():
    strategy, broker = two(buy_then_short(10, 7))
    # Initial requirement 500 + 350 of an equity of 1,000; the cash is the proceeds.
    assert sizes(strategy, broker) == [10, -7]
    assert broker.getcash() == pytest.approx(700)
    assert broker.notes == []
    # To keep: 25 % of 1,000 and 30 % of 700.
    assert broker.margin_requirement() == pytest.approx(250 + 210)


def test_the_short_beside_a_full_long_ends_where_the_excess_does():
    strategy, broker = two(buy_then_short(10, 30))
    assert sizes(strategy, broker) == [10, pytest.approx(-10)]  # 500 + 50 % of 1,000 are all the equity
    assert "order to sell 30 became 10 at 100: margin allows no more" in broker.notes[0]


def test_the_same_pair_is_carried_in_whichever_order_it_is_opened():
    script = {0: lambda s: s.sell(data=s.datas[1], size=7), 1: lambda s: s.buy(data=s.datas[0], size=10)}
    strategy, broker = two(script)
    assert sizes(strategy, broker) == [10, -7]


def test_the_proceeds_of_a_short_buy_nothing():
    script = {0: lambda s: s.sell(data=s.datas[1], size=7), 1: lambda s: s.buy(data=s.datas[0], size=15)}
    strategy, broker = two(script)
    assert sizes(strategy, broker) == [pytest.approx(10), -7]  # of 1,700 of cash, 700 are locked
    assert "free cash or margin allows no more" in broker.notes[0]


def test_a_three_times_fund_needs_ninety_percent_to_be_shorted():
    strategy, broker = two({0: lambda s: s.sell(data=s.datas[1], size=50)}, fund=-3)
    assert sizes(strategy, broker) == [0, pytest.approx(-1000 / 0.9 / 100)]
    assert broker.margin_requirement() == pytest.approx(1000)  # initial is maintenance, 3 x 30 %


def test_shorts_are_bought_in_where_the_whole_account_no_longer_carries_them_and_the_long_stays():
    # Long 10 A at 100, short 7 B at 100; B then doubles. Equity 1,000 + 700 - 1,400 = 300 is below
    # 250 + 30 % of 1,400 = 670, so B is bought in at 200. That leaves a debt of 700 on a long of 1,000,
    # whose 250 are covered by an equity of 300.
    strategy, broker = two(buy_then_short(10, 7), other=[100.0, 100.0, 100.0, 200.0, 200.0, 200.0])
    assert sizes(strategy, broker) == [10, 0]
    assert broker.getcash() == pytest.approx(-700)
    assert len([note for note in broker.notes if "margin call" in note]) == 1
    assert "B: margin call: equity 300.00 is below the 670.00 that the positions need" in broker.notes[0]


def test_longs_are_sold_as_well_where_a_debt_remains_that_they_do_not_carry():
    # As before, but B rises to 210: equity 230 after the buy-in, below the 250 that the long needs.
    strategy, broker = two(buy_then_short(10, 7), other=[100.0, 100.0, 100.0, 210.0, 210.0, 210.0])
    assert sizes(strategy, broker) == [0, 0]
    assert broker.getvalue() == pytest.approx(1_000 - 770)
    assert [fill[3] for fill in strategy.fills] == ["", "", "margin call", "margin call"]
    assert "A: margin call: equity 230.00 is below the 250.00" in broker.notes[1]
    assert "sold at the next open" in broker.notes[1]


def test_a_long_without_debt_is_never_called():
    closes = [100.0, 100.0, 50.0, 5.0, 0.5, 0.5]
    strategy, broker = play(flat_bars(closes), {0: lambda s: s.buy(size=100)})
    assert broker.getposition(strategy.data).size == 100
    assert broker.notes == []


def test_a_stricter_broker_is_a_matter_of_parameters():
    strategy, broker = two(buy_then_short(10, 7), long_initial_margin=1.0)
    assert sizes(strategy, broker) == [10, 0]  # no excess is left beside a long that needs all of it
    strategy, broker = two(buy_then_short(10, 7), initial_margin=1.0)
    assert sizes(strategy, broker) == [10, pytest.approx(-5)]


def test_a_short_that_is_added_to_shares_the_margin_of_what_is_there():
    script = {0: lambda s: s.sell(size=10), 1: lambda s: s.sell(size=30)}
    strategy, broker = play(make_bars([FLAT] * 4), script, LabBroker(cash=1_000.0))
    assert broker.getposition(strategy.data).size == pytest.approx(-20)


def test_reversing_a_position_counts_what_its_sale_brings():
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=100)}
    strategy, broker = play(make_bars([FLAT] * 4), script, LabBroker(cash=1_000.0))
    assert broker.getposition(strategy.data).size == pytest.approx(-20)  # 10 sold, and 20 at 50 % of 100


amounts = st.floats(0.01, 1e6)
some_costs = st.builds(
    Costs,
    commission_bps=st.floats(0, 50),
    commission_per_share=st.floats(0, 0.05),
    commission_per_trade=st.floats(0, 10),
    commission_minimum=st.floats(0, 20),
    half_spread_bps=st.floats(0, 50),
    half_spread_cents=st.floats(0, 5),
    slippage_bps=st.floats(0, 50),
    impact_bps=st.floats(0, 100),
)


@given(
    st.sampled_from([-1.0, 1.0]),
    amounts,
    st.floats(-1e4, 1e4),
    st.floats(0.01, 1e4),
    amounts,
    st.floats(-1e5, 1e5),
    st.sampled_from([1.0, -3.0, 2.0]),
    some_costs,
    st.booleans(),
)
def test_what_is_allowed_never_overspends_and_a_little_more_would(
    sign, asked, held, price, cash, other, multiple, costs, whole
):
    """The rules written out once more, on the account after the fill."""
    if whole:
        held = float(int(held))
    rules = Allowance(costs, Margin(), whole)
    short_value = max(-other, 0.0)
    others = Others(other, short_value, 0.5 * abs(other))
    size = rules.size(sign * asked, held, price, cash, others, multiple, volume=1e5)
    opened = abs(held + size) - abs(held) if held * size >= 0 else max(abs(size) - abs(held), 0.0)

    def room(size):
        after = held + size
        left = cash - size * price - costs.charge(size, price, 1e5).total
        equity = left + after * price + other
        excess = equity - others.initial - rules.margin.initial(after, multiple) * price * abs(after)
        free = left - short_value - max(-after, 0.0) * price
        return min(excess, free) if size > 0 else excess

    scale = cash + abs(held) * price + abs(other) + abs(size) * price
    if opened > 1e-6:
        assert room(size) >= -1e-9 * scale
    assert abs(size) <= asked * (1 + 1e-9)
    if abs(size) < asked - 1e-6 * asked and not whole:
        more = np.sign(sign) * (abs(size) + 1e-3 * asked)
        assert room(more) < 0 or abs(size) < 1e-9 * asked


def test_what_rounding_has_left_of_the_cash_buys_nothing():
    """All in, then asked for more: the 1e-7 that are left of 100,000 are a part in 10¹² of the order."""
    rules = Allowance(Costs(commission_bps=10), Margin(), False)
    assert rules.size(1_000.0, 1_000.0, 100.0, 1e-7) == 0.0
    assert rules.size(1_000.0, 1_000.0, 100.0, 1_001.0) == pytest.approx(10.0)  # 1,000 and 1 for the fee


def test_a_hundred_billion_whole_shares_are_not_one_more():
    rules = Allowance(Costs(), Margin(), True)
    assert rules.size(1e11 + 1e-6, 0.0, 1e-5, 1e12) == 1e11


def test_what_rounding_asks_for_is_no_trade():
    """A rule that buys with all of the 1e-8 that rounding left of 100,000, and sells as much again."""
    rules = Allowance(Costs(), Margin(), False)
    assert rules.size(1e-10, 1_000.0, 100.0, 1e-8) == 0.0
    assert rules.size(-1e-10, 1_000.0, 100.0, 1e-8) == 0.0
    assert rules.size(1e-5, 1_000.0, 100.0, 1.0) == 1e-5  # a tenth of a cent is asked for, and had
    assert rules.size(-1e-5, 1_000.0, 100.0, 1.0) == -1e-5
    assert rules.size(-1e-10, 1e-10, 100.0, 1e5) == -1e-10  # and whatever is held can be closed
