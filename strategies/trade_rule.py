"""A rule for one instrument: when to enter, when to leave. Its `TradePlan` does the rest."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.indicators import atr
from strategies.plans.lot_plan import MOST_TAGS, Fate, LotPlan
from strategies.plans.trade_plan import TRAIL_BARS, TradePlan
from strategies.rule import Bools, Floats, OneInstrumentRule

OTHER_SIDE = " of the other side"


@dataclass(frozen=True, eq=False)
class Signals:
    """What a rule says, bar by bar. Arrays of shape (n,); element t uses the market up to bar t only.

    entry : named conditions; a trade is opened on the bars where all of them hold.
    exit : named reasons; a trade is left on the first bar where one holds. The name is the exit reason.
    levels : named prices of the traded instrument that a plan may use as stop or target; NaN: none.
    votes : named confirmations, of which `needed` must hold beside all of `entry`.
    index_levels : named prices of the index that a plan may set as the rebound; NaN: none.
    tags : named states, such as a mode; the first that holds on the bar of the decision is that of a lot.
    other : what the rule says of the other side of a switch, whose levels are prices of that side's
        instrument; None for a rule that knows one side only.
    """

    entry: Mapping[str, Bools] = field(default_factory=dict)
    exit: Mapping[str, Bools] = field(default_factory=dict)
    levels: Mapping[str, Floats] = field(default_factory=dict)
    votes: Mapping[str, Bools] = field(default_factory=dict)
    needed: int = 0
    index_levels: Mapping[str, Floats] = field(default_factory=dict)
    tags: Mapping[str, Bools] = field(default_factory=dict)
    other: Signals | None = None

    def enters(self) -> Bools:
        """True where all entry conditions hold, and enough of the votes."""
        wanted = list(self.entry.values())
        if self.needed:
            wanted.append(self.vote_count() >= self.needed)
        return np.logical_and.reduce(wanted)

    def after(self, lead: int) -> Signals:
        """The same without the first `lead` bars."""
        if not lead:
            return self
        kinds = ("entry", "exit", "levels", "votes", "index_levels", "tags")
        later: dict[str, Any] = {k: {n: v[lead:] for n, v in getattr(self, k).items()} for k in kinds}
        return replace(self, **later, other=None if self.other is None else self.other.after(lead))

    def vote_count(self) -> npt.NDArray[np.int64]:
        """How many of the votes hold, by bar."""
        return np.sum(list(self.votes.values()), axis=0, dtype=np.int64)

    def exit_codes(self) -> npt.NDArray[np.int64]:
        """0 where there is no reason to leave, else 1 + the position of the first reason."""
        return self._first(self.exit)

    def tag_codes(self) -> npt.NDArray[np.int64]:
        """0 where no tag holds, else 1 + the position of the first."""
        return self._first(self.tags)

    def _first(self, named: Mapping[str, Bools]) -> npt.NDArray[np.int64]:
        some = next(iter((*self.entry.values(), *self.votes.values())))
        codes = np.zeros(len(some), dtype=np.int64)
        for i, holds in reversed(list(enumerate(named.values()))):
            codes[holds] = i + 1
        return codes


class TradeRule(OneInstrumentRule):
    """A rule for one instrument, carried out by a `TradePlan`.

    Subclasses set `name`, `Params` and `summary`, and say `signals` and `default_instrument`.
    """

    Plan: ClassVar[type[BaseModel]] = TradePlan
    plan: TradePlan

    @classmethod
    def plan_for(cls, plan: Mapping[str, Any]) -> type[BaseModel]:
        return LotPlan if "lots" in plan else cls.Plan

    @classmethod
    def plans(cls) -> list[tuple[type[BaseModel], str]]:
        return [*super().plans(), (LotPlan, " of lots, with plan.lots")]

    @abstractmethod
    def signals(self, market: Market) -> Signals:
        """The rule's signals on a market. Element t may use the market up to bar t only."""

    def checked_signals(self, market: Market) -> Signals:
        """The signals behind the rule's filters, with arrays and level names checked.

        A filter is one more entry condition; one that is set to leave is an exit as well.

        Raises
        ------
        SpecError
            If the rule gives anything but `Signals`, an array of another length or sort, no entry condition,
            or fewer votes than are needed; or the plan names a level it does not give.
        """
        whole = self.with_lead_in(market)
        return self._checked_signals(whole).after(whole.lead - market.lead)

    @property
    def instruments(self) -> tuple[str, ...]:
        other = self.plan.other
        return (self.instrument,) if other is None else (self.instrument, other.instrument)

    def average_ranges(self, market: Market) -> list[Floats]:
        """The average true range (Wilder 1978, 14 bars) of each side's instrument, in which
        `plan.trailing_atr` counts; continuous prices, shape (n,), NaN until 15 bars have been seen."""
        whole = self.with_lead_in(market)
        its = [whole[name] for name in self.instruments]
        lead = whole.lead - market.lead
        return [atr(it.high, it.low, it.close, TRAIL_BARS)[lead:] for it in its]

    def _checked_signals(self, market: Market) -> Signals:
        given = self.signals(market)
        self._check_kind(given, Signals, "signals")
        gates = self.open(market)
        leaving = {
            f"filter {label} closed": ~is_open
            for (label, gate), is_open in zip(self.filters.items(), gates.values(), strict=True)
            if gate.params.leave
        }
        signals = self._checked_side(given, gates, leaving, market)
        self._check_levels(signals, self.plan, "plan")
        if isinstance(self.plan, LotPlan):
            check_tags(self.name, self.plan, signals.tags)
        other = self.plan.other
        if given.other is not None:
            self._check_kind(given.other, Signals, "signals, of the other side,")
            if given.other.other is not None:
                raise SpecError(f"rule {self.name}: the other side gives a third one; there are two")
            signals = replace(signals, other=self._checked_side(given.other, gates, leaving, market))
        if other is not None:
            if signals.other is None:
                raise SpecError(f"plan.other is set, but rule {self.name} has one side only")
            self._check_levels(signals.other, other, "plan.other", OTHER_SIDE)
            for role in ("limit", "trigger"):  # one price for both sides, each side's own level
                level = getattr(self.plan, role)
                self._check_level(signals.other.levels, level, f"plan.{role}", OTHER_SIDE)
        return signals

    def _checked_side(
        self, given: Signals, gates: dict[str, Bools], leaving: dict[str, Bools], market: Market
    ) -> Signals:
        n = len(market)
        kinds = dict.fromkeys(("entry", "exit", "votes", "tags"), np.bool_)
        kinds |= dict.fromkeys(("levels", "index_levels"), np.float64)
        signals = replace(
            given, **{k: self._checked_all(given, k, n, dtype) for k, dtype in kinds.items()}, other=None
        )
        if not signals.entry and not (signals.votes and signals.needed):
            raise SpecError(f"rule {self.name} gives no entry condition")
        if signals.needed > len(signals.votes):
            raise SpecError(
                f"rule {self.name} needs {signals.needed} confirmations, but there are {len(signals.votes)}"
            )
        if gates:
            signals = replace(signals, entry={**signals.entry, **gates}, exit={**signals.exit, **leaving})
        return signals

    def _check_levels(self, signals: Signals, terms: Any, table: str, whose: str = "") -> None:
        """Refuse a level that a plan, or its other side, names and the rule does not give."""
        for role in ("stop", "target", "limit", "trigger"):
            self._check_level(signals.levels, getattr(terms, role, None), f"{table}.{role}", whose)
        self._check_level(signals.index_levels, terms.rebound, f"{table}.rebound", whose)

    def _check_level(self, have: Mapping[str, Floats], level: Any, key: str, whose: str = "") -> None:
        if isinstance(level, str) and level not in have:
            known = ", ".join(have) or "none"
            raise SpecError(f"{key} names the level {level!r}{whose}; rule {self.name} gives {known}")


def check_tags(rule: str, plan: LotPlan, given: Collection[str]) -> None:
    """Refuse fates of tags that a rule does not give, and tags that no plan could name.

    Raises
    ------
    SpecError
        One sentence.
    """
    known = ", ".join(given) or "none"
    for tag in plan.each.by_tag:
        if tag not in given:
            raise SpecError(f"plan.each.{tag} is for lots of the tag {tag!r}; the tags of {rule} are {known}")
    if len(given) > MOST_TAGS or any(name in given for name in Fate.model_fields):
        raise SpecError(
            f"rule {rule} gives the tags {known}; there may be {MOST_TAGS}, none of them called "
            f"{', '.join(Fate.model_fields)}"
        )
