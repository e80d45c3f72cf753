"""What it costs a sweep to say how much of its best cell is luck.

A sweep of 100,000 cells of `rsi_timing_sweep` from its spec to its summary, with what the deflated Sharpe
ratio and the probability of overfitting need (returns by block from the kernel, in the table, and what is
made of them), and without. Verification and pictures, which both have, are left out of both, so that the
ratio is the harder one. Wall clock on all cores, medians of pairs run in turn; the figures of both sweeps
must be the same.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.figures import tell

CELLS = 100_000
PAIRS = 3
MOST = 1.25


def swept(with_luck: bool, cells: int = CELLS) -> tuple[float, Any]:
    """Seconds of a sweep, and its answer."""
    from runs.specs.reading import load_spec
    from runs.sweeps.ask import ask
    from runs.sweeps.engines.blocks import blocks_for

    def blocks(engine: str, count: int) -> int:
        return blocks_for(engine, count) if with_luck else 0

    def nothing(*_: Any) -> dict[str, Any]:
        return {"not_measured": "left out"}

    began = time.perf_counter()
    with patch("runs.sweeps.ask.blocks_for", blocks):
        if with_luck:
            found = ask(load_spec("rsi_timing_sweep"), sample=cells, verify=0)
        else:
            with patch("runs.sweeps.running.measured", nothing):
                found = ask(load_spec("rsi_timing_sweep"), sample=cells, verify=0)
    return time.perf_counter() - began, found


def main() -> int:
    swept(True, 2_000)  # the code is compiled
    spent: dict[bool, list[float]] = {True: [], False: []}
    sharpes = {}
    for _ in range(PAIRS):
        for with_luck in (False, True):
            seconds, found = swept(with_luck)
            spent[with_luck].append(seconds)
            sharpes[with_luck] = found.table.metric("sharpe")
            if with_luck:
                luck = found.metrics["luck"]
    if not np.array_equal(sharpes[True], sharpes[False], equal_nan=True):
        print("the cells differ with luck and without")
        return 1
    ratio = median(a / b for a, b in zip(spent[True], spent[False], strict=True))
    best = found.metrics["best"]["sharpe"][0]["cell"]
    deflated, overfit = luck["deflated"][str(best)]["probability"], luck["overfitting"]["probability"]
    print(f"what luck costs a sweep of {CELLS:,} cells (DSR {deflated:.2f}, PBO {overfit:.2f})")
    plain = median(spent[False])
    tell(f"{CELLS:,} cells with luck", ratio * plain, "s", "the same without", plain, limit=MOST)
    return 0


if __name__ == "__main__":
    sys.exit(main())
