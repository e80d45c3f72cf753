"""Which close is asked about: by the exchange's own clock, and never a stale one."""

import datetime
from zoneinfo import ZoneInfo

import pytest

import letf
from letf_instruments import DataError, SpecError
from runs.backtest.beginning import begun
from runs.specs.reading import load_spec
from runs.studies.today.clock import last_bar

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def market():
    return begun(load_spec("rsi_timing"))  # the data end on Monday 2018-12-31


def asked(market, moment, as_of=None):
    spec, setting = market
    count, said = last_bar(spec, setting, as_of, moment)
    return str(setting.bars.sessions[count - 1]), said


def at(day, hour, minute=0, zone=NEW_YORK):
    return datetime.datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=zone)


def test_a_session_counts_once_its_exchange_has_closed(market):
    assert asked(market, at("2018-12-28", 16)) == (
        "2018-12-28",
        ["2018-12-31: a session that is not over yet; its bar is left out"],
    )
    assert asked(market, at("2018-12-28", 15, 59))[0] == "2018-12-27"
    assert asked(market, at("2018-12-31", 16)) == ("2018-12-31", [])


def test_the_moment_may_be_told_by_any_clock(market):
    tokyo = ZoneInfo("Asia/Tokyo")
    assert asked(market, at("2018-12-29", 5, 59, tokyo))[0] == "2018-12-27"
    assert asked(market, at("2018-12-29", 6, 0, tokyo))[0] == "2018-12-28"


def test_a_half_day_is_over_at_one(market):
    assert asked(market, at("2018-12-24", 12, 59))[0] == "2018-12-21"
    assert asked(market, at("2018-12-24", 13))[0] == "2018-12-24"


def test_a_weekend_and_a_holiday_need_no_newer_data(market):
    assert asked(market, at("2019-01-01", 23))[0] == "2018-12-31"
    assert asked(market, at("2019-01-02", 15, 59))[0] == "2018-12-31"


def test_data_older_than_the_last_session_are_refused(market):
    with pytest.raises(DataError, match=r"the data end on 2018-12-31, but the session of 2019-01-02 is over"):
        asked(market, at("2019-01-02", 16))


def test_data_that_the_spec_cuts_off_are_said_to_be():
    early = begun(load_spec("rsi_timing", ["data.end=2010-06-30"]))
    with pytest.raises(DataError, match=r"data.end is 2010-06-30; --set data.end=none"):
        asked(early, at("2010-07-02", 12))


def test_another_day_is_the_last_session_until_then(market):
    now = at("2026-01-01", 12)
    assert asked(market, now, datetime.date(2018, 7, 3))[0] == "2018-07-03"
    assert asked(market, now, datetime.date(2018, 7, 4))[0] == "2018-07-03"
    assert asked(market, now, datetime.date(2018, 7, 8))[0] == "2018-07-06"


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-02-01", "the last session of XNYS that is over is 2025-12-31"),
        ("2019-01-02", "the data end on 2018-12-31"),
        ("1999-01-04", "too late to say anything of 1999-01-04"),
        ("1998-06-01", "too late to say anything of 1998-06-01"),
    ],
)
def test_a_day_of_which_nothing_is_known_is_refused(market, day, says):
    with pytest.raises(letf.LetfError, match=says):
        asked(market, at("2026-01-01", 12), datetime.date.fromisoformat(day))


def test_a_moment_without_a_time_zone_is_none(market):
    with pytest.raises(SpecError, match="it needs a time zone"):
        asked(market, datetime.datetime(2019, 1, 1))


def test_a_script_asks_with_a_clock_of_its_own():
    says = letf.today("hold", now=at("2019-01-01", 12))
    assert str(says.found.day) == "2018-12-31"
    assert str(says.found.next_day) == "2019-01-02"
    with pytest.raises(DataError, match="the session of 2019-01-03 is over"):
        letf.today("hold", now=at("2019-01-03", 17))
