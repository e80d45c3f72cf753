"""Chunks on this computer: the kernel in threads, as it works without Python's lock; backtrader in
processes. A worker that dies costs the chunks in hand, which are run again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool

from letf_instruments import LetfError
from runs.answers.beside import cores, stop_pool, without_main, work_for_parent
from runs.specs.arguments import whole
from runs.sweeps.engines.choice import engine_of
from runs.sweeps.engines.engine import Engine, Evaluated, Work
from runs.sweeps.engines.processes import context

TRIES = 3


def workers_of(given: int | None) -> int:
    """How many processes there may be at a time; as many as this one may use cores if none are given."""
    return cores() if given is None else whole("workers", given, 1)


def run_chunks(job: Work, chunks: Iterable[int], workers: int) -> Iterator[tuple[int, Evaluated]]:
    """Run chunks of a job and yield each with its number, in the order in which they are done.

    What a chunk yields depends on the job alone. Closing the generator ends the work; what is in hand is
    lost.

    Raises
    ------
    LetfError
        If the engine cannot start, or workers die of the same chunk `TRIES` times.
    """
    if job.in_threads:
        return _by_threads(job, chunks, workers)
    return _by_processes(job, chunks, workers) if workers > 1 else _here(job, chunks)


def _here(job: Work, chunks: Iterable[int]) -> Iterator[tuple[int, Evaluated]]:
    engine = engine_of(job)
    for chunk in chunks:
        yield chunk, engine.evaluate(job.cells(chunk))


def _by_threads(job: Work, chunks: Iterable[int], workers: int) -> Iterator[tuple[int, Evaluated]]:
    engine = engine_of(job)
    pool = ThreadPoolExecutor(workers)
    running: dict[Future[Evaluated], int] = {}
    try:
        for chunk in chunks:
            running[pool.submit(_evaluate, engine, job, chunk)] = chunk
            if len(running) > workers:
                yield from _finished(running)
        while running:
            yield from _finished(running)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _evaluate(engine: Engine, job: Work, chunk: int) -> Evaluated:
    return engine.evaluate(job.cells(chunk))


def _finished(running: dict[Future[Evaluated], int]) -> Iterator[tuple[int, Evaluated]]:
    """What is done of what is running; waits for the first. One that failed stays among the running."""
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        result = future.result()
        yield running.pop(future), result


def _by_processes(job: Work, chunks: Iterable[int], workers: int) -> Iterator[tuple[int, Evaluated]]:
    waiting = deque(chunks)
    tries: Counter[int] = Counter()
    while waiting:
        many = min(workers, len(waiting))
        pool = ProcessPoolExecutor(many, context(), initializer=_start, initargs=(job,))
        running: dict[Future[Evaluated], int] = {}
        whole = False
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    with without_main():
                        running[pool.submit(_run, waiting[0])] = waiting[0]
                    waiting.popleft()
                yield from _finished(running)
            whole = True
        except BrokenProcessPool:
            waiting.extendleft(sorted(running.values(), reverse=True))
            tries.update(list(running.values()) or [waiting[0]])
            chunk, times = tries.most_common(1)[0]
            if times >= TRIES:
                cells = job.cells(chunk)
                raise LetfError(
                    f"a worker died {TRIES} times over {job.unit} {cells[0]} to {cells[-1]} (killed, "
                    "out of memory, or by the strategy's own code)"
                ) from None
        finally:
            stop_pool(pool, whole)


def get_ready() -> None:
    """Begin to import what processes need, beside what goes on here; for who knows that he will want some."""
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


_job: Work | None = None
_engine: Engine | None = None


def _start(job: Work) -> None:
    global _job, _engine
    _job, _engine = job, None
    work_for_parent()


def _run(chunk: int) -> Evaluated:
    global _engine
    assert _job is not None
    if _engine is None:  # here and not in `_start`, where an error would only break the pool
        _engine = engine_of(_job)
    return _engine.evaluate(_job.cells(chunk))
