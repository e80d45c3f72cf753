"""The compiled loop of a TradePlan against the broker: the same fills, reasons, equity and measures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs, Margin
from engine.kernel.cells import run_trade_plan, run_trade_plans
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Terms
from engine.kernel.trade_signals import TradeSignals
from feeds.bars import Bars
from feeds.market import Market
from letf_instruments.splits import IssuerSplits
from strategies import RuleParams, Signals, TradePlan, TradeRule
from tests.conftest import random_bars
from tests.engine.kernel.rig import differing_measures, first_difference, reference


class Drawn(TradeRule):
    """Signals drawn by a seed: hard on the loop, of no other use."""

    name = "drawn"
    summary = "signals drawn by a seed"
    Params: ClassVar[type[RuleParams]] = RuleParams
    seed = 0
    default_instrument = "SOXS"

    def signals(self, market: Market) -> Signals:
        rng = np.random.default_rng(self.seed)
        n = len(market)
        close = market[self.instrument].close
        stop = close * rng.uniform(0.85, 1.01, n)
        stop[rng.random(n) < 0.1] = np.nan
        return Signals(
            entry={"now": rng.random(n) < 0.3},
            exit={"first": rng.random(n) < 0.05, "second": rng.random(n) < 0.05},
            levels={"floor": stop, "ceiling": close * rng.uniform(0.99, 1.2, n)},
            index_levels={"back": market.index.close * rng.uniform(0.98, 1.06, n)},
        )


def drawn(seed: int, plan: TradePlan) -> Drawn:
    rule = Drawn(None, plan)
    rule.seed = seed
    return rule


def wild_bars(seed: int, n: int, intraday: bool) -> Bars:
    """Bars with gaps and dividends; every other seed has a day that wipes out a 3x fund, at the open or
    within it."""
    rng = np.random.default_rng(seed)
    bars = random_bars(
        seed, n, volatility=rng.choice([0.01, 0.03, 0.06]), gap=rng.choice([0.002, 0.02, 0.05])
    )
    if rng.random() < 0.5:
        at, jump = int(rng.integers(n // 2, n - 5)), rng.choice([0.5, 0.62, 1.45, 1.7])
        columns = np.array([bars.open, bars.high, bars.low, bars.close])
        columns[:, at + 1 :] *= jump
        if rng.random() < 0.5:
            columns[:, at] *= jump
        else:
            columns[3, at] *= jump
            columns[1, at], columns[2, at] = columns[:, at].max(), columns[:, at].min()
        bars = replace(bars, open=columns[0], high=columns[1], low=columns[2], close=columns[3])
    first = np.arange(n) % (4 if intraday else 1) == 0
    paid = np.where((rng.random(n) < 0.1) & first, 0.03 * bars.close, 0.0)
    bars = replace(bars, dividends=paid, swapped=np.cumprod(1.0 + paid / bars.close))
    if not intraday:
        return bars
    days = np.busday_offset("2020-01-06", np.arange(n) // 4, roll="forward")
    stamps = days.astype("datetime64[m]") + (np.arange(n) % 4 * 60 + 600).astype("timedelta64[m]")
    return replace(bars, timestamps=stamps)


fractions = st.sampled_from([0.02, 0.05, 0.1, 0.3])
plans = st.builds(
    dict,
    instrument=st.sampled_from([None, "SOXL", "index"]),
    fraction=st.sampled_from([1.0, 0.5, 0.013]),
    stop=st.one_of(st.none(), fractions, st.just("floor")),
    target=st.one_of(st.none(), fractions, st.just("ceiling")),
    trailing_stop=st.one_of(st.none(), fractions),
    rebound=st.sampled_from([None, "back"]),
    max_bars=st.sampled_from([None, 1, 2, 7]),
    cooldown=st.sampled_from([0, 0, 1, 5]),
    risk=st.sampled_from([None, 0.01, 0.2]),
)
costs = st.builds(
    Costs,
    commission_bps=st.sampled_from([0.0, 5.0]),
    commission_per_share=st.sampled_from([0.0, 0.01]),
    commission_per_trade=st.sampled_from([0.0, 2.0]),
    commission_minimum=st.sampled_from([0.0, 1.5]),
    half_spread_bps=st.sampled_from([0.0, 3.0]),
    half_spread_cents=st.sampled_from([0.0, 1.0]),
    slippage_bps=st.sampled_from([0.0, 2.0]),
    impact_bps=st.sampled_from([0.0, 30.0]),
)
terms = st.builds(
    Terms,
    cash=st.sampled_from([100_000.0, 1_000.0]),
    whole_shares=st.booleans(),
    cash_spread=st.sampled_from([0.0, 0.01]),
    debt_spread=st.sampled_from([0.0, 0.02]),
    margin=st.sampled_from([Margin(), Margin(maintenance_long=1.0)]),
)
SPLITS: Any = st.sampled_from(["none", IssuerSplits(low=60, high=140, target=100, sessions=2, notice=1)])


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    plan=plans,
    costs=costs,
    terms=terms,
    rate=st.sampled_from([0.0, 0.03, -0.01]),
    splits=SPLITS,
    intraday=st.booleans(),
)
def test_a_plan_does_the_same_in_both_engines(
    seed: int, plan: dict[str, Any], costs: Costs, terms: Terms, rate: float, splits: Any, intraday: bool
):
    if plan["stop"] is None:
        plan = {**plan, "risk": None}
    rule = drawn(seed, TradePlan(**plan))
    bars = wild_bars(seed, 160, intraday)
    there = reference(bars, rule, ["SOXS", "SOXL"], costs, terms, rate, splits=splits)
    signals = TradeSignals.of(rule, there.market, there.factors.get(rule.instrument))
    here = run_trade_plan(there.stage, signals, rule.instrument, rule.plan, costs, terms)
    assert here.done
    assert not first_difference(here.fills, there.fills, here.equity, there.equity)
    assert not differing_measures(here.metrics, MEASURES, there.metrics, terms.cash)
    # Without being written down, and among others, a cell is the same to the last bit.
    other = TradePlan(fraction=0.3, stop=0.07, instrument=plan["instrument"])
    among = run_trade_plans(
        there.stage, signals, rule.instrument, [other, rule.plan, other], [costs] * 3, terms
    )
    np.testing.assert_array_equal(among.metrics[1], here.metrics)
    np.testing.assert_array_equal(among.metrics[0], among.metrics[2])
