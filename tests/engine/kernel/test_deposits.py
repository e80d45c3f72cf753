"""Money paid in and out at random: all the compiled loops against the broker, and both against returns that
are split at each payment in numpy."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import Costs
from engine.kernel.cells import run_trade_plan, run_trade_plans
from engine.kernel.figures import MEASURES, MONEY_MEASURES
from engine.kernel.stage import Terms, cost_rows
from engine.kernel.step_cells import StepSignals, run_step_row
from engine.kernel.trade_signals import TradeSignals
from feeds.deposits import Deposits
from letf_instruments import SpecError
from strategies import TradePlan
from strategies.account_orders import at_close, at_open, for_money
from strategies.account_rule import AccountPlan, AccountRule
from strategies.plans.allocation_plan import AllocationPlan
from tests.conftest import make_bars
from tests.engine.kernel import test_trades
from tests.engine.kernel.parity import assert_same, both, lab_of
from tests.engine.kernel.rig import differing_measures, first_difference, reference
from tests.engine.kernel.test_placed import TwoSides, orders, terms_from, terms_of_a_side
from tests.engine.kernel.test_steps import Params, cases
from tests.engine.kernel.test_trades import drawn, plans
from tests.engine.kernel.test_weights import CHOICES, EAGER, PLANS, fund, wild_bars
from tests.strategies.plans.test_allocation_plan import Given, wandering

FIRST = int(np.datetime64("2019-12-02", "D").astype(np.int64))
EVERY = st.sampled_from(["week", "month", "quarter", "year", 1, 3, 10])
SUMS = st.sampled_from([1_000.0, 250.5, 20_000.0, 0.0, -10.0, -400.0, -30_000.0])
DATED = st.lists(st.tuples(st.integers(-5, 300), SUMS), min_size=1, max_size=12).map(
    lambda rows: Deposits(
        days=tuple(FIRST + day for day, _ in sorted(rows)), amounts=tuple(a for _, a in sorted(rows))
    )
)
DEPOSITS = st.one_of(st.builds(Deposits.each, SUMS, EVERY), DATED)
COSTS = st.sampled_from([Costs(), Costs(commission_bps=3, slippage_bps=20), Costs(commission_minimum=4)])


def outcome(run):
    """What comes of a run, or the sentence that it is refused by."""
    try:
        return run(), None
    except SpecError as error:
        return None, str(error)


def assert_alike(there, here, cash):
    """The same fills, account, measures and money, or the same sentence."""
    (reference_run, why), (kernel, why_not) = there, here
    assert why == why_not
    if why is not None:
        assert "is to be paid out, but of cash there is" in why
        return
    assert kernel.done
    assert first_difference(kernel.fills, reference_run.fills, kernel.equity, reference_run.equity) == ""
    left = reference_run.equity[reference_run.equity > 0]
    if not len(left) or reference_run.equity.max() / left.min() > 1e3:
        return
    assert differing_measures(kernel.metrics, MEASURES, reference_run.metrics, cash) == []
    assert differing_measures(kernel.money, MONEY_MEASURES, reference_run.metrics, cash) == []


@given(
    seed=st.integers(0, 10**6),
    plan=plans,
    costs=COSTS,
    deposits=DEPOSITS,
    whole=st.booleans(),
    rate=st.sampled_from([0.0, 0.03, -0.01]),
    splits=test_trades.SPLITS,
    intraday=st.booleans(),
)
@settings(max_examples=60)
def test_a_plan_of_trades(seed, plan, costs, deposits, whole, rate, splits, intraday):
    if plan["stop"] is None:
        plan = {**plan, "risk": None}
    rule = drawn(seed, TradePlan(**plan))
    bars = test_trades.wild_bars(seed, 160, intraday)
    terms = Terms(cash=10_000.0, whole_shares=whole, deposits=deposits)
    there = outcome(lambda: reference(bars, rule, ["SOXS", "SOXL"], costs, terms, rate, splits=splits))
    market = there[0] or reference(
        bars, rule, ["SOXS", "SOXL"], costs, Terms(cash=10_000.0, whole_shares=whole), rate, splits=splits
    )
    signals = TradeSignals.of(rule, market.market, market.factors.get(rule.instrument))
    run = (market.stage, signals, rule.instrument)
    here = outcome(lambda: run_trade_plan(*run, rule.plan, costs, terms))
    assert_alike(there, here, terms.cash)
    # Among others, and without being written down, a cell is the same to the last bit.
    other = TradePlan(fraction=0.3, stop=0.07, instrument=plan["instrument"])
    among = run_trade_plans(*run, [other, rule.plan, other], [costs] * 3, terms)
    if here[0] is None:
        assert among.refused[1] == here[1]
    else:
        np.testing.assert_array_equal(among.metrics[1], here[0].metrics)
        np.testing.assert_array_equal(among.money[1], here[0].money)


@given(
    seed=st.integers(0, 10**6),
    main=st.fixed_dictionaries(terms_of_a_side),
    other=st.one_of(st.none(), st.fixed_dictionaries(terms_of_a_side)),
    placing=orders,
    costs=COSTS,
    deposits=DEPOSITS,
    rate=st.sampled_from([0.0, 0.03, -0.01]),
    splits=test_trades.SPLITS,
)
@settings(max_examples=60)
def test_a_plan_of_placed_orders(seed, main, other, placing, costs, deposits, rate, splits):
    named = {**terms_from(main), **placing}
    if other is not None:
        named["other"] = {"instrument": "SOXS", **terms_from(other)}
    rule = TwoSides(None, TradePlan(**named))
    rule.seed = seed
    bars = test_trades.wild_bars(seed, 160, False)
    run = (bars, rule, ["SOXL", "SOXS"], costs)
    terms = Terms(cash=10_000.0, deposits=deposits)
    there = outcome(lambda: reference(*run, terms, rate, splits=splits))
    market = there[0] or reference(*run, Terms(cash=10_000.0), rate, splits=splits)
    factors = [market.factors.get(name) for name in rule.instruments]
    signals = TradeSignals.of(rule, market.market, *factors)
    here = outcome(lambda: run_trade_plan(market.stage, signals, rule.instrument, rule.plan, costs, terms))
    assert_alike(there, here, terms.cash)


class Saves(AccountRule):
    """Puts most of what was paid in into the fund, and some of all that ever was."""

    name, summary, reasons = "saves", "", ("in", "out")
    Params = Params
    script: dict[str, np.ndarray]

    @property
    def default_instrument(self):
        return "F"

    def arrays(self, market):
        return self.script

    @staticmethod
    def step(bar, account, arrays, params, memory):
        memory[0] += account.deposited
        orders = [at_open(0.0)]
        wish = arrays.part[bar]
        if wish > 0.0:
            orders.append(for_money(at_close(0.0), max(0.7 * memory[0] + wish * account.put_in, 0.0)))
            memory[0] = 0.0
        elif wish < 0.0:
            orders.append(at_open(wish * account.size, 1))
        return orders


@given(case=cases(), deposits=DEPOSITS, saves=st.booleans())
@settings(max_examples=60)
def test_a_rule_that_sees_its_account(case, deposits, saves):
    bars, rule, costs, terms, splits = case
    if saves:
        script, rule = rule.script, Saves()
        rule.script = script
    rule.plan = AccountPlan(instrument="+2x")
    paying = Terms(cash=terms.cash, whole_shares=terms.whole_shares, deposits=deposits)
    there = outcome(lambda: reference(bars, rule, [2], costs, paying, rate=0.03, splits=splits))
    market = there[0] or reference(bars, rule, [2], costs, terms, rate=0.03, splits=splits)
    signals = StepSignals.of(rule, market.market, market.factors.get(rule.instrument))
    row, charged = signals.row(rule), cost_rows([costs])[0]
    here = outcome(lambda: run_step_row(market.stage, signals, row, charged, paying))
    assert_alike(there, here, terms.cash)


@given(
    seed=st.integers(0, 10**6),
    swing=st.sampled_from([0.01, 0.03, 0.1]),
    bars_a_day=st.sampled_from([1, 1, 3]),
    split=st.booleans(),
    names=st.sampled_from([("BEAR",), ("TEST",), ("BULL", "BEAR"), ("BULL", "X", "index")]),
    choices=CHOICES,
    change=st.sampled_from([0.02, 0.15, 0.6]),
    plan=PLANS,
    costs=COSTS,
    deposits=DEPOSITS,
    rate=st.sampled_from([0.0, 0.03, -0.01]),
)
@settings(max_examples=80)
def test_a_plan_of_weights(
    seed, swing, bars_a_day, split, names, choices, change, plan, costs, deposits, rate
):
    assume(bars_a_day == 1 or plan.fill != "close")  # which asks for daily bars
    n = 120
    rng = np.random.default_rng(seed)
    index, x = (wild_bars(name, rng, n, swing, bars_a_day) for name in ("TEST", "X"))
    policy = EAGER if split else "none"
    weights = {name: wandering(seed + i, n, choices, change) for i, name in enumerate(names)}
    account = {"cash": 10_000.0, "costs": costs, "short_rate": rate, "borrow_fee": 0.02}

    def lab(**more):
        return lab_of(
            index, [fund(3, "BULL", policy, 80.0), fund(-3, "BEAR", policy)], [x], **account, **more
        )

    rule = Given(weights, plan, {})
    found, why = outcome(lambda: both(lab(deposits=deposits), rule))
    if found is None:
        assert "is to be paid out, but of cash there is" in why
        return
    reference_run, kernel = found
    equity = reference_run[1]
    left = equity[equity > 0]
    if len(left) and equity.max() / left.min() < 1e3:
        assert_same(reference_run, kernel)
        assert differing_measures(kernel.money, MONEY_MEASURES, reference_run[2], 10_000.0) == []
    else:
        np.testing.assert_allclose(kernel.equity, equity, rtol=0, atol=1e-9 * np.abs(equity).max())


def split_at_each(opens, closes, deposits, weight, cash):
    """Time-weighted growth of an account that is brought to `weight` of an instrument at every open, on what
    the close before says, free of costs and interest: each payment splits the day at its open. What is less
    than a millionth of equity is not traded (docs/fills.md)."""
    size, money, growth, curve = 0.0, cash, 1.0, []
    wanted, before = 0.0, cash
    for o, c, paid in zip(opens, closes, deposits, strict=True):
        at_open = money + size * o
        growth *= at_open / before
        money += paid
        before = money + size * o
        buy = min(wanted - size, money / o)
        if buy < wanted - size and buy * o < 1e-6 * before:
            buy = 0.0
        size, money = size + buy, money - buy * o
        growth *= (money + size * c) / before
        before = money + size * c
        wanted = weight * before / c
        wanted = size if abs(wanted - size) * c < 1e-6 * before else wanted
        curve.append(growth)
    return np.array(curve)


@given(
    st.integers(0, 10**6),
    st.sampled_from([1.0, 0.5, 0.1]),
    st.sampled_from([(1_000.0, "week"), (500.0, 7), (-10.0, 5), (30_000.0, "month")]),
)
@settings(max_examples=30)
def test_returns_are_those_of_a_chain_that_is_split_at_each_payment(seed, weight, paid):
    bars = test_trades.wild_bars(2 * seed, 120, False)
    bars = make_bars(list(zip(bars.open, bars.high, bars.low, bars.close, strict=True)))
    deposits = Deposits.each(*paid)
    lab = lab_of(bars, cash=10_000.0, deposits=deposits)
    rule = Given({"index": [weight] * 120}, AllocationPlan(schedule="daily"), {})
    days = bars.sessions.astype(np.int64)
    try:
        (_, _, numbers), kernel = both(lab, rule)
    except SpecError:
        assert paid[0] < 0  # all of it was in the index
        return
    curve = split_at_each(bars.open, bars.close, deposits.on(days), weight, 10_000.0)
    total = MEASURES.index("total_return"), MEASURES.index("max_drawdown"), MEASURES.index("volatility")
    moves = np.diff(curve) / curve[:-1]
    top = np.maximum.accumulate(np.concatenate(([1.0], curve)))[1:]
    wanted = curve[-1] - 1.0, min((curve / top - 1.0).min(), 0.0), moves.std(ddof=1) * 252**0.5
    for at, name, value in zip(total, ("total_return", "max_drawdown", "volatility"), wanted, strict=True):
        assert kernel.metrics[at] == pytest.approx(value, rel=1e-7, abs=1e-9)
        assert numbers[name] == pytest.approx(value, rel=1e-7, abs=1e-9)


def test_a_market_that_stands_still_returns_nothing_whatever_is_paid_in():
    bars = make_bars([(100.0,) * 4] * 300)
    for weight in (0.0, 0.3, 1.0):
        rule = Given({"index": [weight] * 300}, AllocationPlan(schedule="weekly"), {})
        (_, equity, numbers), kernel = both(
            lab_of(bars, cash=5_000.0, deposits=Deposits.each(1_000.0, "month")), rule
        )
        assert equity[-1] == pytest.approx(18_000.0, abs=1e-6)
        for name in ("total_return", "max_drawdown", "max_drawdown_within_bar"):
            assert numbers[name] == pytest.approx(0.0, abs=1e-12)
            assert kernel.metrics[MEASURES.index(name)] == pytest.approx(0.0, abs=1e-12)
        assert numbers["volatility"] == kernel.metrics[MEASURES.index("volatility")] == 0.0
        assert kernel.money == pytest.approx([18_000.0, 0.0, 0.0], abs=1e-6)


def test_without_deposits_there_is_no_money_to_tell_of():
    bars = make_bars([(100.0,) * 4] * 10)
    _, kernel = both(lab_of(bars, cash=5_000.0), Given({"index": [1.0] * 10}, AllocationPlan(), {}))
    assert kernel.money is None
