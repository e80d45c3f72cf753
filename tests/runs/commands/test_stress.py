"""`letf stress`: what it prints, writes and refuses."""

import json

import pytest

import letf as door
from tests.runs.command import letf, read

FILES = {"manifest.json", "report.html", "stress.json", "stress.csv", "courses.csv", "stress.png"}


def test_from_end_to_end_on_all_paths(tmp_path):
    out = tmp_path / "out"
    done = letf("stress", "trend", "--out", out, pictures=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("trend on 9 stressed paths of nasdaq (7 SIMULATED): from −")
    for words in ("It ends with a loss on", "choppy and flat", "left out: March 2020, 2022 and April 2025"):
        assert words in done.stdout
    assert {p.name for p in out.iterdir()} == FILES
    found = json.loads((out / "stress.json").read_text())
    rows = {row["path"]: row for row in read(out / "stress.csv")}
    assert len(rows) == found["cases"] == 9
    assert float(rows["chop"]["rule_return"]) == pytest.approx(found["chop_rule_return"])
    assert found["chop_index_return"] == pytest.approx(0.0, abs=1e-12)
    assert found["climb_index_return"] == pytest.approx(0.4)
    worst = min(rows.values(), key=lambda row: float(row["rule_return"]))
    assert worst["title"] in done.stdout.split(" to ")[0]
    assert {row["data"] for row in rows.values()} == {"real", "SIMULATED"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["simulated"], manifest["seed"]) == (True, 1)
    assert manifest["stress"]["impact"] == "none"


def test_a_squeeze_has_its_own_section_and_says_where_it_has_no_end(tmp_path):
    paths = ("--paths", "one_day,chop,real_2008")
    plain = letf("stress", "hold", *paths, "--out", tmp_path / "plain")
    squeezed = letf("stress", "hold", *paths, "--impact", "sqrt", "--out", tmp_path / "sqrt")
    assert squeezed.returncode == 0, squeezed.stderr
    assert "own trade" not in plain.stdout
    assert "On every day the trade and the close came to agree below the cap." in squeezed.stdout
    assert "assets of SOXL $10.0 bn, SOXS $1.00 bn" in squeezed.stdout
    one, other = (json.loads((tmp_path / n / "stress.json").read_text()) for n in ("plain", "sqrt"))
    assert one["one_day_index_return"] == pytest.approx(other["one_day_index_return_without_funds"])
    assert other["one_day_largest_push"] > 0
    assert one["real_2008_rule_return"] == other["real_2008_rule_return"]
    wild = ("--impact", "linear", "--impact-size", 30, "--fund-assets", "SOXS=5e9", "--traded-value", 1e10)
    done = letf("stress", "hold", *paths, *wild, "--out", tmp_path / "wild")
    assert "did not come to agree below the cap" in done.stdout
    assert done.stdout.startswith("Wiped out: SOXS on ")
    found = json.loads((tmp_path / "wild" / "stress.json").read_text())
    assert found["chop_days_without_end"] > 0
    assert abs(found["one_day_largest_push"]) == pytest.approx(0.2)


def test_the_same_command_gives_the_same_bytes(tmp_path):
    command = ("stress", "rsi_timing", "--paths", "crash_v,real_2008", "--seed", 5, "--out", tmp_path / "out")
    seen = []
    for _ in range(2):
        assert letf(*command, pictures=True).returncode == 0
        seen.append(
            {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir() if p.name != "manifest.json"}
        )
    assert seen[0] == seen[1]


def test_every_example_on_daily_bars_can_be_stressed():
    from runs.specs.reading import EXAMPLES

    for file in sorted(EXAMPLES.glob("*.toml")):
        found = door.stress(file.stem, paths="correction")
        assert len(found.table) == 1, file.stem


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nope",), "no spec file 'nope'"),
        (("trend", "--paths", "crash"), "unknown path 'crash'; did you mean 'crash_v'?"),
        (("trend", "--paths", "real_2022"), "trend can be run on none of the paths; 2022: nasdaq covers"),
        (("trend", "--impact-size", "2"), "impact_size is of the impact of the funds' own trade"),
        (("trend", "--traded-value", "1e9"), "choose one: impact 'sqrt'"),
        (("trend", "--fund-assets", "SOXL=1e9"), "fund_assets is of the impact"),
        (("trend", "--impact", "cubic"), "impact is 'cubic'; it must be 'none' or 'sqrt'"),
        (("trend", "--impact", "sqrt", "--impact-size", "-1"), "impact_size is -1.0"),
        (("trend", "--impact", "sqrt", "--traded-value", "0"), "traded_value is 0.0"),
        (("trend", "--impact", "sqrt", "--fund-assets", "SOXL"), "fund_assets of SOXL are ''"),
        (("trend", "--impact", "sqrt", "--fund-assets", "SOXL=1,SOXL=2"), "name SOXL twice"),
        (("trend", "--impact", "sqrt", "--fund-assets", "SOXM=1e9"), "did you mean SOX"),
        (("trend", "--impact", "sqrt", "--fund-assets", ""), "fund_assets are empty"),
        (("opening_range",), "these are intraday bars"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, arguments, says):
    done = letf("stress", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
