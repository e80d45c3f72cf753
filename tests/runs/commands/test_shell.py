"""Ctrl-C in a command that takes long: it says what there is, and leaves nothing half done."""

import os
import signal
import subprocess
import sys
import time

import pytest

from runs.robustness.montecarlo.kept import Kept
from tests.conftest import random_bars
from tests.forked import forked
from tests.runs.command import letf
from tests.runs.robustness.rig import frame_of

LATE = "letf: stopped before there was a result; nothing is written"
# The rule takes its time when it is computed first, and says that it has begun.
RULE = """
import pathlib, time
import numpy as np
from strategies import RuleParams, Signals, TradeRule

class R(TradeRule):
    name, summary, Params, default_instrument = "r", "for tests", RuleParams, "SOXL"

    def signals(self, market):
        begun = pathlib.Path(__file__).with_name("begun")
        if not begun.exists():
            begun.touch()
            time.sleep({seconds})
        up = np.r_[False, market.index.close[1:] > market.index.close[:-1]]
        return Signals(entry={{"in": up}}, exit={{"out": ~up}})
"""
# A suite that a script starts in its background inherits a Ctrl-C that is ignored.
COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from runs.commands.cli import main; main()"
)


def spec_in(folder, seconds=None):
    """A spec of the rule that takes its time; without `seconds` of one of ours, which takes none."""
    strategy = "rsi_timing" if seconds is None else "own.py:R"
    (folder / "own.py").write_text(RULE.format(seconds=seconds))
    frame_of(random_bars(3, n=1200)).reset_index().to_csv(folder / "case.csv", index=False)
    (folder / "own.toml").write_text(
        f'strategy = "{strategy}"\n[data]\nindex = "case.csv"\nrate = 0.02\n'
        "[sweep]\nplan.stop = [0.05, 0.1]\n"
    )
    return folder / "own.toml"


def left_behind(folder):
    return {path.name for path in folder.iterdir()} - {
        "own.py",
        "own.toml",
        "case.csv",
        "begun",
        "__pycache__",
    }


@pytest.mark.parametrize("verb", ["run", "walkforward"])  # alone, and with workers
def test_ctrl_c_ends_a_command_with_a_sentence(verb, tmp_path):
    given = [verb, str(spec_in(tmp_path, 2.5)), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == LATE
    assert "Traceback" not in said + printed
    assert left_behind(tmp_path) == set()


def heard(given):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return letf(*given, pictures=True)


@pytest.mark.parametrize("verb", ["starts", "luck", "robustness"])
def test_ctrl_c_ends_these_too_wherever_they_are(verb, tmp_path):
    given = [verb, str(spec_in(tmp_path, 5)), "--out", str(tmp_path / "out")]
    with forked(heard, given) as process:
        while not (tmp_path / "begun").exists():
            assert process.exitcode() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        done = process.result()
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == LATE
    assert "Traceback" not in done.stderr + done.stdout
    assert left_behind(tmp_path) == set()


def test_ctrl_c_while_a_verdict_asks_for_other_histories_ends_it(tmp_path, monkeypatch):
    def interrupted(self, chunk, found):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Kept, "put", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    few = ["--draws", 100, "--timings", 100, "--paths", 100]
    try:
        done = letf("robustness", spec_in(tmp_path), *few, "--out", tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == LATE
    assert not (tmp_path / "out").exists()
