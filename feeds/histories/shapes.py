"""Bars around closes: each day of a path has the shape of a real day.

The shape of a bar is told by the close before it: the gap from there to its open, and how far its high and
low are beyond open and close, all as ratios. A day of a bootstrap is a real bar, moved to where the path is.
To a return that a model drew belongs the shape of a real day whose return is alike: one of `NEIGHBOURS` whose
returns are next to it in order, drawn at random, stretched by the ratio of the two returns (between half and
twice). Whatever is drawn, low ≤ open, close ≤ high.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from feeds.bars import Bars
from feeds.histories.steps import Floats, Ints, Steps
from letf_instruments.compiled import compiled

NEIGHBOURS = 10
LEAST, MOST = 0.5, 2.0  # by how much a shape is stretched


@compiled(nogil=True)
def _moved(at: Any, ratios: Any, first: Any, out: Any) -> None:
    """Real bars one after the other; rows of `ratios` are a real day's open, high, low, close over the close
    before it."""
    for j in range(4):
        out[j, 0] = first[j]
    close = first[3]
    for t in range(len(at)):
        i = at[t]
        for j in range(4):
            out[j, t + 1] = close * ratios[i, j]
        close = out[3, t + 1]


@compiled(nogil=True)
def _shaped(at: Any, returns: Any, scale: Any, shapes: Any, first: Any, out: Any) -> None:
    """Bars around given returns; rows of `shapes` are a real day's gap, and its reach above and below open
    and close, in logs."""
    for j in range(4):
        out[j, 0] = first[j]
    close = first[3]
    for t in range(len(at)):
        i, k = at[t], scale[t]
        o, c = close * np.exp(k * shapes[i, 0]), close * np.exp(returns[t])
        out[0, t + 1] = o
        out[1, t + 1] = max(o, c) * np.exp(k * shapes[i, 1])
        out[2, t + 1] = min(o, c) * np.exp(-k * shapes[i, 2])
        out[3, t + 1] = c
        close = c


@dataclass(frozen=True, eq=False)
class Shapes:
    """The bars of a real history, each told by the close before it.

    first : open, high, low, close of the first bar, with which every path begins.
    ratios : the four over the close before, shape (n, 4); of the first bar 1.
    logs : gap, reach above and reach below in logs, shape (n, 3); the latter two 0 or more.
    """

    first: Floats
    ratios: Floats
    logs: Floats

    @classmethod
    def of(cls, bars: Bars) -> Shapes:
        """The shapes of daily bars."""
        prices = np.column_stack((bars.open, bars.high, bars.low, bars.close))
        ratios = np.ones_like(prices)
        ratios[1:] = prices[1:] / prices[:-1, 3:]
        # A ratio's rounding must not put a high below its open.
        ratios[:, 1] = ratios.max(axis=1)
        ratios[:, 2] = ratios.min(axis=1)
        o, h, low, c = np.log(ratios).T
        logs = np.column_stack((o, h - np.maximum(o, c), np.minimum(o, c) - low))
        logs[:, 1:] = np.maximum(logs[:, 1:], 0.0)
        return cls(prices[0].copy(), ratios, logs)

    def bars(self, steps: Steps) -> Floats:
        """Open, high, low and close of a path, shape (4, n): its first bar is the real one."""
        out = np.empty((4, len(steps.at) + 1))
        if steps.returns is None:
            _moved(steps.at, self.ratios, self.first, out)
        else:
            scale = np.ones(len(steps.at)) if steps.scale is None else steps.scale
            _shaped(steps.at, steps.returns, scale, self.logs, self.first, out)
        return out


class Alike:
    """Finds real days by their return.

    Parameters
    ----------
    returns : log returns of the real closes, shape (n − 1,); the first is that of the bar at position 1.
    """

    def __init__(self, returns: Floats) -> None:
        self._order = np.argsort(returns, kind="stable")
        self._sorted = returns[self._order]

    def to(self, rng: np.random.Generator, returns: Floats) -> tuple[Ints, Floats]:
        """For each return a real day that is alike, and by how much its shape is to be stretched; shape (m,)
        each."""
        count = len(self._sorted)
        near = min(NEIGHBOURS, count)
        first = np.clip(np.searchsorted(self._sorted, returns) - near // 2, 0, count - near)
        place = first + rng.integers(0, near, len(returns))
        own = np.abs(self._sorted[place])
        scale = np.ones(len(returns))
        np.divide(np.abs(returns), own, out=scale, where=own > 0.0)
        return 1 + self._order[place], np.clip(scale, LEAST, MOST)

    def steps(self, rng: np.random.Generator, returns: Floats) -> Steps:
        """The days of a path that has these returns, shape (m,)."""
        at, scale = self.to(rng, returns)
        return Steps(at, returns, scale)
