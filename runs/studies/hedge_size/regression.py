"""The slope of one series of returns on another, and how well it is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from feeds.bars import Floats
from letf_instruments import SpecError

NORMAL_95 = 1.959963984540054
STILL = 5e-5  # of a day's returns, 0.08 % a year: what moves less has only dividends that accrue


class Slope(NamedTuple):
    """beta, its standard error, R², and the number of returns behind them."""

    beta: float
    error: float
    r_squared: float
    returns: int

    @property
    def low(self) -> float:
        """Lower end of its 95 % band."""
        return self.beta - NORMAL_95 * self.error

    @property
    def high(self) -> float:
        """Upper end of its 95 % band."""
        return self.beta + NORMAL_95 * self.error


def lags_of(n: int) -> int:
    """How many lags the standard error heeds: the whole part of 4·(n/100)^(2/9) (Newey & West 1994,
    "Automatic Lag Selection in Covariance Matrix Estimation", Review of Economic Studies 61:631–653)."""
    return int(4.0 * (n / 100.0) ** (2.0 / 9.0))


def slope(y: Floats, x: Floats) -> Slope:
    """Least squares of y on x with a constant; the standard error allows for returns that spread unevenly and
    hang together over time.

    Parameters
    ----------
    y, x : shape (n,), finite.

    Raises
    ------
    SpecError
        If x does not move.

    References
    ----------
    Newey & West 1987, "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
    Covariance Matrix", Econometrica 55:703–708: Bartlett weights 1 − l/(L + 1), no correction for few
    returns.
    """
    n = len(x)
    off = x - x.mean()
    squares = float(off @ off)
    if n < 3 or squares <= STILL * STILL * n:
        raise SpecError("the index does not move; there is no beta to it")
    beta = float(off @ y) / squares
    left = y - y.mean() - beta * off
    # Of the slope's two by two sandwich only its own cell is wanted, for which the constant is projected out.
    score = off * left
    total = float(score @ score)
    lags = lags_of(n)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(score[lag:] @ score[:-lag])
    variance = float(np.var(y))
    explained = 1.0 - float(left @ left) / (n * variance) if variance > 0.0 else 0.0
    return Slope(beta, max(total, 0.0) ** 0.5 / squares, explained, n)
