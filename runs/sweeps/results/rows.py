"""The rows of a sweep's files as they lie there: whole columns, or a few rows of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError
from runs.sweeps.results.arrow import column_of, items_of, numbers_of
from runs.sweeps.results.memory import give_back

Ints = npt.NDArray[np.int64]
Column = npt.NDArray[Any]


class Rows:
    """Those of some Parquet files, one after the other.

    Raises
    ------
    DataError
        From every method, if a file cannot be read or has no such column.
    """

    def __init__(self, files: list[Path]) -> None:
        self._files = files

    def numbers(self, column: str, kind: type = np.float64) -> Column:
        """A whole column of numbers; of floats NaN for a gap. That and a batch are all that is in memory."""
        count = sum(parquet.metadata.num_rows for parquet in self._open([column]))
        out, begin = np.empty(count, kind), 0
        for batch in self.batches([column]):
            out[begin : begin + batch.num_rows] = numbers_of(batch.column(0))
            begin += batch.num_rows
        return out

    def pick(self, columns: list[str], rows: Ints) -> list[Column]:
        """The columns of these rows only, as objects: no more than one column of a row group is in memory,
        however large the table is, and of those alone that have one of the rows."""
        out = [np.full(len(rows), None, dtype=object) for _ in columns]
        first = 0
        for parquet in self._open(columns):
            for group in range(parquet.num_row_groups):
                count = parquet.metadata.row_group(group).num_rows
                here = (rows >= first) & (rows < first + count)
                for i, mine in enumerate(out) if here.any() else ():
                    found = parquet.read_row_group(group, [columns[i]], use_threads=False).column(0)
                    mine[here] = items_of(found.take(column_of(rows[here] - first)))
                first += count
        give_back()
        return out

    def batches(self, columns: list[str], rows: int = 1 << 17) -> Iterator[Any]:
        """All rows, these columns only, no more than so many at a time."""
        for parquet in self._open(columns):
            # One row group after the other: what has been read of all of them is kept until the last.
            for group in range(parquet.num_row_groups):
                for batch in parquet.iter_batches(rows, [group], columns):
                    yield batch.select(columns)
        give_back()

    def _open(self, columns: list[str]) -> Iterator[Any]:
        for file in self._files:
            parquet = parquet_file(file)
            for column in columns:
                if column not in parquet.schema_arrow.names:
                    raise DataError(f"{file} has no column {column!r}; another version wrote it")
            yield parquet


def joined(parts: list[Any]) -> Column:
    """The numbers of a column's parts."""
    return np.concatenate([numbers_of(part) for part in parts] or [np.zeros(0)])


def parquet_file(file: Path) -> Any:
    """A file, opened.

    Raises
    ------
    DataError
        One sentence, if it cannot be read.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(file)
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise DataError(f"{file} cannot be read: {str(error).splitlines()[0]}") from None
