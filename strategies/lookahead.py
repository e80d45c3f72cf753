"""Whether a rule looks ahead: what it says of a bar must not change once later bars are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from feeds.market import Market
from strategies.account_rule import AccountRule
from strategies.allocation_rule import AllocationRule
from strategies.rule import Rule

SIGNALS = ("entry", "votes", "exit", "levels", "index_levels", "tags")
CUTS = 12  # places at which the data are cut off; each costs one more computation of the rule


def looks_ahead(rule: Rule, market: Market, cuts: int = CUTS) -> str | None:
    """Where a rule's arrays on cut-off data differ from those on all of it: a sentence, None if nowhere.

    Numbers that differ by less than a part in 10⁹ are the same. A rule that peeks only now and then may
    pass; one that reads the next bar is found at the first cut after which that bar matters.
    """
    n = len(market)
    whole = dict(_arrays(rule, market))
    for end in np.unique(np.linspace(n // 4, n - 1, cuts).astype(int)):
        if end < 2:
            continue
        for name, then in _arrays(rule, market.upto(int(end))):
            now = whole.get(name)
            if now is None:
                return f"{name} is not given on all bars"
            differs = _differ(then, now[:end])
            if differs.any():
                bar = int(np.argmax(differs))
                day = market.sessions[bar]
                return (
                    f"on {day} {name} was {then[bar]:g} while later bars were not known, and is {now[bar]:g}"
                )
    return None


def _arrays(rule: Any, market: Market) -> Iterator[tuple[str, np.ndarray]]:
    """All that a rule gives, by name, as numbers."""
    if isinstance(rule, AccountRule):
        yield from ((f"array “{name}”", values) for name, values in rule.checked_arrays(market).items())
        return
    if isinstance(rule, AllocationRule):
        given, kinds = rule.checked_targets(market), ("weights", "states")
    else:
        given, kinds = rule.checked_signals(market), SIGNALS
    for kind in kinds:
        for name, values in getattr(given, kind, {}).items():
            yield f"{kind} “{name}”", np.asarray(values, dtype=np.float64)


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ~np.isclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True)
