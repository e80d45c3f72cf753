"""A holding of one's own: the plan's levels from one's own entry, what it asks to know, and what is late."""

import datetime

import numpy as np
import pytest

import letf
from letf_instruments import SpecError
from runs.specs.reading import load_spec
from runs.studies.today.holdings import Owned
from runs.studies.today.study import today
from tests.runs.studies.today.recorded import NOW, market

ENTRY = datetime.date(2018, 9, 6)  # of the run's own trade
PRICE = {"SOXS": 9.85}
LATE = ("data.start=2017-01-03",)  # a short run; its rule knows the bars before


def said(day, *holding, name="rsi_timing", changes=(), equity=None, prices=PRICE, ahead=False):
    spec = market(name, *LATE, *changes)
    return today(
        spec[0],
        market=spec,
        as_of=datetime.date.fromisoformat(day),
        now=NOW,
        holding=tuple(holding),
        equity=equity,
        prices=dict(prices),
        ahead=ahead,
    )


@pytest.mark.parametrize("day", ["2018-09-06", "2018-09-07", "2018-09-11", "2018-09-18", "2018-09-19"])
@pytest.mark.parametrize("plan", [(), ("plan.stop=atr_stop", "plan.risk=0.02", "plan.trailing_stop=0.2")])
def test_whoever_holds_what_the_run_holds_is_told_what_the_run_does(day, plan):
    asked = datetime.date.fromisoformat(day)
    spec = market("rsi_timing", *LATE, *plan)
    run = today(spec[0], market=spec, as_of=asked, now=NOW, ahead=False)
    (own,) = run.positions
    last = run.scales["SOXS"].last
    mine = Owned("SOXS", own.shares * last / 9.85, own.price * 9.85 / last, own.since)
    same = said(day, mine, changes=plan)
    assert [o.reason for o in same.orders] == [o.reason for o in run.orders]
    assert [o.reason for o in same.standing] == [o.reason for o in run.standing]
    for one, other in zip([*run.orders, *run.standing], [*same.orders, *same.standing], strict=True):
        assert (one.side, one.kind) == (other.side, other.kind)
        assert other.shares == pytest.approx(mine.shares)
        if one.price is not None:
            assert other.price == pytest.approx(one.price * 9.85 / last, rel=1e-9)
    assert [(d.name, d.closes) for d in same.doors] == [(d.name, d.closes) for d in run.doors]


def test_stop_and_target_are_counted_from_one_s_own_price():
    found = said("2018-09-11", Owned("SOXS", 120, 9.70, ENTRY))
    assert {o.reason: o.price for o in found.standing} == {
        "stop": pytest.approx(9.70 * 0.92),
        "target": pytest.approx(9.70 * 1.15),
    }
    assert found.orders == []
    assert found.positions[0].gain == pytest.approx(9.85 / 9.70 - 1)
    assert found.equity == pytest.approx(120 * 9.85)


def test_patience_is_counted_from_one_s_own_day():
    found = said("2018-09-11", Owned("SOXS", 120, 9.70, datetime.date(2018, 9, 10)))
    assert [(d.name, d.closes) for d in found.doors] == [("longest holding", 8)]
    late = said("2018-09-21", Owned("SOXS", 120, 9.70, datetime.date(2018, 9, 10)))
    assert [(o.side, o.reason) for o in late.orders] == [("sell", "longest holding")]


def test_what_the_plan_has_left_is_overdue():
    found = said("2018-09-11", Owned("SOXS", 120, 12.70, datetime.date(2018, 8, 6)))
    (order,) = found.orders
    assert (order.side, order.shares, order.kind) == ("sell", 120, "market")
    assert order.reason == "stop, overdue since 2018-08-07"
    assert found.standing == []
    assert found.equity == pytest.approx(120 * 9.85)


def test_whoever_holds_nothing_enters_only_on_a_signal():
    flat = said("2018-09-11", equity=25_000.0)
    assert (flat.orders, flat.positions) == ([], [])
    entry = said("2018-09-05", equity=25_000.0)
    assert [o.reason for o in entry.orders] == ["entry", "stop", "target"]
    assert entry.orders[0].value == pytest.approx(12_500)
    assert entry.orders[0].shares == pytest.approx(12_500 / 9.85)


def test_weights_are_of_the_equity_as_given():
    found = said("2018-09-11", Owned("nasdaq", 1.0), Owned("SOXS", 300.0), name="hedge", equity=25_000.0)
    index = 7972.47
    assert found.weights[0].actual == pytest.approx(index / 25_000, rel=1e-5)
    assert found.weights[1].actual == pytest.approx(300 * 9.85 / 25_000)
    # 82.5 % and 17.5 % wanted; the exposure .319 − 3·.118 is .336 from .3: traded back, from both sides.
    buys = {o.instrument: (o.side, o.shares) for o in found.orders}
    assert buys["nasdaq"] == ("buy", pytest.approx(0.825 * 25_000 / index - 1.0, rel=1e-5))
    assert buys["SOXS"] == ("buy", pytest.approx(0.175 * 25_000 / 9.85 - 300))


def test_a_short_may_be_held_where_the_rule_is_short():
    both = (Owned("SOXS", -600.0), Owned("SOXL", -200.0))
    found = said(
        "2018-09-11", *both, name="decay_harvest", equity=25_000.0, prices={"SOXS": 9.85, "SOXL": 30.0}
    )
    assert [w.actual for w in found.weights] == pytest.approx([-600 * 9.85 / 25_000, -200 * 30 / 25_000])


def test_shares_are_today_s_also_where_the_fund_was_split_since():
    changes = ("data.splits=issuer", "data.end=2003-12-31", "data.first_price.SOXS=9")
    spec = load_spec("rsi_timing", [*changes, "plan.max_bars=none", "plan.stop=none", "plan.target=none"])
    run = letf.run(spec).result
    factors = run.factors["SOXS"]
    splits = np.flatnonzero(factors[1:] != factors[:-1]) + 1
    at = int(splits[splits > 40][0])  # an ex-date
    days = run.bars.sessions
    ratio = factors[at - 1] / factors[at]
    entry = days[at - 3].item()
    levels = [*changes, "plan.max_bars=none", "plan.stop=0.5", "plan.target=1.0"]
    found = today(
        load_spec("rsi_timing", levels),
        as_of=days[at + 1].item(),
        now=NOW,
        holding=(Owned("SOXS", 50.0, 9.85, entry),),
        prices={"SOXS": 9.85},
        ahead=False,
    )
    assert ratio != 1
    assert not found.overdue
    assert [o.shares for o in found.standing] == pytest.approx([50, 50])
    assert {o.reason: o.price for o in found.standing} == {
        "stop": pytest.approx(4.925),
        "target": pytest.approx(19.7),
    }


@pytest.mark.parametrize(
    ("holding", "kwargs", "says"),
    [
        (Owned("SOXS", 120), {}, "plan.stop is counted from the entry's price; say it, after an @"),
        (Owned("SOXS", 120, 9.7), {}, "plan.max_bars asks for the day of the entry; say it, after a comma"),
        (Owned("SOXS", -120, 9.7, ENTRY), {}, "rsi_timing is never short"),
        (Owned("TQQQ", 120, 9.7, ENTRY), {}, "rsi_timing trades SOXS, not TQQQ"),
        (Owned("SOXS", 120, 9.7, ENTRY), {"prices": {}}, "at which nothing trades; say at which it closed"),
        (
            Owned("SOXS", 120, 9.7, datetime.date(2018, 9, 8)),
            {},
            "2018-09-08 is no session of nasdaq; the next",
        ),
        (Owned("SOXS", 120, 9.7, datetime.date(2019, 9, 9)), {}, "not after 2018-09-11"),
        (
            Owned("SOXS", 120, 9.7, ENTRY),
            {"equity": 1000.0},
            "what is held is worth 1,182",
        ),
        (Owned("SOXS", 120, 9.7, ENTRY), {"prices": {"SOXX": 9.0}}, "price of SOXX: did you mean SOX"),
        (Owned("SOXS", 9, 9.7, ENTRY), {"changes": ("account.kind=cfd",)}, "account.kind is 'cfd'"),
        (Owned("SOXS", 9), {"name": "hedge"}, "say with --equity how much there is"),
        (Owned("index", 1), {"name": "event_options"}, "goes on from nothing but its own run"),
    ],
)
def test_what_does_not_fit_the_rule_is_refused_in_a_sentence(holding, kwargs, says):
    with pytest.raises(SpecError, match=says):
        said("2018-09-11", holding, **kwargs)


def test_what_the_plan_does_not_ask_for_need_not_be_said():
    changes = ("plan.stop=none", "plan.target=none", "plan.max_bars=none")
    found = said("2018-09-11", Owned("SOXS", 120), changes=changes, prices={})
    assert found.orders == []
    assert found.positions[0].price is None
    # the RSI was below 35 on 2018-10-10: sold at the next open, whoever bought it when
    out = said("2018-10-10", Owned("SOXS", 120), changes=changes, prices={})
    assert [(o.side, o.shares, o.reason) for o in out.orders] == [("sell", 120, "oversold")]
