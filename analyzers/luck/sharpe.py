"""The Sharpe ratio of the best of many trials, held against what luck alone would have given.

Bailey & López de Prado 2012, "The Sharpe Ratio Efficient Frontier", J. Risk 15(2):3–44, and 2014, "The
Deflated Sharpe Ratio", J. Portfolio Management 40(5):94–107. All ratios here are by period (a session), not
annualised: that of a year divided by √252.
"""

from __future__ import annotations

import math

EULER = 0.57721566490153286


def probabilistic_sharpe(
    sharpe: float, benchmark: float, periods: int, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """The probability that the true Sharpe ratio is above a benchmark's, given the measured one.

    Parameters
    ----------
    sharpe, benchmark : by period. periods : how many returns there were. skew, kurtosis : of the returns; the
        kurtosis of a normal distribution is 3.

    Returns
    -------
    A probability; NaN with fewer than two periods, or moments that no returns have.
    """
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    if periods < 2 or not spread > 0.0:
        return math.nan
    return 0.5 * math.erfc((benchmark - sharpe) * math.sqrt((periods - 1) / spread / 2.0))


def expected_best(variance: float, trials: float) -> float:
    """The Sharpe ratio that the best of so many trials without any skill is expected to have.

    Parameters
    ----------
    variance : of the trials' ratios, by period. trials : how many independent ones, 1 or more.
    """
    from scipy.special import ndtri  # the normal distribution's quantiles; a run's page needs none of them

    if trials <= 1.0:
        return 0.0
    first = ndtri(1.0 - 1.0 / trials)
    second = ndtri(1.0 - 1.0 / (trials * math.e))
    # Below some 1.3 trials the formula, which is of many, is below 0, and the best of any is not.
    return float(math.sqrt(variance) * max((1.0 - EULER) * first + EULER * second, 0.0))


def deflated_sharpe(
    sharpe: float,
    variance: float,
    trials: float,
    periods: int,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float:
    """The probability that the best trial's true Sharpe ratio is above what luck gives the best of so many.

    Parameters
    ----------
    As of `probabilistic_sharpe` and `expected_best`.
    """
    return probabilistic_sharpe(sharpe, expected_best(variance, trials), periods, skew, kurtosis)
