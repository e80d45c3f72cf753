"""A `TradeRule`'s signals, and its plans, as numbers: what the compiled loops of trades take."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.kernel import tape
from engine.kernel.stage import Floats, next_true
from feeds.market import Market
from feeds.session_clock import bar_ends
from letf_instruments import SpecError
from strategies.plans.fill import FILLS
from strategies.plans.trade_plan import ENTRIES, LEAVES, TradePlan, TradeTerms
from strategies.trade_rule import OTHER_SIDE, Signals, TradeRule

NO_LEVEL = -1.0


@dataclass(frozen=True, eq=False)
class SideSignals:
    """One side's signals; levels by name, as traded on their bar."""

    decisions: tape.Decisions
    levels: dict[str, int]
    index_levels: dict[str, int]

    @classmethod
    def of(cls, given: Signals, n: int, factor: Floats | float, first_reason: int = 0) -> SideSignals:
        """The signals of a side on n bars, whose own reasons to leave are counted from `first_reason` on."""
        entry = given.enters()
        codes = given.exit_codes()
        return cls(
            tape.Decisions(
                np.ascontiguousarray(entry),
                next_true(entry),
                np.where(codes > 0, codes + first_reason, 0).astype(np.int16),
                np.array([level * factor for level in given.levels.values()]).reshape(len(given.levels), n),
                np.array(list(given.index_levels.values()), dtype=np.float64).reshape(
                    len(given.index_levels), n
                ),
            ),
            {name: i for i, name in enumerate(given.levels)},
            {name: i for i, name in enumerate(given.index_levels)},
        )

    def part(self, first: int, stop: int, scale: float) -> SideSignals:
        """What it says on the bars from `first` to before `stop`, levels times `scale`."""
        own, given = slice(first, stop), self.decisions
        following = np.minimum(given.next_entry[first : stop + 1], stop) - first
        return replace(
            self,
            decisions=tape.Decisions(
                given.entry[own].copy(),
                following,
                given.exits[own].copy(),
                np.ascontiguousarray(given.levels[:, own] * scale),
                np.ascontiguousarray(given.index_levels[:, own]),
            ),
        )


@dataclass(frozen=True, eq=False)
class TradeSignals:
    """A rule's signals for any plan; `other` is the other side of a switch, None where there is none.

    reasons : the rule's own to leave, those of the other side last. measure : gives `ranges`, which few plans
        ask for.
    """

    rule: str
    side: SideSignals
    other: SideSignals | None
    other_instrument: str | None
    reasons: tuple[str, ...]
    measure: Callable[[], tuple[Floats, Floats]]
    timestamps: npt.NDArray[np.datetime64]

    @classmethod
    def of(
        cls,
        rule: TradeRule,
        market: Market,
        factor: Floats | None = None,
        other_factor: Floats | None = None,
    ) -> TradeSignals:
        """The signals of a rule on a market.

        Parameters
        ----------
        factor, other_factor : price as traded over that of the market, of each side's instrument, shape (n,);
            None for 1.

        Raises
        ------
        SpecError
            If the rule gives what no rule may give, or its plan names a level that it does not give.
        """
        given, n = rule.checked_signals(market), len(market)
        scale = 1.0 if factor is None else factor
        other_scale = 1.0 if other_factor is None else other_factor
        other, other_instrument = None, None
        if rule.plan.other is not None and given.other is not None:
            other = SideSignals.of(given.other, n, other_scale, len(given.exit))
            other_instrument = rule.plan.other.instrument

        def measure() -> tuple[Floats, Floats]:
            ranges = rule.average_ranges(market)
            return ranges[0] * scale, ranges[-1] * (scale if other is None else other_scale)

        return cls(
            rule.name,
            SideSignals.of(given, n, scale),
            other,
            other_instrument,
            (*given.exit, *(() if given.other is None else given.other.exit)),
            measure,
            market.timestamps,
        )

    def part(self, first: int, stop: int, scales: tuple[float, float] = (1.0, 1.0)) -> TradeSignals:
        """What the rule says on the bars from `first` to before `stop`, to a run of those alone.

        Parameters
        ----------
        scales : what the prices of each side's instrument are multiplied by there.
        """
        own, (scale, other_scale) = slice(first, stop), scales
        last = scale if self.other is None else other_scale
        return replace(
            self,
            side=self.side.part(first, stop, scale),
            other=None if self.other is None else self.other.part(first, stop, other_scale),
            measure=lambda: (self.ranges[0][own] * scale, self.ranges[1][own] * last),
            timestamps=self.timestamps[own],
        )

    @cached_property
    def ranges(self) -> tuple[Floats, Floats]:
        """The average true range of each side's instrument, as traded, shape (n,)."""
        return self.measure()

    @property
    def decisions(self) -> tape.Decisions:
        """Of the first side."""
        return self.side.decisions

    def placing(self, timed: bool) -> tape.Placing:
        """What `placed` reads beside the decisions; `timed` if a plan asks for the clock."""
        minute, ends = self._clock if timed else self._no_clock
        return tape.Placing(*self.ranges, minute, ends)

    @cached_property
    def _clock(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        return bar_ends(self.timestamps)

    @cached_property
    def _no_clock(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        n = len(self.timestamps)
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)

    def row(self, plan: TradePlan) -> list[float]:
        """A plan in numbers, `tape.PLAN_COLUMNS` of them.

        Raises
        ------
        SpecError
            If it names a level that the rule does not give, or another side and the rule has one only.
        """
        other = plan.other
        if other is not None and self.other is None:
            raise SpecError(f"plan.other is set, but rule {self.rule} has one side only")
        leave = 3 if plan.leave_minute is not None else 0
        if plan.leave_at in LEAVES:
            leave = 1 + LEAVES.index(plan.leave_at)
        price = plan.price
        return [
            *self._terms(plan, self.side, price, "plan"),
            *self._terms(other or plan, self.other or self.side, price, "plan.other" if other else "plan"),
            float(plan.cooldown),
            float(plan.placed),
            float(FILLS.index(plan.fill)),
            float(ENTRIES.index(plan.entry)),
            _number(price),
            float(leave),
            float(plan.leave_minute or 0),
            1.0 if other is None else 2.0,
        ]

    def _terms(
        self, terms: TradeTerms, side: SideSignals, price: float | str | None, table: str
    ) -> list[float]:
        """The columns of one side."""

        def level(role: str, value: float | str | None, rows: dict[str, int]) -> float:
            if not isinstance(value, str):
                return NO_LEVEL
            if value not in rows:
                known = ", ".join(rows) or "none"
                whose = OTHER_SIDE if table == "plan.other" else ""
                raise SpecError(
                    f"{table}.{role} names the level {value!r}{whose}; rule {self.rule} gives {known}"
                )
            return float(rows[value])

        return [
            terms.fraction,
            _number(terms.risk),
            _number(terms.stop),
            level("stop", terms.stop, side.levels),
            _number(terms.target),
            level("target", terms.target, side.levels),
            _number(terms.trailing_stop),
            level("rebound", terms.rebound, side.index_levels),
            float(terms.max_bars or 0),
            _number(terms.amount),
            _number(terms.trailing_atr),
            level("limit", price, side.levels),
        ]


def _number(value: float | str | None) -> float:
    return math.nan if value is None or isinstance(value, str) else float(value)
