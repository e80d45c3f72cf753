"""What a sweep takes of memory and of a person's time, each measured in a fresh process.

The 1,000 cells of `benchmarks.sweep_case`, here and in vectorbt, at rest (compiled, run on two cells) and at
most; `letf sweep` of 134,400 cells against ten of them; `letf sweep` of 1,000 cells from a cold start, with
numba's cache warm. This process imports nothing large, since a process begins its count of memory with that
of the one which started it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import named, tell

MOST_MB, MOST_SECONDS, ROUNDS = 300.0, 2.5, 3
MOST_MB_FOR_MORE, MOST_SECONDS_FOR_A_MILLION = 60.0, 15.0
SWEEP = (sys.executable, "-m", "runs.commands.cli", "sweep")
COLD = """\
name = "thousand"
strategy = "rsi_timing"
[data]
index = "nasdaq"
funds = ["SOXS"]
[plan]
fraction = 0.5
[costs]
commission_bps = 5
[sweep]
plan.stop = {from = 0.08, to = 0.26, step = 0.02}
plan.target = {from = 0.10, to = 0.28, step = 0.02}
plan.max_bars = {from = 5, to = 50, step = 5}
"""
MILLION = (
    COLD.replace('"thousand"', '"million"').partition("[sweep]")[0]
    + """\
[sweep]
rule.rsi_bars = {from = 7, to = 24, step = 1}
plan.stop = {from = 0.08, to = 0.26, step = 0.02}
plan.target = {from = 0.10, to = 0.48, step = 0.02}
plan.max_bars = {from = 5, to = 50, step = 5}
plan.fraction = {from = 0.02, to = 0.6, step = 0.02}
"""
)


def peak_mb() -> float:
    """The most memory that this process has had in use, in MB."""
    return _mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _mb(maxrss: float) -> float:
    return maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)  # bytes there, KiB elsewhere


def command(*words: str) -> tuple[float, float]:
    """Wall time in seconds and peak memory in MB of a command.

    Raises
    ------
    RuntimeError
        If it fails; with what it said.
    """
    start = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {said.strip()}")
    return seconds, _mb(usage.ru_maxrss)


def whole_sweep() -> tuple[float, float, float]:
    """The example of 134,400 cells: MB at rest (all but ten of its cells left out), MB at most, seconds."""
    with TemporaryDirectory() as folder:
        run = (*SWEEP, "rsi_timing_sweep", "--out")
        command(*run, f"{folder}/warm", "--sample", "10")
        _, rest = command(*run, f"{folder}/rest", "--sample", "10")
        seconds, most = command(*run, f"{folder}/whole")
    return rest, most, seconds


def million_cells() -> tuple[float, float]:
    """Seconds and MB at most of `letf sweep` of 1,080,000 cells."""
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "million.toml"
        spec.write_text(MILLION)
        return command(*SWEEP, str(spec), "--out", f"{folder}/million")


def cold_starts(rounds: int) -> list[float]:
    """Wall times of `letf sweep` of 1,000 cells as a fresh process; numba's cache is warm."""
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "thousand.toml"
        spec.write_text(COLD)
        times = [command(*SWEEP, str(spec), "--out", f"{folder}/{i}")[0] for i in range(rounds + 1)]
    return times[1:]


def peer_memory(who: str) -> tuple[float, float]:
    """MB at rest and at most of a process that runs the case, with "letf-lab" or with "vectorbt"."""
    words = (sys.executable, "-m", "benchmarks.footprint", who)
    rest, most = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(rest), float(most)


def run_case(who: str) -> None:
    """Run the case, and print this process's memory before and at most."""
    from benchmarks.sweep_case import ours, sweep_case

    run: Callable[[Any], object] = ours
    if who == "vectorbt":
        from benchmarks.peers import by_vectorbt, vectorbt_metrics

        def run(cells: Any) -> object:
            folio = by_vectorbt(cells)
            return folio, vectorbt_metrics(folio)

    case, few = sweep_case(), sweep_case(every=500)
    run(few)
    rest = peak_mb()
    found = run(case)
    print(rest, peak_mb())
    del found


def main() -> int:
    print("memory and wall time of a sweep")
    here, there = (most - rest for rest, most in map(peer_memory, ("letf-lab", "vectorbt")))
    tell("memory of a sweep of 1,000 cells, over at rest", here, "MB", named("vectorbt"), there)
    times = sorted(cold_starts(ROUNDS))
    tell("letf sweep of 1,000 cells, whole", median(times), "s", limit=MOST_SECONDS)
    rest, most, seconds = whole_sweep()
    tell("letf sweep of 134,400 cells, whole", seconds, "s")
    tell("memory of that, over at rest", most - rest, "MB", limit=MOST_MB)
    seconds, million = million_cells()
    tell("letf sweep of 1,080,000 cells, whole", seconds, "s", limit=MOST_SECONDS_FOR_A_MILLION)
    tell("memory of that, more than for 134,400", million - most, "MB", limit=MOST_MB_FOR_MORE)
    return 0


if __name__ == "__main__":
    sys.exit(run_case(sys.argv[1]) if sys.argv[1:] else main())
