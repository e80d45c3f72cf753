"""An allocation carried out: against a plain loop written from the words of the plan, and by hand."""

import datetime
import math

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analyzers import EquityLog, TradeLog
from engine import Costs, Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed, FundFeed
from feeds.bars import Bars
from letf_instruments import SpecError
from strategies import AllocationPlan, AllocationRule, AllocationStrategy, RuleParams, Targets
from strategies.filters import Filter
from tests.conftest import flat_bars, make_bars, random_bars

MODES = {
    "runonce": {},
    "next": {"runonce": False},
    "streaming": {"runonce": False, "preload": False},
}
COSTS = Costs(commission_bps=1, commission_minimum=1.0, half_spread_bps=2, slippage_bps=3)
RATE = 0.03
NAN = math.nan


class Given(AllocationRule):
    """Holds weights that are given bar by bar."""

    name = "given"
    summary = "for tests"
    Params = RuleParams

    def __init__(self, weights, plan=None, states=None, filters=None, instruments=None, rest=None):
        super().__init__(None, plan, filters)
        self.weights, self.states, self.rest = weights, states or {}, rest
        self.names = tuple(instruments or weights)

    @property
    def instruments(self):
        return self.names

    def targets(self, market):
        n = len(market)
        cut = {name: np.array(w[:n], dtype=float) for name, w in self.weights.items()}
        return Targets(cut, {name: np.array(s[:n], dtype=bool) for name, s in self.states.items()})

    def resting(self, market):
        return {} if self.rest is None else {k: np.full(len(market), w) for k, w in self.rest.items()}


class Orders(bt.Analyzer):
    """Every fill: bar, instrument, price, size, reason."""

    def start(self):
        self.fills = []

    def notify_order(self, order):
        if order.status == order.Completed:
            done = (len(order.data) - 1, order.data._name, order.executed.price, order.executed.size)
            self.fills.append((*done, order.info["reason"]))


class Done:
    """A finished run."""

    def __init__(self, rule, index, others=(), mode="runonce", **broker):
        self.lab = Lab(LabBroker(**{"cash": 100_000.0, "costs": COSTS, "short_rate": RATE, **broker}))
        feed = BarsFeed(dataname=index)
        self.lab.adddata(feed)
        self.lab.adddata(FundFeed(dataname=feed, fund=-3, name="BEAR"))
        for bars in others:
            self.lab.adddata(BarsFeed(dataname=bars))
        self.lab.addstrategy(AllocationStrategy, rule=rule)
        for analyzer in (EquityLog, TradeLog, Orders):
            self.lab.addanalyzer(analyzer)
        self.strategy = self.lab.run(**MODES[mode])[0]
        log, trades, orders = self.strategy.analyzers
        self.equity, self.trades, self.fills = log.equity, trades.trades, orders.fills
        self.notes, self.rebalances = self.strategy.notes, self.strategy.rebalances


def asset(name, seed, n):
    bars = random_bars(seed, n)
    return Bars(name, name, bars.timestamps, bars.open, bars.high, bars.low, bars.close, bars.volume)


# -- the plain loop -----------------------------------------------------------------------------------


def period(schedule, day):
    day = day.astype(datetime.date)
    if schedule == "daily":
        return day
    if schedule == "weekly":
        return day - datetime.timedelta(days=day.weekday())  # its Monday
    if schedule == "monthly":
        return day.year, day.month
    if schedule == "quarterly":
        return day.year, (day.month + 2) // 3
    return day.year


def charge(size, price):
    value = abs(size) * price
    return max(value * 1e-4, 1.0) + value * 5e-4


def affordable(size, price, cash):
    """The most shares up to `size` that cash pays for, costs included."""
    if size * price + charge(size, price) <= cash:
        return size
    return max(min(cash / (price * 1.0006), (cash - 1.0) / (price * 1.0005)), 0.0)


def by_hand(rule, prices, days, multiples, whole=False):
    """The docstrings of the plan and the broker as one loop over days."""
    plan, names = rule.plan, rule.instruments
    weights = rule.weights
    cash, last_price = 100_000.0, {}
    held = dict.fromkeys(names, 0.0)
    orders, fills, equity, seen, tried = [], [], [], None, 0

    def shorts():
        return sum(-held[k] * last_price[k] for k in names if held[k] < 0)

    for t in range(len(days)):
        if t:
            nights = int((days[t] - days[t - 1]).astype(int))
            cash += (max(cash - shorts(), 0) + min(cash, 0)) * RATE * nights / 360
        for name, size, why in sorted(orders, key=lambda order: order[1] > 0):  # sales first
            o, part = prices[name][0][t], size
            if size > 0 and held[name] >= 0:  # what is bought is paid for in full
                part = affordable(size, o, cash - shorts())
                part = math.floor(part) if whole else part
            if abs(held[name] + part) < 1e-9 * abs(held[name]):
                part = -held[name]
            if part:
                cash -= part * o + charge(part, o)
                held[name] += part
                last_price[name] = o
                fills.append((t, name, o, part, why))
        orders = []
        last_price.update({name: prices[name][1][t] for name in names})
        worth = cash + sum(held[name] * prices[name][1][t] for name in names)
        equity.append(worth)

        new, now = False, None
        if plan.schedule != "never":
            now = period(plan.schedule, days[t])
            new, seen = now != seen, now
        want = {name: weights[name][t] for name in names}
        if any(math.isnan(w) for w in want.values()):
            continue
        size = {name: w * worth / prices[name][1][t] for name, w in want.items()}
        if whole:
            size = {name: float(int(s)) for name, s in size.items()}
        drift = {name: held[name] * prices[name][1][t] / worth - want[name] for name in names}
        if any(np.sign(size[name]) != np.sign(held[name]) for name in names):
            cause = "target"
        elif new:
            cause = "schedule"
        elif plan.band and max(abs(d) for d in drift.values()) > plan.band:
            cause = "band"
        elif plan.exposure_band and abs(sum(d * multiples[k] for k, d in drift.items())) > plan.exposure_band:
            cause = "exposure band"
        else:
            continue
        state = next((state for state, holds in rule.states.items() if holds[t]), None)
        for name in names:
            change = size[name] - held[name]
            if abs(change) <= 1e-9 * max(abs(size[name]), abs(held[name])):
                continue
            why = cause
            if cause == "target":
                why = state or "target"
            if np.sign(size[name]) != np.sign(held[name]):
                why = "entry" if not held[name] else "no longer wanted" if not size[name] else "reversed"
                why = state or why
            orders.append((name, change, why))
        tried += bool(orders)
    return fills, equity, tried


def assert_same(rule, seed, n, whole=False):
    index, x, y = random_bars(seed, n), asset("X", seed + 1_000, n), asset("Y", seed + 2_000, n)
    done = Done(rule, index, (x, y), whole_shares=whole)
    fund = done.lab.datas[1]
    prices = {bars.name: (bars.open.tolist(), bars.close.tolist()) for bars in (x, y, index)}
    prices["BEAR"] = (list(fund.open.array), list(fund.close.array))
    multiples = {"BEAR": -3.0, "X": 1.0, "Y": 1.0, "TEST": 1.0}
    fills, equity, tried = by_hand(rule, prices, index.sessions, multiples, whole)
    assert [(f[0], f[1], f[4]) for f in done.fills] == [(f[0], f[1], f[4]) for f in fills]
    # A small trade is the difference of two positions of hundreds of shares.
    np.testing.assert_allclose([f[2:4] for f in done.fills], [f[2:4] for f in fills], rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(done.equity, equity, rtol=1e-9)
    assert sum(done.rebalances.values()) == tried
    return done


def wandering(seed, n, choices, change=0.06):
    """Weights that stay for a while and then jump to another of the choices."""
    rng = np.random.default_rng(seed)
    out = [rng.choice(choices)]
    for _ in range(n - 1):
        out.append(rng.choice(choices) if rng.random() < change else out[-1])
    return [float(w) for w in out]


PLANS = {
    "never": AllocationPlan(),
    **{s: AllocationPlan(schedule=s) for s in ("daily", "weekly", "monthly", "quarterly", "yearly")},
    "band": AllocationPlan(band=0.02),
    "exposure": AllocationPlan(exposure_band=0.05),
    "all": AllocationPlan(schedule="monthly", band=0.04, exposure_band=0.1),
}


# At times more than all is wanted, and cash sets the bound; or some of it short, well within any margin.
CASH_SHORT = {"X": [0.0, 0.4, 0.8], "BEAR": [0.2, 0.35], "Y": [0.0, 0.15, 0.3, NAN]}
BOTH_SIDES = {"X": [0.0, 0.3, 0.4], "BEAR": [0.1, 0.2, -0.1], "Y": [0.0, 0.1, -0.15, NAN]}


@pytest.mark.parametrize("whole", [False, True], ids=["fractions", "whole"])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_orders_fills_and_equity_are_those_of_a_plain_loop(plan, whole):
    n, reasons = 400, set()
    for seed, choices in ((0, CASH_SHORT), (2, BOTH_SIDES)):
        weights = {name: wandering(seed + i, n, w, 0.04) for i, (name, w) in enumerate(choices.items())}
        rng = np.random.default_rng(seed)
        states = {name: (rng.random(n) < 0.3).tolist() for name in ("first", "second")}
        done = assert_same(Given(weights, plan, states), seed, n, whole)
        reasons |= {fill[4] for fill in done.fills}
    assert {"first", "second", "entry", "no longer wanted", "reversed", "target"} <= reasons
    causes = {"schedule"} if plan.schedule != "never" else set()
    causes |= {"band"} if plan.band else set()
    causes |= {"exposure band"} if plan.exposure_band and not plan.band else set()
    assert reasons & {"schedule", "band", "exposure band"} >= causes


@given(
    seed=st.integers(0, 10**6),
    plan=st.builds(
        AllocationPlan,
        schedule=st.sampled_from(["never", "daily", "weekly", "monthly", "quarterly", "yearly"]),
        band=st.none() | st.floats(0.001, 0.5),
        exposure_band=st.none() | st.floats(0.001, 0.5),
    ),
    choices=st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.2, NAN]), min_size=1, max_size=4)
    | st.lists(st.sampled_from([0.0, 0.05, 0.15, -0.05, -0.1, NAN]), min_size=1, max_size=4),
    whole=st.booleans(),
)
@settings(max_examples=settings().max_examples // 3, deadline=None)
def test_so_for_any_plan_and_weights_cash_short_or_not(seed, plan, choices, whole):
    names = ("TEST", "Y", "BEAR") if seed % 2 else ("X", "BEAR")
    weights = {name: wandering(seed + i, 90, choices) for i, name in enumerate(names)}
    assert_same(Given(weights, plan), seed, 90, whole)


# -- when the schedule trades ---------------------------------------------------------------------------


def flat(n, value=100.0, start="2020-01-06"):
    return flat_bars([value + 0.5 * (i % 2) for i in range(n)], start=start)


@pytest.mark.parametrize(
    ("schedule", "decided"),
    [  # first sessions of 2020 on weekdays alone, read off a calendar; the first close is one of each
        ("weekly", ["2020-01-08", "2020-01-13", "2020-01-20", "2020-01-27", "2020-02-03"]),
        ("monthly", ["2020-01-08", "2020-02-03", "2020-03-02", "2020-04-01", "2020-05-01"]),
        ("quarterly", ["2020-01-08", "2020-04-01", "2020-07-01", "2020-10-01", "2021-01-01"]),
        ("yearly", ["2020-01-08", "2021-01-01", "2022-01-03"]),
    ],
)
def test_the_schedule_trades_on_the_first_close_of_each_new_period(schedule, decided):
    bars = flat(600, start="2020-01-08")
    done = Done(Given({"TEST": [0.5] * 600}, AllocationPlan(schedule=schedule)), bars)
    nights = bars.sessions[[bar - 1 for bar, *_ in done.fills]].astype(str).tolist()
    assert nights[: len(decided)] == decided
    assert [fill[4] for fill in done.fills[:3]] == ["entry", "schedule", "schedule"]


def test_intraday_the_schedule_trades_on_the_first_bar_of_the_day():
    stamps = [
        np.datetime64(day, "m") + np.timedelta64(minutes, "m")
        for day in ("2020-01-06", "2020-01-07", "2020-01-08")
        for minutes in (600, 660, 720, 780)
    ]
    closes = np.array([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111.0])
    bars = Bars("TEST", "TEST", np.array(stamps), closes, closes, closes, closes, np.ones(12))
    daily = Done(Given({"TEST": [0.5] * 12}, AllocationPlan(schedule="daily")), bars)
    assert [fill[0] for fill in daily.fills] == [1, 5, 9]  # each decided on the bar before
    weekly = Done(Given({"TEST": [0.5] * 12}, AllocationPlan(schedule="weekly")), bars)
    assert [fill[0] for fill in weekly.fills] == [1]


def test_a_schedule_with_nothing_to_trade_is_no_rebalance():
    bars = make_bars([(100.0,) * 4] * 20)
    done = Done(
        Given({"TEST": [0.5] * 20}, AllocationPlan(schedule="daily")), bars, costs=Costs(), short_rate=0
    )
    assert (len(done.fills), done.rebalances) == (1, {"target": 1})


# -- bands, by hand ---------------------------------------------------------------------------------------


def test_a_band_is_in_shares_of_equity():
    # Half of it in at 100: after +20 % the weight is 60 / 110 = 54.5 %, after +25 % 62.5 / 112.5 = 55.6 %.
    bars = flat_bars([100.0, 100.0, 120.0, 125.0, 125.0])
    done = Done(Given({"TEST": [0.5] * 5}, AllocationPlan(band=0.05)), bars, costs=Costs(), short_rate=0)
    assert [(fill[0], fill[4]) for fill in done.fills] == [(1, "entry"), (4, "band")]
    assert done.fills[1][3] == pytest.approx(0.5 * 112_500 / 125 - 500)


def test_an_exposure_band_counts_a_3x_fund_three_times_and_lets_opposites_cancel():
    # The index falls by 4 %, its −3x fund gains 12 %. 60 % and 20 %: 57.6 / 100 and 22.4 / 100 of equity
    # that has not moved; net exposure was 0.6 − 0.6 = 0 and is 0.576 − 0.672 = −0.096.
    bars = flat_bars([100.0, 100.0, 96.0, 96.0])
    weights = {"TEST": [0.6] * 4, "BEAR": [0.2] * 4}
    for band, traded in ((0.095, True), (0.097, False)):
        plan = AllocationPlan(exposure_band=band)
        done = Done(Given(weights, plan), bars, costs=Costs(), short_rate=0)
        assert [fill[4] for fill in done.fills[2:]] == (["exposure band"] * 2 if traded else [])
    weights = Done(Given(weights, AllocationPlan(band=0.0245)), bars, costs=Costs(), short_rate=0)
    assert len(weights.fills) == 2  # 2.4 % and 2.4 %


# -- what cannot be held ----------------------------------------------------------------------------------


def test_weights_that_are_not_known_leave_everything_as_it_is():
    bars = random_bars(5, 60)
    weights = [NAN] * 10 + [0.5] * 10 + [NAN] * 20 + [0.0] * 20
    done = Done(Given({"TEST": weights}, AllocationPlan(schedule="daily", band=0.001)), bars)
    assert done.fills[0][0] == 11
    assert not [fill for fill in done.fills if 20 < fill[0] < 41]
    assert done.fills[-1][0] == 41
    assert done.fills[-1][4] == "no longer wanted"


def test_a_whole_share_that_cannot_be_bought_is_said_once_and_never_ordered():
    plan = AllocationPlan(schedule="daily", band=0.01)
    done = Done(Given({"TEST": [0.5] * 30}, plan), flat(30), cash=150.0, whole_shares=True)
    assert done.fills == []
    assert done.rebalances == {}
    said = "2020-01-06: 50% of 150.00 is not one whole share of TEST at 100.00: none is held while that is so"
    assert done.notes == [said]
    assert not done.lab.broker.notes


WIPE_OUT = [(100.0,) * 4] * 3 + [(100.0, 140.0, 100.0, 140.0)] + [(140.0,) * 4] * 6


@pytest.mark.parametrize("weight", [0.5, -0.2])
def test_a_wiped_out_fund_leaves_the_book_for_nothing_and_is_never_wanted_again(weight):
    plan = AllocationPlan(schedule="daily", band=0.01)
    rule = Given({"BEAR": [weight] * 10, "TEST": [0.2] * 10}, plan)
    done = Done(rule, make_bars(WIPE_OUT), costs=Costs(), short_rate=0)
    bear = [fill for fill in done.fills if fill[1] == "BEAR"]
    assert [(fill[0], fill[2]) for fill in bear] == [(1, 100.0), (4, 0.0)]
    assert bear[1][4] == "wiped out"
    assert done.equity[-1] == pytest.approx(100_000 * (1 - weight + 0.2 * 0.4))
    assert done.notes == [f"2020-01-09: BEAR is wiped out: its weight of {weight:g} stays empty"]
    assert [t.exit_reason for t in done.trades] == ["wiped out", "open at end"]


def test_a_loss_beyond_the_stake_ends_the_trading():
    # Short twice the money: 200 becomes 400 at the double.
    bars = flat_bars([100.0, 100.0, 200.0, 200.0, 200.0, 200.0])
    plan = AllocationPlan(schedule="daily")
    done = Done(Given({"TEST": [-1.9] * 6}, plan), bars, costs=Costs(), short_rate=0)
    assert done.equity[-1] == pytest.approx(100_000 * (1 - 1.9))
    assert [(fill[0], fill[3]) for fill in done.fills] == [(1, -1900), (3, 1900)]  # bought in by the broker
    assert done.fills[0][4] == "entry"


def test_a_bar_without_a_price_trades_nothing_in_it_and_keeps_its_value():
    """`Bars` refuses such a bar; a feed of another make may have one."""

    class Gap(BarsFeed):
        def _columns(self):
            columns = super()._columns()
            for i in range(1, 5):
                columns[i] = np.array(columns[i])
                columns[i][5] = NAN
            return columns

    lab = Lab(LabBroker(cash=100_000.0))
    lab.adddata(BarsFeed(dataname=flat(12)))
    lab.adddata(Gap(dataname=asset("X", 3, 12)))
    plan = AllocationPlan(schedule="daily")
    lab.addstrategy(AllocationStrategy, rule=Given({"TEST": [0.4] * 12, "X": [0.4] * 12}, plan))
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(Orders)
    log, orders = lab.run()[0].analyzers
    assert np.isfinite(log.equity).all()
    assert [fill[0] for fill in orders.fills if fill[1] == "X"] == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    # While an order waits for its price nothing more is decided.
    assert [fill[0] for fill in orders.fills if fill[1] == "TEST"] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]


# -- filters and what a rule must give ---------------------------------------------------------------------


class OpenOn(Filter):
    """Open on given bars."""

    name = "open_on"
    summary = "for tests"

    def __init__(self, bars):
        super().__init__()
        self.bars = bars

    def open(self, market):
        return np.isin(np.arange(len(market)), self.bars)

    def describe(self):
        return "a given bar"


def test_behind_a_closed_filter_there_is_nothing_or_what_the_rule_rests_in():
    gate = {"gate": OpenOn(range(5, 8))}
    weights = {"TEST": [NAN] * 3 + [0.5] * 9}
    done = Done(Given(weights, filters=gate), flat(12))
    assert [(fill[0], fill[4]) for fill in done.fills] == [(6, "entry"), (9, "filter gate closed")]
    done = Done(Given(weights, filters=gate, rest={"TEST": 0.1}), flat(12))
    assert [(fill[0], fill[4]) for fill in done.fills] == [
        (4, "filter gate closed")
    ]  # 0.1, after its warm-up
    assert done.fills[0][3] == pytest.approx(0.1 * 100_000 / 100.5, rel=1e-3)


def test_the_first_state_that_holds_is_the_reason():
    states = {"calm": [True] * 4 + [False] * 8, "wild": [False] * 2 + [True] * 8 + [False] * 2}
    weights = [0.5] * 3 + [0.0] * 2 + [0.3] * 2 + [-0.3] * 3 + [0.2] * 2
    done = Done(Given({"TEST": weights}, states=states), flat(12))
    assert [fill[4] for fill in done.fills] == ["calm", "calm", "wild", "wild", "reversed"]
    assert [trade.exit_reason for trade in done.trades] == ["calm", "wild", "reversed", "open at end"]


class Wrong(Given):
    """Gives whatever it is told to."""

    def __init__(self, gives, instruments=("TEST",), rest=None, filters=None):
        super().__init__({}, instruments=instruments, rest=rest, filters=filters)
        self.names, self.gives = instruments, gives

    def targets(self, market):
        return self.gives(len(market))


def halves(n):
    return np.full(n, 0.5)


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        (lambda n: Targets({"BEAR": halves(n)}), "gives weights for BEAR, but its instruments are TEST"),
        (lambda n: Targets({}), "gives weights for nothing, but its instruments are TEST"),
        (lambda n: Targets({"TEST": halves(3)}), r"weights 'TEST' has shape \(3,\), there are 5 bars"),
        (lambda n: Targets({"TEST": 0.5}), "weights 'TEST' is a float, not an array"),
        (lambda n: Targets({"TEST": halves(n) + 10}), "weight 10.5 of TEST is beyond ±10 × equity"),
        (lambda n: Targets({"TEST": halves(n) * -30}), "weight -15 of TEST is beyond ±10 × equity"),
        (lambda n: Targets({"TEST": np.full(n, np.inf)}), "weight inf of TEST is beyond"),
        (
            lambda n: Targets({"TEST": np.full(n, "x")}),
            "weights 'TEST' holds <U1 values, it must hold numbers",
        ),
        (
            lambda n: Targets({"TEST": halves(n)}, {"s": np.zeros(n, int)}),
            "'s' holds int64 values, it must hold true",
        ),
        (lambda n: Targets(halves(n)), "weights is a ndarray; it must be a dict of names and arrays"),
        (lambda n: {"TEST": halves(n)}, "targets gives a dict, it must give Targets"),
        (lambda n: None, "targets gives a NoneType, it must give Targets"),
    ],
)
def test_what_is_no_target_is_named(gives, says):
    with pytest.raises(SpecError, match=f"rule given: .*{says}|rule given {says}"):
        Done(Wrong(gives), flat(5))


def test_a_rule_without_instruments_or_with_unknown_ones_or_strange_rest_is_refused():
    with pytest.raises(SpecError, match="rule given has no instruments"):
        Done(Wrong(lambda n: Targets({}), ()), flat(5))
    with pytest.raises(SpecError, match="the rule trades NVDA, but the feeds are TEST, BEAR"):
        Done(Given({"NVDA": [0.5] * 5}), flat(5))
    for rest, says in (
        ({"BEAR": 0.1}, "rests in BEAR, but"),
        ({"TEST": 11.0}, "weight 11 of TEST is beyond"),
    ):
        rule = Wrong(lambda n: Targets({"TEST": halves(n)}), rest=rest, filters={"gate": OpenOn([4])})
        with pytest.raises(SpecError, match=says):
            Done(rule, flat(5))
    with pytest.raises(SpecError, match="needs an AllocationRule, got int"):
        Done(3, flat(5))


@pytest.mark.parametrize(
    "wrong", [{"band": 0}, {"band": 11}, {"schedule": "hourly"}, {"exposure_band": -1}, {"bnd": 1}]
)
def test_a_plan_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        AllocationPlan(**wrong)


# -- look-ahead ---------------------------------------------------------------------------------------------


class Trendy(Given):
    """Holds more of the index the higher it stands over its close of ten bars ago; short below it."""

    ahead = 0  # bars it looks into the future

    def __init__(self, plan=None):
        super().__init__({"TEST": [], "BEAR": []}, plan)

    def targets(self, market):
        close = market.index.close
        over = np.full(len(close), NAN)
        over[10:] = close[10:] / close[:-10] - 1
        if self.ahead:
            over[: -self.ahead] = over[self.ahead :].copy()
        return Targets({"TEST": np.clip(5 * over, -0.3, 0.8), "BEAR": np.where(over > 0.1, 0.1, 0.0 * over)})


ALL = AllocationPlan(schedule="weekly", band=0.05, exposure_band=0.2)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_and_every_cut_gives_the_same_run(mode):
    bars = random_bars(77, 250)
    whole = Done(Trendy(ALL), bars)
    same = Done(Trendy(ALL), bars, mode=mode)
    assert len(whole.fills) > 60
    assert same.fills == whole.fills
    np.testing.assert_array_equal(same.equity, whole.equity)
    for n in (12, 100, 249):
        cut = Done(Trendy(ALL), bars.between(None, bars.sessions[n - 1]), mode=mode)
        assert cut.fills == [fill for fill in whole.fills if fill[0] < n]
        np.testing.assert_array_equal(cut.equity, whole.equity[:n])


def test_a_rule_that_looks_ahead_is_found_out():
    class Peeking(Trendy):
        ahead = 1

    bars = random_bars(77, 120)
    runs = [Done(Peeking(ALL), bars, mode=mode) for mode in MODES]
    assert runs[0].equity[-1] != runs[1].equity[-1]
    assert runs[1].equity[-1] == runs[2].equity[-1]
