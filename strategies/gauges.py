"""Gauges of the market's state that rules and filters share: trend, volatility, sentiment."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.market import Market, Prices
from feeds.periods import last_of_period, period_numbers
from strategies.indicators import before, realised_volatility, rolling_mean, rolling_median, rsi, sma
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


def weekly_rsi(market: Market, name: str, weeks: int) -> Floats:
    """Wilder's RSI of an instrument's finished weeks (`Market.weekly`), on each bar as of the last week that
    is over; NaN before there are enough of them.

    Raises
    ------
    DataError
        If the bars are not daily, or there is no such instrument.
    """
    closes, days = market.weekly(name).close, market.sessions
    week = np.cumsum(np.diff(period_numbers(days, "week"), prepend=period_numbers(days[:1], "week")) != 0)
    # The last week that is over, by number; its close is the market's on the first bar that knows it.
    newest = np.where(last_of_period(days, "week"), week, week - 1)
    first = np.flatnonzero(np.diff(newest, prepend=-1) > 0)
    strength = rsi(closes[first], weeks)
    at = np.searchsorted(first, np.arange(len(days)), side="right") - 1
    return np.append(strength, np.nan)[at]  # -1 before the first: not known


class SentimentParams(RuleParams):
    """Parameters of `risk_off`."""

    instrument: str = param("SOXS", "", "whose volume is read; the index's where it has none")
    gauge: Literal["both", "either", "volume", "volatility"] = param("both", "", "what must say risk-off")
    volume_bars: int = param(5, "bars", "recent volume: mean of so many bars", ge=1, le=250)
    volume_past: int = param(60, "bars", "its own past: median of so many bars before those", ge=5, le=2000)
    volume_ratio: float = param(1.2, "times", "recent over past volume that says risk-off", gt=0, le=100)
    volatility_bars: int = param(10, "bars", "recent volatility", ge=2, le=250)
    volatility_past: int = param(250, "bars", "its own past: median of so many bars up to now", ge=5, le=2000)
    volatility_ratio: float = param(1.25, "times", "recent over past volatility, risk-off", gt=0, le=100)


class RiskOff(NamedTuple):
    """`on` where the gauge says risk-off, `known` where it has history enough to say; both shape (n,).
    `volume` and `volatility` are what each of the two says, the ratios what they say it by."""

    on: Bools
    known: Bools
    volume: Bools
    volatility: Bools
    volume_ratio: Floats
    volatility_ratio: Floats


def risk_off(market: Market, params: SentimentParams) -> RiskOff:
    """Risk-off: volume above its own past, volatility above its own past, or as `gauge` says.

    Where a volume is not known (`relative_volume`) volatility decides alone, unless the gauge is volume,
    which is then not known either: `volume_notes` says so.
    """
    p = params
    ratio = relative_volume(market, p.instrument, p.volume_bars, p.volume_past)
    moved = volatility(market, p.volatility_bars)
    usual = rolling_median(moved, p.volatility_past)
    moving = np.divide(moved, usual, out=np.full(len(usual), np.nan), where=usual > 0)
    by_volume, by_volatility = ratio > p.volume_ratio, moving > p.volatility_ratio
    knows_volume, knows_volatility = ~np.isnan(ratio), ~np.isnan(moving)
    said = (by_volume, by_volatility, ratio, moving)
    if p.gauge == "volume":
        return RiskOff(by_volume, knows_volume, *said)
    if p.gauge == "volatility":
        return RiskOff(by_volatility, knows_volatility, *said)
    joint = by_volume & by_volatility if p.gauge == "both" else by_volume | by_volatility
    on = np.where(knows_volume, joint, by_volatility) & knows_volatility
    return RiskOff(on, knows_volatility, *said)


def warm_up(params: SentimentParams) -> int:
    """Bars before `risk_off` can be known."""
    p = params
    if p.gauge == "volume":
        return p.volume_bars + p.volume_past
    return p.volatility_bars + p.volatility_past


def relative_volume(market: Market, instrument: str, recent: int, past: int) -> Floats:
    """Mean volume of the last `recent` bars over the median of the `past` bars before those, shape (n,).

    Of a fund or an asset it is the traded value, shares × close: a fund that decays to a third in a year
    trades three times the shares for the same money, which is not fear. An index has no shares; its
    volume is taken as it is. Shares must be of one size: a volume that is not adjusted for a split jumps.

    A bar without volume is a gap in the data, not a quiet day: where a window has one, the index's volume
    is read instead of the instrument's, and where that has one too the ratio is NaN.
    """
    ratio = np.full(len(market), np.nan)
    for prices in _whose(market, instrument):
        traded = prices.volume if prices is market.index else prices.volume * prices.close
        volume = np.where(traded > 0, traded, np.nan)
        now, usual = rolling_mean(volume, recent), before(rolling_median(volume, past), recent)
        np.divide(now, usual, out=ratio, where=np.isnan(ratio) & ~np.isnan(usual))
    return ratio


def has_volume(market: Market, instrument: str) -> bool:
    """True if the instrument, or else the index, has any volume at all."""
    return any((prices.volume > 0).any() for prices in _whose(market, instrument))


def volume_notes(market: Market, params: SentimentParams) -> list[str]:
    """What a person should know of the volume that a gauge reads, a sentence each."""
    only = params.gauge == "volume"
    if params.gauge == "volatility":
        return []
    if not has_volume(market, params.instrument):
        so = "a gauge of volume never says anything" if only else "the gauge goes by volatility alone"
        return [f"{market.index.name} has no volume, so {so}; see data.volumes"]
    without = "says nothing" if only else "goes by volatility"
    return coverage_notes(market, params.instrument, "the gauge", without)


def coverage_notes(market: Market, instrument: str, reader: str, without: str) -> list[str]:
    """Where `relative_volume` has gaps, and what it reads there, a sentence each.

    Parameters
    ----------
    reader, without : who reads the volume, and what it does where there is none at all, in words.
    """
    sources = _whose(market, instrument)
    notes = []
    if len(sources) == 1 and instrument not in ("index", market.index.name):
        notes.append(f"{instrument} is not in this run: {reader} reads {market.index.name}'s volume")
    for prices, other in zip(sources, [*sources[1:], None], strict=True):
        bars = int((prices.volume > 0).sum())
        if bars == len(market):
            break
        reads = other is not None and (other.volume > 0).any()
        instead = f"{reader} reads {other.name}'s" if other is not None and reads else f"{reader} {without}"
        if bars:
            notes.append(
                f"{prices.name} has a volume on {bars:,} of {len(market):,} bars; around the others {instead}"
            )
        else:
            notes.append(f"{prices.name} has no volume of its own: {instead}")
        if not reads:
            break
    return notes


def _whose(market: Market, instrument: str) -> list[Prices]:
    """Whose volume is read, in order: the instrument's, if the market has it, and the index's."""
    for name in (instrument, instrument.upper()):
        for group in (market.funds, market.assets):
            if name in group:
                return [group[name], market.index]
    return [market.index]
