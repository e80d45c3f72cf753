"""Scales of a metric that hardly differs."""

import numpy as np
import pytest

from runs.sweeps.pictures.looks import limits


@pytest.mark.parametrize("value", [0.7, -1e-12, 0.0, 1e15])
def test_values_that_differ_by_rounding_alone_get_the_scale_of_one_value(value):
    values = np.array([value, np.nextafter(value, np.inf), value, np.nan])
    low, high, cut = limits(values)
    assert cut == "neither"
    assert low < value < high
    assert high - low >= 0.9 * abs(value)
    np.histogram(values[:3], bins=9, range=(low, high))  # as matplotlib counts them
    assert limits(np.array([value]))[:2] == pytest.approx((low, high))


def test_a_scale_is_cut_for_a_far_cell_and_not_for_rounding_around_the_middle():
    middle = np.linspace(1.0, 2.0, 200)
    assert limits(np.append(middle, 50.0))[2] == "max"
    # 200 cells are one value but for rounding; the far one is the scale.
    assert limits(np.append(1.0 + 1e-15 * middle, 2.0)) == (pytest.approx(1.0), 2.0, "neither")
