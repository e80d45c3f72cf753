"""The table of a whole sweep, made of its chunks in order as they come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 65_536
AHEAD = 64  # chunks that are kept while those before them are awaited; more are read again from their parts


class Merge:
    """Writes row groups of the same size, whatever that of the chunks. Memory is that of a few of them.

    Parameters
    ----------
    part : where a chunk's part lies.
    """

    def __init__(self, writer: pq.ParquetWriter, shape: pa.Schema, part: Callable[[int], Path]) -> None:
        self._writer, self._shape, self._part = writer, shape, part
        self._next = 0
        self._ahead: dict[int, pa.Table] = {}
        self._waiting: list[pa.Table] = []
        self._count = 0  # rows of those

    def add(self, chunk: int, rows: pa.Table) -> None:
        """Rows that have just been put into a part, or that of a chunk before them."""
        if len(self._ahead) < AHEAD:
            self._ahead[chunk] = rows
        while self._next in self._ahead:
            self._take(self._ahead.pop(self._next))

    def finish(self, chunks: int) -> None:
        """Take what is not there yet from its parts, and write all that is left."""
        while self._next < chunks:
            rows = self._ahead.pop(self._next, None)
            self._take(_read(self._part(self._next)) if rows is None else rows)
        if self._count:
            self._write(pa.concat_tables(self._waiting))

    def _take(self, rows: pa.Table) -> None:
        self._next += 1
        self._waiting.append(rows.cast(self._shape))
        self._count += len(rows)
        if self._count >= ROW_GROUP:
            every = pa.concat_tables(self._waiting)
            while len(every) >= ROW_GROUP:
                self._write(every.slice(0, ROW_GROUP))
                every = every.slice(ROW_GROUP)
            self._waiting, self._count = [every], len(every)

    def _write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.combine_chunks().replace_schema_metadata(self._shape.metadata))


def _read(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as part:  # `read_table` buffers more than the part itself
        return part.read(use_threads=False)
