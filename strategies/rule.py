"""What every rule is: a name, parameters with units and bounds, the filters that gate it, a plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.conditions import Measured
from strategies.filters import Filter
from strategies.parameters import RuleParams

if TYPE_CHECKING:
    from feeds.history import History

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
    history_before_run: History | None = None  # what came before a run's first bar, where the data have it

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
    def plan_for(cls, plan: Mapping[str, Any]) -> type[BaseModel]:
        """The kind of plan that a (raw) table is."""
        return cls.Plan

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

    def measured(self, market: Market) -> Mapping[str, Measured | tuple[Measured, ...]]:
        """What the rule's conditions compare, by the name that each has in its signals or states: for whoever
        asks how far it is to them. One that is not here is shown as true or false."""
        return {}

    def all_measured(self, market: Market) -> dict[str, tuple[Measured, ...]]:
        """The same with those of the rule's filters; the market may begin before the run."""
        own = self.measured(market)
        wrong = not isinstance(own, Mapping)
        found: dict[str, tuple[Measured, ...]] = {}
        for name, given in {} if wrong else own.items():
            found[name] = given if isinstance(given, tuple) else (given,)
            wrong = wrong or not all(isinstance(each, Measured) for each in found[name])
        if wrong:
            raise SpecError(
                f"rule {self.name}: measured gives {own!r:.80}, it must give a dict of names and Measured"
            )
        for name, each in ((name, each) for name, all_of in found.items() for each in all_of):
            self._checked("measured", name, each.value, len(market), np.float64)
            if np.ndim(each.level):
                self._checked("level of measured", name, each.level, len(market), np.float64)
        for label, gate in self.filters.items():
            given = gate.measured(market)
            if given is not None:
                found[gate_words(label, gate)] = (given,)
        return found

    def all_notes(self, market: Market) -> list[str]:
        """The rule's notes and those of its filters, each said once.

        Raises
        ------
        SpecError
            If the rule's are not a list of sentences.
        """
        own = self.notes(market)
        if not (isinstance(own, list) and all(isinstance(note, str) for note in own)):
            raise SpecError(f"rule {self.name}: notes gives {own!r}, it must give a list of sentences")
        of_filters = (note for gate in self.filters.values() for note in gate.notes(market))
        return list(dict.fromkeys([*own, *of_filters]))

    def with_lead_in(self, market: Market) -> Market:
        """A run's market with what came before it in front; `Market.lead` counts those bars."""
        return market if self.history_before_run is None else self.history_before_run.before(market)

    @property
    def bars_waited(self) -> int:
        """Bars of a run before the first signal is possible, after what its history gives."""
        return max(self.warm_up - self.bars_known_before_run(), 1)

    def bars_known_before_run(self) -> int:
        """Bars before the run's first that this rule knows."""
        return 0 if self.history_before_run is None else len(self.history_before_run)

    def check_instrument(self, multiple: float) -> None:  # noqa: B027  (most rules suit any instrument)
        """Raise SpecError if the rule makes no sense on an instrument with this multiple."""

    def open(self, market: Market) -> dict[str, Bools]:
        """For each filter: its label, and where it is open; shape (n,) each.

        Raises
        ------
        SpecError
            If a filter gives an array of another length, or of anything but true and false.
        """
        gates = {}
        for label, gate in self.filters.items():
            is_open = self._checked("filter", label, gate.open(market), len(market), np.bool_)
            gates[gate_words(label, gate)] = is_open
        return gates

    def _checked(self, kind: str, name: str, values: Any, n: int, dtype: type) -> npt.NDArray[Any]:
        """An array of a rule: one value a bar, of the right sort (0 and 1 for true and false would be taken
        for positions)."""
        shape = getattr(values, "shape", None)
        if shape != (n,):
            got = f"has shape {shape}" if shape is not None else f"is a {type(values).__name__}, not an array"
            raise SpecError(f"rule {self.name}: {kind} {name!r} {got}, there are {n} bars")
        array = np.asarray(values)
        right, words = ("b", "true or false") if dtype is np.bool_ else ("fiu", "numbers")
        if array.dtype.kind not in right:
            raise SpecError(
                f"rule {self.name}: {kind} {name!r} holds {array.dtype} values, it must hold {words}"
            )
        return array.astype(dtype, copy=False)

    def _checked_all(self, given: Any, kind: str, n: int, dtype: type) -> dict[str, npt.NDArray[Any]]:
        """The named arrays of a kind, checked."""
        named = getattr(given, kind)
        if not isinstance(named, Mapping):
            raise SpecError(
                f"rule {self.name}: {kind} is a {type(named).__name__}; it must be a dict of names and arrays"
            )
        for name in named:
            if not isinstance(name, str):
                raise SpecError(f"rule {self.name}: {kind} has the name {name!r}; it must be a text")
        return {name: self._checked(kind, name, values, n, dtype) for name, values in named.items()}

    def _check_kind(self, given: Any, kind: type, method: str) -> None:
        if not isinstance(given, kind):
            raise SpecError(
                f"rule {self.name}: {method} gives a {type(given).__name__}, it must give {kind.__name__}"
            )


def gate_words(label: str, gate: Filter) -> str:
    """What a filter is called among the conditions of a rule."""
    return f"filter {label}: {gate.describe()}"


class OneInstrumentRule(Rule):
    """Base of the rules that trade one instrument, which their plan may choose."""

    @property
    def instrument(self) -> str:
        """What is bought: the plan's choice, else the rule's own."""
        return self.plan.instrument or self.default_instrument

    @property
    def instruments(self) -> tuple[str, ...]:
        return (self.instrument,)

    @property
    @abstractmethod
    def default_instrument(self) -> str:
        """What the rule buys if the plan names nothing."""
