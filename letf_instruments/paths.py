"""One fund on many paths of its index at once: the ledger's own arithmetic, path by path, NAV alone.

Every path has the same sessions, and so the same carry and fee. What comes out is to the last bit what
`synthesize` makes of each path.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from letf_instruments.account import check_initial_nav, fund_bar
from letf_instruments.carry import carry_fractions
from letf_instruments.compiled import compiled
from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund
from letf_instruments.synthesis import Dates, Floats


@compiled(nogil=True)
def _navs(b: float, initial: float, high: Any, low: Any, close: Any, carry: Any, out: Any) -> bool:
    """Fill `out`, shape (p, n); False at the first bar that is no price."""
    paths, n = close.shape
    for i in range(paths):
        nav = initial
        out[i, 0] = nav
        if not close[i, 0] > 0.0:
            return False
        for t in range(1, n):
            c = close[i, t]
            if not (high[i, t] < np.inf and low[i, t] > 0.0 and c > 0.0):
                return False
            if nav > 0.0:
                # The open lies between high and low, so that it wipes out nothing that these do not.
                _, _, _, nav = fund_bar(b, nav, close[i, t - 1], carry[t], c, high[i, t], low[i, t], c)
            out[i, t] = nav
    return True


def navs_on_paths(
    fund: LeveragedFund,
    sessions: Dates,
    high: Floats,
    low: Floats,
    close: Floats,
    short_rate: float | Floats = 0.0,
    initial_nav: float = 100.0,
) -> Floats:
    """NAV of a fund at each close of each path of its index.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), rising strictly: the same for all paths, a bar a session.
    high, low, close : of the index, float64, shape (p, n), positive; the first bar's close is where the fund
        is created.
    short_rate : fraction a year; a number, or shape (n,) as known at each close.
    initial_nav : NAV at the first close.

    Returns
    -------
    Shape (p, n); 0 from a wipe-out on, within a bar too.

    Raises
    ------
    DataError
        If shapes differ, there are fewer than two sessions, they do not rise, or a price is not a positive
        number.
    """
    check_initial_nav(initial_nav)
    days = np.asarray(sessions, dtype="datetime64[D]")
    n = len(days)
    if n < 2:
        raise DataError(f"a fund needs at least 2 sessions, got {n}")
    if not (np.diff(days) > np.timedelta64(0, "D")).all():
        raise DataError("the sessions of the paths do not rise strictly")
    for name, values in (("high", high), ("low", low), ("close", close)):
        if values.ndim != 2 or values.shape[1] != n or values.shape != close.shape:
            raise DataError(f"{name} has shape {values.shape}; (paths, {n}) is wanted, alike for all")
    financing, cash, fee = carry_fractions(fund, days, short_rate)
    out = np.empty(close.shape)
    if not _navs(fund.multiple, initial_nav, high, low, close, financing + cash + fee, out):
        raise DataError("a path has a price that is not above 0; a fund cannot be made from it")
    return out
