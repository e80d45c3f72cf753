"""A rule that buys options: when to buy, when to sell. Its `OptionPlan` says which, and how much."""

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
from strategies.plans.option_plan import OptionPlan
from strategies.rule import Bools, Rule

Dates = npt.NDArray[np.datetime64]
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, eq=False)
class OptionSignals:
    """What an option rule says, bar by bar. Arrays of shape (n,); element t uses the market up to bar t.

    entry : named conditions; options are bought on the bars where all of them hold and none is held.
    exit : named reasons; what is held is sold on the first bar where one holds.
    until : datetime64[D]; for what is bought on a bar's signal, the session on whose close its sale is
        decided; NaT for none. Known beforehand, as the calendar of events is.
    until_reason : the reason of such a sale.
    """

    entry: Mapping[str, Bools]
    exit: Mapping[str, Bools] = field(default_factory=dict)
    until: Dates | None = None
    until_reason: str = "time is up"

    def enters(self) -> Bools:
        """True where all entry conditions hold."""
        return np.logical_and.reduce(list(self.entry.values()))

    def after(self, lead: int) -> OptionSignals:
        """The same without the first `lead` bars."""
        if not lead:
            return self
        entry, leave = ({n: v[lead:] for n, v in each.items()} for each in (self.entry, self.exit))
        until = None if self.until is None else self.until[lead:]
        return replace(self, entry=entry, exit=leave, until=until)

    def exit_codes(self) -> npt.NDArray[np.int64]:
        """0 where there is no reason to leave, else 1 + the position of the first reason."""
        codes = np.zeros(len(next(iter(self.entry.values()))), dtype=np.int64)
        for i, reason in reversed(list(enumerate(self.exit.values()))):
            codes[reason] = i + 1
        return codes


class OptionRule(Rule):
    """A rule that buys options, carried out by an `OptionPlan`.

    Subclasses set `name`, `Params` and `summary`, and say `signals`.
    """

    Plan: ClassVar[type[BaseModel]] = OptionPlan
    plan: OptionPlan

    @property
    def underlying(self) -> str:
        """What the options are on: the plan's choice, else the index."""
        return self.plan.instrument or "index"

    @property
    def instruments(self) -> tuple[str, ...]:
        return (self.underlying,)

    @property
    def warm_up(self) -> int:
        return self.plan.volatility_bars + 1

    @abstractmethod
    def signals(self, market: Market) -> OptionSignals:
        """The rule's signals on a market. Element t may use the market up to bar t only."""

    def notes(self, market: Market) -> list[str]:
        return ["no option prices are at hand: every premium here is modelled, from a volatility that is too"]

    def checked_signals(self, market: Market) -> OptionSignals:
        """The signals behind the rule's filters, shapes checked.

        Raises
        ------
        SpecError
            If the rule gives no entry condition, or an array of another length.
        """
        whole = self.with_lead_in(market)
        return self._checked_signals(whole).after(whole.lead - market.lead)

    def bars_known_before_run(self) -> int:
        """None: signals know them, but contracts are priced on the volatility of the run's own bars."""
        return 0

    def _checked_signals(self, market: Market) -> OptionSignals:
        signals = self.signals(market)
        self._check_kind(signals, OptionSignals, "signals")
        n = len(market)
        entry = self._checked_all(signals, "entry", n, np.bool_)
        leave = self._checked_all(signals, "exit", n, np.bool_)
        if not entry:
            raise SpecError(f"rule {self.name} gives no entry condition")
        if signals.until is not None and getattr(signals.until, "shape", None) != (n,):
            raise SpecError(f"rule {self.name}: until must hold a date for each of the {n} bars")
        signals = replace(signals, entry=entry, exit=leave)
        gates = self.open(market)
        if not gates:
            return signals
        leaving = {
            f"filter {label} closed": ~is_open
            for (label, gate), is_open in zip(self.filters.items(), gates.values(), strict=True)
            if gate.params.leave
        }
        return replace(signals, entry={**signals.entry, **gates}, exit={**signals.exit, **leaving})
