"""A sweep from its spec to its finished folder: what is done is kept, what is missing is run."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pyarrow as pa

from letf_instruments import LetfError, SpecError
from runs.answers.drawing import Drawn
from runs.answers.files import as_json
from runs.answers.painter import Canvas
from runs.answers.provenance import versions
from runs.sweeps.answer import answer_of, report_files
from runs.sweeps.engines import local
from runs.sweeps.engines.engine import KERNEL, Evaluated
from runs.sweeps.engines.job import CHUNK, Job
from runs.sweeps.luck import measured
from runs.sweeps.pictures.painter import Painter, draw
from runs.sweeps.results.columns import schema, table_of
from runs.sweeps.results.luck_words import LUCK
from runs.sweeps.results.memory import give_back
from runs.sweeps.results.soundness import TABLE, facts_of
from runs.sweeps.results.store import CELLS, SUMMARY, TOP, Store
from runs.sweeps.results.summary import KEPT, Summary, summarise, top_csv
from runs.sweeps.results.table import open_sweep
from runs.sweeps.results.view import View, look
from runs.sweeps.search import run_search, searched
from runs.sweeps.verified import ParityError
from runs.sweeps.verifier import Verifier, Verifying

RANK_BY = "sharpe"

Runner = Callable[[Job, Iterable[int]], Iterator[tuple[int, Evaluated]]]
Progress = Callable[[int, int], AbstractContextManager[Callable[[int], None]]]  # (cells, done) → advance


def runner_of(workers: int, scheduler: str | None) -> Runner:
    """What runs chunks: so many workers here, or the cluster of a Dask scheduler."""
    if scheduler is None:
        return lambda job, chunks: local.run_chunks(job, chunks, workers)
    from runs.sweeps.engines import on_cluster

    return lambda job, chunks: on_cluster.run_chunks(job, chunks, scheduler)


def manifest_of(job: Job, search: dict[str, Any] | None = None) -> dict[str, Any]:
    """What it takes to make the sweep again, in the state "running".

    Parameters
    ----------
    search : trials, metric and seed of a guided search, if it is one.

    Raises
    ------
    LetfError
        One sentence, if the data of a cell cannot be loaded.
    """
    facts = job.markets.facts()
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {
        "question": "sweep",
        "sweep": {
            "axes": {axis.key: list(axis.values) for axis in job.grid.axes},
            "cells": job.size if search is None else search["trials"],
            "search": search,
            "begins": facts.pop("begins"),
            "grid": job.grid.size,
            "sample": None if job.sample is None else len(job.sample),
            "sample_seed": None if job.sample is None else job.sample_seed,
            "engine": job.engine,
            "chunk": CHUNK[job.engine],
            "blocks": job.blocks,
        },
        "spec": job.base.resolved(),
        "simulated": facts.pop("simulated"),
        "index": facts.pop("index"),
        "notes": facts.pop("notes"),
        "caveats": facts.pop("caveats"),
        "data": facts,
        "versions": versions(),
        "state": "running",
        "times": {"started": now},
    }


def run_cells(job: Job, store: Store, run: Runner, progress: Progress) -> Job:
    """Run the cells that are not there yet, or let a search choose them, and make the table of all.

    Returns
    -------
    The job of the cells in the table.

    Raises
    ------
    LetfError
        One sentence, if workers die or the folder cannot be written; what is done is kept.
    Interrupted
        On Ctrl-C; what is done is kept.
    """
    search = store.manifest["sweep"]["search"]
    if store.is_whole:
        store.kept = store.manifest["sweep"]["cells"]
        return job if search is None else searched(job, store)
    about = {
        "name": job.base.name,
        "simulated": store.manifest["simulated"],
        "index": store.manifest["index"],
        "axes": store.manifest["sweep"]["axes"],
        "rank_by": RANK_BY,
    }
    shape = schema(job.grid, about, job.metrics, job.blocks)
    try:
        if search is None:
            _run_all(job, store, shape, run, progress)
            return job
        with progress(search["trials"], 0) as advance, writing(store):
            return run_search(
                job,
                store,
                shape,
                search["trials"],
                search["by"],
                search["seed"],
                lambda some: run(some, range(some.chunks)),
                advance,
            )
    except KeyboardInterrupt:
        raise Interrupted(f"stopped; {_kept(store)}, go on with --resume") from None


def _run_all(job: Job, store: Store, shape: pa.Schema, run: Runner, progress: Progress) -> None:
    lengths = {chunk: job.length(chunk) for chunk in range(job.chunks)}
    with writing(store):
        done = store.done(lengths)
    missing = [chunk for chunk in lengths if chunk not in done]
    running = run(job, missing)
    with (
        contextlib.closing(running),  # type: ignore[type-var]
        progress(job.size, store.kept) as advance,
        contextlib.ExitStack() as table,
    ):
        with writing(store):
            merge = table.enter_context(store.merging(job.chunks, shape))
        for chunk, found in running:
            with writing(store):
                rows = table_of(job.grid, shape, job.cells(chunk), found)
                store.put(chunk, rows)
                merge.add(chunk, rows)
            advance(lengths[chunk])
        with writing(store):
            table.close()
    give_back()


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what is kept as a sentence."""


def finish(
    job: Job,
    store: Store,
    by: str,
    verified: int,
    painter: Painter | None,
    started: float,
    drawn: bool = True,
    verifier: Verifier | None = None,
) -> tuple[Summary, View | None]:
    """Say what there is to say of a whole sweep, and close its folder.

    Parameters
    ----------
    verified : how many cells that the kernel ran, beside the ten best, are run again in backtrader.
    painter : draws the pictures meanwhile; without one they are drawn here.
    verifier : runs cells again meanwhile; without one they are run here.
    drawn : False leaves out pictures and report.

    Raises
    ------
    LetfError
        If every cell was refused (the folder is then removed), the engines differ, or the folder cannot be
        written.
    """
    found = summarise(store.folder / CELLS, by)
    if not found.ran:
        shutil.rmtree(store.folder, ignore_errors=True)
        raise SpecError(f"no cell of {job.base.name} could be run: {'; '.join(found.refusals()[:3])}")
    canvas = None
    if found.top and drawn:
        canvas = (
            Canvas(partial(draw, store.folder, by)) if painter is None else painter.begin(store.folder, by)
        )
    verifying = None
    if job.engine == KERNEL and verified:
        asked = (job, store.folder / CELLS, [row["cell"] for row in found.top[:KEPT]], verified)
        verifying = Verifying(*asked) if verifier is None else verifier.begin(*asked)
    about = {key: store.manifest[key] for key in ("simulated", "index", "notes")}
    view = look(store.folder, by) if found.top else None
    luck = {LUCK: measured(job, open_sweep(store.folder) if view is None else view.table, found)}
    if job.engine == KERNEL:
        found.verification, failed = _verified(store, verifying)
    else:
        found.verification, failed = _arrived(job, found)
    files = {
        SUMMARY: as_json(
            {"name": job.base.name, **about, **found.as_dict([axis.key for axis in job.grid.axes]), **luck}
        ),
        TOP: top_csv(job.grid, found, store.manifest["simulated"]),
    }
    with writing(store):
        store.write(files)
    report: dict[str, bytes] = {}
    missing: list[str] = []
    if drawn:
        made = Drawn if canvas is None else canvas.pictures
        report, missing = report_files(answer_of(store.folder, view), made), [*made().missing.values()]
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with writing(store):
        times = {"finished": now, "seconds": round(time.time() - started, 3)}
        said: dict[str, Any] = {
            "state": "not trusted" if failed else "whole",
            "failed": failed and str(failed),
        }
        if TABLE not in store.manifest:
            lengths = [job.length(chunk) for chunk in range(job.chunks)]
            # What a search keeps is by batch, which is no chunk of the table.
            sums = store.sums if store.manifest["sweep"]["search"] is None else {}
            said[TABLE] = facts_of(store.folder / CELLS, lengths, sums)
        store.finish(report, times, {**said, "not_drawn": missing, "ranked_by": by})
    if failed is not None:
        raise failed
    return found, view


def _verified(store: Store, verifying: Verifying | None) -> tuple[dict[str, Any] | None, LetfError | None]:
    """What running cells again in backtrader has shown, for the summary; and the error if they differ. A
    failure stands until cells are run again."""
    if verifying is None:
        before = store.summary().get("verification") or {}
        failed = before.get("failed")
        return (before, ParityError(f"{failed} (found earlier)")) if failed else (None, None)
    try:
        again = verifying.result()
    except ParityError as error:
        return {"failed": str(error)}, error
    return {"cells": again.cells, "fills": again.fills}, None


def _arrived(job: Job, found: Summary) -> tuple[dict[str, Any] | None, LetfError | None]:
    """The same of a strategy that only backtrader runs: whether its best cells trade alike where bars arrive
    one by one."""
    from runs.sweeps.arrival import check_arrival

    try:
        seen = check_arrival(job, [row["cell"] for row in found.top])
    except LetfError as error:
        return {"failed": str(error)}, error
    return ({"arrival": seen} if seen else None), None


@contextlib.contextmanager
def writing(store: Store) -> Iterator[None]:
    """An error of the disk as one sentence."""
    try:
        yield
    except OSError as error:
        raise LetfError(
            f"cannot write to {store.folder}: {error.strerror or error}; {_kept(store)}, "
            "go on with --resume once that is mended"
        ) from None


def _kept(store: Store) -> str:
    return f"{store.kept:,} of {store.manifest['sweep']['cells']:,} cells are kept in {store.folder}"
