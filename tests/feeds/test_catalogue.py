"""The list of what there is outlives any file."""

import os
import random
from pathlib import Path

import pytest

from feeds.catalogue import listing

BARS = "date,open,high,low,close\n2020-01-06,10,11,9,10.5\n2020-01-07,10.5,12,10,11\n"


def of_folder(folder):
    return {row.name: (row.kind, row.what) for row in listing(folder) if row.kind != "built in"}


def test_bars_closes_and_rates_are_told_apart(tmp_path):
    (tmp_path / "rates").mkdir()
    (tmp_path / "B.csv").write_text(BARS)
    (tmp_path / "C.csv").write_text("date,close\n2020-01-06,10.5\n2020-01-07,11\n")
    (tmp_path / "rates" / "R.csv").write_text("observation_date,SOFR\n2020-01-02,1.5\n2020-01-03,.\n")
    assert of_folder(tmp_path) == {
        "B": ("bars", "2020-01-06 to 2020-01-07        2 daily bars"),
        "C": ("closes", "2020-01-06 to 2020-01-07        2 daily closes, no bars"),
        "R": ("rates", "2020-01-02 to 2020-01-02  short rate"),
    }


def test_junk_is_listed_as_unreadable(tmp_path):
    chance = random.Random(7)
    (tmp_path / "rates").mkdir()
    for place in (tmp_path, tmp_path / "rates"):
        for i, size in enumerate((0, 1, 3, 40, 4000)):
            (place / f"j{i}.csv").write_bytes(chance.randbytes(size))
            (place / f"k{i}.parquet").write_bytes(chance.randbytes(size))
        (place / "folder.csv").mkdir()
        (place / "nowhere.csv").symlink_to(place / "gone")
    (tmp_path / "long.csv").write_text("x" * 200_000)
    (tmp_path / "B.csv").write_text(BARS)
    found = of_folder(tmp_path)
    assert found.pop("B")[0] == "bars"
    assert {kind for kind, _ in found.values()} == {"unreadable"}
    assert len(found) == 11
    assert all(what.isprintable() and len(what) < 250 for _, what in found.values())


def test_a_name_that_no_terminal_takes_is_shown_otherwise(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")).write_text(BARS)
    assert of_folder(tmp_path)["?"][0] == "bars"


@pytest.mark.parametrize(
    "trouble", [PermissionError("Permission denied"), RuntimeError("of another package")]
)
def test_a_file_that_may_not_be_read_does_not_end_the_list(trouble, tmp_path, monkeypatch):
    (tmp_path / "A.csv").write_text(BARS)
    (tmp_path / "B.csv").write_text(BARS)
    plain = Path.read_bytes

    def read_bytes(path):
        if path.name == "A.csv":
            raise trouble
        return plain(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    found = of_folder(tmp_path)
    assert found["A"][0] == "unreadable"
    assert found["B"][0] == "bars"


def test_a_reader_that_breaks_does_not_end_the_list(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    (tmp_path / "A.csv").write_text(BARS)
    monkeypatch.setattr("feeds.catalogue.load_bars", broken)
    assert of_folder(tmp_path) == {"A": ("unreadable", "no bars: A.csv cannot be read (ZeroDivisionError)")}


@pytest.mark.parametrize("what", ["gone", "file"])
def test_a_folder_that_is_none_has_nothing(what, tmp_path):
    (tmp_path / "file").write_text("")
    assert of_folder(tmp_path / what) == {}
