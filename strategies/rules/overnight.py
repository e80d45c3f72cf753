"""Overnight: hold a fund from the close to the next open only.

Much of what stocks have gained since the 1990s, they gained overnight: Cooper, Cliff & Gulen 2008, "Return
Differences between Trading and Non-Trading Hours: Like Night and Day" (SSRN 1004081); Lou, Polk & Skouras
2019, "A tug of war: Overnight versus intraday expected returns", J. Financial Economics 134:192–213. A trade
a night pays two half-spreads a night, which is what the idea has to beat.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import BaseModel

from feeds.market import Market
from feeds.periods import last_of_period
from feeds.session_clock import bar_ends
from strategies.parameters import RuleParams, param
from strategies.plans.fill import Fill
from strategies.plans.trade_plan import TradePlan
from strategies.trade_rule import Signals, TradeRule


class OvernightParams(RuleParams):
    """Which nights are held.

    weekends : False leaves out the night after a week's last session.
    """

    weekends: bool = param(True, "", "hold over weekends too")


class OvernightPlan(TradePlan):
    """In at the close that decides, out at the next open."""

    fill: Fill = param("same-close", "", "where entries are filled: open, close or same-close")
    leave_at: str | None = param("open", "", 'leave at the next "open"')


class Overnight(TradeRule):
    """In on every close, out on every open."""

    name = "overnight"
    summary = "holds a fund from the close to the next open only"
    when = (
        "Gains what the market gains while it is closed, and is out of the day's chop. It trades twice a "
        "session, so that a few basis points a fill are most of the result, and no stop helps in a gap."
    )
    Params = OvernightParams
    Plan: ClassVar[type[BaseModel]] = OvernightPlan
    params: OvernightParams

    @property
    def default_instrument(self) -> str:
        return "SOXL"

    def signals(self, market: Market) -> Signals:
        _, ends = bar_ends(market.timestamps)
        entry = {"the session ends": ends}
        if not self.params.weekends:
            entry["not before a weekend"] = ~last_of_period(market.sessions, "week")
        return Signals(entry={name: np.asarray(holds) for name, holds in entry.items()})
