"""Indicators that the rules share: arrays in, arrays out, causal, NaN until there is enough history.

Element t depends on elements up to t only, and is the same to the last bit whether it is computed on
the whole series or on its first t+1 elements.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def rsi(close: Floats, period: int = 14) -> Floats:
    """Wilder's relative strength index, 0 to 100 (Wilder 1978, New Concepts in Technical Trading Systems).

    The seed is the simple mean of the first `period` changes, so the first value is at index `period`.
    A series that has not moved at all is neither strong nor weak: 50.
    """
    import talib

    n = len(close)
    if n <= period:
        return np.full(n, np.nan)
    # RSI has no scale, but TA-Lib takes changes below 1e-14 for none, and a decayed fund's are.
    out = talib.RSI(close / close[0], timeperiod=period)
    still = np.maximum.accumulate(close) == np.minimum.accumulate(close)
    return np.where(still & ~np.isnan(out), 50.0, out)


def sma(values: Floats, period: int) -> Floats:
    """Simple moving average of the last `period` values; period 1 gives the values themselves."""
    import talib

    if period == 1:
        return np.array(values, dtype=np.float64)
    if len(values) < period:
        return np.full(len(values), np.nan)
    return talib.SMA(values, timeperiod=period)


def crosses_below(values: Floats, level: float) -> Bools:
    """True where a series is below a level and was at or above it one bar before."""
    crossed = np.zeros(len(values), dtype=bool)
    crossed[1:] = (values[:-1] >= level) & (values[1:] < level)
    return crossed


def crosses_above(values: Floats, level: float) -> Bools:
    """True where a series is above a level and was at or below it one bar before."""
    crossed = np.zeros(len(values), dtype=bool)
    crossed[1:] = (values[:-1] <= level) & (values[1:] > level)
    return crossed
