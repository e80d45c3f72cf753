"""Whether a fund can be made from an index's bars: of a backtrader feed, where no `Bars` stand behind it.

`Bars` refuses what cannot be right when it is made. A feed of another kind shows its bars one after another,
so they are judged as they arrive, by the same bounds. A bar is refused where its high is below, or its low
above, another of its prices by more than rounding: a close adjusted for dividends beside prices that are not
is such a bar. Bars are refused as weekly or longer as soon as more than half of the steps between sessions
so far are longer than four days (`LONGEST_STEP`), from the fifth step on: fewer say nothing, as holidays
may lie in them. Both ways of asking, a bar at a time and all at once, refuse the same bar.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.bars import LONGEST_STEP, ROUNDING
from letf_instruments import DataError

Floats = npt.NDArray[np.float64]

FEWEST_STEPS = 5


class IndexBars:
    """The bars of one index, as they come.

    Raises
    ------
    DataError
        From `bar`, on the first that a fund cannot be made from; the sentence names date and prices.
    """

    def __init__(self) -> None:
        self._day: int | None = None
        self._steps = self._long = 0

    def bar(self, day: int, o: float, h: float, low: float, c: float) -> None:
        """Take one bar; `day` is its session, counted from 1970-01-01."""
        if not (low <= o <= h and low <= c <= h):
            _refuse_bar(day, o, h, low, c)
        if day != self._day:
            if self._day is not None:
                self._steps += 1
                self._long += day - self._day > LONGEST_STEP
                if 2 * self._long > self._steps >= FEWEST_STEPS:
                    _refuse_steps(day, self._steps)
            self._day = day


def refuse_index(days: npt.NDArray[np.int64], o: Floats, h: Floats, low: Floats, c: Floats) -> None:
    """The same for all bars at once, each array of shape (n,)."""
    slack = ROUNDING * c
    wrong = (h < low - slack) | (h + slack < np.maximum(o, c)) | (low - slack > np.minimum(o, c))
    at = int(np.argmax(wrong)) if wrong.any() else len(c)
    steps = np.diff(days)
    ends = np.flatnonzero(steps) + 1
    count = np.arange(1, len(ends) + 1)
    apart = (2 * np.cumsum(steps[ends - 1] > LONGEST_STEP) > count) & (count >= FEWEST_STEPS)
    if apart.any() and ends[np.argmax(apart)] < at:
        i = int(np.argmax(apart))
        _refuse_steps(int(days[ends[i]]), i + 1)
    if at < len(c):
        _refuse_bar(int(days[at]), float(o[at]), float(h[at]), float(low[at]), float(c[at]))


def _refuse_bar(day: int, o: float, h: float, low: float, c: float) -> None:
    """Raise DataError if one price contradicts another by more than rounding."""
    slack = ROUNDING * c
    for wrong, sentence in (
        (h < low - slack, f"high {h:.9g} is below low {low:.9g}"),
        (h + slack < o, f"high {h:.9g} is below open {o:.9g}"),
        (h + slack < c, f"high {h:.9g} is below close {c:.9g}"),
        (low - slack > o, f"low {low:.9g} is above open {o:.9g}"),
        (low - slack > c, f"low {low:.9g} is above close {c:.9g}"),
    ):
        if wrong:
            raise DataError(
                f"the index's {sentence} on {np.datetime64(day, 'D')}; a fund cannot be made from that bar "
                "(where the close is adjusted for dividends, the other prices must be by the same factor)"
            )


def _refuse_steps(day: int, steps: int) -> None:
    raise DataError(
        f"most of the {steps} steps between the index's bars up to {np.datetime64(day, 'D')} are longer than "
        f"{LONGEST_STEP} days; a fund that resets daily cannot be made from weekly or longer bars"
    )
