"""Where two amounts may be equal, rounding must not decide: both engines do the same, and what is stated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs, Margin
from engine.kernel.cells import run_trade_plan
from engine.kernel.stage import Terms
from engine.kernel.trade_signals import TradeSignals
from letf_instruments.sizes import SMALLEST_TRADE
from letf_instruments.splits import Ratio, SplitPolicy
from strategies import AllocationPlan, RuleParams, Signals, TradePlan, TradeRule
from tests.conftest import make_bars
from tests.engine.kernel.parity import assert_same, both, lab_of, run_events
from tests.engine.kernel.rig import reference
from tests.engine.kernel.test_weights import Given, fund, hold, measured, stage_from

STEPS = [-0.25, -0.125, 0.0, 0.0, 0.0, 0.125, 0.25]  # of a dollar, so that prices are exact in binary
AT_A_LIMIT = [-2.0, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 2.0]


class Often(SplitPolicy):
    """Splits 2:1 and back, every few sessions."""

    def begin(self):
        seen = 0

        def decide(before, day, close):
            nonlocal seen
            seen += 1
            if seen % 7:
                return Ratio(1, 1)
            return Ratio(1, 2) if seen % 2 else Ratio(2, 1)

        return decide


def repeating(seed, n):
    """Bars of few different prices, in quarters of a dollar, that often stand still."""
    rng = np.random.default_rng(seed)
    close = np.maximum(4.0 + np.cumsum(rng.choice(STEPS, n)) * 2, 0.5)
    opened = np.where(rng.random(n) < 0.7, np.concatenate(([4.0], close[:-1])), close)
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return make_bars(list(zip(opened, high, low, close, strict=True)), name="TEST")


@given(
    seed=st.integers(0, 10**6),
    names=st.sampled_from([("TEST",), ("TEST", "BEAR"), ("X1", "TEST"), ("BEAR",)]),
    choices=st.lists(st.sampled_from(AT_A_LIMIT), min_size=1, max_size=3),
    change=st.sampled_from([0.0, 0.1, 0.5]),
    plan=st.builds(
        AllocationPlan,
        schedule=st.sampled_from(["never", "daily", "weekly"]),
        band=st.sampled_from([None, 0.0625, 0.125, 0.25]),
        exposure_band=st.sampled_from([None, 0.125]),
    ),
    cash=st.sampled_from([64.0, 100.0, 1024.0]),
    whole=st.booleans(),
    split=st.booleans(),
    margins=st.sampled_from([(0.5, 0.5, 0.5), (1.0, 1.0, 1.0), (0.25, 0.25, 0.25), (0.5, 0.3, 0.25)]),
    costs=st.sampled_from([Costs(), Costs(half_spread_bps=5.0), Costs(half_spread_cents=25.0)]),
)
@settings(deadline=None)
def test_both_engines_agree_where_ties_are_likely(
    seed, names, choices, change, plan, cash, whole, split, margins, costs
):
    n, rng = 80, np.random.default_rng(seed)
    policy = Often() if split else "none"
    makers = [fund(1, "X1", policy, 4.0), fund(-3, "BEAR", policy, 4.0)]
    initial, maintenance, long_maintenance = margins
    lab = lab_of(
        repeating(seed, n),
        makers,
        cash=cash,
        whole_shares=whole,
        short_rate=0.0,
        initial_margin=initial,
        maintenance_margin=maintenance,
        long_maintenance_margin=long_maintenance,
        costs=costs,
    )
    weights = {}
    for name in names:
        moved = rng.random(n) < change
        drawn = rng.choice(choices, n)
        moved[0] = True
        weights[name] = drawn[np.maximum.accumulate(np.where(moved, np.arange(n), 0))].tolist()
    assert_same(*both(lab, Given(weights, plan)))


# -- a margin call at the very requirement --------------------------------------------------------------


@pytest.mark.parametrize(("close", "called"), [(160.0, False), (160.01, True), (159.99, False)])
def test_a_short_that_equity_carries_to_the_cent_is_kept(close, called):
    # 1,000 sold at 100 with 100,000 of one's own: at 160, equity of 40,000 is 25 % of 160,000.
    stage = stage_from([100, 100, close, close], [100, 100, close, close])
    fills, _ = hold(stage, -1.0, margin=Margin(maintenance_short=0.25))
    assert ("margin call" in [f[3] for f in fills]) is called


def test_the_requirement_is_met_when_rounding_alone_is_missing():
    needed = 0.3 * 0.1 * 7
    assert not Margin.is_breached(needed * (1 - 1e-15), needed)
    assert not Margin.is_breached(needed * (1 - 0.9e-9), needed)
    assert Margin.is_breached(needed * (1 - 1.1e-9), needed)


# -- the smallest trade -----------------------------------------------------------------------------------


def closes_at(last):
    return make_bars([(c, c, c, c) for c in [100.0, 100.0, last, last, last]], name="TEST")


@pytest.mark.parametrize(("rise", "trades"), [(4.1e-6, 2), (3.9e-6, 1), (0.0, 1)])
def test_what_is_less_than_a_millionth_of_equity_is_not_traded_back(rise, trades):
    # Half of it in TEST: after a rise r the weight is off by r / 4 of equity, 1.025 and .975 millionths.
    assert SMALLEST_TRADE == 1e-6
    bars = closes_at(100.0 * (1 + rise))
    lab = lab_of(bars, cash=100_000.0)
    rule = Given({"TEST": [0.5] * 5}, AllocationPlan(schedule="daily"))
    (fills, equity, numbers), run = both(lab, rule)
    assert len(fills) == len(run.fills) == trades
    assert_same((fills, equity, numbers), run)
    assert measured(run, "trades") == 1


def test_a_weight_below_a_millionth_is_not_held_and_one_that_falls_below_it_is_sold_out():
    tiny = Given({"TEST": [9e-7] * 5})
    (fills, *_), run = both(lab_of(closes_at(100.0), cash=100_000.0), tiny)
    assert fills == run.fills == []
    falling = Given({"TEST": [0.5, 0.5, 9e-7, 9e-7, 9e-7]})
    (fills, *_), run = both(lab_of(closes_at(100.0), cash=100_000.0), falling)
    assert [(f.size, f.reason) for f in fills] == [(500.0, "entry"), (-500.0, "no longer wanted")]
    assert [(f.size, f.reason) for f in run.fills] == [(f.size, f.reason) for f in fills]


def test_of_an_order_that_cash_cuts_less_than_a_millionth_is_not_filled():
    # All but .05 of 100,000 goes into BULL; what X1 then asks for, cash carries half a millionth of.
    weights = {"X1": [1.0 - 5e-7] * 5, "TEST": [0.0, 0.0, 0.5, 0.5, 0.5]}
    (fills, *_), run = both(lab_of(closes_at(100.0), [fund(1, "X1")], cash=100_000.0), Given(weights))
    assert [f.instrument for f in fills] == [f.instrument for f in run.fills] == ["X1"]


def test_a_target_of_whole_shares_is_not_one_less_by_rounding():
    # .07 of 10,000 at 7 dollars are 100 shares, and 700.0000000000001 / 7 or 699.9999999999999 / 7 in binary.
    bars = make_bars([(7.0,) * 4] * 4, name="TEST")
    for weight in (0.07, 0.7, 0.56, 0.14, 0.49):
        lab = lab_of(bars, cash=10_000.0, whole_shares=True)
        fills, *_ = run_events(lab, Given({"TEST": [weight] * 4}))
        assert fills[0].size == round(weight * 10_000 / 7), weight


# -- a level that the bar only just touches -------------------------------------------------------------


class Levels(TradeRule):
    """Enters on the first close, with a floor at 90 and a ceiling at 110."""

    name, summary = "levels", "fixed levels"
    Params = RuleParams
    default_instrument = "index"

    def signals(self, market):
        n = len(market)
        return Signals(
            entry={"now": np.arange(n) == 0},
            exit={},
            levels={"floor": np.full(n, 90.0), "ceiling": np.full(n, 110.0)},
        )


TOUCHED = {
    "target within the bar": ((100, 110, 99, 105), 110.0, "target"),
    "target at the open": ((110, 112, 109, 111), 110.0, "target"),
    "no target": ((100, 109.75, 99, 105), None, None),
    "stop within the bar": ((100, 101, 90, 95), 90.0, "stop"),
    "stop at the open": ((90, 92, 89, 91), 90.0, "stop"),
    "no stop": ((100, 101, 90.25, 95), None, None),
}


@pytest.mark.parametrize("placed", [{}, {"entry": "limit", "limit": 0.0}, {"fill": "close"}])
@pytest.mark.parametrize("touched", TOUCHED)
def test_a_stop_or_target_that_the_bar_just_touches_is_filled(placed, touched):
    bar, price, reason = TOUCHED[touched]
    flat = (100.0,) * 4
    rule = Levels(None, TradePlan(stop="floor", target="ceiling", fraction=0.5, **placed))
    there = reference(make_bars([flat, flat, flat, bar, (100,) * 4], name="IDX"), rule, [], Costs(), Terms())
    signals = TradeSignals.of(rule, there.market)
    here = run_trade_plan(there.stage, signals, "index", rule.plan, Costs(), Terms())
    left = [] if price is None else [(3, price, reason)]
    for fills in (there.fills, here.fills):
        assert [(f.bar, f.price, f.reason) for f in fills] == [(1, 100.0, "entry"), *left]
