"""Where a fund's return went, year by year: the attribution's sums over calendar years."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from letf_instruments.decay import Attribution
from letf_instruments.errors import DataError
from letf_instruments.regimes import realised_volatility
from letf_instruments.synthesis import FundLedger

SUMS = ("index", "compounding", "fee", "rest")


@dataclass(frozen=True)
class Year:
    """One row of the attribution. Returns and volatility are fractions, parts are log returns.

    index + compounding + carry + fee + rest = log_return. In a year in which the fund was wiped out,
    `actual` is −1, the row ends with that day, and the logs end with the day before.
    """

    label: str  # "2022", or "total"
    first: np.datetime64  # the session at whose close the row begins
    last: np.datetime64
    moves: int  # daily returns in it
    index_return: float
    promised: float  # multiple × index_return
    actual: float
    log_return: float
    index: float
    compounding: float
    carry: float  # financing and cash yield
    fee: float
    rest: float
    volatility: float  # of the index, √(252 × mean squared daily log return)
    wiped_out: bool = False


def years_and_total(ledger: FundLedger, attribution: Attribution) -> tuple[list[Year], Year]:
    """One row a calendar year, and one for all of them. A year begins at the last close of the year before.

    Parameters
    ----------
    ledger, attribution : the fund, and `attribute(ledger)`; years after a wipe-out have no row.

    Raises
    ------
    DataError
        If there is no second session that the fund reached.
    """
    at = np.flatnonzero(ledger.session_last)
    sessions, index = ledger.sessions[at], ledger.index_close[at]
    dead = np.flatnonzero(ledger.close[at] == 0.0)
    stop = int(dead[0]) if len(dead) else len(at) - 1
    if stop == 0:
        raise DataError(f"{ledger.fund.ticker} has no session after {sessions[0]}; there is nothing to split")
    year = sessions.astype("datetime64[Y]")

    def row(label: str, begin: int, end: int) -> Year:
        wiped_out = bool(len(dead)) and end == stop
        moves = slice(begin + 1, end + 1)  # the attribution is shorter where the fund died
        parts = {p: float(getattr(attribution, p)[moves].sum()) for p in SUMS}
        carry = float(attribution.financing[moves].sum() + attribution.cash[moves].sum())
        log_return = float(attribution.log_return[moves].sum())
        gained = float(index[end] / index[begin] - 1.0)
        return Year(
            label=label,
            first=sessions[begin],
            last=sessions[end],
            moves=end - begin,
            index_return=gained,
            promised=ledger.fund.multiple * gained,
            actual=-1.0 if wiped_out else float(np.expm1(log_return)),
            log_return=log_return,
            carry=carry,
            volatility=float(realised_volatility(index[begin : end + 1])),
            wiped_out=wiped_out,
            **parts,
        )

    # Positions of the closes between years: the first session, each year's last, and the end.
    turns = np.flatnonzero(year[1 : stop + 1] != year[:stop])
    marks = np.unique(np.concatenate(([0], turns, [stop])))
    rows = [row(str(year[end]), int(begin), int(end)) for begin, end in pairwise(marks)]
    return rows, row("total", 0, stop)
