"""Fetched files in the data folder: which they are, and how they are written whole or not at all.

`fetched.json` beside them holds, by name, Yahoo's symbol and the SHA-256 of what was written. A file that is
not in it, or not as it was written, is a person's own, and is never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.bars import Bars
from feeds.reading.files import read_bars
from feeds.sources import files_in
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

RECORD = "fetched.json"
LISTED = 12  # names in a sentence


@dataclass(frozen=True)
class Entry:
    """symbol : Yahoo's. sha256 : of the file, and of the one that it replaced: who is stopped between writing
    this and that has the one or the other."""

    symbol: str
    sha256: tuple[str, ...]


def kept_file(folder: Path, name: str) -> Path:
    """Where a fetched file is, or would be."""
    return folder / f"{name}.csv"


def entries(folder: Path) -> dict[str, Entry]:
    """What was fetched into a folder, by name.

    Raises
    ------
    DataError
        If the record of it cannot be read.
    """
    path = folder / RECORD
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): Entry(str(entry["symbol"]), tuple(map(str, entry["sha256"])))
            for name, entry in found.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}, which says what was fetched, cannot be read ({type(error).__name__}); restore it, or "
            "delete it and the files that were fetched, and fetch them again"
        ) from None


def refuse_own(folder: Path, name: str, symbol: str) -> None:
    """Refuse to write where a person's own file is, or another symbol's.

    Raises
    ------
    DataError
        If one is there; the sentence says what to do.
    """
    entry = entries(folder).get(name)
    for path in files_in(folder):
        if path.stem.lower() != name.lower():
            continue
        if path != kept_file(folder, name) or entry is None:
            raise DataError(
                f"{path} is there, and was not fetched by `letf data get`; move it away or rename it to "
                f"fetch {name}"
            )
        if not _as_fetched(path, entry):
            raise DataError(_changed(path, name))
        if entry.symbol != symbol:
            raise DataError(
                f"{path} holds Yahoo's {entry.symbol}; move it away or rename it to fetch {symbol}"
            )


def own_entry(folder: Path, name: str) -> Entry:
    """The entry of a file that is to be updated.

    Raises
    ------
    DataError
        If it is not there, was not fetched, or has been changed since.
    """
    path, entry = kept_file(folder, name), entries(folder).get(name)
    if not path.is_file():
        others = [other.name for other in files_in(folder) if other.stem.lower() == name.lower()]
        if others:
            raise DataError(_not_fetched(others))
        raise DataError(f"there is no {path.name} in {folder}; `letf data get {name}` fetches it")
    if entry is None:
        raise DataError(_not_fetched([path.name]))
    if not _as_fetched(path, entry):
        raise DataError(_changed(path, name))
    return entry


def to_update(folder: Path) -> tuple[list[str], list[str]]:
    """The names of all files that may be updated, and a sentence on each kind that may not.

    Raises
    ------
    DataError
        If the record cannot be read.
    """
    known = entries(folder)
    names, others, said = [], [], []
    for path in files_in(folder):
        entry = known.get(path.stem) if path == kept_file(folder, path.stem) else None
        if entry is None:
            others.append(path.name)
        elif _as_fetched(path, entry):
            names.append(path.stem)
        else:
            said.append(f"skipped: {_changed(path, path.stem)}")
    if others:
        said.append(f"skipped: {_not_fetched(others)}")
    return names, said


def _not_fetched(files: list[str]) -> str:
    listed = ", ".join(files[:LISTED])
    more = f" and {len(files) - LISTED:,} more" if len(files) > LISTED else ""
    return f"{listed}{more} {'was' if len(files) == 1 else 'were'} not fetched by `letf data get`"


def _changed(path: Path, name: str) -> str:
    return (
        f"{path} was changed after it was fetched; move it away or rename it, and `letf data get {name}` "
        "fetches it again"
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_fetched(path: Path, entry: Entry) -> bool:
    try:
        return _digest(path) in entry.sha256
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None


def kept_rows(path: Path) -> pd.DataFrame:
    """The rows of a fetched file by date, every number as it was written."""
    import pandas as pd

    text = pd.read_csv(path, index_col="Date", parse_dates=["Date"], dtype=str)  # numpy reads every digit
    return text.astype({column: "int64" if column == "Volume" else "float64" for column in text})


def keep(folder: Path, name: str, symbol: str, frame: pd.DataFrame) -> Bars:
    """Write rows by date as FOLDER/NAME.csv, once they have passed as bars; what was there stays otherwise.

    Raises
    ------
    DataError
        If the bars are refused, or nothing can be written.
    """
    path = kept_file(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as work:
            new, record = Path(work) / path.name, Path(work) / RECORD
            text = frame.to_csv(index_label="Date", date_format="%Y-%m-%d", lineterminator="\n")
            _write(new, text)
            try:
                bars = read_bars(new, name)
            except DataError as error:
                raise DataError(
                    f"what Yahoo has of {symbol} is refused, and nothing was written: {error}"
                ) from None
            before = (_digest(path),) if path.exists() else ()
            known = {**entries(folder), name: Entry(symbol, (_digest(new), *before))}
            content = {
                each: {"symbol": entry.symbol, "sha256": list(entry.sha256)}
                for each, entry in sorted(known.items())
            }
            _write(record, json.dumps(content, indent=2) + "\n")
            os.replace(record, folder / RECORD)
            os.replace(new, path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}") from None
    return bars


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
