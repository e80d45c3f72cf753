"""Rows of a sweep's files: few of them are those of the whole columns."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from letf_instruments import DataError
from runs.sweeps.results.rows import Rows


@pytest.fixture
def files(tmp_path):
    """Two files of 7 and 3 rows, in row groups of 4."""
    made = []
    for name, first, count in (("0.parquet", 0, 7), ("1.parquet", 7, 3)):
        numbers = np.arange(first, first + count)
        table = pa.table(
            {
                "cell": numbers,
                "sharpe": [None if n == 5 else n / 10 for n in numbers.tolist()],
                "engine": [f"e{n}" for n in numbers.tolist()],
            }
        )
        pq.write_table(table, tmp_path / name, row_group_size=4)
        made.append(tmp_path / name)
    return made


@pytest.mark.parametrize("rows", [[], [0], [9, 0, 4, 3], [5, 6, 7], [2, 2]])
def test_a_few_rows_are_those_of_the_whole_columns_in_the_order_asked_for(files, rows):
    cells, sharpe, engine = Rows(files).pick(["cell", "sharpe", "engine"], np.array(rows, dtype=np.int64))
    whole = Rows(files)
    assert cells.tolist() == whole.numbers("cell", np.int64)[rows].tolist() == rows
    np.testing.assert_array_equal(sharpe.astype(float), whole.numbers("sharpe")[rows])
    assert engine.tolist() == [f"e{row}" for row in rows]


def test_a_whole_column_is_all_rows_of_all_files_in_order_with_nan_for_a_gap(files):
    cells = Rows(files).numbers("cell", np.int64)
    assert cells.dtype == np.int64
    assert cells.tolist() == list(range(10))
    expected = [n / 10 for n in range(10)]
    expected[5] = np.nan
    np.testing.assert_array_equal(Rows(files).numbers("sharpe"), expected)


def test_batches_are_all_rows_in_order_no_more_than_so_many_at_a_time(files):
    batches = list(Rows(files).batches(["engine", "cell"], 3))
    assert [batch.column(1).to_pylist() for batch in batches] == [[0, 1, 2], [3], [4, 5, 6], [7, 8, 9]]
    assert batches[1].column(0).to_pylist() == ["e3"]


def test_a_row_that_is_not_there_has_nothing(files):
    assert Rows(files).pick(["cell"], np.array([-1, 10, 9]))[0].tolist() == [None, None, 9]


def test_a_column_that_no_file_has_is_said(files):
    with pytest.raises(DataError, match=r"0\.parquet has no column 'profit'; another version wrote it"):
        Rows(files).pick(["profit"], np.array([0]))
    with pytest.raises(DataError, match="has no column 'profit'"):
        Rows(files).numbers("profit")


def test_a_file_that_is_none_is_said(tmp_path):
    (tmp_path / "0.parquet").write_bytes(b"no table")
    with pytest.raises(DataError, match=r"0\.parquet cannot be read: "):
        Rows([tmp_path / "0.parquet"]).numbers("cell")
