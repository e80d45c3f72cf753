"""`letf sweep`: what it prints and keeps; a kill in the middle costs nothing but the cells in hand."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from runs.answers.progress import OnTerminal
from runs.specs.reading import load_spec
from tests.forked import forked
from tests.runs.command import letf, read
from tests.runs.sweeps.specs import spec_file

# 4 × 3 × 2 × 2 = 48 cells, of which those with oversold 70 over overbought 55 or 65 are refused: 2 of 12
# combinations of levels for each of 4 plans.
SWEEP = """
rule.oversold = [30, 40, 45, 70]
rule.overbought = [55, 65, 80]
plan.stop = [0.05, 0.1]
plan.max_bars = ["none", 5]
"""
HERE = ("--engine", "backtrader", "--workers", "1")
PARTS = 6  # of 8 cells each


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An undisturbed sweep: its folder, what it printed, its spec."""
    base = tmp_path_factory.mktemp("sweep")
    spec = spec_file(base, SWEEP)
    done = letf("sweep", spec, *HERE, "--out", base / "out", pictures=True)
    assert done.returncode == 0, done.stderr
    return base / "out", done, spec


def test_a_sweep_says_what_it_ran_what_was_best_and_what_was_refused(whole):
    folder, done, _ = whole
    first = "swept: 48 cells (rule.oversold 4 × rule.overbought 3 × plan.stop 2 × plan.max_bars 2); "
    assert done.stdout.startswith(first + "engine: backtrader (as asked)\n40 cells ran, 8 refused; ")
    assert "8 cells refused, such as: oversold (70) must be below overbought (55)" in done.stdout
    assert done.stdout.endswith(f"report: {folder}/report.html\n")
    assert "48 of 48 cells" in done.stderr


def test_the_folder_holds_the_table_its_summary_and_what_made_it(whole):
    folder = whole[0]
    assert sorted(p.name for p in folder.iterdir()) == [
        "cells.parquet",
        "distribution.png",
        "heatmap.png",
        "manifest.json",
        "report.html",
        "stability.png",
        "sweep.json",
        "sweep.png",
        "top.csv",
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["state"] == "whole"
    assert list(manifest["sweep"]["axes"].items()) == [
        ("rule.oversold", [30, 40, 45, 70]),
        ("rule.overbought", [55, 65, 80]),
        ("plan.stop", [0.05, 0.1]),
        ("plan.max_bars", [None, 5]),
    ]
    assert len(manifest["data"]["markets"]["all"]["index"]["sha256"]) == 64
    summary = json.loads((folder / "sweep.json").read_text())
    assert summary["refused"]["cells"] == 8
    rows = pq.read_table(folder / "cells.parquet").to_pylist()
    ranked = sorted((r for r in rows if r["sharpe"] is not None), key=lambda r: (-r["sharpe"], r["cell"]))
    assert [r["cell"] for r in summary["best"]["sharpe"]] == [r["cell"] for r in ranked[:10]]
    calm = sorted((r["volatility"], r["cell"]) for r in rows if r["volatility"] is not None)
    assert [r["cell"] for r in summary["best"]["volatility"]] == [cell for _, cell in calm[:10]]
    assert [int(r["cell"]) for r in read(folder / "top.csv")] == [r["cell"] for r in ranked]


def test_a_cell_is_the_run_that_letf_run_makes_of_its_values(whole, tmp_path):
    folder, _, spec = whole
    row = pq.read_table(folder / "cells.parquet").to_pylist()[21]
    assert [row[k] for k in ("rule.oversold", "rule.overbought", "plan.stop", "plan.max_bars")] == [
        40,
        80,
        0.05,
        5,
    ]
    changes = ["rule.oversold=40", "rule.overbought=80", "plan.stop=0.05", "plan.max_bars=5"]
    given = [word for change in changes for word in ("--set", change)]
    assert letf("run", spec, *given, "--out", tmp_path / "run").returncode == 0
    assert "sweep" not in json.loads((tmp_path / "run" / "manifest.json").read_text())["spec"]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["trades"] > 0
    for name in ("total_return", "sharpe", "trades", "win_rate", "costs_paid"):
        assert row[name] == metrics[name]


def test_a_kill_in_the_middle_and_resume_give_the_same_bytes_and_no_worker_is_left(whole, tmp_path):
    folder, _, spec = whole
    out = tmp_path / "out"
    command = [sys.executable, "-m", "runs.commands.cli", "sweep", str(spec), "--engine", "backtrader"]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not list(out.glob("parts/*.parquet")):
        assert process.poll() is None
        time.sleep(0.002)
    workers = children_of(process.pid)
    process.kill()
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("parts/*.parquet")}
    assert 0 < len(kept) < PARTS
    assert not (out / "cells.parquet").exists()
    assert (
        f"{8 * len(kept)} of 48 cells done; go on with --resume"
        in letf("sweep", spec, *HERE, "--out", out).stderr
    )
    done = letf("sweep", spec, *HERE, "--resume", "--out", out)
    assert done.returncode == 0, done.stderr
    assert (out / "cells.parquet").read_bytes() == (folder / "cells.parquet").read_bytes()
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert workers
    assert not [pid for pid in workers if is_alive(pid)]


def test_the_kernel_gives_the_same_rows_and_some_are_run_again(whole, tmp_path):
    folder, _, spec = whole
    done = letf("sweep", spec, "--verify", 5, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "engine: kernel (rsi_timing follows a plan, on a cash account)" in done.stdout
    again = json.loads((tmp_path / "out" / "sweep.json").read_text())["verification"]
    assert 10 <= len(again["cells"]) <= 15  # the best ten, and up to five that are not among them
    assert f"order by order: {len(again['cells'])} cells, {again['fills']:,} fills, no differ" in done.stdout
    here, there = (pq.read_table(f / "cells.parquet").to_pylist() for f in (tmp_path / "out", folder))
    for mine, theirs in zip(here, there, strict=True):
        assert (mine.pop("engine"), theirs.pop("engine")) == ("kernel", "backtrader")
        np.testing.assert_allclose(mine.pop("blocks"), theirs.pop("blocks"), atol=1e-9)
        numbers = [key for key, value in theirs.items() if isinstance(value, float)]
        assert [mine.pop(key) for key in numbers] == pytest.approx(
            [theirs.pop(key) for key in numbers], rel=1e-9, abs=1e-9
        )
        assert mine == theirs


def status_of(pid: int | str) -> list[str]:
    """State, parent and more of a process."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children_of(pid: int) -> list[int]:
    """Processes below one, however deep."""
    below: list[int] = []
    for name in os.listdir("/proc"):
        try:
            parent = int(status_of(name)[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            below += [int(name), *children_of(int(name))]
    return below


def is_alive(pid: int) -> bool:
    try:
        return status_of(pid)[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(whole, tmp_path, monkeypatch):
    folder, _, spec = whole
    bar = OnTerminal().cells

    def interrupted(total, done):
        class Bar:
            def __enter__(self):
                self.inner = bar(total, done)
                self.advance = self.inner.__enter__()
                self.calls = 0
                return self.step

            def __exit__(self, *error):
                return self.inner.__exit__(*error)

            def step(self, cells):
                self.advance(cells)
                self.calls += 1
                if self.calls == 2:
                    signal.raise_signal(signal.SIGINT)

        return Bar()

    # A suite that a script starts in its background inherits a Ctrl-C that is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(OnTerminal, "cells", lambda self, total, done: interrupted(total, done))
            # With the process that draws: it ends as well.
            done = letf("sweep", spec, *HERE, "--out", tmp_path / "out", pictures=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.returncode == 130
    kept = f"16 of 48 cells are kept in {tmp_path / 'out'}"
    assert done.stderr.splitlines()[-1] == f"letf: stopped; {kept}, go on with --resume"
    assert letf("sweep", spec, *HERE, "--resume", "--out", tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "cells.parquet").read_bytes() == (folder / "cells.parquet").read_bytes()


def limited(limit, arguments):
    """Give a command in a process that can write no file beyond a size: the errors of a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return letf(*arguments, pictures=True)


@pytest.mark.parametrize(
    ("of_table", "parts"),
    [(0.4, 0), (0.95, PARTS), (1.0, PARTS)],
    ids=["not even a part", "every part but not the table", "the table but not its summary"],
)
def test_a_full_disk_is_one_sentence_and_what_was_written_is_kept(whole, tmp_path, of_table, parts):
    folder, _, spec = whole
    out = tmp_path / "out"
    limit = round((folder / "cells.parquet").stat().st_size * of_table)
    with forked(limited, limit, ["sweep", spec, *HERE, "--out", out]) as process:
        done = process.result()
    assert done.returncode == 2
    assert len(list(out.glob("parts/*.parquet"))) == parts
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"letf: cannot write to {out}: File too large; {8 * parts} of 48 cells are kept")
    assert not list(out.rglob("*.writing"))
    assert (out / "cells.parquet").exists() == (of_table == 1.0)
    assert letf("sweep", spec, *HERE, "--resume", "--out", out).returncode == 0
    assert (out / "cells.parquet").read_bytes() == (folder / "cells.parquet").read_bytes()


def test_a_sample_is_part_of_the_whole(whole, tmp_path):
    folder, _, spec = whole
    out = tmp_path / "out"
    assert letf("sweep", spec, *HERE, "--sample", 10, "--sample-seed", 3, "--out", out).returncode == 0
    some = pq.read_table(out / "cells.parquet").to_pylist()
    every = {row["cell"]: row for row in pq.read_table(folder / "cells.parquet").to_pylist()}
    for row in some:
        np.testing.assert_array_equal(row.pop("blocks"), every[row["cell"]].pop("blocks"))
    assert some == [every[row["cell"]] for row in some]
    assert len(some) == 10


def test_a_whole_sweep_is_resumed_by_saying_so_and_replaced_without(whole, tmp_path):
    made, _, spec = whole
    folder = shutil.copytree(made, tmp_path / "out")
    before = (folder / "cells.parquet").stat().st_mtime_ns
    done = letf("sweep", spec, *HERE, "--resume", "--by", "cagr", "--out", folder)
    assert "this sweep is whole already: nothing is run again" in done.stdout
    assert "The best cells by CAGR" in done.stdout
    assert (folder / "cells.parquet").stat().st_mtime_ns == before
    assert letf("sweep", spec, *HERE, "--set", "sweep.rule.oversold=[30]", "--out", folder).returncode == 0
    assert pq.read_metadata(folder / "cells.parquet").num_rows == 12
    done = letf("sweep", spec, *HERE, "--resume", "--out", folder)
    assert done.returncode == 2
    assert "it holds another sweep: sweep axes rule.oversold was [30] and is [30, 40, 45, 70]" in done.stderr


def test_several_indices_are_a_parameter(tmp_path):
    spec = spec_file(tmp_path, "plan.stop = [0.05, 0.1]")
    (tmp_path / "data").mkdir()
    for name, scale in (("ONE", 1), ("TWO", 2)):
        rows = (tmp_path / "prices.csv").read_text().splitlines()
        scaled = [
            f"{d},{','.join(str(scale * float(v)) for v in vs)}"
            for d, *vs in (r.split(",") for r in rows[1:])
        ]
        (tmp_path / "data" / f"{name}.csv").write_text("\n".join([rows[0], *scaled]))
    out = tmp_path / "out"
    indices = ("--index", "ONE", "--index", "TWO", "--data-dir", tmp_path / "data")
    done = letf("sweep", spec, *HERE, *indices, "--out", out)
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(out / "cells.parquet").to_pylist()
    assert [(r["data.index"], r["plan.stop"]) for r in rows] == [
        ("ONE", 0.05),
        ("ONE", 0.1),
        ("TWO", 0.05),
        ("TWO", 0.1),
    ]
    # an index twice as high is the same market to a fund
    assert [r["total_return"] for r in rows[:2]] == pytest.approx([r["total_return"] for r in rows[2:]])
    markets = json.loads((out / "manifest.json").read_text())["data"]["markets"]
    assert list(markets) == ["data.index = ONE", "data.index = TWO"]
    done = letf("sweep", spec, *HERE, "--index", "ONE", "--index", "THREE", "--out", tmp_path / "no")
    assert done.returncode == 2
    assert "sweep: data.index = " in done.stderr
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--by", "sharp"], "no metric is named 'sharp'; did you mean 'sharpe'?"),
        (["--engine", "kernl"], "engine 'kernl' is not known; there are kernel and backtrader"),
        (
            ["--engine", "kernel", "--set", "account.kind=cfd"],
            "the kernel cannot run swept: the account is of",
        ),
        (
            ["--set", "sweep.rule.oversold=[81, 82]"],
            "no cell of swept could be run: 24 cells refused, such as: ",
        ),
        (
            ["--set", "sweep.rule.rsi_bars=[400]"],
            "no cell of swept could be run: 40 cells refused, such as: prices",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_no_folder(tmp_path, arguments, sentence):
    spec = spec_file(tmp_path, SWEEP)
    engine = () if "--engine" in arguments else HERE
    done = letf("sweep", spec, *engine, *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert f"letf: {sentence}" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_rule_that_the_kernel_cannot_run_goes_to_backtrader_and_says_why(tmp_path):
    from runs.sweeps.engines.choice import choose
    from runs.sweeps.space.axes import grid_of

    spec = load_spec(spec_file(tmp_path, SWEEP))
    assert choose(spec, grid_of(spec), None)[0] == "kernel"
    cfd = load_spec(spec_file(tmp_path, SWEEP + "account.kind = ['cash', 'cfd']"))
    assert choose(cfd, grid_of(cfd), None) == ("backtrader", "the account is of kind cfd")
    options = load_spec("event_options", ["sweep.rule.side=[1]"])
    assert choose(options, grid_of(cfd), None)[0] == "backtrader"


PEEK = """
import numpy as np
from strategies import RuleParams, Signals, TradeRule, param


class PeekParams(RuleParams):
    shift: int = param(0, "bars", "how far it looks ahead", ge=0, le=5)


class Peek(TradeRule):
    name = "peek"
    summary = "buys before a rise"
    Params = PeekParams
    default_instrument = "SOXL"

    def signals(self, market):
        close = market.index.close
        rises = np.append(close[1:] > close[:-1], False)
        ahead = rises if self.params.shift else np.roll(rises, 1) & (np.arange(len(close)) > 0)
        return Signals(entry={"rise": ahead}, exit={"fall": ~ahead})
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rule_of_ones_own_that_looks_ahead_has_no_row_whoever_asks_first(tmp_path, workers):
    spec_file(tmp_path, "")
    (tmp_path / "peek.py").write_text(PEEK)
    spec = tmp_path / "peek.toml"
    spec.write_text(
        'strategy = "peek.py:Peek"\n[data]\nindex = "prices.csv"\n[sweep]\n'
        "rule.shift = [0, 1, 2]\nplan.stop = [0.1, 0.2]\n"
    )
    done = letf("sweep", spec, "--verify", "0", "--workers", str(workers), "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "2 cells ran, 4 refused" in done.stdout
    assert "not verified: no cell was run again in backtrader" in done.stdout
    rows = pq.read_table(tmp_path / "out" / "cells.parquet").to_pylist()
    assert ["looks ahead" in (row["refused"] or "") for row in rows] == [False, False, True, True, True, True]


def test_a_sweep_that_differs_in_backtrader_says_so_until_it_is_verified(tmp_path, monkeypatch):
    from runs.sweeps import verify as module

    spec = spec_file(tmp_path, SWEEP)

    def differs(*args):
        raise module.ParityError("cell 7 (…): bar 3: price is 1 in the kernel, 2 in backtrader")

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(module, "compare", differs)
        done = letf("sweep", spec, "--out", out)
    assert done.returncode == 2
    assert "cell 7 (…): bar 3: price is 1 in the kernel, 2 in backtrader" in done.stderr
    assert json.loads((out / "manifest.json").read_text())["state"] == "not trusted"
    assert "NOT TO BE TRUSTED" in (out / "report.html").read_text()
    assert letf("top", out).stdout.startswith(
        "NOT TO BE TRUSTED, as it differs when run again in backtrader: cell 7"
    )
    again = letf("sweep", spec, "--resume", "--verify", "0", "--out", out)
    assert again.returncode == 2
    assert "(found earlier)" in again.stderr
    assert letf("sweep", spec, "--resume", "--out", out).returncode == 0
    assert "NOT" not in letf("top", out).stdout


def test_cells_that_differ_by_rounding_have_their_report(tmp_path):
    """With costs in proportion to value, splits change nothing but the last digits."""
    splits = 'sweep.data.splits=["none","issuer"]'
    done = letf(
        "sweep", "rsi_timing", "--end", "2003-01-01", "--set", splits, "--out", tmp_path / "s", pictures=True
    )
    assert done.returncode == 0, done.stderr
    assert "could not be drawn" not in done.stdout
    assert {"sweep.png", "distribution.png", "stability.png"} <= {p.name for p in (tmp_path / "s").iterdir()}
