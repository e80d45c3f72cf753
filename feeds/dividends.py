"""What a share is paid in dividends, from an adjusted close or from a stated yield.

A vendor's adjusted close multiplies all closes before an ex-date by 1 − D/C, with the dividend D and the
close C of the day before. So the ratio of adjusted close to close rises on ex-dates only, by 1/(1 − D/C), and
D follows from it. What the ratio moves by otherwise is rounding, and no dividend.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ACCRUAL_DAYS = 365.0
CENT, DIGITS = 2, 8  # decimals to which prices are rounded; what has fewer is traded so, with more it is not
SINGLE = 5e-7  # of a price: what single precision and arithmetic make of it


def from_adjusted(close: Floats, adj_close: Floats) -> Floats:
    """Dividends a share, paid before each bar's open, shape (n,); 0 on days without one.

    Parameters
    ----------
    close, adj_close : as quoted, and with dividends put in, shape (n,). A ratio that falls gives a negative
        dividend: money that is paid in.
    """
    ratio = adj_close / close
    slack = SINGLE + _quantum(adj_close) / adj_close + _quantum(close) / close
    paid = np.zeros(len(close))
    level = ratio[0]
    for i, (now, least) in enumerate(zip(ratio.tolist(), slack.tolist(), strict=True)):
        if abs(now / level - 1.0) > least:
            paid[i] = close[i - 1] * (1.0 - level / now)
            level = now
    return paid


def from_yield(sessions: npt.NDArray[np.datetime64], close: Floats, rate: Floats) -> Floats:
    """Dividends a share of an index that pays `rate` a year (fractions, ACT/365) day by day, shape (n,)."""
    days = np.diff(sessions, prepend=sessions[:1]).astype(np.int64)
    grown = rate * days / ACCRUAL_DAYS
    before = np.concatenate((close[:1], close[:-1]))
    return before * grown / (1.0 + grown)


def _quantum(prices: Floats) -> float:
    """The unit that prices are rounded to, a cent at most; 0 if they are not."""
    for digits in range(CENT, DIGITS):
        if np.array_equal(np.round(prices, digits), prices):
            return float(10.0**-digits)
    return 0.0
