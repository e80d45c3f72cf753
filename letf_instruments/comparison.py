"""How a fund moves beside its index: correlation, beta and tracking, over a day and over longer.

A fund gives its multiple of the *daily* return, so its daily correlation with the index is all but ±1;
over months and years compounding, carry and fee come between, and it is less. Returns are simple ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from letf_instruments.sessions import last_of_each
from letf_instruments.synthesis import Dates, Floats

SESSIONS_A_YEAR = 252
MIN_PAIRS = 3  # two points always lie on a line
WHOLE = np.timedelta64(7, "D")  # a period whose last session is nearer to its end than this is over


def returns_over(values: Floats, sessions: int = 1) -> Floats:
    """Returns over the past `sessions` sessions, shape (n,) → (n − sessions,); NaN from a value of 0."""
    before, after = values[:-sessions], values[sessions:]
    out = np.full(len(after), np.nan)
    return np.asarray(np.divide(after, before, out=out, where=before > 0.0)) - 1.0


def period_ends(days: Dates, unit: str) -> npt.NDArray[np.int64]:
    """Positions of the last session of each calendar month (`unit` "M") or year ("Y") that is over.

    The return from one end to the next is that of a whole period; so what lies before the first end
    and after the last is in none.
    """
    periods = days.astype(f"datetime64[{unit}]")
    ends = np.flatnonzero(last_of_each(periods))
    over = (periods[-1] + 1).astype("datetime64[D]") - days[-1].astype("datetime64[D]") <= WHOLE
    return ends if over else ends[:-1]


def correlation(one: Floats, other: Floats) -> float | None:
    """Pearson's, of the pairs without NaN; None for fewer than three of them, or where one never moves."""
    x, y = _pairs(one, other)
    if len(x) < MIN_PAIRS or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))


def beta(fund: Floats, index: Floats) -> float | None:
    """Slope of the fund's returns on the index's: Cov/Var. None where there is nothing to fit."""
    y, x = _pairs(fund, index)
    if len(x) < MIN_PAIRS or np.ptp(x) == 0.0:
        return None
    return float(np.cov(y, x, ddof=1)[0, 1] / x.var(ddof=1))


def tracking_error(fund: Floats, index: Floats, multiple: float) -> float | None:
    """Standard deviation of fund − multiple × index, daily returns in, annualised with 252 sessions."""
    y, x = _pairs(fund, index)
    if len(x) < MIN_PAIRS:
        return None
    return float((y - multiple * x).std(ddof=1) * SESSIONS_A_YEAR**0.5)


def rolling_correlation(one: Floats, other: Floats, window: int) -> Floats:
    """Correlation of the past `window` returns, shape (n,) → (n − window + 1,); NaN where it has none."""
    if len(one) < window:
        return np.zeros(0)
    x = np.lib.stride_tricks.sliding_window_view(one, window)
    y = np.lib.stride_tricks.sliding_window_view(other, window)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    out = np.full(len(x), np.nan)
    return np.asarray(np.divide((x * y).sum(axis=1), scale, out=out, where=scale > 0.0))


def _pairs(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    both = np.isfinite(one) & np.isfinite(other)
    return one[both], other[both]
