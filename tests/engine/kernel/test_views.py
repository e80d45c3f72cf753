"""Views of arrays are what slices are."""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

from engine.kernel.views import borrowed, keep, matrix, pointer, row_upto, vector


@numba.njit
def viewed(table, row, end):
    start = pointer(table)
    return row_upto(table, row, end).copy(), matrix(start, row, 5).copy(), vector(start, end).copy()


@pytest.mark.parametrize(("row", "end"), [(0, 0), (0, 1), (2, 3), (3, 5)])
def test_a_view_is_the_slice(row, end):
    table = np.arange(20.0).reshape(4, 5)
    of_row, rows, numbers = viewed(table, row, end)
    assert of_row.tolist() == table[row, :end].tolist()
    assert rows.tolist() == table[:row].tolist()
    assert numbers.tolist() == table[0, :end].tolist()


@numba.njit
def doubled(table):
    numbers = vector(pointer(table), table.size)
    for i in range(len(numbers)):
        numbers[i] *= 2.0


def test_what_is_written_to_a_view_is_in_the_array():
    table = np.arange(6.0).reshape(2, 3)
    doubled(table)
    assert table.tolist() == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]


@numba.njit(boundscheck=True)
def beyond(matrix, end, at):
    return row_upto(matrix, 0, end)[at]


def test_a_view_ends_where_it_is_said_to():
    matrix = np.arange(20.0).reshape(4, 5)
    assert beyond(matrix, 3, 2) == 2.0
    assert beyond(matrix, 3, -1) == 2.0
    with pytest.raises(IndexError):
        beyond(matrix, 3, 3)


@pytest.mark.parametrize("table", [np.arange(6).reshape(2, 3), np.arange(6.0).reshape(2, 3).T])
def test_the_address_of_what_is_no_floats_row_by_row_is_not_given(table):
    with pytest.raises(TypingError, match="floats that lie row by row are wanted"):
        doubled(table)


class Pair(NamedTuple):
    numbers: Any
    count: int


@numba.njit
def borrowing(pair, rows):
    pair = borrowed(pair)
    owned = np.zeros((rows, 2)), np.zeros(rows)
    table, sums = borrowed(owned)
    for t in range(len(pair.numbers)):
        table[t % rows, t % 2] += pair.numbers[t] * pair.count
        sums[t % rows] += pair.numbers[t]
    total = table.sum() + sums.sum()
    keep(owned)
    return total, owned


def test_a_borrowed_array_is_the_array_itself():
    total, (table, sums) = borrowing(Pair(np.arange(5.0), 2), 3)
    assert total == (0 + 1 + 2 + 3 + 4) * 3
    assert table.tolist() == [[0.0, 6.0], [8.0, 2.0], [4.0, 0.0]]
    assert sums.tolist() == [3.0, 5.0, 2.0]


def test_borrowing_leaves_the_count_of_references_as_it_was():
    numbers = np.arange(5.0)
    before = sys.getrefcount(numbers)
    for _ in range(100):
        borrowing(Pair(numbers, 2), 3)
    assert sys.getrefcount(numbers) == before
    assert numbers.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
