"""How much of a sweep's best cell is luck: said of every sweep, in sweep.json under "luck".

Two measures, from what the cells' returns came to by stretches of time (`engines.blocks`). The deflated
Sharpe ratio holds a cell's Sharpe ratio against that which the best of as many cells without skill would
have, counting cells that move alike as fewer. The probability of overfitting says how often what was best on
half of the time was no better than the median on the other half. `analyzers.luck` has the methods.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from analyzers.luck import (
    Overfitting,
    deflated_sharpe,
    effective_trials,
    expected_best,
    overfitting,
    shape_of,
)
from analyzers.luck.overfitting import Parts
from engine.kernel.figures import SESSIONS_A_YEAR
from letf_instruments import LetfError
from runs.backtest.benchmarks import index_held
from runs.backtest.metrics import performance
from runs.sweeps.engines.blocks import COARSE, COARSEST, FEW, FINE, block_counts
from runs.sweeps.engines.choice import engine_of
from runs.sweeps.engines.engine import KERNEL, Engine
from runs.sweeps.engines.job import Job
from runs.sweeps.results.summary import Summary
from runs.sweeps.results.table import SweepTable
from runs.sweeps.space.axes import label_of
from runs.sweeps.space.grid import Ints

SAMPLED = 100  # cells whose correlations are looked at
SEED = 1
LEAST_SESSIONS = 64  # or blocks are of a few days
YEAR = math.sqrt(SESSIONS_A_YEAR)

Found = dict[str, Any]


def luck_of(job: Job, table: SweepTable, found: Summary) -> Found:
    """What can be said of a whole sweep's luck.

    Returns
    -------
    `not_measured`, a sentence, if nothing can. Else `runs`: the different ones with a Sharpe ratio, of cells
    on the best cell's data; `trials`: how many independent ones they are worth; `expected_best`: the Sharpe
    ratio a year that the best of these would have by luck; `deflated`: of the best cells by the chosen metric
    and the best by each other one its `probability`, `sharpe`, `skew`, `kurtosis`, `sessions`;
    `overfitting`: its `probability`, `blocks`, `splits`, or None with a single run; and how they were
    sampled.
    """
    if not found.top:
        return {"not_measured": f"no cell has a value of {found.by}"}
    data = _data(job, found.top[0]["cell"])
    sessions = int(np.unique(job.markets.of(data).bars.sessions).size)
    if sessions < LEAST_SESSIONS:
        return {"not_measured": f"{sessions} sessions are too few; {LEAST_SESSIONS} are needed"}
    sharpe = table.metric("sharpe")
    sharpe /= YEAR
    known = np.isfinite(sharpe) & _on_same_data(job, table, data)
    if not known.any():
        return {"not_measured": "no cell has a Sharpe ratio"}
    different = np.zeros(len(table), dtype=bool)
    places = np.flatnonzero(known)
    different[places[np.sort(np.unique(table.runs[places], return_index=True)[1])]] = True
    runs = int(different.sum())
    rng = np.random.default_rng(SEED)
    drawn = rng.permutation(np.flatnonzero(different))[:SAMPLED]
    engine = engine_of(job, job.markets)
    returns = _returns(job, table, engine, drawn)
    trials = effective_trials(returns, runs)
    variance = float(np.var(sharpe[different], ddof=1)) if runs > 1 else 0.0
    return {
        "data": label_of(data) or None,
        "runs": runs,
        "trials": trials,
        "sampled": len(drawn),
        "seed": SEED,
        "spread": math.sqrt(variance) * YEAR,
        "expected_best": expected_best(variance, trials) * YEAR,
        "deflated": _deflated(job, table, engine, found, data, sessions, variance, trials),
        "overfitting": _overfitting(job, table, different, sessions) if runs > 1 else None,
    }


def _data(job: Job, cell: int) -> dict[str, Any]:
    """A cell's values of [data]."""
    return {key: value for key, value in job.grid.values(cell).items() if key.startswith("data.")}


def _on_same_data(job: Job, table: SweepTable, data: dict[str, Any]) -> np.ndarray:
    """Which cells are on this data; the others' stretches are other days."""
    same = np.ones(len(table), dtype=bool)
    for i, axis in enumerate(job.grid.axes):
        if axis.key in data:
            wanted = [at for at, value in enumerate(axis.values) if value == data[axis.key]]
            same &= np.isin(table.position(i), wanted)
    return same


def _returns(job: Job, table: SweepTable, engine: Engine, places: Ints) -> np.ndarray:
    """Returns of some cells by stretches fine enough that their correlations can be seen, in the order given;
    where the table has them coarser the cells are run again."""
    order = np.argsort(places, kind="stable")
    if job.blocks >= FINE:
        wanted = np.zeros(len(table), dtype=bool)
        wanted[places] = True
        sums = np.concatenate([part for part, _ in table.block_parts(wanted)])
    else:
        sums = engine.evaluate(table.cells[places[order]], FINE)["blocks"][:, 0]
    out = np.empty_like(sums)
    out[order] = sums
    return out[np.isfinite(out).all(axis=1)]


def _deflated(
    job: Job,
    table: SweepTable,
    engine: Engine,
    found: Summary,
    data: dict[str, Any],
    sessions: int,
    variance: float,
    trials: float,
) -> dict[str, Found]:
    """By number of cell, its deflated Sharpe ratio and what it rests on. Cells that take a second each to be
    run again are left out, but for the best."""
    cells: dict[int, None] = {}
    if job.engine == KERNEL:
        cells |= dict.fromkeys(row["cell"] for row in found.top[:10])
        cells |= dict.fromkeys(rows[0]["cell"] for rows in found.best.values() if rows)
    else:
        cells[found.top[0]["cell"]] = None
    some = np.array(sorted(cell for cell in cells if _data(job, cell) == data), dtype=np.int64)
    sharpe = table.metrics(("sharpe",), table.find(some))["sharpe"] / YEAR
    excess = engine.evaluate(some, sessions)["blocks"][:, 0]
    out = {}
    for cell, ratio, own in zip(some.tolist(), sharpe.tolist(), excess, strict=True):
        if not (math.isfinite(ratio) and np.isfinite(own).all()):
            continue
        moments = shape_of(own)
        probability = deflated_sharpe(ratio, variance, trials, sessions, *moments)
        out[str(cell)] = {
            "probability": probability if math.isfinite(probability) else None,
            "sharpe": ratio * YEAR,
            "skew": moments[0],
            "kurtosis": moments[1],
            "sessions": sessions,
        }
    return out


def _overfitting(job: Job, table: SweepTable, different: np.ndarray, sessions: int) -> Found:
    """The probability over all ways to halve the stretches."""
    split = overfitting_of(lambda: table.block_parts(different), job.blocks, sessions)
    return {"probability": split.probability, "blocks": _halved(job.blocks), "splits": len(split.logit)}


def overfitting_of(parts: Parts, kept: int, sessions: int) -> Overfitting:
    """`analyzers.luck.overfitting` of cells whose returns are kept in so many blocks, a few of them taken
    together where these are too many to be halved in every way.

    Parameters
    ----------
    parts : as there, by the blocks that are kept.
    """
    blocks = _halved(kept)

    def coarser() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for sums, squares in parts():
            shape = (len(sums), blocks, kept // blocks)
            yield sums.reshape(shape).sum(axis=2), squares.reshape(shape).sum(axis=2)

    counts = block_counts(sessions, kept).reshape(blocks, kept // blocks).sum(axis=1)
    return overfitting(coarser, counts)


def _halved(kept: int) -> int:
    """Of how many blocks halves are made, where so many are kept."""
    return COARSE if kept == FINE else kept


def measured(job: Job, table: SweepTable, found: Summary) -> Found:
    """`luck_of`, or why not: nothing that is said beside it may cost a sweep its result. With it `held`: what
    the index held made on the best cell's data, by name of metric, and the index's `name`."""
    try:
        luck = luck_of(job, table, found)
    except (LetfError, ArithmeticError, np.linalg.LinAlgError) as error:
        luck = {"not_measured": str(error) or type(error).__name__}
    return luck | ({"held": _held(job, found.top[0]["cell"])} if found.top else {})


def _held(job: Job, cell: int) -> Found:
    """Performance of the index from the first session of a cell's data to the last."""
    setting = job.markets.of(_data(job, cell))
    days = np.unique(setting.bars.sessions)
    own = performance(days, index_held(setting, len(days)), setting.rate.on(days))
    return {"name": setting.bars.name, **own}


assert COARSEST < COARSE <= 16
assert FINE % COARSE == FINE % COARSEST == 0
assert FEW > SAMPLED
