"""Why a run made no trade, in one sentence."""

from __future__ import annotations

import numpy as np

from feeds.market import Market
from runs.backtest.own_strategy import Sent
from strategies import AllocationRule, OptionRule, Rule, TradeRule


def verdict(rule: Rule | None, market: Market, said: list[str], sent: Sent) -> str:
    """One sentence on why a run made no trade. `said` is what the run itself noted, `sent` its orders."""
    if isinstance(rule, TradeRule):
        return never_traded(rule, market, said)
    why = f": {'; '.join(said[-3:])}" if said else ""
    if isinstance(rule, OptionRule):
        never = [name for name, held in rule.checked_signals(market).entry.items() if not held.any()]
        if never:
            return f"The rule never traded: “{never[0]}” was never true."
    if isinstance(rule, AllocationRule):
        weights = np.column_stack(list(rule.checked_targets(market).weights.values()))
        known = ~np.isnan(weights).any(axis=1)
        wanted = known & (weights != 0).any(axis=1)
        if not known.any():
            return "The rule never traded: its weights were never known, so the data are too short for it."
        if not wanted.any():
            return "The rule never traded: its target weights were 0 throughout."
        if not wanted[:-1].any():
            return "The rule never traded: it wanted something on the last bar only, too late to be filled."
        return f"The rule never traded although it wanted to on {int(wanted.sum()):,} bars{why}."
    if said and not sent.total:
        return f"The strategy never traded{why}."
    return f"The strategy never traded: {sent.in_words()}."


def never_traded(rule: TradeRule, market: Market, said: list[str]) -> str:
    """One sentence on why a rule made no trade: the condition that never held, or that none coincided."""
    signals = rule.checked_signals(market)
    conditions = dict(signals.entry)
    if signals.needed:
        words = f"{signals.needed} of {len(signals.votes)} confirmations ({', '.join(signals.votes)})"
        conditions[words] = signals.vote_count() >= signals.needed
    never = [f"“{name}”" for name, held in conditions.items() if not held.any()]
    if never:
        verb = "were" if len(never) > 1 else "was"
        return f"The rule never traded: {' and '.join(never)} {verb} never true."
    entries = int(signals.enters().sum())
    if not entries:
        counts = ", ".join(f"“{name}” on {held.sum():,} bars" for name, held in conditions.items())
        return f"The rule never traded: its conditions were never true together ({counts})."
    if entries == 1 and signals.enters()[-1]:
        return "The rule never traded: its one signal came on the last bar, too late to be filled."
    why = f": {'; '.join(said[-3:])}" if said else ""
    return f"The rule never traded although it gave {entries:,} signals{why}."
