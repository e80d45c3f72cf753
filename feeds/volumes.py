"""Traded volume by session, to be laid over bars that have none of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars
from letf_instruments import DataError

if TYPE_CHECKING:
    from feeds.traded.fund import TradedFund
    from letf_instruments import FundLedger


class Volumes:
    """Volume of an instrument by session; 0 on a session that its source does not have.

    Raises
    ------
    DataError
        If the source is intraday or has no volume at all.
    """

    def __init__(self, bars: Bars) -> None:
        if not bars.daily:
            raise DataError(f"{bars.source}: a volume by session is needed, these are intraday bars")
        if not bars.volume.any():
            raise DataError(f"{bars.source}: it has no volume")
        self.source = bars.source
        self._days = bars.sessions
        self._values = bars.volume
        self._by_day = dict(
            zip(self._days.astype("datetime64[D]").astype(int).tolist(), self._values.tolist(), strict=True)
        )

    def fingerprint(self) -> str:
        """SHA-256 of days and volumes."""
        digest = hashlib.sha256(self._days.astype("datetime64[D]").astype("<i8").tobytes())
        digest.update(self._values.astype("<f8").tobytes())
        return digest.hexdigest()

    def covers(self, sessions: npt.NDArray[np.datetime64]) -> int:
        """How many of the sessions the source has."""
        return int(np.isin(sessions, self._days).sum())

    @property
    def first(self) -> np.datetime64:
        """The first session of which it is known."""
        day: np.datetime64 = self._days[0]
        return day

    def on(self, sessions: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
        """Volume of each session, datetime64[D] of shape (n,) → (n,)."""
        at = np.clip(np.searchsorted(self._days, sessions), 0, len(self._days) - 1)
        return np.where(self._days[at] == sessions, self._values[at], 0.0)

    def at(self, epoch_day: int) -> float:
        """Volume of one session, counted in days from 1970-01-01."""
        return self._by_day.get(epoch_day, 0.0)


def fund_volume(
    ledger: FundLedger, stamps: np.ndarray, volume: Volumes | None, traded: TradedFund | None
) -> np.ndarray:
    """Volume of a fund by bar, in the shares of its ledger: that which is laid over it, else that of its own
    bars where it was traded, else 0."""
    if volume is not None:
        return volume.on(ledger.sessions)
    if traded is None:
        return np.zeros(len(ledger.close))
    return traded.volume_on(stamps, ledger.scale)
