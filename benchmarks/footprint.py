"""What a sweep takes of memory and of a person's time, each measured in a fresh process.

python -m benchmarks.footprint ours        (or vectorbt): MB at rest, and at most, running 1,000 cells
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

SWEEP = (sys.executable, "-m", "runs.cli", "sweep")
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


def cold_starts(rounds: int) -> list[float]:
    """Wall times of `letf sweep` of 1,000 cells as a fresh process; numba's cache is warm."""
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "thousand.toml"
        spec.write_text(COLD)
        times = [command(*SWEEP, str(spec), "--out", f"{folder}/{i}")[0] for i in range(rounds + 1)]
    return times[1:]


def peer_memory(who: str) -> tuple[float, float]:
    """MB at rest and at most of a process that runs the case, with "ours" or with "vectorbt"."""
    here = subprocess.run(
        (sys.executable, "-m", "benchmarks.footprint", who), check=True, stdout=subprocess.PIPE, text=True
    )
    rest, most = here.stdout.split()
    return float(rest), float(most)


def main(who: str) -> int:
    from benchmarks.sweep_case import ours, sweep_case

    case, few = sweep_case(), sweep_case(every=500)
    if who == "ours":
        ours(few)
        rest = peak_mb()
        found: object = ours(case)
    else:
        from benchmarks.peers import by_vectorbt, vectorbt_metrics

        vectorbt_metrics(by_vectorbt(few))
        rest = peak_mb()
        folio = by_vectorbt(case)
        found = folio, vectorbt_metrics(folio)
    print(rest, peak_mb())
    del found
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
