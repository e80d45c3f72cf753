"""A sweep on a Dask cluster of 1, 2 and 4 workers, each a process of one thread on this machine: what of
their time is cells, and what the process that collects the rows takes for each chunk.

Quick cells (`rsi_timing_sweep`, a tenth of a millisecond or less each) and slow ones (`tranches`, of
`benchmarks.account_sweep`). Rows are those of a run in one process, or nothing is printed. Processor time,
which does not depend on how many cores there are: more workers than cores take longer by the clock, and not
more in all. The scheduler lives in the collecting process. docs/scaling.md says what follows.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.account_sweep import GRIDS
from benchmarks.figures import tell
from runs.specs.reading import load_spec
from runs.sweeps.engines import local, on_cluster
from runs.sweeps.engines.blocks import blocks_for
from runs.sweeps.engines.job import Job
from runs.sweeps.results.columns import schema, table_of
from runs.sweeps.results.store import PARTS, Store
from runs.sweeps.space.axes import grid_of

WORKERS = (1, 2, 4)


@dataclass(frozen=True)
class Found:
    """Processor seconds of a sweep on so many workers.

    cells : in evaluating chunks, all workers together. other : what else they took, once they were up.
    start : what one took to be up: the market, the compiled code. collecting : of the client and the
        scheduler. clock : seconds by the clock.
    """

    workers: int
    chunks: int
    cells: float
    other: float
    start: float
    collecting: float
    clock: float


def jobs() -> dict[str, Job]:
    """The two sweeps by name."""
    quick = load_spec("rsi_timing_sweep")
    grid = grid_of(quick, ())
    slow = Job(load_spec("tranches", ["data.start=1999-01-04"]), GRIDS["tranches"], "kernel")
    return {
        "quick cells": Job(quick, grid, "kernel", blocks=blocks_for("kernel", grid.size)),
        "slow cells": replace(slow, blocks=blocks_for("kernel", slow.size)),
    }


def measure(job: Job, workers: int) -> tuple[Found, float]:
    """Run all chunks on a cluster, and keep each as `letf sweep` does; with it a sum over all rows."""
    import distributed

    with (
        tempfile.TemporaryDirectory() as place,
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        client.run(_watch)
        ready = _sum(client.run(_spent))
        own, begun = time.process_time(), time.perf_counter()
        total = collect(job, on_cluster.run_chunks(job, range(job.chunks), cluster.scheduler_address), place)
        collecting, clock = time.process_time() - own, time.perf_counter() - begun
        after = client.run(_spent)
    spent = _sum(after) - ready
    cells, first = (sum(each[i] for each in after.values()) for i in (1, 2))
    return Found(workers, job.chunks, cells, spent - cells - first, first / workers, collecting, clock), total


def collect(job: Job, found: Iterable[tuple[int, Any]], place: str) -> float:
    """Keep chunks in a folder; the sum of all their numbers, the same whatever their order."""
    (Path(place) / PARTS).mkdir()
    shape = schema(job.grid, {}, job.metrics, job.blocks)
    sums = np.zeros(job.chunks)
    with Store(Path(place), {}, None) as store:
        for chunk, rows in found:
            store.put(chunk, table_of(job.grid, shape, job.cells(chunk), rows))
            sums[chunk] = sum(float(np.nansum(rows[name])) for name in job.metrics)
    return float(sums.sum())


# -- on a worker ---------------------------------------------------------------------------------


def _watch() -> None:
    """Count what evaluating takes; the first chunk of a process, which loads all that it needs, apart."""
    from runs.sweeps.engines.by_kernel import KernelEngine

    plain = KernelEngine.evaluate

    spent = {"cells": 0.0, "first": 0.0}

    def evaluate(self: KernelEngine, cells: Any, blocks: int | None = None) -> Any:
        begun = time.thread_time()
        if not spent["first"]:
            plain(self, cells[:1], blocks)
            spent["first"] = time.thread_time() - begun
            begun = time.thread_time()
        found = plain(self, cells, blocks)
        spent["cells"] += time.thread_time() - begun
        return found

    KernelEngine.evaluate = evaluate  # type: ignore[method-assign]
    KernelEngine.spent = spent  # type: ignore[attr-defined]  # where `_spent` finds it, in this process


def _spent() -> tuple[float, float, float]:
    from runs.sweeps.engines.by_kernel import KernelEngine

    used = resource.getrusage(resource.RUSAGE_SELF)
    counted: dict[str, float] = KernelEngine.spent  # type: ignore[attr-defined]
    return used.ru_utime + used.ru_stime, counted["cells"], counted["first"]


def _sum(by_worker: dict[str, tuple[float, float, float]]) -> float:
    return sum(spent for spent, _, _ in by_worker.values())


def main() -> int:
    for name, job in jobs().items():
        with tempfile.TemporaryDirectory() as place:
            alone = collect(job, local.run_chunks(job, range(job.chunks), 1), place)
        print(f"{name}: {job.size:,} cells in {job.chunks} chunks")
        for workers in WORKERS:
            found, total = measure(job, workers)
            if total != alone:
                print(f"not the same: {total} on {workers} workers, {alone} here", file=sys.stderr)
                return 1
            share = found.other / (found.cells + found.other)
            each, collecting = 1e3 * found.cells / job.chunks, 1e3 * found.collecting / job.chunks
            print(
                f"  {workers} workers: {found.cells:6.1f} s in cells ({each:,.0f} ms a chunk), "
                f"{found.other:.1f} s else ({share:.0%} of their time), {found.start:.1f} s "
                f"to be up, each; collecting {collecting:.0f} ms a chunk; {found.clock:.1f} s by the clock"
            )
            tell(f"{name} on {workers} workers, not in cells", 100 * share, "%")
        tell(f"{name}: collecting a chunk", collecting, "ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
