"""What a path has beside the prices of its index: the short rate, and what each day brings with it.

The short rate is a stationary bootstrap of its real levels, in blocks of its own and independent of the
index's. Levels and not changes: a path of changes wanders to rates that never were, and has no mean to come
back to; of levels none is below or above what was, and their mean is kept. They jump where two blocks meet,
which costs nothing, since nothing here is priced by the change of a rate.

Volume has a trend over decades, which no day of long ago should bring along: a day brings its volume as a
multiple of the usual one of its time, and the usual one is that of the path's own date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feeds.histories.bootstrap import block_length, stationary
from feeds.histories.steps import Floats, Ints
from letf_instruments.compiled import compiled

USUAL = 60  # days, of which the median is the usual volume


class Rates:
    """Paths of the short rate.

    Parameters
    ----------
    levels : fractions a year by session, shape (n,).
    """

    def __init__(self, levels: Floats) -> None:
        self._levels = levels
        self.constant = bool(np.ptp(levels) == 0.0)
        self.mean_length = 1.0 if self.constant else block_length(levels)

    def path(self, rng: np.random.Generator, size: int) -> Floats:
        """A rate for each of so many sessions; nothing is drawn of one that never moved."""
        if self.constant:
            return np.full(size, self._levels[0])
        return self._levels[stationary(rng, len(self._levels), size, self.mean_length)]


@dataclass(frozen=True, eq=False)
class Volume:
    """Volume by session, told by the usual one of its time.

    relative : over the usual one, shape (n,). usual : shape (n,).
    """

    relative: Floats
    usual: Floats

    @classmethod
    def of(cls, volume: Floats) -> Volume:
        """Of a real history; a bar without volume is none of the usual ones."""
        import pandas as pd

        there = pd.Series(np.where(volume > 0.0, volume, np.nan))
        usual = there.rolling(USUAL, min_periods=1).median().to_numpy()
        known = usual > 0.0
        relative = np.divide(volume, usual, out=np.zeros(len(volume)), where=known)
        return cls(relative, np.where(known, usual, 0.0))

    def path(self, days: Ints) -> Floats:
        """Of a path whose bars take after these real ones, shape (n,) → (n,)."""
        out = np.empty(len(days))
        _volume(self.relative, self.usual, days, out)
        return out


def dividend_yields(dividends: Floats, close: Floats) -> Floats:
    """What each bar pays over the close before it, shape (n,); 0 on the first."""
    yields = np.zeros(len(close))
    yields[1:] = dividends[1:] / close[:-1]
    return yields


def paid(yields: Floats, days: Ints, close: Floats) -> Floats:
    """Dividends in money of a path whose bars take after these real ones, shape (n,)."""
    out = np.zeros(len(close))
    _paid(yields, days, close, out)
    return out


def compounded(ratios: Floats, first: float, days: Ints) -> Floats:
    """A factor that grows by the real ratio of each bar's real day, from its first value on; shape (n,)."""
    out = np.empty(len(days))
    _compounded(ratios, first, days, out)
    return out


def held(close: Floats, dividends: Floats) -> Floats:
    """What a share bought at the first close has become at each, as `Bars.held`; shape (n,)."""
    out = np.empty(len(close))
    _held(close, dividends, out)
    return out


@compiled(nogil=True)
def _volume(relative: Any, usual: Any, days: Any, out: Any) -> None:
    last = len(usual) - 1
    for t in range(len(days)):
        out[t] = relative[days[t]] * usual[min(t, last)]


@compiled(nogil=True)
def _paid(yields: Any, days: Any, close: Any, out: Any) -> None:
    for t in range(1, len(close)):
        out[t] = yields[days[t]] * close[t - 1]


@compiled(nogil=True)
def _compounded(ratios: Any, first: float, days: Any, out: Any) -> None:
    grown = out[0] = first
    for t in range(1, len(days)):
        grown *= ratios[days[t]]
        out[t] = grown


@compiled(nogil=True)
def _held(close: Any, dividends: Any, out: Any) -> None:
    grown = 1.0
    out[0] = close[0]
    for t in range(1, len(close)):
        grown *= 1.0 / (1.0 - dividends[t] / close[t - 1])
        out[t] = close[t] * grown


def sessions_of(real: npt.NDArray[np.datetime64], size: int, calendar: str) -> npt.NDArray[np.datetime64]:
    """The sessions of a path: the first of the real ones, and where they are not enough the calendar's after
    them.

    Raises
    ------
    DataError
        If the calendar does not reach so far.
    """
    if size <= len(real):
        return real[:size]
    from feeds.calendars import sessions_between

    missing = size - len(real)
    end = real[-1] + np.timedelta64(int(missing * 1.5) + 15, "D")
    more = sessions_between(calendar, real[-1] + 1, end)[:missing]
    return np.concatenate((real, more))
