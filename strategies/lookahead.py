"""Whether a rule looks ahead: what it says of a bar must not change once later bars are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from feeds.market import Market
from strategies.account_rule import AccountRule
from strategies.allocation_rule import AllocationRule
from strategies.rule import Rule

SIGNALS = ("entry", "votes", "exit", "levels", "index_levels", "tags")
LEAST, MOST = 16, 400  # places at which the data are cut off; each costs one more computation of the rule
BARS = 200_000  # that a rule is asked about again, by which long histories are cut more seldom: the same
# places on every machine, however busy
SEED = 1  # of the places that are drawn


def looks_ahead(
    rule: Rule, market: Market, most: int = MOST, again: Callable[[], Rule] | None = None
) -> str | None:
    """Where a rule's arrays on cut-off data differ from those on all of it: a sentence, None if nowhere.

    The data are cut off right after the bars on which the rule says something new, where a peek at the next
    bar shows, and at places drawn over the whole span. Each cut is a copy that shares no memory with the
    whole; one of the first quarter that is too short for the rule is left out.
    Numbers that differ by less than a part in 10⁹ are the same. A rule that peeks on a few of many bars may
    pass.

    Parameters
    ----------
    most : cuts at most; `LEAST` are made in any case, the others until `BARS` bars were asked about.
    again : makes the rule anew, in a module that knows nothing of what was computed before; the rule itself
        is asked again if None.
    """

    def fresh() -> Rule:
        made = rule if again is None else again()
        made.history_before_run = rule.history_before_run
        return made

    whole = dict(_arrays(fresh(), market.copied()))
    asked = 0
    for done, end in enumerate(_places(whole, len(market))[:most]):
        if done >= LEAST and asked + end > BARS:
            break
        asked += end
        try:
            cut = list(_arrays(fresh(), market.upto(end).copied()))
        except Exception:
            if end < len(market) // 4:
                continue  # fewer bars than it can do with
            raise
        for name, then in cut:
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


def _places(whole: dict[str, npt.NDArray[Any]], n: int) -> list[int]:
    """Numbers of bars to cut the data off after: two right after a bar that says something new, one anywhere,
    and so on; the bars evenly over the span, later ones drawn."""
    if n < 3:
        return []
    new = np.zeros(n, dtype=np.bool_)
    for values in whole.values():
        new[1:] |= _differ(values[1:], values[:-1])
        new[0] |= bool(values[0]) and not np.isnan(values[0])
    rng = np.random.default_rng(SEED)
    own = np.flatnonzero(new) + 1
    own = own[(own >= 2) & (own < n)]
    first = (
        own[np.unique(np.linspace(0, len(own) - 1, min(len(own), LEAST)).astype(int))] if len(own) else own
    )
    rest = rng.permutation(np.setdiff1d(own, first))
    anywhere = iter(rng.integers(2, n, MOST).tolist())
    found: list[int] = []
    for i, end in enumerate([*first.tolist(), *rest.tolist()]):
        found.append(end)
        if i % 2:
            found.append(next(anywhere))
        if len(found) >= MOST:
            break
    found += [next(anywhere) for _ in range(LEAST - len(found))]
    return list(dict.fromkeys(found))[:MOST]


def _arrays(rule: Any, market: Market) -> Iterator[tuple[str, np.ndarray]]:
    """All that a rule gives, by name, as numbers."""
    if isinstance(rule, AccountRule):
        yield from ((f"array “{name}”", values) for name, values in rule.checked_arrays(market).items())
        return
    if isinstance(rule, AllocationRule):
        sides, kinds = [("", rule.checked_targets(market))], ("weights", "states")
    else:
        given = rule.checked_signals(market)
        other = getattr(given, "other", None)
        sides = [("", given), *([("other ", other)] if other is not None else [])]
        kinds = SIGNALS
    for which, said in sides:
        for kind in kinds:
            for name, values in getattr(said, kind, {}).items():
                yield f"{which}{kind} “{name}”", np.asarray(values, dtype=np.float64)


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ~np.isclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True)
