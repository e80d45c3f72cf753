"""A rule that says how much of each instrument to hold. Its `AllocationPlan` says when to trade."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.allocation_plan import AllocationPlan
from strategies.rule import Bools, Floats, Rule

MAX_WEIGHT = 10.0


@dataclass(frozen=True, eq=False)
class Targets:
    """What a rule wants to hold, bar by bar. Arrays of shape (n,); element t uses bars up to t only.

    weights : by instrument, the share of equity to hold; negative is short, NaN: not known yet, which
        leaves everything as it is.
    states : named conditions; the first that holds is the reason of what is traded on that bar.
    """

    weights: Mapping[str, Floats]
    states: Mapping[str, Bools] = field(default_factory=dict)

    def state_codes(self) -> npt.NDArray[np.int64]:
        """0 where no state holds, else 1 + the position of the first that does."""
        codes = np.zeros(len(next(iter(self.weights.values()))), dtype=np.int64)
        for i, holds in reversed(list(enumerate(self.states.values()))):
            codes[holds] = i + 1
        return codes


class AllocationRule(Rule):
    """A rule that holds weights, carried out by an `AllocationPlan`.

    Subclasses set `name`, `Params` and `summary`, and say `targets` and `instruments`.
    """

    Plan: ClassVar[type[BaseModel]] = AllocationPlan
    plan: AllocationPlan

    @abstractmethod
    def targets(self, market: Market) -> Targets:
        """The rule's target weights on a market. Element t may use the market up to bar t only."""

    def resting(self, market: Market) -> Mapping[str, Floats]:
        """What to hold where a filter is closed: nothing, unless the rule says otherwise."""
        return {}

    def checked_targets(self, market: Market) -> Targets:
        """The targets behind the rule's filters, in the order of `instruments`, shapes checked.

        Raises
        ------
        SpecError
            If an array has another length, an instrument is missing or strange, or a weight is beyond
            ten times equity.
        """
        targets = self.targets(market)
        n = len(market)
        for kind in ("weights", "states"):
            for name, values in getattr(targets, kind).items():
                self._check_shape(kind, name, values, n)
        if set(targets.weights) != set(self.instruments):
            raise SpecError(
                f"rule {self.name} gives weights for {', '.join(sorted(targets.weights))}, but its "
                f"instruments are {', '.join(sorted(self.instruments))}"
            )
        weights = {name: np.asarray(targets.weights[name], dtype=np.float64) for name in self.instruments}
        for name, values in weights.items():
            beyond = np.abs(values) > MAX_WEIGHT
            if beyond.any():
                worst = values[int(np.argmax(beyond))]
                raise SpecError(
                    f"rule {self.name}: weight {worst:g} of {name} is beyond ±{MAX_WEIGHT:g} × equity"
                )
        states = dict(targets.states)
        gates = self.open(market)
        if gates:
            all_open = np.logical_and.reduce(list(gates.values()))
            rest = self.resting(market)
            for name in weights:
                resting = np.broadcast_to(np.asarray(rest.get(name, 0.0), dtype=np.float64), (n,))
                # What is not known yet stays so: a filter cannot make a rule act before its warm-up.
                known = ~np.isnan(weights[name])
                weights[name] = np.where(known & ~all_open, resting, weights[name])
            closed = {
                f"filter {label} closed": ~is_open
                for label, is_open in zip(self.filters, gates.values(), strict=True)
            }
            states = {**closed, **states}
        return Targets(weights, states)
