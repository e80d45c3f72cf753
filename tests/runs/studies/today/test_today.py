"""What `today` says of a past day is what the run did on the next: orders, standing orders, fills."""

import datetime
import os

import numpy as np
import pytest

from runs.specs.reading import load_spec
from runs.studies.today.charts import today_chart
from runs.studies.today.study import today
from tests.runs.studies.today.recorded import NOW, check, market, recorded, some_bars

EXAMPLES = (
    "decay_harvest",
    "dip",
    "event_options",
    "event_window",
    "hedge",
    "hold",
    "mix",
    "pullback",
    "rsi_timing",
    "sentiment",
    "timing_confirmed",
    "tree",
    "trend",
)
# LETF_HYPOTHESIS=explore looks at more days, as it does at more examples of property tests.
DAYS = 50 if os.environ.get("LETF_HYPOTHESIS") == "explore" else 4
LATE = "data.start=2017-01-03"  # a short run; its rule knows the bars before
TRAILING = ("plan.trailing_stop=0.06", "plan.stop=none", "plan.cooldown=3")
SPLITS = ("data.splits=issuer", "account.whole_shares=true", "costs.half_spread_cents=0.5")


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_orders_are_those_that_the_run_sent_and_filled(name):
    run = recorded(load_spec(name, ["data.end=2002-12-31"]))
    looked = sum(check(run, bar) for bar in some_bars(run, DAYS, seed=5))
    assert looked >= (0 if name == "hold" else 2)


@pytest.mark.parametrize("changes", [TRAILING, SPLITS], ids=["trailing", "splits"])
def test_so_they_are_with_other_plans_and_prices_as_traded(changes):
    run = recorded(load_spec("rsi_timing", ["data.end=2004-12-31", *changes]))
    assert sum(check(run, bar) for bar in some_bars(run, 2 * DAYS, seed=7)) > 6


def test_so_they_are_for_margin_calls():
    harvest = load_spec("decay_harvest", ["data.end=2003-12-31", "rule.weight=0.8", "plan.band=0.5"])
    run = recorded(harvest)
    called = [bar for bar, sent in run.sent.items() if any(order[-1] == "margin call" for order in sent)]
    assert called
    assert sum(check(run, bar) for bar in called[:3]) >= 2


@pytest.mark.market
@pytest.mark.parametrize("name", EXAMPLES)
def test_so_they_are_on_real_semiconductors(name, market_folder):
    funds_own = {"index": "SOX:2021-08-25:SOXX", "rates": "DFF", "start": datetime.date(2020, 1, 2)}
    run = recorded(load_spec(name, ["data.on_bad_print=close"], **funds_own), market_folder)
    assert sum(check(run, bar) for bar in some_bars(run, DAYS, seed=5)) >= (0 if name == "hold" else 2)


OWN = """\
import backtrader as bt

class Own(bt.Strategy):
    def next(self):
        day = len(self)
        if day % 20 == 5:
            entry = self.buy(data=self.data1, size=3, transmit=False)
            self.sell(data=self.data1, size=3, parent=entry, exectype=bt.Order.Stop,
                      price=0.8 * self.data1.close[0], transmit=True)
        if day % 20 == 12:
            self.buy(data=self.data2, size=2, exectype=bt.Order.Limit, price=0.97 * self.data2.close[0])
        if day % 20 == 18:
            self.close(data=self.data2)
"""


def test_a_strategy_of_backtrader_has_its_orders_said_and_no_conditions(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "own.toml").write_text('strategy = "own.py:Own"\n[data]\nend = 2000-12-29\n')
    run = recorded(load_spec(tmp_path / "own.toml"))
    looked = 0
    for bar in (44, 51, 57, 104, 111, 117, 120):
        said = run.said_on(bar)
        assert (said.states, said.stretches, said.doors) == ([], [], [])
        looked += len(said.orders)
        sent = {(o.instrument, o.side, o.kind, o.shares) for o in said.orders}
        assert len(sent) == len(run.sent[bar])
    assert looked >= 6
    said = run.said_on(51)
    (limit,) = [o for o in said.orders if o.kind == "limit"]
    close = run.setting.bars.close  # data2 is SOXL; its price is the feed's own
    assert len(close) > 51
    assert limit.price == pytest.approx(0.97 * said.scales["SOXL"].last)
    assert limit.move == pytest.approx(-0.03)


def test_sizes_are_brought_to_an_equity_and_prices_to_those_of_the_market():
    spec, there = market("rsi_timing", LATE)
    day = datetime.date(2018, 9, 11)  # in a trade since the 6th
    run = today(spec, market=(spec, there), as_of=day, now=NOW, ahead=False)
    mine = today(
        spec,
        market=(spec, there),
        as_of=day,
        now=NOW,
        equity=25_000.0,
        prices={"SOXS": 9.85},
        ahead=False,
    )
    (held,), (own,) = run.positions, mine.positions
    assert own.value / 25_000 == pytest.approx(held.value / run.equity)
    assert own.last == 9.85
    assert own.shares * 9.85 == pytest.approx(own.value)
    assert own.gain == pytest.approx(held.gain)
    for one, other in zip(run.standing, mine.standing, strict=True):
        assert one.move == pytest.approx(other.move)
        assert other.price == pytest.approx(9.85 * (1 + other.move))
        assert other.shares == pytest.approx(own.shares)
    assert run.synthetic == ["SOXS"]
    assert mine.synthetic == []


def test_whole_shares_stay_whole_when_brought_to_an_equity():
    spec = load_spec("rsi_timing", ["account.whole_shares=true", LATE])
    day = datetime.date(2018, 9, 5)
    said = today(spec, as_of=day, now=NOW, equity=25_000.0, prices={"SOXS": 9.85}, ahead=False)
    assert [order.shares for order in said.orders] == [1269.0] * 3  # half of 25,000 at 9.85 is 1,269.04


def test_the_schedule_is_due_on_the_first_session_of_the_next_month():
    said = today(load_spec("mix", [LATE]), as_of=datetime.date(2018, 8, 30), now=NOW, ahead=False)
    assert said.due == np.datetime64("2018-09-04")  # the 3rd is Labor Day
    said = today(load_spec("mix", [LATE]), as_of=datetime.date(2018, 8, 31), now=NOW, ahead=False)
    assert said.due == np.datetime64("2018-09-04")
    assert said.next_day == np.datetime64("2018-09-04")


def test_patience_and_cooldown_are_counted_in_closes():
    spec = load_spec("rsi_timing", ["plan.cooldown=4", LATE])
    left = {}
    for day in (5, 6, 7, 10):
        said = today(spec, as_of=datetime.date(2018, 9, day), now=NOW, ahead=False)
        left[day] = {door.name: door.closes for door in said.doors}
    assert left == {  # decided on the 5th, filled on the 6th, ten closes from that of the 6th on
        5: {"longest holding": 10},
        6: {"longest holding": 9},
        7: {"longest holding": 8},
        10: {"longest holding": 7},
    }
    after = today(spec, as_of=datetime.date(2018, 9, 20), now=NOW, ahead=False)
    assert {door.name: door.closes for door in after.doors} == {"cooldown": 4}  # sold that morning


def test_a_limit_on_close_has_its_price_and_a_rule_that_sees_its_account_its_picture():
    found = today(
        load_spec("infinite_buying", ["data.end=2002-12-31"]), as_of=datetime.date(2002, 12, 31), now=NOW
    )
    by_why = {order.reason: order for order in found.orders}
    scale, held = found.scales["SOXL"], found.positions[0]
    average = by_why["at the average"]
    assert (average.kind, average.price) == ("limit on close", pytest.approx(held.price))
    above = by_why["above the market"]
    assert (above.kind, above.price) == ("limit on close", pytest.approx(1.1 * scale.last * scale.price))
    assert by_why["target"].price == pytest.approx(1.1 * held.price)
    assert today_chart(found).axes
