"""One fund on many indexes of the same daily sessions: its bars, and no more of its ledger than those."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments.account import check_initial_nav, fund_bar
from letf_instruments.carry import CarryTerms
from letf_instruments.compiled import compiled
from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


class DailyFund:
    """One fund on many indexes of the same daily sessions: `synthesize` without what does not change.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), rising strictly. initial_nav : NAV at the close of the first.

    Raises
    ------
    DataError
        If there are fewer than two sessions, or `initial_nav` is not a positive number.
    """

    def __init__(self, fund: LeveragedFund, sessions: Dates, initial_nav: float = 100.0) -> None:
        check_initial_nav(initial_nav)
        n = len(sessions)
        if n < 2:
            raise DataError(f"a fund needs at least 2 index bars, got {n}")
        self.fund, self._sessions, self._nav = fund, sessions, initial_nav
        self._terms = CarryTerms.of(fund, sessions)

    def prices(self, index: Floats, short_rate: Floats) -> Floats:
        """The fund's bars, shape (4, n): open, high, low and close, as those of a `FundLedger`.

        Parameters
        ----------
        index : its bars in the same order, shape (4, n). short_rate : as known at each close, shape (n,).

        Raises
        ------
        DataError
            If a price is not a positive number.
        """
        terms = self._terms
        rate = np.asarray(short_rate, dtype=np.float64)
        out = np.empty((4, len(self._sessions)))
        per_rate = (terms.borrowed, terms.short, terms.own_cash)
        bad = _daily(
            self.fund.multiple,
            self._nav,
            index,
            rate,
            per_rate,
            terms.swap_years,
            terms.spread,
            terms.fee,
            out,
        )
        if bad >= 0:
            day = self._sessions[bad]
            raise DataError(f"the index has no price above 0 on {day}; a fund cannot be made from that bar")
        return out


@compiled(nogil=True)
def _daily(
    b: float,
    initial_nav: float,
    index: Any,
    rate: Any,
    per_rate: Any,
    years: Any,
    spread: Any,
    fee: Any,
    out: Any,
) -> int:
    """The prices of `synthesize` on daily bars without quotes, to the last bit, and no more than those."""
    borrowed, short, own_cash = per_rate
    nav = initial_nav
    for t in range(index.shape[1]):
        o, h, low, c = index[0, t], index[1, t], index[2, t], index[3, t]
        if not (o > 0.0 and h < np.inf and low > 0.0 and c > 0.0):
            return t
        if t == 0 or nav == 0.0:
            for j in range(4):
                out[j, t] = nav
            continue
        known = rate[t - 1]
        financing = (short * (known - spread[t]) - borrowed * (known + spread[t])) * years[t]
        carry = financing + own_cash * known * years[t] + fee[t]
        out[0, t], out[1, t], out[2, t], nav = fund_bar(b, nav, index[3, t - 1], carry, o, h, low, c)
        out[3, t] = nav
    return -1
