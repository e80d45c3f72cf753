"""Sweeps of 10,000 cells of plans that ask what is held, on 5,000 daily bars: `mix`, which keeps to target
weights (an `AllocationPlan`), `tranches` (a `LotPlan`) and `infinite_buying`, a rule that sees its account.

Each is the rule's example on the NASDAQ Composite with a grid of its plan, run as `letf sweep` runs it: in
the compiled kernel, from the loaded market to the table of all metrics, on one core, in one thread. Cells
drawn at random are run again in backtrader, order by order, and must be the same, or no ratio is printed;
what backtrader would take for all of them is scaled from those. Processor time; code compiled before.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and hasattr(os, "sched_setaffinity"):  # before any library counts the cores
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.figures import tell
from feeds import load_bars
from letf_instruments import LetfError
from runs.backtest.event_driven import run_account
from runs.specs.reading import load_spec
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.grid import Axis, Grid
from runs.sweeps.verify import compare

BARS, VERIFIED, SEED = 5_000, 12, 1
LEAST_A_SECOND = 5_000  # cells
GRIDS = {
    "mix": Grid(
        (
            Axis("plan.schedule", ("never", "weekly", "monthly", "quarterly", "yearly")),
            Axis("plan.band", tuple(round(0.005 * i, 3) for i in range(1, 101))),
            Axis("plan.exposure_band", tuple(round(0.05 * i, 2) for i in range(1, 11))),
            Axis("plan.fill", ("open", "close")),
        )
    ),
    "tranches": Grid(
        (
            Axis("plan.lots", tuple(range(2, 12))),
            Axis("plan.each.target", tuple(round(0.01 * i, 2) for i in range(10))),
            Axis("plan.each.patience", tuple(range(10, 110, 10))),
            Axis("plan.per_bar", (1, 2)),
            Axis("plan.average_target", (0.02, 0.05, 0.1, 0.2, 0.5)),
        )
    ),
    "infinite_buying": Grid(
        (
            Axis("plan.parts", tuple(range(10, 60, 2))),
            Axis("plan.target", tuple(round(0.02 + 0.01 * i, 2) for i in range(20))),
            Axis("plan.reach", tuple(round(0.01 + 0.01 * i, 2) for i in range(20))),
        )
    ),
}


@dataclass(frozen=True)
class Found:
    """Of a sweep: processor time of all cells here, and of all in backtrader as scaled; fills that are the
    same in both, of so many cells."""

    cells: int
    here: float
    there: float
    verified: int
    fills: int


def measure(name: str, cells: int | None = None, verified: int = VERIFIED) -> Found:
    """Run a sweep, and some of its cells in backtrader.

    Parameters
    ----------
    cells : so many of the grid's, spread over it; None for all.

    Raises
    ------
    ParityError
        If one is not the same there.
    """
    grid = GRIDS[name]
    start = load_bars("nasdaq").sessions[-BARS]
    job = Job(load_spec(name, [f"data.start={start}"]), grid, "kernel")
    markets = Markets(job.base, job.grid, job.folder)
    engine = KernelEngine(job, markets)
    engine.evaluate(np.arange(2))  # the code is compiled, the market loaded
    numbers = np.linspace(0, grid.size - 1, cells or grid.size).astype(int)
    begun = time.process_time()
    table = engine.evaluate(numbers)
    here = time.process_time() - begun
    if any(table["refused"]):
        raise LetfError(f"{name}: {next(filter(None, table['refused']))}")
    drawn = np.random.default_rng(SEED).choice(len(numbers), verified, replace=False)
    spent, fills = 0.0, 0
    for at in drawn.tolist():
        cell = int(numbers[at])
        spec = markets.spec(grid.values(cell))
        begun = time.process_time()
        run = run_account(spec, markets.of({}), spec.make_rule())
        spent += time.process_time() - begun
        scene, record = engine.record(cell)
        row = {key: None if np.isnan(table[key][at]) else float(table[key][at]) for key in METRICS}
        compare(f"{name} {cell}", scene.market.sessions, record, run, row)
        fills += len(run.fills)
    return Found(len(numbers), here, spent / verified * len(numbers), verified, fills)


def main() -> int:
    for name in GRIDS:
        try:
            found = measure(name)
        except LetfError as error:
            print(f"not the same: {error}", file=sys.stderr)
            return 1
        print(
            f"  {name}: {found.cells:,} cells on {BARS:,} bars; {found.verified} of them again in the "
            f"event-driven broker, {found.fills:,} fills, no difference"
        )
        each, there = (1e3 * spent / found.cells for spent in (found.here, found.there))
        tell(f"a cell of {name}", each, "ms", "our own event-driven run", there)
        tell(f"a cell of {name}, {BARS:,} bars", each, "ms", limit=1e3 / LEAST_A_SECOND)
    return 0


if __name__ == "__main__":
    sys.exit(main())
