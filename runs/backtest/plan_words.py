"""The plan of a run in words, and plan against outcome: how many trades left by each door, and what each
door earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyzers import RoundTrip
from analyzers.trades import OPEN
from engine.contracts import EXPIRED
from runs.answers.parts import Table
from runs.answers.words import listed, number, percent, share
from strategies import AllocationPlan, AllocationRule, OptionRule, TradePlan, TradeRule
from strategies.account_rule import AccountRule
from strategies.carriers.trade_strategy import LEAVING_TIME, NEXT_OPEN, SESSION_END
from strategies.plans.lot_plan import Fate, LotPlan
from strategies.plans.trade_plan import TradeTerms

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

Rows = list[list[str]]
NO_PROMISE, OWN = "—", "the rule's own"


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
            ["what is held", listed(run.instruments, 8)],
            ["traded back", _rebalancing(rule.plan)],
            *_filters(run),
        ]
    return []


def door_table(run: RunResult) -> Table:
    """Each door that the plan has, and any other by which a trade was left; doors that nobody took are there
    with 0. A plan is of prices: where returns are on a margin, what the price made of a trade stands beside
    it."""
    on_margin = run.spec.account.kind == "cfd"
    promised = planned_doors(run)
    by_door: dict[str, list[RoundTrip]] = defaultdict(list)
    for trade in run.trades:
        by_door[trade.exit_reason].append(trade)
    taken = sorted(by_door, key=lambda door: (door == OPEN, -len(by_door[door]), door))
    unused = [door for door in promised if door not in by_door]
    rows = []
    for door in [*taken, *unused]:
        trades = by_door.get(door, [])
        rows.append(
            [
                door,
                promised.get(door, NO_PROMISE),
                *([_moved(trades)] if on_margin else []),
                f"{len(trades):,}",
                share(len(trades) / len(run.trades), 0) if run.trades else "n/a",
                *_outcome(trades),
            ]
        )
    what = "trades" if run.contracts is None else "options"
    headings = ["left by", "planned", *(["price made"] if on_margin else []), what, "of all"]
    headings += ["average return", "average bars", "profit"]
    return Table(
        "Plan against outcome, by the door through which trades were left",
        headings,
        rows if run.trades else [],
    )


def planned_doors(run: RunResult) -> dict[str, str]:
    """Door → what the plan promises of it, in words."""
    rule = run.rule
    if isinstance(rule, OptionRule):
        signals = rule.checked_signals(run.market())
        ends = {signals.until_reason: "the rule's own"} if signals.until is not None else {}
        return {EXPIRED: "at expiry", **ends, **dict.fromkeys(signals.exit, "the rule's own")}
    if isinstance(rule, AccountRule):
        return {}
    if isinstance(rule, TradeRule) and isinstance(rule.plan, LotPlan):
        return _lot_doors(rule.plan) | dict.fromkeys(
            rule.checked_signals(run.market()).exit, "the rule's own"
        )
    if not isinstance(rule, TradeRule):
        return {}
    return _trade_doors(run, rule)


def _trade_doors(run: RunResult, rule: TradeRule) -> dict[str, str]:
    plan, signals = rule.plan, rule.checked_signals(run.market())
    said: dict[str, list[str]] = {}
    for name, terms in zip(rule.instruments, plan.terms, strict=True):
        whose = "" if plan.other is None else f" of {name}"
        for door, words in _doors_of(terms).items():
            said.setdefault(door, []).append(words + whose)
    doors = {door: "; ".join(words) for door, words in said.items()}
    longest = doors.pop("longest holding", None)
    for side in (signals, signals.other):
        if side is not None:
            doors |= dict.fromkeys(side.exit, OWN)
    if longest is not None:
        doors["longest holding"] = longest
    if plan.leave_at == "open":
        doors[NEXT_OPEN] = "the first open after the entry"
    elif plan.leave_at == SESSION_END:
        doors[SESSION_END] = "the session's close"
    elif plan.leave_at is not None:
        doors[LEAVING_TIME] = f"from {plan.leave_at} on"
    return doors


def _doors_of(terms: TradeTerms) -> dict[str, str]:
    """Door → promise, of one side of a plan."""
    doors: dict[str, str] = {}
    for door, value, sign in (
        ("stop", terms.stop, -1.0),
        ("trailing stop", terms.trailing_stop, -1.0),
        ("target", terms.target, 1.0),
    ):
        if isinstance(value, float):
            what = " from the high" if door == "trailing stop" else ""
            doors[door] = f"{percent(sign * value)}{what}"
        elif value is not None:
            doors[door] = f"at {value}"
    if terms.trailing_atr is not None:
        doors["trailing stop"] = f"{terms.trailing_atr:g} average true ranges from the high"
    if terms.rebound is not None:
        doors["rebound"] = f"index beyond {terms.rebound}"
    if terms.max_bars is not None:
        doors["longest holding"] = f"after {terms.max_bars} bars"
    return doors


def _moved(trades: Sequence[RoundTrip]) -> str:
    """What the price made of the average trade, before costs, signed for the holder."""
    if not trades or any(t.rebalanced for t in trades):
        return NO_PROMISE
    moves = [(t.exit_price / t.entry_price - 1.0) * (1.0 if t.size > 0 else -1.0) for t in trades]
    return percent(sum(moves) / len(moves), 2)


def _outcome(trades: Sequence[RoundTrip]) -> list[str]:
    """Average return, average bars and profit; no average where one of them was rebalanced."""
    if not trades:
        return [NO_PROMISE] * 3
    profit = number(sum(t.profit for t in trades))
    if any(t.rebalanced for t in trades):
        return [NO_PROMISE, NO_PROMISE, profit]
    return [
        percent(sum(t.ret for t in trades) / len(trades), 2),
        number(sum(t.bars for t in trades) / len(trades), 1),
        profit,
    ]


def _trade_plan(run: RunResult, rule: TradeRule) -> Rows:
    plan = rule.plan
    signals = rule.checked_signals(run.market())
    conditions = [name for name in signals.entry if not name.startswith("filter ")]
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
    conditions = [name for name in signals.entry if not name.startswith("filter ")]
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


def _lot_doors(plan: LotPlan) -> dict[str, str]:
    doors: dict[str, list[str]] = {}
    for tag, fate in {"": plan.each, **plan.each.by_tag}.items():
        for door, words in _fate_doors(fate).items():
            doors.setdefault(door, []).append(f"{tag}: {words}" if tag else words)
    found = {door: "; ".join(words) for door, words in doors.items()}
    if plan.average_target is not None:
        found["average target"] = f"{percent(plan.average_target)} over the average cost"
    if plan.average_stop is not None:
        found["average stop"] = f"{percent(-plan.average_stop)} of the average cost"
    return found


def _fate_doors(each: Fate) -> dict[str, str]:
    doors = {}
    if each.target is not None:
        doors["target"] = (
            "a close above its own price" if not each.target else f"{percent(each.target)} of a lot"
        )
    if each.stop is not None:
        doors["stop"] = f"{percent(-each.stop)} of a lot"
    if each.patience is not None:
        doors["patience"] = f"after {each.patience} closes"
    return doors


def _option_plan(run: RunResult, rule: OptionRule) -> Rows:
    plan = rule.plan
    signals = rule.checked_signals(run.market())
    conditions = [name for name in signals.entry if not name.startswith("filter ")]
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
    at = "" if price is None else price if isinstance(price, str) else f"{percent(price)} from the close"
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
