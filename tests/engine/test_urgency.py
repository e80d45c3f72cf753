"""What a bar can do nothing to is left alone: the run is as if every order were worked on every bar."""

import backtrader as bt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.broker
from engine import LabBroker
from engine.orders import _as_it_stands
from tests.conftest import make_bars, random_bars
from tests.engine.scripted import bracket, play

BARS = 40
KINDS = {"stop": bt.Order.Stop, "limit": bt.Order.Limit, "trail": bt.Order.StopTrail, "close": bt.Order.Close}
ASKED = st.tuples(
    st.sampled_from(["market", "bracket", "day", *KINDS]),
    st.sampled_from([-1, 1]),
    st.floats(-0.06, 0.06),
    st.sampled_from([None, 2, 5]),
)


def order(kind, side, away, days):
    if kind == "bracket":
        return bracket(10, stop=0.02 + abs(away), target=0.03 + abs(away))

    def act(s):
        price = s.data.close[0] * (1 + away)
        send = s.buy if side > 0 else s.sell
        if kind == "market":
            return send(size=5)
        if kind == "trail":
            return send(size=5, exectype=KINDS[kind], trailpercent=0.01 + abs(away))
        if kind == "day":
            return send(size=5, exectype=bt.Order.Limit, price=price, valid=bt.Order.DAY)
        valid = None if days is None else s.data.num2date(s.data.datetime[0] + days)
        return send(size=5, exectype=KINDS[kind], price=price, valid=valid)

    return act


def outcome(script, bars):
    strategy, broker = play(bars, script, LabBroker(cash=10_000.0))
    ends = [(o.getstatusname(), o.info.get("why"), o.executed.size) for o in strategy.orders.values()]
    return strategy.fills, strategy.values, ends, broker.notes


@given(
    asked=st.dictionaries(st.integers(0, BARS - 2), ASKED, min_size=3, max_size=15), seed=st.integers(0, 50)
)
def test_a_run_is_the_same_if_every_order_is_worked_on_every_bar(asked, seed):
    bars = random_bars(seed, BARS)
    script = {bar: order(*each) for bar, each in asked.items()}
    found = outcome(script, bars)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.broker, "rests", lambda order: False)
        assert outcome(script, bars) == found


def test_a_day_order_ends_with_its_day_though_no_bar_reaches_it():
    bars = make_bars([(10, 10, 10, 10)] * 4)
    asked = {0: lambda s: s.buy(size=1, exectype=bt.Order.Limit, price=5, valid=bt.Order.DAY)}
    strategy, _ = play(bars, asked)
    [sent] = strategy.orders.values()
    assert sent.getstatusname() == "Expired"


def test_what_owners_are_told_is_the_order_as_it_stood_then():
    bars = make_bars([(10, 10, 10, 10)] * 3)
    strategy, _ = play(bars, {0: lambda s: s.buy(size=3)})
    [told] = strategy.orders.values()
    twin, theirs = _as_it_stands(told), told.clone()
    skip = ("executed",)
    assert {k: v for k, v in vars(twin).items() if k not in skip} == {
        k: v for k, v in vars(theirs).items() if k not in skip
    }
    told.executed.size = 99.0
    assert (type(twin), twin.executed.size, twin.data.close[0]) == (type(told), 3.0, 10.0)
