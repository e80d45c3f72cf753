"""What an order may ask for, and how long a day order lives."""

import datetime

import backtrader as bt
import numpy as np
import pytest

from feeds.bars import Bars
from letf_instruments import LetfError, OrderError
from tests.conftest import make_bars
from tests.engine.scripted import play

FLAT = (100.0, 100.0, 100.0, 100.0)
NAN, INF = float("nan"), float("inf")
DAYS = [bt.Order.DAY, 0, 0.0, datetime.timedelta(0)]


def ordering(side="buy", **terms):
    """A script that sends one order on the second bar, Tuesday 2020-01-07."""
    return {1: lambda s: getattr(s, side)(**terms)}


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("size", [INF, NAN, np.float64("inf")])
def test_a_size_that_is_no_number_is_refused_as_the_order_is_given(side, size):
    """Stock backtrader fills it and the account is worth nan from then on."""
    says = f"2020-01-07: TEST: order to {side} {float(size):g}: its size must be a finite number of shares"
    with pytest.raises(LetfError, match=says):
        play(make_bars([FLAT] * 4), ordering(side, size=size))


@pytest.mark.parametrize("name", ["price", "plimit", "trailamount", "trailpercent"])
@pytest.mark.parametrize("value", [INF, -INF, NAN])
def test_a_price_that_is_no_number_is_refused_as_the_order_is_given(name, value):
    says = f"2020-01-07: TEST: order to buy 3: its {name} is {value:g} and must be a finite number"
    with pytest.raises(OrderError, match=says):
        play(make_bars([FLAT] * 4), ordering(size=3, exectype=bt.Order.StopLimit, **{name: value}))


def test_a_price_in_its_place_without_its_name_is_seen_too():
    with pytest.raises(OrderError, match="its price is nan"):
        play(make_bars([FLAT] * 4), {1: lambda s: s.broker.buy(s, s.data, 3, NAN)})


def test_a_bracket_with_a_stop_at_no_price_is_refused():
    with pytest.raises(OrderError, match="order to sell 1: its price is nan"):
        play(make_bars([FLAT] * 4), {1: lambda s: s.buy_bracket(size=1, price=99.0, stopprice=NAN)})


@pytest.mark.parametrize("size", [0, 0.0])
def test_an_order_for_nothing_is_none_as_in_backtrader(size):
    strategy, _ = play(make_bars([FLAT] * 4), ordering(size=size))
    assert strategy.returned[1] is None
    assert strategy.orders == {}


def test_a_negative_size_counts_without_its_sign_as_in_backtrader():
    strategy, _ = play(make_bars([FLAT] * 4), ordering(size=-3))
    assert strategy.fills == [(2, 100.0, 3.0, "")]


# -- orders for the close ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["price", "plimit"])
@pytest.mark.parametrize(("limit", "filled"), [(104.0, [(2, 103.0, 3.0, "")]), (102.0, [])])
def test_an_order_for_the_close_with_a_price_is_limit_on_close(name, limit, filled):
    """Filled at the close if that is not above the limit; a low below it fills nothing."""
    bars = make_bars([FLAT, FLAT, (100, 104, 99, 103), FLAT])
    strategy, _ = play(bars, {1: lambda s: s.buy(size=3, exectype=bt.Order.Close, **{name: limit})})
    assert strategy.fills == filled


def test_a_sale_on_close_is_not_filled_below_its_limit():
    bars = make_bars([FLAT, FLAT, (100, 104, 96, 97), (97, 98, 97, 98)])
    script = {
        0: lambda s: s.buy(size=3),
        1: lambda s: s.sell(size=3, exectype=bt.Order.Close, price=97.5),
        2: lambda s: s.sell(size=3, exectype=bt.Order.Close, price=97.5),
    }
    strategy, _ = play(bars, script)
    assert strategy.fills == [(1, 100.0, 3.0, ""), (3, 98.0, -3.0, "")]


def test_a_limit_at_the_last_close_is_given_as_plimit():
    """`order_target_percent` puts that close into the price, which is therefore none."""
    bars = make_bars([FLAT, FLAT, (100, 104, 99, 103), FLAT])
    for terms, filled in (({"price": 100.0}, 1), ({"plimit": 100.0}, 0)):
        send = {1: lambda s, t=terms: s.buy(size=3, exectype=bt.Order.Close, **t)}
        assert len(play(bars, send)[0].fills) == filled


def test_two_limits_of_one_order_for_the_close_are_refused():
    with pytest.raises(OrderError, match="its price and its plimit are two limits"):
        play(make_bars([FLAT] * 4), ordering(size=3, exectype=bt.Order.Close, price=95.0, plimit=96.0))


def test_an_order_for_the_close_that_is_sized_by_its_target_is_filled():
    """backtrader puts the close there itself, as the price of which 5,000 buys 50."""
    bars = make_bars([FLAT, FLAT, (100, 104, 99, 103), FLAT])
    act = {1: lambda s: s.order_target_percent(target=0.5, exectype=bt.Order.Close)}
    strategy, _ = play(bars, act)
    assert strategy.fills == [(2, 103.0, 50.0, "")]


# -- day orders ----------------------------------------------------------------------------------------


def intraday(lows):
    """Bars of two hours, three a session, that open and close at 100 and fall to these lows."""
    n = len(lows)
    hours = np.array([10, 12, 14])[np.arange(n) % 3]
    day = np.datetime64("2020-01-06", "m") + np.timedelta64(24 * 60, "m") * (np.arange(n) // 3)
    flat = np.full(n, 100.0)
    stamps = day + hours.astype("timedelta64[h]")
    return Bars("TEST", "TEST", stamps, flat, flat, np.array(lows, dtype=float), flat, np.ones(n))


@pytest.mark.parametrize("valid", DAYS)
def test_a_day_order_on_daily_bars_lives_for_the_session_after_its_decision(valid):
    """Stock backtrader lets it expire at the end of the session that decided it, before it ever lived."""
    terms = {"size": 1, "exectype": bt.Order.Limit, "price": 98.0, "valid": valid}
    reached = make_bars([FLAT, FLAT, (100, 100, 97, 100), FLAT])
    strategy, _ = play(reached, ordering(**terms))
    assert strategy.fills == [(2, 98.0, 1.0, "")]
    a_day_late = make_bars([FLAT, FLAT, FLAT, (100, 100, 97, 100), FLAT])
    strategy, _ = play(a_day_late, ordering(**terms))
    (order,) = strategy.orders.values()
    assert (order.status, order.info["why"]) == (bt.Order.Expired, "expired")


@pytest.mark.parametrize(
    ("sent", "last"),
    [
        (0, 2),  # on a session's first bar: its other two
        (1, 2),
        (2, 5),  # on its last bar: the whole next session
    ],
)
def test_an_intraday_day_order_lives_for_the_rest_of_its_session(sent, last):
    for low_at in range(sent + 1, 8):
        lows = [97.0 if i == low_at else 100.0 for i in range(9)]
        terms = {"size": 1, "exectype": bt.Order.Limit, "price": 98.0, "valid": bt.Order.DAY}
        strategy, _ = play(intraday(lows), {sent: lambda s, terms=terms: s.buy(**terms)})
        assert bool(strategy.fills) == (low_at <= last), low_at


def test_a_day_order_is_the_same_bar_by_bar():
    bars = make_bars([FLAT, FLAT, (100, 100, 97, 100), FLAT])
    script = ordering(size=1, exectype=bt.Order.Limit, price=98.0, valid=bt.Order.DAY)
    strategy, _ = play(bars, script, runonce=False, preload=False)
    assert strategy.fills == [(2, 98.0, 1.0, "")]


def test_the_children_of_a_day_order_live_for_the_session_of_its_fill():
    terms = {"price": 98.0, "stopprice": 95.0, "limitprice": 105.0, "valid": bt.Order.DAY}
    rows = [FLAT, FLAT, (100, 100, 97, 98), (98, 106, 98, 100), FLAT]
    strategy, broker = play(make_bars(rows), {1: lambda s: s.buy_bracket(size=1, **terms)})
    assert strategy.fills == [(2, 98.0, 1.0, "")]
    assert broker.getposition(strategy.data).size == 1
    assert [o.getstatusname() for o in strategy.returned[1]] == ["Completed", "Expired", "Canceled"]


def test_an_order_good_until_a_date_is_as_it_was():
    bars = make_bars([FLAT] * 4 + [(100, 100, 97, 100), FLAT])
    for day, filled in ((9, False), (10, True)):
        terms = {"exectype": bt.Order.Limit, "price": 98.0, "valid": datetime.datetime(2020, 1, day)}
        strategy, _ = play(bars, ordering(size=1, **terms))
        assert bool(strategy.fills) == filled
