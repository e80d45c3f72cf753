"""What sets a picture's scale, and which points of a cloud are drawn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from runs.answers.closer import Line
from runs.answers.scales import DOTS, dots, leaving, sets_scale

MAIN = [np.array([100.0, 400.0]), np.array([100.0, 50.0])]


def test_what_falls_far_below_the_rest_does_not_set_the_scale():
    assert sets_scale(np.array([100.0, 2.6]), MAIN)  # 50 / 20 = 2.5
    assert not sets_scale(np.array([100.0, 2.5]), MAIN)
    assert not sets_scale(np.array([100.0, 0.0]), MAIN)
    assert sets_scale(np.array([100.0, 2.5]), MAIN, times=1_000)
    assert sets_scale(np.array([np.nan, 60.0]), MAIN)


def test_what_rises_far_above_is_asked_for():
    high = np.array([100.0, 9_000.0])
    assert sets_scale(high, MAIN)
    assert not sets_scale(high, MAIN, above=True)  # 400 × 20 = 8,000
    assert sets_scale(high, MAIN, times=30, above=True)


def test_those_that_leave_it_are_named():
    one = Line("one", MAIN[0], "rule")
    two, three = (Line(name, MAIN[1], "fund", scales=False) for name in ("two", "three"))
    assert leaving([one]) == ""
    assert leaving([one, two, three]) == "two, three may leave the scale (“fit every line”)."


@given(arrays.arrays(np.float64, st.integers(1, 4_000), elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_of_a_cloud_the_lowest_and_highest_are_always_drawn(values):
    places = dots(values)
    known = np.flatnonzero(~np.isnan(values))
    assert len(places) <= DOTS
    assert (np.diff(places) > 0).all()
    assert set(places) <= set(known)
    if len(known) <= DOTS:
        assert (places == known).all()
    if len(known):
        assert values[places].min() == values[known].min()
        assert values[places].max() == values[known].max()
        assert np.diff(np.concatenate(([-1], np.searchsorted(known, places)))).max() <= len(known) / 1_000 + 2
