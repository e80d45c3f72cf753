"""`letf hedge-size`: what it prints, writes and refuses."""

import json

import pytest

from tests.runs.command import letf, read

FILES = {
    "manifest.json",
    "report.html",
    "hedge_size.json",
    "years.csv",
    "weeks.csv",
    "beta.png",
    "drift.png",
    "years.png",
}
SQQQ = ("--index", "nasdaq", "--fund", "SQQQ", "--start", "2010-01-04")


def test_from_end_to_end_on_the_nasdaq(tmp_path):
    out = tmp_path / "out"
    done = letf(
        "hedge-size", "--holding", "nasdaq=60000", *SQQQ, "--price", 12.5, "--out", out, pictures=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "To bring $60,000 of nasdaq from a beta of 1.00 on nasdaq to 0.00: $20,000 of SQQQ, 1,600 shares at "
        "$12.50. In 8 whole calendar years it would have made −$"
    )
    assert " a year: its job −$" in done.stdout
    for words in ("by about 4.0 × the index's move: a move of 2.5 % takes it 0.1", "traded back monthly"):
        assert words in done.stdout
    assert {p.name for p in out.iterdir()} == FILES
    found = json.loads((out / "hedge_size.json").read_text())
    assert (found["dollars"], found["shares"]) == (pytest.approx(20_000, rel=1e-4), 1_600)
    years = read(out / "years.csv")
    assert [row["year"] for row in years] == [str(year) for year in range(2010, 2019)]
    assert float(years[3]["cost_monthly"]) == pytest.approx(found["year_2013_cost_monthly"])
    assert found["whole_years"] == 8
    weeks = read(out / "weeks.csv")
    assert list(weeks[0]) == ["date", "index_move", "beta", "closed_form"]
    assert len(weeks) == found["week_starts"]


def test_two_names_of_which_one_is_simulated_say_so(tmp_path):
    done = letf(
        *("hedge-size", "--holding", "nasdaq=30000,semis-sim=40000", "--index", "semis-sim"),
        *("--target-beta", "0.2", "--out", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SIMULATED data. To bring $70,000 of nasdaq and semis-sim from")
    assert "all of it" in done.stdout
    assert {row["data"] for row in read(tmp_path / "out" / "years.csv")} == {"SIMULATED"}
    assert (tmp_path / "out" / "manifest.json").read_text().count('"assets"') == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--holding", "NOPE=5", *SQQQ), "no data named 'NOPE'"),
        (("--holding", "nasdaq=-5", *SQQQ), "holding of nasdaq is -5 dollars; it must be above 0"),
        (("--holding", "nasdaq", *SQQQ), "cannot be read; write NAME=DOLLARS"),
        (("--holding", "nasdaq=5", *SQQQ, "--target-beta", "1.5"), "cannot be reached by buying SQQQ"),
        (("--holding", "nasdaq=5", *SQQQ, "--target-beta", "nan"), "target_beta is nan"),
        (("--holding", "nasdaq=5", *SQQQ, "--beta-bars", "5"), "beta_bars is 5"),
        (("--holding", "nasdaq=5", *SQQQ, "--beta-bars", "4000"), "name at most so many"),
        (("--holding", "nasdaq=5", *SQQQ, "--price", "0"), "price is 0.0"),
        (("--holding", "nasdaq=5", *SQQQ, "--cost-bps", "-1"), "cost_bps is -1.0"),
        (("--holding", "nasdaq=5", *SQQQ, "--traded", "SQQQ"), "no data named 'SQQQ'"),
        (("--holding", "nasdaq=5", "--index", "nasdaq", "--fund", "SOXM"), "did you mean SOX"),
        (("--holding", "nasdaq=5", "--index", "semis-sim-5min"), "these are intraday bars"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, arguments, says):
    folder = tmp_path / "data"
    folder.mkdir()
    done = letf("hedge-size", *arguments, "--data-dir", folder, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.market
def test_two_real_stocks_with_the_real_fund(market_folder, tmp_path):
    """SOXS closed at 5.82 on 2023-12-29 (Yahoo, as printed); it tracks −3 × the index, so the job and what
    the fund made of the index's moves hang together."""
    done = letf(
        *("hedge-size", "--holding", "NVDA=40000,AMD=30000", "--index", "SOX:2021-08-25:SOXX"),
        *("--traded", "SOXS", "--start", "2011-01-01", "--data-dir", market_folder),
        *("--out", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "hedge_size.json").read_text())
    assert found["price"] == pytest.approx(5.82)
    assert found["shares"] == round(found["dollars"] / 5.82)
    assert found["beta"] == pytest.approx((4 * found["NVDA_beta"] + 3 * found["AMD_beta"]) / 7)
    assert 0.05 < found["beta_error"] < 0.15
    assert found["year_2022_held"] < -0.5 < found["year_2022_index"]
    assert found["week_beyond_band"] > 0.5  # facts §7: a band of a tenth is hit by a move of 2.5 %
