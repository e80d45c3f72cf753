"""What a sweep says: the answer of `letf sweep` and `letf top`, read from the sweep's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letf_instruments import DataError
from runs.answers.answer import Answer
from runs.answers.drawing import Drawn, Kinds, drawn, kinds_of
from runs.answers.files import as_json
from runs.answers.folder import REPORT, write_folder
from runs.answers.page import page
from runs.answers.parts import Frames, Section, Table
from runs.answers.provenance import Provenance
from runs.answers.words import counted, share, with_caveats
from runs.specs.run_spec import unsaid
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.pictures.charts import lead_of, pictures
from runs.sweeps.results.columns import BLOCKS
from runs.sweeps.results.first import asked_line, key_figures, luck_verdict
from runs.sweeps.results.luck_words import LUCK, luck_rows
from runs.sweeps.results.ranking import metric_name, value_text
from runs.sweeps.results.soundness import OWN
from runs.sweeps.results.store import CELLS, SEARCH, SUMMARY, TOP, summary_in
from runs.sweeps.results.summary import summarise, top_csv
from runs.sweeps.results.table import SweepTable, open_sweep
from runs.sweeps.results.top_tables import (
    Rows,
    as_options,
    best_frame,
    cell_rows,
    known_columns,
    long_rows,
    top_rows,
)
from runs.sweeps.results.view import View
from runs.sweeps.results.words import sentences

if TYPE_CHECKING:
    import pandas as pd

SHOWN, LISTED = 10, 100  # best cells on a terminal, and on a page
MOST_VALUES = 40  # of an axis that are listed
NEIGHBOURS_MEAN = (
    "“neighbours” and “worst” in the table are the median and the worst of a cell's neighbours. They differ "
    "from it by one step along one axis, or by another word where the values are no numbers; axes that "
    "change nothing there are left out. Cells that were not run, were refused or have no value do not count."
)
DSR_MEANS = (
    "“DSR” is the deflated Sharpe ratio: the probability that a cell's true Sharpe ratio is above what the "
    "best of as many cells has by luck alone."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sweep(Answer):
    """The cells of a sweep and what is to be said of them.

    Attributes
    ----------
    folder : where its results lie. table : their rows, read a column at a time.
    view : by which metric it is looked at, and the best cell; None if no cell has a value of it.
    keeper : what removes a folder that was made for this answer alone, once nobody holds it.
    """

    folder: Path
    table: SweepTable
    view: View | None
    keeper: Any = None

    @property
    def cells(self) -> pd.DataFrame:
        """A row a cell: its number, a column a parameter, a column a metric, the engine, and why it was
        refused, if it was."""
        return self.frames["cells"]

    @property
    def best(self) -> pd.DataFrame:
        """The best cells with all parameters and metrics, and what their neighbours made."""
        return self.frames["best"]

    def save(self, folder: str | Path, pictures: Kinds = "png") -> Path:
        """Write the whole sweep into another folder: table, summary, pictures, report; whole or not at all.

        Parameters
        ----------
        pictures : as of any answer.

        Raises
        ------
        LetfError
            If the folder holds anything else than an earlier sweep, or cannot be written.
        """
        table = _check_same(self.table)
        if not table.whole:
            raise DataError(f"{self.folder} holds {table.so_far}; a sweep that is not whole is not saved")
        by = table.rank_by if self.view is None else self.view.by
        # The files are others, so the checksum would not be this manifest's.
        manifest = {key: value for key, value in table.manifest.items() if key != OWN} | {"ranked_by": by}
        found = summarise(self.folder / CELLS, by)
        summary = self.metrics | found.as_dict([axis.key for axis in table.grid.axes])
        summary["verification"] = self.metrics.get("verification")
        files = {
            name: (self.folder / name).read_bytes()
            for name in (CELLS, *SEARCH)
            if (self.folder / name).is_file()
        }
        files |= {SUMMARY: as_json(summary), TOP: top_csv(table.grid, found, table.simulated)}
        files |= report_files(self, drawn(self.pictures, kinds=kinds_of(pictures)))
        return write_folder(Path(folder), manifest, files).folder


def report_files(answer: Sweep, given: Drawn | Callable[[], Drawn]) -> dict[str, bytes]:
    """Name → content of the pictures and the report; given are the former, or what gives them, the same each
    time."""
    report = page(answer, given)
    made = given if isinstance(given, Drawn) else given()
    return {**made.files, REPORT: report.encode("utf-8")}


def answer_of(folder: Path, view: View | None, keeper: Any = None, most: int = SHOWN) -> Sweep:
    """The answer that a sweep's folder holds, as it is looked at; of the best cells so many are shown."""
    table = open_sweep(folder) if view is None else view.table
    manifest, summary = table.manifest, summary_in(folder)
    headline, said = _words(table, view, summary)
    return Sweep(
        question="sweep",
        name=table.name,
        title=f"Sweep of {table.title}",
        headline=("SIMULATED data. " if table.simulated else "")
        + with_caveats(headline, manifest.get("caveats") or []),
        sections=[] if view is None else _sections(view, said, most, summary.get(LUCK)),
        provenance=Provenance(
            spec=manifest.get("spec") or {},
            data=(manifest.get("data") or {}).get("markets") or {},
            simulated=table.simulated,
            seed=((manifest.get("spec") or {}).get("data") or {}).get("seed") if table.simulated else None,
            more={"sweep": manifest["sweep"]},
            defaults=unsaid(),
        ),
        metrics=summary,
        frames=Frames(
            {
                "cells": partial(_cells, table),
                **({} if view is None else {"best": partial(best_frame, view, most)}),
            }
        ),
        notes=[*(manifest.get("notes") or []), *(manifest.get("not_drawn") or []), *_refused(summary)],
        made=_made(table, summary),
        asked=asked_line(table),
        figures=[] if view is None else key_figures(view, summary.get(LUCK)),
        edge=None if view is None else luck_verdict(view, summary.get(LUCK)),
        lead=None if view is None else lead_of(view),
        alarm=_alarm(table, summary),
        folder=folder,
        table=table,
        view=view,
        keeper=keeper,
    )


def _cells(table: SweepTable) -> pd.DataFrame:
    """The rows that are there, in order of cell."""
    import pandas as pd

    _check_same(table)
    import pyarrow.parquet as pq

    kept = [name for name in pq.read_schema(table.files[0]).names if name != BLOCKS]
    parts = [pd.read_parquet(file, columns=kept) for file in table.files]
    return pd.concat(parts).sort_values("cell", ignore_index=True)


def _check_same(table: SweepTable) -> SweepTable:
    """The sweep that lies in a table's folder, if it is still the one that was read.

    Raises
    ------
    DataError
        If it is gone, or another one has taken its place.
    """
    now = open_sweep(table.folder)
    if any(now.manifest.get(key) != table.manifest.get(key) for key in ("sweep", "spec")):
        raise DataError(f"{table.folder} holds another sweep now than this answer was made of")
    return now


def _words(table: SweepTable, view: View | None, summary: Mapping[str, Any]) -> tuple[str, list[str]]:
    if view is None:
        return (
            f"No cell of {counted(len(table), 'cell')} has a value of {summary.get('by', table.rank_by)}.",
            [],
        )
    first, *rest = sentences(table, view.found, summary.get(LUCK))
    return first, rest


def _picked(columns: list[int], headings: list[str], rows: Rows) -> tuple[list[str], Rows]:
    return [headings[at] for at in columns], [[row[at] for at in columns] for row in rows]


def _sections(view: View, said: list[str], most: int, luck: Mapping[str, Any] | None) -> list[Section]:
    drawn = pictures(view)
    by = metric_name(view.by)
    least = f" with {view.least}" if view.least else ""
    leading = {name: drawn[name] for name in ("sweep", "heatmap") if name in drawn}
    headings, rows = top_rows(view, most, luck)
    long_headings, every = long_rows(view, max(most, LISTED), luck)
    known = known_columns(long_headings, every)
    hidden = sum(at >= len(headings) - 1 for at in known)  # the number of the cell, and what follows it
    long_headings, every = _picked(known, long_headings, every)
    headings, rows = _picked(known_columns(headings, rows), headings, rows)
    refused = view.table.texts(view.marked.cell)[1]
    if refused is None:
        marked = f"{view.marked_name}, for letf run: {as_options(view, view.marked.cell)}"
    else:
        marked = f"cell {view.marked.cell:,} was refused: {refused}"
    picked = (
        [Table(f"Cell {view.marked.cell:,} in full", [], cell_rows(view))]
        if view.marked is not view.found.best
        else []
    )
    return [
        Section(
            f"The best by {by}",
            sentences=[marked],
            tables=[
                Table(f"The best cells by {by}{least}", headings, rows, on_page=False),
                Table(
                    f"The best {counted(len(every), 'cell')} by {by}{least}",
                    long_headings,
                    every,
                    brief=False,
                    long=True,
                    more=(hidden, "every metric"),
                ),
                *picked,
            ],
            pictures=leading,
        ),
        Section(
            "Luck and neighbours",
            sentences=said,
            tables=[Table("Luck", [], found)] if (found := luck_rows(luck, view.found.best.cell)) else [],
            pictures={name: picture for name, picture in drawn.items() if name not in leading},
            fine_print=[NEIGHBOURS_MEAN, *([DSR_MEANS] if "DSR" in headings else [])],
        ),
        Section(
            "Parameters",
            tables=[
                Table(
                    "What was swept",
                    ["parameter", "values", ""],
                    [
                        [axis.key, f"{len(axis.values):,}", _listed([value_text(v) for v in axis.values])]
                        for axis in view.table.grid.axes
                    ],
                    words=True,
                )
            ],
            brief=False,
        ),
    ]


def _listed(texts: list[str]) -> str:
    """The values of an axis; of very many the first and the last."""
    if len(texts) <= MOST_VALUES:
        return ", ".join(texts)
    return f"{', '.join(texts[: MOST_VALUES - 1])}, … {texts[-1]}"


def _made(table: SweepTable, summary: Mapping[str, Any]) -> list[str]:
    there = counted(len(table), "cell") if table.whole else f"{table.so_far} so far"
    engine = _engine(table)
    verified = summary.get("verification") or {}
    words = ""
    if verified.get("arrival"):
        many = counted(len(verified["arrival"]), "cell")
        words = f" Run again on bars that arrive one by one: {many}, the same fills."
    if engine == KERNEL:
        if verified.get("failed"):
            words = " Verification failed."
        elif not verified.get("cells"):
            words = " Not verified in backtrader."
        else:
            words = (
                f" Run again in backtrader, order by order: {len(verified['cells'])} cells, "
                f"{verified['fills']:,} fills, no difference."
            )
    return [f"{there} of a grid of {table.grid.size:,}; engine: {engine}.{words}"]


def _engine(table: SweepTable) -> str:
    return str(table.manifest["sweep"].get("engine", ""))


def _alarm(table: SweepTable, summary: Mapping[str, Any]) -> str | None:
    failed = (summary.get("verification") or {}).get("failed") or table.manifest.get("failed")
    if failed:
        differs = ", as it differs when run again in backtrader" * (_engine(table) == KERNEL)
        return f"NOT TO BE TRUSTED{differs}: {failed}"
    if table.whole:
        return None
    part = "" if table.search else f" ({share(len(table) / table.planned)})"
    return f"The sweep is not whole yet: {table.so_far}{part}."


def _refused(summary: Mapping[str, Any]) -> list[str]:
    reasons = (summary.get("refused") or {}).get("reasons") or []
    return [f"{counted(reason['cells'], 'cell')} refused, such as: {reason['such_as']}" for reason in reasons]
