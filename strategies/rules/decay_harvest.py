"""Decay harvest: short the funds that decay, the bear fund alone or bull and bear in balance.

A daily-reset fund loses about (b² − b)/2 · σ² a year to compounding, 6σ² at −3x and 3σ² at +3x; a short
sells that. A short of the bear fund alone is also a long of the index. A short of both has no exposure on
the day it is made, but each day's move gives it one, against the trend: the leg that rises grows, the one
that falls shrinks. Traded back often, it sells variance; left alone, it is short any large move.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from letf_instruments import SpecError
from strategies.allocation_rule import MAX_WEIGHT, AllocationRule, Targets
from strategies.parameters import RuleParams, param


class DecayHarvestParams(RuleParams):
    """Parameters of `DecayHarvest`."""

    legs: Literal["bear", "both"] = param("bear", "", "short the bear fund alone, or both funds in balance")
    weight: float = param(0.25, "share of equity", "of the bear fund's short", gt=0, le=2)
    bear: str = param("SOXS", "", "the bear fund")
    bull: str = param("SOXL", "", "the bull fund, short so much that the two exposures cancel (both)")

    @model_validator(mode="after")
    def _two_instruments(self) -> DecayHarvestParams:
        if self.legs == "both" and self.bear == self.bull:
            raise ValueError(f"rule.bear and rule.bull are both {self.bull}")
        return self


class DecayHarvest(AllocationRule):
    """Short weights that do not change; the plan trades back to them as the funds move."""

    name = "decay_harvest"
    summary = "shorts the bear fund, or bull and bear in balance, to earn what they lose by compounding"
    when = (
        "The decay is real and over years it is large; so is what stands against it. The borrow fee is "
        "highest when the trade looks best, and shares may be recalled. A short grows as it loses: in a "
        "trend the losing leg becomes the larger one and the pair bleeds; in a squeeze (a crash for the bear "
        "fund, a rally off a low for the bull fund) a month can cost more than the whole short was worth, "
        "and the margin call comes at the worst price. Short the bear fund alone and most of the gain is "
        "that of being long the index. It needs little money short, much beside it, and trading back before "
        "the losing leg has grown."
    )
    Params = DecayHarvestParams
    params: DecayHarvestParams

    @property
    def instruments(self) -> tuple[str, ...]:
        p = self.params
        return (p.bear, p.bull) if p.legs == "both" else (p.bear,)

    def notes(self, market: Market) -> list[str]:
        if self.plan.trades_back:
            return []
        return [f"{self.name}: the plan never trades back, so a leg that loses grows without bound"]

    def targets(self, market: Market) -> Targets:
        p = self.params
        weights = {p.bear: -p.weight}
        down = market[p.bear].multiple
        if down >= 0:
            raise SpecError(
                f"rule.bear is {p.bear}, which has a multiple of {down:+g}; it needs a negative one"
            )
        if p.legs == "both":
            up = market[p.bull].multiple
            if up <= 0:
                raise SpecError(
                    f"rule.bull is {p.bull}, which has a multiple of {up:+g}; it needs a positive one"
                )
            weights[p.bull] = p.weight * down / up
            if abs(weights[p.bull]) > MAX_WEIGHT:
                raise SpecError(
                    f"rule.weight of {p.weight:g} in {p.bear} would take {weights[p.bull]:g} of {p.bull} to "
                    f"balance; at most ±{MAX_WEIGHT:g} × equity is held"
                )
        n = len(market)
        return Targets(
            {name: np.full(n, weight) for name, weight in weights.items()},
            {"harvest": np.ones(n, dtype=bool)},
        )
