"""Fetched files in the data folder: written whole or not at all, and told from a person's own."""

import json
import os
import stat

import pandas as pd
import pytest

from feeds.fetching import kept
from feeds.fetching.kept import entries, keep, kept_rows, own_entry, refuse_own, to_update
from feeds.fetching.yahoo import COLUMNS
from letf_instruments import DataError

DAYS = pd.DatetimeIndex(["2024-03-04", "2024-03-05", "2024-03-06"])


def frame(last=12.1, high=14.0):
    """Three bars; the last close may be given, and a high that does not fit."""
    rows = [
        [10.0, 11.5, 9.5, 10.1, 10.05, 100],
        [10.1, high, 10.0, 0.1 + 0.2 + 10.7, 10.9, 200],
        [11.0, 13.0, 10.5, last, last, 300],
    ]
    return pd.DataFrame(rows, DAYS, COLUMNS)


OWN = "Date,Open,High,Low,Close\n2024-03-04,1,1,1,1\n2024-03-05,1,1,1,1\n"


def test_a_file_is_plain_csv_and_every_number_comes_back(tmp_path):
    bars = keep(tmp_path / "new", "SOXL", "SOXL", frame())
    path = tmp_path / "new" / "SOXL.csv"
    head, first, second, _ = path.read_text().splitlines()
    assert head == "Date,Open,High,Low,Close,Adj Close,Volume"
    assert first == "2024-03-04,10.0,11.5,9.5,10.1,10.05,100"
    assert second == "2024-03-05,10.1,14.0,10.0,11.0,10.9,200"
    pd.testing.assert_frame_equal(
        kept_rows(path), frame(), check_freq=False, check_names=False, check_index_type=False, rtol=0, atol=0
    )
    assert bars.close.tolist() == frame()["Close"].tolist()
    assert (bars.source, bars.notes, bars.holds_dividends) == ("SOXL.csv", (), False)
    assert sorted(p.name for p in path.parent.iterdir()) == ["SOXL.csv", "fetched.json"]
    assert (
        stat.S_IMODE(path.stat().st_mode) & 0o444 == stat.S_IMODE((tmp_path / "new").stat().st_mode) & 0o444
    )


def test_it_says_what_was_fetched_and_what_that_replaced(tmp_path):
    keep(tmp_path, "SOX", "^SOX", frame())
    first = entries(tmp_path)["SOX"]
    keep(tmp_path, "SOX", "^SOX", frame(12.2))
    second = entries(tmp_path)["SOX"]
    assert first.symbol == second.symbol == "^SOX"
    assert second.sha256[1] == first.sha256[0] != second.sha256[0]
    assert len(first.sha256) == 1


def test_bars_that_are_refused_leave_what_was_there(tmp_path):
    keep(tmp_path, "SOXL", "SOXL", frame())
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(
        DataError, match=r"Yahoo has of SOXL is refused, .*SOXL.csv, row 3 .* high 10.5 is below"
    ):
        keep(tmp_path, "SOXL", "SOXL", frame(high=10.5))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize("turn", [0, 1], ids=["before the record", "between record and file"])
def test_whoever_is_stopped_while_writing_has_the_old_file_and_may_go_on(tmp_path, monkeypatch, turn):
    keep(tmp_path, "SOXL", "SOXL", frame())
    before = (tmp_path / "SOXL.csv").read_bytes()
    replace, calls = os.replace, []

    def stopped(source, target):
        calls.append(target)
        if len(calls) > turn:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(kept.os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        keep(tmp_path, "SOXL", "SOXL", frame(12.2))
    monkeypatch.undo()
    assert (tmp_path / "SOXL.csv").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SOXL.csv", "fetched.json"]
    assert to_update(tmp_path) == (["SOXL"], [])
    keep(tmp_path, "SOXL", "SOXL", frame(12.3))
    assert own_entry(tmp_path, "SOXL").symbol == "SOXL"


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path, monkeypatch):
    keep(tmp_path, "SOXL", "SOXL", frame())
    before = (tmp_path / "SOXL.csv").read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.os, "fsync", full)
    with pytest.raises(DataError, match=r"cannot write .*SOXL.csv: No space left on device"):
        keep(tmp_path, "SOXL", "SOXL", frame(12.2))
    assert (tmp_path / "SOXL.csv").read_bytes() == before


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(DataError, match=r"cannot write .*SOXL.csv: File exists"):
        keep(tmp_path / "data", "SOXL", "SOXL", frame())


@pytest.mark.parametrize("name", ["SOXL.csv", "soxl.csv", "SOXL.parquet"])
def test_a_person_s_own_file_is_not_written_over_or_hidden(tmp_path, name):
    (tmp_path / name).write_text(OWN)
    with pytest.raises(DataError, match=f"{name} is there, and was not fetched by `letf data get`; move it"):
        refuse_own(tmp_path, "SOXL", "SOXL")
    with pytest.raises(DataError, match=f"^{name} was not fetched"):
        own_entry(tmp_path, "SOXL")


def test_a_file_that_was_changed_since_is_a_person_s_own(tmp_path):
    keep(tmp_path, "SOXL", "SOXL", frame())
    refuse_own(tmp_path, "SOXL", "SOXL")
    with (tmp_path / "SOXL.csv").open("a") as file:
        file.write("2024-03-07,12,12,12,12,12,1\n")
    for refused in (lambda: refuse_own(tmp_path, "SOXL", "SOXL"), lambda: own_entry(tmp_path, "SOXL")):
        with pytest.raises(DataError, match="was changed after it was fetched; move it away or rename it"):
            refused()


def test_one_name_is_not_two_symbols(tmp_path):
    keep(tmp_path, "DJI", "^DJI", frame())
    with pytest.raises(
        DataError, match=r"DJI.csv holds Yahoo's \^DJI; move it away or rename it to fetch DJI$"
    ):
        refuse_own(tmp_path, "DJI", "DJI")


def test_all_that_was_fetched_is_updated_and_the_rest_named(tmp_path):
    for name, symbol in (("SOX", "^SOX"), ("SOXL", "SOXL"), ("SOXS", "SOXS"), ("GONE", "GONE")):
        keep(tmp_path, name, symbol, frame())
    (tmp_path / "GONE.csv").unlink()
    (tmp_path / "SOXS.csv").write_text(OWN)
    (tmp_path / "MINE.csv").write_text(OWN)
    (tmp_path / "mine.parquet").write_bytes(b"")
    names, said = to_update(tmp_path)
    assert names == ["SOX", "SOXL"]
    assert said == [
        f"skipped: {tmp_path / 'SOXS.csv'} was changed after it was fetched; move it away or rename it, and "
        "`letf data get SOXS` fetches it again",
        "skipped: MINE.csv, mine.parquet were not fetched by `letf data get`",
    ]
    with pytest.raises(DataError, match=r"there is no GONE.csv in .*; `letf data get GONE` fetches it"):
        own_entry(tmp_path, "GONE")


def test_a_folder_that_is_not_there_has_nothing_to_update(tmp_path):
    assert to_update(tmp_path / "nowhere") == ([], [])


@pytest.mark.parametrize("text", ["", "[]", '{"SOXL": 1}', '{"SOXL": {"symbol": "SOXL"}}', "\xff"])
def test_a_broken_record_is_one_sentence(tmp_path, text):
    (tmp_path / "fetched.json").write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=r"fetched.json, which says what was fetched, cannot be read"):
        entries(tmp_path)


def test_the_record_is_json_for_a_person_to_read(tmp_path):
    keep(tmp_path, "SOXL", "SOXL", frame())
    keep(tmp_path, "SOX", "^SOX", frame())
    text = (tmp_path / "fetched.json").read_text()
    assert list(json.loads(text)) == ["SOX", "SOXL"]
    assert text.startswith('{\n  "SOX": {\n    "symbol": "^SOX",\n')
