"""Event options: buy options some sessions before each event of the calendar, sell them some sessions after.

What short-dated options around earnings are for: a fund loses little by waiting and a lot by a wrong move,
an option the other way round. Its buyer pays theta for every day held, and is paid by a large move.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import model_validator

from feeds.calendars import sessions_between
from feeds.events import MARGIN, Events
from feeds.market import Market
from strategies.conditions import Measured
from strategies.option_rule import NEVER, Dates, OptionRule, OptionSignals
from strategies.parameters import RuleParams, param


class EventOptionsParams(RuleParams):
    """Parameters of `EventOptions`."""

    before: int = param(1, "sessions", "bought at the open so many sessions before the event", ge=0, le=60)
    after: int = param(1, "sessions", "sold at the open so many sessions after it", ge=0, le=60)
    tickers: tuple[str, ...] = param((), "", "whose events count; all if none is named")

    @model_validator(mode="after")
    def _some_time(self) -> EventOptionsParams:
        if self.before + self.after == 0:
            raise ValueError("rule.before and rule.after are both 0: bought and sold at the same open")
        return self


class EventOptions(OptionRule):
    """Buys before an event, sells after it. An event on a day without trading counts on the next session;
    one whose purchase falls while options are held is passed over."""

    name = "event_options"
    summary = "buys puts, calls or straddles before each event of the calendar and sells them after it"
    when = (
        "Works where markets move more over an event than its options cost: surprises, regime breaks, an "
        "event that few expect. Loses theta and the spread on every quiet one, which most are. Real options "
        "grow dearer before a known event and cheaper right after it; this model does not know that, so "
        "its result is kinder than a market's."
    )
    Params = EventOptionsParams
    params: EventOptionsParams
    UNTIL: ClassVar[str] = "sold after event"

    def needs_events(self) -> bool:
        return True

    def measured(self, market: Market) -> dict[str, Measured]:
        left = market.events.of(self.params.tickers).sessions_until(market.sessions)
        before = self.params.before
        return {_words(before): Measured("sessions until the next event", left, before + 1.0)}

    def signals(self, market: Market) -> OptionSignals:
        p = self.params
        sessions = market.sessions
        days, events = _on_sessions(market.events.of(p.tickers), sessions)
        # What is decided at a close is traded in the session that follows.
        coming = np.searchsorted(days, sessions, side="right")
        enters = np.isin(coming + p.before, events)
        until = np.full(len(sessions), NEVER)
        last = np.minimum(coming + p.before + p.after - 1, len(days) - 1)
        until[enters] = days[last[enters]]
        return OptionSignals(entry={_words(p.before): enters}, until=until, until_reason=self.UNTIL)

    def event_of(self, bought: Dates, events: Events) -> Dates:
        """The event's session for each session of a purchase, datetime64[D] of shape (k,) → (k,)."""
        days, _ = _on_sessions(events, bought)
        return days[np.searchsorted(days, bought) + self.params.before]


def _words(before: int) -> str:
    if before == 0:
        return "on the day of an event"
    return f"{before} session{'s' if before > 1 else ''} before an event"


def _on_sessions(events: Events, sessions: Dates) -> tuple[Dates, np.ndarray]:
    """The exchange's sessions around both, and the place of each event among them."""
    if not len(sessions) or not len(events):
        return sessions, np.zeros(0, dtype=np.int64)
    first, last = sessions[0] - MARGIN, sessions[-1] + MARGIN
    dates = events.dates[(events.dates >= first) & (events.dates <= last)]
    days = sessions_between(events.calendar, first, last)
    return days, np.unique(np.searchsorted(days, dates, side="left"))
