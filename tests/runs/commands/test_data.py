"""`letf data get` and `letf data update`: what they print, refuse and leave behind."""

import pytest
from werkzeug import Response

from tests.runs.command import letf
from tests.yahoo import sessions

DAYS = sessions(16)
CLOSES = [20.0, 21.0, 20.5, 22.0, 21.5, 23.0, 22.5, 24.0, 23.5, 25.0, 24.5, 26.0, 25.5, 27.0, 26.5, 28.0]
OWN = "Date,Open,High,Low,Close\n2024-03-04,1,1,1,1\n2024-03-05,1,1,1,1\n"


@pytest.fixture
def folder(service, tmp_path):
    """A data folder with 14 sessions of SOX, SOXL and SOXS, and a file of one's own."""
    for symbol in ("^SOX", "SOXL", "SOXS"):
        service.serve(symbol, DAYS[:14], CLOSES[:14])
    done = letf("data", "get", "SOX", "soxl", "SOXS", "--data-dir", tmp_path / "data")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{tmp_path / 'data' / name}.csv: 14 bars, 2024-03-04 to 2024-03-21"
        for name in ("SOX", "SOXL", "SOXS")
    ]
    (tmp_path / "data" / "MINE.csv").write_text(OWN)
    return tmp_path / "data"


def test_what_was_fetched_can_be_named(folder):
    listed = letf("data", "list", "--data-dir", folder).stdout
    assert "SOXL         2024-03-04 to 2024-03-21       14 daily bars" in listed
    assert "fetched.json" not in listed
    assert " fetched " not in listed
    assert letf("data", "check", "SOXL", "--data-dir", folder).stdout.strip().endswith("clean")


def test_one_that_fails_does_not_lose_the_others(service, tmp_path):
    service.serve("SOXL", DAYS, CLOSES)
    done = letf("data", "get", "NOPE", "../x", "[/]", "SOXL", "--data-dir", tmp_path)
    assert done.returncode == 2
    assert done.stdout == f"{tmp_path / 'SOXL.csv'}: 16 bars, 2024-03-04 to 2024-03-25\n"
    like = "tickers are like SOXL, ^SOX, BRK-B or VOD.L"
    assert done.stderr.splitlines() == [
        "letf: Yahoo has no prices of NOPE: there is no such ticker, or no longer",
        f"letf: '../x' is not a ticker; {like}",
        f"letf: '[/]' is not a ticker; {like}",
    ]


def test_update_without_names_sees_to_all_that_was_fetched_and_names_the_rest(service, folder):
    service.serve("^SOX", DAYS, CLOSES)
    service.serve("SOXS", DAYS, [10 * c for c in CLOSES], splits={DAYS[14]: (1, 10)})
    done = letf("data", "update", "--data-dir", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "skipped: MINE.csv was not fetched by `letf data get`",
        "SOX: 2 sessions added, 2024-03-22 to 2024-03-25",
        "SOXL: nothing new since 2024-03-21",
        "SOXS: fetched anew, 16 bars, 2024-03-04 to 2024-03-25: a split of 1-for-10 on 2024-03-22; "
        "the close of 2024-03-08 was 21.5 and is 215 now",
    ]
    assert (folder / "MINE.csv").read_text() == OWN


def test_update_tells_of_those_that_fail_at_the_end(service, folder):
    service.serve("SOXL", DAYS, CLOSES)
    del service.charts["^SOX"]
    done = letf("data", "update", "SOX", "SOXL", "MINE", "WHAT", "--data-dir", folder)
    assert done.returncode == 2
    assert done.stdout == "SOXL: 2 sessions added, 2024-03-22 to 2024-03-25\n"
    assert done.stderr.splitlines() == [
        "letf: Yahoo has no prices of ^SOX since 2024-03-08: No data found, symbol may be delisted",
        "letf: MINE.csv was not fetched by `letf data get`",
        f"letf: there is no WHAT.csv in {folder}; `letf data get WHAT` fetches it",
    ]


def test_what_was_left_out_and_what_looks_odd_is_printed(service, tmp_path):
    service.serve("SOXL", DAYS, [*CLOSES[:5], None, *CLOSES[6:]])
    done = letf("data", "get", "SOXL", "--data-dir", tmp_path)
    assert done.stdout.splitlines()[1:] == [
        "note: SOXL: 1 row without any price left out, on 2024-03-11",
        "warning: SOXL.csv: 1 session of XNYS is missing: 2024-03-11",
    ]


def test_nothing_fetched_is_said(service, tmp_path):
    done = letf("data", "update", "--data-dir", tmp_path / "nowhere")
    assert done.returncode == 0
    assert done.stdout.startswith(f"nothing in {tmp_path / 'nowhere'} to update; `letf data get SOX")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["get", "update"])
def test_no_answer_is_a_sentence_each_and_exit_code_2(service, folder, monkeypatch, command):
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    monkeypatch.setattr("feeds.fetching.yahoo.WAITS", (0, 0))
    service.always = Response("Too Many Requests", 429)
    done = letf("data", command, "SOXL", "SOXS", "--data-dir", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line[:40] for line in done.stderr.splitlines()] == [
        "letf: Yahoo gives no prices of SOXL for ",
        "letf: Yahoo gives no prices of SOXS for ",
    ]
    service.unplug()
    done = letf("data", command, "SOXL", "SOXS", "--data-dir", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("could not be reached for") == 2
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_help_names_both(service):
    said = letf("data", "--help").stdout
    assert "get     Fetch daily histories from Yahoo Finance." in said
    assert "update  Add the newest sessions to what `get` fetched." in said


def test_a_list_is_in_columns_however_long_a_name(tmp_path):
    rows = "".join(f"2020-01-0{day},1,2,0.5,1,9\n" for day in (2, 3, 6))
    for name in ("A", "a_name_of_its_own"):
        (tmp_path / f"{name}.csv").write_text(f"date,open,high,low,close,volume\n{rows}")
    listed = letf("data", "list", "--data-dir", tmp_path).stdout.splitlines()[-2:]
    assert {line.index("2020-01-02") for line in listed} == {len("a_name_of_its_own ")}
