"""Weekly expiries, read off a wall calendar."""

import numpy as np
import pytest

from feeds.options.expiries import first_expiry, next_session, weekly_expiries


def test_expiries_are_fridays_or_the_session_before_a_holiday():
    found = weekly_expiries("XNYS", np.datetime64("2024-03-15"), np.datetime64("2024-04-12"))
    # 29 March 2024 was Good Friday.
    assert found.astype(str).tolist() == [
        "2024-03-15",
        "2024-03-22",
        "2024-03-28",
        "2024-04-05",
        "2024-04-12",
    ]


@pytest.mark.parametrize(
    ("friday", "expiry"),
    [
        ("2020-07-03", "2020-07-02"),  # Independence Day, observed
        ("2020-12-25", "2020-12-24"),
        ("2001-09-14", "2001-09-10"),  # closed from the 11th to the 14th
        ("2012-11-02", "2012-11-02"),  # closed on the Monday and Tuesday of that week
        ("2018-11-23", "2018-11-23"),  # the day after Thanksgiving is a short session
    ],
)
def test_odd_weeks(friday, expiry):
    day = np.datetime64(friday)
    assert weekly_expiries("XNYS", day, day).astype(str).tolist() == [expiry]


@pytest.mark.parametrize(
    ("day", "at_least", "expiry"),
    [
        ("2024-03-18", 0, "2024-03-22"),
        ("2024-03-22", 0, "2024-03-22"),  # the same day
        ("2024-03-22", 1, "2024-03-28"),
        ("2024-03-22", 6, "2024-03-28"),
        ("2024-03-22", 7, "2024-04-05"),  # the 28th is one day too early
        ("2024-03-20", 30, "2024-04-19"),
        ("2009-12-28", 7, "2010-01-08"),  # over a year's and a decade's end
        ("2019-12-30", 2, "2020-01-03"),
    ],
)
def test_the_first_expiry_from_a_number_of_days_on(day, at_least, expiry):
    assert str(first_expiry("XNYS", np.datetime64(day), at_least)) == expiry


def test_the_next_session_passes_over_weekends_and_holidays():
    assert str(next_session("XNYS", np.datetime64("2024-03-28"))) == "2024-04-01"
    assert str(next_session("XNYS", np.datetime64("2019-12-31"))) == "2020-01-02"
    assert str(next_session("XNYS", np.datetime64("2024-03-20"))) == "2024-03-21"
