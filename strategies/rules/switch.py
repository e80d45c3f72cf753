"""Switch: the bull fund above the index's average, the bear fund below it, each with a stop of its own.

The regime switch that holders of SOXL and SOXS ask for: one rule, two sides, one at a time. The plan is the
bull side's, `plan.other` the bear side's. Within the buffer nothing new is bought; what is held is held on.
The 200-day average as a regime: Faber 2007, "A Quantitative Approach to Tactical Asset Allocation", J. Wealth
Management 9(4):69–79.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from feeds.market import Market
from strategies.conditions import Measured
from strategies.indicators import Floats, ema, sma
from strategies.parameters import RuleParams, param
from strategies.trade_rule import Signals, TradeRule

ABOVE, BELOW = "the index is above its average", "the index is below its average"


class SwitchParams(RuleParams):
    """The line between the two sides.

    bars, average : of the index's moving average.
    buffer : distance from it, as a fraction, within which no side is entered.
    """

    bars: int = param(200, "bars", "of the index's average", ge=2, le=1000)
    average: Literal["sma", "ema"] = param("sma", "", "simple or exponential")
    buffer: float = param(
        0.0, "fraction", "distance from the average within which no side is entered", ge=0, lt=1
    )


class Switch(TradeRule):
    """Two sides of one line."""

    name = "switch"
    summary = "the bull fund above the index's average, the bear fund below it, each with its own stop"
    when = (
        "Works in long trends of either sign. Below the average the index has mostly been volatile, not "
        "falling steadily, and a bear fund decays in that: the bear side loses in most years, pays in few. "
        "Every cross of the line that turns back costs a trade on both sides."
    )
    Params = SwitchParams
    params: SwitchParams

    @property
    def default_instrument(self) -> str:
        return "SOXL"

    @property
    def warm_up(self) -> int:
        return self.params.bars

    def _over(self, market: Market) -> Floats:
        """How far the index is above its average, as a fraction."""
        p = self.params
        mean = sma if p.average == "sma" else ema
        close = market.index.close
        return np.asarray(close / mean(close, p.bars) - 1.0)

    def signals(self, market: Market) -> Signals:
        over, buffer = self._over(market), self.params.buffer
        return Signals(
            entry={ABOVE: over > buffer},
            exit={"below the average": over < 0},
            other=Signals(entry={BELOW: over < -buffer}, exit={"above the average": over > 0}),
        )

    def measured(self, market: Market) -> dict[str, Measured]:
        p = self.params
        what = f"close over its {p.bars}-bar {'average' if p.average == 'sma' else 'EMA'}"
        return {ABOVE: Measured(what, self._over(market), p.buffer, share=True)}
