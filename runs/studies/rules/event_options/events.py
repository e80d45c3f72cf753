"""The option trades of a run by event: premium and proceeds, gain by cause, implied move against realised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.contracts import ContractFill, Mark, Step
from feeds.options.volatility import SESSIONS_A_YEAR
from letf_instruments.options import DAYS_A_YEAR, quote
from strategies.rules.event_options import EventOptions

if TYPE_CHECKING:
    from runs.backtest.result import RunResult

PARTS = ("delta", "gamma", "theta", "vega", "rest")


@dataclass(frozen=True)
class Event:
    """All contracts bought on one day. Money of the whole position; `moved` is the underlying from purchase
    to sale as a fraction, `implied` the mean absolute move over the same time at the volatility paid for
    (`days` by the calendar, as the price counts; `sessions` of trading), `straddle` the model's
    at-the-money straddle at the purchase over the underlying."""

    day: np.datetime64  # of the event; of the purchase for a rule that knows none
    spent: float
    gain: float  # before costs
    spread: float
    commission: float
    parts: dict[str, float]
    buys: list[ContractFill]
    moved: float
    volatility: float
    days: float
    sessions: int
    straddle: float

    @property
    def implied(self) -> float:
        """Mean absolute move in the calendar days held, normally distributed."""
        return self.volatility * math.sqrt(2.0 / math.pi * self.days / DAYS_A_YEAR)

    @property
    def implied_by_sessions(self) -> float:
        """The same, if only sessions count."""
        return self.volatility * math.sqrt(2.0 / math.pi * self.sessions / SESSIONS_A_YEAR)

    @property
    def profit(self) -> float:
        """After costs."""
        return self.gain - self.spread - self.commission

    @property
    def received(self) -> float:
        """Premium at the sale, intrinsic value at expiry, or the mark of what is still held."""
        return self.spent + self.gain


def events_of(run: RunResult) -> list[Event]:
    """The run's option trades by event, in the order of their purchase."""
    book = run.contracts
    assert book is not None
    by_day: dict[np.datetime64, list[ContractFill]] = {}
    for fill in book.fills:
        if fill.units > 0:
            by_day.setdefault(fill.day, []).append(fill)
    days = np.array(list(by_day), dtype="datetime64[D]")
    named = days
    if isinstance(run.rule, EventOptions):
        own = run.setting.events.of(run.rule.params.tickers)
        named = run.rule.event_of(days, own)
    marks = book.marks()
    found = []
    for day, buys in zip(named, by_day.values(), strict=True):
        trips = {fill.trip for fill in buys}
        fills = [fill for fill in book.fills if fill.trip in trips]
        steps = [step for step in book.steps if step.trip in trips]
        end = next((fill for fill in reversed(fills) if fill.units < 0), None) or marks[buys[0].trip]
        found.append(_event(day, buys, fills, steps, end, run))
    return found


def _event(
    day: np.datetime64,
    buys: list[ContractFill],
    fills: Sequence[ContractFill],
    steps: Sequence[Step],
    end: ContractFill | Mark,
    run: RunResult,
) -> Event:
    at = buys[0].quote
    at_close = end.quote.days == 0 or isinstance(end, Mark)
    rate = run.short_rate.at(int(buys[0].day.astype(np.int64)))
    both = (quote(k, at.spot, at.spot, at.days, rate, at.volatility).price for k in ("call", "put"))
    return Event(
        day=day,
        spent=sum(fill.units * fill.quote.price for fill in buys),
        gain=sum(step.gain for step in steps),
        spread=sum(fill.spread for fill in fills),
        commission=sum(fill.commission for fill in fills),
        parts={part: sum(getattr(step, part) for step in steps) for part in PARTS},
        buys=buys,
        moved=end.quote.spot / at.spot - 1.0,
        volatility=at.volatility,
        days=at.days - end.quote.days,
        sessions=end.bar - buys[0].bar + at_close,
        straddle=sum(both) / at.spot,
    )
