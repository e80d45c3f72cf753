"""RSI timing: buy SOXS when a rally tires (or SOXL when a fall does), leave on the opposite extreme.

The index's RSI falling back through an overbought level, with the close already below a short moving
average, is taken for the end of an advance. The average must be short: with 70 and 50 bars the two
conditions exclude each other, since RSI falls from 70 while the price is still far above its average.

With `confirm`, index and fund are cross-checked instead: so many of the chosen confirmations are needed,
and those that are events count for some bars after they happened.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from feeds.market import Market
from strategies import gauges
from strategies.conditions import Measured, turns, within
from strategies.indicators import before, crosses_above, crosses_below, highest, lowest, rsi, sma
from strategies.levels import AtrParams, atr_levels, level_bars, range_levels
from strategies.parameters import param
from strategies.rule import Bools, Floats
from strategies.sides import INSTRUMENTS, Side, check_sign
from strategies.trade_rule import Signals, TradeRule

Confirmation = Literal["rsi", "average", "support", "volume", "fund_rsi"]
Evidence = tuple[str, Bools]  # what is said, and where it holds


class RsiTimingParams(AtrParams):
    """Parameters of `RsiTiming`. Those after `average_bars` are for `confirm` and for levels."""

    side: Side = param("bear", "", "bear buys SOXS, bull buys SOXL")
    rsi_bars: int = param(14, "bars", "the RSI of the index, and of the fund", ge=2, le=500)
    overbought: float = param(65.0, "RSI points", "upper level of the index's RSI", gt=0, lt=100)
    oversold: float = param(35.0, "RSI points", "lower level of the index's RSI", gt=0, lt=100)
    average_bars: int = param(10, "bars", "the index's moving average", ge=1, le=1000)
    confirm: tuple[Confirmation, ...] = param(
        (), "", "confirmations to choose from; none: RSI and average on the same bar"
    )
    needed: int | None = param(None, "confirmations", "how many of them; all if not given", ge=1, le=5)
    memory: int = param(5, "bars", "how long a confirmation that is an event still counts", ge=0, le=250)
    support_bars: int = param(
        20, "bars", "range whose low is the support, its high the resistance", ge=1, le=500
    )
    volume_bars: int = param(20, "bars", "recent volume: its median over so many bars", ge=5, le=2000)
    volume_ratio: float = param(1.25, "times", "volume over its recent median that confirms", gt=0, le=100)
    fund_level: float = param(50.0, "RSI points", "the fund's RSI rises through it", gt=0, lt=100)

    @model_validator(mode="after")
    def _levels_in_order(self) -> RsiTimingParams:
        if self.oversold >= self.overbought:
            raise ValueError(f"oversold ({self.oversold:g}) must be below overbought ({self.overbought:g})")
        return self

    @model_validator(mode="after")
    def _enough_to_choose_from(self) -> RsiTimingParams:
        twice = [name for name in self.confirm if self.confirm.count(name) > 1]
        if twice:
            raise ValueError(f"rule.confirm names {twice[0]!r} twice")
        if self.needed is not None and self.needed > len(self.confirm):
            chosen = ", ".join(self.confirm) or "none"
            raise ValueError(
                f"rule.needed is {self.needed}, but rule.confirm chooses {len(self.confirm)} ({chosen})"
            )
        return self


class RsiTiming(TradeRule):
    """Enter when the index's RSI comes back through one level on the right side of its average; leave
    when it reaches the other level.

    With `confirm`, enter on the bar on which `needed` of the chosen confirmations first hold, unless the
    level that ends the trade is reached already. For a bear (for a bull the mirror image, but for the
    fund's):

    rsi : the index's RSI fell back through `overbought`, at most `memory` bars ago.
    average : the index closes below its moving average.
    support : the index closed below the lowest low of the `support_bars` before, at most `memory` bars ago.
    volume : a volume of `volume_ratio` times its median of the bars before, at most `memory` bars ago; the
        fund's own where it has one, else the index's.
    fund_rsi : the RSI of the fund to be bought rose through `fund_level`, at most `memory` bars ago.

    Levels of the instrument: `atr_stop`, `atr_target`, and `support` and `resistance`, its own lowest low
    and highest high of `support_bars`.
    """

    name = "rsi_timing"
    summary = "buys the bear fund when an overbought index turns down, or the bull fund in mirror image"
    when = (
        "Works where swings are short and mean-reverting. Loses by a thousand stops in a steady rise, where "
        "the fund it buys also decays. Confirmations make entries rarer and later, not surer: all but "
        "volume are made of the same prices, so that five that agree are not five opinions."
    )
    Params = RsiTimingParams
    params: RsiTimingParams

    @property
    def default_instrument(self) -> str:
        return INSTRUMENTS[self.params.side]

    @property
    def needed(self) -> int:
        """How many of the chosen confirmations must hold."""
        return self.params.needed or len(self.params.confirm)

    @property
    def warm_up(self) -> int:
        p = self.params
        entry = self._all_known() if p.confirm else max(p.rsi_bars + 1, p.average_bars)
        entry += 1  # to come back through a level, or to turn enough, takes a bar before it
        return max(entry, level_bars(self.plan, p, p.support_bars))

    def _all_known(self) -> int:
        """Bars before all of the chosen confirmations can be known."""
        p = self.params
        bars = {
            "rsi": p.rsi_bars + 2,
            "average": p.average_bars,
            "support": p.support_bars + 1,
            "volume": p.volume_bars + 1,
            "fund_rsi": p.rsi_bars + 2,
        }
        return max(bars[name] for name in p.confirm)

    def check_instrument(self, multiple: float) -> None:
        side = self.params.side
        check_sign(f"rule.side is {side!r}", side, self.instrument, multiple)

    def notes(self, market: Market) -> list[str]:
        if "volume" not in self.params.confirm:
            return []
        if gauges.has_volume(market, self.instrument):
            return gauges.coverage_notes(market, self.instrument, "the confirmation by volume", "cannot hold")
        return [
            f"neither {self.instrument} nor {market.index.name} has any volume, so the confirmation by "
            "volume can never hold; see data.volumes"
        ]

    def measured(self, market: Market) -> dict[str, Measured]:
        p, close = self.params, market.index.close
        strength = rsi(close, p.rsi_bars)
        own = f"RSI({p.rsi_bars})"
        bear = p.side == "bear"
        door, far, near = (
            ("oversold", p.oversold, p.overbought) if bear else ("overbought", p.overbought, p.oversold)
        )
        turn = Measured(own, strength, near)
        average = Measured("close", close, sma(close, p.average_bars))
        leave = {door: Measured(own, strength, far)}
        if not p.confirm:
            return {self._rsi(market)[0]: turn, self._average(market)[0]: average, **leave}
        index = market.index
        support = before(lowest(index.low, p.support_bars) if bear else highest(index.high, p.support_bars))
        volume = gauges.relative_volume(market, self.instrument, 1, p.volume_bars)
        fund = rsi(market[self.instrument].close, p.rsi_bars)
        of = {
            "rsi": turn,
            "average": average,
            "support": Measured("close", close, support),
            "volume": Measured("volume over its median", volume, p.volume_ratio),
            "fund_rsi": Measured(f"{self.instrument}'s {own}", fund, p.fund_level),
        }
        votes = dict(self._vote(name, market) for name in p.confirm)
        count = np.sum(list(votes.values()), axis=0).astype(np.float64)
        first, still = self._enough_words()
        return {
            first: Measured("confirmations", count, float(self.needed)),
            still: leave[door],
            **{words: of[name] for words, name in zip(votes, p.confirm, strict=True)},
            **leave,
        }

    def _enough_words(self) -> tuple[str, str]:
        """What the two entry conditions beside confirmations are called."""
        p = self.params
        far = p.oversold if p.side == "bear" else p.overbought
        first = f"first bar with {self.needed} of {len(p.confirm)} confirmations"
        return first, f"RSI({p.rsi_bars}) not yet at {far:g}"

    def signals(self, market: Market) -> Signals:
        p = self.params
        strength = rsi(market.index.close, p.rsi_bars)
        levels = {
            **atr_levels(market, self.instrument, p),
            **range_levels(market, self.instrument, p.support_bars),
        }
        if p.side == "bear":
            door, left = "oversold", strength <= p.oversold
        else:
            door, left = "overbought", strength >= p.overbought
        leave = {door: left}
        if not p.confirm:
            both = dict([self._rsi(market, strength), self._average(market)])
            return Signals(entry=both, exit=leave, levels=levels)
        votes = dict(self._vote(name, market) for name in p.confirm)
        enough = np.sum(list(votes.values()), axis=0) >= self.needed
        known = np.arange(len(market)) >= self._all_known() - 1
        first, still = self._enough_words()
        return Signals(
            entry={first: turns(enough, known), still: ~left},
            votes=votes,
            needed=self.needed,
            exit=leave,
            levels=levels,
        )

    def _vote(self, name: Confirmation, market: Market) -> Evidence:
        """A confirmation by name: its words, and where it counts."""
        if name == "average":
            return self._average(market)
        events = {
            "rsi": self._rsi,
            "support": self._support,
            "volume": self._volume,
            "fund_rsi": self._fund_rsi,
        }
        words, happened = events[name](market)
        memory = self.params.memory
        return (f"{words}, within {memory} bars" if memory else words), within(happened, memory)

    def _rsi(self, market: Market, strength: Floats | None = None) -> Evidence:
        """With the index's RSI, if it is there already."""
        p = self.params
        strength = rsi(market.index.close, p.rsi_bars) if strength is None else strength
        if p.side == "bear":
            return f"RSI({p.rsi_bars}) falls back through {p.overbought:g}", crosses_below(
                strength, p.overbought
            )
        return f"RSI({p.rsi_bars}) rises back through {p.oversold:g}", crosses_above(strength, p.oversold)

    def _average(self, market: Market) -> Evidence:
        p = self.params
        close = market.index.close
        average = sma(close, p.average_bars)
        if p.side == "bear":
            return f"close below its {p.average_bars}-bar average", close < average
        return f"close above its {p.average_bars}-bar average", close > average

    def _support(self, market: Market) -> Evidence:
        index, bars = market.index, self.params.support_bars
        if self.params.side == "bear":
            return f"close below the {bars}-bar low", index.close < before(lowest(index.low, bars))
        return f"close above the {bars}-bar high", index.close > before(highest(index.high, bars))

    def _volume(self, market: Market) -> Evidence:
        p = self.params
        ratio = gauges.relative_volume(market, self.instrument, 1, p.volume_bars)
        return f"volume {p.volume_ratio:g} times its {p.volume_bars}-bar median", ratio >= p.volume_ratio

    def _fund_rsi(self, market: Market) -> Evidence:
        p = self.params
        strength = rsi(market[self.instrument].close, p.rsi_bars)
        words = f"{self.instrument}'s RSI({p.rsi_bars}) rises through {p.fund_level:g}"
        return words, crosses_above(strength, p.fund_level)
