"""Settlement dates against the rules counted by hand, at holidays, lost sessions and changes of the rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letf_instruments.settlement import settled_days, settlement_dates, settlement_day
from tests.settlement import UNSCHEDULED, nights, settles


def dates(*days):
    return np.array(days, "M8[D]")


@pytest.mark.parametrize(
    ("session", "settles"),
    [
        ("1995-06-06", "1995-06-09"),  # three business days, carried back to before the rule
        ("2017-09-01", "2017-09-07"),  # the last of three, over Labor Day
        ("2017-09-05", "2017-09-07"),  # the first of two: both days settle together
        ("2024-05-24", "2024-05-29"),  # the last of two, over Memorial Day
        ("2024-05-28", "2024-05-29"),  # the first of one
        ("2023-11-22", "2023-11-27"),  # over Thanksgiving and a weekend
        ("2001-09-10", "2001-09-13"),  # nobody knew that the exchange would be closed
        ("2012-10-26", "2012-10-31"),  # nor that a storm would come
        ("2020-01-18", "2020-01-22"),  # no session, a Saturday before a holiday: as the Friday
    ],
)
def test_dates_by_the_calendar_on_the_wall(session, settles):
    assert str(settlement_dates(dates(session))[0]) == settles
    assert settlement_day(np.datetime64(session)) == int(np.datetime64(settles).astype(int))


def test_every_weekday_and_weekend_as_counted_day_by_day():
    days = np.arange(np.datetime64("1993-06-01"), np.datetime64("2029-12-01"))
    found = settlement_dates(days)
    assert found.tolist() == [settles(str(day)).item() for day in days]
    assert (np.diff(found).astype(int) >= 0).all()


def test_days_beyond_the_table_of_the_calendar_are_weekdays():
    days = dates("1899-12-28", "2150-07-02")  # both Thursdays
    assert (
        settlement_dates(days).tolist() == dates("1900-01-03", "2150-07-03").tolist()
    )  # over New Year's Day
    assert settlement_day(days[1]) == int(dates("2150-07-03")[0].astype(int))


def test_a_weekend_shows_on_thursday_under_two_days_and_on_friday_under_one():
    week = dates("2023-06-05", "2023-06-06", "2023-06-07", "2023-06-08", "2023-06-09", "2023-06-12")
    assert settled_days(week).tolist() == [0, 1, 1, 3, 1, 1]
    week = dates("2024-07-08", "2024-07-09", "2024-07-10", "2024-07-11", "2024-07-12", "2024-07-15")
    assert settled_days(week).tolist() == [0, 1, 1, 1, 3, 1]


def test_at_the_change_of_the_rule_two_sessions_settle_together():
    days = dates("2024-05-23", "2024-05-24", "2024-05-28", "2024-05-29", "2024-05-30", "2024-05-31")
    # They settle on the 28th, twice on the 29th, on the 30th, the 31st and Monday the 3rd.
    assert settled_days(days).tolist() == [0, 1, 0, 1, 1, 3]


@given(st.integers(8_600, 21_900), st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_over_a_span_the_days_are_those_between_its_ends(start, steps):
    days = (start + np.concatenate(([0], np.cumsum(steps)))).astype("M8[D]")
    assert settled_days(days).sum() == nights(days[0], days[-1])


def test_what_is_known_of_a_session_does_not_change_with_what_follows():
    days = np.setdiff1d(
        np.arange(np.datetime64("2001-08-01"), np.datetime64("2001-10-15")), dates(*UNSCHEDULED)
    )
    days = days[np.is_busday(days)]
    whole = settled_days(days)
    for n in range(1, len(days)):
        assert settled_days(days[:n]).tolist() == whole[:n].tolist()
