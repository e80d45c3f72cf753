"""What Yahoo answers, through the real yfinance package against a server on this machine."""

import datetime
import logging
import re
import sys

import pytest
import yfinance
from werkzeug import Response

from feeds.fetching.yahoo import COLUMNS, WAITS, Yahoo, name_and_symbol
from letf_instruments import DataError
from tests.yahoo import moment, sessions

DAYS = sessions(6)  # Monday 2024-03-04 to Monday 2024-03-11
CLOSES = [20.0, 21.0, 20.5, 22.0, 21.5, 23.0]
HTML = Response("<html><body>Please agree to our terms</body></html>", 200, content_type="text/html")


def at(day, clock="18:00"):
    """Yahoo, asked at a New York date and time of day."""
    return Yahoo(clock=lambda: moment(day, clock))


def never(seconds):
    raise AssertionError("it waits")


def test_a_history_is_split_adjusted_closes_with_adjusted_closes_beside_them(service):
    service.serve(
        "SOXL",
        DAYS,
        CLOSES,
        adjusted=[c * 0.99 for c in CLOSES],
        volumes=[7, 8, 9, 10, 11, 12],
        splits={DAYS[2]: (15, 1)},
        dividends={DAYS[4]: 0.2},
    )
    answer = at(DAYS[-1]).daily("SOXL")
    assert list(answer.frame.columns) == COLUMNS
    assert [str(day.date()) for day in answer.frame.index] == DAYS
    assert answer.frame["Close"].tolist() == CLOSES
    assert answer.frame["High"].tolist() == pytest.approx([1.02 * c for c in CLOSES])
    assert answer.frame["Adj Close"].tolist() == pytest.approx([0.99 * c for c in CLOSES])
    assert answer.frame["Volume"].tolist() == [7, 8, 9, 10, 11, 12]
    assert {str(day.date()): by for day, by in answer.splits.items()} == {DAYS[2]: 15.0}
    assert {str(day.date()): by for day, by in answer.dividends.items()} == {DAYS[4]: 0.2}
    assert answer.notes == ()


def test_all_of_a_history_is_asked_for_or_all_from_a_day_on(service):
    service.serve("SOXL", DAYS, CLOSES)
    at(DAYS[-1]).daily("SOXL")
    since = at(DAYS[-1]).daily("SOXL", datetime.date.fromisoformat(DAYS[4]))
    whole, later = service.histories
    assert int(whole["period1"]) < moment("1930-01-02")
    assert int(later["period1"]) == moment(DAYS[4], "00:00")
    assert whole["interval"] == later["interval"] == "1d"
    assert [str(day.date()) for day in since.frame.index] == DAYS[4:]


@pytest.mark.parametrize(
    ("traded", "asked", "over"),
    [
        ("13:00", "13:00", False),
        ("15:59", "16:01", False),  # quoted with a delay
        ("15:58", "17:00", True),  # seldom traded, and an hour has gone by
        ("16:00", "16:00", True),
    ],
)
def test_a_session_in_progress_is_left_out_and_said(service, traded, asked, over):
    service.serve("SOXL", DAYS, CLOSES, clock=traded)
    answer = at(DAYS[-1], asked).daily("SOXL")
    assert [str(day.date()) for day in answer.frame.index] == (DAYS if over else DAYS[:-1])
    said = () if over else (f"SOXL: the session of {DAYS[-1]} is not over, and is left out",)
    assert answer.notes == said


def test_a_split_on_the_day_of_a_session_in_progress_is_told(service):
    service.serve("SOXS", DAYS, CLOSES, clock="11:00", splits={DAYS[-1]: (1, 10)})
    answer = at(DAYS[-1], "11:00").daily("SOXS")
    assert str(answer.frame.index[-1].date()) == DAYS[-2]
    assert answer.splits.tolist() == [0.1]


def test_before_the_open_there_is_no_bar_of_today_for_a_dividend_that_is_due(service):
    chart = service.serve("SOXL", DAYS[:-1], CLOSES[:-1], dividends={DAYS[-1]: 0.2})
    answer = Yahoo(clock=lambda: moment(DAYS[-1], "08:00")).daily("SOXL")
    assert [str(day.date()) for day in answer.frame.index] == chart.days
    assert answer.dividends.tolist() == [0.2]


def test_without_trading_hours_a_day_must_be_over(service):
    service.serve("SOXL", DAYS, CLOSES, hours=False)
    assert len(at(DAYS[-1], "23:00").daily("SOXL").frame) == 5
    assert len(at("2024-03-12", "00:01").daily("SOXL").frame) == 6


def test_rows_of_nulls_are_left_out_and_said(service):
    closes = [*CLOSES, *[24.0] * 44]
    closes[2] = closes[8] = None
    service.serve("SOXL", sessions(50, "2023-03-06"), closes)
    answer = at("2024-03-11").daily("SOXL")
    assert len(answer.frame) == 48
    assert answer.notes == ("SOXL: 2 rows without any price left out, first 2023-03-08",)


def test_a_history_of_nulls_is_refused(service):
    service.serve("SOXL", DAYS, [20.0, None, None, None, 20.0, 21.0])
    with pytest.raises(DataError, match="has 3 rows without any price among 6; that is too many"):
        at(DAYS[-1]).daily("SOXL")


def test_too_many_requests_are_waited_out_longer_each_time(service):
    service.serve("SOXL", DAYS, CLOSES)
    service.busy(2)
    waited, said = [], []
    answer = Yahoo(said.append, waited.append, lambda: moment(DAYS[-1], "18:00")).daily("SOXL")
    assert len(answer.frame) == 6
    assert waited == [5, 15]
    assert said == [
        "SOXL: too many requests, says Yahoo; again in 5 s, 1 of 3",
        "SOXL: too many requests, says Yahoo; again in 15 s, 2 of 3",
    ]


def test_too_many_requests_for_ever_is_one_sentence_and_no_other_symbol_waits(service):
    service.always = Response("Too Many Requests", 429)
    waited = []
    yahoo = Yahoo(wait=waited.append, clock=lambda: moment(DAYS[-1], "18:00"))
    with pytest.raises(
        DataError, match=r"SOXL for now: asked 4 times in 65 s, it .*\(429\); try again later$"
    ):
        yahoo.daily("SOXL")
    with pytest.raises(DataError, match="SOXS for now: it answers that there were too many requests"):
        yahoo.daily("SOXS")
    assert waited == list(WAITS)
    service.always = None
    service.serve("SOXS", DAYS, CLOSES)
    assert len(yahoo.daily("SOXS").frame) == 6
    service.busy(1)
    yahoo.daily("SOXS")
    assert waited == [*WAITS, WAITS[0]]  # it waits again, once it was answered


@pytest.mark.parametrize("turn", range(3))  # yfinance looks further for the first two that it does not know
def test_an_unknown_ticker_is_one_sentence(service, monkeypatch, turn):
    monkeypatch.setattr("yfinance.base._tz_info_fetch_ctr", turn)
    with pytest.raises(
        DataError, match=r"^Yahoo has no prices of NOPE: there is no such ticker, or no longer$"
    ):
        Yahoo(wait=never).daily("NOPE")


def test_a_ticker_that_is_gone_since_is_one_sentence(service):
    service.serve("SOXL", DAYS, CLOSES)
    Yahoo(wait=never).daily("SOXL")
    del service.charts["SOXL"]
    with pytest.raises(DataError, match="Yahoo has no prices of SOXL: No data found, symbol may be delisted"):
        Yahoo(wait=never).daily("SOXL")


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Response("<html>Service Unavailable</html>", 503),
        Response('{"chart": {"result": [{"meta": {}}]}}', 200),
        Response('"prices"', 200),
        Response("", 200),
    ],
    ids=["consent", "503", "other JSON", "a string", "nothing"],
)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_garbage_is_one_sentence_and_forgotten(service, answer, known):
    service.serve("SOXL", DAYS, CLOSES)
    if known:  # then yfinance has its time zone, and fails one question later
        at(DAYS[-1]).daily("SOXL")
    service.always = answer
    with pytest.raises(DataError, match=r"Yahoo answered for SOXL (is no table of|without any) prices"):
        Yahoo(wait=never).daily("SOXL")
    service.always = None
    assert len(at(DAYS[-1]).daily("SOXL").frame) == 6


def test_no_network_is_one_sentence_and_forgotten(service):
    service.serve("SOXL", DAYS, CLOSES)
    home = service.session.home
    service.unplug()
    with pytest.raises(
        DataError, match=r"^Yahoo could not be reached for SOXL \(ConnectionError\); check the"
    ):
        Yahoo(wait=never).daily("SOXL")
    service.session.home = home
    assert len(at(DAYS[-1]).daily("SOXL").frame) == 6


def test_yfinance_is_left_as_it_was(service, caplog, recwarn):
    service.always = HTML
    hidden, level = yfinance.config.debug.hide_exceptions, logging.getLogger("yfinance").level
    with pytest.raises(DataError):
        Yahoo(wait=never).daily("SOXL")
    assert yfinance.config.debug.hide_exceptions == hidden
    assert logging.getLogger("yfinance").level == level
    assert not [record for record in caplog.records if record.name == "yfinance"]
    assert not recwarn.list


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", None)
    with pytest.raises(DataError, match=re.escape("pip install 'letf-lab[yahoo]'")):
        Yahoo().daily("SOXL")


@pytest.mark.parametrize(
    ("given", "name", "symbol"),
    [
        ("sox", "SOX", "^SOX"),
        ("^SOX", "SOX", "^SOX"),
        ("SPX", "SPX", "^GSPC"),
        ("^DJI", "DJI", "^DJI"),
        ("soxl", "SOXL", "SOXL"),
        ("BRK-B", "BRK-B", "BRK-B"),
        ("VOD.L", "VOD.L", "VOD.L"),
        ("0700.HK", "0700.HK", "0700.HK"),
        ("EURUSD=X", "EURUSD=X", "EURUSD=X"),
    ],
)
def test_a_ticker_has_a_name_for_its_file_and_yahoo_s_symbol(given, name, symbol):
    assert name_and_symbol(given) == (name, symbol)


@pytest.mark.parametrize(
    "given",
    ["", "^", "..", "../SOX", "a/b", "a\\b", ".hidden", "SOXL SOXS", "SOX\n", "SOX%2F", "Ü", "-X", "X" * 21],
)
def test_what_can_be_no_ticker_is_refused(given):
    with pytest.raises(DataError, match="is not a ticker"):
        name_and_symbol(given)
