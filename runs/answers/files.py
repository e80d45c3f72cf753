"""Files of results: their content as bytes, and how they are written whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from letf_instruments import LetfError

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED = ".writing"  # ends the name of a file on its way


def content_of(made: Any, simulated: bool) -> bytes:
    """The bytes of a file: JSON of a mapping, CSV of a frame, bytes as they are."""
    if isinstance(made, bytes):
        return made
    return as_json(made) if isinstance(made, Mapping) else frame_csv(made, simulated)


def as_json(content: Any) -> bytes:
    """JSON for a person to read: indented, no NaN.

    Raises
    ------
    LetfError
        If a number is infinite or none.
    """
    try:
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    except ValueError:
        names = [str(key) for key, value in content.items() if _is_no_number(value)]
        raise LetfError(
            f"no finite number comes out of this for {', '.join(names) or 'a figure'}: prices or amounts are "
            "out of all proportion"
        ) from None
    return (text + "\n").encode("utf-8")


def _is_no_number(value: Any) -> bool:
    return isinstance(value, float) and not np.isfinite(value)


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], simulated: bool) -> bytes:
    """A CSV; numbers with twelve digits. Simulated data carry a last column that says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    mark = ["SIMULATED"] if simulated else []
    writer.writerow([*headings, *(["data"] if simulated else [])])
    for row in rows:
        writer.writerow([*(f"{v:.12g}" if isinstance(v, float) else v for v in row), *mark])
    return text.getvalue().encode("utf-8")


def frame_csv(frame: pd.DataFrame, simulated: bool) -> bytes:
    """A frame as `as_csv` writes it: its index first if it has a name, empty where there is no value."""
    columns = {str(frame.index.name): frame.index.to_series()} if frame.index.name is not None else {}
    columns |= {str(name): frame.iloc[:, i] for i, name in enumerate(frame.columns)}
    cells = [_column(column) for column in columns.values()]
    return as_csv(list(columns), zip(*cells, strict=True), simulated)


def _column(column: pd.Series) -> list[Any]:
    """The values of a column as CSV has them: days without a clock, moments to the second."""
    if column.dtype.kind == "M":
        stamps = column.to_numpy()
        there = ~np.isnat(stamps)
        whole = (stamps == stamps.astype("datetime64[D]")) | ~there
        text = stamps.astype(f"datetime64[{'D' if whole.all() else 's'}]").astype(str)
        return np.where(there, text, "").tolist()
    return ["" if value is None or value != value else value for value in column.tolist()]


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    LetfError
        If it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise LetfError(f"cannot write {path}: {error.strerror or error}") from None


def write_whole(path: Path, content: Any, lasting: bool = True) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails.

    Parameters
    ----------
    lasting : False does not wait until it is on the disk. If the power fails before it is, what is there may
        be damaged: only for what is checked as it is read, and can be made again.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.
    """
    with written_whole(path, lasting) as file:
        file.write(content)


@contextlib.contextmanager
def written_whole(path: Path, lasting: bool = True) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its place once it is written, and on the disk if it is to last."""
    work = path.with_name(path.name + UNFINISHED)
    try:
        with work.open("wb") as file:
            yield file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.replace(work, path)
    finally:
        with contextlib.suppress(OSError):
            work.unlink(missing_ok=True)
    if lasting:
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Make a rename last; where a folder cannot be flushed, it lasts anyway or cannot be helped."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
