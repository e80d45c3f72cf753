"""Cells of a sweep run again in backtrader, order by order. Any difference is an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from analyzers import LoggedFill
from engine.kernel.cells import KernelFill, KernelRun
from letf_instruments import LetfError
from runs.backtest.event_driven import AccountRun, run_account
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job
from runs.sweeps.results.arrow import column_of, numbers_of
from runs.sweeps.space.axes import shown
from runs.sweeps.space.cells import METRICS
from runs.sweeps.space.cells import MONEY as MONEY_METRICS
from runs.sweeps.space.grid import Ints
from runs.sweeps.verified import ParityError, Verified

TOLERANCE = 1e-9
SEED = 1
MONEY = ("final_equity", "costs_paid", "interest_earned", "put_in", "profit")  # compared by the stake
FIELDS = ("instrument", "reason", "price", "size", "costs")


@dataclass(frozen=True, eq=False)
class Both:
    """A cell run in both engines. days : of the bars."""

    days: np.ndarray
    here: KernelRun
    there: AccountRun


def verify(
    job: Job,
    table: Path,
    best: list[int],
    count: int,
    step: Callable[[int], None] = lambda cell: None,
    known: Mapping[int, Both] = MappingProxyType({}),
) -> Verified:
    """Run the best cells and `count` others again in backtrader, and compare.

    Parameters
    ----------
    table : the sweep's cells.parquet; its rows are compared too.
    best : cells. The others are drawn with a fixed seed.
    step : called with each cell once it is found right.
    known : cells that were run again already.

    Raises
    ------
    ParityError
        At the first difference; the sentence names the cell, the bar and the field.
    """
    engine = kernel_of(job)
    drawn = drawn_cells(job, count)
    rows = _rows(table, job.metrics, np.unique(np.array([*best, *drawn], dtype=np.int64)))
    ran = {cell for cell, row in rows.items() if row["engine"] == KERNEL and row["refused"] is None}
    others = [cell for cell in drawn if cell in ran and cell not in best]
    chosen = [cell for cell in best if cell in ran] + others[:count]
    fills = 0
    for cell in chosen:
        values = job.grid.values(cell)
        label = f"cell {cell} ({', '.join(f'{key} = {shown(value)}' for key, value in values.items())})"
        try:
            ran_in = known[cell] if cell in known else both(job, engine, cell)
        except LetfError as error:
            raise ParityError(f"{label} has a row, but cannot be run again: {error}") from None
        row = {name: rows[cell][name] for name in job.metrics}
        compare(label, ran_in.days, ran_in.here, ran_in.there, row)
        fills += len(ran_in.there.fills)
        step(cell)
    return Verified(chosen, fills)


def kernel_of(job: Job) -> KernelEngine:
    """What runs its cells one by one, for `both`."""
    return KernelEngine(job)


def both(job: Job, engine: KernelEngine, cell: int) -> Both:
    """Run a cell in both engines.

    Raises
    ------
    LetfError
        If one of them refuses it.
    """
    values = job.grid.values(cell)
    spec = job.markets.spec(values)
    there = run_account(spec, job.markets.of(values), spec.make_rule())
    scene, here = engine.record(cell)
    return Both(scene.market.sessions, here, there)


def compare(
    label: str, days: np.ndarray, here: KernelRun, there: AccountRun, row: dict[str, float | None]
) -> None:
    """Raise `ParityError` where a cell of the kernel differs from its run in backtrader.

    Parameters
    ----------
    label : the cell in words. days : of the bars, shape (n,).
    row : the cell's metrics as the sweep has kept them.
    """

    def differ(bar: int | None, field: str, mine: Any, theirs: Any) -> None:
        where = "" if bar is None else f"bar {bar} ({days[bar]}), "
        raise ParityError(
            f"{label}: {where}{field} is {mine} in the kernel, {theirs} in backtrader; the sweep's figures "
            "are not to be trusted"
        )

    for a, b in zip(here.fills, there.fills, strict=False):
        if a.bar != b.bar:
            differ(min(a.bar, b.bar), "the next fill's bar", a.bar, b.bar)
        for field in FIELDS:
            mine, theirs = getattr(a, field), getattr(b, field)
            least = _magnified(field, a, b, there.equity[b.bar])
            if mine != theirs and (isinstance(mine, str) or not _same(mine, theirs, least)):
                differ(a.bar, f"{a.instrument}: {field}", mine, theirs)
    if len(here.fills) != len(there.fills):
        longer: Sequence[Any] = max(here.fills, there.fills, key=len)
        extra = longer[min(len(here.fills), len(there.fills))]
        differ(extra.bar, "the number of fills", len(here.fills), len(there.fills))
    largest = float(np.abs(there.equity).max())
    apart = np.flatnonzero(~(np.abs(here.equity - there.equity) <= TOLERANCE * largest))
    if len(apart):
        at = int(apart[0])
        differ(at, "equity", here.equity[at], there.equity[at])
    numbers = [*here.metrics, *(() if here.money is None else here.money)]
    names = (*METRICS, *(() if here.money is None else MONEY_METRICS))
    again = {n: None if math.isnan(v) else float(v) for n, v in zip(names, numbers, strict=True)}
    scales = _scales(there)
    for name in names:
        kept, mine, theirs = row[name], again[name], there.metrics[name]
        if not _same_metric(kept, mine, 1e-3):
            raise ParityError(f"{label}: {name} is {kept} in the table, {mine} when the kernel runs it again")
        if not _same_metric(mine, theirs, scales.get(name, scales["returns"])):  # type: ignore[arg-type]
            differ(None, name, mine, theirs)


def _magnified(field: str, mine: KernelFill, theirs: LoggedFill, equity: float) -> float:
    """What a field of a fill is exact to a part in 10⁹ of, where that is more than the field itself.

    What trades a position back is the difference of two holdings, each a share of equity, and has the
    rounding of these: a part in 10¹¹ of equity, a hundred-thousandth of the smallest trade there is. Costs
    follow the size.
    """
    if field == "size":
        return 1e-2 * abs(equity / theirs.price) if theirs.price else 0.0
    if field == "costs":
        part = 1.0 + abs(mine.size / theirs.size - 1.0) / TOLERANCE if theirs.size else 1.0
        return max(1e-12 * abs(theirs.size * theirs.price), part * abs(theirs.costs))
    return 0.0


def _scales(run: AccountRun) -> dict[str, float]:
    """By how much each metric magnifies what rounding has left.

    Equity agrees to a part in 10⁹ of its largest value. A return is a ratio of equities, so that where little
    is left of an account the same rounding is a larger part of it; the return of a trade likewise, where
    little was put in. A fall is the difference of two equities, each exact to a part in 10¹⁴: where it is
    less than a hundred-thousandth, a ratio to it has no more digits than it has itself.
    """
    largest = float(np.abs(run.equity).max())
    left = run.equity[run.equity > 0]
    traded = [abs(fill.size * fill.price) for fill in run.fills if fill.size * fill.price]
    by_returns = largest / float(left.min()) if len(left) else 1.0
    calmar, fall = run.metrics["calmar"] or 0.0, run.metrics["max_drawdown"] or -1.0
    return {
        **dict.fromkeys(MONEY, largest),
        "returns": max(by_returns, 1.0),
        "calmar": max(by_returns, 1.0, 1e-5 * abs(calmar / fall)),
        "average_trade": max(largest / min(traded), 1.0) if traded else 1.0,
    }


def _same_metric(mine: float | None, theirs: float | None, least: float) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return _same(mine, theirs, least)


def _same(mine: float, theirs: float, least: float) -> bool:
    return math.isclose(mine, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE * least)


def drawn_cells(job: Job, count: int) -> list[int]:
    """Some cells by a fixed seed, twice as many as asked for since some may have been refused."""
    rng = np.random.default_rng(SEED)
    places = rng.choice(job.size, size=min(2 * count, job.size), replace=False, shuffle=True)
    cells: Ints = places if job.sample is None else job.sample[places]
    return [int(cell) for cell in cells]


def _rows(table: Path, metrics: Sequence[str], cells: Ints) -> dict[int, dict[str, Any]]:
    """The kept rows of some cells, by number."""
    columns, found = ["cell", *metrics, "engine", "refused"], {}
    with pq.ParquetFile(table) as file:
        for group in range(file.num_row_groups):
            at = np.flatnonzero(np.isin(numbers_of(file.read_row_group(group, ["cell"])["cell"]), cells))
            rows = file.read_row_group(group, columns).take(column_of(at)).to_pylist() if len(at) else []
            found |= {row["cell"]: row for row in rows}
    return found
