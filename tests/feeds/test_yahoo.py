"""`letf data get`, with Yahoo's answer played by a stand-in: no test goes out on the network."""

import sys
import types

import pandas as pd
import pytest

from feeds.yahoo import fetch
from letf_instruments import DataError


def stand_in(monkeypatch, answer):
    asked = []

    def download(symbol, **options):
        asked.append((symbol, options))
        if isinstance(answer, Exception):
            raise answer
        return answer

    module = types.ModuleType("yfinance")
    module.download = download
    monkeypatch.setitem(sys.modules, "yfinance", module)
    return asked


def frame(high=11.0):
    index = pd.DatetimeIndex(["2020-01-06", "2020-01-07"], name="Date")
    columns = ["Adj Close", "Close", "High", "Low", "Open", "Volume"]
    return pd.DataFrame([[10.4, 10.5, high, 9, 10, 0], [10.9, 11, 12, 10, 10.5, 0]], index, columns)


def test_what_comes_is_checked_and_lands_in_the_data_folder(tmp_path, monkeypatch):
    asked = stand_in(monkeypatch, frame())
    path, bars = fetch("sox", tmp_path / "new")
    assert asked[0][0] == "^SOX"
    assert asked[0][1]["auto_adjust"] is False
    assert path == tmp_path / "new" / "SOX.csv"
    assert bars.adj_close.tolist() == [10.4, 10.9]
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["SOX.csv"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (frame(high=10.1), "high 10.1 is below close 10.5"),
        (frame()[:0], "Yahoo gave nothing for SOXL: no network, or no such ticker"),
        (None, "Yahoo gave nothing"),
        (ConnectionError("down"), "could not be reached"),
    ],
)
def test_a_bad_answer_is_one_sentence_and_leaves_no_file(tmp_path, monkeypatch, answer, says):
    stand_in(monkeypatch, answer)
    with pytest.raises(DataError, match=says):
        fetch("SOXL", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_good_file_survives_a_bad_answer(tmp_path, monkeypatch):
    (tmp_path / "SOXL.csv").write_text("mine")
    stand_in(monkeypatch, frame(high=10.1))
    with pytest.raises(DataError):
        fetch("SOXL", tmp_path)
    assert (tmp_path / "SOXL.csv").read_text() == "mine"


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(DataError, match=r"letf-lab\[yahoo\]"):
        fetch("SOX", tmp_path)


@pytest.mark.parametrize("name", ["", "../SOX", "a/b", ".hidden"])
def test_a_name_that_is_a_path_is_refused(tmp_path, monkeypatch, name):
    stand_in(monkeypatch, frame())
    with pytest.raises(DataError, match="not a ticker"):
        fetch(name, tmp_path)
