"""Bars: validated, immutable prices. What cannot be right is refused; what looks odd is warned of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError, Dated

Floats = npt.NDArray[np.float64]

PRICES = ("open", "high", "low", "close")
# Prices printed with six or seven digits: a high below the close by less than this is rounding.
ROUNDING = 1e-6
LONGEST_STEP = 4  # days; daily bars are 1 apart, 3 over a weekend, 4 over a long one
MIN_BARS = 2
LEAST, MOST = 1e-15, 1e15  # of prices; a fund made from more than these would overflow
FIRST_DAY, LAST_DAY = np.datetime64("1700-01-01", "D"), np.datetime64("2199-12-31", "D")
COLUMNS = (*PRICES, "volume", "adj_close", "dividends", "swapped")


def locked(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, that nobody can make writable: what a rule is shown is what its run trades on."""
    if not values.flags.writeable:
        try:
            values.setflags(write=True)
        except ValueError:
            return values
    return np.frombuffer(values.tobytes(), dtype=values.dtype)


@dataclass(frozen=True, eq=False)
class Bars:
    """Open, high, low, close and volume by session or by timestamp.

    Arrays are float64 of shape (n,) and read-only; timestamps are datetime64[us] in the exchange's
    own time, rising strictly, at midnight for daily bars.

    Parameters
    ----------
    name : short name ("SOX").
    source : where the bars come from; messages name it.
    adj_close : dividend-adjusted close, if the source has one.
    simulated : True if these are not real prices; everything made from them says so.
    first_row : row of the first bar as a spreadsheet counts, for messages (headings are row 1).
    notes : what was done in reading them, a sentence each; none if they are as the source has them.
    holds_dividends : True if dividends are in the prices although there is no adjusted close.
    rows : the row of each bar, where they do not follow one another.
    dividends : what a share is paid before the bar's open, in money, because it was held at the close before;
        None where nothing is paid, or nothing is known of it.
    swapped : what makes of a price the index as a fund's swap sees it (`as_swapped`), a factor; None for 1.
    eras : the names of what they are spliced from, each from its first session on.

    Raises
    ------
    DataError
        One sentence with source, row and date: unsorted or duplicate dates, NaN, prices that are not
        positive, a high below (low above) the rest of its bar, mislabelled columns, fewer than 2 bars,
        an adjusted close that is missing or not positive.
    """

    name: str
    source: str
    timestamps: npt.NDArray[np.datetime64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    adj_close: Floats | None = None
    simulated: bool = False
    first_row: int = field(default=2, repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    holds_dividends: bool = False
    rows: npt.NDArray[np.int64] | None = field(default=None, repr=False)
    dividends: Floats | None = field(default=None, repr=False)
    swapped: Floats | None = field(default=None, repr=False)
    eras: Dated[str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        stamps = np.array(self.timestamps, dtype="datetime64[us]")
        object.__setattr__(self, "timestamps", stamps)
        for column in COLUMNS:
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, np.array(values, dtype=np.float64))
        self._check_shapes()
        self._check_dates()
        self._check_prices()
        object.__setattr__(self, "high", np.maximum(self.high, np.maximum(self.open, self.close)))
        object.__setattr__(self, "low", np.minimum(self.low, np.minimum(self.open, self.close)))
        for column in ("timestamps", *COLUMNS):
            values = getattr(self, column)
            if values is not None:
                object.__setattr__(self, column, locked(values))

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def sessions(self) -> npt.NDArray[np.datetime64]:
        """The session date of each bar, datetime64[D]."""
        return self.timestamps.astype("datetime64[D]")

    @property
    def names(self) -> Dated[str]:
        """The name, and of spliced bars the name of each era."""
        return Dated.constant(self.name) if self.eras is None else self.eras

    @property
    def daily(self) -> bool:
        """True if every bar is a whole session (stamped at midnight)."""
        return bool((self.timestamps == self.sessions).all())

    def fingerprint(self) -> str:
        """SHA-256 of timestamps, prices and dividends: the same data give the same fingerprint."""
        digest = hashlib.sha256()
        for column in ("timestamps", *PRICES, "volume", "dividends", "swapped"):
            values = getattr(self, column)
            if values is None:
                continue
            digest.update(values.astype("<i8" if column == "timestamps" else "<f8").tobytes())
        return digest.hexdigest()

    def between(self, start: object = None, end: object = None) -> Bars:
        """The bars of sessions from `start` to `end`, both included; either may be None.

        Raises
        ------
        DataError
            If fewer than 2 bars are left; the sentence says what the source covers.
        """
        days = self.sessions
        keep = np.ones(len(self), dtype=bool)
        if start is not None:
            keep &= days >= np.datetime64(start, "D")
        if end is not None:
            keep &= days <= np.datetime64(end, "D")
        if keep.sum() < MIN_BARS:
            left = "is 1 bar" if keep.sum() == 1 else "are 0 bars"
            raise DataError(
                f"{self.source}: from {start or days[0]} to {end or days[-1]} there {left}, "
                f"at least {MIN_BARS} are needed; it covers {days[0]} to {days[-1]}"
            )
        return self._cut(keep, int(np.argmax(keep)))

    def first(self, n: int) -> Bars:
        """The first n bars, 2 or more."""
        return self._cut(slice(n), 0)

    def last(self, n: int) -> Bars:
        """The last n bars, 2 or more."""
        at = len(self) - n
        return self._cut(slice(at, None), at)

    def _cut(self, keep: slice | npt.NDArray[np.bool_], at: int) -> Bars:
        """Some of the bars, of which the first is that at `at`."""
        columns = {c: getattr(self, c) for c in ("timestamps", *COLUMNS, "rows")}
        cut = {c: values[keep] for c, values in columns.items() if values is not None}
        return replace(self, **cut, first_row=self.first_row + at)

    # -- what is held, and what is swapped ------------------------------------------------------

    def held(self) -> Floats:
        """What a share bought at the first close has become at each, its dividends put back into it at the
        price of the close before less the dividend (as an adjusted close does): shape (n,), in money."""
        if self.dividends is None:
            return self.close
        kept = self.dividends[1:] / self.close[:-1]
        grown: Floats = self.close * np.cumprod(np.concatenate(([1.0], 1.0 / (1.0 - kept))))
        return grown

    def as_swapped(self) -> Bars:
        """The index as a fund's swap sees it: total return, an ETF's own fee added back. Nobody can hold
        that."""
        if self.swapped is None:
            return self
        prices = {c: getattr(self, c) * self.swapped for c in PRICES}
        return replace(self, **prices, adj_close=None, dividends=None, swapped=None)

    # -- checks ---------------------------------------------------------------------------------

    def where(self, i: int) -> str:
        """Source, row and date of bar i, to begin a sentence with."""
        stamp = self.timestamps[i]
        when = stamp.astype("datetime64[D]") if stamp == stamp.astype("datetime64[D]") else stamp
        return f"{self.source}, row {self._row(i)} ({when})"

    def _row(self, i: int) -> int:
        return self.first_row + i if self.rows is None else int(self.rows[i])

    def _check_shapes(self) -> None:
        n = len(self.timestamps)
        for column in COLUMNS:
            values = getattr(self, column)
            if values is not None and values.shape != (n,):
                raise DataError(f"{self.source}: {column} has shape {values.shape}, dates have ({n},)")
        if n < MIN_BARS:
            raise DataError(f"{self.source}: too few bars ({n}); at least {MIN_BARS} are needed")

    def _check_dates(self) -> None:
        stamps = self.timestamps
        if np.isnat(stamps).any():
            i = int(np.argmax(np.isnat(stamps)))
            raise DataError(f"{self.source}, row {self._row(i)}: there is no date")
        beyond = (stamps < FIRST_DAY) | (stamps > LAST_DAY)
        if beyond.any():
            i = int(np.argmax(beyond))
            raise DataError(f"{self.where(i)}: bars lie between {FIRST_DAY} and {LAST_DAY}")
        steps = np.diff(stamps)
        zero = np.timedelta64(0, "us")
        if (steps <= zero).any():
            i = int(np.argmax(steps <= zero)) + 1
            if stamps[i] == stamps[i - 1]:
                raise DataError(f"{self.where(i)}: the date of the row before comes again; dates must rise")
            newest_first = " (the file is newest first: turn it round)" if (steps < zero).all() else ""
            raise DataError(
                f"{self.where(i)}: the date goes back from {stamps[i - 1].astype('datetime64[D]')}; "
                f"dates must rise{newest_first}"
            )

    def _check_prices(self) -> None:
        for column in (*PRICES, "volume", "adj_close"):
            values = getattr(self, column)
            if values is None:
                continue
            name = "adjusted close" if column == "adj_close" else column
            bad = ~np.isfinite(values)
            if bad.any():
                i = int(np.argmax(bad))
                many = f" ({bad.sum():,} such rows)" if bad.sum() > 1 else ""
                raise DataError(f"{self.where(i)}: {name} is missing or not a number{many}")
            floor_ok = values >= 0 if column == "volume" else values > 0
            if not floor_ok.all():
                i = int(np.argmin(floor_ok))
                rule = "must not be negative" if column == "volume" else "must be positive"
                raise DataError(f"{self.where(i)}: {name} is {values[i]:g}; it {rule}")
            beyond = ((values > MOST) | (values < LEAST)) & (column != "volume")
            if beyond.any():
                i = int(np.argmax(beyond))
                bounds = f"{LEAST:g} to {MOST:g}"
                raise DataError(
                    f"{self.where(i)}: {name} is {values[i]:g}; beyond {bounds} there is no price"
                )
        slack = ROUNDING * self.close
        for wrong, side, reason in (
            (self.high < self.low - slack, "high", "low"),
            (self.high < self.open - slack, "high", "open"),
            (self.high < self.close - slack, "high", "close"),
            (self.low > self.open + slack, "low", "open"),
            (self.low > self.close + slack, "low", "close"),
        ):
            if wrong.any():
                i = int(np.argmax(wrong))
                word = "below" if side == "high" else "above"
                hint = ""
                if wrong.mean() > 0.2:
                    hint = (
                        f"; so on {wrong.sum():,} of {len(self):,} rows, which means that the headings "
                        "do not fit the columns"
                    )
                raise DataError(
                    f"{self.where(i)}: {side} {getattr(self, side)[i]:g} is {word} "
                    f"{reason} {getattr(self, reason)[i]:g}{hint}"
                )
