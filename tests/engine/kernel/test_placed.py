"""Plans that place orders otherwise than at the next open, in both engines: the same fills, reasons, equity
and measures."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Costs
from engine.kernel.cells import run_trade_plan, run_trade_plans
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Terms
from engine.kernel.trade_signals import TradeSignals
from feeds.market import Market
from strategies import RuleParams, Signals, TradePlan, TradeRule
from tests.engine.kernel.rig import differing_measures, first_difference, reference
from tests.engine.kernel.test_trades import SPLITS, costs, fractions, terms, wild_bars


class TwoSides(TradeRule):
    """Signals of two sides drawn by a seed: hard on the loop, of no other use."""

    name = "two_sides"
    summary = "signals of two sides, drawn by a seed"
    Params: ClassVar[type[RuleParams]] = RuleParams
    seed = 0
    default_instrument = "SOXL"

    def signals(self, market: Market) -> Signals:
        rng = np.random.default_rng(self.seed)
        n = len(market)
        index = market.index.close

        def side(close: np.ndarray, often: float, other: Signals | None = None) -> Signals:
            floor = close * rng.uniform(0.85, 1.01, n)
            floor[rng.random(n) < 0.1] = np.nan
            return Signals(
                entry={"now": rng.random(n) < often},
                exit={"first": rng.random(n) < 0.08, "second": rng.random(n) < 0.05},
                levels={
                    "floor": floor,
                    "ceiling": close * rng.uniform(0.99, 1.2, n),
                    "near": np.where(rng.random(n) < 0.05, np.nan, close * rng.uniform(0.93, 1.07, n)),
                },
                index_levels={"back": index * rng.uniform(0.98, 1.06, n)},
                other=other,
            )

        other = side(market["SOXS"].close, 0.3)
        return side(market[self.instrument].close, 0.3, other)


terms_of_a_side = {
    "stop": st.one_of(st.none(), fractions, st.just("floor")),
    "target": st.one_of(st.none(), fractions, st.just("ceiling")),
    "rebound": st.sampled_from([None, None, "back"]),
    "max_bars": st.sampled_from([None, None, 1, 2, 7]),
    "risk": st.sampled_from([None, None, 0.02, 0.2]),
    "size": st.sampled_from([{}, {}, {"fraction": 0.5}, {"fraction": 0.013}, {"amount": 700.0}]),
    "trail": st.sampled_from([{}, {"trailing_stop": 0.05}, {"trailing_atr": 2.0}, {"trailing_atr": 0.3}]),
}
NEAR = st.sampled_from([-0.03, -0.005, 0.0, 0.004, 0.03, "near"])
orders = st.one_of(
    st.builds(dict, fill=st.just("close")),
    st.builds(dict, fill=st.just("close"), limit=NEAR),
    st.builds(dict, fill=st.just("same-close")),
    st.builds(
        dict, entry=st.just("limit"), limit=NEAR, fill=st.sampled_from(["open", "close", "same-close"])
    ),
    st.builds(
        dict, entry=st.just("stop"), trigger=NEAR, fill=st.sampled_from(["open", "close", "same-close"])
    ),
    st.builds(dict, leave_at=st.sampled_from(["open", "session end"])),
    st.builds(dict, fill=st.sampled_from(["close", "same-close"]), leave_at=st.just("open")),
    st.builds(dict),
)


def terms_from(drawn: dict[str, Any]) -> dict[str, Any]:
    """The terms of a side, without a risk that has no stop."""
    out = {key: value for key, value in drawn.items() if value is not None and key not in ("size", "trail")}
    if "stop" not in out:
        out.pop("risk", None)
    return out | drawn["size"] | drawn["trail"]


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    main=st.fixed_dictionaries(terms_of_a_side),
    other=st.one_of(st.none(), st.fixed_dictionaries(terms_of_a_side)),
    placing=orders,
    cooldown=st.sampled_from([0, 0, 0, 2]),
    instrument=st.sampled_from([None, "index"]),
    costs=costs,
    terms=terms,
    rate=st.sampled_from([0.0, 0.03, -0.01]),
    splits=SPLITS,
)
def test_a_plan_of_placed_orders_does_the_same_in_both_engines(
    seed, main, other, placing, cooldown, instrument, costs, terms, rate, splits
):
    given = {**terms_from(main), **placing, "cooldown": cooldown, "instrument": instrument}
    if other is not None:
        given["other"] = {"instrument": "SOXS", **terms_from(other)}
    assert_same(seed, TradePlan(**given), costs, terms, rate, splits, intraday=False)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    main=st.fixed_dictionaries(terms_of_a_side),
    placing=st.sampled_from([{}, {"entry": "stop", "trigger": 0.004}, {"entry": "limit", "limit": "near"}]),
    leave=st.sampled_from(["session end", "11:45", "12:00", "13:00", "open"]),
    costs=costs,
    terms=terms,
    rate=st.sampled_from([0.0, 0.03]),
)
def test_a_plan_that_leaves_by_the_clock_does_the_same_in_both_engines(
    seed, main, placing, leave, costs, terms, rate
):
    plan = TradePlan(**terms_from(main), **placing, leave_at=leave)
    assert_same(seed, plan, costs, terms, rate, "none", intraday=True)


def assert_same(
    seed: int, plan: TradePlan, costs: Costs, terms: Terms, rate: float, splits: Any, intraday: bool
) -> None:
    rule = TwoSides(None, plan)
    rule.seed = seed
    bars = wild_bars(seed, 160, intraday)
    there = reference(bars, rule, ["SOXL", "SOXS"], costs, terms, rate, splits=splits)
    factors = [there.factors.get(name) for name in rule.instruments]
    signals = TradeSignals.of(rule, there.market, *factors)
    here = run_trade_plan(there.stage, signals, rule.instrument, plan, costs, terms)
    assert here.done
    assert not first_difference(here.fills, there.fills, here.equity, there.equity)
    assert not differing_measures(here.metrics, MEASURES, there.metrics, terms.cash)
    # Without being written down, and among others, a cell is the same to the last bit.
    plain = TradePlan(fraction=0.3, stop=0.07, instrument=plan.instrument)
    among = run_trade_plans(there.stage, signals, rule.instrument, [plain, plan, plain], [costs] * 3, terms)
    np.testing.assert_array_equal(among.metrics[1], here.metrics)
