"""Named paths of an index: what a person fears or hopes for, with its figures stated.

A path is made of stretches. Each has so many sessions, a total return and a volatility, √(252 × mean squared
daily log return), and has both *exactly*: its days are drawn, then shifted and scaled. The draw depends on
the seed alone, so a path is the same each time. Days are independent ("plain"), or the steps of a level that
is drawn back to its mean ("chop", an autoregression with coefficient .9), so that the index stays in a band.
Opens, highs and lows are made as those of the simulated index are (`feeds.simulate`): a third of a day's
variance falls overnight, and the extremes are those of a Brownian bridge from open to close.

Before each path come calm years: rules know them, no money is on them. They are the same for every index, so
that what is measured is the path and not what an index happened to do before it.

A path may have a leader: a part of its rise that one heavy member makes alone. The index has it; what else is
held beside the index has not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from feeds.bars import Bars, Floats
from feeds.calendars import sessions_after, sessions_before
from feeds.simulate import OVERNIGHT, bridge_extremes
from letf_instruments import DataError

SESSIONS_A_YEAR = 252
PULL = 0.9  # what is left of a level's distance from its mean a day later, in chop
CALENDAR = "XNYS"


@dataclass(frozen=True)
class Stretch:
    """Some sessions of a path.

    total : simple return over all of them. volatility : a year; of a single session it is what its return is.
    kind : how days are drawn. leader : the part of the log return, from 0 to 1, that one member makes alone.
    bare : the day's high and low are no further than its open and close.
    """

    sessions: int
    total: float
    volatility: float
    kind: Literal["plain", "chop"] = "plain"
    leader: float = 0.0
    bare: bool = False


@dataclass(frozen=True)
class Named:
    """A path. words : what happens, with figures and where these are from. rate : the short rate on it, a
    fraction a year; None leaves what it is."""

    key: str
    title: str
    words: str
    stretches: tuple[Stretch, ...]
    rate: float | None = None

    @property
    def sessions(self) -> int:
        """All of them together."""
        return sum(stretch.sessions for stretch in self.stretches)


CALM = 1.08, 0.16  # return and volatility a year before each path
CALM_SESSIONS = 504

NAMED = (
    Named(
        "chop",
        "choppy and flat",
        "a year that ends where it began, at 45 % volatility, drawn back to its level all the time",
        (Stretch(252, 0.0, 0.45, "chop"),),
    ),
    Named(
        "climb",
        "steady climb",
        "a year up 40 % at 15 % volatility",
        (Stretch(252, 0.40, 0.15),),
    ),
    Named(
        "melt_up",
        "melt-up with a narrow leader",
        "up 35 % in five months at 20 % volatility, then 25 % in four weeks at 30 %; three quarters of it is "
        "one member's, and what is held beside the index has no part in that",
        (Stretch(105, 0.35, 0.20, leader=0.75), Stretch(20, 0.25, 0.30, leader=0.75)),
    ),
    Named(
        "correction",
        "violent correction after a rally",
        "up 35 % in six months at 18 % volatility, down 22 % in ten sessions at 65 %, then up 8 % in two "
        "months at 35 %",
        (Stretch(126, 0.35, 0.18), Stretch(10, -0.22, 0.65), Stretch(42, 0.08, 0.35)),
    ),
    Named(
        "crash_v",
        "crash and V",
        "a calm quarter up 5 %, down 35 % in 20 sessions at 113 % volatility, back to where it fell from in "
        "56 at 56 %: what closes of the PHLX Semiconductor index did from 2020-02-19 to 03-18 and to 06-08",
        (Stretch(63, 0.05, 0.15), Stretch(20, -0.35, 1.13), Stretch(56, 1 / 0.65 - 1, 0.56)),
    ),
    Named(
        "one_day",
        "one day of +33 %",
        "a calm month, one day up 33 % (a −3x fund keeps 1 % of itself; a third would take all), then two "
        "months down 5 % at 40 % volatility",
        (
            Stretch(21, 0.01, 0.20),
            Stretch(1, 0.33, 0.0, bare=True),
            Stretch(42, -0.05, 0.40),
        ),
    ),
    Named(
        "high_rates",
        "high rates",
        "a year up 5 % at 30 % volatility with a short rate of 9 % throughout, about that of 1989 (Fed "
        "funds, mean of the months 9.2 %)",
        (Stretch(252, 0.05, 0.30),),
        rate=0.09,
    ),
)


class Days(NamedTuple):
    """Daily log returns of a path, those without its leader's part, the standard deviation behind each, and
    which are bare; shape (n,) each."""

    returns: Floats
    common: Floats
    sigma: Floats
    bare: np.ndarray


class OnPath(NamedTuple):
    """The calm years, without the close at which the path begins, and the path with it as its first bar; and
    the path of what has no part in the leader, `common`, likewise. `sigma` : the daily standard deviation
    behind each bar of the path, shape (n,)."""

    before: Bars
    path: Bars
    before_common: Bars
    common: Bars
    sigma: Floats


def stretch_days(rng: np.random.Generator, stretch: Stretch) -> Days:
    """The days of a stretch, which have its return and volatility exactly; of a single day no standard
    deviation is known.

    Raises
    ------
    DataError
        If its return takes more volatility than it has.
    """
    n = stretch.sessions
    mean = math.log1p(stretch.total) / n
    lead = np.full(n, stretch.leader * mean)
    bare = np.full(n, stretch.bare)
    if n == 1:
        returns = np.array([mean])
        return Days(returns, returns - lead, np.full(1, np.nan), bare)
    left = stretch.volatility**2 / SESSIONS_A_YEAR - mean**2
    if left < 0.0:
        raise DataError(
            f"a return of {stretch.total:+.0%} in {n} sessions takes more volatility than "
            f"{stretch.volatility:.0%}"
        )
    shocks = rng.standard_normal(n)
    if stretch.kind == "chop":
        level = np.empty(n + 1)
        level[0] = 0.0
        for t in range(n):
            level[t + 1] = PULL * level[t] + shocks[t]
        shocks = np.diff(level)
    z = shocks - shocks.mean()
    z /= math.sqrt(float(z @ z) / n)
    returns = mean + math.sqrt(left) * z
    return Days(returns, returns - lead, np.full(n, math.sqrt(left)), bare)


def path_days(named: Named, seed: int) -> Days:
    """All days of a path, without the calm years before it."""
    rng = np.random.default_rng([seed, *named.key.encode()])
    parts = [stretch_days(rng, stretch) for stretch in named.stretches]
    every = Days(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    # On a single wild day nobody expected more than on the days before.
    last = np.maximum.accumulate(np.where(np.isnan(every.sigma), 0, np.arange(len(every.sigma))))
    return every._replace(sigma=every.sigma[last])


def calm_days(sessions: int, seed: int) -> Days:
    """The calm years before every path."""
    growth, volatility = CALM
    total = growth ** (sessions / SESSIONS_A_YEAR) - 1.0
    return stretch_days(np.random.default_rng([seed, 0]), Stretch(sessions, total, volatility))


def on_path(
    named: Named,
    name: str,
    start: np.datetime64,
    level: float,
    seed: int = 1,
    volume: float = 0.0,
    calm: int = CALM_SESSIONS,
    calendar: str = CALENDAR,
) -> OnPath:
    """Bars of a path after a day, and of the calm years up to it.

    Parameters
    ----------
    name : of the index. start : the session at whose close the path begins. level : that close.
    volume : of a usual day; it rises with the size of the day's move. calm : sessions before `start`, 3 or
        more.

    Raises
    ------
    DataError
        If the calendar does not reach so far, or a stretch cannot be.
    """
    quiet, own = calm_days(calm, seed), path_days(named, seed)
    days = np.concatenate(
        (
            sessions_before(calendar, start, calm),
            [np.datetime64(start, "D")],
            sessions_after(calendar, start, len(own.returns)),
        )
    )
    every = Days(*(np.concatenate((a, b)) for a, b in zip(quiet, own, strict=True)))
    wholes = []
    for which in ("returns", "common"):
        # The same draws for both, so that they differ by the leader alone.
        rng = np.random.default_rng([seed, *named.key.encode(), 1])
        source = f"{name} on the path “{named.title}”"
        wholes.append(_bars(rng, name, source, days, getattr(every, which), every, calm, level, volume))
    index, common = wholes
    n = len(own.returns) + 1
    sigma = np.concatenate(([every.sigma[calm - 1]], own.sigma))
    return OnPath(index.first(calm), index.last(n), common.first(calm), common.last(n), sigma)


def _bars(
    rng: np.random.Generator,
    name: str,
    source: str,
    days: np.ndarray,
    returns: Floats,
    every: Days,
    begin: int,
    level: float,
    volume: float,
) -> Bars:
    """Bars around closes with these log returns, the bar at `begin` closing at `level`; the first bar is
    flat."""
    n = len(returns)
    log_close = np.concatenate(([0.0], np.cumsum(returns)))
    log_close += math.log(level) - log_close[begin]
    before, close = log_close[:-1], log_close[1:]
    scale = every.sigma
    noise = scale * math.sqrt(OVERNIGHT * (1.0 - OVERNIGHT)) * rng.standard_normal(n)
    opened = before + OVERNIGHT * returns + np.where(every.bare, 0.0, noise)
    high, low = bridge_extremes(rng, opened, close, scale**2 * (1.0 - OVERNIGHT))
    high = np.where(every.bare, np.maximum(opened, close), high)
    low = np.where(every.bare, np.minimum(opened, close), low)
    size = 0.5 + np.abs(every.returns) / scale
    traded = np.round(volume * np.exp(0.25 * rng.standard_normal(n)) * size)
    columns = (np.exp(np.concatenate((log_close[:1], values))) for values in (opened, high, low, close))
    return Bars(
        name,
        source,
        days,
        *columns,
        volume=np.concatenate(([volume], traded)),
        simulated=True,
    )
