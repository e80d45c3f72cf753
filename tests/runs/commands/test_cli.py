"""The command: what it prints, writes and refuses; the same bytes twice; nothing half written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runs.commands.cli import entries
from tests.runs.command import letf, read

FILES = {
    "manifest.json",
    "metrics.json",
    "equity.csv",
    "trades.csv",
    "fills.csv",
    "decay.csv",
    "report.html",
    "equity.png",
    "underwater.png",
    "price.png",
    "signals.png",
    "decay.png",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The example run twice into two folders."""
    base = tmp_path_factory.mktemp("results")
    done = [
        letf("run", "rsi_timing", "--end", "2004-12-31", "--out", base / name, pictures=True)
        for name in ("a", "b")
    ]
    assert [d.returncode for d in done] == [0, 0], done[0].stderr
    return base, done


def test_a_run_writes_every_file_and_says_where(results):
    base, done = results
    assert {p.name for p in (base / "a").iterdir()} == FILES
    assert f"report: {base / 'a' / 'report.html'}" in done[0].stdout
    assert done[0].stdout.startswith("rsi_timing on nasdaq, 1999-01-04 to 2004-12-31: ")
    assert sorted(p.name for p in base.iterdir()) == ["a", "b"]


def test_twice_the_same_command_gives_the_same_bytes_but_for_the_times(results):
    base, _ = results
    for name in FILES - {"manifest.json"}:
        assert (base / "a" / name).read_bytes() == (base / "b" / name).read_bytes(), name
    one, other = (json.loads((base / d / "manifest.json").read_text()) for d in "ab")
    assert one.pop("times").keys() == other.pop("times").keys()
    assert one == other
    assert re.fullmatch("[0-9a-f]{64}", one["data"]["index"]["sha256"])
    assert one["spec"]["plan"]["stop"] == 0.08


def test_the_tables_hold_what_they_name(results):
    folder = results[0] / "a"
    metrics = json.loads((folder / "metrics.json").read_text())
    equity, trades, decay = (read(folder / f"{name}.csv") for name in ("equity", "trades", "decay"))
    assert list(equity[0]) == [
        "date",
        "equity",
        "cash",
        "exposure_gross",
        "exposure_net",
        "exposure_index",
        "drawdown",
        "hold_index",
        "hold_SOXS",
        "same_risk",
    ]
    assert list(trades[0]) == [
        "instrument",
        "entry_date",
        "entry_price",
        "exit_date",
        "exit_price",
        "size",
        "profit",
        "return",
        "adverse_excursion",
        "favourable_excursion",
        "bars_held",
        "costs",
        "dividends",
        "exit_reason",
        "entry_seen",
        "exit_seen",
        *(
            f"{end}_{name}"
            for name in ("RSI(14)", "close", "close below its 10-bar average (level)")
            for end in ("entry", "exit")
        ),
    ]
    assert len(trades) == metrics["trades"]
    assert float(equity[-1]["equity"]) == pytest.approx(metrics["final_equity"])
    assert min(float(row["drawdown"]) for row in equity) == pytest.approx(metrics["max_drawdown"])
    for fund in ("SOXS", "SOXL"):
        own = [row for row in decay if row["fund"] == fund]
        assert len(own) == len(equity) == metrics["sessions"]
        total = sum(float(row["compounding"]) for row in own)
        assert total == pytest.approx(metrics[f"decay_{fund}_compounding"])
        assert float(own[-1]["promised_to_date"]) == pytest.approx(metrics[f"decay_{fund}_promised"])
        assert float(own[-1]["actual_to_date"]) == pytest.approx(metrics[f"decay_{fund}_actual"])


def test_the_report_is_one_file_that_opens_offline(results):
    html = (results[0] / "a" / "report.html").read_text()
    assert html.count('class="closer"') == 7
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", html)
    for words in ("What the funds did to the idea", "rsi_timing on nasdaq", "Fed funds by month"):
        assert words in html


def sixty_rows():
    """A file as any vendor writes it."""
    days = (f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(60))
    rows = [f"{day},{100 + i % 7},120,90,{100 + i % 5}" for i, day in enumerate(days)]
    return "\n".join(["date,open,high,low,close", *rows])


def test_the_report_escapes_what_comes_from_outside(tmp_path):
    (tmp_path / "<b>&x.csv").write_text(sixty_rows())
    done = letf("run", "rsi_timing", "--index", tmp_path / "<b>&x.csv", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out" / "report.html").read_text()
    assert "&lt;b&gt;&amp;x" in html
    assert "<b>&x" not in html


def test_a_name_with_a_dollar_or_an_underscore_is_drawn_as_it_stands(tmp_path):
    (tmp_path / "_A$_$.csv").write_text(sixty_rows())
    done = letf(
        "run", "rsi_timing", "--index", "_A$_$.csv", "--data-dir", tmp_path, "--out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_simulated_data_say_so_in_every_output(tmp_path):
    done = letf("run", "rsi_timing", "--index", "semis-sim", "--seed", 3, "--out", tmp_path / "out")
    assert done.stdout.startswith("SIMULATED data. ")
    folder = tmp_path / "out"
    assert "SIMULATED" in (folder / "report.html").read_text()
    assert json.loads((folder / "metrics.json").read_text())["simulated"] is True
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["simulated"], manifest["seed"]) == (True, 3)
    for name in ("equity.csv", "trades.csv", "decay.csv"):
        assert {row["data"] for row in read(folder / name)} == {"SIMULATED"}


def test_the_installed_command_runs_and_reports_errors_by_exit_code(tmp_path):
    command = Path(sys.executable).with_name("letf")
    run = [command, "run", "rsi_timing", "--end", "1999-12-31", "--out", tmp_path / "out"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run([*run, "--index", "nothing"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("letf: no data named 'nothing'")
    assert done.stderr.count("\n") == 1


def test_a_rule_that_never_trades_is_said_in_the_first_line(tmp_path):
    done = letf("run", "rsi_timing", "--set", "rule.overbought=99", "--out", tmp_path / "out")
    assert done.returncode == 0
    first = done.stdout.splitlines()[0]
    assert first.startswith("The rule never traded: “RSI(14) falls back through 99” was never true. From ")
    assert "all of it interest on cash" in first


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere"), "no spec file 'nowhere'"),
        (("run", "rsi_timing", "--index", "nasdac"), "did you mean nasdaq?"),
        (("run", "rsi_timing", "--set", "plan.stopp=1"), "did you mean plan.stop?"),
        (("run", "rsi_timing", "--start", "2020-13-01"), "2020-13-01"),
        (("run", "rsi_timing", "--end", "1999-01-12"), "bars are too few"),
        (("run", "rsi_timing", "--rates", "nothing"), "no data named 'nothing'"),
        (("data", "check", "nowhere.csv"), "there is no such file"),
        (("run", "rsi_timing", "--set", "account.cash=1e308"), "account.cash is 1e+308"),
        (("run", "rsi_timing", "--set", "data.calendar=XTAE"), "calendar XTAE does not cover"),
        (("run", "x" * 5000), "no spec file"),
        (("run", "/proc/self/mem"), "cannot be read"),
        (("dta",), "No such command"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, arguments, says):
    done = letf(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_result_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    done = letf("run", "rsi_timing", "--end", "2000-12-31", "--out", tmp_path / "mine")
    assert done.returncode == 2
    assert "is not a result of letf" in done.stderr
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_data_list_and_check(tmp_path):
    (tmp_path / "SOX.csv").write_text(
        "date,open,high,low,close\n2020-01-06,10,11,9,10.5\n2020-01-07,10.5,12,10,11\n"
    )
    listed = letf("data", "list", "--data-dir", tmp_path)
    assert listed.returncode == 0
    assert "nasdaq" in listed.stdout
    assert re.search(r"SOX +2020-01-06 to 2020-01-07 +2 daily bars", listed.stdout)
    checked = letf("data", "check", "SOX", "--data-dir", tmp_path)
    assert checked.returncode == 0
    assert "volume is 0 on 2 of 2 rows" in checked.stdout
    assert letf("data", "check", "nasdaq").stdout.strip().endswith("clean")


def test_data_check_says_what_was_done_and_list_outlives_junk(tmp_path):
    (tmp_path / "SOX.csv").write_text(
        "Date;Open;High;Low;Close;Vol\n17.03.2020;10,6;12;10;11;5\n16.03.2020;10;11;9;10,5;5\n"
    )
    (tmp_path / "junk.csv").write_bytes(bytes(range(256)))
    checked = letf("data", "check", "SOX", "--data-dir", tmp_path)
    assert checked.returncode == 0
    assert checked.stdout.splitlines()[1:] == [
        "note: SOX.csv: its columns are separated by semicolons",
        "note: SOX.csv: its dates are day/month/year, the only order that the whole column fits",
        "note: SOX.csv: newest first, turned round",
        "note: SOX.csv: its numbers are read with commas for decimal points",
        "clean",
    ]
    listed = letf("data", "list", "--data-dir", tmp_path)
    assert listed.returncode == 0
    assert "no bars: junk.csv: this is no text" in listed.stdout


@pytest.mark.parametrize("question", [("decay", "SOXL"), ("versus",)])
def test_closes_alone_answer_what_asks_for_no_bar(question, tmp_path):
    lines = [f"2020-03-{day},{100 + day % 3}" for day in range(10, 28) if day not in (14, 15, 21, 22)]
    (tmp_path / "C.csv").write_text("Date,Close\n" + "\n".join(lines))
    done = letf(*question, "--index", tmp_path / "C.csv", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "C.csv: 14 rows have no open, high or low; their close stands for them" in done.stdout
    refused = letf("flow", "SOXL", "--index", tmp_path / "C.csv")
    assert refused.returncode == 2
    assert "C.csv: no column for open, high or low; closes alone will do for `decay`" in refused.stderr


@pytest.mark.market
def test_the_vendor_s_bad_files_by_the_command(market_folder):
    refused = letf("data", "check", market_folder / "bad" / "SOXX_mislabelled_columns.csv")
    assert refused.returncode == 2
    assert "SOXX_mislabelled_columns.csv, row 2 (2003-01-02)" in refused.stderr
    warned = letf("data", "check", market_folder / "bad" / "SOXS_spurious_15x.csv")
    assert warned.returncode == 0
    assert "unadjusted forward split" in warned.stdout


def modules_after(*arguments: str) -> set[str]:
    """What a process of its own has imported once `letf ARGUMENTS` is done."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from runs.commands.cli import main\n"
        "main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout
    return set(done.stderr.split())


HEAVY = {
    "arch",
    "backtrader",
    "bokeh",
    "exchange_calendars",
    "matplotlib",
    "numba",
    "pandas",
    "scipy",
    "talib",
}


def test_help_imports_no_command():
    loaded = modules_after("--help")
    assert not loaded & {*HEAVY, "numpy", "pydantic", "rich"}
    assert {name for name in loaded if name.startswith("runs.")} == {
        "runs.commands",
        "runs.commands.cli",
        "runs.commands.writing",
    }


def test_the_list_of_rules_imports_no_rule():
    loaded = modules_after("strategies")
    assert not loaded & {*HEAVY, "numpy"}
    assert not [name for name in loaded if name.startswith("strategies.rules")]


def test_a_run_without_pictures_and_a_sweep_leave_out_what_takes_long_to_load(tmp_path):
    end = ("--end", "2001-12-31", "--out")
    assert (
        letf("run", "hold", *end, tmp_path / "first").returncode == 0
    )  # the days of the exchange are kept from now on
    rarely = {"arch", "exchange_calendars", "matplotlib", "scipy.optimize", "scipy.stats", "talib"}
    assert not modules_after("run", "hold", *end, str(tmp_path / "run"), "--pictures", "none") & rarely
    swept = modules_after("sweep", "rsi_timing_sweep", "--sample", "4", *end, str(tmp_path / "sweep"))
    assert not swept & (rarely - {"talib"})


def test_a_command_s_help_imports_that_command_alone():
    loaded = modules_after("montecarlo", "--help")
    assert not loaded & {*HEAVY, "numpy"}
    assert "runs.commands.montecarlo" in loaded
    assert "runs.commands.sweep" not in loaded


def test_no_line_of_the_help_is_cut_off():
    lines = letf("--help").stdout.splitlines()
    for name, entry in entries().items():
        assert any(re.fullmatch(rf"  {name} +{re.escape(entry.summary)}", line) for line in lines), name


def test_the_version_is_said():
    done = letf("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"letf-lab \d+\.\d+\.\d+\n", done.stdout)


def test_help_is_in_groups_each_with_an_example():
    shown = letf("--help").stdout
    groups = (
        "Run a rule",
        "Sweep its parameters",
        "Is it an edge?",
        "Ask about a fund",
        "Data and funds",
    )
    for group in groups:
        assert f"\n{group}:\n" in shown
    assert shown.count("e.g. letf ") == len(groups)
    assert "--install-completion" in shown
    for command in (
        "run",
        "sweep",
        "top",
        "compare",
        "decay",
        "flow",
        "versus",
        "track",
        "calibrate",
        "synth",
        "walkforward",
        "starts",
    ):
        assert f"Example: letf {command} " in letf(command, "--help").stdout


def test_a_run_and_a_sweep_of_one_spec_have_a_folder_each(tmp_path):
    end = ("--end", "2000-12-31")
    assert letf("run", "pullback", *end, cwd=tmp_path).returncode == 0
    swept = letf("sweep", "pullback", *end, "--set", "sweep.plan.stop=[0.05, 0.1]", cwd=tmp_path)
    assert swept.returncode == 0, swept.stderr
    made = {path.name for path in (tmp_path / "runs" / "output").iterdir()}
    assert made == {"run_pullback", "sweep_pullback"}
    again = letf("run", "pullback", *end, cwd=tmp_path)
    assert "it takes the place of the result of" in again.stdout


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("overbought", "rule.overbought"),
        ("stop", "plan.stop"),
        ("cash", "account.cash"),
        ("index", "data.index"),
    ],
)
def test_a_key_without_its_table_is_given_one(key, meant):
    done = letf("run", "rsi_timing", "--set", f"{key}=70")
    assert done.returncode == 2
    assert f"did you mean {meant}?" in done.stderr
