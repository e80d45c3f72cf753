"""What a fund's sessions cost and earn, as fractions of their starting assets, whatever the index does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.account import FEE_DAYS, SWAP_DAYS, carry_multiples
from letf_instruments.fund import LeveragedFund
from letf_instruments.settlement import settled_days

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class CarryTerms:
    """What a fund's sessions cost and earn beside the short rate. Arrays of shape (m,), 0 for the first
    session: years of interest, spread, and the fee as a signed fraction of assets."""

    borrowed: float
    short: float
    own_cash: float
    swap_years: Floats
    spread: Floats
    fee: Floats

    @classmethod
    def of(cls, fund: LeveragedFund, sessions: Dates) -> CarryTerms:
        """The terms of sessions, datetime64[D], shape (m,), rising strictly."""
        days = np.zeros(len(sessions))
        days[1:] = (sessions[1:] - sessions[:-1]).astype(np.int64)
        return cls(
            *carry_multiples(fund.multiple),
            settled_days(sessions) / SWAP_DAYS,
            fund.spreads.on(sessions),
            -fund.fees.on(sessions) * (days / FEE_DAYS),
        )

    def fractions(self, short_rate: float | Floats) -> tuple[Floats, Floats, Floats]:
        """As `carry_fractions`."""
        m = len(self.fee)
        rate = np.broadcast_to(np.asarray(short_rate, dtype=np.float64), (m,))
        known = np.empty(m)
        known[0] = rate[0]
        known[1:] = rate[:-1]
        spread = self.spread
        each = self.short * (known - spread) - self.borrowed * (known + spread)
        return each * self.swap_years, self.own_cash * known * self.swap_years, self.fee


def carry_fractions(
    fund: LeveragedFund, sessions: Dates, short_rate: float | Floats
) -> tuple[Floats, Floats, Floats]:
    """Financing, cash yield and fee of each session as fractions of its starting assets.

    Parameters
    ----------
    sessions : datetime64[D], shape (m,), rising strictly: one date a session.
    short_rate : fraction a year; a number, or shape (m,) as known at each session's close. A session is
        charged the rate known at the close before it.

    Returns
    -------
    three arrays of shape (m,), 0 for the first session.
    """
    return CarryTerms.of(fund, sessions).fractions(short_rate)
