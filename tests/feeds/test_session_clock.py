"""The exchange's clock: when a bar ends and which is the session's last, from stamps that have arrived."""

import numpy as np
import pytest

from feeds.session_clock import bar_ends


def stamps(day, first, last, step):
    begin = np.datetime64(day, "D").astype("datetime64[m]")
    return begin + np.arange(first, last + 1, step).astype("timedelta64[m]")


def test_bars_stamped_with_their_beginning_end_a_step_later():
    found, ends = bar_ends(stamps("2024-06-03", 570, 955, 5))
    assert found[1] == 580
    assert found[-1] == 960
    assert np.flatnonzero(ends).tolist() == [77]


def test_bars_stamped_with_their_end_end_there():
    found, ends = bar_ends(stamps("2024-06-03", 575, 960, 5))
    assert found[-1] == 960
    assert np.flatnonzero(ends).tolist() == [77]


def test_before_independence_day_the_session_ends_at_one():
    _, ends = bar_ends(stamps("2024-07-03", 570, 775, 5))
    assert np.flatnonzero(ends).tolist() == [41]


def test_a_daily_bar_ends_with_its_session():
    days = np.array(["2024-07-02", "2024-07-03", "2024-07-05"], dtype="datetime64[D]")
    minute, ends = bar_ends(days)
    assert minute.tolist() == [960, 780, 960]
    assert ends.all()


def test_a_session_whose_last_bar_is_missing_has_no_last_bar():
    _, ends = bar_ends(stamps("2024-06-03", 570, 945, 5))
    assert not ends.any()


@pytest.mark.parametrize("first", [570, 575])
def test_no_later_stamp_is_needed(first):
    days = [stamps(day, first, 955 + (first - 570), 5) for day in ("2024-07-02", "2024-07-03", "2024-07-05")]
    every = np.concatenate(days)
    minute, ends = bar_ends(every)
    for n in (1, 2, 30, 78, 79, 160, len(every)):
        cut, last = bar_ends(every[:n])
        np.testing.assert_array_equal(cut, minute[:n])
        np.testing.assert_array_equal(last, ends[:n])
