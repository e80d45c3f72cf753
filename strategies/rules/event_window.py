"""Event windows: stand aside, hedge, or hold the bear fund around dates that are known beforehand.

A window runs from `before` sessions before an event's session to `after` sessions after it. It is decided at
the close before the window and filled at its first open, and undone at the first open after it: the position
is on over exactly the window's sessions. Many companies report after the close, so that the market answers in
the next session: `after` must be 1 at least to be there (or not to be).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from letf_instruments import SpecError
from strategies.allocation_rule import AllocationRule, Targets
from strategies.conditions import Measured
from strategies.indicators import highest
from strategies.parameters import RuleParams, param
from strategies.plans.allocation_plan import AllocationPlan
from strategies.plans.trade_plan import TradePlan
from strategies.rule import Bools, Floats, Rule
from strategies.trade_rule import Signals, TradeRule

CROWDED = 0.5  # windows over more than this share of all sessions are no longer windows


class EventWindowParams(RuleParams):
    """Parameters of `EventWindow`."""

    mode: Literal["flat", "hedged", "bear"] = param(
        "flat", "", "in the windows: hold nothing, hedge the base, or (bear) hold the bear fund, else nothing"
    )
    before: int = param(1, "sessions", "of the window before an event's session", ge=0, le=60)
    after: int = param(1, "sessions", "of the window after an event's session", ge=0, le=60)
    tickers: tuple[str, ...] = param((), "", "whose events count; all if none is named")
    base: str = param("SOXL", "", "held outside the windows (flat, hedged): a fund, an asset, or index")
    weight: float = param(1.0, "share of equity", "of the base outside the windows", gt=0, le=1)
    bear: str = param("SOXS", "", "the bear fund (hedged, bear)")
    hedge_to: float = param(0.0, "times equity", "net exposure in a window (hedged)", ge=-3, le=3)
    high_bars: int = param(10, "bars", "window of the level `high` of the index (bear)", ge=1, le=500)


class EventWindow(Rule):
    """Acts around the events of data.events. `EventExposure` carries out the modes flat and hedged with an
    `AllocationPlan`, `EventTrade` the mode bear with a `TradePlan`."""

    name = "event_window"
    summary = "stands aside, hedges, or holds the bear fund around earnings or other dates known beforehand"
    when = (
        "Standing aside works if what is feared is a jump at a known date, and pays for it with the days' "
        "ordinary drift and two trades a window; a few dozen events are too few to tell foresight from luck. "
        "Hedging a leveraged fund with its own mirror image costs more than selling it: both decay. Holding "
        "the bear fund through every event loses on average; it needs an opinion, a stop and a short window. "
        "With many companies the windows run together into the whole year."
    )
    Params = EventWindowParams
    Plan = AllocationPlan
    params: EventWindowParams

    @classmethod
    def variant(cls, params: Mapping[str, Any]) -> type[Rule]:
        return EventTrade if params.get("mode") == "bear" else EventExposure

    @classmethod
    def plans(cls) -> list[tuple[type[BaseModel], str]]:
        return [(AllocationPlan, " in modes flat and hedged"), (TradePlan, " in mode bear")]

    def needs_events(self) -> bool:
        return True

    def inside(self, market: Market) -> Bools:
        """True on the bars whose next session is within a window, shape (n,).

        Raises
        ------
        SpecError
            If there is more than one bar a session: a decision within a session would be a session early.
        DataError
            If a ticker has no event at all.
        """
        days = market.sessions
        if (days[1:] == days[:-1]).any():
            raise SpecError(f"{self.name} counts sessions, so it needs daily bars")
        p = self.params
        return market.events.of(p.tickers).near(days, p.before, p.after)

    def _until(self, market: Market) -> Measured:
        """How far it is to the next event, and from how near on a window is open."""
        left = market.events.of(self.params.tickers).sessions_until(market.sessions)
        return Measured("sessions until the next event", left, self.params.before + 1.0)

    def notes(self, market: Market) -> list[str]:
        inside = self.inside(market)
        covered = float(inside.mean())
        if covered == 0:
            return [f"{self.name}: no window opens within the run"]
        if covered > CROWDED:
            return [
                f"{self.name}: its windows cover {covered:.0%} of all sessions; name fewer tickers or "
                "shorter windows"
            ]
        return []


class EventExposure(EventWindow, AllocationRule):
    """The base, and in the windows nothing, or the base hedged with the bear fund."""

    Plan = AllocationPlan
    plan: AllocationPlan
    STATES = ("event window", "no event near")

    @property
    def instruments(self) -> tuple[str, ...]:
        p = self.params
        return (p.base, p.bear) if p.mode == "hedged" else (p.base,)

    def measured(self, market: Market) -> dict[str, Measured]:
        return dict.fromkeys(self.STATES, self._until(market))

    def targets(self, market: Market) -> Targets:
        p = self.params
        inside = self.inside(market)
        states = dict(zip(self.STATES, (inside, ~inside), strict=True))
        if p.mode == "flat":
            return Targets({p.base: np.where(inside, 0.0, p.weight)}, states)
        base, bear = self._hedge(market[p.base].multiple, market[p.bear].multiple)
        return Targets(
            {p.base: np.where(inside, base, p.weight), p.bear: np.where(inside, bear, 0.0)}, states
        )

    def _hedge(self, up: float, down: float) -> tuple[float, float]:
        """Weights of base and bear fund in a window, from their multiples.

        The bear fund is bought from cash; where that is not enough, the base is sold for it.
        """
        p = self.params
        if up <= 0 or down >= 0:
            raise SpecError(
                f"rule.mode hedged needs a base that rises with the index and a bear fund that falls; "
                f"{p.base} has a multiple of {up:+g}, {p.bear} of {down:+g}"
            )
        if not down <= p.hedge_to <= up * p.weight:
            raise SpecError(
                f"rule.hedge_to is {p.hedge_to:g}; with {p.weight:g} in {p.base} it must be between {down:g} "
                f"and {up * p.weight:g}"
            )
        bear = (p.weight * up - p.hedge_to) / -down
        if p.weight + bear <= 1.0:
            return p.weight, bear
        base = (p.hedge_to - down) / (up - down)
        return base, 1.0 - base


class EventTrade(EventWindow, TradeRule):
    """The bear fund in the windows: one trade a window, with all that a `TradePlan` sets beforehand."""

    Plan = TradePlan
    plan: TradePlan

    @property
    def default_instrument(self) -> str:
        return self.params.bear

    def check_instrument(self, multiple: float) -> None:
        if multiple >= 0:
            raise SpecError(
                f"rule.mode is 'bear', which needs an instrument with a negative multiple; "
                f"{self.instrument} has {multiple:+g}"
            )

    def measured(self, market: Market) -> dict[str, Measured]:
        return {"an event window opens": self._until(market)}

    def signals(self, market: Market) -> Signals:
        inside = self.inside(market)
        opens = inside & ~np.concatenate(([False], inside[:-1]))
        index = market.index
        return Signals(
            entry={"an event window opens": opens},
            exit={"window over": ~inside},
            index_levels={
                "window_close": _last_at(index.close, opens),
                "high": highest(index.high, self.params.high_bars),
            },
        )


def _last_at(values: Floats, marks: Bools) -> Floats:
    """The value at the last mark so far; NaN before the first."""
    last = np.maximum.accumulate(np.where(marks, np.arange(len(marks)), -1))
    return np.where(last >= 0, values[last], np.nan)
