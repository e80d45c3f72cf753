"""From the bytes of a file to a table: encoding, separators, headings, and which row each line is."""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.reading.headings import is_heading, refuse_twice
from feeds.reading.memory import FIRST_ROW, Memory
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEAD = 60  # lines among which headings are looked for
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_FOOTER = re.compile(r"[A-Za-z]{3,}\W+.*[A-Za-z]{2,}")


@dataclass(frozen=True, eq=False)
class Table:
    """A table as its source has it: strings from a .csv, numbers and dates otherwise.

    Parameters
    ----------
    source : what messages call it. rows : the row of each line as a spreadsheet counts, shape (n,).
    notes : what was done in reading, a sentence each; readers add to it.
    served : as a vendor serves it, so that its order and its odd rows are that vendor's way. In a script's
        own frame they are mistakes, which are refused.
    """

    source: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    notes: list[str] = field(default_factory=list)
    served: bool = True

    def __len__(self) -> int:
        return len(self.frame)

    def at(self, i: int) -> str:
        """Source and row of line i, to begin a sentence with."""
        return f"{self.source}, row {self.rows[i]}"

    def note(self, sentence: str) -> None:
        """Say what was done."""
        self.notes.append(f"{self.source}: {sentence}")

    def take(self, lines: slice | npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Table:
        """Some of the lines, or all in another order."""
        frame = self.frame.iloc[lines].reset_index(drop=True)
        return replace(self, frame=frame, rows=self.rows[lines])


def counted(n: int, what: str) -> str:
    """A number and what it counts: 1 row, 2 rows."""
    return f"{n:,} {what}{'s' * (int(n) != 1)}"


def read_table(path: Path | Memory) -> Table:
    """A table from a .csv or .parquet file, or from memory.

    Raises
    ------
    DataError
        If there is no such file, it is no table, has a known heading twice or several tickers, or a row has
        more fields than there are headings.
    """
    if isinstance(path, Memory):
        frame = path.table()
        return Table(path.name, frame, np.arange(len(frame)) + FIRST_ROW, served=False)
    if not path.exists():
        raise DataError(f"{path}: there is no such file")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path.name}: this reads .csv and .parquet files, not {path.suffix or 'this'}")
    try:
        return _of_parquet(path) if path.suffix.lower() == ".parquet" else _of_csv(path)
    except DataError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path.name}: cannot be read as {path.suffix[1:]} ({reason})") from None


def _of_parquet(path: Path) -> Table:
    import pandas as pd

    frame = pd.read_parquet(path)
    if frame.columns.nlevels > 1:
        frame = Memory(path.name, frame).table()
    elif not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    return Table(path.name, frame, np.arange(len(frame)) + 2)


def _of_csv(path: Path) -> Table:
    notes: list[str] = []
    text = decoded(path.read_bytes(), path.name, notes)
    lines = _lines(text)
    separator, first = _layout(lines[:HEAD])
    reader = csv.reader(lines[first:], delimiter=separator, skipinitialspace=True)
    rows, records = [], []
    for record in reader:
        if len(record) > 1 or any(value.strip() for value in record):  # else a blank line
            records.append(record)
            rows.append(first + reader.line_num)
    if separator != ",":
        notes.append(f"{path.name}: its columns are separated by {SEPARATORS[separator]}")
    if any(line.strip() and not line.lower().startswith("sep=") for line in lines[:first]):
        notes.append(f"{path.name}: {counted(first, 'line')} above its headings left out")
    skipped = _of_tickers(records, path.name)
    if skipped is None:
        refuse_twice(records[0] if records else [], path.name)
    _refuse_surplus(records, rows, path.name, skipped or 0)
    frame = _parsed("".join(lines[first:]), separator)
    if len(frame) == len(rows) - 1:
        numbers = np.array(rows[1:], dtype=np.int64)
    else:  # quotes that pandas and csv read differently
        numbers = np.arange(len(frame)) + first + 2
    if skipped is not None:
        frame = frame.set_axis(["Date", *records[skipped][1:]], axis=1).iloc[2:].reset_index(drop=True)
        numbers = numbers[2:]
    table = Table(path.name, frame, numbers, notes)
    if (
        len(records) > 2
        and len(records[0]) > 2
        and _is_footer(records[-1])
        and len(frame) == len(records) - 1
    ):
        table.note("the words below its last row left out")
        table = table.take(slice(-1))
    return table


def decoded(raw: bytes, source: str, notes: list[str]) -> str:
    """The text of a file: UTF-8 or UTF-16, marked or not, else as Western spreadsheets write it.

    Raises
    ------
    DataError
        If it is no text.
    """
    coding = next((coding for mark, coding in _MARKS if raw.startswith(mark)), "utf-8")
    if coding == "utf-8":
        # Without a mark, the zero halves of UTF-16's ASCII tell which half comes first.
        halves = {"utf-16-le": raw[1:200:2], "utf-16-be": raw[0:200:2]}
        coding = next((name for name, half in halves.items() if 2 * half.count(0) > len(half)), coding)
    text = _as_text(raw, coding)
    if text is None and coding == "utf-8":
        coding = "Windows-1252"
        text = _as_text(raw, coding)
    if text is None or any(chr(code) in text for code in range(32) if chr(code) not in "\t\n\v\f\r"):
        raise DataError(f"{source}: this is no text; a table of dates and prices is wanted")
    if not coding.startswith("utf-8"):
        notes.append(f"{source}: read as {coding.upper()[:6] if coding.startswith('utf') else coding}")
    return text


def _as_text(raw: bytes, coding: str) -> str | None:
    try:
        return raw.decode(coding)
    except UnicodeDecodeError:
        return None


def _lines(text: str) -> list[str]:
    """Its lines with their ends, as both csv and pandas count them."""
    return list(io.StringIO(text, newline=""))


def _layout(lines: list[str]) -> tuple[str, int]:
    """What separates columns, and the number of lines above the headings."""
    for sure in (True, False):
        for separator in SEPARATORS:
            for number, line in enumerate(lines):
                if separator in line and is_heading(_fields(line, separator), sure):
                    return separator, number
    return ",", next((number for number, line in enumerate(lines) if line.strip()), 0)


def _fields(line: str, separator: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=separator, skipinitialspace=True), [])


def _of_tickers(records: list[list[str]], source: str) -> int | None:
    """Which of yfinance's three rows of headings (Price, Ticker, Date) has the prices; None without them."""
    first = [record[0].strip() for record in records[:2] if record]
    if len(records) < 4 or first not in (["Price", "Ticker"], ["Ticker", "Price"]):
        return None
    at = first.index("Price")
    tickers = list(dict.fromkeys(name.strip() for name in records[1 - at][1:] if name.strip()))
    if len(tickers) > 1:
        raise DataError(
            f"{source}: it holds {len(tickers)} tickers ({', '.join(tickers[:12])}); one at a time is wanted"
        )
    return at


def _refuse_surplus(records: list[list[str]], rows: list[int], source: str, headings: int) -> None:
    """Refuse rows with more fields than headings, of which pandas would drop the last in silence."""
    width = len(records[headings]) if records else 0
    for record, row in zip(records, rows, strict=True):
        if len(record) > width and any(value.strip() for value in record[width:]):
            raise DataError(
                f"{source}, row {row}: {len(record)} fields, but the headings are {width}; a number with a "
                "comma in it must be quoted, or the columns be separated by semicolons"
            )


def _is_footer(record: list[str]) -> bool:
    return not any(value.strip() for value in record[1:]) and bool(_FOOTER.search(record[0]))


def _parsed(text: str, separator: str) -> pd.DataFrame:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)  # a comma at the end of each row
        return pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, skipinitialspace=True, index_col=False
        )
