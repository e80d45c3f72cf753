"""The short rate: what the project brings along, a stated constant, or a dated series from a file.

What it brings along are the monthly means of the Fed funds rate, `letf_instruments/facts/short_rate.csv`.
Each holds in its own month, because that is what the nights of that month cost on the mean. It was published
only after it: within a month the rate is ahead of its time, which money and funds earn and pay and no rule
reads.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from feeds.coverage import covering
from letf_instruments import DataError, SpecError
from letf_instruments.tables import rows

MAX_RATE = 0.3
MAX_BORROW_FEE = 5.0
SHIPPED = "Fed funds by month"
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, eq=False)
class ShortRate:
    """Short rate, fraction a year, as known on a date; the last value holds until the next.

    Parameters
    ----------
    label : what to call it in a report.
    days : datetime64[D] rising strictly, shape (m,); None for a constant.
    rates : fractions a year, shape (m,), or one number.
    notes : what was done in reading the series, a sentence each.
    by_month : each rate is the mean of the month that begins on its day, the last one's too.

    Raises
    ------
    DataError
        If a rate is not within ±0.3 a year.
    """

    label: str
    days: npt.NDArray[np.datetime64] | None
    rates: npt.NDArray[np.float64]
    notes: tuple[str, ...] = field(default=(), repr=False)
    by_month: bool = False

    def __post_init__(self) -> None:
        rates = np.atleast_1d(np.asarray(self.rates, dtype=np.float64))
        if not (np.isfinite(rates).all() and (np.abs(rates) <= MAX_RATE).all()):
            worst = rates[int(np.argmax(np.where(np.isfinite(rates), np.abs(rates), np.inf)))]
            raise DataError(f"short rate {self.label} has {worst:g}; rates are fractions a year, 5 % is 0.05")
        object.__setattr__(self, "rates", rates)
        ordinals = [] if self.days is None else self.days.astype("datetime64[D]").astype(np.int64).tolist()
        object.__setattr__(self, "_ordinals", ordinals)
        object.__setattr__(self, "_list", rates.tolist())

    @classmethod
    def constant(cls, rate: float) -> ShortRate:
        """The same rate at all times."""
        if not (math.isfinite(rate) and abs(rate) <= MAX_RATE):
            raise DataError(f"short rate is {rate:g}; rates are fractions a year, 5 % is 0.05")
        return cls(f"constant {rate:.2%} a year", None, np.array([rate]))

    @classmethod
    def shipped(cls) -> ShortRate:
        """The monthly means of the Fed funds rate that the project brings along, from 1954-07 on."""
        return _shipped()

    @property
    def is_constant(self) -> bool:
        """True if no series stands behind it."""
        return self.days is None

    def fingerprint(self) -> str:
        """SHA-256 of dates and rates."""
        return _fingerprint(self.days, self.rates)

    def at(self, epoch_day: int) -> float:
        """The rate known on a day, counted from 1970-01-01."""
        if self.days is None:
            return self._list[0]  # type: ignore[attr-defined,no-any-return]
        return self._list[max(bisect_right(self._ordinals, epoch_day) - 1, 0)]  # type: ignore[attr-defined,no-any-return]

    def on(self, sessions: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
        """The rates known on dates, shape (n,) → (n,)."""
        if self.days is None:
            return np.full(len(sessions), self.rates[0])
        i = np.searchsorted(self.days, sessions.astype("datetime64[D]"), side="right") - 1
        return self.rates[np.maximum(i, 0)]

    def covering(self, first: np.datetime64, last: np.datetime64) -> list[str]:
        """Check that the series reaches from `first` to `last`; returns warnings of holes and of a stale end.

        Raises
        ------
        DataError
            If it starts after `first`: there would be no rate to charge.
        """
        if self.days is None:
            return []
        what, otherwise = f"short rate {self.label}", " or name another rate"
        if not self.by_month:
            return covering(what, self.days, self.rates, first, last, otherwise)
        month = self.days[-1].astype("datetime64[M]")
        end, last = (month + 1).astype("datetime64[D]") - 1, np.datetime64(last, "D")
        said = covering(what, self.days, self.rates, first, min(last, end), otherwise)
        if last > end:
            months = max(round(int((last - end).astype(int)) / DAYS_A_MONTH), 1)
            said.append(
                f"{what}: the table ends with {month}; its last value, {100 * self.rates[-1]:.4g} %, is "
                f"carried on to {last}, {months:,} month{'s' * (months > 1)}"
            )
        return said


@cache
def _shipped() -> ShortRate:
    table = rows("short_rate")
    days = np.array([row["from"] for row in table], dtype="datetime64[D]")
    return ShortRate(SHIPPED, days, np.array([float(row["rate"]) for row in table]), by_month=True)


@dataclass(frozen=True, eq=False)
class BorrowFee:
    """What a short pays for the shares, fraction a year of its value; the last fee holds until the next.

    Parameters
    ----------
    days : datetime64[D] rising strictly, shape (m,); None for a constant.
    fees : fractions a year, shape (m,), or one number.
    notes : what was done in reading the series, a sentence each.
    label : what to call it in a report.

    Raises
    ------
    SpecError
        If a fee is not between 0 and 5 (500 %) a year.
    """

    days: npt.NDArray[np.datetime64] | None
    fees: npt.NDArray[np.float64]
    notes: tuple[str, ...] = field(default=(), repr=False)
    label: str = "of a short"

    def __post_init__(self) -> None:
        fees = np.atleast_1d(np.asarray(self.fees, dtype=np.float64))
        for fee in fees.tolist():
            if not 0 <= fee <= MAX_BORROW_FEE:
                raise SpecError(f"borrow_fee is {fee:g}; it must be between 0 and {MAX_BORROW_FEE:g}")
        ordinals = [] if self.days is None else self.days.astype("datetime64[D]").astype(np.int64).tolist()
        object.__setattr__(self, "fees", fees)
        object.__setattr__(self, "_ordinals", ordinals)
        object.__setattr__(self, "_list", fees.tolist())

    @classmethod
    def of(cls, given: float | ShortRate | BorrowFee) -> BorrowFee:
        """A fee from a constant, a dated series of rates, or itself."""
        if isinstance(given, BorrowFee):
            return given
        if isinstance(given, ShortRate):
            return cls(given.days, given.rates, given.notes, given.label)
        return cls(None, np.array([float(given)]))

    def fingerprint(self) -> str:
        """SHA-256 of dates and fees."""
        return _fingerprint(self.days, self.fees)

    def at(self, epoch_day: int) -> float:
        """The fee known on a day, counted from 1970-01-01."""
        i = bisect_right(self._ordinals, epoch_day) - 1  # type: ignore[attr-defined]
        return self._list[max(i, 0)]  # type: ignore[attr-defined,no-any-return]

    def covering(self, first: np.datetime64, last: np.datetime64) -> list[str]:
        """Check that the series reaches from `first` to `last`; returns warnings of holes and of a stale end.

        Raises
        ------
        DataError
            If it starts after `first`: there would be no fee to charge.
        """
        if self.days is None:
            return []
        return covering(f"borrow fee {self.label}", self.days, self.fees, first, last)


def _fingerprint(days: npt.NDArray[np.datetime64] | None, values: npt.NDArray[np.float64]) -> str:
    counted = np.zeros(0, dtype="<i8") if days is None else days.astype("<i8")
    return hashlib.sha256(counted.tobytes() + values.astype("<f8").tobytes()).hexdigest()
