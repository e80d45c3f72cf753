"""A guided search of a grid that is too large to be swept: `letf sweep SPEC --search TRIALS`.

optuna's tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter
Optimization", NeurIPS 24) proposes cells in batches; after each batch it knows their metric. What it
proposes depends on the seed, the batch's number and what came before, so a search that was stopped goes on as
if it had not been. The study is kept in the result folder in optuna's own journal, which its dashboard reads:

    study = optuna.load_study(study_name=NAME, storage=JournalStorage(JournalFileBackend("study.journal")))
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from letf_instruments import SpecError
from runs.answers.files import as_json
from runs.sweeps.engines.engine import Evaluated
from runs.sweeps.engines.job import Job
from runs.sweeps.results.arrow import numbers_of
from runs.sweeps.results.columns import repeated, table_of
from runs.sweeps.results.store import CELLS, PARTS, Store, write_whole
from runs.sweeps.space.cells import LESS_IS_BETTER
from runs.sweeps.space.grid import Axis, Ints

JOURNAL, PROGRESS = "study.journal", "search.json"
BATCH = 50  # trials proposed at a time; the first batches are drawn at random
AT_RANDOM = 100

Runner = Callable[[Job], Iterator[tuple[int, Evaluated]]]


def run_search(
    job: Job,
    store: Store,
    shape: pa.Schema,
    trials: int,
    by: str,
    seed: int,
    run: Runner,
    advance: Callable[[int], None],
) -> Job:
    """Let a search propose cells until it has made so many trials; write their table.

    Parameters
    ----------
    trials : how many; a cell that is proposed again is a trial, but is not run again.
    by : the metric to be made as large as possible (or as small, where less is better).
    run : runs all chunks of a job.
    advance : called with the number of trials of each batch as it is done.

    Returns
    -------
    The job of the cells that were run.

    Raises
    ------
    SpecError
        If optuna is not installed.
    OSError
        If something cannot be written.
    """
    try:
        import optuna
        from optuna.storages.journal import JournalStorage

        from runs.sweeps.results.journal import Journal
    except ImportError:
        raise SpecError(
            "--search needs optuna, which is not installed: pip install 'letf-lab[search]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = _go_on(store)
    rows = {row["cell"]: row for part in known for row in part.to_pylist()}
    batches = len(known)
    store.kept = min(batches * BATCH, trials)
    advance(store.kept)
    journal = Journal(store.folder / JOURNAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(
            study_name=job.base.name,
            storage=JournalStorage(journal),
            direction="minimize" if by in LESS_IS_BETTER else "maximize",
            load_if_exists=True,
        )
        for batch in range(batches, math.ceil(trials / BATCH)):
            study.sampler = _sampler(optuna, seed, batch)
            count = min(BATCH, trials - batch * BATCH)
            asked = [study.ask() for _ in range(count)]
            cells = [_cell(job, trial) for trial in asked]
            new = np.array(sorted(set(cells) - rows.keys()), dtype=np.int64)
            part = _evaluated(replace(job, sample=new), shape, new, run)
            rows |= {row["cell"]: row for row in part.to_pylist()}
            for trial, cell in zip(asked, cells, strict=True):
                _tell(optuna, study, trial, cell, job.grid.values(cell), rows[cell], by)
            store.put(batch, part)
            size = journal.flush()
            write_whole(store.folder / PROGRESS, as_json({"batches": batch + 1, "journal_bytes": size}))
            known.append(part)
            store.kept = batch * BATCH + count
            advance(count)
    table = pa.concat_tables(known).combine_chunks()
    table = table.take(pc.sort_indices(table, [("cell", "ascending")]))
    sink = pa.BufferOutputStream()
    table = table.replace_schema_metadata(shape.metadata)
    pq.write_table(table, sink, compression="zstd", use_dictionary=repeated(shape))
    write_whole(store.folder / CELLS, sink.getvalue())
    return searched(job, store)


def searched(job: Job, store: Store) -> Job:
    """The job of the cells that a whole search has run."""
    with pq.ParquetFile(store.folder / CELLS) as file:
        cells = numbers_of(file.read(["cell"])["cell"])
    return replace(job, sample=cells.astype(np.int64))


def _go_on(store: Store) -> list[pa.Table]:
    """The rows of the batches that are whole; journal and parts are cut back to where the last one ended."""
    journal, parts = store.folder / JOURNAL, store.folder / PARTS
    try:
        progress = json.loads((store.folder / PROGRESS).read_text(encoding="utf-8"))
        batches, size = int(progress["batches"]), int(progress["journal_bytes"])
        known = [pq.read_table(parts / f"{batch:06d}.parquet") for batch in range(batches)]
        if journal.stat().st_size < size:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):
        batches, size, known = 0, 0, []
    for path in parts.iterdir():
        if not path.stem.isdigit() or int(path.stem) >= batches:
            path.unlink()
    if journal.exists():
        os.truncate(journal, size)
        if not size:
            journal.unlink()
    return known


def _sampler(optuna: Any, seed: int, batch: int) -> Any:
    own = int(np.random.SeedSequence([seed, batch]).generate_state(1)[0])
    return optuna.samplers.TPESampler(seed=own, n_startup_trials=AT_RANDOM, multivariate=True)


def _cell(job: Job, trial: Any) -> int:
    """The cell that a trial proposes: a place on each axis."""
    cell = 0
    for axis in job.grid.axes:
        count = len(axis.values)
        if count == 1:
            at = 0
        elif _has_order(axis):
            at = trial.suggest_int(axis.key, 0, count - 1)
        else:
            at = trial.suggest_categorical(axis.key, list(range(count)))
        cell = cell * count + at
    return cell


def _has_order(axis: Axis) -> bool:
    """True if neighbouring values are near each other: numbers that rise or fall."""
    values = axis.values
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in values):
        return False
    steps = np.diff(np.array(values, dtype=np.float64))
    return bool((steps > 0).all() or (steps < 0).all())


def _evaluated(job: Job, shape: pa.Schema, cells: Ints, run: Runner) -> pa.Table:
    """The rows of some cells, in order."""
    found = dict(run(job)) if len(cells) else {}
    parts = [table_of(job.grid, shape, job.cells(chunk), found[chunk]) for chunk in sorted(found)]
    return pa.concat_tables(parts) if parts else shape.empty_table()


def _tell(
    optuna: Any, study: Any, trial: Any, cell: int, values: dict[str, Any], row: dict[str, Any], by: str
) -> None:
    """Tell the study what a cell came to. Its parameters are places on axes, so the values are put beside
    them. A cell that is refused, or has no such metric, has failed."""
    trial.set_user_attr("cell", cell)
    trial.set_user_attr("values", values)
    value = row[by]
    if value is None:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(trial, float(value))
