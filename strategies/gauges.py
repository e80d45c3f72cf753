"""Gauges of the market's state that rules and filters share: trend, volatility, sentiment."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.market import Market
from strategies.indicators import before, realised_volatility, rolling_median, sma
from strategies.parameters import RuleParams, param

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

GAUGE_WORDS = {
    "both": "volume and volatility",
    "either": "volume or volatility",
    "volume": "volume",
    "volatility": "volatility",
}


def on_side(market: Market, bars: int, side: str) -> Bools:
    """True where the index closes above (below) its moving average."""
    close = market.index.close
    average = sma(close, bars)
    return close > average if side == "above" else close < average


def volatility(market: Market, bars: int) -> Floats:
    """Realised volatility of the index, a fraction a year. Intraday bars count as many to a session as
    there have been on average so far."""
    return realised_volatility(market.index.close, bars) * np.sqrt(bars_a_session(market))


def bars_a_session(market: Market) -> Floats:
    """Bars a session so far, shape (n,); 1 for daily bars."""
    days = market.sessions
    new = np.ones(len(days), dtype=bool)
    new[1:] = days[1:] != days[:-1]
    return np.arange(1, len(days) + 1) / np.cumsum(new)


class SentimentParams(RuleParams):
    """Parameters of `risk_off`."""

    instrument: str = param("SOXS", "", "whose volume is read; the index's where it has none")
    gauge: Literal["both", "either", "volume", "volatility"] = param("both", "", "what must say risk-off")
    volume_bars: int = param(5, "bars", "recent volume: mean of so many bars", ge=1, le=250)
    volume_past: int = param(60, "bars", "its own past: median of so many bars before those", ge=5, le=2000)
    volume_ratio: float = param(1.2, "times", "recent over past volume that says risk-off", gt=0, le=100)
    volatility_bars: int = param(10, "bars", "recent volatility", ge=2, le=250)
    volatility_past: int = param(250, "bars", "its own past: median of so many bars", ge=5, le=2000)
    volatility_ratio: float = param(1.25, "times", "recent over past volatility, risk-off", gt=0, le=100)


class RiskOff(NamedTuple):
    """`on` where the gauge says risk-off, `known` where it has history enough to say; both shape (n,).
    `volume` and `volatility` are what each of the two says."""

    on: Bools
    known: Bools
    volume: Bools
    volatility: Bools


def risk_off(market: Market, params: SentimentParams) -> RiskOff:
    """Risk-off: volume above its own past, volatility above its own past, or as `gauge` says.

    The instrument's volume is read where it has a past, else the index's. On bars before any volume has
    been seen at all volatility decides alone (unless the gauge is volume, which is then not known):
    `volume_notes` says so.
    """
    p = params
    ratio = np.full(len(market), np.nan)
    seen = np.zeros(len(market), dtype=bool)
    for volume in _volumes(market, p.instrument):
        recent = sma(volume, p.volume_bars)
        past = before(rolling_median(volume, p.volume_past), p.volume_bars)
        np.divide(recent, past, out=ratio, where=(past > 0) & np.isnan(ratio))
        seen |= np.maximum.accumulate(volume) > 0
    moved = volatility(market, p.volatility_bars)
    usual = rolling_median(moved, p.volatility_past)
    calm = np.divide(moved, usual, out=np.full(len(usual), np.nan), where=usual > 0)
    by_volume, by_volatility = ratio > p.volume_ratio, calm > p.volatility_ratio
    knows_volume, knows_volatility = ~np.isnan(ratio), ~np.isnan(calm)
    if p.gauge == "volume":
        return RiskOff(by_volume & knows_volume, knows_volume, by_volume, by_volatility)
    if p.gauge == "volatility":
        return RiskOff(by_volatility & knows_volatility, knows_volatility, by_volume, by_volatility)
    joint = by_volume & by_volatility if p.gauge == "both" else by_volume | by_volatility
    known = knows_volatility & (knows_volume | ~seen)
    return RiskOff(np.where(seen, joint, by_volatility) & known, known, by_volume, by_volatility)


def volume_notes(market: Market, params: SentimentParams) -> list[str]:
    """What a person should know of the volume that a gauge reads, a sentence each."""
    if params.gauge == "volatility":
        return []
    fund = market.funds.get(params.instrument)
    if fund is not None and fund.volume.any():
        return []
    index = market.index.name
    if not market.index.volume.any():
        if params.gauge == "volume":
            return [f"{index} has no volume, so a gauge of volume never says anything; see data.volumes"]
        return [f"{index} has no volume, so the gauge goes by volatility alone; see data.volumes"]
    return [f"a synthetic {params.instrument} has no volume of its own: the gauge reads that of {index}"]


def _volumes(market: Market, instrument: str) -> list[Floats]:
    own = market.funds.get(instrument) or market.assets.get(instrument)
    return [prices.volume for prices in (own, market.index) if prices is not None]
