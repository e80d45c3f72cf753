"""All cells of a sweep on one span of sessions: their metrics, in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from letf_instruments import SpecError
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.engine import Evaluated
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.local import run_chunks

Floats = npt.NDArray[np.float64]


def between(spec: RunSpec, days: np.ndarray, first: int, last: int, **more: object) -> RunSpec:
    """A spec on the sessions from one position to another; `more` are values of [account]."""
    values = {"data.start": days[first].item(), "data.end": days[last].item()}
    return spec.with_values(values | {f"account.{key}": value for key, value in more.items()})


def job_between(job: Job, days: np.ndarray, first: int, last: int) -> Job:
    """The same cells on those sessions. What came before them is history, which rules know."""
    fresh = Job(between(job.base, days, first, last), job.grid, job.engine, job.folder)
    return replace(fresh, sample=job.sample, sample_seed=job.sample_seed)


def evaluated(job: Job, workers: int) -> dict[str, Floats]:
    """Every metric of every cell of a job, in order of cell; NaN where it is not defined or the cell was
    refused.

    Raises
    ------
    LetfError
        If no cell could be run; the sentence is the first cell's.
    """
    parts: dict[int, Evaluated] = dict(run_chunks(job, range(job.chunks), workers))
    refused = [why for chunk in range(job.chunks) for why in parts[chunk]["refused"]]
    if all(why is not None for why in refused):
        raise SpecError(f"no cell of {job.base.name} could be run: {refused[0]}")
    return {name: np.concatenate([parts[chunk][name] for chunk in range(job.chunks)]) for name in job.metrics}


def all_cells(job: Job) -> npt.NDArray[np.int64]:
    """The numbers of a job's cells, rising."""
    return np.arange(job.grid.size, dtype=np.int64) if job.sample is None else job.sample
