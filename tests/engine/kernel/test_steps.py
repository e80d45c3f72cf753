"""An `AccountRule`'s orders in the compiled loop: one by one what the broker does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Terms, cost_rows
from engine.kernel.step_cells import StepSignals, run_step_row
from letf_instruments import SpecError
from letf_instruments.splits import IssuerSplits
from strategies import Tranches
from strategies.account_orders import StepOrder, at_open, limit
from strategies.account_rule import AccountPlan, AccountRule
from strategies.lots import account_rule_of
from strategies.parameters import RuleParams
from strategies.plans.lot_plan import Fate, LotFate, LotPlan
from tests.conftest import make_bars
from tests.engine.kernel.rig import differing_measures, first_difference, reference
from tests.engine.kernel.test_weights import EAGER, wild_bars


class Params(RuleParams):
    """None."""


class Plain(AccountRule):
    """A rule of nothing but its step, on the fund."""

    summary = ""
    Params = Params
    default_instrument = "F"

    def arrays(self, market):
        return {}


class Scripted(AccountRule):
    """Sends what its arrays say: two orders a bar, sized by the account, priced around its average cost."""

    name, summary, reasons = "scripted", "", ("first", "second")
    Params = Params
    script: dict[str, np.ndarray]

    @property
    def default_instrument(self):
        return "F"

    def arrays(self, market):
        return self.script

    @staticmethod
    def step(bar, account, arrays, params, memory):
        orders = [at_open(0.0)]
        for i in range(2):
            kind = arrays.kind[bar] if i == 0 else arrays.other_kind[bar]
            part = arrays.part[bar] if i == 0 else arrays.other_part[bar]
            away = arrays.away[bar] if i == 0 else arrays.other_away[bar]
            base = account.average if account.size > 0.0 and arrays.by_average[bar] > 0.5 else account.close
            price = base * away if kind != 0.0 and kind != 4.0 else math.nan
            if kind == 1.0 and arrays.plain[bar] > 0.5:
                price = math.nan
            size, money = 0.0, 0.0
            if part < 0.0:
                size = part * account.size
            elif arrays.by_money[bar] > 0.5:
                money = part * account.equity
            else:
                size = part * account.equity / account.close
            orders.append(StepOrder(int(kind), size, money, price, i, -1))
            memory[0] += size
        # What was filled is told, and so moves what is sent.
        if len(account.fills) > 1 and account.last_size < 0.0:
            orders.append(at_open(-0.5 * account.size, 1))
        return orders


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    n = draw(st.integers(3, 60))
    bars = wild_bars("IDX", rng, n, draw(st.sampled_from([0.01, 0.04, 0.1])))
    rule = Scripted()
    picks = draw(st.sampled_from([(0, 1, 2, 3, 4), (4,), (1,), (1, 2), (0, 4)]))
    parts = draw(st.sampled_from([(0.1, 0.4, -0.3, -1.0), (0.9, 2.0, -1.0), (0.3, -0.5, 0.0)]))
    rule.script = {
        **{name: rng.choice(picks, n).astype(float) for name in ("kind", "other_kind")},
        **{name: rng.choice(parts, n).astype(float) for name in ("part", "other_part")},
        **{name: rng.choice([0.9, 0.99, 1.0, 1.01, 1.1], n) for name in ("away", "other_away")},
        **{name: rng.integers(0, 2, n).astype(float) for name in ("by_average", "by_money", "plain")},
    }
    costs = draw(
        st.sampled_from(
            [
                Costs(),
                Costs(commission_bps=3, slippage_bps=20),
                Costs(commission_minimum=40, half_spread_cents=2),
            ]
        )
    )
    terms = Terms(cash=10_000.0, whole_shares=draw(st.booleans()))
    return bars, rule, costs, terms, draw(st.sampled_from(["none", EAGER]))


def both(bars, rule, costs, terms, splits="none", instrument=2):
    there = reference(bars, rule, [instrument], costs, terms, rate=0.03, splits=splits)
    signals = StepSignals.of(rule, there.market, there.factors.get(rule.instrument))
    return there, run_step_row(there.stage, signals, signals.row(rule), cost_rows([costs])[0], terms)


@given(cases())
@settings(max_examples=40)
def test_random_orders_fill_alike_in_both_engines(case):
    bars, rule, costs, terms, splits = case
    rule.plan = AccountPlan(instrument="+2x")
    there, here = both(bars, rule, costs, terms, splits)
    assert here.done
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""
    left = there.equity[there.equity > 0]
    if len(left) and there.equity.max() / left.min() < 1e3:
        assert differing_measures(here.metrics, MEASURES, there.metrics, terms.cash) == []


class Wrong(Scripted):
    """A step that gives what is no order."""

    @staticmethod
    def step(bar, account, arrays, params, memory):
        return [at_open(math.inf)]


class Uncompiled(Scripted):
    """A step that numba does not understand."""

    @staticmethod
    def step(bar, account, arrays, params, memory):
        return [at_open(float(str(bar)[0]) * {"a": 1}["a"] if hasattr(bar, "x") else eval("1.0"))]


def scripted(kind):
    rule = kind()
    rule.script = {"a": np.zeros(5)}
    rule.plan = AccountPlan(instrument="index")
    return rule


def test_a_step_that_gives_no_order_is_one_sentence_in_both_engines():
    bars = wild_bars("IDX", np.random.default_rng(1), 5, 0.01)
    with pytest.raises(SpecError, match=r"rule scripted: its step gives .* no finite number"):
        reference(bars, scripted(Wrong), [2], Costs(), Terms())
    there = reference(bars, scripted(Scripted0), [2], Costs(), Terms())
    signals = StepSignals.of(scripted(Wrong), there.market)
    with pytest.raises(
        SpecError, match=r"\d{4}-\d\d-\d\d: rule scripted: its step is wrong: its size is no finite number"
    ):
        run_step_row(there.stage, signals, [0.0], cost_rows([Costs()])[0], Terms())


class Scripted0(Scripted):
    """Nothing at all."""

    @staticmethod
    def step(bar, account, arrays, params, memory):
        return [at_open(0.0)]


def _no_lot(bar, account, arrays, params, memory):
    return [at_open(1.0, 0, 500)]


def _other_reason(bar, account, arrays, params, memory):
    return [at_open(1.0, 2)]


def _no_kind(bar, account, arrays, params, memory):
    return [StepOrder(9, 1.0, 0.0, math.nan, 0, -1)]


def _no_price(bar, account, arrays, params, memory):
    return [limit(1.0, -1.0)]


def _next_bar(bar, account, arrays, params, memory):
    return [at_open(arrays.a[bar + 1])]


def _much_memory(bar, account, arrays, params, memory):
    memory[20] = 1.0
    return [at_open(1.0)]


def _many(bar, account, arrays, params, memory):
    return [at_open(1.0)] * 9


WRONG_STEPS = {
    _no_lot: ("its lot must be -1, as the rule has no lots", "its lot must be -1"),
    _other_reason: ("its reason must be from 0 to 1", "its reason must be from 0 to 1"),
    _no_kind: ("there is no such kind of order", "there is no such kind of order"),
    _no_price: ("a limit or stop needs a price above 0", "a limit or stop needs a price above 0"),
    _next_bar: ("beyond its arrays, which end with the bar", "beyond its arrays, which end with the bar"),
    _much_memory: ("beyond its memory of 8", "beyond its memory"),
    _many: ("9 orders; at most 8", "more orders than are taken on a bar"),
}


@pytest.mark.parametrize("step", WRONG_STEPS)
def test_what_a_step_may_not_do_is_one_sentence_with_rule_and_day_in_both_engines(step):
    bars = wild_bars("IDX", np.random.default_rng(1), 5, 0.01)
    rule = scripted(type("Made", (Scripted,), {"step": staticmethod(step)}))
    first = rf"^{bars.sessions[0]}: rule scripted: its step "
    in_python, compiled = WRONG_STEPS[step]
    with pytest.raises(SpecError, match=first + ".*" + in_python):
        reference(bars, rule, [2], Costs(), Terms())
    there = reference(bars, scripted(Scripted0), [2], Costs(), Terms())
    signals = StepSignals.of(rule, there.market)
    with pytest.raises(SpecError, match=first + ".*" + compiled):
        run_step_row(there.stage, signals, [0.0], cost_rows([Costs()])[0], Terms())


class Tail(Plain):
    """Buys a share above the mean of the last three closes, counted from the end of its array."""

    name = "tail"

    @staticmethod
    def step(bar, account, arrays, params, memory):
        return [at_open(1.0 if account.close > arrays.close[-3:].mean() else -1.0)]


def test_arrays_end_with_the_bar_in_both_engines():
    bars = wild_bars("IDX", np.random.default_rng(3), 60, 0.01)
    rule = Tail(plan=AccountPlan(instrument="+2x"))
    there = reference(bars, rule, [2], Costs(), Terms())
    signals = StepSignals.of(rule, there.market)
    here = run_step_row(there.stage, signals, [0.0], cost_rows([Costs()])[0], Terms())
    assert len(there.fills) > 10
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""


def test_a_step_that_numba_cannot_compile_says_so_in_one_sentence():
    bars = wild_bars("IDX", np.random.default_rng(1), 5, 0.01)
    there = reference(bars, scripted(Scripted0), [2], Costs(), Terms())
    with pytest.raises(SpecError, match="numba cannot compile its step") as error:
        StepSignals.of(scripted(Uncompiled), there.market)
    assert "\n" not in str(error.value)
    assert isinstance(EAGER, IssuerSplits)


@st.composite
def lot_cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    n = draw(st.integers(5, 80))
    bars = wild_bars("IDX", rng, n, draw(st.sampled_from([0.01, 0.04, 0.1])))
    size = draw(st.sampled_from(["fixed", "lot", "equity"]))

    def some(*values):
        return draw(st.sampled_from(values))

    def fate(kind=Fate, **more):
        return kind(target=some(None, 0.0, 0.05), stop=some(None, 0.1), patience=some(None, 1, 4), **more)

    mode = some("none", "zones")
    tagged = {"zone1": fate(), "zone3": fate()} if mode == "zones" else {}
    plan = LotPlan(
        instrument="+2x",
        lots=some(1, 2, 5, 12),
        size=size,
        amount=some(500.0, 3_000.0) if size == "fixed" else None,
        each=fate(LotFate, **tagged),
        per_bar=some(1, 3),
        leave=some("each", "all"),
        average_target=some(None, 0.02),
        average_stop=some(None, 0.2),
        fill=some("open", "close", "same-close"),
    )
    costs = some(Costs(), Costs(commission_bps=3, slippage_bps=20), Costs(commission_minimum=4))
    return (
        bars,
        Tranches(Tranches.Params(mode=mode, zones=(0.02, 0.1)), plan),
        costs,
        Terms(cash=10_000.0, whole_shares=some(False, True)),
        some("none", EAGER),
    )


@given(lot_cases())
@settings(max_examples=40)
def test_random_lots_fill_alike_in_both_engines(case):
    bars, rule, costs, terms, splits = case
    own = account_rule_of(rule)
    there, here = both(bars, own, costs, terms, splits)
    assert here.done
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""
    left = there.equity[there.equity > 0]
    if len(left) and there.equity.max() / left.min() < 1e3:
        assert differing_measures(here.metrics, MEASURES, there.metrics, terms.cash) == []


def test_a_sale_that_costs_more_than_it_brings_is_left_to_the_broker_which_knows_margin():
    # Quarters of equity at 30 a trade: 50 of 200, then 42.24 of 168.98, so that 47.76 are left, of which the
    # third lot gets 17.76 at 95. It is the first above its own price and costs 30, while the others are held.
    rows = [(c, c, c, c) for c in [100.0, 98.0, 96.0, 95.0, 95.5, 95.5]]
    plan = LotPlan(instrument="index", lots=4, size="equity", fill="same-close", each=LotFate(target=0.0))
    bars = make_bars(rows, name="IDX")
    own = account_rule_of(Tranches(plan=plan))
    costs = Costs(commission_per_trade=30.0)
    terms = Terms(cash=200.0)
    there = reference(bars, own, [], costs, terms)
    sold = next(f for f in there.fills if f.size < 0)
    assert (sold.bar, round(-sold.size * sold.price, 2)) == (4, 17.85)
    signals = StepSignals.of(own, there.market)
    assert not run_step_row(there.stage, signals, signals.row(own), cost_rows([costs])[0], terms).done
