"""Bars and rates that a script holds in memory, as a source beside files: pandas frames with a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from feeds.reading.headings import HEADINGS, plain
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

# What a loader takes where a source is named.
Source: TypeAlias = "str | Path | Memory | pd.DataFrame | pd.Series | Mapping[str, pd.DataFrame | pd.Series]"

FIRST_ROW = 1  # a frame has no row of headings, so its first row is 1
# Names of a Series that say what it is of, not of which: frame["Close"] is called so.
_COLUMNS = {"open", "high", "low", "volume", "rate", "ratepct", "value", "close", "adjclose", "adjustedclose"}


@dataclass(frozen=True, eq=False, repr=False)
class Memory:
    """A table in memory, read as a file of that name would be.

    Parameters
    ----------
    name : as a file's without its ending. Messages and reports show it, and the name of a known index
        ("SOX", "nasdaq") brings that index's dividends with it.
    frame : copied, so that later changes to it change nothing here. A DataFrame has the columns that a file
        has, in any letter case, and its dates in the index or in a column of dates (in the index, if in
        both); two levels of headings, as yfinance makes them, are understood where they are of one ticker.
        A Series, or one ticker's column of such a table, has closes, or percent a year, by date.

    Raises
    ------
    DataError
        If it is neither, is empty, has no dates, has a column twice, or holds several tickers.
    """

    name: str
    frame: pd.DataFrame | pd.Series

    def __post_init__(self) -> None:
        import pandas as pd

        if not isinstance(self.name, str) or not self.name.strip() or not self.name.isprintable():
            raise DataError(f"data in memory are named {self.name!r}; a name such as 'SOX' is wanted")
        if not isinstance(self.frame, (pd.DataFrame, pd.Series)):
            raise DataError(
                f"{self.name}: a name, a path, a pandas DataFrame or a Series is wanted, "
                f"not {type(self.frame).__name__}"
            )
        frame = self.frame.copy(deep=True)
        frame.index = frame.index.copy(deep=True)  # pandas shares the index even in a deep copy
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "_table", _laid_out(frame, self.name))

    @classmethod
    def of(cls, given: Source, default_name: str) -> Memory:
        """What a person gave, with a name: the one given with it, else one found in it, else `default_name`.

        Parameters
        ----------
        given : a DataFrame, a Series, one of them with its name as {name: frame}, or a `Memory`. A name
            found in it is a Series's own or the ticker of yfinance's headings, without Yahoo's caret.

        Raises
        ------
        DataError
            If it is none of these; else as `Memory`.
        """
        if isinstance(given, Memory):
            return given
        if isinstance(given, Mapping):
            if len(given) != 1:
                have = ", ".join(str(name) for name in given) or "none"
                raise DataError(f"{default_name}: one frame is wanted, as {{name: frame}}; here are {have}")
            return cls(*next(iter(given.items())))
        found = _name_in(given, default_name)
        return cls(found or default_name, given)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Memory({self.name!r}, {len(self.frame):,} rows)"

    @property
    def stem(self) -> str:
        """The name, which has no ending; so that a path and this can be asked alike."""
        return self.name

    @property
    def is_series(self) -> bool:
        """True if there is one value a date, and no bar."""
        return self.frame.ndim == 1 or _is_prices_by_ticker(self.frame)

    def table(self) -> pd.DataFrame:
        """The frame as a file of it would be read: dates in a column, one level of headings."""
        return self._table  # type: ignore[attr-defined,no-any-return]


def source_of(given: Source, default_name: str) -> str | Memory:
    """A name or path as text, all else as `Memory`."""
    return str(given) if isinstance(given, (str, Path)) else Memory.of(given, default_name)


def _laid_out(frame: pd.DataFrame | pd.Series, name: str) -> pd.DataFrame:
    attributes = dict(frame.attrs)
    if frame.ndim == 1:
        frame = frame.to_frame("close")
    else:
        frame, _ = _of_one_ticker(frame, name)
    if not len(frame) or not len(frame.columns):
        raise DataError(f"{name}: there are no rows in it")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(f"{name}: its column {twice[0]} comes twice; each heading is wanted once")
    table = _with_dates(frame, name)
    table.attrs = attributes
    return table


def _with_dates(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame with its dates in a column, whichever way it had them."""
    import pandas as pd

    index = frame.index
    dated = [c for c in frame.columns if plain(c) in HEADINGS["date"]]
    if pd.api.types.is_datetime64_any_dtype(index.dtype):
        clocks = [c for c in frame.columns if plain(c) in HEADINGS["time"]]
        frame = frame.drop(columns=[*dated, *clocks])
    elif dated:
        return frame.reset_index(drop=True)
    elif index.nlevels > 1:
        levels = ", ".join(str(level) for level in index.names)
        raise DataError(f"{name}: its index has {index.nlevels} levels ({levels}); one of dates is wanted")
    elif not (pd.api.types.is_object_dtype(index.dtype) or pd.api.types.is_string_dtype(index.dtype)):
        raise DataError(
            f"{name}: no dates; its index is of {index.dtype}, a DatetimeIndex or a column date is wanted"
        )
    table = frame.reset_index(drop=True)
    table.insert(0, "date", index)
    return table


def _of_one_ticker(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, str | None]:
    """The frame with one level of headings, and the ticker that the other level named, if there was one."""
    columns = frame.columns
    if _is_prices_by_ticker(frame):
        tickers = [str(ticker) for ticker in columns]
        kept = frame.set_axis(["close"] * len(columns), axis=1)
    elif columns.nlevels == 1:
        return frame, None
    else:
        level = _level_of_tickers(frame, name)
        values = columns.get_level_values(level)
        tickers = list(dict.fromkeys(str(ticker) for ticker in values if str(ticker)))  # a date has none
        kept = frame.set_axis(columns.droplevel(level), axis=1)
    if len(tickers) != 1:
        raise DataError(
            f"{name}: it holds {len(tickers)} tickers ({', '.join(tickers[:12])}); one at a time is wanted"
        )
    return kept, tickers[0]


def _level_of_tickers(frame: pd.DataFrame, name: str) -> int:
    columns = frame.columns
    named = [i for i, label in enumerate(columns.names) if plain(label) == "ticker"]
    headed = [
        i
        for i in range(columns.nlevels)
        if "close" in {plain(heading) for heading in columns.get_level_values(i)}
    ]
    if columns.nlevels == 2 and len(named) == 1:
        return named[0]
    if columns.nlevels == 2 and len(headed) == 1:
        return 1 - headed[0]
    raise DataError(
        f"{name}: its headings have {columns.nlevels} levels; one is wanted, or two of price and ticker"
    )


def _is_prices_by_ticker(frame: pd.DataFrame) -> bool:
    """True for yfinance's frame["Close"], whose columns are tickers."""
    return bool(frame.columns.nlevels == 1 and frame.columns.name == "Ticker")


def _name_in(given: object, default_name: str) -> str | None:
    """A name that a frame brings along."""
    import pandas as pd

    found = None
    if isinstance(given, pd.Series) and isinstance(given.name, str) and plain(given.name) not in _COLUMNS:
        found = given.name
    elif isinstance(given, pd.DataFrame):
        _, found = _of_one_ticker(given, default_name)
    return found.lstrip("^") if found else None
