"""A sweep as it is looked at: by one metric, with one cell picked out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from letf_instruments import SpecError
from runs.sweeps.results.neighbours import Neighbourhood, neighbourhood
from runs.sweeps.results.ranking import Floats, counted, direction, metric_name, short_keys, tick_texts
from runs.sweeps.results.stability import Stability, stability
from runs.sweeps.results.table import SweepTable, open_sweep
from runs.sweeps.space.grid import Axis


@dataclass(frozen=True)
class View:
    """A sweep's rows, one metric of them, and the cell that is marked: the best or the one asked for."""

    table: SweepTable
    by: str
    values: Floats  # of the metric, by row; NaN where it has none
    found: Stability
    marked: Neighbourhood

    @property
    def marked_name(self) -> str:
        """What the marked cell is."""
        return "best" if self.marked.rank == 1 else f"cell {self.marked.cell:,}"

    @cached_property
    def axes(self) -> list[tuple[int, Axis]]:
        """The varied axes, each with its place in the grid."""
        return [(i, self.table.grid.axes[i]) for i in self.table.varied]

    @cached_property
    def short(self) -> dict[str, str]:
        """The axes' keys as charts and tables write them."""
        return short_keys([axis.key for axis in self.table.grid.axes])

    @cached_property
    def place(self) -> tuple[int, ...]:
        """The marked cell's place on each axis, its values in order."""
        digits = self.table.grid.digits(np.array([self.marked.cell]))[0]
        return tuple(axis.order.index(int(at)) for axis, at in zip(self.table.grid.axes, digits, strict=True))

    @property
    def least(self) -> str:
        """What a cell must have beside a value, if anything: "at least 10 trades"."""
        return self.found.least

    def title(self, what: str) -> str:
        """A chart's title: what it shows, of which sweep and how many cells."""
        there = len(self.table)
        cells = counted(there) if self.table.whole else f"{self.table.so_far} so far"
        of = f" of {self.table.grid.size:,}" if self.table.whole and there < self.table.grid.size else ""
        of += " that a search chose" if self.table.whole and self.table.search else ""
        rest = f", {self.found.valued:,} with a value and {self.least}" if self.least else ""
        return f"{metric_name(self.by)} {what}\n{self.table.title}, {cells}{of}{rest}"

    def value_texts(self, axis: int) -> list[str]:
        """The values of an axis in order, as ticks write them."""
        return self._value_texts[axis]

    @cached_property
    def _value_texts(self) -> list[list[str]]:
        every = [(axis, tick_texts(axis.values)) for axis in self.table.grid.axes]
        return [[texts[at] for at in axis.order] for axis, texts in every]

    def at_marked(self, but: tuple[int, ...]) -> str:
        """The marked cell's values on the varied axes, some axes left out."""
        return ", ".join(
            f"{self.short[axis.key]} {self.value_texts(i)[self.place[i]]}"
            for i, axis in self.axes
            if i not in but
        )


def look(folder: Path, by: str | None = None, cell: int | None = None, min_trades: int = 0) -> View:
    """A sweep by one metric, else by the one it ranks by; `cell` is marked instead of the best. Cells with
    fewer trades than `min_trades` have no value.

    Raises
    ------
    LetfError
        If the folder is no sweep's, there is no such metric, no cell has a value of it, or the cell was not
        run.
    """
    table = open_sweep(folder)
    by = table.rank_by if by is None else by
    values = table.metric(by, min_trades)
    found = stability(table, by, values, min_trades=min_trades)
    if cell is None:
        return View(table, by, values, found, found.best)
    at = int(table.find(np.array([cell]))[0])
    if at < 0:
        raise SpecError(f"cell {cell:,} is not among the {len(table):,} cells of {folder}")
    better = direction(by) * (values - values[at])
    rank = int(np.sum(better > 0) + np.sum(better[:at] == 0)) + 1 if np.isfinite(values[at]) else None
    return View(table, by, values, found, neighbourhood(table, values, at, rank, by))
