"""A position that is there already, by hand: no costs, its own price, and protected from the next bar on."""

import backtrader as bt
import pytest

from engine import Costs, LabBroker
from letf_instruments import SpecError
from tests.conftest import make_bars
from tests.engine.scripted import play

ROWS = [(100, 101, 99, 100), (100, 110, 80, 104), (104, 106, 103, 105), (105, 106, 90, 95), (95, 96, 94, 95)]
COSTS = Costs(commission_bps=10)


def taking_over(paid, size=10.0, cash=500.0, **child):
    """That many shares are there at a price, with a child that protects them."""

    def act(strategy):
        terms = {"exectype": bt.Order.Close}
        entry = strategy.buy(size=size, transmit=not child, **terms)
        if child:
            strategy.sell(size=size, parent=entry, transmit=True, **child)
        strategy.broker.take_over(entry, paid, cash)
        strategy.seen = (strategy.broker.getvalue(), strategy.getposition().price)

    return act


def test_the_account_is_worth_the_position_at_the_close_and_the_cash():
    strategy, broker = play(make_bars(ROWS), {1: taking_over(97.0)}, LabBroker(cash=10_000.0, costs=COSTS))
    assert strategy.seen == (10 * 104 + 500, 97.0)
    assert strategy.values[2:] == pytest.approx([10 * 105 + 500, 10 * 95 + 500, 10 * 95 + 500])
    assert broker.accounts["commission"] == 0
    assert broker.accounts["gains"] == pytest.approx(10 * (95 - 97))
    assert broker.accounts["added"] == pytest.approx(500 + 970 - 10_000)


def test_a_stop_counts_from_its_price_and_protects_from_the_next_bar_on():
    stop = {"exectype": bt.Order.Stop, "price": 1.0, "from_fill": -0.05, "reason": "stop"}
    strategy, _ = play(make_bars(ROWS), {1: taking_over(100.0, **stop)})
    # The low of 80 on the bar itself came before or after: nobody was stopped. 95 is met on bar 3.
    assert [(bar, price, why) for bar, price, _, why in strategy.fills][-1] == (3, 95.0, "stop")


@pytest.mark.parametrize(("price", "level"), [(100.0, 110 * 0.9), (99.0, 104 * 0.9)])
def test_a_trailing_stop_knows_the_bar_only_from_its_open(price, level):
    trail = {"exectype": bt.Order.StopTrail, "trailpercent": 0.1, "from_fill": -0.1, "reason": "trail"}
    rows = [*ROWS[:2], (104, 105, 103, 104), (103, 104, 90, 95)]
    strategy, _ = play(make_bars(rows), {1: taking_over(price, **trail)})
    top = max(level, 105 * 0.9)  # of the bar after it, at 105
    assert strategy.fills[-1][:2] == (3, pytest.approx(top))


def test_a_short_is_taken_over_too():
    def act(strategy):
        entry = strategy.sell(size=5, exectype=bt.Order.Close)
        strategy.broker.take_over(entry, 120.0, 1_000.0)

    strategy, broker = play(make_bars(ROWS), {1: act})
    assert strategy.getposition().size == -5
    assert strategy.values[2] == pytest.approx(1_000 - 5 * 105)
    assert broker.accounts["gains"] == pytest.approx(5 * (120 - 95))


def test_only_an_order_for_the_close_can_be_taken_over():
    def act(strategy):
        strategy.broker.take_over(strategy.buy(size=1), 100.0, 0.0)

    with pytest.raises(SpecError, match="as an order for the close"):
        play(make_bars(ROWS), {1: act})
