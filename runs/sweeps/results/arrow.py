"""Columns between numpy and Arrow. pyarrow's own `array` and `to_numpy` import pandas first, whoever calls
them, which takes as long as a thousand cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from letf_instruments.errors import DataError

KINDS = {np.dtype("i8"): pa.int64(), np.dtype("f8"): pa.float64(), np.dtype("f4"): pa.float32()}
DTYPES = {own: kind for kind, own in KINDS.items()} | {pa.uint8(): np.dtype("u1")}


def column_of(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of numbers or of true and false; null where `missing`."""
    values = np.ascontiguousarray(values)
    validity = None if missing is None or not missing.any() else _packed(~missing)
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), len(values), [validity, _packed(values)])
    return pa.Array.from_buffers(KINDS[values.dtype], len(values), [validity, pa.py_buffer(values)])


def texts_of(values: Sequence[str | None]) -> pa.Array:
    """A column of strings; null for None."""
    made = pa.lib.StringBuilder()
    made.append_values(list(values))
    return made.finish()


def numbers_of(given: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """The numbers of a column, or true and false; NaN for null, so that of whole numbers floats are made.

    Raises
    ------
    DataError
        If it is of another kind, as no table of ours is.
    """
    if isinstance(given, pa.ChunkedArray):
        parts = [numbers_of(part) for part in given.chunks]
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.zeros(0)])
    if pa.types.is_boolean(given.type):
        if given.null_count:
            raise DataError("a column of true and false has gaps, where this reads one without")
        return numbers_of(given.cast(pa.uint8())).astype(np.bool_)
    if given.type not in DTYPES:
        raise DataError(
            f"a column is of type {given.type}, where numbers are wanted: another program wrote it"
        )
    kind, content = DTYPES[given.type], given.buffers()[1]
    if not len(given):
        return np.zeros(0, kind)
    values = np.frombuffer(content, kind, len(given), given.offset * kind.itemsize)
    if not given.null_count:
        return values
    return np.where(numbers_of(given.is_null()), np.nan, values)


def items_of(given: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """The same, or the strings of a column as objects."""
    if not pa.types.is_string(given.type):
        return numbers_of(given)
    found = np.empty(len(given), dtype=object)
    found[:] = given.to_pylist()
    return found


def _packed(flags: npt.NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
