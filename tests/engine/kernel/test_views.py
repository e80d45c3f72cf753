"""Views of arrays are what slices are."""

import numba
import numpy as np
import pytest

from engine.kernel.views import first_rows, row_upto


@numba.njit
def viewed(matrix, row, end):
    return row_upto(matrix, row, end).copy(), first_rows(matrix, row).copy()


@pytest.mark.parametrize(("row", "end"), [(0, 0), (0, 1), (2, 3), (3, 5)])
def test_a_view_is_the_slice(row, end):
    matrix = np.arange(20.0).reshape(4, 5)
    of_row, rows = viewed(matrix, row, end)
    assert of_row.tolist() == matrix[row, :end].tolist()
    assert rows.tolist() == matrix[:row].tolist()


@numba.njit(boundscheck=True)
def beyond(matrix, end, at):
    return row_upto(matrix, 0, end)[at]


def test_a_view_ends_where_it_is_said_to():
    matrix = np.arange(20.0).reshape(4, 5)
    assert beyond(matrix, 3, 2) == 2.0
    assert beyond(matrix, 3, -1) == 2.0
    with pytest.raises(IndexError):
        beyond(matrix, 3, 3)
