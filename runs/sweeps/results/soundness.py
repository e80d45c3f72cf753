"""Whether a sweep's files are as they were written: row counts and checksums, of the table by chunk and of
the manifest itself. What is sound of a damaged table is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from letf_instruments.errors import DataError
from runs.sweeps.results.arrow import column_of, numbers_of

Facts = dict[str, Any]

CHECKSUM = b"checksum"  # under which a part says what its rows came to
DIGITS = 16  # hexadecimal, of a SHA-256
TABLE, OWN = "table", "checksum"  # keys of the manifest
BROKEN = (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError, pa.ArrowException, DataError)


def checksum(rows: pa.Table) -> str:
    """Of names, types and values, however they lie in a file."""
    digest = hashlib.sha256()
    for field, column in zip(rows.schema, rows.columns, strict=True):
        some = column.null_count > 0
        missing = numbers_of(column.is_null()) if some else np.zeros(len(column), dtype=bool)
        kind = str(field.type)
        if pa.types.is_fixed_size_list(field.type):  # whose items a file calls by another name
            kind = f"{field.type.value_type}[{field.type.list_size}]"
        digest.update(f"{field.name}\0{kind}\0{len(missing)}\0".encode())
        digest.update(np.packbits(missing).tobytes())
        if pa.types.is_string(field.type):
            texts = column.drop_null().combine_chunks().dictionary_encode()  # mostly one text many times
            each = [text.encode() for text in texts.dictionary.to_pylist()]
            each = [len(text).to_bytes(8, "little") + text for text in each]
            digest.update(b"".join(map(each.__getitem__, texts.indices.to_pylist())))
        elif pa.types.is_fixed_size_list(field.type):
            digest.update(numbers_of(column.combine_chunks().flatten()).tobytes())
        else:
            digest.update(numbers_of(column.drop_null() if some else column).tobytes())
    return digest.hexdigest()[:DIGITS]


def signed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with its own checksum, by which one that was changed afterwards is known."""
    rest = {key: value for key, value in manifest.items() if key != OWN}
    return {**rest, OWN: _of_manifest(rest)}


def is_changed(manifest: Mapping[str, Any]) -> bool:
    """True if a manifest is not as it was written; one without a checksum cannot be told from it."""
    own = manifest.get(OWN)
    return own is not None and own != _of_manifest({k: v for k, v in manifest.items() if k != OWN})


def _of_manifest(rest: Mapping[str, Any]) -> str:
    text = json.dumps(rest, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def part_rows(path: Path) -> pa.Table | None:
    """The rows of a part; None if it is not as it was written."""
    try:
        rows = pq.read_table(path)
        said = (rows.schema.metadata or {}).get(CHECKSUM)
        return rows if said is None or said.decode() == checksum(rows) else None
    except BROKEN:
        return None


def facts_of(file: Path, lengths: Sequence[int], sums: Mapping[int, str] = MappingProxyType({})) -> Facts:
    """What the manifest says of a whole table: rows, SHA-256 of the file, and rows and checksum by chunk.
    Memory is that of a row group.

    Parameters
    ----------
    lengths : rows of each chunk, in order.
    sums : checksums by chunk, where whoever wrote them knows; the table is read only if one is missing.
    """
    known = [sums.get(chunk) for chunk in range(len(lengths))]
    if None in known:
        known = [checksum(rows) for rows in _in_chunks(file, lengths)]
    chunks = [list(pair) for pair in zip(lengths, known, strict=True)]
    with file.open("rb") as content:
        own = hashlib.file_digest(content, "sha256").hexdigest()
    return {"rows": sum(lengths), "sha256": own, "chunks": chunks}


def _in_chunks(file: Path, lengths: Sequence[int]) -> Iterator[pa.Table]:
    """The rows of a table in order, chunk by chunk."""
    waiting: pa.Table | None = None
    batches = pq.ParquetFile(file).iter_batches()
    for length in lengths:
        while waiting is None or len(waiting) < length:
            more = pa.Table.from_batches([next(batches)])
            waiting = more if waiting is None else pa.concat_tables([waiting, more])
        yield waiting.slice(0, length).combine_chunks()
        waiting = waiting.slice(length)


def damage(file: Path, manifest: Mapping[str, Any]) -> str | None:
    """What is wrong with a whole table, in words; None if it is as it was written."""
    said = manifest.get(TABLE)
    try:
        rows = pq.read_metadata(file).num_rows
    except BROKEN:
        return "it cannot be read"
    wanted = manifest["sweep"]["cells"] if said is None else said["rows"]
    if rows != wanted and (said is not None or manifest["sweep"].get("search") is None):
        return f"it has {rows:,} rows, {wanted:,} were written"
    if said is not None:
        with file.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != said["sha256"]:
                return "its checksum is not that with which it was written"
    return None


def sound_chunks(file: Path, manifest: Mapping[str, Any], cells: Sequence[np.ndarray]) -> dict[int, pa.Table]:
    """The chunks of a damaged table that are as they were written, by number.

    Parameters
    ----------
    cells : of each chunk.
    """
    written = (manifest.get(TABLE) or {}).get("chunks")
    if written is None or len(written) != len(cells):
        return {}
    try:
        table = pq.read_table(file)
        there = numbers_of(table["cell"])
    except BROKEN:
        return {}
    found = {}
    for chunk, (mine, (_, said)) in enumerate(zip(cells, written, strict=True)):
        at = np.flatnonzero((there >= mine[0]) & (there <= mine[-1]))
        _, first = np.unique(there[at], return_index=True)  # rows that are there twice count once
        rows = table.take(column_of(at[first])).combine_chunks()
        if checksum(rows) == said:
            found[chunk] = rows
    return found
