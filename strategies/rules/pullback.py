"""Pullback: buy SOXS when an extended rally breaks, for days to weeks.

A rally is extended when the index has risen so much in so many bars, or stands so many standard
deviations above its average (the distance that Bollinger's bands measure: Bollinger 2001, Bollinger on
Bollinger Bands). It breaks when a close falls below the lowest low of the bars before it, or below a
moving average.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from strategies.conditions import Measured, turns, within
from strategies.indicators import before, highest, lowest, momentum, rolling_mean, rolling_std, sma
from strategies.levels import AtrParams, atr_levels, level_bars
from strategies.parameters import param
from strategies.rule import Bools, Floats
from strategies.sides import INSTRUMENTS, check_sign
from strategies.trade_rule import Signals, TradeRule


class PullbackParams(AtrParams):
    """Parameters of `Pullback`."""

    extended_by: Literal["return", "deviation"] = param("return", "", "what makes a rally extended")
    rally_bars: int = param(20, "bars", "over which the rally is measured", ge=2, le=500)
    rally_return: float = param(0.1, "fraction", "return that is extended", gt=0, le=10)
    rally_deviations: float = param(
        2.0, "standard deviations", "distance above the average that is extended", gt=0, le=22
    )
    memory: int = param(10, "bars", "how long after it the rally still counts", ge=0, le=500)
    break_of: Literal["low", "average"] = param("low", "", "what breaks: the prior low or an average")
    break_bars: int = param(5, "bars", "of the prior low or of the average", ge=1, le=500)

    @model_validator(mode="after")
    def _reachable(self) -> PullbackParams:
        if self.break_of == "average" and self.break_bars < 2:
            raise ValueError("break_bars is 1, but a close is never below its own average; give 2 or more")
        n = self.rally_bars
        most = (n - 1) / math.sqrt(n)
        if self.extended_by == "deviation" and self.rally_deviations > most:
            raise ValueError(
                f"rally_deviations is {self.rally_deviations:g}, but the last of {n} closes is never more "
                f"than {most:.3g} standard deviations from their average; lower it or raise rally_bars"
            )
        return self


class Pullback(TradeRule):
    """Enter on the bar on which a rally that was extended lately breaks.

    Level of the index for `plan.rebound`: `broken`, the low or average that broke, and `high`, the
    rally's highest high. Levels of the instrument: `atr_stop`, `atr_target`. A later break within the
    rally's memory opens another trade if the first is over; `plan.cooldown` keeps it away.
    """

    name = "pullback"
    summary = "buys the bear fund when an extended rally breaks, for days to weeks"
    when = (
        "Works where a break is the start of a correction: sharp, one-way, over in days to weeks, so that a "
        "bear fund compounds in the holder's favour. Fails in strong trends, where most breaks are bought "
        "back within days: many small losses, each three times the index's bounce, and a few large gains "
        "must pay for them. Chop after the break costs decay even if the index ends lower, so time and the "
        "rebound are doors as important as the stop."
    )
    Params = PullbackParams
    params: PullbackParams
    default_instrument = INSTRUMENTS["bear"]

    @property
    def warm_up(self) -> int:
        p = self.params
        rally = p.rally_bars + (p.extended_by == "return")
        broken = p.break_bars + (2 if p.break_of == "low" else 1)
        return max(rally, broken, level_bars(self.plan, p))

    def check_instrument(self, multiple: float) -> None:
        check_sign("rule pullback bets on a falling index", "bear", self.instrument, multiple)

    def measured(self, market: Market) -> dict[str, Measured]:
        p, close = self.params, market.index.close
        if p.extended_by == "return":
            words = f"return over {p.rally_bars} bars"
            rally = Measured(words, momentum(close, p.rally_bars), p.rally_return, share=True)
        else:
            mean, deviation = rolling_mean(close, p.rally_bars), rolling_std(close, p.rally_bars)
            rally = Measured("close", close, mean + p.rally_deviations * deviation)
        broken = self._breakable(market.index.low, close)
        first, second = self._entry_words()
        return {first: rally, second: Measured("close", close, broken)}

    def signals(self, market: Market) -> Signals:
        p = self.params
        index = market.index
        rally, broken = self._extended(index.close), self._breakable(index.low, index.close)
        # The rally's top lies within its own bars, or in those since it was last seen.
        window = max(p.rally_bars, p.memory + 1)
        top = highest(index.high, window)
        so_far = np.maximum.accumulate(index.high)
        first, second = self._entry_words()
        return Signals(
            entry={
                first: within(rally, p.memory),
                second: turns(index.close < broken, ~np.isnan(broken)),
            },
            levels=atr_levels(market, self.instrument, p),
            index_levels={"broken": broken, "high": np.where(np.isnan(top), so_far, top)},
        )

    def _extended(self, close: Floats) -> Bools:
        p = self.params
        if p.extended_by == "return":
            return momentum(close, p.rally_bars) >= p.rally_return
        above = close - rolling_mean(close, p.rally_bars)
        # An exact product, not a quotient: closes that never moved have no deviation to divide by.
        return (above > 0) & (above >= p.rally_deviations * rolling_std(close, p.rally_bars))

    def _breakable(self, low: Floats, close: Floats) -> Floats:
        p = self.params
        return before(lowest(low, p.break_bars)) if p.break_of == "low" else sma(close, p.break_bars)

    def _entry_words(self) -> tuple[str, str]:
        return (
            f"{self._rally_words()} within {self.params.memory} bars",
            f"close breaks {self._break_words()}",
        )

    def _rally_words(self) -> str:
        p = self.params
        if p.extended_by == "return":
            return f"up {p.rally_return:.0%} over {p.rally_bars} bars"
        return f"{p.rally_deviations:g} deviations above the {p.rally_bars}-bar average"

    def _break_words(self) -> str:
        p = self.params
        return f"the {p.break_bars}-bar low" if p.break_of == "low" else f"its {p.break_bars}-bar average"
