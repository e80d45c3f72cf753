"""`letf flow`: what it prints, writes and refuses."""

import json
import re

import numpy as np
import pytest

from runs.answers.words import dollars
from runs.commands.cli import main
from tests.runs.command import letf, read

PICTURES = {"flow.png", "flow_theory.png", "drift.png"}
FILES = {"manifest.json", "report.html", "flow.json", "flow.csv", *PICTURES}


def run(monkeypatch, *arguments):
    """The command in this process; its exit code."""
    monkeypatch.setattr("sys.argv", ["letf", *map(str, arguments)])
    with pytest.raises(SystemExit) as done:
        main()
    return done.value.code or 0


def write_bars(path, stamps, closes, volume=1000):
    rows = [f"{s},{c},{c},{c},{c},{volume}" for s, c in zip(stamps, closes, strict=True)]
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]))


def test_from_end_to_end_on_the_nasdaq(tmp_path):
    since = ("--start", "2008-01-01")
    done = letf(
        "flow",
        "SQQQ",
        "--index",
        "nasdaq",
        "--assets",
        "5e9",
        *since,
        "--out",
        tmp_path / "out",
        pictures=True,
    )
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES
    assert done.stdout.startswith("SQQQ on nasdaq, 2008-01-03 to 2018-12-31, with $5.00 bn: ")
    for words in ("largest days", "not money", "brought back to $5.00 bn every day", "2008-10-13"):
        assert words in done.stdout
    found = json.loads((tmp_path / "out" / "flow.json").read_text())
    rows = read(tmp_path / "out" / "flow.csv")
    assert list(rows[0]) == [
        "date",
        "index_return",
        "trade",
        "share_of_assets",
        "share_of_traded_value",
        "multiple_before_reset",
    ]
    assert len(rows) == found["sessions"] == 2768
    trade = np.array([float(row["trade"]) for row in rows])
    moves = np.array([float(row["index_return"]) for row in rows])
    assert np.abs(trade).mean() == pytest.approx(found["trade_mean"])
    assert np.abs(trade).max() == pytest.approx(found["trade_max"])
    np.testing.assert_allclose(trade / 5e9, 12 * moves, atol=0.01)  # carry of −3x: at most 3 × 0.3 % a day
    assert found["sessions_against_index"] == (trade * moves < 0).sum()
    assert found["sessions_against_index_before_carry"] == 0
    assert found["share_of_traded_value_max"] is None


def test_intraday_bars_show_the_drift_bar_by_bar_and_twice_the_same_bytes(tmp_path, monkeypatch, capsys):
    stamps = [f"2020-01-{d:02d} {h}:30" for d in (6, 7, 8) for h in (10, 12, 15)]
    write_bars(tmp_path / "ETF.csv", stamps, [100, 100, 100, 102, 104, 105, 105, 104, 103])
    command = ("flow", "SOXS", "--index", "ETF", "--data-dir", tmp_path, "--out", tmp_path / "out")
    seen = []
    for _ in range(2):  # the second run replaces the result of the first
        assert run(monkeypatch, *command) == 0
        seen.append({p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()})
    assert seen[0].keys() == FILES | {"drift.csv", "drift_day.png"}
    one, other = (json.loads(files.pop("manifest.json")) for files in seen)
    assert seen[0] == seen[1]
    assert one.pop("times").keys() == other.pop("times").keys()
    assert one == other
    assert one["spec"]["command"] == "flow"
    assert re.fullmatch("[0-9a-f]{64}", one["data"]["index"]["sha256"])
    drift = read(tmp_path / "out" / "drift.csv")
    assert [row["timestamp"][:10] for row in drift] == ["2020-01-07"] * 3 + ["2020-01-08"] * 3
    held = [float(row["multiple"]) for row in drift]
    expected = [-3 * 1.02 / 0.94, -3 * 1.04 / 0.88, -3.706]  # cash yield and fee come on top
    assert held[:3] == pytest.approx(expected, rel=2e-3)
    assert held[3] == pytest.approx(-3, rel=1e-3)
    assert "at every bar's close" in capsys.readouterr().out
    first = read(tmp_path / "out" / "flow.csv")[0]
    traded = 1000 * (102 + 104 + 105)
    assert float(first["share_of_assets"]) == pytest.approx(0.6, abs=1e-3)  # 12 × 5 %
    assert float(first["share_of_traded_value"]) == pytest.approx(float(first["trade"]) / traded)


def test_simulated_data_say_so(tmp_path, monkeypatch, capsys):
    command = ("flow", "SOXS", "--index", "semis-sim", "--end", "2001-12-31", "--out", tmp_path / "out")
    assert run(monkeypatch, *command) == 0
    assert capsys.readouterr().out.startswith("SIMULATED data. ")
    assert {row["data"] for row in read(tmp_path / "out" / "flow.csv")} == {"SIMULATED"}
    for name in ("flow.json", "manifest.json"):
        assert json.loads((tmp_path / "out" / name).read_text())["simulated"] is True


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("SOXZ", "--index", "nasdaq"), "no fund named 'SOXZ'"),
        (("SOXS", "--index", "nasdac"), "did you mean nasdaq?"),
        (("SOXS", "--index", "nasdaq", "--assets", "-1"), "assets are -1"),
        (("SOXS", "--index", "nasdaq", "--assets", "nan"), "assets are nan"),
        (("SOXS", "--index", "nasdaq", "--assets", "lots"), "--assets"),
        (("SOXS", "--index", "nasdaq", "--start", "2030-01-01"), "at least 2 are needed"),
        (("SOXS",), "--index"),
    ],
)
def test_bad_input_is_exit_code_2(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "flow", *arguments) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10e9, "$10.0 bn"),
        (-1.234e9, "−$1.23 bn"),
        (999.96e6, "$1.00 bn"),
        (456e3, "$456 k"),
        (0.0, "$0"),
        (None, "n/a"),
    ],
)
def test_dollars_in_words(value, text):
    assert dollars(value) == text
