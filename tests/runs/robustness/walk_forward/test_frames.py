"""The files of windows that are set down by hand: a row a window, a row a session."""

import numpy as np
import pandas as pd
import pytest

from runs.robustness.walk_forward.frames import equity_frame, windows_frame
from tests.runs.robustness.walk_forward.by_hand import EQUITY, HINDSIGHT, INDEX, walked


@pytest.fixture(scope="module")
def found():
    return walked()


def test_a_row_a_window_with_sessions_parameters_and_both_sides(found):
    frame = windows_frame(found)
    assert list(frame["window"]) == [1, 2, 3]
    dates = frame[["train_first", "train_last", "test_first", "test_last"]].astype(str)
    assert dates.values.tolist() == [
        ["2018-01-01", "2018-01-08", "2018-01-15", "2018-01-19"],
        ["2018-01-08", "2018-01-15", "2018-01-22", "2018-01-26"],
        ["2018-01-15", "2018-01-22", "2018-01-29", "2018-01-31"],
    ]
    assert list(frame["cell"]) == [0, 2, 2]
    assert list(frame["rule.day"]) == ["0", "4", "4"]
    assert list(frame["in_sharpe"]) == [1.0, 2.0, 3.0]
    assert list(frame["out_sharpe"][:2]) == [0.5, -1.0]
    assert pd.isna(frame["out_sharpe"][2])
    assert list(frame["out_trades"]) == [2, 3, 0]
    np.testing.assert_allclose(frame["return"], [0.1, 99 / 110 - 1, 99.01 / 99 - 1])
    np.testing.assert_allclose(frame["hold_index"], [0.05, 84 / 105 - 1, 92.4 / 84 - 1])
    assert list(frame["closing"]) == [0.3, 0.2, 0.0]


def test_the_returns_of_the_windows_compound_to_the_account(found):
    assert (1 + windows_frame(found)["return"]).prod() == pytest.approx(99.01 / 100)


def test_a_row_a_session_numbered_by_the_window_that_traded_it(found):
    frame = equity_frame(found)
    assert frame.index.name == "date"
    assert [str(day)[:10] for day in frame.index[[0, 1, -1]]] == ["2018-01-12", "2018-01-15", "2018-01-31"]
    assert list(frame["window"]) == [0, *[1] * 5, *[2] * 5, *[3] * 3]  # 0: the close before the first
    assert list(frame.columns) == ["equity", "window", "hindsight", "hold_index"]
    for name, wanted in (("equity", EQUITY), ("hindsight", HINDSIGHT), ("hold_index", INDEX)):
        np.testing.assert_array_equal(frame[name], wanted)
