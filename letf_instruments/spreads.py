"""Financing spreads, and which prices each was fitted to: whether a comparison proves anything.

A spread that was fitted to a fund's own prices makes the synthetic fund end where the traded one does, over
just those sessions. There the drift is zero by construction: it is *in sample*, and no evidence. A table of
spreads therefore says of each row from which close to which it was fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from letf_instruments.dated import Dated
from letf_instruments.errors import DataError, FactError
from letf_instruments.synthesis import Dates
from letf_instruments.tables import rows

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Spread:
    """One row of a table of spreads.

    Parameters
    ----------
    rate : fraction a year, as in `LeveragedFund`.
    source : where it comes from, in words.
    fitted_from, fitted_to : first and last close of the prices that it was fitted to; None if to none.
    known : False if the table does not say what it was fitted to.
    """

    rate: float
    source: str = ""
    fitted_from: np.datetime64 | None = None
    fitted_to: np.datetime64 | None = None
    known: bool = True


def rates_of(table: Dated[Spread]) -> Dated[float]:
    """The spreads alone, as a fund takes them."""
    return Dated(table.dates, tuple(spread.rate for spread in table.values))


def shipped_spreads(ticker: str) -> Dated[Spread]:
    """The spreads of a known fund in the fact tables.

    Raises
    ------
    FactError
        If the tables have none of it.
    """
    return _table(row for row in rows("financing_spreads") if row["ticker"] == ticker)


def read_spreads(path: Path, ticker: str) -> Dated[Spread]:
    """The spreads of a fund in a table as `letf calibrate` writes it: ticker, from, rate; and fitted_from and
    fitted_to, without which it is not known what they were fitted to. A row that has the columns and no dates
    in them was fitted to nothing.

    Raises
    ------
    DataError
        If the table cannot be read or has no row for the fund.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            own = [row for row in csv.DictReader(file) if row["ticker"] == ticker]
        if own:
            return _table(own)
    except (OSError, KeyError, TypeError, ValueError, FactError) as error:
        raise DataError(f"{path}: not a table of spreads with ticker, from and rate ({error})") from None
    raise DataError(f"{path}: no row for {ticker}")


def _table(found: Iterable[Mapping[str, str]]) -> Dated[Spread]:
    return Dated.of((np.datetime64(row["from"] or "no date", "D"), _spread(row)) for row in found)


def _spread(row: Mapping[str, str]) -> Spread:
    """A row as it stands in a file; a fit of which only the end is named begins the day before the row."""
    rate, source = float(row["rate"]), row.get("source") or ""
    end, begin = row.get("fitted_to"), row.get("fitted_from")
    if end is None:
        return Spread(rate, source, known=False)
    if not end:
        if begin:
            raise ValueError(f"the row from {row['from']} has fitted_from {begin}, but no fitted_to")
        return Spread(rate, source)
    last = np.datetime64(end, "D")
    first = np.datetime64(begin, "D") if begin else np.datetime64(row["from"], "D") - 1
    if not first < last:
        raise ValueError(
            f"the row from {row['from']} is fitted from {first} to {last}; the second must be later"
        )
    return Spread(rate, source, first, last)


@dataclass(frozen=True, eq=False)
class Sample:
    """What the spreads in force in some sessions rest on.

    Parameters
    ----------
    inside : True where the spread was fitted to that very session's return, shape (n − 1,), a return each.
    unknown : True where it is not known what it was fitted to, same shape.
    used : the rows that are in force in at least one of the sessions.
    outside : those of them that price a session to which they are known not to have been fitted.
    """

    inside: Flags
    unknown: Flags
    used: tuple[Spread, ...] = ()
    outside: tuple[Spread, ...] = ()

    @property
    def in_sample(self) -> bool | None:
        """True if any of the sessions is; None if none is known to be, but of some it is not known."""
        if self.inside.any():
            return True
        return None if self.unknown.any() else False


def sample_of(table: Dated[Spread], sessions: Dates) -> Sample:
    """Which returns lie in the periods to which the spreads that price them were fitted.

    Parameters
    ----------
    sessions : datetime64[D], shape (n,), rising strictly; the first is the base of the first return.
    """
    days = sessions[1:].astype("datetime64[D]")
    inside, unknown = np.zeros(len(days), dtype=bool), np.zeros(len(days), dtype=bool)
    at = np.maximum(np.searchsorted(np.array(table.dates), days, side="right") - 1, 0)
    used, outside = [], []
    for i, spread in enumerate(table.values):
        own = at == i
        if not own.any():
            continue
        used.append(spread)
        unknown |= own & (not spread.known)
        if spread.fitted_from is not None and spread.fitted_to is not None:
            inside |= own & (days > spread.fitted_from) & (days <= spread.fitted_to)
        if spread.known and not inside[own].all():
            outside.append(spread)
    return Sample(inside, unknown, tuple(used), tuple(outside))
