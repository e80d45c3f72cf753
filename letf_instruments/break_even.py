"""Break-even drift: what an index must do in a year, at a volatility, for the fund to hold its own.

By the closed form of Avellaneda & Zhang 2010 (SIAM J. Financial Math. 1:586-603, doi 10.1137/090760805),
for one year with index return x, realised variance σ² and carry k, all continuously compounded:

    1 + fund return = (1 + x)^b · exp(c)        with c = (b − b²)/2·σ² + k

- The fund is where it was at log(1 + x) = −c/b = (b−1)/2·σ² − k/b.
- It gives multiple × index where (1 + x)^b · exp(c) = 1 + b·x. The difference of the two sides has one
  extremum, (1−b)·(exp(−c/(b−1)) − 1), at 1 + x = exp(−c/(b−1)): so there are two such returns, one on
  each side, or none. Found by Brent's method (Brent 1973, Algorithms for Minimization without
  Derivatives, ch. 4).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq

from letf_instruments.account import FEE_DAYS, SWAP_DAYS, carry_multiples
from letf_instruments.errors import FactError

YEAR_DAYS = 365.0
LOWEST_LOG, HIGHEST_LOG = -30.0, 30.0  # log(1 + x) between which a crossing is looked for


def yearly_carry(multiple: float, short_rate: float, spread: float, expense_ratio: float) -> float:
    """Financing, cash yield and fee of one year of 365 days, a fraction of assets; negative if it costs.

    The same legs and day counts as in a fund's account: swaps and cash ACT/360, fee ACT/365. All rates
    are fractions a year.
    """
    borrowed, short, own_cash = carry_multiples(multiple)
    swaps = short * (short_rate - spread) - borrowed * (short_rate + spread) + own_cash * short_rate
    return swaps * YEAR_DAYS / SWAP_DAYS - expense_ratio * YEAR_DAYS / FEE_DAYS


def zero_return(multiple: float, volatility: float, carry: float = 0.0) -> float:
    """The index's return in a year, a fraction, at which the fund's is 0.

    Parameters
    ----------
    volatility : of the index, annualised, a fraction.
    carry : as from `yearly_carry`.
    """
    return math.expm1(-_constant(multiple, volatility, carry) / multiple)


def promise_returns(
    multiple: float, volatility: float, carry: float = 0.0
) -> tuple[float | None, float | None]:
    """The index's returns in a year, fractions, at which the fund gives exactly multiple × index.

    Returns
    -------
    (lower, higher). For b > 1 and b < 0 the fund gives less than promised between them and more beyond,
    for 0 < b < 1 the other way round. None where it never crosses; if neither side does, what holds
    beyond holds everywhere.

    Raises
    ------
    FactError
        If the multiple is 1: such a fund's gap is its carry, at any return.
    """
    if multiple == 1:
        raise FactError("a fund with multiple 1 has no break-even against its index; its gap is its carry")
    c = _constant(multiple, volatility, carry)

    def gap(log_ratio: float) -> float:
        return math.exp(multiple * log_ratio + c) - 1.0 - multiple * math.expm1(log_ratio)

    middle = -c / (multiple - 1.0)
    if not LOWEST_LOG < middle < HIGHEST_LOG:  # a multiple next to 1: only its carry is left
        return None, None
    extreme = (1.0 - multiple) * math.expm1(middle)
    # A convex gap (b > 1, b < 0) crosses where its lowest point is below 0, a concave one likewise upside.
    crosses = extreme > 0.0 if 0.0 < multiple < 1.0 else extreme < 0.0
    if not crosses:
        return None, None
    return _crossing(gap, middle, -1.0), _crossing(gap, middle, 1.0)


def _constant(multiple: float, volatility: float, carry: float) -> float:
    return (multiple - multiple**2) / 2.0 * volatility**2 + carry


def _crossing(gap: Callable[[float], float], middle: float, side: float) -> float | None:
    """The return beyond `middle` on one side where the gap changes its sign, None if out of reach."""
    width = 0.1
    while gap(middle) * gap(middle + side * width) > 0.0:
        width *= 2.0
        if not LOWEST_LOG < middle + side * width < HIGHEST_LOG:
            return None
    low, high = sorted((middle, middle + side * width))
    return math.expm1(float(brentq(gap, low, high, xtol=1e-14)))
