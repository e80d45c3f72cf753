"""What a sweep has to do: a spec, a grid, which of its cells, and the chunks in which they are run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from letf_instruments import SpecError
from runs.backtest.setting import Setting
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.axes import MOST_CELLS
from runs.sweeps.space.cells import METRICS, MONEY, TAXED
from runs.sweeps.space.grid import Grid, Ints

CHUNK = {"kernel": 2_000, "backtrader": 8}  # the most cells that a kill may cost each worker


def cell_spec(base: RunSpec, values: Mapping[str, Any]) -> RunSpec:
    """The spec of a cell: `base` with a value for each axis, by key.

    Raises
    ------
    SpecError
        One sentence, if these values cannot be together.
    """
    return base.with_values(values)


@dataclass(frozen=True, eq=False)
class Job:
    """A sweep to be run.

    engine : "kernel" or "backtrader".
    folder : the data folder; None for the default one, of the process that loads it.
    sample : numbers of the cells to run, sorted, shape (n,); None for all.
    sample_seed : that they were drawn with.
    blocks : in how many stretches each cell's returns are kept (`blocks.blocks_for`).
    """

    base: RunSpec
    grid: Grid
    engine: str
    folder: Path | None = None
    sample: Ints | None = None
    sample_seed: int | None = None
    blocks: int = 0

    @property
    def size(self) -> int:
        """How many cells are run."""
        return self.grid.size if self.sample is None else len(self.sample)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self._starts) - 1

    def length(self, chunk: int) -> int:
        """How many cells a chunk has."""
        return int(self._starts[chunk + 1] - self._starts[chunk])

    def cells(self, chunk: int) -> Ints:
        """The cells of a chunk, sorted, shape (length,)."""
        start, stop = self._starts[chunk : chunk + 2]
        if self.sample is not None:
            return self.sample[start:stop]
        return np.arange(start, stop, dtype=np.int64)

    @property
    def unit(self) -> str:
        """As `Work.unit`."""
        return "cells"

    @property
    def in_threads(self) -> bool:
        """True for the kernel, which works without Python's lock."""
        return self.engine == KERNEL

    def parcel(self) -> Parcel:
        """As `Work.parcel`: with every market that it needs."""
        every = self.markets.combinations()
        return Parcel(self, [(values, self.markets.of(values)) for values in every])

    @property
    def metrics(self) -> tuple[str, ...]:
        """The numbers that are kept of a cell; those of money only where any may be paid in, of tax where any
        may be paid."""
        account = self.base.account
        names = METRICS
        for key, given, more in (("deposits", account.deposits, MONEY), ("tax", account.tax, TAXED)):
            name = f"account.{key}"
            swept = any(axis.key == name or axis.key.startswith(f"{name}.") for axis in self.grid.axes)
            if swept or given is not None:
                names = (*names, *more)
        return names

    @cached_property
    def markets(self) -> Markets:
        """Its markets, loaded once for all that is done with them in this process."""
        return Markets(self.base, self.grid, self.folder)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "markets"}

    def on_markets_of(self, other: Job) -> Job:
        """The same, with the markets that another job of this spec and grid has loaded."""
        made = replace(self)
        made.__dict__["markets"] = other.markets
        return made

    def spec(self, cell: int) -> RunSpec:
        """The spec of a cell.

        Raises
        ------
        SpecError
            As `cell_spec`.
        """
        return cell_spec(self.base, self.grid.values(cell))

    @cached_property
    def _starts(self) -> Ints:
        """Where chunks start among the cells to run, and the end; of grid, sample and engine alone."""
        limit, block = CHUNK[self.engine], self._block()
        if self.sample is not None:
            return _starts_of_sample(self.sample, block, limit)
        total = self.grid.size
        if block <= limit:
            starts = np.arange(0, total, limit // block * block)
        else:
            starts = (np.arange(0, total, block)[:, None] + np.arange(0, block, limit)).ravel()
        return np.append(starts, total).astype(np.int64)

    def _block(self) -> int:
        """Cells in a row that share data and signals."""
        size = 1
        for axis in self.grid.axes:
            if axis.rank > 1:
                size *= len(axis.values)
        return size


@dataclass(frozen=True, eq=False)
class Parcel:
    """A sweep with its markets, by values of [data], for workers who have no data of their own."""

    job: Job
    settings: list[tuple[dict[str, Any], Setting]]

    @property
    def unit(self) -> str:
        """As `Work.unit`."""
        return self.job.unit

    @property
    def in_threads(self) -> bool:
        """As `Work.in_threads`."""
        return self.job.in_threads

    def cells(self, chunk: int) -> Ints:
        """As `Work.cells`."""
        return self.job.cells(chunk)

    @property
    def markets(self) -> Markets:
        """Those that it brought along."""
        job = self.job
        return Markets(job.base, job.grid, job.folder, self.settings)

    def parcel(self) -> Parcel:
        """As `Work.parcel`."""
        return self


def _starts_of_sample(sample: Ints, block: int, limit: int) -> Ints:
    """As many whole blocks a chunk as its limit allows; a block beyond the limit is cut."""
    _, sizes = np.unique(sample // block, return_counts=True)
    starts, at, filled = [0], 0, 0
    for size in sizes.tolist():
        if filled and filled + size > limit:
            starts.append(at)
            filled = 0
        for cut in range(at + limit, at + size, limit) if size > limit else ():
            starts.append(cut)
        filled = limit if size > limit else filled + size
        at += size
    return np.array([*starts, at], dtype=np.int64)


def draw_cells(grid: Grid, count: int | None, seed: int) -> Ints | None:
    """Some cells of a grid, each as likely as any other: sorted, all different, shape (count,). None for
    the whole grid.

    Raises
    ------
    SpecError
        If there would be more cells than a sweep may run.
    """
    size = grid.size
    wanted = size if count is None else min(count, size)
    if wanted > MOST_CELLS:
        raise SpecError(
            f"the grid has {size:,} cells; draw some of them with --sample N, at most {MOST_CELLS:,}"
        )
    if count is None or count >= size:
        return None
    rng = np.random.default_rng(seed)
    if size <= 2 * count:
        return np.sort(rng.permutation(size)[:count])
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < count:  # the first `count` different ones, in the order in which they were drawn
        drawn = np.concatenate((drawn, rng.integers(size, size=count)))
        drawn = drawn[np.sort(np.unique(drawn, return_index=True)[1])]
    return np.sort(drawn[:count])
