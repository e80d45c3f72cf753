"""AllocationPlan: hold target weights, and trade back to them by schedule or when drift leaves a band.

A decision on a bar's close is filled at the next bar's open, unless the plan says at which close. What is
newly wanted is bought and what is no longer wanted is sold as soon as the rule says so; everything else waits
for the schedule or the band.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from strategies.parameters import RuleParams, param
from strategies.plans.fill import Fill

Schedule = Literal[
    "never",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "yearly",
    "week-end",
    "month-end",
    "quarter-end",
    "year-end",
]
ON_LAST = {"week-end": "week", "month-end": "month", "quarter-end": "quarter", "year-end": "year"}


class AllocationPlan(RuleParams):
    """When to trade back to a rule's target weights. A trade goes all the way, in every instrument.

    schedule : on the first close of each new day, week (from Monday), month, quarter or year; "never":
        only by the bands. "week-end", "month-end", … on the period's last close by the exchange's calendar,
        on daily bars.
    every : so many sessions from one trade back to the next, counted from the run's first; in place of a
        schedule.
    band : drift of an instrument's weight from its target (in shares of equity) beyond which to trade.
    exposure_band : drift of the net exposure, Σ weight × multiple, from its target. A 3x fund's weight
        counts three times; the net exposure of a hedge drifts by (1 − b) × the index's move.
    fill : where orders are filled: at the next "open", the next "close" (market-on-close), or the very close
        that decides, "same-close". Shares are counted at the deciding close in each case.
    """

    schedule: Schedule = param("never", "", "when to trade back to the targets in any case")
    band: float | None = param(None, "fraction", "drift of a weight beyond which to trade", gt=0, le=10)
    exposure_band: float | None = param(
        None, "fraction", "drift of Σ weight × multiple beyond which to trade", gt=0, le=10
    )
    every: int | None = param(
        None, "sessions", "trade back every so many, in place of a schedule", ge=1, le=10_000
    )
    fill: Fill = param("open", "", "where orders are filled: open, close or same-close")

    @property
    def scheduled(self) -> bool:
        """True if it trades back by the calendar."""
        return self.schedule != "never" or self.every is not None

    @property
    def trades_back(self) -> bool:
        """True if it ever does, by the calendar or by a band."""
        return self.scheduled or self.band is not None or self.exposure_band is not None

    @model_validator(mode="after")
    def _one_schedule(self) -> AllocationPlan:
        if self.every is not None and self.schedule != "never":
            raise ValueError("plan.every and plan.schedule are two schedules; name one")
        return self
