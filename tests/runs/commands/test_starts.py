"""`letf starts`: what it prints, writes and refuses."""

import json

import pytest

from tests.runs.command import letf, read

FILES = {"manifest.json", "report.html", "starts.json", "starts.csv", "starts.png", "lengths.png"}


def test_from_end_to_end_on_the_nasdaq(tmp_path):
    out = tmp_path / "out"
    done = letf("starts", "trend", "--lengths", "1,3", "--every", "21", "--out", out, pictures=True)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in out.iterdir()} == FILES
    found = json.loads((out / "starts.json").read_text())
    rows = read(out / "starts.csv")
    assert list(rows[0])[:5] == ["start", "end", "years", "return", "max_drawdown"]
    of_three = [row for row in rows if float(row["years"]) == 3]
    assert len(of_three) == found["3y_starts"]
    assert min(float(row["return"]) for row in of_three) == pytest.approx(found["3y_worst_return"])
    assert done.stdout.startswith("trend, begun in cash on any of ")
    assert found["3y_worst_start"] in done.stdout
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["starts"] == {"years": [1.0, 3.0], "every": 21, "engine": "kernel"}
    again = letf(
        "starts", "trend", "--lengths", "1,3", "--every", "21", "--out", tmp_path / "again", pictures=True
    )
    assert again.returncode == 0
    for name in FILES - {"manifest.json"}:
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_what_is_wrong_is_one_sentence():
    for arguments, words in (
        (("--lengths", "soon"), "lengths are 'soon'"),
        (("--lengths", "40"), "too few for a span of 40 years"),
    ):
        done = letf("starts", "trend", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
