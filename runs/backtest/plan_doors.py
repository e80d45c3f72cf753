"""Plan against outcome: how many trades left by each door, and what each door earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyzers import RoundTrip
from analyzers.trades import OPEN
from engine.contracts import EXPIRED
from runs.answers.parts import Table
from runs.answers.words import number, percent, share
from strategies import AllocationRule, OptionRule, TradeRule
from strategies.account_rule import AccountRule
from strategies.carriers.trade_strategy import LEAVING_TIME, NEXT_OPEN, SESSION_END
from strategies.plans.lot_plan import Fate, LotPlan
from strategies.plans.trade_plan import TradeTerms

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

NO_PROMISE, OWN = "—", "the rule's own"


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
    headings += ["mean return", "mean bars", "profit"]
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
        ends = {signals.until_reason: OWN} if signals.until is not None else {}
        return {EXPIRED: "at expiry", **ends, **dict.fromkeys(signals.exit, OWN)}
    if isinstance(rule, AccountRule):
        return {}
    if isinstance(rule, AllocationRule):
        states = rule.checked_targets(run.market()).states
        return {trade.exit_reason: OWN for trade in run.trades if trade.exit_reason in states}
    if isinstance(rule, TradeRule) and isinstance(rule.plan, LotPlan):
        return _lot_doors(rule.plan) | dict.fromkeys(rule.checked_signals(run.market()).exit, OWN)
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
            doors[door] = f"at {value.replace('_', ' ')}"
    if terms.trailing_atr is not None:
        doors["trailing stop"] = f"{terms.trailing_atr:g} average true ranges from the high"
    if terms.rebound is not None:
        doors["rebound"] = f"index beyond {terms.rebound.replace('_', ' ')}"
    if terms.max_bars is not None:
        doors["longest holding"] = f"after {terms.max_bars} bars"
    return doors


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


def _moved(trades: Sequence[RoundTrip]) -> str:
    """What the price made of the average trade, before costs, signed for the holder."""
    if not trades or any(t.rebalanced for t in trades):
        return NO_PROMISE
    moves = [(t.exit_price / t.entry_price - 1.0) * (1.0 if t.size > 0 else -1.0) for t in trades]
    return percent(sum(moves) / len(moves), 2)


def _outcome(trades: Sequence[RoundTrip]) -> list[str]:
    """Mean return, mean bars and profit; no mean where one of them was rebalanced."""
    if not trades:
        return [NO_PROMISE] * 3
    profit = number(sum(t.profit for t in trades), 0)
    if any(t.rebalanced for t in trades):
        return [NO_PROMISE, NO_PROMISE, profit]
    return [
        percent(sum(t.ret for t in trades) / len(trades), 2),
        number(sum(t.bars for t in trades) / len(trades), 1),
        profit,
    ]
