"""Filters: gates that any rule can stand behind. A rule acts only where all of its filters are open.

In a spec:

    [filters.trend]          # the filter by name; a second one of a kind as  [filters.slow.trend]
    bars = 200
    side = "above"

A filter is closed until it has history enough to know.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from feeds.market import Market
from letf_instruments import SpecError
from strategies import gauges
from strategies.conditions import Measured
from strategies.indicators import sma
from strategies.parameters import RuleParams, param

Bools = npt.NDArray[np.bool_]


class FilterParams(RuleParams):
    """What every filter takes."""

    leave: bool = param(False, "", "also leave an open trade when the filter closes")


class Filter(ABC):
    """A gate. Subclasses set `name`, `summary`, `Params`, and say `open` and `describe`."""

    name: ClassVar[str]
    summary: ClassVar[str]
    Params: ClassVar[type[FilterParams]] = FilterParams
    needs_events: ClassVar[bool] = False

    def __init__(self, params: FilterParams | None = None) -> None:
        self.params: Any = params if params is not None else self.Params()

    @abstractmethod
    def open(self, market: Market) -> Bools:
        """Where the filter lets a rule act, shape (n,); element t uses the market up to bar t only."""

    @abstractmethod
    def describe(self) -> str:
        """The condition in words: "close above its 200-bar average"."""

    def measured(self, market: Market) -> Measured | None:
        """What the filter compares; None if it is no number."""
        return None

    def notes(self, market: Market) -> list[str]:
        """What a person should know of this filter on this market, a sentence each."""
        return []


class TrendParams(FilterParams):
    """Parameters of `TrendFilter`."""

    side: Literal["above", "below"] = param("above", "", "side of the average on which it is open")
    bars: int = param(200, "bars", "length of the index's moving average", ge=1, le=2000)


class TrendFilter(Filter):
    name = "trend"
    summary = "open while the index closes above (or below) its moving average"
    Params = TrendParams

    def open(self, market: Market) -> Bools:
        return gauges.on_side(market, self.params.bars, self.params.side)

    def measured(self, market: Market) -> Measured:
        close = market.index.close
        return Measured("close", close, sma(close, self.params.bars))

    def describe(self) -> str:
        return f"index {self.params.side} its {self.params.bars}-bar average"


class VolatilityParams(FilterParams):
    """Parameters of `VolatilityFilter`."""

    side: Literal["below", "above"] = param("below", "", "side of the level on which it is open")
    level: float = param(0.3, "fraction a year", "realised volatility of the index", gt=0, le=5)
    bars: int = param(20, "bars", "window of the volatility", ge=2, le=2000)


class VolatilityFilter(Filter):
    name = "volatility"
    summary = "open while the index's realised volatility is below (or above) a level"
    Params = VolatilityParams

    def open(self, market: Market) -> Bools:
        p = self.params
        volatility = gauges.volatility(market, p.bars)
        return volatility < p.level if p.side == "below" else volatility > p.level

    def measured(self, market: Market) -> Measured:
        p = self.params
        return Measured("volatility", gauges.volatility(market, p.bars), p.level, share=True)

    def describe(self) -> str:
        return f"{self.params.bars}-bar volatility {self.params.side} {100 * self.params.level:g}%"


class SentimentParams(FilterParams, gauges.SentimentParams):
    """Parameters of `SentimentFilter`."""

    side: Literal["risk-on", "risk-off"] = param("risk-on", "", "state in which it is open")


class SentimentFilter(Filter):
    name = "sentiment"
    summary = "open while volume and volatility say risk-on (or risk-off)"
    Params = SentimentParams

    def open(self, market: Market) -> Bools:
        gauge = gauges.risk_off(market, self.params)
        return gauge.known & (gauge.on if self.params.side == "risk-off" else ~gauge.on)

    def notes(self, market: Market) -> list[str]:
        return gauges.volume_notes(market, self.params)

    def describe(self) -> str:
        return f"{self.params.side} by {gauges.GAUGE_WORDS[self.params.gauge]}"


class EventParams(FilterParams):
    """Parameters of `EventFilter`."""

    side: Literal["away", "near"] = param("away", "", "away from events, or near them, it is open")
    before: int = param(1, "sessions", "window before an event", ge=0, le=60)
    after: int = param(1, "sessions", "window after an event", ge=0, le=60)
    tickers: tuple[str, ...] = param((), "", "whose events count; all if none is named")


class EventFilter(Filter):
    name = "event"
    summary = "open away from (or near) the events of data.events"
    Params = EventParams
    needs_events = True

    def open(self, market: Market) -> Bools:
        p = self.params
        near = market.events.of(p.tickers).near(market.sessions, p.before, p.after)
        return near if p.side == "near" else ~near

    def measured(self, market: Market) -> Measured:
        p = self.params
        left = market.events.of(p.tickers).sessions_until(market.sessions)
        return Measured("sessions until the next event", left, p.before + 1.0)

    def describe(self) -> str:
        p = self.params
        whose = f" of {', '.join(p.tickers)}" if p.tickers else ""
        side = "away from" if p.side == "away" else "near"
        return f"{side} events{whose} ({p.before} before to {p.after} after)"


FILTERS: dict[str, type[Filter]] = {
    kind.name: kind for kind in (TrendFilter, VolatilityFilter, SentimentFilter, EventFilter)
}


def filter_named(name: str) -> type[Filter]:
    """The filter class of that name.

    Raises
    ------
    SpecError
        If there is none; the sentence names the nearest.
    """
    if name in FILTERS:
        return FILTERS[name]
    near = difflib.get_close_matches(name, FILTERS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FILTERS)}"
    raise SpecError(f"filter {name!r} is not known; {hint}")


def unfold(tables: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The [filters] table of a spec: label → (name of the filter, its parameters).

    `[filters.trend]` is the filter trend under its own name; `[filters.slow.trend]` is one labelled slow.

    Raises
    ------
    SpecError
        If an entry is not a table, or a label holds several filters.
    """
    out = {}
    for label, table in tables.items():
        if not isinstance(table, Mapping):
            raise SpecError(f"filters.{label} is {table!r}; it must be a table, such as [filters.trend]")
        inner = [key for key, value in table.items() if isinstance(value, Mapping)]
        if label not in FILTERS and len(inner) > 1:
            raise SpecError(f"filters.{label} holds {' and '.join(inner)}; a label holds one filter")
        if label not in FILTERS and len(inner) == 1 and len(table) == 1:
            out[label] = (inner[0], dict(table[inner[0]]))
        else:
            out[label] = (label, dict(table))
    return out
