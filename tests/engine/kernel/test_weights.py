"""Target weights in the compiled loop: order by order what the broker does, and by hand."""

import datetime
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import Costs, Lab
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Instrument, Stage, Terms
from engine.kernel.weight_cells import (
    SCHEDULES,
    WeightSignals,
    run_weight_plan,
    run_weight_plans,
    schedule_due,
)
from feeds.backtrader_feeds import FundFeed
from feeds.bars import Bars
from letf_instruments import SpecError
from letf_instruments.splits import IssuerSplits
from runs.backtest.fund_feeds import funds_of, run_feeds
from runs.backtest.setting import load_setting
from runs.specs.money import broker_of
from runs.specs.reading import load_spec
from runs.sweeps.engines.stage import make_scene, terms_of
from strategies import AllocationPlan
from strategies.plans.allocation_plan import ON_LAST
from tests.engine.kernel.parity import assert_same, both, lab_of, run_events, stage_of
from tests.strategies.plans.test_allocation_plan import Given, wandering

NAN = math.nan
NIGHT = 0.05 / 360
EAGER = IssuerSplits(low=60.0, high=160.0, target=100.0, sessions=1, notice=1)


def wild_bars(name, rng, n, swing, bars_a_day=1, volume=1e6):
    """Bars that gap, pay a dividend at times, and now and then jump by a third and more, which wipes out 3x
    funds."""
    steps = swing * rng.standard_normal(n)
    jumps = rng.random(n) < 0.15 * swing
    steps[jumps] += rng.choice([-0.45, 0.3, 0.5], jumps.sum())
    close = 100.0 * np.exp(np.cumsum(steps))
    before = np.concatenate(([100.0], close[:-1]))
    opened = before * np.exp(steps * rng.random(n) + 0.3 * swing * rng.standard_normal(n))
    high, low = np.maximum(opened, close) * 1.01, np.minimum(opened, close) * 0.99
    day = np.busday_offset(np.datetime64("2019-12-02"), np.arange(n) // bars_a_day).astype("datetime64[m]")
    stamps = day + (np.arange(n) % bars_a_day * 60 + 600 * (bars_a_day > 1)).astype("timedelta64[m]")
    traded = volume * rng.random(n) * (rng.random(n) < 0.9)
    paid = np.where((rng.random(n) < 0.05) & (np.arange(n) % bars_a_day == 0), 0.04 * before, 0.0)
    return Bars(name, name, stamps, opened, high, low, close, traded, dividends=paid)


def fund(multiple, name, splits="none", price=100.0):
    return lambda index: FundFeed(
        dataname=index, fund=multiple, name=name, splits=splits, initial_nav=price, short_rate=0.02
    )


LONG_ONLY = [0.0, 0.3, 0.5, 0.9, 1.0]
CHOICES = st.sampled_from(
    [
        LONG_ONLY,
        [0.0, 0.5, 1.3, 3.0],  # more than cash pays for
        [-0.5, 0.0, 0.5],
        [-1.0, -0.3, 0.2, 0.8],
        [-3.0, 0.1, 2.0],  # beyond any margin
        [-0.2, -0.25, NAN],
        [0.4],
        [-0.4],
    ]
)
PLANS = st.builds(
    AllocationPlan,
    schedule=st.sampled_from(["never", "daily", "weekly", "monthly", "quarterly", "yearly"]),
    band=st.none() | st.floats(0.001, 0.3),
    exposure_band=st.none() | st.floats(0.001, 0.5),
    fill=st.sampled_from(["open", "open", "close", "same-close"]),
) | st.builds(
    AllocationPlan,
    every=st.sampled_from([1, 3, 10]),
    fill=st.sampled_from(["open", "close", "same-close"]),
)
COSTS = st.builds(
    Costs,
    commission_bps=st.sampled_from([0.0, 1.75, 50.0]),
    commission_per_share=st.sampled_from([0.0, 0.0035]),
    commission_per_trade=st.sampled_from([0.0, 1.0]),
    commission_minimum=st.sampled_from([0.0, 0.35, 5.0]),
    half_spread_bps=st.sampled_from([0.0, 5.0]),
    half_spread_cents=st.sampled_from([0.0, 0.5, 30.0]),
    slippage_bps=st.sampled_from([0.0, 2.0]),
    impact_bps=st.sampled_from([0.0, 30.0]),
)
ACCOUNTS = st.fixed_dictionaries(
    {
        "cash": st.sampled_from([1_000.0, 100_000.0]),
        "whole_shares": st.booleans(),
        "short_rate": st.sampled_from([0.0, 0.03, -0.01]),
        "cash_spread": st.sampled_from([0.0, 0.01]),
        "debt_spread": st.sampled_from([0.0, 0.02]),
        "borrow_fee": st.sampled_from([0.0, 0.3]),
        "recall_rate": st.sampled_from([0.0, 0.0, 20.0]),
        "seed": st.integers(0, 3),
        "initial_margin": st.sampled_from([0.5, 0.05]),
        "maintenance_margin": st.sampled_from([0.3, 0.05]),
        "long_maintenance_margin": st.sampled_from([0.25, 0.0]),
    }
)


@given(
    seed=st.integers(0, 10**6),
    swing=st.sampled_from([0.01, 0.03, 0.1]),
    bars_a_day=st.sampled_from([1, 1, 3]),
    split=st.booleans(),
    names=st.sampled_from(
        [("BEAR",), ("TEST",), ("BULL", "BEAR"), ("X", "BEAR", "TEST"), ("BULL", "X", "index"), ("X", "BULL")]
    ),
    choices=CHOICES,
    change=st.sampled_from([0.02, 0.15, 0.6]),
    plan=PLANS,
    costs=COSTS,
    account=ACCOUNTS,
)
@settings(deadline=None)
def test_orders_fills_equity_and_metrics_are_the_brokers(
    seed, swing, bars_a_day, split, names, choices, change, plan, costs, account
):
    assume(bars_a_day == 1 or plan.fill != "close")  # which asks for daily bars
    n, rng = 120, np.random.default_rng(seed)
    index, x = (wild_bars(name, rng, n, swing, bars_a_day) for name in ("TEST", "X"))
    policy = EAGER if split else "none"
    funds = [fund(3, "BULL", policy, 80.0), fund(-3, "BEAR", policy)]
    lab = lab_of(index, funds, [x], costs=costs, **account)
    weights = {name: wandering(seed + i, n, choices, change) for i, name in enumerate(names)}
    for w in weights.values():
        w[: seed % 5] = [NAN] * (seed % 5)
    states = {name: (rng.random(n) < 0.2).tolist() for name in ("first", "second")}
    assert_same(*both(lab, Given(weights, plan, states)))


# -- by hand --------------------------------------------------------------------------------------------


def stage_from(opens, closes, start="2020-01-06", rate=0.0, fee=0.0, volume=0.0, split=None, multiple=1.0):
    """A stage of one instrument, on days one after another."""
    n = len(closes)
    o, c = np.array(opens, dtype=float), np.array(closes, dtype=float)
    days = np.arange(n) + np.datetime64(start, "D").astype(np.int64)
    ratio = np.ones(n) if split is None else np.array(split, dtype=float)
    prices = (o, np.maximum(o, c), np.minimum(o, c), c, np.full(n, volume))
    it = Instrument("X", multiple, *prices, ratio, np.zeros(n))
    return Stage(days, np.full(n, rate), np.full(n, fee), c, {"X": it})


def hold(stage, weight, plan=None, costs=None, names=("X",), **terms):
    """Hold one weight throughout; fills as (bar, price, size, reason), then the account at each close."""
    n = len(stage)
    weights = np.array([np.broadcast_to(weight, n)] * len(names), dtype=float)
    signals = WeightSignals(names, weights, np.zeros(n, dtype=np.int64), ())
    run = run_weight_plan(stage, signals, plan or AllocationPlan(), costs or Costs(), Terms(**terms))
    return [(f.bar, f.price, f.size, f.reason) for f in run.fills], run


def measured(run, name):
    return run.metrics[MEASURES.index(name)]


def test_half_of_it_bought_at_the_next_open_and_marked_at_closes():
    fills, run = hold(
        stage_from([100, 100, 100], [100, 100, 110]), 0.5, costs=Costs(half_spread_bps=10), cash=100_000.0
    )
    assert fills == [(1, 100.0, 500.0, "entry")]
    # 10 bp of 50,000 are 50; the rise of 10 on 500 shares is 5,000.
    assert run.equity.tolist() == [100_000.0, 99_950.0, 104_950.0]
    assert measured(run, "costs_paid") == pytest.approx(50.0)
    assert measured(run, "exposure_gross") == pytest.approx((50_000 / 99_950 + 55_000 / 104_950) / 3)
    assert measured(run, "average_trade") == pytest.approx(4_950 / 50_050)


def test_a_band_trades_back_when_it_is_left_and_not_before():
    # 60 / 110 is 54.5 % after +20 %, 62.5 / 112.5 is 55.6 % after +25 %.
    stage = stage_from([100, 100, 120, 125, 125], [100, 100, 120, 125, 125])
    fills, _ = hold(stage, 0.5, AllocationPlan(band=0.05))
    assert fills[1:] == [(4, 125.0, pytest.approx(450.0 - 500.0), "band")]


def test_averages_over_trades_are_left_out_where_a_position_was_traded_back():
    stage = stage_from([100, 100, 120, 125, 125], [100, 100, 120, 125, 125])
    names = ("win_rate", "profit_factor", "average_trade", "average_bars_held")
    _, kept = hold(stage, 0.5)
    # 500 bought at 100 and marked at 125; nothing was lost.
    assert [measured(kept, name) for name in names] == pytest.approx([1.0, NAN, 0.25, 3.0], nan_ok=True)
    _, shifted = hold(stage, 0.5, AllocationPlan(band=0.05))
    assert [measured(shifted, name) for name in names] == pytest.approx([NAN] * 4, nan_ok=True)
    assert measured(shifted, "trades") == 1


def test_a_short_that_equity_does_not_carry_is_bought_in_at_the_next_open():
    # 1,000 sold at 100. At 160 equity is 200,000 - 160,000 = 40,000, and 30 % of 160,000 are 48,000.
    stage = stage_from([100, 100, 150, 170, 170], [100, 100, 160, 170, 170])
    fills, run = hold(stage, -1.0)
    assert fills == [
        (1, 100.0, -1000.0, "entry"),
        (3, 170.0, 1000.0, "margin call"),
        (4, 170.0, pytest.approx(-30_000 / 170), "entry"),
    ]
    assert run.equity.tolist() == pytest.approx([100_000, 100_000, 40_000, 30_000, 30_000])


def test_a_ruined_account_is_closed_and_stands_still():
    stage = stage_from([100, 100, 150, 240, 100], [100, 100, 250, 90, 50], rate=0.05)
    fills, run = hold(stage, -1.0)
    assert fills == [(1, 100.0, pytest.approx(-1000.0), "entry"), (3, 240.0, pytest.approx(1000.0), "ruin")]
    # Two nights on the stake, none on the proceeds; then the short is worth more than all cash.
    interest = 100_000 * NIGHT + 100_000 * (1 + NIGHT) * NIGHT
    assert run.equity[3] == pytest.approx(200_000 + interest - 240_000)
    assert run.equity[4] == run.equity[3]
    assert math.isnan(measured(run, "sharpe"))


def test_proceeds_of_a_short_earn_nothing_and_the_short_pays_its_fee():
    stage = stage_from([100] * 4, [100] * 4, rate=0.036, fee=0.36)
    _, run = hold(stage, -0.5)
    # 0.0001 a night on 100,000 of idle cash, 0.001 on the short's 50,000. One night in cash alone.
    first = 100_000 * 1e-4
    second = 100_000 + first
    assert run.equity[1] == pytest.approx(second)
    assert run.equity[2] == pytest.approx(second * 1.0001 - 50)
    assert measured(run, "costs_paid") == pytest.approx(100.0)
    # The short of 50,000 ties up the half that Regulation T asks beside its proceeds.
    assert measured(run, "average_trade") == pytest.approx(-100.0 / 25_000)


def test_a_certain_recall_buys_in_at_the_open_after_the_first_night():
    # 366 times a year on average: a night draws it with 1 - 1/e; seed 1 does in the first (tests of forced).
    stage = stage_from([100, 100, 100, 107], [100, 100, 100, 107])
    fills, _ = hold(stage, -0.5, recall_rate=366.0, seed=1)
    assert fills == [(1, 100.0, -500.0, "entry"), (3, 107.0, 500.0, "recall")]


def test_a_reverse_split_pays_out_what_is_left_of_a_share():
    # 1,005 shares at 9.95 become 100.5 at 99.5; the half is paid at the open of 100.
    stage = stage_from([9.95, 9.95, 100, 100], [9.95, 9.95, 100, 100], split=[1, 1, 0.1, 1])
    fills, run = hold(stage, 1.0, whole_shares=True, cash=10_000.0)
    assert fills == [(1, 9.95, 1005.0, "entry"), (2, 100.0, -0.5, "cash in lieu")]
    assert run.equity[3] == pytest.approx(10_000 - 1005 * 9.95 + 100.5 * 100)
    # It rebalances nothing: the trade has made 50.25 on the 9,999.75 that were in it.
    assert measured(run, "average_trade") == pytest.approx(50.25 / 9_999.75)


def test_an_order_that_waits_for_a_split_keeps_its_worth():
    # 1,005 shares at 9.95 are ordered, and are 100.5 new ones on the morning of the split: 100 whole ones.
    stage = stage_from([9.95, 99.5, 99.5], [9.95, 99.5, 99.5], split=[1, 0.1, 1])
    assert hold(stage, 1.0, whole_shares=True, cash=10_000.0)[0] == [(1, 99.5, 100.0, "entry")]
    assert hold(stage, 1.0, cash=9_950.0)[0] == [(1, 99.5, pytest.approx(100.0), "entry")]


def test_more_than_all_of_it_is_bought_only_as_far_as_cash_and_costs_go():
    # A purchase of 3 x 10,000 shrinks to what 10,000 pays for with 100 bp on top.
    fills, _ = hold(stage_from([100] * 3, [100] * 3), 3.0, costs=Costs(slippage_bps=100), cash=10_000.0)
    assert fills[0] == (1, 100.0, pytest.approx(10_000 / 101), "entry")


def test_a_fund_that_is_wiped_out_is_sold_for_nothing_and_not_bought_again():
    fills, run = hold(stage_from([100, 100, 50, 0, 0], [100, 100, 0, 0, 0]), 0.5)
    assert fills == [(1, 100.0, 500.0, "entry"), (3, 0.0, -500.0, "wiped out")]
    assert run.equity.tolist() == [100_000, 100_000, 50_000, 50_000, 50_000]
    assert measured(run, "max_drawdown") == pytest.approx(-0.5)


# -- volume, and what is not done -----------------------------------------------------------------------


@pytest.mark.parametrize(("volume", "done"), [(999.0, False), (1000.0, True), (0.0, True)])
def test_a_cell_ends_where_an_order_is_beyond_the_bars_volume(volume, done):
    # 500 shares are half of 1,000; a bar without volume sets no bound.
    stage = stage_from([100] * 3, [100] * 3, volume=volume)
    assert hold(stage, 0.5, costs=Costs(max_participation=0.5))[1].done is done


def test_what_cannot_be_done_is_said():
    stage = stage_from([100, 100, 100], [100, 100, 100])
    with pytest.raises(SpecError, match="X is named twice"):
        hold(stage, 0.5, names=("X", "index"))
    with pytest.raises(SpecError, match="the rule trades Y, but there are X"):
        hold(stage, 0.5, names=("Y",))
    with pytest.raises(SpecError, match="X has bars without a price"):
        hold(stage_from([100, NAN, 100], [100, NAN, 100]), 0.5)


# -- schedules, many cells, examples ---------------------------------------------------------------------


def test_a_schedule_is_due_on_the_first_close_of_a_period():
    first = datetime.date(2004, 12, 1)
    dates = [first + datetime.timedelta(days=i) for i in range(3_000) if i % 7 != 3]
    days = np.array(dates, dtype="datetime64[D]").astype(np.int64)
    keys = {
        "never": lambda day: True,
        "daily": lambda day: day,
        "weekly": lambda day: day.isocalendar()[:2],
        "monthly": lambda day: (day.year, day.month),
        "quarterly": lambda day: (day.year, (day.month + 2) // 3),
        "yearly": lambda day: day.year,
    }
    found = dict(zip(SCHEDULES, schedule_due(days), strict=True))
    assert set(keys) == set(found) - set(ON_LAST)
    for name in keys:
        row = found[name]
        periods = [keys[name](day) for day in dates]
        due = [True] + [a != b for a, b in itertools.pairwise(periods)]
        assert row.tolist() == (due if name != "never" else [False] * len(dates))


def test_many_cells_are_each_what_they_are_alone():
    rng = np.random.default_rng(0)
    lab = lab_of(wild_bars("TEST", rng, 300, 0.02), [fund(3, "BULL"), fund(-3, "BEAR")])
    rule = Given({"BULL": wandering(1, 300, [0.0, 0.5]), "BEAR": [0.2] * 300})
    run_events(lab, rule)
    market, stage = stage_of(lab)
    signals = WeightSignals.of(rule, market)
    plans = [AllocationPlan(schedule=s, band=b) for s in ("never", "weekly") for b in (None, 0.02, 0.1)]
    plans.append(AllocationPlan(exposure_band=0.05))
    costs = [*[Costs(slippage_bps=float(i)) for i in range(6)], Costs(max_participation=0.001, impact_bps=1)]
    found = run_weight_plans(stage, signals, plans, costs, Terms())
    assert found.done.all()  # funds have no volume
    for row, plan, cost in zip(found.metrics, plans, costs, strict=True):
        alone = run_weight_plan(stage, signals, plan, cost, Terms())
        np.testing.assert_array_equal(row, alone.metrics)
    assert len({row[0] for row in found.metrics}) == len(plans)


EXAMPLES = {
    "hold": (),
    "mix": (),
    "trend": (),
    "tree": (),
    "trend bear": ("rule.out=bear", "rule.target_volatility=0.4", "data.splits=issuer"),
    "hedge": (),
    "decay_harvest": (),
    "decay_harvest recalled": ("account.recall_rate=4", "account.whole_shares=true", "data.splits=issuer"),
    "event_window": (),
    "event_window hedged": ("rule.mode=hedged", "plan.schedule=weekly", "costs.commission_minimum=1"),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_on_nasdaq_are_the_same_in_both_engines(example):
    spec = load_spec(example.split()[0], list(EXAMPLES[example]))
    setting = load_setting(spec)
    rule = spec.make_rule()
    scene = make_scene(spec, setting, funds_of(setting, rule))
    lab = Lab(broker_of(spec.account, spec.costs, setting.rate, spec.data.seed, spec.options, setting.borrow))
    for feed in run_feeds(spec, setting, rule):
        lab.adddata(feed)
    reference = run_events(lab, rule, setting.events)
    signals = WeightSignals.of(rule, scene.market)
    terms = terms_of(spec.account, spec.data.seed)
    assert len(reference[0]) > 0
    assert_same(reference, run_weight_plan(scene.stage, signals, rule.plan, lab.broker.p.costs, terms))
