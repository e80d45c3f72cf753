"""The best cells of a sweep as a table, and one cell in full."""

from __future__ import annotations

import json
import math
import re
import shlex
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.words import share
from runs.sweeps.results.luck_words import deflated
from runs.sweeps.results.neighbours import Neighbourhood, neighbourhood
from runs.sweeps.results.ranking import metric_name, metric_text, ranked, value_text

if TYPE_CHECKING:
    import pandas as pd

    from runs.sweeps.results.view import View

BESIDE = ("total_return", "sharpe", "max_drawdown", "trades")  # shown whatever ranks
Rows = list[list[str]]


def top_rows(view: View, most: int, luck: Mapping[str, Any] | None = None) -> tuple[list[str], Rows]:
    """Headings and rows: rank, cell, varied parameters, metrics, of the neighbours median and worst, and,
    where it was measured, the deflated Sharpe ratio."""
    names = list(dict.fromkeys((view.by, *BESIDE)))
    headings = ["rank", "cell", *(view.short[axis.key] for _, axis in view.axes)]
    headings += [view.table.heading(name) for name in names] + ["neighbours", "worst"]
    hoods = _hoods(view, most)
    found = view.table.metrics(names, view.table.find(np.array([hood.cell for hood in hoods])))
    above_luck = deflated(luck, [hood.cell for hood in hoods])
    known = not all(map(math.isnan, above_luck))
    headings += ["DSR"] * known
    rows = []
    for i, hood in enumerate(hoods):
        values = view.table.grid.values(hood.cell)
        row = [f"{hood.rank:,}", f"{hood.cell:,}", *(value_text(values[axis.key]) for _, axis in view.axes)]
        row += [metric_text(name, float(found[name][i])) for name in names]
        row += [metric_text(view.by, hood.median), metric_text(view.by, hood.worst)]
        row += ["n/a" if math.isnan(above_luck[i]) else share(above_luck[i], 0)] * known
        rows.append(row)
    return headings, rows


def long_rows(view: View, most: int, luck: Mapping[str, Any] | None = None) -> tuple[list[str], Rows]:
    """The same with the number of the cell and every other metric at the end."""
    headings, rows = top_rows(view, most, luck)
    names = others(view)
    found = view.table.metrics(names, view.table.find(np.array([hood.cell for hood in _hoods(view, most)])))
    at = headings.index("cell")
    return [*headings[:at], *headings[at + 1 :], "cell", *map(view.table.heading, names)], [
        [*row[:at], *row[at + 1 :], row[at], *(metric_text(name, float(found[name][i])) for name in names)]
        for i, row in enumerate(rows)
    ]


def known_columns(headings: list[str], rows: Rows) -> list[int]:
    """The columns that have a value in any row: one that is n/a in all of them says nothing."""
    return [at for at in range(len(headings)) if any(row[at] != "n/a" for row in rows)]


def others(view: View) -> list[str]:
    """The metrics that do not stand beside a cell's parameters unless they are asked for."""
    return [name for name in view.table.kept if name not in (view.by, *BESIDE)]


def cell_rows(view: View) -> Rows:
    """The marked cell: its parameters, engine, rank, metrics and neighbours; of a refused one, its
    parameters only."""
    hood, table = view.marked, view.table
    engine, refused = table.texts(hood.cell)
    values = [[key, value_text(value)] for key, value in table.grid.values(hood.cell).items()]
    if refused is not None:
        return [["cell", f"{hood.cell:,}"], *values]
    found = table.metrics(table.kept, table.find(np.array([hood.cell])))
    rank = "none" if hood.rank is None else f"{hood.rank:,} of {view.found.valued:,}"
    rows = [["cell", f"{hood.cell:,}"], [f"rank by {metric_name(view.by)}", rank]]
    rows += [*values, ["engine", engine or "n/a"]]
    rows += [[table.heading(name), metric_text(name, float(found[name][0]))] for name in table.kept]
    if hood.count:
        near = f"{metric_text(view.by, hood.median)}, worst {metric_text(view.by, hood.worst)}"
        rows.append([f"median of {hood.count} neighbours of {hood.possible}", near])
    else:
        rows.append(["neighbours", f"none of {hood.possible} has a value" if hood.possible else "none"])
    if hood.same:
        rows.append(["the same run beside it", f"{hood.same} of {hood.beside} cells, stepped over"])
    if hood.idle:
        rows.append(["of no effect here", ", ".join(hood.idle)])
    return rows


def as_options(view: View, cell: int) -> str:
    """A cell's parameters as options of `letf run`."""
    values = view.table.grid.values(cell)
    options = [f"--set {shlex.quote(f'{key}={option_text(value)}')}" for key, value in values.items()]
    begins = view.table.begins(cell)
    return " ".join([*options, *([f"--start {begins}"] if begins else [])])


def option_text(value: Any) -> str:
    """A value from which --set reads the same value: TOML, a bare word, or none."""
    if value is None:
        return "none"
    if not isinstance(value, str):
        return _toml(value)
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        bare = value == value.strip() and value.lower() != "none"
        return value if bare else _toml(value)
    return _toml(value)  # --set would take it for a number, a truth value, a list


def _toml(value: Any) -> str:
    """A value of JSON as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)  # of whole numbers, truth values and strings the same


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def best_frame(view: View, most: int) -> pd.DataFrame:
    """The best cells by rank: number, all parameters and all metrics, and of the neighbours with a value how
    many, their median and the worst; NaN where not defined."""
    import pandas as pd

    hoods = _hoods(view, most)
    found = view.table.metrics(view.table.kept, view.table.find(np.array([hood.cell for hood in hoods])))
    headings = ["cell", *(axis.key for axis in view.table.grid.axes), *view.table.kept]
    headings += ["neighbours", "neighbours_median", "worst_neighbour"]
    rows: list[list[Any]] = []
    for i, hood in enumerate(hoods):
        values = [
            v if isinstance(v, int | float) and not isinstance(v, bool) else value_text(v)
            for v in view.table.grid.values(hood.cell).values()
        ]
        metrics = [float(found[name][i]) for name in view.table.kept]
        rows.append([hood.cell, *values, *metrics, hood.count, hood.median, hood.worst])
    return pd.DataFrame(rows, columns=headings, index=pd.Index([hood.rank for hood in hoods], name="rank"))


def _hoods(view: View, most: int) -> list[Neighbourhood]:
    """The best cells with their neighbours: those known already, and more if asked for."""
    if most <= len(view.found.top) or len(view.found.top) == view.found.valued:
        return list(view.found.top[:most])
    order = ranked(view.values, view.by, most)
    return [neighbourhood(view.table, view.values, int(at), i + 1, view.by) for i, at in enumerate(order)]
