"""AllocationPlan: hold target weights, and trade back to them by schedule or when drift leaves a band.

A decision on a bar's close is filled at the next bar's open. What is newly wanted is bought and what is
no longer wanted is sold as soon as the rule says so; everything else waits for the schedule or the band.
"""

from __future__ import annotations

from typing import Literal

from strategies.parameters import RuleParams, param

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
    band : drift of an instrument's weight from its target (in shares of equity) beyond which to trade.
    exposure_band : drift of the net exposure, Σ weight × multiple, from its target. A 3x fund's weight
        counts three times; the net exposure of a hedge drifts by (1 − b) × the index's move.
    """

    schedule: Schedule = param("never", "", "when to trade back to the targets in any case")
    band: float | None = param(None, "fraction", "drift of a weight beyond which to trade", gt=0, le=10)
    exposure_band: float | None = param(
        None, "fraction", "drift of Σ weight × multiple beyond which to trade", gt=0, le=10
    )
