"""Where windows lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments import SpecError
from runs.robustness.walk_forward.windows import Window, span, windows_of


def test_by_hand():
    rolling = windows_of(100, 40, 20, 5, anchored=False)
    assert rolling == [Window(0, 39, 45, 64), Window(20, 59, 65, 84), Window(40, 79, 85, 99)]
    anchored = windows_of(100, 40, 20, 5, anchored=True)
    assert anchored == [Window(0, 39, 45, 64), Window(0, 59, 65, 84), Window(0, 79, 85, 99)]
    # Four sessions are less than a quarter of a test, and are left out.
    assert windows_of(89, 40, 20, 5, anchored=False) == rolling[:2]


@given(
    sessions=st.integers(30, 3_000),
    train=st.integers(20, 800),
    test=st.integers(5, 300),
    gap=st.integers(0, 60),
    anchored=st.booleans(),
)
def test_whatever_the_lengths(sessions, train, test, gap, anchored):
    if sessions < train + gap + test:
        with pytest.raises(SpecError, match="too few for a window"):
            windows_of(sessions, train, test, gap, anchored)
        return
    found = windows_of(sessions, train, test, gap, anchored)
    tests = np.concatenate([np.arange(w.test_first, w.test_last + 1) for w in found])
    assert (np.diff(tests) == 1).all()  # without a hole, and none twice
    assert tests[0] == train + gap
    assert sessions - 1 - tests[-1] < max(0.25 * test, 5)
    for w in found:
        assert w.test_first - w.train_last - 1 == gap  # really purged
        assert w.train_first == 0 if anchored else w.train_last - w.train_first + 1 == train


@pytest.mark.parametrize(
    ("given", "sessions"), [("3y", 756), ("6m", 126), ("500", 500), ("40s", 40), (250, 250), ("0.5y", 126)]
)
def test_lengths(given, sessions):
    assert span("train", given) == sessions


@pytest.mark.parametrize("wrong", ["", "y", "3d", "-1y", "0", 0, None, 2.5, True, "three years"])
def test_what_is_no_length(wrong):
    with pytest.raises(SpecError, match=r"train is .* it must be a length such as"):
        span("train", wrong)


def test_too_short_to_choose_on():
    with pytest.raises(SpecError, match="train is 19 sessions"):
        windows_of(500, 19, 20, 5, anchored=False)
    with pytest.raises(SpecError, match="test is 4 sessions"):
        windows_of(500, 20, 4, 5, anchored=False)
