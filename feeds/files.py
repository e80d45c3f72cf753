"""Bars and rates from CSV and Parquet files, and from frames in memory: Yahoo, Stooq and plain headings, in
any letter case."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feeds.bars import PRICES, Bars
from feeds.frames import SIMULATED
from feeds.headings import HEADINGS, plain
from feeds.memory import FIRST_ROW, Memory
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


def read_bars(
    path: Path | Memory,
    name: str | None = None,
    notes: list[str] | None = None,
    span: tuple[np.datetime64, np.datetime64] | None = None,
) -> Bars:
    """Read daily or intraday bars.

    Parameters
    ----------
    path : a .csv or .parquet file with a date (or date and time) and open, high, low, close; volume
        and adjusted close if there are any; or the like in memory.
    name : short name; the file's own without suffix if None.
    notes : if given, rows that have only a close are taken, the close standing for open, high and low,
        and a sentence is added that says so; otherwise they are refused. So is a Series in memory.
    span : the first and last session that matter: rows before and after are dropped unread, but for the
        last one before a first session that the file lacks. A file with no row inside is read whole.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, or its bars are refused.
    """
    frame, first_row = _read(path)
    if isinstance(path, Memory) and path.is_series:
        if notes is None:
            raise DataError(
                f"{path.name}: a Series has one price a date; "
                "bars need a DataFrame with open, high, low and close"
            )
        frame = frame.assign(open=np.nan, high=np.nan, low=np.nan)
    columns = _columns(frame, path, need=("date", *PRICES))
    if span is not None:
        days = _stamps(frame, columns, path, first_row).astype("datetime64[D]")
        inside = np.flatnonzero((days >= span[0]) & (days <= span[1]))
        if len(inside):
            first = int(inside[0])
            first = first if days[first] == span[0] else max(first - 1, 0)
            frame = frame.iloc[first : int(inside[-1]) + 1].reset_index(drop=True)
            first_row += first
    data = {c: _numbers(frame[columns[c]], c, path, first_row) for c in PRICES}
    volume = columns.get("volume")
    adj = columns.get("adj_close")
    volumes = _numbers(frame[volume], "volume", path, first_row) if volume else np.zeros(len(frame))
    if notes is not None:
        bare = np.isnan(data["open"]) & np.isnan(data["high"]) & np.isnan(data["low"])
        if bare.any():
            for column in ("open", "high", "low"):
                data[column] = np.where(bare, data["close"], data[column])
            volumes = np.where(bare & np.isnan(volumes), 0.0, volumes)
            notes.append(
                f"{path.name}: {bare.sum():,} rows have no open, high or low; their close stands for them"
            )
    return Bars(
        name=name or path.stem,
        source=path.name,
        timestamps=_stamps(frame, columns, path, first_row),
        **data,
        volume=volumes,
        adj_close=_numbers(frame[adj], "adj_close", path, first_row) if adj else None,
        simulated=_is_simulated(frame),
        first_row=first_row,
    )


def read_percent(path: Path | Memory) -> tuple[np.ndarray, np.ndarray, int]:
    """A series in percent a year: dates (datetime64[D]), values as they stand, and the row of the first."""
    frame, first_row = _read(path)
    columns = _columns(frame, path, need=("date", "rate"))
    percent = _numbers(frame[columns["rate"]], "rate", path, first_row)
    dates = _stamps(frame, columns, path, first_row).astype("datetime64[D]")
    if not len(dates):
        raise DataError(f"{path.name}: there are no rows in it")
    if np.isnat(dates).any():
        raise DataError(f"{path.name}, row {first_row + int(np.argmax(np.isnat(dates)))}: there is no date")
    return dates, percent, first_row


def read_rates(path: Path | Memory) -> tuple[np.ndarray, np.ndarray]:
    """Dates (datetime64[D]) and short rates (fraction a year) from a file in percent a year."""
    dates, percent, first_row = read_percent(path)
    for bad, what in (
        (~np.isfinite(percent), "the rate is missing or not a number"),
        (np.abs(percent) > 30, "rates are percent a year, and none was ever beyond 30"),
        (np.concatenate(([False], np.diff(dates) <= np.timedelta64(0, "D"))), "dates must rise"),
    ):
        if bad.any():
            i = int(np.argmax(bad))
            raise DataError(f"{path.name}, row {first_row + i} ({dates[i]}): {what}; got {percent[i]:g}")
    _refuse_fractions(path, dates, percent)
    return dates, percent / 100.0


# Short rates were below this in percent a year only in these years; elsewhere such numbers are fractions.
LOW_RATES = 0.3
LOW_RATE_YEARS = {*range(2009, 2016), 2020, 2021}
NEVER_SO_LOW = 0.02  # for all of a series, even then


def _refuse_fractions(path: Path | Memory, dates: np.ndarray, percent: np.ndarray) -> None:
    years = set((np.unique(dates.astype("datetime64[Y]")).astype(int) + 1970).tolist())
    largest = float(np.abs(percent).max())
    if 0 < largest < (NEVER_SO_LOW if years <= LOW_RATE_YEARS else LOW_RATES):
        raise DataError(
            f"{path.name}: its largest rate is {largest:g}, which looks like a fraction; "
            "this reads percent a year, so 5 % is 5 and not 0.05"
        )


def _read(path: Path | Memory) -> tuple[pd.DataFrame, int]:
    """The table as strings or numbers, and the row of its first line of data as a spreadsheet counts."""
    import pandas as pd

    if isinstance(path, Memory):
        return path.table(), FIRST_ROW
    if not path.exists():
        raise DataError(f"{path}: there is no such file")
    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
            if not isinstance(frame.index, pd.RangeIndex):
                frame = frame.reset_index()
            return frame, 2
        if path.suffix.lower() != ".csv":
            raise DataError(f"{path.name}: this reads .csv and .parquet files, not {path.suffix or 'this'}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)  # a comma at the end of each row
            frame = pd.read_csv(path, dtype=str, skipinitialspace=True, index_col=False)
    except DataError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path.name}: cannot be read as {path.suffix[1:]} ({reason})") from None
    # yfinance writes three heading rows: Price, Ticker, Date.
    if len(frame) > 2 and frame.columns[0] == "Price" and str(frame.iloc[0, 0]) == "Ticker":
        return frame.iloc[2:].rename(columns={"Price": "Date"}).reset_index(drop=True), 4
    return frame, 2


def _is_simulated(frame: pd.DataFrame) -> bool:
    """True if a column says so, as in our own files, or an attribute, as in `bars_frame`."""
    said = any(str(c).lower() == "data" and (frame[c] == "SIMULATED").any() for c in frame.columns)
    return said or frame.attrs.get(SIMULATED) is True


def _columns(frame: pd.DataFrame, path: Path | Memory, need: tuple[str, ...]) -> dict[str, str]:
    known = {plain(c): c for c in reversed(list(frame.columns))}
    found = {}
    for wanted, names in HEADINGS.items():
        for name in names:
            if name in known:
                found[wanted] = known[name]
                break
    for wanted in need:
        if wanted not in found:
            have = ", ".join(str(c) for c in frame.columns[:12])
            raise DataError(f"{path.name}: no column for {wanted}; its headings are {have}")
    return found


def _numbers(column: pd.Series, name: str, path: Path | Memory, first_row: int) -> np.ndarray:
    import pandas as pd

    # pandas would make numbers of dates, periods, truths and half of a complex number.
    if column.dtype.kind in "mMcb" or isinstance(column.dtype, pd.PeriodDtype):
        raise DataError(f"{path.name}: {name} is of {column.dtype}; numbers are wanted")
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    unread = np.isnan(values) & column.notna().to_numpy()
    if unread.any():
        i = int(np.argmax(unread))
        raise DataError(f"{path.name}, row {first_row + i}: {name} {column.iloc[i]!r} is not a number")
    return values


def _stamps(frame: pd.DataFrame, columns: dict[str, str], path: Path | Memory, first_row: int) -> np.ndarray:
    import pandas as pd

    column = frame[columns["date"]]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.map(lambda t: t.isoformat(sep=" "))
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy().astype("datetime64[us]")
    text = column.astype(str).str.strip()
    if "time" in columns:
        clock = frame[columns["time"]].astype(str).str.strip()
        digits = clock.str.fullmatch(r"\d{6}")
        clock = clock.where(~digits, clock.str[:2] + ":" + clock.str[2:4] + ":" + clock.str[4:])
        text = text + " " + clock
    compact = text.str.match(r"^\d{8}(\s|$)")
    text = text.where(~compact, text.str[:4] + "-" + text.str[4:6] + "-" + text.str[6:])
    offset = text.str.contains(_OFFSET) & text.str.contains(":")
    if offset.any():
        wall = text.str.replace(_OFFSET, "", regex=True)
        clock = pd.to_datetime(wall, format="ISO8601", errors="coerce").dt.time.astype(str)
        in_utc = text.str.fullmatch(r".*(?:Z|[+-]00:?00)").all()
        if not in_utc or (clock == "00:00:00").all():
            text = wall  # the exchange's own time; midnight for daily bars
        else:
            utc = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
            return utc.dt.tz_convert("America/New_York").dt.tz_localize(None).to_numpy("datetime64[us]")
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if stamps.isna().all():
        stamps = pd.to_datetime(text, format="%m/%d/%Y", errors="coerce")
    if stamps.isna().any():
        i = int(np.argmax(stamps.isna().to_numpy()))
        raise DataError(
            f"{path.name}, row {first_row + i}: {text.iloc[i]!r} is not a date; write it as 2020-03-16"
        )
    return stamps.to_numpy("datetime64[us]")
