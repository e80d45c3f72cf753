"""Cells are numbered as a person would count, the last axis fastest."""

import numpy as np

from runs.sweeps.space.grid import Axis, Grid

GRID = Grid((Axis("rule.a", (7, 8)), Axis("plan.b", ("x", "y", None))))


def test_the_last_axis_runs_fastest():
    assert GRID.size == 6
    assert [tuple(GRID.values(cell).values()) for cell in range(6)] == [
        (7, "x"),
        (7, "y"),
        (7, None),
        (8, "x"),
        (8, "y"),
        (8, None),
    ]


def test_digits_are_positions_on_the_axes():
    assert GRID.digits(np.array([0, 2, 5])).tolist() == [[0, 0], [0, 2], [1, 2]]


def test_a_grid_may_be_larger_than_any_array():
    wide = Grid(tuple(Axis(f"rule.p{i}", tuple(range(10))) for i in range(18)))
    assert wide.size == 10**18
    assert list(wide.values(123_456_789_012_345_678).values()) == [
        int(digit) for digit in "123456789012345678"
    ]
