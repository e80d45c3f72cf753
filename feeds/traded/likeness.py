"""Whether the bars of a file are those of the fund under whose name they are given."""

from __future__ import annotations

import numpy as np

from feeds.bars import Bars
from letf_instruments import DataError
from letf_instruments.sessions import last_of_each

FEWEST = 20  # sessions, of which nothing is said
ALIKE = 0.9  # a correlation from which on the slope tells the multiple; 1.00 of a fund and its own index
AGAINST = -0.5  # a correlation that no index which a fund is run on has with it
LEAST, MOST = (
    0.7,
    1.4,
)  # of the multiple: SOXL, SOXS, TQQQ and SQQQ are at 0.98 to 0.99 of it from 2010 to 2023
STRANGE = 0.8  # a correlation below which the index is hardly the fund's


def likeness(own: Bars, multiple: float, index: Bars) -> list[str]:
    """What there is to say of a fund's returns beside those that its multiple makes of its index's.

    Parameters
    ----------
    own : without splits, with its dividends. index : as it is swapped.

    Raises
    ------
    DataError
        If they are those of another fund, or of the index itself: they move with the index, but not by the
        multiple.
    """
    days, moved = _returns(own)
    index_days, made = _returns(index)
    _, at, there = np.intersect1d(days, index_days, return_indices=True)
    # Both from the same session before: a day that one of them lacks is in a longer return of it.
    at, there = at[1:], there[1:]
    same = (days[at - 1] == index_days[there - 1]) & (at > 0) & (there > 0)
    moved, made = moved[at[same]], multiple * made[there[same]]
    if len(moved) < FEWEST or moved.std() == 0.0 or made.std() == 0.0:
        return []
    together = float(np.corrcoef(moved, made)[0, 1])
    slope = float(np.cov(moved, made)[0, 1] / made.var(ddof=1))
    if together < AGAINST or (abs(together) > ALIKE and not LEAST < slope < MOST):
        raise DataError(
            f"{own.source}: it moves {multiple * slope:+.2f} times as {index.name} does in a day, and the "
            f"fund {multiple:+g} times; it is of something else"
        )
    if together < STRANGE:
        return [
            f"{own.source}: its daily returns have a correlation of only {together:.2f} with those that "
            f"{index.name} makes of the fund"
        ]
    return []


def _returns(bars: Bars) -> tuple[np.ndarray, np.ndarray]:
    """Sessions, and what a share has made since the one before, dividends included; 0 on the first."""
    last = last_of_each(bars.sessions)
    paid = np.zeros(len(bars)) if bars.dividends is None else bars.dividends
    first = np.flatnonzero(np.concatenate(([True], last[:-1])))
    close, paid = bars.close[last], np.add.reduceat(paid, first)
    return bars.sessions[last], np.concatenate(([0.0], (close[1:] + paid[1:]) / close[:-1] - 1.0))
