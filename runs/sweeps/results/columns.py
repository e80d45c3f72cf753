"""The columns of a sweep's table: a cell's number, its values, its numbers, what ran it, why it did not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from runs.sweeps.engines.engine import Evaluated
from runs.sweeps.results.arrow import column_of, texts_of
from runs.sweeps.space.axes import shown
from runs.sweeps.space.cells import BESIDE, METRICS, WHOLE
from runs.sweeps.space.grid import Axis, Grid, Ints

METADATA = b"letf-lab"  # under which a file says what it is of
# A column of lists: by block the sums of a cell's daily returns over the short rate, then those of their
# squares.
BLOCKS = "blocks"


def axis_type(axis: Axis) -> pa.DataType:
    """bool, int64 or float64 if all values are of that kind (None aside), else string."""
    values = [value for value in axis.values if value is not None]
    if values and all(isinstance(value, bool) for value in values):
        return pa.bool_()
    if values and all(isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2**63 for v in values):
        return pa.int64()
    if values and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return pa.float64()
    return pa.string()


def schema(
    grid: Grid, about: dict[str, Any], metrics: tuple[str, ...] = METRICS, blocks: int = 0
) -> pa.Schema:
    """The schema of cells.parquet; `about` goes into its metadata as JSON, `metrics` and `blocks` are those
    of the job."""
    fields = [pa.field("cell", pa.int64(), nullable=False)]
    fields += [pa.field(axis.key, axis_type(axis)) for axis in grid.axes]
    fields += [pa.field(name, pa.int64() if name in WHOLE else pa.float64()) for name in metrics]
    fields += [pa.field("engine", pa.string()), pa.field("refused", pa.string())]
    if blocks:
        fields.append(pa.field(BLOCKS, pa.list_(pa.float32(), 2 * blocks)))
    return pa.schema(fields, metadata={METADATA: json.dumps(about, ensure_ascii=False)})


def repeated(shape: pa.Schema) -> list[str]:
    """The columns of which a file has a dictionary: their values repeat. Of numbers that hardly do it takes
    twice as long to write, and a quarter more room."""
    hardly = {"cell", BLOCKS, *METRICS, *BESIDE}.difference(WHOLE)
    return [name for name in shape.names if name not in hardly]


def table_of(grid: Grid, shape: pa.Schema, cells: Ints, found: Evaluated) -> pa.Table:
    """A row for each cell."""
    columns = [column_of(cells.astype(np.int64))]
    digits = grid.digits(cells)
    for i, axis in enumerate(grid.axes):
        columns.append(_values(axis, shape.field(1 + i).type).take(column_of(digits[:, i])))
    for name in (name for name in (*METRICS, *BESIDE) if name in shape.names):
        numbers = np.asarray(found[name], dtype=np.float64)
        missing = np.isnan(numbers)
        if name in WHOLE:
            columns.append(column_of(np.where(missing, 0, numbers).round().astype(np.int64), missing))
        else:
            columns.append(column_of(numbers, missing))
    columns += [texts_of(found[name]) for name in ("engine", "refused")]
    if BLOCKS in shape.names:
        sums = np.asarray(found[BLOCKS], dtype=np.float32).reshape(len(cells), -1)
        columns.append(pa.FixedSizeListArray.from_arrays(column_of(sums.ravel()), sums.shape[1]))
    return pa.table(columns, schema=shape)


def _values(axis: Axis, kind: pa.DataType) -> pa.Array:
    """A column of an axis's values."""
    if kind == pa.string():
        return texts_of([None if value is None else shown(value) for value in axis.values])
    missing = np.array([value is None for value in axis.values])
    given = np.array([0 if value is None else value for value in axis.values])
    return column_of(
        given.astype({pa.bool_(): np.bool_, pa.int64(): np.int64}.get(kind, np.float64)), missing
    )
