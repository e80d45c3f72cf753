"""The financing spread that makes the ledger compound to the traded fund, period by period.

For one period, with b the multiple, r the index's total return, k the day's carry and fee without spread
and m the multiple borrowed or sold short, the spread s solves, with days between settlement dates,

    Σ log(1 + b·r + k − m·s·days/360) = log of the fund's own total return over the period.

The left side falls in s, so there is one solution. Its band is 1.96 standard errors of the sum of daily
residuals, by Newey & West (1987, Econometrica 55:703-708) with five lags, because a price that strays
from NAV comes back within days.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from letf_instruments.account import SWAP_DAYS, carry_multiples
from letf_instruments.carry import carry_fractions
from letf_instruments.dated import Dated
from letf_instruments.errors import DataError, FactError
from letf_instruments.fund import LeveragedFund
from letf_instruments.settlement import settled_days
from letf_instruments.spreads import Spread
from letf_instruments.synthesis import Dates, Floats

LAGS = 5
NORMAL_95 = 1.96
MIN_SESSIONS = 20


@dataclass(frozen=True)
class SpreadFit:
    """The spread of one period, fraction a year, with its 95 % band."""

    start: np.datetime64
    end: np.datetime64
    spread: float
    low: float
    high: float
    sessions: int


def long_run_sd(values: Floats, lags: int = LAGS) -> float:
    """Standard deviation of a sum over √n: Newey & West's estimate for values that lean on each other."""
    x = values - values.mean()
    n = len(x)
    variance = x @ x / n
    for lag in range(1, min(lags, n - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * (x[lag:] @ x[:-lag]) / n
    return float(np.sqrt(max(variance, 0.0)))


def fit_spread(
    fund: LeveragedFund, sessions: Dates, index_close: Floats, fund_close: Floats, short_rate: float | Floats
) -> SpreadFit:
    """The one spread for the whole of the given sessions.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), rising strictly; the first is the base of the first return.
    index_close, fund_close : total return levels (dividends in), shape (n,), positive.
    short_rate : fraction a year; a number, or shape (n,) as known at each close.

    Raises
    ------
    FactError
        If the fund's multiple is between 0 and 1: it neither borrows nor sells short.
    DataError
        If there are fewer than 20 returns, or no spread within ±50 % a year fits.
    """
    borrowed, short, _ = carry_multiples(fund.multiple)
    multiple = borrowed + short
    if multiple == 0:
        raise FactError(f"{fund.ticker} with multiple {fund.multiple:g} pays no spread that could be fitted")
    n = len(sessions) - 1
    if n < MIN_SESSIONS:
        raise DataError(f"{n} sessions are too few to fit a spread; at least {MIN_SESSIONS} are needed")
    bare = replace(fund, spread=Dated.constant(0.0))
    financing, cash, fee = carry_fractions(bare, sessions, short_rate)
    carry = (financing + cash + fee)[1:]
    years = settled_days(sessions)[1:] / SWAP_DAYS
    gross = 1.0 + fund.multiple * (index_close[1:] / index_close[:-1] - 1.0) + carry
    own = np.log(fund_close[1:] / fund_close[:-1])

    from scipy.optimize import brentq  # takes longer to load than most questions need

    def gap(spread: float) -> float:
        return float(np.log(gross - multiple * spread * years).sum() - own.sum())

    low, high = -0.5, 0.5
    if (gross - multiple * high * years <= 0).any() or not gap(low) > 0 > gap(high):
        raise DataError(
            f"no spread within ±50 % a year makes {fund.ticker} of this index between {sessions[0]} and "
            f"{sessions[-1]}; is it the right index, and are both with dividends?"
        )
    spread = float(brentq(gap, low, high, xtol=1e-12))
    residual = own - np.log(gross - multiple * spread * years)
    band = NORMAL_95 * long_run_sd(residual) * np.sqrt(n) / (multiple * years.sum())
    return SpreadFit(sessions[0], sessions[-1], spread, spread - band, spread + band, n)


def periods(sessions: Dates, window: int | None = None) -> Iterator[tuple[int, int]]:
    """(first, last) positions of the closes that bound each period: calendar years, or `window` returns.

    A first or last piece shorter than 20 returns is joined to its neighbour.
    """
    n = len(sessions)
    if window is None:
        years = sessions.astype("datetime64[Y]")
        bounds = [0, *np.flatnonzero(years[1:] != years[:-1]).tolist(), n - 1]
    else:
        bounds = [*range(0, n - 1, window), n - 1]
    bounds = sorted(set(bounds))
    while len(bounds) > 2 and bounds[1] - bounds[0] < MIN_SESSIONS:
        del bounds[1]
    while len(bounds) > 2 and bounds[-1] - bounds[-2] < MIN_SESSIONS:
        del bounds[-2]
    yield from itertools.pairwise(bounds)


def fit_by_period(
    fund: LeveragedFund,
    sessions: Dates,
    index_close: Floats,
    fund_close: Floats,
    short_rate: Floats,
    window: int | None = None,
) -> list[SpreadFit]:
    """`fit_spread` for each calendar year, or for each `window` sessions; arrays as there."""
    fits = []
    for first, last in periods(sessions, window):
        part = slice(first, last + 1)
        fits.append(fit_spread(fund, sessions[part], index_close[part], fund_close[part], short_rate[part]))
    return fits


def spread_table(fits: Sequence[SpreadFit], source: str = "") -> Dated[Spread]:
    """The fitted spreads as a dated fact; each holds from the day after its period's first close.

    The first also holds before, the last for ever after.
    """
    return Dated.of((fit.start + 1, _fitted(fit, source)) for fit in fits)


def walk_forward_table(fits: Sequence[SpreadFit], source: str = "") -> Dated[Spread]:
    """What was known in time: in each period, the spread fitted to the period before. From the second on.

    Raises
    ------
    DataError
        If there are fewer than two periods.
    """
    if len(fits) < 2:
        raise DataError("walking forward needs at least two periods, one to fit and one to price")
    return Dated.of((now.start + 1, _fitted(past, source)) for past, now in itertools.pairwise(fits))


def _fitted(fit: SpreadFit, source: str) -> Spread:
    return Spread(fit.spread, source, fit.start, fit.end)
