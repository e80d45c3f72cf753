"""The fill rules, one by one. Cases where backtrader's own broker does something else are named for it."""

import backtrader as bt
import numpy as np
import pytest

from engine import Costs, LabBroker
from engine.urgency import rests, urgency
from feeds.bars import Bars
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import bracket, play

FLAT = (100.0, 100.0, 100.0, 100.0)


def test_a_decision_on_the_close_is_filled_at_the_next_open():
    bars = make_bars([FLAT, (103, 105, 101, 104), FLAT])
    strategy, _ = play(bars, {0: lambda s: s.buy(size=10)})
    assert strategy.fills == [(1, 103.0, 10.0, "")]


def test_an_order_on_the_last_bar_is_not_filled():
    strategy, broker = play(make_bars([FLAT, FLAT]), {1: lambda s: s.buy(size=10)})
    assert strategy.fills == []
    assert broker.getvalue() == 10_000


def test_a_stop_that_the_open_has_passed_fills_at_the_open():
    bars = make_bars([FLAT, FLAT, (85, 86, 84, 85), FLAT])
    strategy, _ = play(bars, {0: bracket(10, stop=0.025)})
    assert strategy.fills[1] == (2, 85.0, -10.0, "stop")


def test_slippage_is_not_skipped_at_a_gap():
    bars = make_bars([FLAT, FLAT, (85, 85, 84, 85), FLAT])
    broker = LabBroker(cash=10_000.0, costs=Costs(slippage_bps=10))
    play(bars, {0: bracket(10, stop=0.025)}, broker)
    assert broker.accounts["slippage"] == pytest.approx((1000 + 850) * 10e-4)
    assert broker.getvalue() == pytest.approx(10_000 - 150 - 1.85)


def test_a_stop_inside_the_bar_fills_at_its_own_price():
    bars = make_bars([FLAT, FLAT, (99, 99, 96, 98), FLAT])
    strategy, _ = play(bars, {0: bracket(10, stop=0.025)})
    assert strategy.fills[1] == (2, 97.5, -10.0, "stop")


def test_the_entry_bar_itself_can_hit_the_stop():
    """Stock backtrader wakes a bracket's children a bar later, which is too kind."""
    bars = make_bars([FLAT, (100, 101, 96, 100), FLAT])
    strategy, _ = play(bars, {0: bracket(10, stop=0.03, target=0.5)})
    assert strategy.fills == [(1, 100.0, 10.0, "entry"), (1, 97.0, -10.0, "stop")]


def test_the_entry_bar_itself_can_reach_the_target():
    bars = make_bars([FLAT, (100, 106, 99, 100), FLAT])
    strategy, _ = play(bars, {0: bracket(10, stop=0.03, target=0.05)})
    assert strategy.fills[1] == (1, 105.0, -10.0, "target")


def test_stop_and_target_are_priced_from_the_fill_not_from_the_deciding_close():
    bars = make_bars([FLAT, (110, 110, 110, 110), (110, 110, 98, 99), FLAT])
    strategy, _ = play(bars, {0: bracket(10, stop=0.10)})
    assert strategy.fills[1][1] == pytest.approx(99.0)


@pytest.mark.parametrize("target_first", [False, True])
def test_stop_and_target_inside_one_bar_the_stop_is_taken(target_first):
    bars = make_bars([FLAT, FLAT, (100, 120, 80, 100), FLAT])

    def act(strategy):
        parent = strategy.buy(size=1, transmit=False)
        kinds = [(bt.Order.Stop, 90.0, "stop"), (bt.Order.Limit, 110.0, "target")]
        for kind, price, reason in reversed(kinds) if target_first else kinds:
            last = reason == ("stop" if target_first else "target")
            strategy.sell(size=1, exectype=kind, price=price, parent=parent, transmit=last, reason=reason)

    strategy, broker = play(bars, {0: act})
    assert [fill[3] for fill in strategy.fills] == ["", "stop"]
    assert broker.getposition(strategy.data).size == 0


def test_of_two_stops_inside_one_bar_the_nearer_is_taken():
    def act(strategy):
        parent = strategy.buy(size=1, transmit=False)
        strategy.sell(size=1, exectype=bt.Order.Stop, price=90.0, parent=parent, transmit=False)
        strategy.sell(size=1, exectype=bt.Order.Stop, price=95.0, parent=parent)

    strategy, broker = play(make_bars([FLAT, FLAT, (100, 100, 80, 85), FLAT]), {0: act})
    assert strategy.fills[1][1] == 95.0
    assert broker.getposition(strategy.data).size == 0


def test_a_target_that_the_open_has_passed_fills_at_the_open():
    bars = make_bars([FLAT, FLAT, (112, 113, 111, 112), FLAT])
    strategy, _ = play(bars, {0: bracket(10, target=0.05)})
    assert strategy.fills[1] == (2, 112.0, -10.0, "target")


def test_a_trailing_stop_follows_highs_of_finished_bars():
    """Stock backtrader trails the closes and ignores the highs."""
    rows = [FLAT, (100, 100, 99, 100), (100, 120, 100, 101), (101, 111, 107, 110), FLAT]
    rows[3] = (109, 111, 107, 110)  # 10 % below the high of 120 is 108

    def act(strategy):
        parent = strategy.buy(size=1, transmit=False)
        strategy.sell(size=1, exectype=bt.Order.StopTrail, trailpercent=0.1, from_fill=-0.1, parent=parent)

    strategy, _ = play(make_bars(rows), {0: act})
    assert strategy.fills[1][:2] == (3, pytest.approx(108.0))


def test_a_trailing_stop_does_not_use_the_high_of_the_bar_in_progress():
    rows = [FLAT, FLAT, (100, 120, 95, 119), FLAT]

    def act(strategy):
        parent = strategy.buy(size=1, transmit=False)
        strategy.sell(size=1, exectype=bt.Order.StopTrail, trailpercent=0.1, from_fill=-0.1, parent=parent)

    strategy, _ = play(make_bars(rows), {0: act})
    assert [fill[0] for fill in strategy.fills] == [1, 3]  # 95 is above 90; then 108 is above 100


def test_an_entry_filled_after_the_open_can_lose_but_not_win_on_that_bar():
    rows = [FLAT, (100, 110, 94, 95), (95, 109, 94, 100), FLAT]
    limit = {"exectype": bt.Order.Limit, "price": 96.0}
    strategy, _ = play(make_bars(rows), {0: bracket(1, stop=0.5, target=0.05, **limit)})
    assert strategy.fills[1] == (2, pytest.approx(100.8), -1.0, "target")
    strategy, _ = play(make_bars(rows), {0: bracket(1, stop=0.01, target=0.05, **limit)})
    assert strategy.fills[1] == (1, pytest.approx(95.04), -1.0, "stop")


def test_an_all_in_order_shrinks_at_a_higher_open_and_says_so():
    """Stock backtrader rejects it as Margin, without an exception."""
    bars = make_bars([FLAT, (103, 103, 103, 103), FLAT])
    strategy, broker = play(bars, {0: bracket(100, stop=0.5)})
    assert strategy.fills[0][1] == 103.0
    assert strategy.fills[0][2] == pytest.approx(10_000 / 103)
    assert broker.getcash() == pytest.approx(0, abs=1e-6)
    assert broker.getcash() >= 0
    assert "order to buy 100 became 97.0874 at 103: cash allows no more" in broker.notes[0]


def test_children_shrink_with_their_entry():
    bars = make_bars([FLAT, (103, 103, 103, 103), (50, 50, 50, 50), FLAT])
    strategy, broker = play(bars, {0: bracket(100, stop=0.1)})
    assert strategy.fills[1][2] == pytest.approx(-10_000 / 103)
    assert broker.getposition(strategy.data).size == 0


def test_costs_leave_no_debt_when_all_cash_is_spent():
    broker = LabBroker(
        cash=1000.0, costs=Costs(commission_bps=5, commission_minimum=2, slippage_bps=30, half_spread_bps=7)
    )
    strategy, _ = play(make_bars([FLAT, FLAT, FLAT]), {0: lambda s: s.buy(size=50)}, broker)
    spent = strategy.fills[0][2] * 100
    assert spent * (1 + 37e-4) + 2 == pytest.approx(1000)
    assert 0 <= broker.getcash() < 1e-6


def test_an_order_with_no_cash_at_all_is_refused_with_a_note():
    script = {0: lambda s: s.buy(size=100), 1: bracket(5, stop=0.1)}
    strategy, broker = play(make_bars([FLAT] * 4), script)
    statuses = [order.getstatusname() for order in strategy.orders.values()]
    assert statuses == ["Completed", "Margin", "Canceled"]
    assert "became 0" in broker.notes[0]


def test_whole_shares_round_down_and_say_so():
    broker = LabBroker(cash=10_000.0, whole_shares=True)
    strategy, _ = play(make_bars([FLAT] * 3), {0: lambda s: s.buy(size=9.7)}, broker)
    assert strategy.fills[0][2] == 9.0
    assert "only whole shares are traded" in broker.notes[0]


def test_an_order_that_rounds_to_nothing_is_refused_with_a_note():
    """On back-adjusted SOXS a stock script's whole-share order is of size 0 and silently flat."""
    broker = LabBroker(cash=10_000.0, whole_shares=True)
    rows = [(40_000.0,) * 4] * 3
    strategy, _ = play(make_bars(rows), {0: lambda s: s.buy(size=0.25)}, broker)
    assert [order.getstatusname() for order in strategy.orders.values()] == ["Margin"]
    assert "became 0 at 40000: only whole shares are traded" in broker.notes[0]


def test_a_whole_share_order_that_just_fits_is_not_one_short():
    broker = LabBroker(cash=100.0, whole_shares=True)
    strategy, _ = play(make_bars([(25.0,) * 4] * 3), {0: lambda s: s.buy(size=5)}, broker)
    assert strategy.fills[0][2] == 4.0
    assert broker.getcash() == 0.0


def test_an_all_in_entry_at_the_deciding_price_leaves_no_dust():
    """Size × price can exceed the cash by a rounding error; then the children must shrink as well."""
    rng = np.random.default_rng(3)
    for price, cash in [(159.3565687451903, 423903.1225236031), *rng.uniform(1, 1e6, (300, 2)).tolist()]:
        bars = make_bars([(price,) * 4, (price, price, price * 0.9, price), (price,) * 4])
        strategy, broker = play(bars, {0: bracket(cash / price, stop=0.03)}, LabBroker(cash=cash))
        assert len(strategy.fills) == 2
        assert broker.getposition(strategy.data).size == 0.0


def test_a_gap_beyond_the_target_is_the_holder_s_even_if_the_low_then_meets_the_stop():
    bars = make_bars([FLAT, FLAT, (120, 121, 94, 100), FLAT])
    strategy, broker = play(bars, {0: bracket(1, stop=0.05, target=0.10)})
    assert strategy.fills[1] == (2, 120.0, -1.0, "target")
    assert broker.getposition(strategy.data).size == 0


def test_an_order_for_the_close_comes_after_a_stop_within_the_bar():
    def act(strategy):
        stop = strategy.sell(size=1, exectype=bt.Order.Stop, price=95.0)
        strategy.sell(size=1, exectype=bt.Order.Close, oco=stop)

    bars = make_bars([FLAT, FLAT, (100, 101, 90, 100), FLAT])
    strategy, _ = play(bars, {0: lambda s: s.buy(size=1), 1: act})
    assert strategy.fills[1][:2] == (2, 95.0)
    assert len(strategy.fills) == 2


@pytest.mark.parametrize("bar", [(100, 101, 90, 99), (99, 106, 98, 99)])
def test_children_of_an_entry_at_the_close_wait_for_the_next_bar(bar):
    def act(strategy):
        strategy.buy_bracket(size=1, exectype=bt.Order.Close, stopprice=95.0, limitprice=104.0)

    strategy, _ = play(make_bars([FLAT, bar, (99, 99, 94, 94), FLAT]), {0: act})
    assert [fill[:2] for fill in strategy.fills] == [(1, 99.0), (2, 95.0)]


def test_a_trailing_stop_is_not_raised_by_a_high_before_the_entry():
    def act(strategy):
        parent = strategy.buy(size=1, exectype=bt.Order.Limit, price=90.0, transmit=False)
        strategy.sell(size=1, exectype=bt.Order.StopTrail, trailpercent=0.05, from_fill=-0.05, parent=parent)

    rows = [FLAT, (100, 101, 90, 92), (92, 92, 88, 88), (88, 88, 80, 80), FLAT]
    strategy, _ = play(make_bars(rows), {0: act})
    # 5 % under the entry bar's close of 92 is 87.4, not 5 % under its high of 101.
    assert strategy.fills[1][:2] == (3, pytest.approx(87.4))


def test_cancelling_one_of_two_on_the_bar_it_was_sent_cancels_the_other():
    def act(strategy):
        first = strategy.buy(size=1, exectype=bt.Order.Limit, price=90.0)
        strategy.buy(size=1, exectype=bt.Order.Stop, price=110.0, oco=first)
        strategy.cancel(first)

    strategy, broker = play(make_bars([FLAT, (100, 120, 80, 100), FLAT]), {0: act})
    assert strategy.fills == []
    assert not broker.pending


def test_a_sale_at_the_open_pays_for_a_purchase_sent_before_it():
    def swap(strategy):
        strategy.buy(size=50)
        strategy.sell(size=100)

    strategy, broker = play(make_bars([FLAT] * 4), {0: lambda s: s.buy(size=100), 1: swap})
    assert [fill[2] for fill in strategy.fills] == [100, -100, 50]
    assert broker.notes == []


def test_an_order_can_be_cancelled_on_the_bar_that_submitted_it():
    """Stock backtrader returns False without a word and the order stays live."""

    def act(strategy):
        order = strategy.buy(size=10)
        assert strategy.broker.cancel(order) is True
        assert strategy.broker.cancel(order) is False

    strategy, _ = play(make_bars([FLAT] * 3), {0: act})
    assert strategy.fills == []
    assert [order.getstatusname() for order in strategy.orders.values()] == ["Canceled"]


def test_cancelling_an_entry_cancels_its_children():
    def act(strategy):
        strategy.cancel(bracket(10, stop=0.01, target=0.01)(strategy))

    strategy, broker = play(make_bars([FLAT, (100, 120, 80, 100), FLAT]), {0: act})
    assert strategy.fills == []
    assert not broker.pending


def test_one_cancels_the_other():
    def act(strategy):
        first = strategy.buy(size=1, exectype=bt.Order.Limit, price=95.0)
        strategy.buy(size=1, exectype=bt.Order.Stop, price=105.0, oco=first)

    strategy, _ = play(make_bars([FLAT, (100, 101, 94, 100), (100, 110, 99, 100), FLAT]), {0: act})
    assert strategy.fills == [(1, 95.0, 1.0, "")]


def test_a_stop_limit_and_an_order_good_for_a_time_work_as_in_backtrader():
    def act(strategy):
        strategy.buy(size=1, exectype=bt.Order.StopLimit, price=105.0, plimit=104.0)
        day = strategy.data.datetime.date(0)
        strategy.buy(size=1, exectype=bt.Order.Limit, price=90.0, valid=day)

    rows = [FLAT, (100, 106, 100, 106), (105, 106, 89, 90), FLAT]
    strategy, _ = play(make_bars(rows), {0: act})
    assert strategy.fills == [(2, 104.0, 1.0, "")]
    assert "Expired" in [order.getstatusname() for order in strategy.orders.values()]


def test_nothing_can_be_bought_at_a_price_of_zero_and_what_is_held_can_be_sold():
    """Stock `order_target_percent` divides by zero here."""
    bars = make_bars([FLAT] * 5)
    close = np.array([100.0, 100.0, 1.0, 1.0, 1.0])
    dead = Bars("X", "X", bars.timestamps, close, close, close, close, bars.volume)
    for column in ("open", "high", "low", "close"):
        values = close.copy()
        values[2:] = 0.0
        object.__setattr__(dead, column, values)
    script = {0: lambda s: s.buy(size=10), 2: lambda s: s.sell(size=10), 3: lambda s: s.buy(size=5)}
    strategy, broker = play(dead, script)
    assert [fill[:3] for fill in strategy.fills] == [(1, 100.0, 10.0), (3, 0.0, -10.0)]
    assert broker.getvalue() == pytest.approx(9_000)
    assert "nothing to trade at a price of 0" in broker.notes[-1]

    strategy, broker = play(dead, {2: lambda s: s.buy(size=1, money=1_000.0)})
    (order,) = strategy.orders.values()
    assert order.info["why"] == "1000 buys no share at 0"
    assert broker.cash == 10_000.0


@pytest.mark.parametrize("whole", [False, True])
def test_target_orders_buy_fractions_or_whole_shares_and_nothing_at_a_price_of_zero(whole):
    """Stock `order_target_percent` floors to whole shares, also to none, and divides by a price of 0."""
    bars = make_bars([(300.0,) * 4] * 3 + [FLAT] * 2)
    for column in ("open", "high", "low", "close"):
        values = getattr(bars, column).copy()
        values[3:] = 0.0
        object.__setattr__(bars, column, values)
    script = {
        0: lambda s: s.order_target_percent(target=0.5),
        3: lambda s: s.order_target_percent(target=0.9),
    }
    strategy, _ = play(bars, script, LabBroker(cash=1_000.0, whole_shares=whole))
    assert [fill[:3] for fill in strategy.fills] == [(1, 300.0, 1.0 if whole else pytest.approx(500 / 300))]


def test_a_bar_without_a_price_does_not_poison_the_value():
    """In stock backtrader the portfolio's value is NaN from then on."""
    bars = make_bars([FLAT] * 5)
    for column in ("open", "high", "low", "close"):
        values = getattr(bars, column).copy()
        values[2] = np.nan
        object.__setattr__(bars, column, values)
    script = {0: lambda s: s.buy(size=10), 1: lambda s: s.sell(size=4)}
    strategy, broker = play(bars, script)
    assert strategy.values == [10_000.0] * 5
    assert [fill[0] for fill in strategy.fills] == [1, 3]  # no fill on the bar without a price
    assert "no price" in broker.notes[0]


def test_an_order_s_notification_is_a_clone_compared_by_ref():
    seen = []

    def act(strategy):
        order = strategy.buy(size=1)
        seen.append(order)

    strategy, _ = play(make_bars([FLAT] * 3), {0: act})
    clone = strategy.orders[seen[0].ref]
    assert clone is not seen[0]
    assert clone.ref == seen[0].ref


@pytest.mark.parametrize("run", [{}, {"runonce": False}, {"runonce": False, "preload": False}])
def test_the_same_script_gives_the_same_fills_in_every_mode(run):
    bars = random_bars(21, 120)
    script = {i: bracket(20, stop=0.02, target=0.03) for i in range(0, 120, 7)}
    reference, _ = play(bars, script)
    strategy, _ = play(bars, script, **run)
    assert len(reference.fills) > 20
    assert strategy.fills == reference.fills
    assert strategy.values == reference.values


@pytest.mark.parametrize("filled", [False, True])
def test_orders_that_wait_are_looked_at_once_a_bar(filled, monkeypatch):
    """One is left open on each of 60 bars: so many looks as there are orders on each, and none more. They are
    put in order only where one of them is filled."""
    looks = {"rests": [], "urgency": []}

    def counted(name, real):
        def look(order):
            looks[name].append(order.ref)
            return real(order)

        return look

    for name, real in (("rests", rests), ("urgency", urgency)):
        monkeypatch.setattr(f"engine.broker.{name}", counted(name, real))
    n = 60

    def wait(s):
        s.buy(size=1, price=5.0, exectype=bt.Order.Limit)
        if filled:
            s.buy(size=0.1)

    play(make_bars([(100.0, 101.0, 99.0, 100.0)] * n), dict.fromkeys(range(n), wait))
    waiting = n * (n - 1) / 2
    if filled:
        assert len(looks["urgency"]) == waiting + n - 1
    else:
        assert (len(looks["rests"]), looks["urgency"]) == (waiting, [])
