"""The last sessions of periods, known beforehand."""

import datetime

import numpy as np
import pytest

from feeds.calendars import sessions_between
from feeds.periods import is_last_of_period, last_of_period
from letf_instruments import SpecError

DAYS = sessions_between("XNYS", np.datetime64("2024-01-02"), np.datetime64("2024-12-31"))
LAST = {
    # Good Friday 2024 was 29 March; Memorial Day and the others fall inside their weeks.
    "month": [
        "01-31",
        "02-29",
        "03-28",
        "04-30",
        "05-31",
        "06-28",
        "07-31",
        "08-30",
        "09-30",
        "10-31",
        "11-29",
        "12-31",
    ],
    "quarter": ["03-28", "06-28", "09-30", "12-31"],
    "year": ["12-31"],
}


@pytest.mark.parametrize("every", LAST)
def test_the_last_sessions_of_2024(every):
    found = DAYS[last_of_period(DAYS, every)]
    assert found.astype(str).tolist() == [f"2024-{day}" for day in LAST[every]]


def test_the_week_before_good_friday_ends_on_thursday():
    found = DAYS[last_of_period(DAYS, "week")].astype(str).tolist()
    assert "2024-03-28" in found
    assert len(found) == 52


@pytest.mark.parametrize("every", ["week", *LAST])
def test_a_day_by_itself_is_told_the_same(every):
    alone = [is_last_of_period(day.item(), every) for day in DAYS]
    assert alone == last_of_period(DAYS, every).tolist()


def test_nothing_is_read_of_later_bars():
    cut = DAYS[:60]
    np.testing.assert_array_equal(last_of_period(cut, "month"), last_of_period(DAYS, "month")[:60])


def test_an_unknown_period_is_named():
    with pytest.raises(SpecError, match="there is no period 'decade'"):
        is_last_of_period(datetime.date(2024, 1, 2), "decade")
