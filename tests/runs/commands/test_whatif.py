"""`letf whatif`: what it prints, writes and refuses."""

import json

import pytest

from tests.runs.command import letf, read

FILES = {
    "manifest.json",
    "report.html",
    "whatif.json",
    "percentiles.csv",
    "closed_form.csv",
    "distribution.png",
    "median.png",
}
FEW = ("--paths", 400)


def test_from_end_to_end_for_a_pair_of_funds(tmp_path):
    command = ("whatif", "SOXL", "SOXS", "--index", "nasdaq", "--rates", "0", *FEW, "--out", tmp_path / "out")
    done = letf(*command, pictures=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "An index that is flat over 252 sessions at 45 % volatility: in the median SOXL −4"
    )
    for words in ("days of nasdaq", "wiped out, of 400", "+3 × the index 0.0 %", "−3 × nasdaq"):
        assert words in done.stdout
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES
    found = json.loads((tmp_path / "out" / "whatif.json").read_text())
    rows = read(tmp_path / "out" / "percentiles.csv")
    assert len(rows) == 99
    assert float(rows[49]["SOXS_free_resampled"]) == pytest.approx(found["SOXS_free_resampled_p50"])
    grid = read(tmp_path / "out" / "closed_form.csv")
    asked = [row for row in grid if (row["index_return"], row["volatility"]) == ("0", "0.45")]
    assert float(asked[0]["SOXL"]) == pytest.approx(found["SOXL_closed_form"])
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["seed"] == 1


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    command = ("whatif", "SQQQ", "--index", "nasdaq", "--return", "0.3", "--volatility", "0.25", *FEW)
    seen = []
    for seed in (7, 7, 8):
        out = tmp_path / "out"
        assert letf(*command, "--seed", seed, "--out", out, pictures=True).returncode == 0
        seen.append({p.name: p.read_bytes() for p in out.iterdir() if p.name != "manifest.json"})
    assert seen[0] == seen[1]
    assert seen[0]["percentiles.csv"] != seen[2]["percentiles.csv"]


def test_simulated_data_say_so(tmp_path):
    done = letf("whatif", "SOXL", "--index", "semis-sim", *FEW, "--out", tmp_path / "out")
    assert done.stdout.startswith("SIMULATED data. ")
    assert {row["data"] for row in read(tmp_path / "out" / "percentiles.csv")} == {"SIMULATED"}


def test_a_wipe_out_stands_in_the_first_line(tmp_path):
    done = letf("whatif", "SOXS", "--index", "nasdaq", "--volatility", "2.5", *FEW, "--out", tmp_path / "out")
    assert done.stdout.startswith("Wiped out within a day: SOXS on ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("SOXL", "--volatility", "45"), "volatility is 45.0; it must be a number from 0.01 to 3"),
        (("SOXL", "--return", "-1"), "return is -1.0"),
        (("SOXL", "--return", "3", "--volatility", "0.05"), "even if every day is like the other"),
        (("SOXL", "--days", "1"), "days is 1"),
        (("SOXL", "--paths", "10"), "paths is 10; it must be a whole number, 100 to 1,000,000"),
        (("SOXM",), "did you mean SOX"),
        (("SOXL", "SOXL"), "each once"),
        (("SOXL", "--end", "1999-02-01"), "too few to draw days from"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, arguments, says):
    done = letf("whatif", *arguments, "--index", "nasdaq", cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.market
def test_the_semiconductors_own_days_have_fatter_tails_than_normal_ones(market_folder, tmp_path):
    done = letf(
        *("whatif", "SOXL", "SOXS", "--index", "SOX", "--data-dir", market_folder, "--out", tmp_path / "out"),
        *("--paths", 4000),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "whatif.json").read_text())
    for ticker in ("SOXL", "SOXS"):
        assert found[f"{ticker}_bridged_resampled_p05"] < found[f"{ticker}_bridged_normal_p05"] - 0.01
    assert found["resampled_worst_day"] < found["normal_worst_day"]
