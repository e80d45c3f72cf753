"""The sums that a loop writes at marked sessions are those of the account's own curve, and change nothing."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import Costs
from engine.kernel.cells import run_trade_row, run_trade_rows
from engine.kernel.stage import Terms, cost_rows
from engine.kernel.step_cells import StepSignals, run_step_row, run_step_rows
from engine.kernel.trade_signals import TradeSignals
from engine.kernel.weight_cells import WeightSignals, plan_row, run_weight_row, run_weight_rows
from letf_instruments.sizes import NOTHING
from strategies import TradePlan
from strategies.account_rule import AccountPlan
from tests.engine.kernel import test_trades
from tests.engine.kernel.parity import lab_of, run_events, stage_of, terms_of
from tests.engine.kernel.rig import reference
from tests.engine.kernel.test_deposits import COSTS
from tests.engine.kernel.test_placed import TwoSides, orders, terms_from, terms_of_a_side
from tests.engine.kernel.test_steps import cases
from tests.engine.kernel.test_trades import drawn, plans
from tests.engine.kernel.test_weights import CHOICES, EAGER, PLANS, Given, fund, wild_bars
from tests.strategies.plans.test_allocation_plan import wandering

RATES = st.sampled_from([0.0, 0.03, -0.01])


def some_marks(stage, seed):
    """Some closes of sessions, the first and the last among them or not."""
    closes = np.flatnonzero(stage.last)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(closes, size=int(rng.integers(1, len(closes) + 1)), replace=False))


def assert_marked(stage, terms, recorded, rows_with, rows_without, marks):
    """Three cells alike: the numbers are those without marks, the sums those of the recorded account."""
    found, plain = rows_with(marks), rows_without()
    np.testing.assert_array_equal(found.metrics, plain.metrics)
    assert plain.marks.shape == (3, 2, 0)
    assume(recorded.done)
    at_close = recorded.equity[stage.last]
    worth = np.append(terms.cash, at_close)
    assume((worth > 100 * NOTHING * terms.cash).all())
    nights = np.diff(stage.days[stage.last], prepend=stage.days[0])
    rate = np.append(0.0, stage.rate[stage.last][:-1])
    excess = worth[1:] / worth[:-1] - 1.0 - rate * nights / 360
    sums = np.array([np.cumsum(excess), np.cumsum(excess**2)])
    expected = sums[:, np.searchsorted(np.flatnonzero(stage.last), marks)]
    for cell in range(3):
        np.testing.assert_allclose(found.marks[cell], expected, rtol=1e-9, atol=1e-9)


@given(
    seed=st.integers(0, 10**6),
    plan=plans,
    costs=COSTS,
    rate=RATES,
    splits=test_trades.SPLITS,
    intraday=st.booleans(),
)
@settings(max_examples=25)
def test_a_plan_of_trades(seed, plan, costs, rate, splits, intraday):
    if plan["stop"] is None:
        plan = {**plan, "risk": None}
    rule, terms = drawn(seed, TradePlan(**plan)), Terms(cash=10_000.0)
    bars = test_trades.wild_bars(seed, 160, intraday)
    it = reference(bars, rule, ["SOXS", "SOXL"], costs, terms, rate, splits=splits)
    signals = TradeSignals.of(rule, it.market, it.factors.get(rule.instrument))
    rows, charged = np.array([signals.row(rule.plan)] * 3), cost_rows([costs] * 3)
    assert_marked(
        it.stage,
        terms,
        run_trade_row(it.stage, signals, rule.instrument, rows[0], charged[0], terms),
        lambda marks: run_trade_rows(it.stage, signals, rule.instrument, rows, charged, terms, marks),
        lambda: run_trade_rows(it.stage, signals, rule.instrument, rows, charged, terms),
        some_marks(it.stage, seed),
    )


@given(
    seed=st.integers(0, 10**6),
    main=st.fixed_dictionaries(terms_of_a_side),
    other=st.one_of(st.none(), st.fixed_dictionaries(terms_of_a_side)),
    placing=orders,
    costs=COSTS,
    rate=RATES,
)
@settings(max_examples=25)
def test_a_plan_of_placed_orders(seed, main, other, placing, costs, rate):
    named = {**terms_from(main), **placing}
    if other is not None:
        named["other"] = {"instrument": "SOXS", **terms_from(other)}
    rule, terms = TwoSides(None, TradePlan(**named)), Terms(cash=10_000.0)
    rule.seed = seed
    it = reference(test_trades.wild_bars(seed, 160, False), rule, ["SOXL", "SOXS"], costs, terms, rate)
    factors = [it.factors.get(name) for name in rule.instruments]
    signals = TradeSignals.of(rule, it.market, *factors)
    rows, charged = np.array([signals.row(rule.plan)] * 3), cost_rows([costs] * 3)
    assert_marked(
        it.stage,
        terms,
        run_trade_row(it.stage, signals, rule.instrument, rows[0], charged[0], terms),
        lambda marks: run_trade_rows(it.stage, signals, rule.instrument, rows, charged, terms, marks),
        lambda: run_trade_rows(it.stage, signals, rule.instrument, rows, charged, terms),
        some_marks(it.stage, seed),
    )


@given(case=cases())
@settings(max_examples=25)
def test_a_rule_that_sees_its_account(case):
    bars, rule, costs, terms, splits = case
    rule.plan = AccountPlan(instrument="+2x")
    it = reference(bars, rule, [2], costs, terms, rate=0.03, splits=splits)
    signals = StepSignals.of(rule, it.market, it.factors.get(rule.instrument))
    rows, charged = np.array([signals.row(rule)] * 3), cost_rows([costs] * 3)
    assert_marked(
        it.stage,
        terms,
        run_step_row(it.stage, signals, rows[0], charged[0], terms),
        lambda marks: run_step_rows(it.stage, signals, rows, charged, terms, marks),
        lambda: run_step_rows(it.stage, signals, rows, charged, terms),
        some_marks(it.stage, len(bars)),
    )


@given(
    seed=st.integers(0, 10**6),
    swing=st.sampled_from([0.01, 0.03]),
    bars_a_day=st.sampled_from([1, 1, 3]),
    names=st.sampled_from([("BEAR",), ("TEST",), ("BULL", "BEAR"), ("BULL", "X", "index")]),
    choices=CHOICES,
    change=st.sampled_from([0.02, 0.15, 0.6]),
    plan=PLANS,
    rate=RATES,
)
@settings(max_examples=25)
def test_a_plan_of_weights(seed, swing, bars_a_day, names, choices, change, plan, rate):
    assume(bars_a_day == 1 or plan.fill != "close")  # which asks for daily bars
    n = 120
    rng = np.random.default_rng(seed)
    index, x = (wild_bars(name, rng, n, swing, bars_a_day) for name in ("TEST", "X"))
    weights = {name: wandering(seed + i, n, choices, change) for i, name in enumerate(names)}
    account = {"cash": 10_000.0, "costs": Costs(), "short_rate": rate, "borrow_fee": 0.02}
    lab = lab_of(index, [fund(3, "BULL", EAGER, 80.0), fund(-3, "BEAR", EAGER)], [x], **account)
    rule = Given(weights, plan, {})
    run_events(lab, rule)
    market, stage = stage_of(lab)
    signals, terms = WeightSignals.of(rule, market), terms_of(lab.broker)
    rows, charged = np.array([plan_row(plan)] * 3), cost_rows([Costs()] * 3)
    assert_marked(
        stage,
        terms,
        run_weight_row(stage, signals, rows[0], charged[0], terms),
        lambda marks: run_weight_rows(stage, signals, rows, charged, terms, marks),
        lambda: run_weight_rows(stage, signals, rows, charged, terms),
        some_marks(stage, seed),
    )
