"""Dip: buy SOXL on a pullback inside an uptrend, at once or at the first sign of a turn.

Buying weakness within strength: the trend is a rising long average with the index above it (Faber 2007,
doi 10.3905/jwm.2007.674809, for the average as a trend filter), the weakness a fall from the highest close
of the last bars. A turn is a close above the prior bar's high.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from feeds.market import Market
from strategies.conditions import Measured, turns
from strategies.indicators import before, sma
from strategies.levels import AtrParams, atr_levels, level_bars
from strategies.parameters import param
from strategies.rule import Bools, Floats
from strategies.sides import INSTRUMENTS, check_sign
from strategies.trade_rule import Signals, TradeRule


class DipParams(AtrParams):
    """Parameters of `Dip`."""

    average_bars: int = param(150, "bars", "the long average: above it is an uptrend", ge=2, le=2000)
    rising_bars: int = param(20, "bars", "the average is above its own value of so long ago", ge=1, le=500)
    high_bars: int = param(20, "bars", "in which the highest close is sought", ge=2, le=250)
    depth: float = param(0.06, "fraction", "fall from that close that makes a pullback", gt=0, lt=1)
    enter: Literal["turn", "at-once"] = param("turn", "", "at the first sign of a turn, or at once")


class Dip(TradeRule):
    """Enter on a pullback inside an uptrend.

    Levels of the index for `plan.rebound`, which a bull fund is left below: `pullback_low`, the lowest
    low since the highest close, and `average`, the long average. Levels of the instrument: `atr_stop`,
    `atr_target`.
    """

    name = "dip"
    summary = "buys the bull fund on a pullback inside an uptrend"
    when = (
        "Works in long advances with shallow, quick corrections, where most pullbacks are bought and the "
        "fund compounds on the way back. Fails at the end of an advance: the first leg of every crash looks "
        "like a dip, and three times a fall that does not stop is most of the stake. It needs a door at the "
        "pullback's low, and it takes no part in advances that never fall back so far."
    )
    Params = DipParams
    params: DipParams
    default_instrument = INSTRUMENTS["bull"]

    @property
    def warm_up(self) -> int:
        p = self.params
        trend = p.average_bars + p.rising_bars
        dip = p.high_bars + (p.enter == "at-once")
        return max(trend, dip, level_bars(self.plan, p))

    def check_instrument(self, multiple: float) -> None:
        check_sign("rule dip bets on a rising index", "bull", self.instrument, multiple)

    def measured(self, market: Market) -> dict[str, Measured]:
        p, index = self.params, market.index
        average = sma(index.close, p.average_bars)
        fallen = pullback(index.low, index.close, p.high_bars)
        above, rising, deep, turn = self._words()
        found = {
            above: Measured("close", index.close, average),
            rising: Measured("average", average, before(average, p.rising_bars)),
            deep: Measured("lowest close since", fallen.trough, (1.0 - p.depth) * fallen.high),
        }
        if p.enter == "turn":
            found[turn] = Measured("close", index.close, before(index.high))
        return found

    def _words(self) -> tuple[str, str, str, str]:
        """What the entry conditions are called: above the average, rising average, depth, turn."""
        p = self.params
        deep = f"down {p.depth:.0%} from the highest close of {p.high_bars} bars"
        return (
            f"close above its {p.average_bars}-bar average",
            f"average above that of {p.rising_bars} bars ago",
            deep if p.enter == "turn" else f"{deep}, the first time",
            "first close above the prior bar's high",
        )

    def signals(self, market: Market) -> Signals:
        p = self.params
        index = market.index
        average = sma(index.close, p.average_bars)
        fallen = pullback(index.low, index.close, p.high_bars)
        deep = fallen.trough <= (1.0 - p.depth) * fallen.high
        above, rising, words, turn = self._words()
        if p.enter == "turn":
            entry = {words: deep, turn: first_turn(market, fallen)}
        else:
            entry = {words: turns(deep, ~np.isnan(fallen.high))}
        return Signals(
            entry={
                above: index.close > average,
                rising: average > before(average, p.rising_bars),
                **entry,
            },
            levels=atr_levels(market, self.instrument, p),
            index_levels={"pullback_low": fallen.low, "average": average},
        )


class Pullbacks(NamedTuple):
    """By bar, shape (n,): `high`, the highest close; `trough`, the lowest close after it, or the high
    itself if it is this bar's; `low`, the lowest low after it, and `low_bar`, where that was: NaN if the
    high is this bar's."""

    high: Floats
    trough: Floats
    low: Floats
    low_bar: Floats


def pullback(low: Floats, close: Floats, period: int) -> Pullbacks:
    """The pullback from the highest of the last `period` closes, the latest of them where several are.

    NaN until there are so many bars.
    """
    n = len(close)
    out = Pullbacks(*(np.full(n, np.nan) for _ in range(4)))
    if n < period:
        return out
    closes, lows = (np.lib.stride_tricks.sliding_window_view(values, period) for values in (close, low))
    latest_top = period - 1 - np.argmax(closes[:, ::-1], axis=1)
    after = np.arange(period) > latest_top[:, None]
    lows_after = np.where(after, lows, np.inf)
    latest_low = period - 1 - np.argmin(lows_after[:, ::-1], axis=1)
    fallen = after.any(axis=1)
    known = slice(period - 1, None)
    out.high[known] = closes.max(axis=1)
    out.trough[known] = np.minimum(np.where(after, closes, np.inf).min(axis=1), out.high[known])
    out.low[known] = np.where(fallen, lows_after.min(axis=1), np.nan)
    out.low_bar[known] = np.where(fallen, np.arange(len(closes)) + latest_low, np.nan)
    return out


def first_turn(market: Market, fallen: Pullbacks) -> Bools:
    """True where a close is above the prior bar's high for the first time since the pullback's low."""
    turn = market.index.close > before(market.index.high)
    latest = np.maximum.accumulate(np.where(turn, np.arange(len(turn)), -1))
    return turn & (before(latest.astype(np.float64)) < fallen.low_bar)
