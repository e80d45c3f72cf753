"""A sweep of 1,000 cells on 4,000 bars, with all metrics: this project against its peers.

The cells (`benchmarks.sweep_case`) are run here in the compiled kernel, by a bare numba loop, by vectorbt, by
backtesting.py and by a stock backtrader script; of the last two some cells, scaled to 1,000. All have the
same fills: every cell that was run is compared fill by fill, or no ratio is printed. Each times what it does
from arrays of prices on, with its code compiled before: ours to the table of 25 metrics, vectorbt to 9,
backtesting.py to its own statistics, backtrader and the bare loop to the final equity. All on one core, in
one thread; processor time, medians over rounds taken in turn.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ["TQDM_DISABLE"] = "1"  # backtesting.py's progress bar costs time and says nothing here
if hasattr(os, "sched_setaffinity"):  # before any library counts the cores and starts its threads
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from benchmarks.bare import bare, bare_fills
from benchmarks.figures import named, tell
from benchmarks.peers import (
    by_backtesting,
    by_backtrader,
    by_vectorbt,
    vectorbt_fills,
    vectorbt_metrics,
)
from benchmarks.sweep_case import Part, SweepCase, check_same, our_fills, ours, sweep_case

ROUNDS = 5
INNER = 10  # calls of what takes milliseconds, a round
BACKTRADER_CELLS, BACKTESTING_CELLS = (0, 555, 999), tuple(range(3, 1_000, 50))
BOUNDS = {"backtrader": 10_000, "backtesting": 1_000, "vectorbt": 50}
MOST_BARE = 3.0


def check(case: SweepCase) -> tuple[int, int]:
    """Hold all peers to this project's fills; how many fills there are in all cells, and were compared.

    Raises
    ------
    Part
        Where they part.
    """
    mine = our_fills(case)
    compared = 0
    every = range(len(case))
    whole = {"bare loop": bare_fills(case), "vectorbt": vectorbt_fills(by_vectorbt(case))}
    some = {
        "backtesting": (BACKTESTING_CELLS, by_backtesting),
        "backtrader": (BACKTRADER_CELLS, by_backtrader),
    }
    theirs = [(who, cell, found[cell]) for who, found in whole.items() for cell in every]
    theirs += [(who, cell, run(case, cell)) for who, (cells, run) in some.items() for cell in cells]
    for who, cell, found in theirs:
        check_same(who, cell, found, mine[cell])
        compared += len(found[0])
    return sum(len(fills) for fills, _ in mine), compared


def cpu_seconds(run: Callable[[], object], times: int = 1) -> float:
    """Processor time of one call, after the garbage of the one before has been swept away."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def scaled(case: SweepCase, run: Callable[[SweepCase, int], object], cells: tuple[int, ...]) -> float:
    """Processor time of all cells, from that of some."""
    return cpu_seconds(lambda: [run(case, cell) for cell in cells]) * len(case) / len(cells)


def time_all(case: SweepCase) -> dict[str, list[float]]:
    """Seconds for all cells, by whose they are, a value a round."""
    runs: dict[str, Callable[[], float]] = {
        "letf-lab": lambda: cpu_seconds(lambda: ours(case), INNER),
        "bare loop": lambda: cpu_seconds(lambda: bare(case), INNER),
        "vectorbt": lambda: cpu_seconds(lambda: vectorbt_metrics(by_vectorbt(case))),
        "backtesting": lambda: scaled(case, by_backtesting, BACKTESTING_CELLS),
        "backtrader": lambda: scaled(case, by_backtrader, BACKTRADER_CELLS),
    }
    times: dict[str, list[float]] = {who: [] for who in runs}
    for _ in range(ROUNDS):
        for who, run in runs.items():
            times[who].append(run())
    return times


def print_speed(times: dict[str, list[float]]) -> None:
    for who, seconds in times.items():
        low, high = min(seconds), max(seconds)
        print(f"  {who:<18}{median(seconds):12.4f} s for 1,000 cells   ({low:.4f} to {high:.4f})")
    mine = times["letf-lab"]
    spent = 1e3 * median(mine)
    for who, bound in BOUNDS.items():
        ratio = median(a / b for a, b in zip(times[who], mine, strict=True))
        tell("a sweep of 1,000 cells", spent, "ms", named(who), ratio * spent, limit=bound, most=False)
    ratio = median(a / b for a, b in zip(mine, times["bare loop"], strict=True))
    peer = f"a bare loop in {named('numba')}"
    tell("a sweep of 1,000 cells", spent, "ms", peer, spent / ratio, limit=MOST_BARE)


def main() -> int:
    try:
        case = sweep_case()
        fills, compared = check(case)
    except Part as where:
        print(f"not the same: {where}", file=sys.stderr)
        return 1
    print(f"a sweep of {len(case):,} cells, {len(case.bars):,} bars, {fills:,} fills; {compared:,} compared")
    print_speed(time_all(case))
    return 0


if __name__ == "__main__":
    sys.exit(main())
