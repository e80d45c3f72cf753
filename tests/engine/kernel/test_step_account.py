"""An `AccountRule`'s step and its account: what it is told of its fills, and how far its cash goes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Terms, cost_rows
from engine.kernel.step_cells import StepSignals, run_step_row
from strategies.account_orders import at_open, for_money
from strategies.account_rule import AccountPlan
from tests.conftest import flat_bars, make_bars
from tests.engine.kernel.rig import differing_measures, first_difference, reference
from tests.engine.kernel.test_steps import Plain
from tests.engine.kernel.test_weights import EAGER, wild_bars


class Told(Plain):
    """Buys for as much money as the numbers that it was told come to, and sells some or all now and then: a
    number that is wrong moves the next order."""

    name, reasons = "told", ("buy", "sell")

    @staticmethod
    def step(bar, account, arrays, params, memory):
        if bar % 4 == 3:
            return [at_open(-(1.0 if bar % 8 == 7 else 0.3) * account.size, 1)]
        money = 400.0 + 7.0 * account.average + account.size + account.close
        money += 0.001 * (account.cash + 2.0 * account.equity + account.put_in) + account.deposited
        for row in range(len(account.fills)):
            fill = account.fills[row]
            money += 3.0 * abs(fill[1]) + fill[2] + 10.0 * fill[3] + 20.0 * fill[0]
        if not math.isnan(account.last_price):
            money += account.last_price + 2.0 * abs(account.last_size)
        return [for_money(at_open(0.0), money)]


def both(bars, rule, terms, fund=(), splits="none"):
    there = reference(bars, rule, list(fund), Costs(), terms, splits=splits)
    signals = StepSignals.of(rule, there.market, there.factors.get(rule.instrument))
    return there, run_step_row(there.stage, signals, signals.row(rule), cost_rows([Costs()])[0], terms)


@given(seed=st.integers(0, 100_000), swing=st.sampled_from([0.03, 0.06]), whole=st.booleans())
@settings(max_examples=25)
def test_a_step_is_told_the_same_of_its_fills_in_both_engines(seed, swing, whole):
    bars = wild_bars("IDX", np.random.default_rng(seed), 60, swing)
    rule = Told(plan=AccountPlan(instrument="+2x"))
    there, here = both(bars, rule, Terms(cash=30_000.0, whole_shares=whole), [2], EAGER)
    assert here.done
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""


class Twice(Plain):
    """Two orders on the first close: for 995 dollars, and for 100."""

    name, default_instrument = "twice", "index"

    @staticmethod
    def step(bar, account, arrays, params, memory):
        if bar > 0:
            return [at_open(0.0)]
        return [for_money(at_open(0.0), 995.0), for_money(at_open(0.0), 100.0)]


@pytest.mark.parametrize("price", [0.01, 100.0, 1e7])
def test_what_is_left_of_cash_is_spent_whatever_a_share_costs(price):
    # Of 1,000 dollars the first order takes 995, the second the 5 that are left.
    there, here = both(make_bars([(price,) * 4] * 3, name="IDX"), Twice(), Terms(cash=1_000.0))
    for fills in (there.fills, here.fills):
        assert [(f.bar, f.size * f.price) for f in fills] == [
            (1, pytest.approx(995.0)),
            (1, pytest.approx(5.0)),
        ]


class ThreeLots(Plain):
    """Buys a lot on each of the first three closes and keeps them."""

    name, lots = "three lots", 3

    @staticmethod
    def step(bar, account, arrays, params, memory):
        return [at_open(21.0, 0, bar)] if bar < 3 else [at_open(0.0)]


def test_what_a_split_leaves_of_a_share_is_taken_from_the_lots_and_is_no_trade_of_its_own():
    # The fund falls by 6 % a day until a reverse split of 1 for 4 makes 15.75 of the 63 shares; the .75 is
    # paid out. The account was never short, so three trades are all there are.
    bars = flat_bars([100.0] * 4 + [100.0 * 0.97**day for day in range(1, 13)], name="IDX")
    rule = ThreeLots(plan=AccountPlan(instrument="+2x"))
    there, here = both(bars, rule, Terms(cash=30_000.0, whole_shares=True), [2], EAGER)
    for run in (there, here):
        assert [(f.size, f.reason) for f in run.fills] == [(21.0, "order")] * 3 + [(-0.75, "cash in lieu")]
    assert first_difference(here.fills, there.fills, here.equity, there.equity) == ""
    assert there.metrics["trades"] == here.metrics[MEASURES.index("trades")] == 3
    assert differing_measures(here.metrics, MEASURES, there.metrics, 30_000.0) == []
