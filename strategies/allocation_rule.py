"""A rule that says how much of each instrument to hold. Its `AllocationPlan` says when to trade."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.plans.allocation_plan import AllocationPlan
from strategies.rule import Bools, Floats, Rule

MAX_WEIGHT = 10.0


@dataclass(frozen=True, eq=False)
class Targets:
    """What a rule wants to hold, bar by bar. Arrays of shape (n,); element t uses bars up to t only.

    weights : by instrument, the share of equity to hold; negative is short, NaN: not known yet, which
        leaves everything as it is.
    states : named conditions; the first that holds is the reason when something is bought anew, sold out or
        turned round, and of all that is traded with it. What the plan trades back has the plan's ("band").
    """

    weights: Mapping[str, Floats]
    states: Mapping[str, Bools] = field(default_factory=dict)

    def after(self, lead: int) -> Targets:
        """The same without the first `lead` bars."""
        if not lead:
            return self
        weights, states = ({n: v[lead:] for n, v in each.items()} for each in (self.weights, self.states))
        return replace(self, weights=weights, states=states)

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
        """The targets behind the rule's filters, in the order of `instruments`, arrays checked.

        Raises
        ------
        SpecError
            If the rule gives anything but `Targets`, an array has another length or sort, an instrument is
            missing or strange, or a weight is beyond ten times equity.
        """
        whole = self.with_lead_in(market)
        return self._checked_targets(whole).after(whole.lead - market.lead)

    def _checked_targets(self, market: Market) -> Targets:
        for label, gate in self.filters.items():
            if gate.params.leave:
                raise SpecError(
                    f"filters.{label}.leave is for rules of trades; {self.name} holds weights, and always "
                    "rests behind a closed filter"
                )
        targets = self.targets(market)
        self._check_kind(targets, Targets, "targets")
        n = len(market)
        given = self._checked_all(targets, "weights", n, np.float64)
        states: dict[str, Bools] = self._checked_all(targets, "states", n, np.bool_)
        if not self.instruments:
            raise SpecError(f"rule {self.name} has no instruments")
        if set(given) != set(self.instruments):
            raise SpecError(
                f"rule {self.name} gives weights for {', '.join(sorted(given)) or 'nothing'}, but its "
                f"instruments are {', '.join(sorted(self.instruments))}"
            )
        weights = {name: given[name] for name in self.instruments}
        gates = self.open(market)
        if gates:
            all_open = np.logical_and.reduce(list(gates.values()))
            rest = self.resting(market)
            for name in rest:
                if name not in weights:
                    raise SpecError(
                        f"rule {self.name} rests in {name}, but its instruments are {', '.join(weights)}"
                    )
            for name in weights:
                resting = self._checked("resting", name, rest.get(name, np.zeros(n)), n, np.float64)
                # What is not known yet stays so: a filter cannot make a rule act before its warm-up.
                known = ~np.isnan(weights[name])
                weights[name] = np.where(known & ~all_open, resting, weights[name])
            closed = {
                f"filter {label} closed": ~is_open
                for label, is_open in zip(self.filters, gates.values(), strict=True)
            }
            states = {**closed, **states}
        for name, values in weights.items():
            beyond = np.abs(values) > MAX_WEIGHT
            if beyond.any():
                worst = values[int(np.argmax(beyond))]
                raise SpecError(
                    f"rule {self.name}: weight {worst:g} of {name} is beyond ±{MAX_WEIGHT:g} × equity"
                )
        return Targets(weights, states)

    def all_notes(self, market: Market) -> list[str]:
        said = super().all_notes(market)
        plan = self.plan
        if plan.trades_back:
            return said
        changing = [
            name
            for name, weights in self.checked_targets(market).weights.items()
            if len(np.unique(weights[~np.isnan(weights) & (weights != 0)])) > 1
        ]
        if changing:
            said.append(
                f"the target of {' and '.join(changing)} changes in size, but the plan has neither schedule "
                "nor band: only what is newly wanted or no longer wanted is traded"
            )
        return said
