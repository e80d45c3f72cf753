"""Indicators that the rules share: arrays in, arrays out, causal, NaN until there is enough history.

Element t depends on elements up to t only, and is the same to the last bit whether it is computed on
the whole series or on its first t+1 elements.
"""

from __future__ import annotations

from collections.abc import Callable

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
    moved = close != close[0]
    still = out[: int(np.argmax(moved)) if moved.any() else n]
    still[~np.isnan(still)] = 50.0
    return out


def sma(values: Floats, period: int) -> Floats:
    """Simple moving average of the last `period` values; period 1 gives the values themselves.

    TA-Lib's is a running sum, which loses a decayed fund's prices in the rounding of what they once were,
    and stays NaN after one.
    """
    return rolling_mean(values, period)


def ema(values: Floats, period: int) -> Floats:
    """Exponential moving average with the weight 2 / (period + 1), from the simple mean of the first `period`
    values on."""
    n = len(values)
    if n < period:
        return np.full(n, np.nan)
    if period == 1:
        return np.array(values, dtype=np.float64)
    import talib

    return np.asarray(
        talib.EMA(np.asarray(values, dtype=np.float64) / values[0], timeperiod=period) * values[0]
    )


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


def log_returns(close: Floats) -> Floats:
    """Log returns; the first is NaN, and so is one from or to a price of 0 (a fund that is wiped out)."""
    out = np.full(len(close), np.nan)
    alive = (close[1:] > 0) & (close[:-1] > 0)
    out[1:][alive] = np.log(close[1:][alive] / close[:-1][alive])
    return out


def rolling_mean(values: Floats, period: int) -> Floats:
    """Mean of the last `period` values; NaN where one of them is."""
    return _windows(values, period, lambda w: w.mean(axis=1))


def rolling_median(values: Floats, period: int) -> Floats:
    """Median of the last `period` values; NaN where one of them is."""
    return _windows(values, period, lambda w: np.median(w, axis=1))


def rolling_std(values: Floats, period: int) -> Floats:
    """Sample standard deviation (n − 1) of the last `period` values, at least 2."""
    return _windows(values, period, lambda w: w.std(axis=1, ddof=1))


def highest(values: Floats, period: int) -> Floats:
    """Highest of the last `period` values."""
    return _extreme("MAX", values, period, lambda w: w.max(axis=1))


def lowest(values: Floats, period: int) -> Floats:
    """Lowest of the last `period` values."""
    return _extreme("MIN", values, period, lambda w: w.min(axis=1))


def before(values: Floats, bars: int = 1) -> Floats:
    """The values of `bars` bars ago; NaN at the start."""
    out = np.full(len(values), np.nan)
    if bars < len(values):
        out[bars:] = values[: len(values) - bars]
    return out


def momentum(close: Floats, period: int) -> Floats:
    """Return over the last `period` bars, as a fraction (time-series momentum: Moskowitz, Ooi & Pedersen
    2012, doi 10.1016/j.jfineco.2011.11.003)."""
    out = np.full(len(close), np.nan)
    if period < len(close):
        past = close[:-period]
        np.divide(close[period:], past, out=out[period:], where=past > 0)
        out[period:] -= 1.0
    return out


def realised_volatility(close: Floats, period: int, bars_a_year: float = 252.0) -> Floats:
    """Standard deviation of the last `period` log returns, annualised, as a fraction."""
    return rolling_std(log_returns(close), period) * np.sqrt(bars_a_year)


def efficiency_ratio(close: Floats, period: int) -> Floats:
    """Kaufman's efficiency ratio: net change over `period` bars by the sum of the bars' changes, 0
    (chop) to 1 (a straight line); 0 where nothing moved, NaN where a close is (Kaufman 1995, Smarter
    Trading)."""
    n = len(close)
    out = np.full(n, np.nan)
    if period < n:
        path = np.lib.stride_tricks.sliding_window_view(np.abs(np.diff(close)), period).sum(axis=1)
        net = np.abs(close[period:] - close[:-period])
        # A straight line's parts may add up to a rounding error less than the whole.
        ratio = np.minimum(np.divide(net, path, out=np.zeros_like(net), where=path > 0), 1.0)
        out[period:] = np.where(np.isnan(path), np.nan, ratio)
    return out


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """Wilder's true range: the bar's range, the gap from the prior close included; NaN on the first bar."""
    last = before(close)
    return np.maximum(high, last) - np.minimum(low, last)


def atr(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Wilder's average true range (Wilder 1978), in prices. The seed is the mean of the first `period`
    true ranges, so the first value is at index `period`."""
    import talib

    n = len(close)
    if n <= period:
        return np.full(n, np.nan)
    if period == 1:
        return true_range(high, low, close)
    return talib.ATR(high, low, close, timeperiod=period)


def drawdown(close: Floats) -> Floats:
    """Close over its highest so far − 1: 0 at a high, negative below one."""
    return close / np.maximum.accumulate(close) - 1.0


def rolling_beta(returns: Floats, index_returns: Floats, period: int) -> Floats:
    """Cov / Var over the last `period` returns (Ederington 1979); NaN where the index did not move."""
    n = len(returns)
    out = np.full(n, np.nan)
    if period > n:
        return out
    y = np.lib.stride_tricks.sliding_window_view(returns, period)
    x = np.lib.stride_tricks.sliding_window_view(index_returns, period)
    dx = x - x.mean(axis=1, keepdims=True)
    dy = y - y.mean(axis=1, keepdims=True)
    variance = (dx * dx).mean(axis=1)
    np.divide((dx * dy).mean(axis=1), variance, out=out[period - 1 :], where=variance > 0)
    return out


def _extreme(name: str, values: Floats, period: int, reduce: Callable[[Floats], Floats]) -> Floats:
    """A window's highest or lowest, which rounds nothing: TA-Lib's, for whose speed it does not matter how
    long the window is; window by window where a value is not known, which TA-Lib would not see."""
    import talib

    if period < 2 or period > len(values) or np.isnan(values).any():
        return _windows(values, period, reduce)
    out: Floats = getattr(talib, name)(values, timeperiod=period)
    return out


def _windows(values: Floats, period: int, reduce: Callable[[Floats], Floats]) -> Floats:
    """One number a window of the last `period` values, each window on its own: a running sum would make
    an element depend, in its last bits, on how much came before."""
    out = np.full(len(values), np.nan)
    if period <= len(values):
        out[period - 1 :] = reduce(np.lib.stride_tricks.sliding_window_view(values, period))
    return out
