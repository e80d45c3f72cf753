"""The adjusted close of bars, checked where it is used: dividends are put in by its ratio to the close."""

from __future__ import annotations

import numpy as np

from feeds.bars import Bars, Floats
from letf_instruments import DataError


def unusable(bars: Bars) -> str | None:
    """One sentence on adjusted closes that are blank, zero or negative; None if there are none."""
    if bars.adj_close is None:
        return None
    bad = ~(np.isfinite(bars.adj_close) & (bars.adj_close > 0))
    if not bad.any():
        return None
    i = int(np.argmax(bad))
    value = bars.adj_close[i]
    what = f"is {value:g}; it must be positive" if np.isfinite(value) else "is missing or not a number"
    many = f" ({bad.sum():,} such rows)" if bad.sum() > 1 else ""
    return f"{bars.where(i)}: adj_close {what}{many}"


def dividends_in(bars: Bars) -> Floats:
    """The ratio of the adjusted close to the close, shape (n,); ones where there is none.

    Raises
    ------
    DataError
        If an adjusted close is blank, zero or negative.
    """
    if bars.adj_close is None:
        return np.ones(len(bars))
    said = unusable(bars)
    if said is not None:
        raise DataError(said)
    return bars.adj_close / bars.close
