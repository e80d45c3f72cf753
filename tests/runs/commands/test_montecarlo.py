"""`letf montecarlo` as a person gives it: the same bytes for any number of workers, killed and resumed."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import letf
from runs.robustness.montecarlo.engine import CHUNK
from tests.runs.command import letf as command
from tests.runs.robustness.montecarlo.specs import RSI, noise, spec_file

PATHS = 10 * CHUNK["kernel"]
FILES = ("montecarlo.json", "paths.parquet", "fan.csv", "fan.png", "distributions.png", "beside.png")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A result folder, what was printed, and its spec."""
    home = tmp_path_factory.mktemp("montecarlo")
    spec = spec_file(home, noise(400), RSI)
    done = command(
        "montecarlo",
        spec,
        "--paths",
        PATHS,
        "--seed",
        3,
        "--workers",
        1,
        "--out",
        home / "out",
        pictures=True,
    )
    assert done.returncode == 0, done.stderr
    return home / "out", done, spec


def same(one, other):
    for name in FILES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (one, other)]
    for manifest in manifests:
        del manifest["times"]
    assert manifests[0] == manifests[1]


def test_the_answer_says_how_often_and_where_the_real_run_lies(whole):
    folder, done, _ = whole
    for words in ("it beats cash on", " of them, prices on ", "beats SOXS", "ends with a loss on"):
        assert words in done.stdout
    assert f"2,500 paths of {401:,} sessions; engine: kernel" in done.stdout
    assert f"report: {folder / 'report.html'}" in done.stdout
    found = json.loads((folder / "montecarlo.json").read_text())
    frame = pd.read_parquet(folder / "paths.parquet")
    assert len(frame) == PATHS
    assert found["loss"] == (frame["total_return"] < -1e-9).mean()
    assert found["beats_SOXS"] == pytest.approx((frame["total_return"] > frame["SOXS_return"]).mean())
    assert found["total_return_q50"] == np.quantile(frame["total_return"], 0.5)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["montecarlo"]["fit"]["model"] == "bootstrap"
    assert not folder.with_name("out.unfinished").exists()


def test_the_same_bytes_with_two_workers_and_others_with_another_seed(whole, tmp_path):
    folder, _, spec = whole
    for seed, pictures in ((3, True), (4, False)):
        given = ("--paths", PATHS, "--seed", seed, "--workers", 2, "--out", tmp_path / str(seed))
        done = command("montecarlo", spec, *given, pictures=pictures)
        assert done.returncode == 0, done.stderr
    same(folder, tmp_path / "3")
    assert (folder / "paths.parquet").read_bytes() != (tmp_path / "4" / "paths.parquet").read_bytes()


def test_a_kill_in_the_middle_and_resume_give_the_same_bytes(whole, tmp_path):
    folder, _, spec = whole
    out, parts = tmp_path / "out", tmp_path / "out.unfinished"
    given = ["montecarlo", str(spec), "--paths", str(PATHS), "--seed", "3", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "runs.commands.cli", *given, "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list(parts.glob("*.npz")):
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    process.wait()
    kept = list(parts.glob("*.npz"))
    assert 0 < len(kept) < 10
    assert not out.exists()
    refused = command(*given)
    assert refused.returncode == 2
    assert f"{250 * len(kept):,} of 2,500 paths done; go on with --resume" in refused.stderr
    other = command("montecarlo", spec, "--paths", PATHS, "--seed", 4, "--out", out, "--resume")
    assert other.returncode == 2
    assert "cannot be resumed, it holds another run: seed differ" in other.stderr
    done = command(*given, "--resume", pictures=True)
    assert done.returncode == 0, done.stderr
    same(folder, out)
    assert not parts.exists()


def test_a_script_gets_the_same_figures(whole, tmp_path):
    folder, _, spec = whole
    found = letf.montecarlo(spec, paths=PATHS, seed=3, workers=1, out=tmp_path / "mine")
    frame = pd.read_parquet(folder / "paths.parquet")
    pd.testing.assert_frame_equal(found.paths, frame, check_exact=True)
    assert found.metrics == json.loads((folder / "montecarlo.json").read_text())
    same(folder, tmp_path / "mine")
    assert set(found.pictures) == {"fan", "distributions", "beside"}


def test_the_same_figures_on_a_cluster(whole, tmp_path):
    distributed = pytest.importorskip("distributed")
    folder, _, spec = whole
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
    ) as cluster:
        given = ("--paths", PATHS, "--seed", 3, "--out", tmp_path / "out")
        done = command("montecarlo", spec, *given, "--scheduler", cluster.scheduler_address, pictures=True)
    assert done.returncode == 0, done.stderr
    same(folder, tmp_path / "out")


def test_a_strategy_of_backtrader_s_own_runs_on_the_same_paths(tmp_path):
    (tmp_path / "own.py").write_text(
        "import backtrader as bt\n\n\nclass Buy(bt.Strategy):\n"
        "    def next(self):\n        if len(self) == 1:\n"
        "            self.order_target_percent(self.getdatabyname('SOXL'), 0.5)\n"
    )
    text = 'strategy = "own.py:Buy"\n[data]\nindex = "prices.csv"\nfunds = ["SOXL"]\n'
    spec = spec_file(tmp_path, noise(80), text)
    done = command("montecarlo", spec, "--paths", 6, "--workers", 1, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "every path was run in backtrader, which is slower" in done.stdout
    frame = pd.read_parquet(tmp_path / "out" / "paths.parquet")
    assert set(frame["engine"]) == {"backtrader"}
    assert np.isfinite(frame["total_return"]).all()


def test_a_folder_of_something_else_is_refused_before_any_path_is_run(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    done = command("montecarlo", "rsi_timing", "--out", tmp_path / "mine")
    assert done.returncode == 2
    assert "exists and is not a result of letf; name another folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_rule_that_stands_in_a_script_runs_in_this_process_and_may_not_look_ahead(tmp_path):
    from strategies import RuleParams, Signals, TradeRule

    class Up(TradeRule):
        name, summary, Params = "up", "buys after a gain", RuleParams
        default_instrument = "SOXL"

        def signals(self, market):
            close = market.index.close
            rises = np.r_[False, close[1:] > close[:-1]]
            return Signals(entry={"rise": rises}, exit={"fall": ~rises})

    class Knows(Up):
        name = "knows"

        def signals(self, market):
            close = market.index.close
            rises = np.r_[close[1:] > close[:-1], False]
            return Signals(entry={"rise": rises}, exit={"fall": ~rises})

    spec_file(tmp_path, noise(200))
    given = {"index": tmp_path / "prices.csv", "paths": 20, "workers": 2}
    found = letf.montecarlo(Up, **given)
    assert found.metrics["refused"] == 0
    assert found.metrics["in_backtrader"] == 0
    with pytest.raises(letf.SpecError, match="looks ahead, so its result means nothing"):
        letf.montecarlo(Knows, **given)
