"""`letf compare`: several specs on one index; the table's numbers are those of each run alone."""

import json

import pytest

from runs.specs.reading import load_spec
from runs.studies.comparison.study import compare_specs
from runs.studies.comparison.words import compare_headline
from runs.studies.rules.joined import run_backtest
from tests.runs.command import letf, read

HOLD = 'strategy = "hold"\n[rule]\ninstrument = "SOXL"\n[data]\n'


@pytest.fixture
def two(tmp_path):
    (tmp_path / "hold.toml").write_text(HOLD)
    return ["rsi_timing", str(tmp_path / "hold.toml"), "--end", "2003-12-31"]


def test_each_spec_gives_what_it_gives_alone(two, tmp_path):
    done = letf("compare", *two, "--out", str(tmp_path / "out"), pictures=True)
    assert done.returncode == 0, done.stderr
    table = {row["spec"]: row for row in read(tmp_path / "out" / "compare.csv")}
    alone = run_backtest(load_spec("rsi_timing", ["data.end=2003-12-31"])).metrics
    assert float(table["rsi_timing"]["total_return"]) == pytest.approx(alone["total_return"], rel=1e-11)
    assert int(table["rsi_timing"]["trades"]) == alone["trades"]
    assert float(table["nasdaq held"]["total_return"]) == pytest.approx(
        alone["hold_index_total_return"], rel=1e-11
    )
    whole = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert whole["rsi_timing"]["sharpe"] == alone["sharpe"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "compare.csv",
        "compare.json",
        "compare.png",
        "equity.csv",
        "manifest.json",
        "report.html",
    }


def test_the_table_is_sorted_and_progress_is_shown(two, tmp_path):
    done = letf("compare", *two, "--out", str(tmp_path / "out"))
    lines = [line for line in done.stdout.splitlines() if "%" in line and not line.startswith("note:")][1:]
    names = [line.split("  ")[0].strip() for line in lines]
    assert sorted(names) == ["hold", "nasdaq held", "rsi_timing"]
    returns = [line.split("%")[0].split()[-1] for line in lines]
    values = [float(text.replace("−", "-").replace(",", "")) for text in returns]
    assert values == sorted(values, reverse=True)
    assert "1 of 2: rsi_timing" in done.stderr
    assert "2 of 2: hold" in done.stderr


def test_the_first_spec_s_data_are_used_for_all_and_that_is_said(tmp_path):
    (tmp_path / "a.toml").write_text(HOLD + "end = 2003-12-31\nrate = 0.03\n")
    (tmp_path / "b.toml").write_text(HOLD.replace("SOXL", "SOXS") + 'index = "semis-sim"\n')
    found = compare_specs([load_spec(tmp_path / "a.toml"), load_spec(tmp_path / "b.toml")])
    assert [run.bars.name for run in found.runs] == ["nasdaq", "nasdaq"]
    assert not found.simulated
    assert "b: run on the data of a, not on its own data.index, data.rate, data.end" in found.notes


def test_a_rule_that_never_traded_is_not_said_to_have_beaten_the_index_unaided():
    """In the last quarter of 2018 the index lost a sixth; cash did not."""
    autumn = ["data.start=2018-10-01", "data.end=2018-12-31"]
    found = compare_specs([load_spec(name, autumn) for name in ("rsi_timing", "trend")])
    assert (found.runs[0].metrics["trades"], found.runs[1].metrics["trades"]) == (0, 1)
    made = f"{100 * found.runs[1].metrics['total_return']:.1f} %".replace("-", "−")
    assert compare_headline(found).startswith(
        "Of 2 specs on nasdaq, 2018-10-01 to 2018-12-31, trend had the best total return of those that "
        f"traded, {made}; 1 of them beat holding nasdaq (−17.3 %), 1 of these without a trade; mind that"
    )


def test_a_file_of_the_first_spec_s_is_found_for_the_others_too(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    rows = "\n".join(f"2020-{m:02d}-{d:02d},1,1,1,1,5" for m in range(1, 13) for d in range(1, 28))
    (tmp_path / "one" / "mine.csv").write_text("date,open,high,low,close,volume\n" + rows)
    (tmp_path / "one" / "a.toml").write_text(HOLD + 'index = "mine.csv"')
    (tmp_path / "two" / "b.toml").write_text(HOLD)
    specs = [load_spec(tmp_path / "one" / "a.toml"), load_spec(tmp_path / "two" / "b.toml")]
    found = compare_specs(specs)
    assert [run.bars.name for run in found.runs] == ["mine", "mine"]


def test_the_same_spec_twice_gets_two_names(tmp_path):
    (tmp_path / "a.toml").write_text(HOLD + "end = 2003-12-31\n")
    spec = load_spec(tmp_path / "a.toml")
    assert compare_specs([spec, spec]).labels == ["a", "a (2)"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rsi_timing"], "a comparison needs two specs or more"),
        (["rsi_timing", "nothing"], "no spec file 'nothing'"),
        (["rsi_timing", "rsi_timing", "--end", "1999-01-12"], "rsi_timing: nasdaq: 7 bars are too few"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments, says, tmp_path):
    done = letf("compare", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_simulated_data_are_marked_in_the_table_and_the_files(two, tmp_path):
    done = letf("compare", *two, "--index", "semis-sim", "--out", str(tmp_path / "out"))
    assert done.stdout.startswith("SIMULATED data.")
    assert {row["data"] for row in read(tmp_path / "out" / "compare.csv")} == {"SIMULATED"}
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["simulated"] is True


def test_a_fund_that_follows_another_index_than_the_first_s_is_not_said_to_be_made_from_it():
    found = compare_specs(
        [load_spec(name, ["data.end=2001-12-31"]) for name in ("average_bands", "fixed_mix")]
    )
    assert any("nasdaq is not the index of SOXL" in note for note in found.notes)
    assert "fixed_mix: TMF follows bonds-sim, not nasdaq" in found.notes
    assert not any("nasdaq is not the index of TMF" in said for said in (*found.notes, *found.foreign))
