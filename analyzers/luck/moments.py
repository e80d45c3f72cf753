"""The shape of a distribution of returns: a few lines, where a library takes half a second to load."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def shape_of(returns: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Skewness m₃/m₂^1.5 and kurtosis m₄/m₂² of returns, by their moments about the mean as they are: not
    adjusted for the number of returns, and 3 is the kurtosis of a normal distribution.

    Parameters
    ----------
    returns : shape (n,), which are not all the same. NaN and NaN if they are.
    """
    apart = returns - returns.mean()
    squares = apart**2
    variance = squares.mean()
    if variance <= (np.finfo(np.float64).eps * returns.mean()) ** 2:  # rounding, and no variance
        return np.nan, np.nan
    return float((squares * apart).mean() / variance**1.5), float((squares**2).mean() / variance**2)
