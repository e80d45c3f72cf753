"""Opening range: buy the break of the first half hour's high, be flat by the close.

The range is that of the session's first minutes. Once it is complete a stop order rests above it; the range's
low is the natural stop. Crabel 1990, *Day Trading with Short Term Price Patterns and Opening Range Breakout*;
Zarattini & Aziz 2023, "Can Day Trading Really Be Profitable?" (SSRN 4416622), who trade it in TQQQ.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from feeds.session_clock import bar_ends
from letf_instruments import SpecError
from strategies.indicators import Floats
from strategies.parameters import RuleParams, param
from strategies.plans.trade_plan import LevelName, Offset, TradePlan
from strategies.trade_rule import Signals, TradeRule


class OpeningRangeParams(RuleParams):
    """The range, and how long its break counts.

    minutes : of the session that make the range.
    until : minutes after the open from which on no entry is ordered any more.
    """

    minutes: int = param(30, "minutes", "of the session that make the range", ge=1, le=300)
    until: int = param(240, "minutes", "after the open: no entry from then on", ge=2, le=390)


class OpeningRangePlan(TradePlan):
    """A stop order at the range's high, out at the session's end; its low is there as a stop, `range_low`."""

    entry: Literal["market", "limit", "stop"] = param("stop", "", "kind of the entry order")
    trigger: Offset | LevelName | None = param("range_high", "fraction", "of the stop entry")
    leave_at: str | None = param("session end", "", 'leave at "session end", or at a time, "15:45"')


class OpeningRange(TradeRule):
    """The break of a session's first minutes, on intraday bars."""

    name = "opening_range"
    summary = "buys the break of a session's opening range on intraday bars, out by the close"
    when = (
        "Works on days that run one way after the open, and a 3x fund makes much of them. On the others it "
        "buys the high of the morning; most breaks fail, and each costs the range and two spreads."
    )
    Params = OpeningRangeParams
    Plan: ClassVar[type[BaseModel]] = OpeningRangePlan
    params: OpeningRangeParams

    @property
    def default_instrument(self) -> str:
        return "SOXL"

    @property
    def warm_up(self) -> int:
        return 2

    def signals(self, market: Market) -> Signals:
        minute, ends = bar_ends(market.timestamps)
        stamps = market.timestamps.astype("datetime64[m]")
        clock = (stamps - stamps.astype("datetime64[D]")).astype(np.int64)
        if not clock.any():
            raise SpecError("opening_range reads the session's first minutes, which daily bars do not have")
        days = market.sessions
        first = np.append(True, days[1:] != days[:-1])
        begin = clock[np.maximum.accumulate(np.where(first, np.arange(len(days)), 0))]
        age = minute - begin  # minutes of the session that a bar ends with
        own = market[self.instrument]
        inside = age <= self.params.minutes
        high = _so_far(np.where(inside, own.high, -np.inf), first, np.maximum)
        low = _so_far(np.where(inside, own.low, np.inf), first, np.minimum)
        complete = (age >= self.params.minutes) & np.isfinite(high)
        return Signals(
            entry={
                f"the range of {self.params.minutes} minutes is complete": complete,
                f"less than {self.params.until} minutes after the open": age < self.params.until,
                "the session goes on": ~ends,
            },
            levels={
                "range_high": np.where(complete, high, np.nan),
                "range_low": np.where(complete, low, np.nan),
            },
        )


def _so_far(values: Floats, first: np.ndarray, extreme: np.ufunc) -> Floats:
    """The extreme of each session's values so far, shape (n,)."""
    parts = np.split(values, np.flatnonzero(first)[1:])
    return np.concatenate([extreme.accumulate(part) for part in parts])
