"""Fetching a whole history into the data folder."""

import pytest

from feeds.fetching.get import each_once, get
from feeds.fetching.yahoo import Yahoo
from letf_instruments import DataError
from tests.yahoo import moment, sessions

DAYS = sessions(6)
CLOSES = [20.0, 21.0, 20.5, 22.0, 21.5, 23.0]
EVENING = Yahoo(clock=lambda: moment(DAYS[-1], "18:00"))


def test_a_history_lands_in_the_data_folder_under_its_own_name(service, tmp_path):
    service.serve("^SOX", DAYS, CLOSES)
    done = get("sox", tmp_path / "new", EVENING)
    assert done.path == tmp_path / "new" / "SOX.csv"
    assert done.path.is_file()
    assert done.bars.close.tolist() == CLOSES
    assert (done.name, done.added, done.notes, done.warnings) == ("SOX", 6, (), ())
    assert done.words == f"{done.path}: 6 bars, 2024-03-04 to 2024-03-11"
    assert {asked["symbol"] for asked in service.asked} == {"^SOX"}


def test_dividends_are_in_the_adjusted_close_and_nowhere_else(service, tmp_path):
    adjusted = [c * 0.99 for c in CLOSES[:4]] + CLOSES[4:]
    service.serve(
        "SOXX", DAYS, CLOSES, adjusted=adjusted, dividends={DAYS[4]: 0.22}, splits={DAYS[2]: (2, 1)}
    )
    done = get("SOXX", tmp_path, EVENING)
    assert done.path.read_text().splitlines()[0] == "Date,Open,High,Low,Close,Adj Close,Volume"
    assert done.bars.adj_close.tolist() == pytest.approx(adjusted)
    assert done.bars.close.tolist() == CLOSES
    assert not done.bars.holds_dividends


def test_what_was_left_out_and_what_looks_odd_is_told(service, tmp_path):
    closes = [20.0, 21.0, None, 22.0, 43.0, 44.0, 45.0]
    service.serve("SOXS", sessions(7), closes, clock="12:00")
    done = get("SOXS", tmp_path, Yahoo(clock=lambda: moment("2024-03-12", "12:00")))
    assert done.bars.close.tolist() == [20.0, 21.0, 22.0, 43.0, 44.0]
    assert done.notes == (
        "SOXS: the session of 2024-03-12 is not over, and is left out",
        "SOXS: 1 row without any price left out, on 2024-03-06",
    )
    missing, jump = done.warnings
    assert missing == "SOXS.csv: 1 session of XNYS is missing: 2024-03-06"
    assert "on 2024-03-08 the price jumps from 22 to 42.57 at the open" in jump


def test_fetched_again_the_file_is_replaced(service, tmp_path):
    service.serve("SOXL", DAYS[:5], CLOSES[:5])
    get("SOXL", tmp_path, EVENING)
    service.serve("SOXL", DAYS, [c / 2 for c in CLOSES])
    assert get("SOXL", tmp_path, EVENING).bars.close.tolist() == [c / 2 for c in CLOSES]


def test_no_answer_and_bars_that_are_refused_leave_the_old_file(service, tmp_path):
    chart = service.serve("SOXL", DAYS, CLOSES)
    get("SOXL", tmp_path, EVENING)
    before = (tmp_path / "SOXL.csv").read_bytes()
    chart.closes[3] = -22.0
    with pytest.raises(
        DataError, match=r"SOXL is refused, and nothing was written: SOXL.csv, row 5 \(2024-03-07"
    ):
        get("SOXL", tmp_path, EVENING)
    service.unplug()
    with pytest.raises(DataError, match="could not be reached"):
        get("SOXL", tmp_path, EVENING)
    assert (tmp_path / "SOXL.csv").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SOXL.csv", "fetched.json"]


def test_a_person_s_own_file_is_refused_before_yahoo_is_asked(service, tmp_path):
    (tmp_path / "SOXL.csv").write_text("mine")
    with pytest.raises(DataError, match="was not fetched by `letf data get`"):
        get("SOXL", tmp_path, EVENING)
    assert service.asked == []
    assert (tmp_path / "SOXL.csv").read_text() == "mine"


@pytest.mark.parametrize("given", ["../SOX", "/etc/SOX", ".hidden", "a/b"])
def test_nothing_leads_out_of_the_data_folder(service, tmp_path, given):
    with pytest.raises(DataError, match="is not a ticker"):
        get(given, tmp_path / "data", EVENING)
    assert service.asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_ticker_given_twice_is_fetched_once():
    assert each_once(["sox", "SOXL", "TQQQ", "SOX", "sox"]) == ["sox", "SOXL", "TQQQ"]
