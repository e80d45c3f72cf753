"""Paths of an index of a stated return and volatility: their daily shapes, and how they end.

A day is drawn as a standardised log return z (mean 0, variance 1) with its high and low; n days are drawn
independently of one another and made a path in two ways, from the same draws:

- *bridged*: log returns μ + s·(z − z̄)/√(1 − 1/n) with μ = log(1 + R)/n. Every path ends exactly at the asked
  return R.
- *free*: log returns m + s·z, with m such that the mean of all ends is R. A path ends where chance takes it.

s is such that the mean squared daily log return, times 252, is the asked volatility squared in expectation;
that of a single path differs, as that of a single year does. The days are either normal, with the extremes of
a Brownian bridge (Glasserman 2003, Monte Carlo Methods in Financial Engineering, section 6.4), or drawn with
replacement from an index's own: its daily log returns less their mean over their standard deviation, each
with its own high and low (Efron 1979, the bootstrap). So drawn, days keep their fat tails and their skew;
that calm and wild days come in runs is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from feeds.bars import Bars, Floats
from feeds.simulate import bridge_extremes
from letf_instruments import SpecError
from letf_instruments.regimes import SESSIONS_A_YEAR
from runs.answers.words import percent, share

BRIDGED, FREE = "bridged", "free"
ENDINGS = (BRIDGED, FREE)
NORMAL, RESAMPLED = "normal", "resampled"
SHAPES = (NORMAL, RESAMPLED)
LEAST_DAYS = 60  # of an index, to say anything of its days
AT_ONCE = 250_000  # days of paths that are in memory together


@dataclass(frozen=True)
class Market:
    """What is asked: total return over all days and annualised volatility, fractions; number of sessions."""

    total_return: float
    volatility: float
    days: int

    @property
    def mu(self) -> float:
        """Mean daily log return of a bridged path."""
        return math.log1p(self.total_return) / self.days

    @property
    def daily_variance(self) -> float:
        """Mean squared daily log return."""
        return self.volatility**2 / SESSIONS_A_YEAR

    def spread(self, mean: float) -> float:
        """Standard deviation of a day whose mean is given.

        Raises
        ------
        SpecError
            If the mean alone is more than the volatility.
        """
        left = self.daily_variance - mean**2
        if left < 0.0:
            least = abs(mean) * math.sqrt(SESSIONS_A_YEAR)
            raise SpecError(
                f"a return of {percent(self.total_return)} in {self.days} sessions takes a volatility of "
                f"{share(least)} even if every day is like the other; volatility is {share(self.volatility)}"
            )
        return math.sqrt(left)


class Draws(NamedTuple):
    """Days of paths in standard deviations, shape (p, n): log return, how far the high lies above the higher
    of both closes, how far the low below the lower; these two not below 0."""

    z: Floats
    up: Floats
    down: Floats


class Shape(NamedTuple):
    """How days are drawn, and the logarithm of the mean of exp(s·z) as a function of s."""

    name: str
    draw: Callable[[np.random.Generator, int, int], Draws]
    log_mean_exp: Callable[[float], float]


def normal() -> Shape:
    """Normal days."""

    def draw(rng: np.random.Generator, paths: int, days: int) -> Draws:
        z = rng.standard_normal(paths * days)
        high, low = bridge_extremes(rng, np.zeros(len(z)), z, np.ones(len(z)))
        up, down = high - np.maximum(z, 0.0), np.minimum(z, 0.0) - low
        return Draws(*(each.reshape(paths, days) for each in (z, up, down)))

    return Shape(NORMAL, draw, lambda s: s * s / 2.0)


def resampled(bars: Bars) -> Shape:
    """The days of an index.

    Raises
    ------
    SpecError
        If its bars are intraday, too few, or it does not move.
    """
    if not bars.daily:
        raise SpecError(f"{bars.source}: these are intraday bars; the days of an index are wanted")
    if len(bars) <= LEAST_DAYS:
        raise SpecError(
            f"{bars.source}: {len(bars)} sessions are too few to draw days from; {LEAST_DAYS + 1} are needed"
        )
    base = bars.close[:-1]
    r, high, low = (np.log(x[1:] / base) for x in (bars.close, bars.high, bars.low))
    deviation = float(r.std())
    if deviation == 0.0:
        raise SpecError(f"{bars.source} does not move; there is no day to draw")
    z = (r - r.mean()) / deviation
    # A gap may leave both closes' higher one above the day's high: then nothing lies above it.
    up = np.maximum(high - np.maximum(r, 0.0), 0.0) / deviation
    down = np.maximum(np.minimum(r, 0.0) - low, 0.0) / deviation

    def draw(rng: np.random.Generator, paths: int, days: int) -> Draws:
        at = rng.integers(0, len(z), (paths, days))
        return Draws(z[at], up[at], down[at])

    return Shape(RESAMPLED, draw, lambda s: math.log(float(np.exp(s * z).mean())))


class Paths(NamedTuple):
    """Closes, highs and lows of paths of an index that stands at 1 before their first day, shape (p, n + 1);
    that first column is all ones."""

    high: Floats
    low: Floats
    close: Floats


def free_mean(market: Market, shape: Shape) -> float:
    """m of a free path: m + log E[exp(s·z)] = μ, with s as `Market.spread` has it."""
    mean = market.mu
    for _ in range(100):  # m moves by less than s² · |m| a turn, a hundredth of itself
        mean = market.mu - shape.log_mean_exp(market.spread(mean))
    return mean


def laid_out(draws: Draws, market: Market, shape: Shape, ending: str) -> Paths:
    """Paths of these draws, `ending` as ENDINGS."""
    if ending == BRIDGED:
        n = market.days
        mean = market.mu
        scale = market.spread(mean)
        z = (draws.z - draws.z.mean(axis=1, keepdims=True)) / math.sqrt(1.0 - 1.0 / n)
    else:
        mean = free_mean(market, shape)
        scale, z = market.spread(mean), draws.z
    r = mean + scale * z
    log_close = np.cumsum(r, axis=1)
    before = log_close - r
    high = before + np.maximum(r, 0.0) + scale * draws.up
    low = before + np.minimum(r, 0.0) - scale * draws.down
    paths = Paths(*(np.hstack((np.ones((len(r), 1)), np.exp(each))) for each in (high, low, log_close)))
    if ending == BRIDGED:
        paths.close[:, -1] = 1.0 + market.total_return  # without what adding up n days rounds
    return paths


def blocks(
    market: Market, shape: Shape, paths: int, seed: int, endings: tuple[str, ...] = ENDINGS
) -> Iterator[dict[str, Paths]]:
    """All paths, some at a time, by ending; each block has its own stream of random numbers."""
    size = max(1, AT_ONCE // market.days)
    count = -(-paths // size)
    streams = np.random.SeedSequence([seed, SHAPES.index(shape.name)]).spawn(count)
    for i, stream in enumerate(streams):
        some = min(size, paths - i * size)
        draws = shape.draw(np.random.default_rng(stream), some, market.days)
        yield {ending: laid_out(draws, market, shape, ending) for ending in endings}
