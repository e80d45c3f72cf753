"""Sentiment: trade the mood of the market alone, as volume and volatility show it.

SOXS's volume rises when the sector falls, so that its volume relative to its own past, together with the
index's realised volatility relative to its own, is read as a gauge of fear: risk-off above both. Volume and
volatility move together (Karpoff 1987, doi 10.2307/2330874, a survey); neither says which way prices go.
"""

from __future__ import annotations

from feeds.market import Market
from strategies import gauges
from strategies.conditions import Measured, turns
from strategies.levels import AtrParams, atr_levels, level_bars
from strategies.parameters import param
from strategies.sides import INSTRUMENTS, Side, check_sign
from strategies.trade_rule import Signals, TradeRule


class SentimentTradeParams(gauges.SentimentParams, AtrParams):
    """Parameters of `Sentiment`: those of the gauge and of the levels, and the side."""

    side: Side = param("bear", "", "bear buys SOXS on risk-off, bull buys SOXL on risk-on")


class Sentiment(TradeRule):
    """Enter on the bar on which the gauge turns to its side, leave once it has turned back.

    While the gauge is not known it neither enters nor leaves; a turn that happened meanwhile counts when
    it is known again. Levels of the instrument: `atr_stop`, `atr_target`.
    """

    name = "sentiment"
    summary = "buys the bear fund when volume and volatility turn risk-off, or the bull fund on risk-on"
    when = (
        "Works where fear lasts: in a long decline volume and volatility stay high for weeks while prices "
        "fall. Fails where fear marks the low: in a short, sharp fall the "
        "gauge turns when most of it is over, and the bear fund is bought before the rebound. Volatility "
        "also rises in strong advances, where the gauge is wrong about the direction."
    )
    Params = SentimentTradeParams
    params: SentimentTradeParams

    @property
    def default_instrument(self) -> str:
        return INSTRUMENTS[self.params.side]

    @property
    def warm_up(self) -> int:
        return max(gauges.warm_up(self.params) + 1, level_bars(self.plan, self.params))

    def check_instrument(self, multiple: float) -> None:
        side = self.params.side
        check_sign(f"rule.side is {side!r}", side, self.instrument, multiple)

    def notes(self, market: Market) -> list[str]:
        return gauges.volume_notes(market, self.params)

    def measured(self, market: Market) -> dict[str, tuple[Measured, ...]]:
        p = self.params
        gauge = gauges.risk_off(market, p)
        volume = Measured("volume over its past", gauge.volume_ratio, p.volume_ratio)
        moving = Measured("volatility over its past", gauge.volatility_ratio, p.volatility_ratio)
        both = {"volume": (volume,), "volatility": (moving,)}.get(p.gauge, (volume, moving))
        entry, back = self._words()
        return {entry: both, back: both}

    def _words(self) -> tuple[str, str]:
        """What the entry condition and the exit are called."""
        to, back = ("risk-off", "risk-on") if self.params.side == "bear" else ("risk-on", "risk-off")
        return f"turns {to} by {gauges.GAUGE_WORDS[self.params.gauge]}", back

    def signals(self, market: Market) -> Signals:
        p = self.params
        gauge = gauges.risk_off(market, p)
        calm = gauge.known & ~gauge.on
        enter, leave = (gauge.on, calm) if p.side == "bear" else (calm, gauge.on)
        entry, back = self._words()
        return Signals(
            entry={entry: turns(enter, gauge.known)},
            exit={back: leave},
            levels=atr_levels(market, self.instrument, p),
        )
