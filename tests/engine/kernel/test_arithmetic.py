"""Compiled arithmetic is that of Python."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.arithmetic import towards_zero, whole_part
from letf_instruments.sizes import whole

SIZES = st.floats(-1e30, 1e30) | st.floats(-1e3, 1e3) | st.integers(-(10**20), 10**20).map(float)


@given(SIZES)
def test_whole_shares_are_those_of_the_broker_however_many_there_are(size):
    assert whole_part(size) == whole(size)
    assert towards_zero(size) == math.trunc(size)


@pytest.mark.parametrize("size", [-0.5, 0.5, -0.0])
def test_less_than_a_share_is_none_without_a_sign(size):
    assert math.copysign(1.0, whole_part(size)) == math.copysign(1.0, towards_zero(size)) == 1.0
