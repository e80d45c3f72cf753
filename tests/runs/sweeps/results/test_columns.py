"""The columns of the table: each axis in the type of its values, what is not defined as null."""

import numpy as np
import pyarrow as pa
import pytest

from runs.sweeps.results.columns import axis_type, schema, table_of
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((1, 2, None), pa.int64()),
        ((1, 2.5), pa.float64()),
        ((True, False), pa.bool_()),
        ((True, 2), pa.string()),
        ((0.1, "atr_stop", None), pa.string()),
        ((["rsi"], []), pa.string()),
        ((None,), pa.string()),
    ],
)
def test_a_column_has_the_type_of_its_values(values, kind):
    assert axis_type(Axis("rule.a", values)) == kind


def test_a_row_holds_its_cells_values_and_numbers():
    grid = Grid((Axis("rule.a", (5, None)), Axis("plan.b", (0.1, "level", ["x", 1]))))
    found = {name: np.array([1.0, np.nan, 3.0]) for name in METRICS}
    found |= {"refused": [None, "no", None], "engine": ["kernel"] * 3}
    rows = table_of(grid, schema(grid, {"name": "n"}), np.array([0, 2, 4]), found).to_pylist()
    assert [(r["cell"], r["rule.a"], r["plan.b"]) for r in rows] == [
        (0, 5, "0.1"),
        (2, 5, '["x", 1]'),
        (4, None, "level"),
    ]
    assert [r["sharpe"] for r in rows] == [1.0, None, 3.0]
    assert [r["trades"] for r in rows] == [1, None, 3]
    assert [r["refused"] for r in rows] == [None, "no", None]
