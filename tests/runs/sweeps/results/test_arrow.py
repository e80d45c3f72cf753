"""Columns made and read without pandas are those that pyarrow makes and reads."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import DataError
from runs.sweeps.results.arrow import column_of, items_of, numbers_of, texts_of

KINDS = {
    np.dtype(kind): own for kind, own in (("i8", pa.int64()), ("f8", pa.float64()), ("f4", pa.float32()))
}


@given(st.sampled_from([*KINDS, np.dtype(bool)]), st.lists(st.tuples(st.integers(0, 9), st.booleans())))
def test_numbers_become_the_column_that_pyarrow_makes_of_them(kind, drawn):
    values = np.array([value for value, _ in drawn]).astype(kind)
    missing = np.array([gone for _, gone in drawn], dtype=bool)
    made = column_of(values, missing)
    made.validate(full=True)
    assert made.equals(pa.array(values, KINDS.get(kind, pa.bool_()), mask=missing))


@given(st.lists(st.none() | st.floats(-9, 9)), st.integers(0, 3), st.integers(0, 9))
def test_a_part_of_a_column_is_read_as_pyarrow_reads_it(values, first, length):
    for part in (pa.array(values, pa.float64()), pa.array([None if v is None else int(v) for v in values])):
        if part.type != pa.null():
            given_ = part.slice(first, length)
            np.testing.assert_array_equal(numbers_of(given_), given_.to_numpy(zero_copy_only=False))
            both = pa.chunked_array([given_, part])
            np.testing.assert_array_equal(numbers_of(both), both.to_numpy())


def test_true_and_false_and_texts_are_read_as_they_are():
    assert numbers_of(pa.array([True, False, True]).slice(1)).tolist() == [False, True]
    assert texts_of(["a", None, "ü"]).to_pylist() == ["a", None, "ü"]
    assert items_of(texts_of(["a", None])).tolist() == ["a", None]
    assert items_of(column_of(np.array([1.0, 2.0]))).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "given", [pa.array([True, None]), pa.array(["a"]), pa.array([1], pa.int32()), pa.nulls(2)]
)
def test_what_no_table_of_ours_has_is_refused_in_a_sentence(given):
    with pytest.raises(DataError, match="a column"):
        numbers_of(given)


def test_pandas_is_not_imported_for_it():
    said = (
        "import sys, numpy as np; from runs.sweeps.results.arrow import *; "
        "numbers_of(column_of(np.arange(3.0), np.arange(3) > 1)); items_of(texts_of(['a'])); "
        "sys.exit('pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", said], check=True)
