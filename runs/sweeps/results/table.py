"""A sweep's results as they lie in its folder, whole or not yet, read a column at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments import DataError
from runs.answers.words import A_YEAR, listed, under_a_year
from runs.sweeps.results.arrow import numbers_of
from runs.sweeps.results.columns import BLOCKS, METADATA
from runs.sweeps.results.ranking import check_metric, counted, metric_name
from runs.sweeps.results.rows import Rows, joined, parquet_file
from runs.sweeps.results.run_numbers import numbered_runs
from runs.sweeps.results.same import changed_words
from runs.sweeps.results.soundness import damage, is_changed, part_rows
from runs.sweeps.results.store import CELLS, PARTS
from runs.sweeps.space.axes import label_of
from runs.sweeps.space.cells import BESIDE, METRICS
from runs.sweeps.space.grid import Axis, Grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

PICKED = 8  # picks that are remembered
PART = 1 << 16  # cells at a time, where whole columns of 64 bits need not be in memory
MANY_NUMBERS = 1 << 14  # rows at a time where each has dozens of numbers


@dataclass
class SweepTable:
    """The rows of a sweep that are there, in order of cell. Read one with `open_sweep`."""

    folder: Path
    manifest: dict[str, Any]
    files: list[Path]
    about: dict[str, Any]
    whole: bool

    @property
    def name(self) -> str:
        """The spec's name."""
        return str(self.about.get("name") or self.folder.name)

    @property
    def index(self) -> str:
        """What the rule was run on."""
        found = self.about.get("index") or ""
        return listed([str(name) for name in found]) if isinstance(found, list) else str(found)

    @property
    def title(self) -> str:
        """Name and index."""
        return f"{self.name} on {self.index}" if self.index else self.name

    @property
    def simulated(self) -> bool:
        """True if the prices are made by a model."""
        return bool(self.about.get("simulated", False))

    @property
    def under_a_year(self) -> bool:
        """True if any cell was run on sessions that do not span a year."""
        markets = (self.manifest.get("data") or {}).get("markets") or {}
        spans = [(it["index"]["first"], it["index"]["last"]) for it in markets.values() if "index" in it]
        return any(under_a_year(np.array(span, dtype="datetime64[D]")) for span in spans)

    def heading(self, by: str) -> str:
        """A metric's name, with a mark where it is of a year that not all of its runs span."""
        marked = by in A_YEAR and self.under_a_year
        return f"{metric_name(by)} (extrapolated)" if marked else metric_name(by)

    @property
    def rank_by(self) -> str:
        """The metric by which the sweep was asked to rank."""
        return str(self.manifest.get("ranked_by") or self.about.get("rank_by") or "sharpe")

    @property
    def planned(self) -> int:
        """Number of cells that the whole sweep has."""
        return int(self.manifest["sweep"]["cells"])

    @property
    def search(self) -> dict[str, Any] | None:
        """What the search was that chose the cells: trials, by, seed; None if none did."""
        found: dict[str, Any] | None = self.manifest["sweep"].get("search")
        return found

    def begins(self, cell: int) -> str | None:
        """The first day of a cell, where rules of the sweep would have had to wait for it; else None."""
        days: dict[str, str] = self.manifest["sweep"].get("begins") or {}
        data = {key: value for key, value in self.grid.values(cell).items() if key.startswith("data.")}
        return days.get(label_of(data) or "all")

    @property
    def so_far(self) -> str:
        """How much of an unfinished sweep is there: "4 of 8 cells". Of a search cells say nothing of that."""
        if self.search is not None:
            return f"{counted(len(self))} of a search of {self.search['trials']:,} trials"
        return f"{len(self):,} of {counted(self.planned)}"

    @cached_property
    def grid(self) -> Grid:
        """All axes, in the order that numbers the cells."""
        axes = self.manifest["sweep"]["axes"]
        return Grid(tuple(Axis(key, tuple(values)) for key, values in axes.items()))

    @cached_property
    def varied(self) -> list[int]:
        """The axes that have more than one value, by place; the first one if there is none such."""
        return [i for i, n in enumerate(self.grid.shape) if n > 1] or [0]

    @property
    def cells(self) -> Ints:
        """The numbers of the cells that are there, ascending."""
        return self._numbering[0]

    def __len__(self) -> int:
        return len(self.cells)

    def position(self, axis: int) -> Places:
        """The place of every cell's value on one axis, from 0."""
        return self._along(axis, np.arange(self.grid.shape[axis]))

    def ordinal(self, axis: int) -> Places:
        """The place of every cell's value on one axis among its values in order, from 0."""
        return self._along(axis, np.argsort(self.grid.axes[axis].order))

    def _along(self, axis: int, numbers: Ints) -> Places:
        """Of every cell the number that stands for its value on one axis."""
        out, step = np.empty(len(self), np.int32), self.step(axis)
        for begin in range(0, len(out), PART):
            cells = self.cells[begin : begin + PART]
            out[begin : begin + PART] = numbers[cells // step % len(numbers)]
        return out

    def step(self, axis: int) -> int:
        """How far apart the numbers of two cells are that differ by one step along an axis."""
        return Grid(self.grid.axes[axis + 1 :]).size

    def find(self, wanted: Ints) -> Ints:
        """Where the cells of these numbers stand in `cells`; −1 for one that is not there."""
        if not len(self.cells):
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self.cells, wanted), len(self.cells) - 1)
        return np.where(self.cells[at] == wanted, at, -1)

    def metric(self, by: str, min_trades: int = 0) -> Floats:
        """A metric of every cell; NaN where it is not defined, the rule refused the parameters, or the cell
        made fewer trades than `min_trades`.

        Raises
        ------
        SpecError
            If there is no such metric.
        """
        found = self.metrics(dict.fromkeys((by, "trades") if min_trades else (by,)))
        return np.where(found["trades"] >= min_trades, found[by], np.nan) if min_trades else found[by]

    def metrics(self, names: Iterable[str], at: Ints | None = None) -> dict[str, Floats]:
        """Several metrics, of the cells that stand at the places `at` only if these are given."""
        out = {}
        place: Any = slice(None) if at is None else at
        columns = [check_metric(name, self.kept) for name in names]
        picked = None if at is None else self._pick(columns, at)
        for i, name in enumerate(columns):
            known = self._column(name) if picked is None else picked[i].astype(np.float64)
            known[~(self.ran[place] & np.isfinite(known))] = np.nan
            out[name] = known
        return out

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The metrics that the cells have."""
        names = parquet_file(self.files[0]).schema_arrow.names if self.files else ()
        return (*METRICS, *(name for name in BESIDE if name in names))

    @cached_property
    def runs(self) -> npt.NDArray[np.uint64]:
        """A number by cell: two cells are the same run, alike in every metric, if they share it."""
        found, begin = np.empty(len(self), np.uint64), 0
        for batch in self._rows.batches([*METRICS, "refused"], MANY_NUMBERS):
            *metrics, refused = batch.columns
            ran = numbers_of(refused.is_null())
            every = (numbers_of(metric).astype(np.float64) for metric in metrics)
            own = numbered_runs(np.where(ran & np.isfinite(known), known, np.nan) for known in every)
            found[begin : begin + len(own)] = own
            begin += len(own)
        return found[self._numbering[1]]

    def block_parts(self, some: npt.NDArray[np.bool_]) -> Iterator[tuple[Floats, Floats]]:
        """Of some cells the sums of their daily returns over the short rate by block, and of the squares,
        part after part, shape (cells of the part, blocks) each.

        Parameters
        ----------
        some : shape (len(self),).

        Raises
        ------
        DataError
            If the table has none.
        """
        order = self._numbering[1]
        wanted = some if isinstance(order, slice) else some[np.argsort(order)]
        begin = 0
        for batch in self._rows.batches([BLOCKS], MANY_NUMBERS):
            here = wanted[begin : begin + batch.num_rows]
            begin += batch.num_rows
            if here.any():
                sums = numbers_of(batch.column(0).flatten()).reshape(len(here), 2, -1)[here]
                yield sums[:, 0].astype(np.float64), sums[:, 1].astype(np.float64)

    def texts(self, cell: int) -> tuple[str | None, str | None]:
        """Which engine ran a cell that is there, and why it was refused; None where it was not."""
        found = self._pick(["engine", "refused"], self.find(np.array([cell])))
        engine, refused = (column[0] for column in found)
        return engine, refused

    @cached_property
    def ran(self) -> npt.NDArray[np.bool_]:
        """False for a cell that was refused."""
        parts = [batch.column(0).is_null() for batch in self._rows.batches(["refused"])]
        return joined(parts).astype(bool)[self._numbering[1]]

    def _column(self, name: str) -> Floats:
        return self._rows.numbers(name)[self._numbering[1]]

    @cached_property
    def _numbering(self) -> tuple[Ints, Any]:
        """The cells' numbers, ascending, and what puts a column of the files in their order."""
        found = self._rows.numbers("cell", np.int64)
        if not np.any(np.diff(found) < 0):
            return found, slice(None)
        order = np.argsort(found, kind="stable")  # parts come as they finish
        return found[order], order

    def _pick(self, columns: list[str], at: Ints) -> list[npt.NDArray[Any]]:
        """Columns of the cells at the places `at` only."""
        key = (*columns, at.tobytes())
        if key not in self._picked:
            order = self._numbering[1]
            out = self._rows.pick(columns, at if isinstance(order, slice) else order[at])
            while len(self._picked) >= PICKED:
                self._picked.pop(next(iter(self._picked)))
            self._picked[key] = out
        return self._picked[key]

    @cached_property
    def _picked(self) -> dict[Any, list[npt.NDArray[Any]]]:
        """What was picked last: an answer is made for its page and for who asked."""
        return {}

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.files)


def open_sweep(folder: Path) -> SweepTable:
    """The results of a sweep, whole or as far as it got.

    Raises
    ------
    DataError
        If the folder is not a sweep's, or nothing of it is there yet.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest["sweep"]["axes"].items()
        int(manifest["sweep"]["cells"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{folder} is not a sweep's result; give the folder that letf sweep wrote") from None
    if is_changed(manifest):
        raise DataError(changed_words(folder))
    whole = (folder / CELLS).is_file()
    if whole:
        files, wrong = [folder / CELLS], damage(folder / CELLS, manifest)
        if wrong is not None:
            raise DataError(
                f"{files[0]} is damaged, {wrong}; letf sweep with --resume keeps what is sound and runs the "
                "rest again"
            )
    else:
        # A part in the making has another name; the finished ones are digits only.
        parts = sorted(path for path in (folder / PARTS).glob("*.parquet") if path.stem.isdigit())
        files = [path for path in parts if part_rows(path) is not None]  # --resume runs the others again
    if not files:
        raise DataError(f"{folder}: not one chunk of the sweep is finished yet")
    return SweepTable(folder, manifest, files, _about(files[0], manifest), whole)


def _about(file: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """The facts in the Parquet file, else what the manifest's spec has of them."""
    spec = manifest.get("spec") or {}
    found = {
        "name": spec.get("name"),
        "index": (spec.get("data") or {}).get("index"),
        "simulated": manifest.get("simulated", False),
    }
    return found | json.loads((parquet_file(file).schema_arrow.metadata or {}).get(METADATA, b"{}"))
