"""`letf.fetch` and `letf.update`: what the command does, as a frame."""

import pytest

import letf
from tests.yahoo import sessions

DAYS = sessions(16)
CLOSES = [20.0, 21.0, 20.5, 22.0, 21.5, 23.0, 22.5, 24.0, 23.5, 25.0, 24.5, 26.0, 25.5, 27.0, 26.5, 28.0]


def test_what_is_fetched_and_updated_is_told_by_name(service, tmp_path, capsys):
    for symbol in ("^SOX", "SOXL"):
        service.serve(symbol, DAYS[:14], [*CLOSES[:5], None, *CLOSES[6:14]])
    got = letf.fetch("sox", "SOXL", data_dir=tmp_path)
    assert list(got.index) == ["SOX", "SOXL"]
    assert got.index.name == "name"
    assert got["file"].tolist() == [tmp_path / "SOX.csv", tmp_path / "SOXL.csv"]
    assert got.loc["SOXL", ["bars", "added"]].tolist() == [13, 13]
    assert str(got.loc["SOXL", "last"].date()) == "2024-03-21"
    assert got.loc["SOXL", "notes"] == [
        "SOXL: 1 row without any price left out, on 2024-03-11",
        "SOXL.csv: 1 session of XNYS is missing: 2024-03-11",
    ]
    (tmp_path / "MINE.csv").write_text("mine")
    service.serve("SOXL", DAYS, [*CLOSES[:5], None, *CLOSES[6:]])
    updated = letf.update(data_dir=tmp_path)
    assert updated["added"].to_dict() == {"SOX": 0, "SOXL": 2}
    assert updated.loc["SOXL", "what"] == "SOXL: 2 sessions added, 2024-03-22 to 2024-03-25"
    assert updated.attrs["notes"] == ["skipped: MINE.csv was not fetched by `letf data get`"]
    assert letf.bars("SOXL", data_dir=tmp_path)["close"].iloc[-1] == 28.0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_those_that_fail_are_a_sentence_each_and_the_others_are_there(service, tmp_path):
    service.serve("SOXL", DAYS, CLOSES)
    with pytest.raises(letf.LetfError) as caught:
        letf.fetch("NOPE", "SOXL", "a/b", data_dir=tmp_path)
    assert str(caught.value).splitlines() == [
        "Yahoo has no prices of NOPE: there is no such ticker, or no longer",
        "'a/b' is not a ticker; tickers are like SOXL, ^SOX, BRK-B or VOD.L",
    ]
    assert (tmp_path / "SOXL.csv").is_file()


def test_with_nothing_fetched_there_is_nothing_to_update(service, tmp_path):
    assert letf.update(data_dir=tmp_path).empty


@pytest.mark.parametrize("name", [None, 5, ["SOXL"]])
def test_a_name_is_text(service, tmp_path, name):
    with pytest.raises(letf.LetfError, match="is not a ticker"):
        letf.fetch(name, data_dir=tmp_path)
