"""Heatmaps of a sweep to look into: a metric over two parameters, each field with the best cell behind it.

A page has a few thousand fields at most, whatever the sweep: where a parameter has more values than a map has
rows or columns, neighbouring values share one. A field's value is the median of the cells behind it, as the
best of many is partly luck; its words name the best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil

import numpy as np

from runs.answers.closer import Choice, Form, Heatmap
from runs.sweeps.pictures.heatmaps import SPARSE, by_size, leading_pair, some_values
from runs.sweeps.pictures.looks import limits, scale_name
from runs.sweeps.results.importance import group_medians
from runs.sweeps.results.ranking import (
    MONEY,
    RETURNS,
    SHARES,
    SIGNED,
    Floats,
    Ints,
    metric_name,
    metric_text,
    ranked,
)
from runs.sweeps.results.top_tables import BESIDE
from runs.sweeps.results.view import View

MOST_ROWS, MOST_COLUMNS = 30, 40
MOST_FIELDS = 6_000  # of all maps of a page
MOST_PAIRED = 4  # parameters, those that matter most, of which each pair has a map


@dataclass(frozen=True, eq=False)
class Part:
    """What a map shows: two axes (down, across), which cells, and by which metric."""

    name: str
    pair: tuple[int, int]
    here: np.ndarray
    metric: str


@dataclass(frozen=True, eq=False)
class Fields:
    """Cells by field: `at` the field of each cell (−1 outside), `texts` of rows and columns, from little to
    much."""

    at: np.ndarray
    shape: tuple[int, int]
    texts: tuple[list[str], list[str]]
    marked: tuple[int, int] | None


def form_of(by: str) -> Form:
    """How a metric's values are written on a page."""
    if by in RETURNS + SHARES:
        return "percent"
    return "money" if by in MONEY else "number"


def maps_closer(view: View) -> Choice:
    """Over every two parameters, and by each of the main metrics; the first is that of the file."""
    parts, fields, left = [], [], MOST_FIELDS
    for part in _parts(view):
        alike = [f for p, f in zip(parts, fields, strict=True) if p.pair == part.pair and p.here is part.here]
        found = alike[0] if alike else _fields(view, part)  # kept once, whatever the metrics
        left -= found.shape[0] * found.shape[1]
        if parts and left < 0:
            break
        parts.append(part)
        fields.append(found)
    behind = _best_behind(ranked(view.values, view.by), parts, fields)
    wanted = np.unique(np.concatenate([at[at >= 0] for at in behind]))
    texts = _metric_texts(view, wanted)
    values = {view.by: view.values}
    of = {}
    for part, found, best in zip(parts, fields, behind, strict=True):
        if part.metric not in values:
            # One of them at a time is in memory, beside that by which the sweep is ranked.
            own = np.where(np.isfinite(view.values), view.table.metric(part.metric), np.nan)
            values = {view.by: view.values, part.metric: own}
        of[part.name] = _map(view, part, found, best, texts, values[part.metric])
    return Choice("show", of)


def _parts(view: View) -> list[Part]:
    """The maps in the order in which they are left out where there are too many."""
    every = np.ones(len(view.table), bool)
    axes = [i for i, _ in view.axes]
    metrics = [name for name in dict.fromkeys((view.by, *BESIDE)) if name in view.table.kept]
    if len(axes) == 2:
        down, across = by_size(view, axes)
        return [Part(metric_name(metric), (down, across), every, metric) for metric in metrics]
    if len(axes) == 3:
        panel, down, across = by_size(view, axes)
        at = view.table.ordinal(panel)
        shown = some_values(view.table.grid.shape[panel], view.place[panel])
        shown.sort(key=lambda value: value != view.place[panel])
        key = view.short[view.table.grid.axes[panel].key]
        texts = view.value_texts(panel)
        slices = [
            Part(
                f"{_crossed(view, down, across)}, {key} {texts[value]}", (down, across), at == value, view.by
            )
            for value in shown
        ]
        return [*slices, *_medians(view, axes, every), *_by_others(slices[0], metrics)]
    down, across = leading_pair(view)
    here = every.copy()
    for i in axes:
        if i not in (down, across):
            here &= view.table.ordinal(i) == view.place[i]
    medians = _medians(view, axes, every)
    size = view.table.grid.shape[down] * view.table.grid.shape[across]
    if here.sum() >= SPARSE * size:
        cell = "best cell" if view.marked.rank == 1 else view.marked_name
        name = f"{_crossed(view, down, across)}, the others as in the {cell}"
        first = [Part(name, (down, across), here, view.by)]
    else:
        first = []
        medians.sort(key=lambda part: set(part.pair) != {down, across})
    parts = [*first, *medians]
    return [*parts, *_by_others(parts[0], metrics)]


def _medians(view: View, axes: list[int], every: np.ndarray) -> list[Part]:
    """Each pair of the axes that matter most, over all cells."""
    by_key = {axis.key: i for i, axis in view.axes}
    order = [by_key[key] for key, _ in view.found.shares]
    order += [i for i in axes if i not in order]
    found = []
    for pair in combinations(order[:MOST_PAIRED], 2):
        down, across = by_size(view, list(pair))
        rest = [view.short[axis.key] for i, axis in view.axes if i not in pair]
        over = f"over all {rest[0]}" if len(rest) == 1 else "over all others"
        found.append(Part(f"{_crossed(view, down, across)}, {over}", (down, across), every, view.by))
    return found


def _by_others(first: Part, metrics: list[str]) -> list[Part]:
    """The first map again by each other metric."""
    return [
        Part(f"{first.name}: {metric_name(metric)}", first.pair, first.here, metric) for metric in metrics[1:]
    ]


def _crossed(view: View, down: int, across: int) -> str:
    keys = [view.short[view.table.grid.axes[i].key] for i in (down, across)]
    return " × ".join(keys)


def _fields(view: View, part: Part) -> Fields:
    """Rows and columns: a value each, or, of too many, as many neighbouring values as it takes."""
    place, texts, marked = [], [], []
    for axis, most in zip(part.pair, (MOST_ROWS, MOST_COLUMNS), strict=True):
        values = view.value_texts(axis)
        step = ceil(len(values) / most)
        place.append(view.table.ordinal(axis) // step)
        runs = [values[i : i + step] for i in range(0, len(values), step)]
        texts.append([run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs])
        marked.append(view.place[axis] // step)
    shape = len(texts[0]), len(texts[1])
    # One is kept for each map: in so few bits as hold it, which sort faster, too.
    kind = np.min_scalar_type(-shape[0] * shape[1])
    at = np.where(part.here, place[0] * shape[1] + place[1], -1).astype(kind)
    inside = part.here[view.table.find(np.array([view.marked.cell]))[0]]
    return Fields(at, shape, (texts[0], texts[1]), (marked[0], marked[1]) if inside else None)


def _best_behind(order: Ints, parts: Sequence[Part], every: Sequence[Fields]) -> list[Ints]:
    """Of each map's fields the places of their best cells by the sweep's metric, by which `order` has all
    places with a value; −1 where none has one."""
    found: dict[Fields, Ints] = {}
    for part, fields in zip(parts, every, strict=True):
        if fields in found:
            continue
        out = np.full(fields.shape[0] * fields.shape[1], -1)
        inside = order[part.here[order]]
        own, first = np.unique(fields.at[inside], return_index=True)
        out[own] = inside[first]
        found[fields] = out
    return [found[fields] for fields in every]


def _metric_texts(view: View, places: Ints) -> dict[int, str]:
    """What each of some cells made, by place: the metric, return, Sharpe, drawdown, trades."""
    names = [name for name in dict.fromkeys((view.by, *BESIDE)) if name in view.table.kept]
    found = view.table.metrics(names, places)
    return {
        int(place): ", ".join(f"{metric_name(name)} {metric_text(name, found[name][i])}" for name in names)
        for i, place in enumerate(places)
    }


def _map(
    view: View, part: Part, fields: Fields, best: Ints, texts: dict[int, str], values: Floats
) -> Heatmap:
    rows, columns = fields.shape
    size = rows * columns
    inside = fields.at >= 0
    at = fields.at[inside]
    medians = group_medians(values[inside], at, size)
    there = np.bincount(at, minlength=size)
    valued = np.bincount(at[np.isfinite(view.values[inside])], minlength=size)
    words = [_words(view, part, int(best[i]), int(there[i]), int(valued[i]), texts) for i in range(size)]
    known = medians[np.isfinite(medians)]
    span = limits(known) if len(known) else (0.0, 1.0, "neither")
    signed = part.metric in SIGNED and span[0] < 0 < span[1]
    # Neighbouring values that share a field, or cells that differ in what is not shown.
    many = bool((valued > 1).any())
    keys = [view.table.grid.axes[i].key for i in part.pair]
    middle = 0.0 if signed else None
    return Heatmap(
        row_label=keys[0],
        column_label=keys[1],
        rows=fields.texts[0][::-1],
        columns=fields.texts[1],
        values=medians.reshape(rows, columns)[::-1],
        value_label=f"median {scale_name(part.metric)}" if many else scale_name(part.metric),
        form=form_of(part.metric),
        middle=middle,
        words=[words[row * columns : (row + 1) * columns] for row in range(rows)][::-1],
        limits=(span[0], span[1]),
        marked=None if fields.marked is None else (rows - 1 - fields.marked[0], fields.marked[1]),
    )


def _words(view: View, part: Part, best: int, there: int, valued: int, texts: dict[int, str]) -> str:
    """What a field says of itself beside its value."""
    if best < 0:
        return "no value: refused, or not defined" if there else "not run"
    if valued == 1:
        return f"{_others(view, part, best)}{texts[best]}"
    return f"best of {valued:,} cells: {_others(view, part, best, True)}{texts[best]}"


def _others(view: View, part: Part, place: int, whole: bool = False) -> str:
    """A cell's parameters that the field's row and column do not tell; with `whole`, all of them."""
    digits = view.table.grid.digits(view.table.cells[place : place + 1])[0]
    said = [
        f"{view.short[axis.key]} {view.value_texts(i)[axis.order.index(int(digits[i]))]}"
        for i, axis in view.axes
        if whole or i not in part.pair
    ]
    return f"{', '.join(said)}: " if said else ""
