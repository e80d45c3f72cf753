"""The plan of a run in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.parts import Table
from runs.answers.words import listed, number, percent, share
from runs.backtest.indicators import measured
from runs.backtest.plan_doors import OWN, planned_doors
from strategies import AllocationPlan, AllocationRule, OptionRule, TradePlan, TradeRule
from strategies.account_rule import AccountRule
from strategies.plans.lot_plan import LotPlan
from strategies.plans.trade_plan import TradeTerms

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

Rows = list[list[str]]
FILTER = "filter "  # how the names of what filters measure begin
MOST_LEVELS = 2  # beyond them a level moves, and no number tells it


def plan_table(run: RunResult) -> Table:
    """What was set before the first trade: label and words, in the order in which a trade lives. Empty for
    a strategy that has no plan of ours."""
    return Table("The plan", [], _plan(run), words=True, brief=False)


def _plan(run: RunResult) -> Rows:
    rule = run.rule
    if isinstance(rule, TradeRule) and isinstance(rule.plan, LotPlan):
        return _lot_plan(run, rule)
    if isinstance(rule, AccountRule):
        return [["what is bought", listed(run.instruments)], *_filters(run)]
    if isinstance(rule, TradeRule):
        return _trade_plan(run, rule)
    if isinstance(rule, OptionRule):
        return _option_plan(run, rule)
    if isinstance(rule, AllocationRule):
        return [
            *_decides(run, rule),
            ["what is held", listed(run.instruments, 8)],
            ["traded back", _rebalancing(rule.plan)],
            *_filters(run),
        ]
    return []


def _decides(run: RunResult, rule: AllocationRule) -> Rows:
    """What a rule of weights looks at, with the values at which it changes its mind."""
    said: dict[str, str] = {}
    for name, compared in measured(run, rule).items():
        for one in compared if not name.startswith(FILTER) else ():
            write = percent if one.share else number
            levels = np.unique(np.asarray(one.level, dtype=float))
            at = [write(float(level)) for level in levels[np.isfinite(levels)][::-1]]
            said.setdefault(one.what, f", at {' and '.join(at)}" if 0 < len(at) <= MOST_LEVELS else "")
    return [["what decides", "; ".join(what + at for what, at in said.items())]] if said else []


def _trade_plan(run: RunResult, rule: TradeRule) -> Rows:
    plan = rule.plan
    signals = rule.checked_signals(run.market())
    conditions = [name for name in signals.entry if not name.startswith(FILTER)]
    rows = []
    if conditions:
        rows.append(["why in", "; ".join(conditions)])
    if signals.needed:
        votes = f"{signals.needed} of {len(signals.votes)}: {'; '.join(signals.votes)}"
        rows.append(["confirmed by" if conditions else "why in", votes])
    rows += _filters(run)
    rows.append(["what is bought", listed(run.instruments)])
    rows.append(["how much", "; ".join(_size(terms) for terms in plan.terms)])
    if plan.placed:
        rows.append(["ordered", _orders(plan)])
    leaving = {door: words for door, words in planned_doors(run).items() if words != OWN}
    rows += [[door, words] for door, words in leaving.items()]
    own = [door for door, words in planned_doors(run).items() if words == OWN]
    if own:
        rows.append(["also out on", "; ".join(own)])
    if not leaving and not own:
        rows.append(["way out", "none: a trade is held to the end"])
    if plan.cooldown:
        rows.append(["wait after an exit", f"{plan.cooldown} bars"])
    return rows


def _lot_plan(run: RunResult, rule: TradeRule) -> Rows:
    plan: LotPlan = rule.plan  # type: ignore[assignment]
    signals = rule.checked_signals(run.market())
    conditions = [name for name in signals.entry if not name.startswith(FILTER)]
    size = {
        "fixed": f"{number(plan.amount)} each",
        "lot": "each what it has come to from its share of the money at the start",
        "equity": "each its share of equity",
    }[plan.size]
    where = {"open": "the next open", "close": "the next close", "same-close": "the close that decides"}[
        plan.fill
    ]
    doors = [[door, words] for door, words in planned_doors(run).items()]
    return [
        ["why in", "; ".join(conditions)],
        *_filters(run),
        [
            "what is bought",
            f"{listed(run.instruments)}, in {plan.lots} lots, {size}; {plan.per_bar} a bar at most",
        ],
        ["filled at", where],
        *([["tags of lots", listed(list(signals.tags), 8)]] if signals.tags else []),
        *doors,
    ]


def _option_plan(run: RunResult, rule: OptionRule) -> Rows:
    plan = rule.plan
    signals = rule.checked_signals(run.market())
    conditions = [name for name in signals.entry if not name.startswith(FILTER)]
    strike = "at the money" if plan.moneyness == 1 else f"strike {share(plan.moneyness, 0)} of the price"
    return [
        ["why in", "; ".join(conditions)],
        *_filters(run),
        ["what is bought", f"{plan.kind} on {listed(run.instruments)}, {strike}"],
        ["expiry", f"the first weekly one at least {plan.days} days after the purchase"],
        ["how much", f"{share(plan.fraction)} of equity, on premium"],
        ["way out", "; ".join(planned_doors(run))],
    ]


def _size(terms: TradeTerms) -> str:
    most = (
        f"{share(terms.fraction)} of equity" if terms.amount is None else f"{number(terms.amount)} each time"
    )
    if terms.risk is None:
        return most
    return f"so that the stop costs {share(terms.risk)} of equity, at most {most}"


WHERE = {"open": "at the next open", "close": "at the next close", "same-close": "at the close that decides"}


def _orders(plan: TradePlan) -> str:
    """Where entries and exits are filled, in words."""
    where = WHERE[plan.fill]
    price = plan.price
    if isinstance(price, str):
        at = price.replace("_", " ")
    else:
        at = "" if price is None else f"{percent(price)} from the close"
    if plan.entry == "market":
        return f"{where}, an entry if that is not above {at}" if at else where
    return f"entries as a {plan.entry} for the next bar at {at}; exits {where}"


def _rebalancing(plan: AllocationPlan) -> str:
    ways = []
    if plan.schedule != "never":
        ways.append(plan.schedule)
    if plan.every is not None:
        ways.append(f"every {plan.every} sessions")
    if plan.band is not None:
        ways.append(f"when a weight is off by more than {share(plan.band)}")
    if plan.exposure_band is not None:
        ways.append(f"when the net exposure is off by more than {share(plan.exposure_band)}")
    said = "; ".join(ways) or "never: only what is newly wanted or no longer wanted is traded"
    return said if plan.fill == "open" else f"{said}; filled {WHERE[plan.fill]}"


def _filters(run: RunResult) -> Rows:
    if run.rule is None or not run.rule.filters:
        return []
    return [["only while", "; ".join(gate.describe() for gate in run.rule.filters.values())]]
