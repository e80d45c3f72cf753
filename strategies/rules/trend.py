"""Trend: hold the bull fund while the index trends up; cash, or the bear fund, while it does not.

A daily-reset fund gives more than its multiple in a steady trend and less in chop. A filter that is in the
market in the first and out of it in the second tries to keep the one and be spared the other. What it can
tell is only what has been: it is late at every turn, by about half the length of its window.

The filter is a score with a line through it: close over its moving average (Faber 2007, SSRN 962461),
return over the window (Moskowitz, Ooi & Pedersen 2012, doi 10.1016/j.jfineco.2011.11.003), or Kaufman's
efficiency ratio with the sign of the move (Kaufman 1995, Smarter Trading).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from letf_instruments import SpecError
from strategies import gauges
from strategies.allocation_rule import AllocationRule, Targets
from strategies.conditions import Measured
from strategies.indicators import efficiency_ratio, ema, momentum, sma
from strategies.parameters import RuleParams, param
from strategies.rule import Bools, Floats


class TrendRuleParams(RuleParams):
    """Parameters of `Trend`."""

    filter: Literal["average", "momentum", "efficiency"] = param("average", "", "what tells an uptrend")
    bars: int = param(200, "bars", "window of the filter", ge=2, le=2000)
    buffer: float = param(
        0.0,
        "fraction",
        "how far beyond its line the filter must be to change its mind: of the average, of return, of "
        "efficiency",
        ge=0,
        lt=1,
    )
    buffer_out: float | None = param(
        None, "fraction", "the same below the line, if it is another one than above", ge=0, lt=1
    )
    confirm: int = param(1, "bars", "in a row on which the filter must say so", ge=1, le=250)
    average: Literal["sma", "ema"] = param("sma", "", "kind of moving average, of the filter average")
    level: float = param(
        0.2, "ratio", "efficiency above which there is a trend; pure noise gives 1/√bars", ge=0, lt=1
    )
    out: str = param(
        "cash",
        "",
        "what is held where there is no uptrend: cash, bear, or any instrument by name",
        min_length=1,
    )
    bull: str = param("SOXL", "", "held in an uptrend: a fund, an asset, or index")
    bear: str = param("SOXS", "", "held out of one, if out is bear")
    max_weight: float = param(1.0, "share of equity", "most of either instrument", gt=0, le=1)
    target_volatility: float | None = param(
        None, "fraction a year", "volatility to aim at: a volatile index gets a smaller weight", gt=0, le=5
    )
    volatility_bars: int = param(20, "bars", "window of the realised volatility", ge=2, le=2000)

    @property
    def other(self) -> str | None:
        """What is held out of the trend; None for cash."""
        return {"cash": None, "bear": self.bear}.get(self.out, self.out)

    @model_validator(mode="after")
    def _two_instruments(self) -> TrendRuleParams:
        if self.other == self.bull:
            key = "bear" if self.out == "bear" else "out"
            raise ValueError(f"rule.{key} and rule.bull are both {self.bull}; out of the trend hold another")
        return self


class Trend(AllocationRule):
    """The bull fund while the filter's score is above its line, else cash or the bear fund."""

    name = "trend"
    summary = "holds the bull fund in an uptrend of the index; cash or the bear fund out of it"
    when = (
        "Works where trends last many times longer than the window and falls are slow: it sits out most of "
        "a long bear market, and the index is calmer above its average than below it, so that a daily reset "
        "costs less there. Loses in a range, where it buys high and sells low at every crossing, and at a "
        "sudden fall, which is over before the filter has seen it. The bear fund out of the trend is seldom "
        "worth it: falls are the most violent of markets, and rebounds within them are sharp."
    )
    Params = TrendRuleParams
    params: TrendRuleParams

    STATES = ("uptrend", "no uptrend")

    @property
    def instruments(self) -> tuple[str, ...]:
        p = self.params
        return (p.bull,) if p.other is None else (p.bull, p.other)

    @property
    def warm_up(self) -> int:
        p = self.params
        filtered = (p.bars if p.filter == "average" else p.bars + 1) + p.confirm - 1
        return filtered if p.target_volatility is None else max(filtered, p.volatility_bars + 1)

    def notes(self, market: Market) -> list[str]:
        plan = self.plan
        if self.params.target_volatility is None or plan.scheduled:
            return []
        if plan.band is not None or plan.exposure_band is not None:
            return []
        return [
            "rule.target_volatility sizes a position when it is opened and never again, as the plan has "
            "neither schedule nor band"
        ]

    def measured(self, market: Market) -> dict[str, Measured]:
        p = self.params
        score, line = self._score(market.index.close)
        what = {
            "average": f"close over its {p.bars}-bar {'average' if p.average == 'sma' else 'EMA'}",
            "momentum": f"return over {p.bars} bars",
            "efficiency": f"efficiency over {p.bars} bars",
        }[p.filter]
        # In an uptrend it must fall to the lower edge of the buffer, out of one rise above the upper.
        edge = np.where(self.uptrend(market) == 1, line - self._below, line + p.buffer)
        found = Measured(what, score, edge, share=p.filter != "efficiency")
        return dict.fromkeys(self.STATES, found)

    def uptrend(self, market: Market) -> Floats:
        """1 in an uptrend, 0 out of one, NaN where the filter has too little history; shape (n,).

        Within the buffer around the line the answer stays what it was; it starts out of the trend.
        """
        p = self.params
        score, line = self._score(market.index.close)
        enter, leave = score > line + p.buffer, score <= line - self._below
        if p.filter == "efficiency":
            leave |= score <= 0  # however wide the buffer, a falling index is in no uptrend
        known = np.arange(len(score)) >= np.argmin(np.isnan(score)) + p.confirm - 1
        trend = _latch(_in_a_row(enter, p.confirm), _in_a_row(leave, p.confirm))
        return np.where(np.isnan(score) | ~known, np.nan, trend)

    @property
    def _below(self) -> float:
        """How far below its line the filter must be."""
        p = self.params
        return p.buffer if p.buffer_out is None else p.buffer_out

    def _score(self, close: Floats) -> tuple[Floats, float]:
        """What the filter measures, and the line above which it says uptrend."""
        p = self.params
        if p.filter == "average":
            mean = sma if p.average == "sma" else ema
            return close / mean(close, p.bars) - 1.0, 0.0
        gained = momentum(close, p.bars)
        if p.filter == "momentum":
            return gained, 0.0
        return np.copysign(efficiency_ratio(close, p.bars), gained), p.level

    def _weight(self, market: Market, instrument: str) -> Floats:
        """How much of an instrument to hold while it is wanted, shape (n,)."""
        p = self.params
        if p.target_volatility is None:
            return np.full(len(market), p.max_weight)
        volatility = gauges.volatility(market, p.volatility_bars) * abs(market[instrument].multiple)
        sized = np.divide(
            p.target_volatility, volatility, out=np.full(len(market), np.inf), where=volatility != 0
        )
        return np.minimum(sized, p.max_weight)

    def targets(self, market: Market) -> Targets:
        p = self.params
        # Of what is named for out of the trend nothing is known but that somebody wants it there.
        wanted = {p.bull: 1.0} | ({p.bear: -1.0} if p.out == "bear" else {})
        for name, sign in wanted.items():
            multiple = market[name].multiple
            if multiple * sign <= 0:
                role, needs = ("bull", "positive") if sign > 0 else ("bear", "negative")
                raise SpecError(
                    f"rule.{role} is {name}, which has a multiple of {multiple:+g}; it needs a {needs} one"
                )
        up = self.uptrend(market)
        weights = {p.bull: up * self._weight(market, p.bull)}
        if p.other is not None:
            weights[p.other] = (1.0 - up) * self._weight(market, p.other)
        return Targets(weights, {self.STATES[0]: up == 1, self.STATES[1]: up == 0})


def _in_a_row(holds: Bools, bars: int) -> Bools:
    """True where a condition holds on so many bars in a row, this one the last."""
    if bars == 1:
        return holds
    since = np.maximum.accumulate(np.where(holds, -1, np.arange(len(holds))))
    return np.arange(len(holds)) - since >= bars


def _latch(enter: Bools, leave: Bools) -> Floats:
    """1 from a bar that enters to the one before a bar that leaves, else 0; 0 at the start."""
    marks = np.where(enter, 1, np.where(leave, 0, -1))
    last = np.maximum.accumulate(np.where(marks >= 0, np.arange(len(marks)), -1))
    return np.where(last >= 0, marks[last], 0).astype(np.float64)
