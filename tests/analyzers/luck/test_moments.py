"""Skewness and kurtosis as scipy has them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kurtosis, skew

from analyzers.luck import shape_of


@given(st.integers(0, 10_000), st.integers(3, 600), st.sampled_from([1e-6, 0.01, 1e4]), st.floats(-1, 1))
def test_as_scipy_has_them(seed, size, scale, mean):
    returns = mean * scale + scale * np.random.default_rng(seed).standard_t(3, size=size)
    expected = skew(returns), kurtosis(returns, fisher=False)
    assert shape_of(returns) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_by_hand():
    assert shape_of(np.array([0.0, 0.0, 0.0, 4.0])) == pytest.approx(
        (2 / math.sqrt(3), 7 / 3)
    )  # m₂ 3, m₃ 6, m₄ 21


@pytest.mark.parametrize("value", [0.0, 0.01])
def test_returns_that_never_differ_have_no_shape(value):
    assert all(math.isnan(each) for each in shape_of(np.full(7, value)))
