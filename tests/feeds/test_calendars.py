"""The last session that is over, by the exchange's own clock."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.calendars import last_finished
from letf_instruments import DataError


def finished(calendar, moment, zone):
    return str(
        last_finished(calendar, datetime.datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)))
    )


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-25T15:59", "2026-11-24"),
        ("2026-11-25T16:00", "2026-11-25"),
        ("2026-11-26T20:00", "2026-11-25"),  # Thanksgiving
        ("2026-11-27T12:59", "2026-11-25"),  # the half day after it
        ("2026-11-27T13:00", "2026-11-27"),
        ("2026-11-29T12:00", "2026-11-27"),  # a Sunday
        ("2026-01-01T09:00", "2025-12-31"),  # over the turn of a year
    ],
)
def test_new_york_by_its_own_clock(moment, day):
    assert finished("XNYS", moment, "America/New_York") == day


def test_daylight_saving_is_the_exchange_s():
    # London changes its clocks a week before New York does: 20:00 there is then 16:00 in New York.
    assert finished("XNYS", "2026-10-27T19:59", "Europe/London") == "2026-10-26"
    assert finished("XNYS", "2026-10-27T20:00", "Europe/London") == "2026-10-27"
    assert finished("XNYS", "2026-11-03T20:00", "Europe/London") == "2026-11-02"


def test_another_exchange_has_another_close():
    assert finished("XTKS", "2026-11-25T15:30", "Asia/Tokyo") == "2026-11-25"
    assert finished("XTKS", "2026-11-25T15:29", "Asia/Tokyo") == "2026-11-24"


def test_a_calendar_that_is_not_known_is_named():
    with pytest.raises(DataError, match="no exchange calendar named 'XNYZ'"):
        finished("XNYZ", "2026-11-25T16:00", "America/New_York")
