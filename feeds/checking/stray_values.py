"""False values in series that have one value a date: short rates, borrow fees and volatility indexes.

Such a value is off for one observation and back. A rate may be zero or below, so it is judged by its
distance in percentage points as well as by its multiple: it is false if it is at least 4 × both values
beside it and 0.3 points above them, or at most a quarter of both and a whole point below. Of the effective
Fed funds rate and 3-month Treasury bills since 1990 the farthest upwards is 0.7 points, a third
(2008-10-07), the farthest downwards 1.1 points, a sixth (2000-12-29). What moves less than that, a rate of
0.02 % times 10, costs a fund nothing that anyone could see. A value that repeats over a weekend is one
observation.

A borrow fee is judged alike, but by 5 points where a rate is by 0.3 and by 1: fees of shares that are hard to
borrow do move by whole points from day to day, and 5 points for a day cost a short 1.4 basis points.

A volatility index is false where it doubles or halves for one day and comes back, beyond the multiples of
its own usual step that `feeds.checking.prints` gives. It may double and stay (2018-02-05, 17 to 37); the
farthest that the VIX went for one day and back is 37 % (2011-08-08).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.checking.prints import Ints, spikes

Floats = npt.NDArray[np.float64]

TIMES = 4.0
ABOVE = 0.003  # fraction a year
BELOW = 0.01
FEE = 0.05  # fraction a year, above or below
WEEKEND = 4  # rows of a long weekend
DOUBLES = 1.0


def stray_rates(rates: Floats) -> Ints:
    """The first row of each false rate, rising; rates are fractions a year, shape (m,)."""
    return _stray(rates, ABOVE, BELOW)


def stray_fees(fees: Floats) -> Ints:
    """The first row of each false borrow fee, rising; fees are fractions a year, shape (m,)."""
    return _stray(fees, FEE, FEE)


def _stray(rates: Floats, above: float, below: float) -> Ints:
    first = np.flatnonzero(np.concatenate(([True], np.diff(rates) != 0.0)))
    if len(first) < 3:
        return first[:0]
    rows = np.diff(np.append(first, len(rates)))
    one, value, other = rates[first[:-2]], rates[first[1:-1]], rates[first[2:]]
    top, bottom = np.maximum(one, other), np.minimum(one, other)
    up = (value >= TIMES * top) & (value - top >= above)
    down = (TIMES * value <= bottom) & (bottom - value >= below)
    return first[1:-1][(up | down) & (rows[1:-1] <= WEEKEND)]


def stray_levels(levels: Floats) -> Ints:
    """The rows of false levels of a volatility index, rising; levels are positive, shape (m,)."""
    return spikes(levels, DOUBLES)


def stray_sentence(source: str, days: npt.NDArray[np.datetime64], values: Floats, at: Ints) -> str:
    """The first false value of a series with its date and those beside it, and how many there are.

    Parameters
    ----------
    source : the series in words. values : fractions, shape (m,). at : rows of false values, one or more.
    """
    i = int(at[0])
    sides = " and ".join(f"{100 * values[j]:.4g}" for j in (i - 1, i + 1) if 0 <= j < len(values))
    many = f", the first of {len(at):,}" if len(at) > 1 else ""
    return f"{source} ({days[i]}): {100 * values[i]:.4g} % between {sides} looks like a false print{many}"
