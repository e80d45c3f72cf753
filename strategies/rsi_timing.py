"""RSI timing: buy SOXS when a rally tires (or SOXL when a fall does), leave on the opposite extreme.

The index's RSI falling back through an overbought level, with the close already below a short moving
average, is taken for the end of an advance. The average must be short: with 70 and 50 bars the two
conditions exclude each other, since RSI falls from 70 while the price is still far above its average.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from feeds.market import Market
from letf_instruments import SpecError
from strategies.indicators import crosses_above, crosses_below, rsi, sma
from strategies.parameters import RuleParams
from strategies.trade_rule import Signals, TradeRule


class RsiTimingParams(RuleParams):
    """Parameters of `RsiTiming`."""

    side: Literal["bear", "bull"] = Field("bear", description="bear buys SOXS, bull buys SOXL")
    rsi_bars: int = Field(14, ge=2, le=500, description="bars of the index's RSI")
    overbought: float = Field(65.0, gt=0, lt=100, description="upper RSI level")
    oversold: float = Field(35.0, gt=0, lt=100, description="lower RSI level")
    average_bars: int = Field(10, ge=1, le=1000, description="bars of the index's moving average")

    @model_validator(mode="after")
    def _levels_in_order(self) -> RsiTimingParams:
        if self.oversold >= self.overbought:
            raise ValueError(f"oversold ({self.oversold:g}) must be below overbought ({self.overbought:g})")
        return self


class RsiTiming(TradeRule):
    """Enter when the index's RSI comes back through one level on the right side of its average; leave
    when it reaches the other level."""

    name = "rsi_timing"
    summary = "buys the bear fund when an overbought index turns down, or the bull fund in mirror image"
    when = (
        "Works where swings are short and mean-reverting. Loses by a thousand stops in a steady rise, where "
        "the fund it buys also decays."
    )
    Params = RsiTimingParams
    params: RsiTimingParams

    INSTRUMENTS: ClassVar = {"bear": "SOXS", "bull": "SOXL"}

    @property
    def default_instrument(self) -> str:
        return self.INSTRUMENTS[self.params.side]

    @property
    def warm_up(self) -> int:
        return max(self.params.rsi_bars + 1, self.params.average_bars) + 1

    def check_instrument(self, multiple: float) -> None:
        side = self.params.side
        if (multiple < 0) != (side == "bear"):
            sign = "negative" if side == "bear" else "positive"
            raise SpecError(
                f"rule.side is {side!r}, which needs an instrument with a {sign} multiple; "
                f"plan.instrument {self.instrument} has {multiple:+g}"
            )

    def signals(self, market: Market) -> Signals:
        p = self.params
        close = market.index.close
        strength = rsi(close, p.rsi_bars)
        average = sma(close, p.average_bars)
        if p.side == "bear":
            return Signals(
                entry={
                    f"RSI({p.rsi_bars}) falls back through {p.overbought:g}": crosses_below(
                        strength, p.overbought
                    ),
                    f"close below its {p.average_bars}-bar average": close < average,
                },
                exit={"oversold": strength <= p.oversold},
            )
        return Signals(
            entry={
                f"RSI({p.rsi_bars}) rises back through {p.oversold:g}": crosses_above(strength, p.oversold),
                f"close above its {p.average_bars}-bar average": close > average,
            },
            exit={"overbought": strength >= p.overbought},
        )
