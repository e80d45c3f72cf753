"""What a daily-reset fund trades at each session's close, and how its leverage drifts until then.

Read off the fund's ledger, so carry and fee are in it. With A the assets at the prior close, r the
index's return since then and k the session's carry and fee as fractions of A, the trade is

    b·NAV − b·A·(1 + r) = b·(b−1)·A·r + b·k·A

The first term is Cheng & Madhavan's (2009, SSRN 1539120) and always in the index's own direction for
b > 1 and b < 0; the second is small and may turn the sign on a day when the index hardly moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import DataError
from letf_instruments.fund import LeveragedFund
from letf_instruments.rebalancing import drifted_multiple, rebalancing_trade
from letf_instruments.synthesis import Dates, Floats, FundLedger


@dataclass(frozen=True, eq=False)
class SessionFlow:
    """The reset of each session after the first; arrays of shape (m,).

    If the fund was wiped out, the arrays end with the session in which it happened: that trade closes
    the position. A multiple is NaN where nothing is left to divide by.
    """

    fund: LeveragedFund
    sessions: Dates  # datetime64[D]
    last_bars: npt.NDArray[np.int64]  # position in the ledger of each session's last bar
    index_return: Floats  # from close to close
    trade: Floats  # index exposure bought (sold if negative), a fraction of assets at the prior close
    from_index: Floats  # the part of it that the index's return alone calls for: b·(b−1)·r
    multiple: Floats  # index exposure over NAV at the close, just before the reset
    multiple_at_high: Floats  # at the index's high of the session, carry left out
    multiple_at_low: Floats

    @property
    def against_index(self) -> npt.NDArray[np.bool_]:
        """True where the trade and the index's return have opposite signs."""
        return np.asarray(self.trade * self.index_return < 0.0)


def session_flow(ledger: FundLedger, index_high: Floats, index_low: Floats) -> SessionFlow:
    """The flow of a fund, session by session.

    Parameters
    ----------
    ledger : on daily or intraday bars. Its first session, in which the fund is created, is left out.
    index_high, index_low : the index's bars behind the ledger, shape (n,).

    Raises
    ------
    DataError
        If the ledger covers a single session.
    """
    b = ledger.fund.multiple
    ends = np.flatnonzero(ledger.session_last)
    if len(ends) < 2:
        raise DataError(f"the flow needs at least 2 sessions, got {len(ends)}")
    index, nav = ledger.index_close[ends], ledger.nav[ends]
    first = ends[:-1] + 1
    top, bottom = np.maximum.reduceat(index_high, first), np.minimum.reduceat(index_low, first)
    base, assets, alive = index[:-1], nav[:-1], nav[:-1] > 0.0
    last = ends[1:][alive]
    moves = index[1:][alive] / base[alive] - 1.0
    return SessionFlow(
        fund=ledger.fund,
        sessions=ledger.sessions[last],
        last_bars=last,
        index_return=moves,
        trade=ledger.rebalance[last] / assets[alive],
        from_index=np.asarray(rebalancing_trade(b, 1.0, moves)),
        multiple=multiple_by_bar(ledger)[last],
        multiple_at_high=_drifted(b, top[alive] / base[alive] - 1.0),
        multiple_at_low=_drifted(b, bottom[alive] / base[alive] - 1.0),
    )


def multiple_by_bar(ledger: FundLedger) -> Floats:
    """Index exposure over NAV at each bar's close, before any reset, shape (n,); NaN for a dead fund."""
    out = np.full(len(ledger.nav), np.nan)
    return np.asarray(np.divide(ledger.exposure, ledger.nav, out=out, where=ledger.nav > 0.0))


def move_by_bar(ledger: FundLedger) -> Floats:
    """The index's move from the prior session's close to each bar's, shape (n,); NaN in the first session."""
    n = len(ledger.index_close)
    start = np.zeros(n, dtype=np.int64)
    first = np.flatnonzero(ledger.session_last[:-1]) + 1
    start[first] = first
    base = np.maximum.accumulate(start) - 1
    moves = ledger.index_close / ledger.index_close[base] - 1.0
    return np.asarray(np.where(base < 0, np.nan, moves))


def _drifted(multiple: float, moves: Floats) -> Floats:
    """The multiple after the index's moves since the prior close; NaN where the fund is wiped out."""
    out = np.full(len(moves), np.nan)
    alive = 1.0 + multiple * moves > 0.0
    out[alive] = drifted_multiple(multiple, moves[alive])
    return out
