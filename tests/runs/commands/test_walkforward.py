"""`letf walkforward`: what it prints, writes and refuses."""

import importlib.util
import json

import pytest

from tests.runs.command import letf, read

FILES = {
    "manifest.json",
    "report.html",
    "walkforward.json",
    "windows.csv",
    "equity.csv",
    "equity.png",
    "in_out.png",
    "parameters.png",
}
GIVEN = ("walkforward", "rsi_timing_sweep", "--sample", "40", "--end", "2004-12-31", "--choose", "plateau")


def test_from_end_to_end_on_the_nasdaq(tmp_path):
    out, again = tmp_path / "out", tmp_path / "again"
    done = letf(*GIVEN, "--train", "2y", "--test", "6m", "--out", out, pictures=True)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in out.iterdir()} == FILES
    found = json.loads((out / "walkforward.json").read_text())
    windows, equity = read(out / "windows.csv"), read(out / "equity.csv")
    assert len(windows) == found["windows"] >= 6
    assert float(equity[-1]["equity"]) / float(equity[0]["equity"]) - 1 == pytest.approx(
        found["out_total_return"]
    )
    product = 1.0
    for row in windows:
        product *= 1 + float(row["return"])
        assert row["train_last"] < row["test_first"]
    assert product - 1 == pytest.approx(found["out_total_return"])
    assert done.stdout.startswith("rsi_timing_sweep, chosen anew in each of ")
    asked = json.loads((out / "manifest.json").read_text())["walkforward"]
    assert (asked["train"], asked["test"], asked["gap"], asked["choose"]) == (504, 126, 5, "plateau")
    assert (asked["sample"], asked["sample_seed"]) == (40, 1)
    assert (
        letf(
            *GIVEN, "--train", "2y", "--test", "6m", "--workers", "1", "--out", again, pictures=True
        ).returncode
        == 0
    )
    for name in FILES - {"manifest.json"}:
        assert (out / name).read_bytes() == (again / name).read_bytes(), name


def test_what_is_wrong_is_one_sentence():
    for arguments, words in (
        (("rsi_timing_sweep", "--train", "soon"), "train is 'soon'"),
        (("rsi_timing_sweep", "--train", "30y"), "too few for a window"),
        (("rsi_timing",), "rsi_timing has no [sweep]"),
        (("rsi_timing_sweep", "--by", "sharp"), "did you mean 'sharpe'"),
        (("rsi_timing_sweep", "--choose", "first"), "choose is 'first'"),
    ):
        done = letf("walkforward", *arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("skfolio") is None, reason="skfolio is not installed")
def test_folds_from_end_to_end(tmp_path):
    given = ("walkforward", "rsi_timing_sweep", "--sample", "20", "--end", "2004-12-31", "--folds", "6")
    out, again = tmp_path / "out", tmp_path / "again"
    done = letf(*given, "--embargo", "3", "--out", out, pictures=True)
    assert done.returncode == 0, done.stderr
    files = {
        "manifest.json",
        "report.html",
        "folds.json",
        "splits.csv",
        "paths.csv",
        "sharpes.png",
        "paths.png",
    }
    assert {p.name for p in out.iterdir()} == files
    found = json.loads((out / "folds.json").read_text())
    assert (found["splits"], found["paths"]) == (15, 5)
    assert len(read(out / "splits.csv")) == 15
    assert done.stdout.startswith("rsi_timing_sweep over 5 paths out of sample")
    assert letf(*given, "--embargo", "3", "--workers", "1", "--out", again, pictures=True).returncode == 0
    for name in files - {"manifest.json"}:
        assert (out / name).read_bytes() == (again / name).read_bytes(), name
