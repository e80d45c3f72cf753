"""Bars and rates from CSV and Parquet files, and from frames in memory, as vendors serve them.

`docs/data.md` lists who serves what, and what is done to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.bars import PRICES, Bars
from feeds.frames import SIMULATED
from feeds.reading.dividends import holds_dividends
from feeds.reading.headings import TICKERS, find_columns, plain
from feeds.reading.memory import Memory
from feeds.reading.mended import kept_rows, turned_round, whole_sessions, within_rounding, without_remarks
from feeds.reading.numbers import read_numbers
from feeds.reading.stamps import Stamps, read_stamps
from feeds.reading.tables import SUFFIXES, Table, read_table
from letf_instruments import DataError

__all__ = ["SUFFIXES", "Percent", "read_bars", "read_percent", "read_rates", "value_heading"]

Floats = npt.NDArray[np.float64]
WITHIN = ("open", "high", "low")  # what a bar has beside its close


def read_bars(
    path: Path | Memory,
    name: str | None = None,
    closes_only: bool = False,
    span: tuple[np.datetime64, np.datetime64] | None = None,
) -> Bars:
    """Read daily or intraday bars; their `notes` say what was done.

    Parameters
    ----------
    path : a .csv or .parquet file with a date (or date and time) and open, high, low, close; volume
        and adjusted close if there are any; or the like in memory.
    name : short name; the file's own without suffix if None.
    closes_only : rows (or files, or a Series in memory) that have only a close are taken, the close standing
        for open, high and low; otherwise they are refused.
    span : the first and last session that matter: rows before and after are dropped unread, but for the
        last one before a first session that the file lacks. A file with no row inside is read whole.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, or its bars are refused.
    """
    table = read_table(path)
    if isinstance(path, Memory) and path.is_series and not closes_only:
        raise DataError(
            f"{path.name}: a Series has one price a date; "
            "bars need a DataFrame with open, high, low and close"
        )
    columns = _bar_columns(table, closes_only)
    _refuse_tickers(table)
    table = without_remarks(table, columns)
    simulated = _is_simulated(table)
    table, stamps = turned_round(table, read_stamps(table, columns, of_bars=True))
    if span is not None:
        table, stamps = _within(table, stamps, span)
    data = read_numbers(table, {c: columns[c] for c in (*PRICES, "volume", "adj_close") if c in columns})
    data = _completed(table, data, closes_only)
    keep = kept_rows(table, stamps, data)
    if not keep.all():
        table, stamps = table.take(keep), stamps[keep]
        data = {column: values[keep] for column, values in data.items()}
    stamps = whole_sessions(table, stamps)
    within_rounding(table, data)
    holds = holds_dividends(table, columns, name or path.stem)
    one_by_one = bool((np.diff(table.rows) == 1).all())
    return Bars(
        name=name or path.stem,
        source=table.source,
        timestamps=stamps,
        **data,
        simulated=simulated,
        first_row=int(table.rows[0]) if len(table) else 2,
        notes=tuple(table.notes),
        holds_dividends=holds,
        rows=None if one_by_one else table.rows,
    )


def value_heading(path: Path | Memory) -> str | None:
    """The heading of the one value that a table has by date; None if it has bars.

    Raises
    ------
    DataError
        If it cannot be read, or has neither.
    """
    table = read_table(path)
    if any(c in find_columns(table.frame, table.source, ("date",)) for c in WITHIN):
        return None
    try:
        return find_columns(table.frame, table.source, ("date", "rate"))["rate"]
    except DataError:
        return find_columns(table.frame, table.source, ("date", "close"))["close"]


def _bar_columns(table: Table, closes_only: bool) -> dict[str, str]:
    """The headings of bars, or of closes alone if those will do."""
    try:
        columns = find_columns(table.frame, table.source, ("date", "close"))
    except DataError:
        find_columns(table.frame, table.source, ("date", *PRICES))  # which says what is missing first
        raise
    if any(c in columns for c in WITHIN):
        return find_columns(table.frame, table.source, ("date", *PRICES))
    if not closes_only:
        raise DataError(
            f"{table.source}: no column for open, high or low; closes alone will do for `decay`, for "
            "`versus` and for an asset, but bars are needed here"
        )
    return columns


def _refuse_tickers(table: Table) -> None:
    for heading in table.frame.columns:
        if plain(heading) in TICKERS:
            tickers = [str(ticker) for ticker in table.frame[heading].dropna().unique()]
            if len(tickers) > 1:
                raise DataError(
                    f"{table.source}: it holds {len(tickers)} tickers ({', '.join(tickers[:12])}); "
                    "one at a time is wanted"
                )


def _within(table: Table, stamps: Stamps, span: tuple[np.datetime64, np.datetime64]) -> tuple[Table, Stamps]:
    """The rows of a span, and the last before it if its first session is not there."""
    days = stamps.astype("datetime64[D]")
    inside = np.flatnonzero((days >= span[0]) & (days <= span[1]))
    if not len(inside):
        return table, stamps
    first = int(inside[0])
    first = first if days[first] == span[0] else max(first - 1, 0)
    wanted = slice(first, int(inside[-1]) + 1)
    return table.take(wanted), stamps[wanted]


def _completed(table: Table, data: dict[str, Floats], closes_only: bool) -> dict[str, Floats]:
    """The columns of bars, with closes for open, high and low where they may stand for them."""
    none = np.full(len(table), np.nan)
    data = {**{c: data.get(c, none) for c in PRICES}, **{c: v for c, v in data.items() if c not in PRICES}}
    volume = data.get("volume", np.zeros(len(table)))
    if len(volume) and np.isnan(volume).all() and not np.isnan(data["close"]).all():
        table.note("its column of volume is empty")
        volume = np.zeros(len(table))
    if closes_only:
        bare = np.isnan([data[c] for c in WITHIN]).all(axis=0) & ~np.isnan(data["close"])
        if bare.any():
            for column in WITHIN:
                data[column] = np.where(bare, data["close"], data[column])
            volume = np.where(bare & np.isnan(volume), 0.0, volume)
            table.note(f"{bare.sum():,} rows have no open, high or low; their close stands for them")
    return {**data, "volume": volume}


def _is_simulated(table: Table) -> bool:
    """True if a column says so, as in our own files, or an attribute, as in `bars_frame`."""
    frame = table.frame
    said = any(str(c).lower() == "data" and (frame[c] == "SIMULATED").any() for c in frame.columns)
    return said or frame.attrs.get(SIMULATED) is True


@dataclass(frozen=True, eq=False)
class Percent:
    """A series in percent a year, as it stands.

    Parameters
    ----------
    dates : datetime64[D], shape (m,). values : percent, shape (m,). rows : the row of each.
    notes : what was done in reading it, a sentence each.
    """

    source: str
    dates: Stamps
    values: Floats
    rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]

    def refuse(self, bad: npt.NDArray[np.bool_], what: str) -> None:
        """Refuse the series if a value is bad.

        Parameters
        ----------
        bad : shape (m,). what : why, in words.

        Raises
        ------
        DataError
            If one is; the sentence names the first.
        """
        if bad.any():
            i = int(np.argmax(bad))
            raise DataError(
                f"{self.source}, row {self.rows[i]} ({self.dates[i]}): {what}; got {self.values[i]:g}"
            )

    def refuse_falling(self) -> None:
        """Raise DataError if the dates do not rise."""
        self.refuse(
            np.concatenate(([False], np.diff(self.dates) <= np.timedelta64(0, "D"))), "dates must rise"
        )


def read_percent(path: Path | Memory) -> Percent:
    """A series in percent a year. A date for which a file has no value is left out: the last one holds on.

    Raises
    ------
    DataError
        If it cannot be read, or has no rows.
    """
    table = read_table(path)
    columns = find_columns(table.frame, table.source, ("date", "rate"))
    table, stamps = turned_round(table, read_stamps(table, columns, of_bars=False))
    values = read_numbers(table, {"rate": columns["rate"]})["rate"]
    dates = stamps.astype("datetime64[D]")
    if not len(dates):
        raise DataError(f"{table.source}: there are no rows in it")
    if np.isnat(dates).any():
        raise DataError(f"{table.at(int(np.argmax(np.isnat(dates))))}: there is no date")
    missing = np.isnan(values)
    if table.served and missing.any() and not missing.all():
        table.note(
            f"{missing.sum():,} of {len(dates):,} days have no value, first {dates[missing][0]}; "
            "the last one before holds on"
        )
        table, dates, values = table.take(~missing), dates[~missing], values[~missing]
    return Percent(table.source, dates, values, table.rows, tuple(table.notes))


def read_rates(path: Path | Memory, notes: list[str] | None = None) -> tuple[Stamps, Floats]:
    """Dates (datetime64[D]) and short rates (fraction a year) from a file in percent a year.

    Parameters
    ----------
    notes : if given, what was done in reading is added to it, a sentence each.
    """
    read = read_percent(path)
    read.refuse(~np.isfinite(read.values), "the rate is missing or not a number")
    read.refuse(np.abs(read.values) > 30, "rates are percent a year, and none was ever beyond 30")
    read.refuse_falling()
    _refuse_fractions(read)
    if notes is not None:
        notes += read.notes
    return read.dates, read.values / 100.0


# Short rates were below this in percent a year only in these years; elsewhere such numbers are fractions.
LOW_RATES = 0.3
LOW_RATE_YEARS = {*range(2009, 2016), 2020, 2021}
NEVER_SO_LOW = 0.02  # for all of a series, even then


def _refuse_fractions(read: Percent) -> None:
    years = set((np.unique(read.dates.astype("datetime64[Y]")).astype(int) + 1970).tolist())
    largest = float(np.abs(read.values).max())
    if 0 < largest < (NEVER_SO_LOW if years <= LOW_RATE_YEARS else LOW_RATES):
        raise DataError(
            f"{read.source}: its largest rate is {largest:g}, which looks like a fraction; "
            "this reads percent a year, so 5 % is 5 and not 0.05"
        )
