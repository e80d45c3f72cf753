"""What is said of a whole sweep: how many ran, why others did not, the best cells by each metric. Read
from its table row group by row group, so that memory does not grow with the cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from runs.answers.files import as_csv
from runs.sweeps.results.arrow import column_of, numbers_of
from runs.sweeps.results.columns import BLOCKS
from runs.sweeps.results.memory import give_back
from runs.sweeps.space.cells import BESIDE, LESS_IS_BETTER, METRICS
from runs.sweeps.space.grid import Grid

KEPT = 10  # best cells by each metric
TOP = 100  # best cells by the chosen one
MOST_REASONS = 20

Row = dict[str, Any]


@dataclass
class Summary:
    """A sweep in short.

    by : the chosen metric. best : by metric, its best rows, the best first; ties by number of the cell.
    reasons : for sentences that differ only in their numbers: how many cells, and the first of them.
    verification : the cells that were run again in backtrader, and how many fills they had; None if none.
    """

    by: str
    cells: int = 0
    refused: int = 0
    engines: dict[str, int] = field(default_factory=dict)
    best: dict[str, list[Row]] = field(default_factory=dict)
    reasons: dict[str, tuple[int, str]] = field(default_factory=dict)
    verification: Row | None = None

    @property
    def top(self) -> list[Row]:
        """The best cells by the chosen metric."""
        return self.best.get(self.by, [])

    @property
    def ran(self) -> int:
        """How many cells have a result."""
        return self.cells - self.refused

    def refusals(self) -> list[str]:
        """A sentence for each kind of reason, the most frequent first."""
        most = sorted(self.reasons.values(), key=lambda reason: -reason[0])
        return [f"{count:,} cells refused, such as: {sentence}" for count, sentence in most]

    def as_dict(self, axes: Sequence[str]) -> dict[str, Any]:
        """For sweep.json."""
        most = sorted(self.reasons.values(), key=lambda reason: -reason[0])
        return {
            "cells": self.cells,
            "ran": self.ran,
            "refused": {
                "cells": self.refused,
                "reasons": [{"cells": count, "such_as": sentence} for count, sentence in most],
            },
            "engines": self.engines,
            "verification": self.verification,
            "best": {
                metric: [{key: row[key] for key in ("cell", *axes, metric)} for row in rows[:KEPT]]
                for metric, rows in self.best.items()
            },
        }


def top_csv(grid: Grid, found: Summary, simulated: bool) -> bytes:
    """top.csv: the best cells by the chosen metric with all parameters and metrics."""
    beside = [name for name in BESIDE if found.top and name in found.top[0]]
    headings = ("cell", *(axis.key for axis in grid.axes), *METRICS, *beside)
    return as_csv(headings, ([row[name] for name in headings] for row in found.top), simulated)


def summarise(table: Path, by: str) -> Summary:
    """Read a whole sweep's table.

    Parameters
    ----------
    by : the metric by which `TOP` cells are kept; of the others, `KEPT`.
    """
    found = Summary(by)
    file = pq.ParquetFile(table)
    columns = [name for name in file.schema_arrow.names if name != BLOCKS]
    for group in range(file.num_row_groups):
        rows = file.read_row_group(group, columns=columns)
        found.cells += len(rows)
        _count(rows, found)
        for metric in (name for name in (*METRICS, *BESIDE) if name in rows.column_names):
            most = TOP if metric == by else KEPT
            sign = 1 if metric in LESS_IS_BETTER else -1
            kept = found.best.get(metric, [])
            worst = sign * kept[-1][metric] if len(kept) == most else np.inf
            here = rows.take(column_of(_best(rows[metric], sign, most, worst))).to_pylist()
            merged = [*kept, *here]
            merged.sort(key=lambda row: (sign * row[metric], row["cell"]))
            found.best[metric] = merged[:most]
        give_back()
    found.reasons = dict(sorted(found.reasons.items(), key=lambda item: -item[1][0])[:MOST_REASONS])
    return found


def _best(given: Any, sign: int, most: int, worst: float) -> np.ndarray:
    """Places of the least values times `sign`, the least first, of those that are no more than `worst`; what
    is not defined never ranks."""
    values = sign * numbers_of(given).astype(np.float64)
    at = np.flatnonzero(values <= worst)
    if len(at) > most:
        at = at[values[at] <= np.partition(values[at], most - 1)[most - 1]]
    return at[np.argsort(values[at], kind="stable")[:most]]


def _count(rows: Any, found: Summary) -> None:
    for item in rows["refused"].drop_null().value_counts().to_pylist():
        found.refused += item["counts"]
        kind = re.sub(r"\d[\d.,]*", "#", item["values"])
        count, first = found.reasons.get(kind, (0, item["values"]))
        found.reasons[kind] = (count + item["counts"], first)
    for item in rows["engine"].drop_null().value_counts().to_pylist():
        found.engines[item["values"]] = found.engines.get(item["values"], 0) + item["counts"]
