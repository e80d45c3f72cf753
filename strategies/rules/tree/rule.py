"""Tree: nested conditions that end in what is held: "if the index is above its 200-day average: if RSI(10) of
TQQQ is above 79 then cash, else TQQQ; else the strongest of these by RSI".

What such a rule finds is mostly that its author knew the years it was made on: a tree of thirty conditions
has thirty thresholds that were chosen by looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import DataError, SpecError
from strategies.allocation_rule import AllocationRule, Targets
from strategies.conditions import Measured
from strategies.filters import Filter
from strategies.parameters import RuleParams, param
from strategies.rule import Bools, Floats
from strategies.rules.tree.grammar import Comparison, Indicator
from strategies.rules.tree.nodes import Fixed, Path, Picked, leaves, parsed

SHOWN = {"if": "price(index) > sma(index, 200)", "then": "SOXL", "else": "cash"}
Values = Mapping[Indicator, Floats]


class TreeParams(RuleParams):
    """Parameters of `Tree`."""

    tree: str | list[Any] | dict[str, Any] = param(
        SHOWN,
        "",
        'an instrument, "cash", {if, then, else}, a list of {if, then} with what is held otherwise last, '
        "{equal}, {weights}, {top or bottom, by, of}, {inverse_volatility, of}",
    )
    numbers: dict[str, float] = param(
        {}, "", "numbers that the tree has by name, so that a sweep can vary them: rule.numbers.hot"
    )


class Tree(AllocationRule):
    """Follows the conditions from the root to what is held."""

    name = "tree"
    summary = "nested conditions in TOML: if rsi(TQQQ, 10) > 79 then cash, else …"
    when = (
        "A condition compares price(X), sma(X, bars), ema(X, bars), rsi(X, bars), return(X, bars) or "
        "volatility(X, bars) with a number or with another of them; X is index, a fund or an asset of the "
        "run; return and volatility (a year) are fractions. The rule waits until every indicator of the tree "
        "is known, also those of branches not taken. Works as far as its conditions have a reason of their "
        "own: each threshold was chosen by looking at some years, and a tree of many can fit any of them. "
        "Ask the same tree of other histories, and sweep its numbers, before you believe it."
    )
    Params = TreeParams
    params: TreeParams

    def __init__(
        self,
        params: RuleParams | None = None,
        plan: BaseModel | None = None,
        filters: Mapping[str, Filter] | None = None,
    ) -> None:
        super().__init__(params, plan, filters)
        self._ends = list(leaves(parsed(self.params.tree, self.params.numbers)))
        if not self.instruments:
            raise SpecError("rule.tree holds nothing but cash; name an instrument at one of its ends")
        self._names = _names(self._ends)

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, leaf in self._ends for name in leaf.instruments))

    @property
    def warm_up(self) -> int:
        return max((each.warm_up for each in self._indicators), default=1)

    @property
    def _indicators(self) -> tuple[Indicator, ...]:
        found = [each for path, leaf in self._ends for i in (*_compared(path), leaf) for each in i.indicators]
        return tuple(dict.fromkeys(found))

    def _values(self, market: Market) -> dict[Indicator, Floats]:
        found = {}
        for each in self._indicators:
            try:
                found[each] = each.on(market)
            except DataError as error:
                raise SpecError(
                    f"rule.tree reads {each}, but {error}; name {each.instrument} in data.funds, or in "
                    "data.assets"
                ) from None
        return found

    def targets(self, market: Market) -> Targets:
        values, n = self._values(market), len(market)
        # Known once seen: a fund that is wiped out later has no volatility, and must not stop the whole tree.
        known = np.ones(n, dtype=bool)
        for each in values.values():
            known &= np.logical_or.accumulate(~np.isnan(each))
        weights = {name: np.zeros(n) for name in self.instruments}
        states: dict[str, Bools] = {}
        for (path, leaf), name in zip(self._ends, self._names, strict=True):
            here = known & _taken(path, values, n)
            states[name] = here
            for held, share in _shares(leaf, values, market).items():
                weights[held][here] = share[here]
        for share in weights.values():
            share[~known] = np.nan
        return Targets(weights, states)

    def measured(self, market: Market) -> dict[str, Measured | tuple[Measured, ...]]:
        values = self._values(market)
        return {
            name: tuple(_measured(compared, values) for compared in _compared(path))
            for (path, _), name in zip(self._ends, self._names, strict=True)
            if path
        }

    def notes(self, market: Market) -> list[str]:
        """Conditions that decide nothing, as where 5 was written for .05."""
        values, said = self._values(market), []
        for branch in dict.fromkeys(branch for path, _ in self._ends for branch, _ in path):
            seen = np.logical_and.reduce([~np.isnan(values[each]) for each in branch.condition.indicators])
            holds = branch.condition.holds(values)[seen]
            if len(holds) and (holds.all() or not holds.any()):
                always = "every" if holds.all() else "no"
                said.append(f"{branch.where}.if: {branch.condition} holds on {always} bar of this run")
        return said


def _compared(path: Path) -> tuple[Comparison, ...]:
    return tuple(branch.condition for branch, _ in path)


def _taken(path: Path, values: Values, n: int) -> Bools:
    """Where all conditions of a path are as it needs them."""
    here = np.ones(n, dtype=bool)
    for branch, wanted in path:
        here &= branch.condition.holds(values) == wanted
    return here


def _names(ends: list[tuple[Path, Fixed | Picked]]) -> list[str]:
    """A name for each end: the last condition on its path, with those before it as far as it takes to tell
    the ends apart, and how a list was picked."""
    words = [
        [branch.condition.negated if not held else str(branch.condition) for branch, held in path]
        for path, _ in ends
    ]
    names = []
    for own, (path, leaf) in zip(words, ends, strict=True):
        length = 1
        while length < len(own) and sum(other[-length:] == own[-length:] for other in words) > 1:
            length += 1
        name = " and ".join(own[-length:])
        if isinstance(leaf, Picked) or not path:
            name = f"{name}: {leaf.words}".removeprefix(": ")
        # Whoever asks the same twice on one path has ends that are never reached.
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return names


def _shares(leaf: Fixed | Picked, values: Values, market: Market) -> dict[str, Floats]:
    """The weights of an end, shape (n,) each, as if it were taken on every bar."""
    n = len(market)
    if isinstance(leaf, Fixed):
        return {name: np.full(n, weight) for name, weight in leaf.weights.items()}
    # A fund that is wiped out is not picked, however its indicators stand.
    chosen = np.array([market[name].close > 0 for name in leaf.of])
    if leaf.scores is not None:
        scores = leaf.sign * np.array([values[each] for each in leaf.scores])
        scores = np.where(chosen & ~np.isnan(scores), scores, -np.inf)
        order = np.argsort(-scores, axis=0, kind="stable")[: leaf.count]  # of equals the first in the list
        best = np.zeros_like(chosen)
        np.put_along_axis(best, order, True, axis=0)
        chosen &= best & ~np.isneginf(scores)
    share = np.ones(chosen.shape)
    if leaf.volatilities is not None:
        each = np.array([values[volatility] for volatility in leaf.volatilities])
        chosen &= ~np.isnan(each)
        still = chosen & (each == 0)  # the limit of 1 / volatility: they have it all
        inverse = np.divide(1.0, each, out=np.zeros_like(each), where=each > 0)
        share = np.where(still.any(axis=0), still, inverse)
    share = np.where(chosen, share, 0.0)
    total = share.sum(axis=0)
    share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    return dict(zip(leaf.of, share, strict=True))


def _measured(compared: Comparison, values: Values) -> Measured:
    right = compared.right
    level = values[right] if isinstance(right, Indicator) else right
    return Measured(str(compared.left), values[compared.left], level, compared.left.share)
