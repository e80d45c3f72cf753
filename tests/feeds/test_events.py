"""Calendars of events: windows counted by hand on the exchange's own sessions, files, built-in dates."""

import numpy as np
import pytest

from feeds.events import NONE, Events, load_events
from feeds.sources import load_bars
from letf_instruments import DataError, SpecError
from runs.backtest.setting import load_setting
from runs.specs.reading import load_spec
from runs.studies.rules.joined import run_backtest


def days(*dates):
    return np.array(dates, dtype="datetime64[D]")


def events(*dates, tickers=None):
    return Events(days(*dates), np.array(tickers or [""] * len(dates)), "by hand")


def marked(calendar, sessions, before, after):
    """The sessions whose close decides for a session within a window."""
    return [str(d) for d in days(*sessions)[calendar.near(days(*sessions), before, after)]]


# -- windows by hand ----------------------------------------------------------------------------------

JUNE = ("2018-06-12", "2018-06-13", "2018-06-14", "2018-06-15", "2018-06-18", "2018-06-19", "2018-06-20")


def test_a_window_is_decided_at_the_close_before_it():
    thursday = events("2018-06-14")
    assert marked(thursday, JUNE, 0, 0) == ["2018-06-13"]
    assert marked(thursday, JUNE, 1, 0) == ["2018-06-12", "2018-06-13"]
    assert marked(thursday, JUNE, 0, 1) == ["2018-06-13", "2018-06-14"]


def test_a_window_counts_sessions_not_days_across_a_weekend():
    friday = events("2018-06-15")  # its window reaches Monday and Tuesday
    assert marked(friday, JUNE, 0, 2) == ["2018-06-14", "2018-06-15", "2018-06-18"]
    monday = events("2018-06-18")  # and backwards Thursday and Friday
    assert marked(monday, JUNE, 2, 0) == ["2018-06-13", "2018-06-14", "2018-06-15"]


@pytest.mark.parametrize("date", ["2018-06-16", "2018-06-17", "2018-06-18"])
def test_an_event_on_a_weekend_counts_on_monday(date):
    assert marked(events(date), JUNE, 1, 0) == ["2018-06-14", "2018-06-15"]


def test_an_event_on_thanksgiving_counts_on_the_half_day_after_it():
    sessions = ("2018-11-19", "2018-11-20", "2018-11-21", "2018-11-23", "2018-11-26", "2018-11-27")
    assert marked(events("2018-11-22"), sessions, 0, 0) == ["2018-11-21"]
    assert marked(events("2018-11-22"), sessions, 0, 1) == ["2018-11-21", "2018-11-23"]
    assert marked(events("2018-11-26"), sessions, 2, 0) == ["2018-11-20", "2018-11-21", "2018-11-23"]


def test_the_exchange_s_closure_of_september_2001_is_not_counted():
    sessions = ("2001-09-06", "2001-09-07", "2001-09-10", "2001-09-17", "2001-09-18", "2001-09-19")
    for date in ("2001-09-11", "2001-09-12", "2001-09-17"):
        assert marked(events(date), sessions, 1, 1) == ["2001-09-07", "2001-09-10", "2001-09-17"]
    assert marked(events("2001-09-10"), sessions, 0, 1) == ["2001-09-07", "2001-09-10"]


def test_windows_that_touch_or_overlap_are_one():
    assert marked(events("2018-06-14", "2018-06-15"), JUNE, 0, 0) == ["2018-06-13", "2018-06-14"]
    assert marked(events("2018-06-14", "2018-06-18"), JUNE, 1, 1) == [
        "2018-06-12",
        "2018-06-13",
        "2018-06-14",
        "2018-06-15",
        "2018-06-18",
    ]


def test_an_event_just_beyond_the_data_is_known_beforehand():
    assert marked(events("2018-06-22"), JUNE, 1, 0) == ["2018-06-20"]  # Thursday the 21st has yet to arrive
    assert marked(events("2018-06-11"), JUNE, 0, 2) == ["2018-06-12"]  # and one just before them still counts


def test_events_far_from_the_data_and_none_at_all_mark_nothing():
    assert marked(events("1901-01-01", "2290-01-01"), JUNE, 60, 60) == []
    assert marked(NONE, JUNE, 5, 5) == []
    assert NONE.near(days(), 1, 1).tolist() == []


@pytest.mark.parametrize("n", [1, 2, 100, 3000, 5030])
def test_windows_on_data_cut_short_are_the_same_up_to_the_cut(n):
    sessions = load_bars("nasdaq").sessions
    calendar = load_events("earnings-season")
    whole = calendar.near(sessions, 3, 2)
    np.testing.assert_array_equal(calendar.near(sessions[:n], 3, 2), whole[:n])
    assert int(whole.sum()) == 80 * 6  # 20 years of 4 windows of 6 sessions


def test_the_sessions_marked_are_those_of_a_plain_count():
    sessions = load_bars("nasdaq").sessions
    rng = np.random.default_rng(3)
    dates = np.unique(np.datetime64("1999-03-01") + rng.integers(0, 7000, 60))
    expected = set()
    for date in dates:
        at = int(np.flatnonzero(sessions >= date)[0])
        expected |= {i - 1 for i in range(at - 4, at + 3)}
    got = events(*dates).near(sessions, 4, 2)
    assert set(np.flatnonzero(got).tolist()) == {i for i in expected if 0 <= i < len(sessions)}


# -- tickers ------------------------------------------------------------------------------------------


def test_a_subset_of_tickers_keeps_its_own_dates():
    calendar = events("2018-06-13", "2018-06-14", "2018-06-19", tickers=["AMD", "NVDA", "AMD"])
    assert calendar.of(("nvda",)).dates.tolist() == days("2018-06-14").tolist()
    assert marked(calendar.of(("AMD",)), JUNE, 0, 0) == ["2018-06-12", "2018-06-18"]
    assert calendar.of(()) is calendar
    assert len(calendar.of(("AMD", "NVDA"))) == 3


def test_a_ticker_without_events_is_refused():
    with pytest.raises(DataError, match="by hand: no events of INTC; it has AMD, NVDA"):
        events("2018-06-13", "2018-06-14", tickers=["AMD", "NVDA"]).of(("INTC",))
    with pytest.raises(DataError, match="earnings-season: no events of NVDA; it has none by name"):
        load_events("earnings-season").of(("NVDA",))


# -- built in -----------------------------------------------------------------------------------------


def within(calendar, first, last):
    chosen = calendar.dates[
        (calendar.dates >= np.datetime64(first)) & (calendar.dates <= np.datetime64(last))
    ]
    return [str(d) for d in chosen]


def test_option_expiry_of_2018():
    assert within(load_events("option-expiry"), "2018-01-01", "2018-12-31") == [
        "2018-01-19",
        "2018-02-16",
        "2018-03-16",
        "2018-04-20",
        "2018-05-18",
        "2018-06-15",
        "2018-07-20",
        "2018-08-17",
        "2018-09-21",
        "2018-10-19",
        "2018-11-16",
        "2018-12-21",
    ]


@pytest.mark.parametrize(
    ("good_friday", "expiry"),
    [
        ("2008-03-21", "2008-03-20"),
        ("2014-04-18", "2014-04-17"),
        ("2019-04-19", "2019-04-18"),
        ("2022-04-15", "2022-04-14"),
    ],
)
def test_options_expire_on_thursday_where_the_third_friday_is_good_friday(good_friday, expiry):
    month = good_friday[:7]
    assert within(load_events("option-expiry"), f"{month}-01", f"{month}-28") == [expiry]


def test_the_assumed_earnings_season_is_four_third_tuesdays():
    calendar = load_events("earnings-season")
    assert calendar.assumed
    assert not load_events("option-expiry").assumed
    assert within(calendar, "2018-01-01", "2018-12-31") == [
        "2018-01-16",
        "2018-04-17",
        "2018-07-17",
        "2018-10-16",
    ]


# -- files --------------------------------------------------------------------------------------------


def read(tmp_path, text, name="e.csv"):
    file = tmp_path / name
    file.write_text(text)
    return load_events(file)


def test_a_file_is_read_in_any_order_and_letter_case(tmp_path):
    calendar = read(
        tmp_path, "Date, Ticker,source\n2018-06-14,nvda,x\n2018-02-01, AMD ,x\n2018-06-14,amd,x\n"
    )
    assert calendar.dates.tolist() == days("2018-02-01", "2018-06-14", "2018-06-14").tolist()
    assert calendar.tickers.tolist() == ["AMD", "NVDA", "AMD"]
    assert calendar.source == "e.csv"
    assert not calendar.assumed


def test_dates_alone_are_the_whole_market_s(tmp_path):
    assert read(tmp_path, "date\n2018-06-14\n").tickers.tolist() == [""]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,ticker\n2018-06-14,AMD\n", "e.csv: no column for date; its headings are day, ticker"),
        ("date,ticker\n2018-06-14,AMD\n14/06/2018,AMD\n", "row 3: '14/06/2018' is not a date; write it as"),
        ("date\n2018-02-30\n", "row 2: '2018-02-30' is not a date"),
        ("date,ticker\n,AMD\n", "row 2: '' is not a date"),
        ("date,ticker\n", "there are no events in it"),
        ("", "cannot be read as csv"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(tmp_path, text, says):
    with pytest.raises(DataError, match=says):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_refused_with_what_is_built_in(tmp_path):
    with pytest.raises(DataError, match="built in are earnings-season, option-expiry"):
        load_events(tmp_path / "none.csv")


def test_the_fingerprint_is_of_dates_and_tickers(tmp_path):
    one = read(tmp_path, "date,ticker\n2018-06-14,AMD\n2018-06-15,NVDA\n")
    same = read(tmp_path, "ticker,date\nnvda,2018-06-15\namd,2018-06-14\n", "f.csv")
    other = read(tmp_path, "date,ticker\n2018-06-14,AMD\n2018-06-15,INTC\n", "g.csv")
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


# -- what a run says of them ----------------------------------------------------------------------------


def notes(tmp_path, name):
    spec = load_spec("event_window", [f"data.events={name}"])
    return [note for note in load_setting(spec, tmp_path).notes if "event" in note or ".csv" in note]


def test_a_run_says_that_dates_are_assumed_or_how_many_of_a_file_it_has(tmp_path):
    (tmp_path / "mine.csv").write_text("date\n1998-01-02\n2005-06-14\n2018-12-31\n")
    (tmp_path / "option-expiry-mine.csv").write_text("date\n2005-06-14\n")
    assert "assumed, not real" in notes(tmp_path, "earnings-season")[0]
    assert notes(tmp_path, "option-expiry") == []
    assert notes(tmp_path, "mine.csv") == ["mine.csv: 2 of its 3 events are within the run"]
    assert notes(tmp_path, "option-expiry-mine.csv") == [
        "option-expiry-mine.csv: 1 of its 1 events are within the run"
    ]


def test_a_rule_that_needs_events_is_refused_without_them():
    with pytest.raises(SpecError, match=r"reads a calendar of events, but data\.events names none"):
        run_backtest(load_spec("event_window", ["data.events=none"]))


def test_the_sessions_until_the_next_event_are_the_exchange_s():
    calendar = events("2018-06-14", "2018-06-16")  # a Thursday, and a Saturday, which counts on Monday
    left = calendar.sessions_until(days(*JUNE))
    assert left.tolist()[:4] == [2, 1, 2, 1]  # from Tuesday on; on the day itself the next one counts
    assert np.isnan(left[4:]).all()
    assert np.isnan(NONE.sessions_until(days(*JUNE))).all()
    assert len(calendar.sessions_until(days())) == 0
