"""The figures of windows that are set down by hand, worked out by hand."""

import datetime

import pytest

from runs.robustness.walk_forward.figures import (
    axis_changes,
    beat_cash,
    interest_earned,
    mean_of,
    walk_metrics,
    window_return,
)
from tests.runs.robustness.walk_forward.by_hand import LENGTHS, walked


@pytest.fixture(scope="module")
def found():
    return walked()


def test_a_window_s_return_begins_at_the_close_before_it(found):
    own = [window_return(found, step) for step in found.steps]
    assert own == pytest.approx([0.10, 99 / 110 - 1, 99.01 / 99 - 1])
    index = [window_return(found, step, "index") for step in found.steps]
    assert index == pytest.approx([0.05, 84 / 105 - 1, 92.4 / 84 - 1])


def test_a_mean_counts_each_window_by_its_sessions_and_leaves_out_what_is_not_known(found):
    assert mean_of(found, [1.0, 2.0, 6.0]) == pytest.approx((5 * 1 + 5 * 2 + 3 * 6) / 13)
    assert mean_of(found, [1.0, None, 6.0]) == pytest.approx((5 * 1 + 3 * 6) / 8)
    assert mean_of(found, [None, None, None]) is None
    assert sum(LENGTHS) == 13


def test_a_gain_smaller_than_what_cash_earns_does_not_beat_it(found):
    """Of the last window: 0.0101 % from Friday 2018-01-26 to Wednesday, where 2 % a year make 0.0278 %."""
    assert str(found.test[-4]) == "2018-01-26"
    gain, cash = window_return(found, found.steps[2]), 0.02 * 5 / 360
    assert 0 < gain < cash
    assert beat_cash(found) == pytest.approx(1 / 3)
    assert walk_metrics(found)["windows_gained"] == pytest.approx(2 / 3)


def test_changes_are_counted_between_windows_and_in_steps_of_the_axis(found):
    assert axis_changes(found) == [("rule.day", 1, 2.0)]  # from the first of three values to the last, once
    assert axis_changes(walked([1, 1, 1])) == [("rule.day", 0, None)]
    assert axis_changes(walked([1, 0, 2])) == [("rule.day", 2, 1.5)]


def test_the_metrics_are_of_all_windows_put_together(found):
    m = walk_metrics(found)
    days = (datetime.date(2018, 1, 31) - datetime.date(2018, 1, 12)).days
    cagr = 0.9901 ** (365.25 / days) - 1
    assert m["out_total_return"] == pytest.approx(-0.0099)
    assert m["out_cagr"] == pytest.approx(cagr)
    assert m["out_max_drawdown"] == pytest.approx(99 / 110 - 1)
    assert m["hindsight_total_return"] == pytest.approx(0.5)
    assert m["hold_index_max_drawdown"] == pytest.approx(84 / 105 - 1)
    inside = (5 * 0.2 + 5 * 0.4 + 3 * 0.1) / 13
    assert m["in_cagr"] == pytest.approx(inside)
    assert m["efficiency"] == pytest.approx(cagr / inside)
    assert m["in_sharpe"] == pytest.approx((5 * 1 + 5 * 2 + 3 * 3) / 13)
    assert m["out_sharpe_mean"] == pytest.approx((5 * 0.5 - 5 * 1.0) / 10)  # not defined in the last
    assert m["windows_beat_index"] == pytest.approx(2 / 3)
    assert m["closing_costs"] == pytest.approx(0.5)
    assert (m["windows"], m["train"], m["test"], m["gap"]) == (3, 6, 5, 4)
    assert (m["trades"], m["different_choices"], m["cells"]) == (5, 2, 3)
    assert (m["changed_rule.day"], m["steps_rule.day"]) == (1, 2.0)
    assert (m["first"], m["last"]) == ("2018-01-12", "2018-01-31")


def test_interest_is_that_of_all_windows(found):
    assert interest_earned(found) == pytest.approx(1.5)
