"""The paths of a job from the first to the last: over processes or a cluster, and what is done is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from engine.kernel.stage import Floats
from runs.answers.progress import Progress
from runs.robustness.montecarlo.engine import PathJob
from runs.robustness.montecarlo.kept import Kept
from runs.sweeps.engines import local
from runs.sweeps.engines.engine import KERNEL, Evaluated

MANY = 1_000  # paths; for fewer the kernel is done before processes have started

Runner = Callable[[PathJob, Iterable[int]], Iterator[tuple[int, Evaluated]]]


def runner_of(job: PathJob, workers: int, scheduler: str | None) -> Runner:
    """What runs chunks: so many processes here, or the cluster of a Dask scheduler."""
    if scheduler is not None:
        from runs.sweeps.engines import on_cluster

        return lambda job, chunks: on_cluster.run_chunks(job, chunks, scheduler)
    few = job.count < MANY if job.engine == KERNEL else job.chunks < 2
    return lambda job, chunks: local.run_chunks(job, chunks, 1 if few else workers)


def run_paths(
    job: PathJob, store: Kept, run: Runner, progress: Progress
) -> tuple[Floats, np.ndarray, list[str], dict[int, str]]:
    """Run the chunks that are not there yet, and put all into one table each."""
    figures = np.full((job.count, len(job.columns)), np.nan)
    equity = np.full((job.count, len(job.kept)), np.nan, dtype=np.float32)
    engines, refused = [""] * job.count, {}

    def take(chunk: int, found: Evaluated) -> int:
        at = job.cells(chunk)
        figures[at], equity[at] = found["figures"], found["equity"]
        for path, engine, why in zip(at.tolist(), found["engine"], found["refused"], strict=True):
            engines[path] = engine
            if why is not None:
                refused[path] = why
        return len(at)

    done = store.done()
    there = sum(take(chunk, found) for chunk, found in done.items())
    missing = [chunk for chunk in range(job.chunks) if chunk not in done]
    running = run(job, missing)
    try:
        with contextlib.closing(running), progress.cells(job.count, there, job.unit) as advance:  # type: ignore[type-var]
            for chunk, found in running:
                store.put(chunk, found)
                advance(take(chunk, found))
    except KeyboardInterrupt:
        where = f"; what is done is kept in {store.folder}, go on with --resume" if store.folder else ""
        raise Interrupted(f"stopped{where}") from None
    return figures, equity, engines, dict(sorted(refused.items()))


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what is kept as a sentence."""
