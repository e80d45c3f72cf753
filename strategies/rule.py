"""What every rule is: a name, parameters with units and bounds, the filters that gate it, a plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.filters import Filter
from strategies.parameters import RuleParams

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Rule(ABC):
    """Base of `TradeRule` and `AllocationRule`.

    Subclasses set `name`, `summary`, `Params` and, through the two kinds, `Plan`. `when` says in a paragraph
    when the rule works and when it does not.

    Parameters
    ----------
    params : the rule's own parameters; its defaults if None.
    plan : what to do with its signals; the plan's defaults if None.
    filters : gates by their label; the rule acts only where all of them are open.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    when: ClassVar[str] = ""
    Params: ClassVar[type[RuleParams]]
    Plan: ClassVar[type[BaseModel]]

    def __init__(
        self,
        params: RuleParams | None = None,
        plan: BaseModel | None = None,
        filters: Mapping[str, Filter] | None = None,
    ) -> None:
        self.params = params if params is not None else self.Params()
        self.plan: Any = plan if plan is not None else self.Plan()
        self.filters = dict(filters or {})

    @classmethod
    def variant(cls, params: Mapping[str, Any]) -> type[Rule]:
        """The class that carries out these (raw) parameters; a rule whose modes differ in their plan
        returns another one than itself."""
        return cls

    @classmethod
    def plans(cls) -> list[tuple[type[BaseModel], str]]:
        """The kinds of plan that can carry the rule out, each with when it does (" in mode bear")."""
        return [(cls.Plan, "")]

    @property
    @abstractmethod
    def instruments(self) -> tuple[str, ...]:
        """What the rule may trade, by name; "index" is the index itself."""

    @property
    def warm_up(self) -> int:
        """Bars before the first signal is possible."""
        return 1

    def needs_events(self) -> bool:
        """True if the rule or one of its filters reads a calendar of events."""
        return any(gate.needs_events for gate in self.filters.values())

    def notes(self, market: Market) -> list[str]:
        """What a person should know of this rule on this market, a sentence each."""
        return []

    def check_instrument(self, multiple: float) -> None:  # noqa: B027  (most rules suit any instrument)
        """Raise SpecError if the rule makes no sense on an instrument with this multiple."""

    def open(self, market: Market) -> dict[str, Bools]:
        """For each filter: its label, and where it is open; shape (n,) each.

        Raises
        ------
        SpecError
            If a filter gives an array of another length.
        """
        gates = {}
        for label, gate in self.filters.items():
            is_open = gate.open(market)
            self._check_shape("filter", label, is_open, len(market))
            gates[f"filter {label}: {gate.describe()}"] = is_open
        return gates

    def _check_shape(self, kind: str, name: str, values: Any, n: int) -> None:
        shape = getattr(values, "shape", None)
        if shape != (n,):
            got = f"has shape {shape}" if shape is not None else f"is a {type(values).__name__}, not an array"
            raise SpecError(f"rule {self.name}: {kind} {name!r} {got}, there are {n} bars")
