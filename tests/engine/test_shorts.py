"""Selling more than is held, where the account takes no shorts."""

import backtrader as bt
import pytest

from engine import CfdBroker, Costs, LabBroker
from engine.orders import OVERSOLD
from feeds.bars import Bars
from letf_instruments import SpecError
from tests.conftest import make_bars
from tests.engine.scripted import bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)
ONE = '1 order to sell more than is held was refused or cut; account.shorts = "allow" lets them open shorts'


def careful(**kwargs):
    return LabBroker(cash=10_000.0, shorts="refuse", **kwargs)


def status_of(strategy, bar):
    order = strategy.orders[strategy.returned[bar].ref]
    return order.getstatusname(), order.info.get("why")


def test_a_sale_of_what_is_not_held_opens_a_short_unless_that_is_refused():
    script = {0: lambda s: s.sell(size=10)}
    strategy, broker = play(make_bars([FLAT] * 4), script)
    assert (broker.getposition(strategy.data).size, broker.notes) == (-10, [])
    strategy, broker = play(make_bars([FLAT] * 4), script, careful())
    assert broker.getposition(strategy.data).size == 0
    assert status_of(strategy, 0) == ("Rejected", OVERSOLD)
    assert (broker.notes, broker.oversold) == ([ONE], 1)


def test_a_sale_of_more_than_is_held_closes_what_is_held():
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=25)}
    strategy, broker = play(make_bars([FLAT] * 5), script, careful())
    assert [fill[2] for fill in strategy.fills] == [10, -10]
    assert status_of(strategy, 1) == ("Completed", OVERSOLD)
    assert broker.notes == [ONE]


def test_of_two_sales_on_one_bar_the_second_would_open_a_short():
    def twice(s):
        s.first, s.second = s.sell(size=10), s.sell(size=10)
        return s.second

    strategy, broker = play(make_bars([FLAT] * 5), {0: lambda s: s.buy(size=10), 1: twice}, careful())
    assert [fill[2] for fill in strategy.fills] == [10, -10]
    assert strategy.orders[strategy.first.ref].info.get("why") is None
    assert status_of(strategy, 1) == ("Rejected", OVERSOLD)
    assert broker.oversold == 1


def test_what_is_sold_and_then_bought_back_is_not_in_the_way():
    """The sale is filled first: 10 held are sold, and 10 are bought."""

    def both(s):
        s.buy(size=10)
        s.sell(size=10)

    strategy, broker = play(make_bars([FLAT] * 5), {0: lambda s: s.buy(size=10), 1: both}, careful())
    assert [fill[2] for fill in strategy.fills] == [10, -10, 10]
    assert broker.notes == []


@pytest.mark.parametrize("row", [(100, 100, 96, 98), (100, 106, 100, 104)])
def test_a_bracket_closes_as_ever(row):
    script = {0: bracket(10, stop=0.03, target=0.05)}
    runs = [play(make_bars([FLAT, FLAT, row, FLAT]), script, broker) for broker in (None, careful())]
    (a, _), (b, broker) = runs
    assert a.fills == b.fills
    assert [fill[2] for fill in b.fills] == [10, -10]
    assert broker.notes == []


def test_a_stop_is_left_with_what_its_owner_has_not_sold_himself():
    rows = [FLAT, FLAT, FLAT, (100, 100, 96, 98), FLAT]
    script = {0: bracket(10, stop=0.03), 1: lambda s: s.sell(size=4)}
    strategy, broker = play(make_bars(rows), script, careful())
    assert [fill[2] for fill in strategy.fills] == [10, -4, -6]
    assert broker.getposition(strategy.data).size == 0


def test_a_short_that_is_cut_takes_its_protection_with_it():
    """5 held, 15 sold with a stop to buy 15 back: of it 5 are sold, and nothing is there to buy back."""

    def short(s):
        parent = s.sell(size=15, transmit=False)
        s.child = s.buy(size=15, exectype=bt.Order.Stop, price=103.0, parent=parent)
        return parent

    rows = [FLAT, FLAT, FLAT, (100, 110, 100, 110), FLAT]
    strategy, broker = play(make_bars(rows), {0: lambda s: s.buy(size=5), 1: short}, careful())
    assert [fill[2] for fill in strategy.fills] == [5, -5]
    assert strategy.orders[strategy.child.ref].getstatusname() == "Canceled"
    assert broker.getposition(strategy.data).size == 0


def test_a_sale_that_the_volume_bounds_is_cut_first_and_counted_once():
    """10 held of which a bar lets 4 go: 4, 4 and 2, and never the 20 that were asked for."""
    bars = make_bars([FLAT] * 8)
    volume = bars.volume * 0 + 40.0
    bars = Bars("T", "T", bars.timestamps, bars.open, bars.high, bars.low, bars.close, volume)
    broker = careful(costs=Costs(max_participation=0.1))
    script = {i: lambda s: s.buy(size=2.5) for i in range(4)} | {4: lambda s: s.sell(size=20)}
    strategy, broker = play(bars, script, broker)
    assert broker.getposition(strategy.data).size == 0
    # Partial fills show as one order once it is done.
    assert strategy.fills[-1][:1] == (7,)
    assert strategy.fills[-1][2] == pytest.approx(-10)
    assert broker.oversold == 1


def test_a_cfd_account_may_refuse_shorts_too():
    broker = CfdBroker(cash=10_000.0, shorts="refuse")
    strategy, broker = play(make_bars([FLAT] * 4), {0: lambda s: s.sell(size=10)}, broker)
    assert strategy.fills == []
    assert broker.notes == [ONE]


def test_another_word_is_refused():
    with pytest.raises(SpecError, match=r"shorts is 'never'; it must be 'allow' or 'refuse'"):
        LabBroker(shorts="never")


def test_what_positions_tie_up_is_all_of_a_long_and_the_margin_of_a_short():
    """By Regulation T half of a short's value, beside its proceeds; 20 at 30 with costs of nothing."""
    bars = make_bars([(30.0,) * 4] * 3)
    _, broker = play(bars, {0: lambda s: s.buy(size=20)})
    assert broker.capital_in_use() == pytest.approx(600.0)
    _, broker = play(bars, {0: lambda s: s.sell(size=20)})
    assert broker.capital_in_use() == pytest.approx(300.0)
