"""What is whole but for rounding, and what rounding may be."""

import pytest

from letf_instruments.sizes import dust, whole


@pytest.mark.parametrize(
    ("size", "shares"),
    [
        (99.9999999999, 100.0),
        (-99.9999999999, -100.0),
        (99.99, 99.0),
        (-0.5, 0.0),
        (100.0000000001, 100.0),
        (1e12 - 0.01, 1e12 - 1),  # a hundredth of a share is no rounding, however many there are
    ],
)
def test_what_is_whole_but_for_rounding_is_whole(size, shares):
    assert whole(size) == shares


def test_dust_is_a_share_of_the_size_with_a_floor_and_a_ceiling():
    assert dust(0.001) == pytest.approx(1e-9)
    assert dust(-1_000.0) == pytest.approx(1e-6)
    assert dust(1e12) == pytest.approx(1e-3)
