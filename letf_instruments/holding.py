"""Actual against promised for every holding period of a length: what a buyer on any day would have got.

Promised is what many expect of a fund held for h sessions: multiple × the index's simple return over
them. Actual is the fund's own simple return. For h = 1 they differ by carry and fee only; for longer
periods by compounding too. Promised can be below −100 %, which no fund can lose: there the fund always
gives more, and `promised_beyond_loss` says on how many starts that is so.

Starts on all sessions overlap: 3,000 starts of a year each are not 3,000 independent years. How many of them
lie apart is said beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import DataError
from letf_instruments.synthesis import Dates, Floats

# Differences of simple returns below this are rounding: 1 + b·r and b·(1 + r) round differently.
ROUNDING = 1e-12
FLAT = 0.02
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class HoldingPeriods:
    """All holding periods of one length; arrays of shape (k,), one a start on which the fund was alive.

    index, promised and actual are simple returns over the period, fractions.
    """

    horizon: int  # sessions
    starts: Dates
    ends: Dates
    index: Floats
    promised: Floats
    actual: Floats

    @property
    def difference(self) -> Floats:
        """Actual − promised, in fractions of the money put in; rounding is taken for 0."""
        gap = self.actual - self.promised
        return np.where(np.abs(gap) < ROUNDING, 0.0, gap)

    @property
    def possible(self) -> npt.NDArray[np.bool_]:
        """False where the promise is below −100 %: nobody can lose that, so more than it is no merit."""
        return self.promised >= -1.0

    def apart(self, which: npt.NDArray[np.bool_]) -> int:
        """How many of some of the periods can be chosen without overlap; one may begin where another ends.

        Taken by the earliest end, as no other choice has more of them.
        """
        starts, ends = self.starts[which], self.ends[which]
        found = at = 0
        while at < len(starts):
            found += 1
            at = int(np.searchsorted(starts, ends[at]))
        return found


@dataclass(frozen=True)
class HoldingSummary:
    """What the holding periods of one length come to. Shares and returns are fractions.

    Without a flat start (|index return| < 2 %) `lost_when_flat` and `median_when_flat` are None, without
    a promise that can be kept `less_when_possible`, `best_start` and `best_difference` are.
    """

    horizon: int
    starts: int
    apart: int  # of them, without overlap
    quantiles: tuple[float, ...]  # of the difference, at QUANTILES
    less_than_promised: float
    promised_beyond_loss: float  # share of starts with a promise below −100 %
    less_when_possible: float | None  # less than promised, of the starts without such a promise
    flat_starts: int
    flat_apart: int  # of them, without overlap
    lost_when_flat: float | None  # share of flat starts on which the fund lost money
    median_when_flat: float | None  # the fund's median return over them
    worst_start: np.datetime64
    worst_difference: float
    best_start: np.datetime64 | None  # of the starts with a promise of −100 % or more
    best_difference: float | None


def holding_periods(
    sessions: npt.NDArray[np.datetime64],
    index_close: Floats,
    fund_close: Floats,
    multiple: float,
    horizon: int,
) -> HoldingPeriods:
    """Every holding period of `horizon` sessions, from close to close.

    Parameters
    ----------
    sessions, index_close, fund_close : shape (n,), one a session; a fund close of 0 is a wiped-out fund.
    horizon : sessions held, at least 1 and fewer than n.

    Returns
    -------
    HoldingPeriods, with k = n − horizon, less the starts on which the fund was dead.

    Raises
    ------
    DataError
        If shapes differ, or no such period fits in.
    """
    n = len(sessions)
    if index_close.shape != (n,) or fund_close.shape != (n,):
        raise DataError(f"{n} sessions have {len(index_close)} index and {len(fund_close)} fund closes")
    if not 1 <= horizon < n:
        raise DataError(f"a holding period of {horizon} sessions does not fit into {n}")
    alive = np.flatnonzero(fund_close[:-horizon] > 0.0)
    if not len(alive):
        raise DataError("the fund is dead on every session on which it could be bought")
    index = index_close[alive + horizon] / index_close[alive] - 1.0
    actual = fund_close[alive + horizon] / fund_close[alive] - 1.0
    return HoldingPeriods(
        horizon, sessions[alive], sessions[alive + horizon], index, multiple * index, actual
    )


def summarize(periods: HoldingPeriods) -> HoldingSummary:
    """Quantiles, shares, and the best and the worst start of the holding periods of one length."""
    gap = periods.difference
    flat = np.abs(periods.index) < FLAT
    possible = periods.possible
    worst, best = int(np.argmin(gap)), int(np.argmax(np.where(possible, gap, -np.inf)))
    return HoldingSummary(
        horizon=periods.horizon,
        starts=len(gap),
        apart=periods.apart(np.ones(len(gap), dtype=bool)),
        quantiles=tuple(np.quantile(gap, QUANTILES).tolist()),
        less_than_promised=float((gap < 0.0).mean()),
        promised_beyond_loss=float((~possible).mean()),
        less_when_possible=float((gap[possible] < 0.0).mean()) if possible.any() else None,
        flat_starts=int(flat.sum()),
        flat_apart=periods.apart(flat),
        lost_when_flat=float((periods.actual[flat] < 0.0).mean()) if flat.any() else None,
        median_when_flat=float(np.median(periods.actual[flat])) if flat.any() else None,
        worst_start=periods.starts[worst],
        worst_difference=float(gap[worst]),
        best_start=periods.starts[best] if possible.any() else None,
        best_difference=float(gap[best]) if possible.any() else None,
    )
