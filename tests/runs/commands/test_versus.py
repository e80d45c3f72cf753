"""`letf versus`: what it prints, writes and refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from letf_instruments import Dated, SpecError
from runs.commands.versus import read_multiples
from runs.studies.inputs import load_inputs
from runs.studies.versus.study import checked_multiples, compare, fund_for, versus_metrics
from runs.studies.versus.words import measure_rows
from tests.conftest import flat_bars
from tests.runs.command import letf, read
from tests.runs.commands.test_flow import run, write_bars

FILES = {
    "manifest.json",
    "report.html",
    "versus.json",
    "versus.csv",
    "growth.png",
    "drawdowns.png",
    "correlation.png",
    "horizons.png",
}


def test_from_end_to_end_on_the_nasdaq(tmp_path):
    done = letf(
        "versus", "--index", "nasdaq", "--multiples", "-3,1,3", "--out", tmp_path / "out", pictures=True
    )
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES
    assert done.stdout.startswith("nasdaq, 1999-01-04 to 2018-12-31: a −3× fund gave ")
    found = json.loads((tmp_path / "out" / "versus.json").read_text())
    rows = read(tmp_path / "out" / "versus.csv")
    assert list(rows[0]) == ["date", "-3x", "1x", "3x"]
    assert [float(rows[0][name]) for name in ("-3x", "1x", "3x")] == [100.0] * 3
    assert float(rows[-1]["3x"]) / 100 - 1 == pytest.approx(found["3x_total_return"])
    assert found["1x_tracking"] == 0.0
    assert (found["1x_beta"], found["1x_correlation_yearly"]) == (pytest.approx(1.0), pytest.approx(1.0))
    assert found["-3x_correlation_daily"] < -0.99
    assert found["correlation_-3x_3x"] < -0.99
    assert found["-3x_beta"] == pytest.approx(-3, abs=0.01)
    assert -0.99 < found["-3x_correlation_yearly"] < 0  # a year is another thing than 252 days
    assert found["whole_years"] == 19
    years = [found[f"3x_return_{year}"] for year in range(1999, 2019)]
    assert np.prod(1 + np.array(years)) == pytest.approx(1 + found["3x_total_return"])


def test_one_whole_year_is_no_years():
    found = compare(load_inputs("SOXS", "nasdaq", None, None, "2017-06-01", "2018-12-31"), [3.0, 1.0])
    labels = [row[0].strip() for row in measure_rows(found, versus_metrics(found))[1]]
    assert "… of 1 whole year" in labels
    assert "… of 18 whole months" in labels


def test_a_bare_multiple_has_no_costs_and_says_so():
    found = compare(load_inputs("SOXS", "nasdaq"), [2.0, 1.0])
    assert "2×: no known fund gives that of nasdaq, so fee and financing spread are 0" in found.notes
    short = compare(load_inputs("SOXS", "nasdaq"), [-2.0])
    assert any(note.startswith("−2×: no known fund") for note in short.notes)  # as its column is headed
    fund = found.lines[0].fund
    assert (fund.multiple, fund.fees.at("2010-01-01"), fund.spreads.at("2010-01-01")) == (2, 0, 0)
    metrics = versus_metrics(found)
    assert metrics["2x_beta"] == pytest.approx(2, abs=0.01)
    assert metrics["1x_sharpe"] is not None


@pytest.mark.parametrize(
    ("multiple", "index", "ticker"),
    [
        (3, "SOX", "SOXL"),
        (-3, "semis-sim", "SOXS"),
        (3, "QQQ", "TQQQ"),
        (-3, "SPY", "SPXU"),
        (3, "nasdaq", "3x"),
        (2, "SOX", "2x"),
        (3, "MINE", "3x"),
    ],
)
def test_which_fund_stands_for_a_multiple(multiple, index, ticker):
    fund, said = fund_for(float(multiple), flat_bars([100.0, 101.0, 102.0], name=index))
    assert (fund.ticker, fund.multiple) == (ticker, multiple)
    assert (said is None) == ticker.isalpha()


def test_of_spliced_bars_every_era_counts():
    bars = flat_bars([100.0, 101.0, 102.0], name="SOX+QQQ", start="2020-01-06")
    for later, ticker in (("SOXX", "SOXS"), ("QQQ", "SOXS"), ("MINE", "-3x")):
        eras = Dated.of([("1994-01-01", "SOX"), ("2020-01-08", later)])
        assert fund_for(-3.0, replace(bars, eras=eras))[0].ticker == ticker


def test_a_fund_that_dies_is_followed_to_its_end(tmp_path, monkeypatch, capsys):
    days = [f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(100)]
    closes = 100.0 + np.arange(100) % 3
    closes[50:] *= 1.5
    write_bars(tmp_path / "X.csv", days, closes)
    command = ("versus", "--index", "X", "--data-dir", tmp_path, "--out", tmp_path / "out")
    assert run(monkeypatch, *command) == 0
    assert f"−3× was wiped out on {days[50]}" in capsys.readouterr().out
    found = json.loads((tmp_path / "out" / "versus.json").read_text())
    assert (found["-3x_wiped_out"], found["-3x_worst_day"]) == (days[50], -1.0)
    assert found["-3x_total_return"] == -1.0
    assert found["1x_tracking"] == 0.0


def test_simulated_data_say_so_and_the_same_command_gives_the_same_bytes(tmp_path, monkeypatch, capsys):
    command = ("versus", "--index", "semis-sim", "--end", "2001-12-31", "--out", tmp_path / "out")
    seen = []
    for _ in range(2):
        assert run(monkeypatch, *command) == 0
        seen.append({p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()})
        assert capsys.readouterr().out.startswith("SIMULATED data. ")
    manifests = [json.loads(files.pop("manifest.json")) for files in seen]
    assert seen[0] == seen[1]
    assert {row["data"] for row in read(tmp_path / "out" / "versus.csv")} == {"SIMULATED"}
    assert manifests[0]["simulated"] is True
    assert set(manifests[0]["funds"]) == {"SOXL", "SOXS"}


def test_multiples_are_read_or_refused():
    assert read_multiples("1,3,-3") == [1.0, 3.0, -3.0]
    for text, says in (("1,x", "'x' is not a number"), ("1,1.0", "once"), ("1,2,3,4,5,6,7", "at most 6")):
        with pytest.raises(SpecError, match=says):
            checked_multiples(read_multiples(text))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--index", "nasdaq", "--multiples", "1,0"), "multiple of 0x is 0"),
        (("--index", "nasdaq", "--multiples", "1,nan"), "they must be finite numbers"),
        (("--index", "nasdaq", "--multiples", ""), "is not a number"),
        (("--index", "nowhere"), "no data named 'nowhere'"),
        ((), "--index"),
    ],
)
def test_bad_input_is_exit_code_2(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "versus", *arguments) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.market
def test_calendar_years_of_the_real_semiconductors(market_folder):
    """SOXL and SOXS gave −85.9 and +15.5 % in 2022, +224.7 and −85.3 % in 2023 (price only). What SOXS
    cost in 2022 could not be known before it: it is 4.1 % too high (docs/funds.md)."""
    found = versus_metrics(
        compare(load_inputs("SOXS", "SOXX", "DFF", market_folder, "2011-01-01"), [1.0, 3.0, -3.0])
    )
    assert found["SOXL_return_2022"] == pytest.approx(-0.859, abs=0.01)
    assert found["SOXS_return_2022"] == pytest.approx(1.155 * 1.041 - 1, abs=0.02)
    assert found["SOXL_return_2023"] == pytest.approx(2.247, abs=0.08)
    assert found["SOXS_return_2023"] == pytest.approx(-0.853, abs=0.01)
    assert found["SOXS_correlation_daily"] < -0.99
