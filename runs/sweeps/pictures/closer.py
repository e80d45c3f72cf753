"""What a page lets one look into of a sweep beside its maps: how many cells made what, and the metric along
each parameter."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Bars, Choice, Closer, Floats, Heatmap, Line, Marks, Pane, Panes
from runs.sweeps.pictures.distribution import bin_count, shown_panels
from runs.sweeps.pictures.looks import limits, scale_name
from runs.sweeps.pictures.maps import form_of
from runs.sweeps.results.importance import group_medians
from runs.sweeps.results.ranking import SIGNED, counted, direction, metric_text
from runs.sweeps.results.view import View
from runs.sweeps.space.grid import Axis

LEAST_IN_A_LINE = 3  # values; fewer are a table
MOST_DOTS = 60  # on a line; beyond it is read as a line


def distribution_closer(view: View) -> Panes:
    """How many cells made what; cells far out are counted at the edge and said."""
    known = view.values[np.isfinite(view.values)]
    low, high, _ = limits(known)
    edges = np.linspace(low, high, bin_count(len(known)) + 1)
    at = np.clip(known, low, high)
    best = direction(view.by) * known >= direction(view.by) * view.found.best_hundredth
    parts: list[Bars | Marks] = []
    base = np.zeros(len(edges) - 1)
    groups = [("cells", ~best, "rule"), ("cells of the best 1 %", best, "fund")]
    for name, some, colour in groups if len(known) >= 100 else [("cells", np.ones(len(known), bool), "rule")]:
        heights = np.histogram(at[some], edges)[0].astype(float)
        parts.append(Bars(name, edges[:-1], edges[1:], heights, colour, base))
        base = base + heights
    marks = [("median cell", view.found.median, "more-1"), (view.marked_name, view.marked.value, "more-3")]
    for name, value, colour in marks:
        if np.isfinite(value):
            words = f"{name}: {metric_text(view.by, value)}"
            place = float(np.clip(value, low, high))
            height = base[min(np.searchsorted(edges, place, side="right") - 1, len(base) - 1)]
            parts.append(
                Marks(
                    f"{name} {metric_text(view.by, value)}",
                    np.array([place]),
                    np.array([height]),
                    [words],
                    colour,
                )
            )
    far = int(np.sum((known < low) | (known > high)))
    note = f"{counted(far)} beyond, counted at the edge." if far else ""
    pane = Pane("cells", parts)
    form = form_of(view.by)
    return Panes(edges, [pane], x_label=scale_name(view.by), x_form=form, note=note)


def along_closer(view: View) -> Closer:
    """Along each parameter: through the marked cell, and the median of all cells with each value. Numbers are
    lines; words, true and false, and what can be left out are a table."""
    found = {view.table.grid.axes[i].key: _along(view, i) for i in shown_panels(view)}
    return Choice("along", found) if len(found) > 1 else next(iter(found.values()))


def _along(view: View, i: int) -> Panes | Heatmap:
    axis, n = view.table.grid.axes[i], view.table.grid.shape[i]
    order = np.array(axis.order)
    there = view.table.find(view.marked.cell + (order - order[view.place[i]]) * view.table.step(i))
    through = np.where(there >= 0, view.values[there], np.nan)
    every = group_medians(view.values, view.table.ordinal(i), n)
    name = "best cell" if view.marked.rank == 1 else view.marked_name
    alone = np.array_equal(through, every, equal_nan=True)
    curves = {f"through the {name}": through}
    if not alone:
        curves["median of all cells with that value"] = every
    if _is_line(axis):
        return _lines(view, i, order, curves)
    names = list(curves)
    columns = np.column_stack(list(curves.values()))
    return Heatmap(
        row_label=axis.key,
        column_label="which cells",
        rows=view.value_texts(i),
        columns=names,
        values=columns,
        value_label=scale_name(view.by),
        form=form_of(view.by),
        middle=0.0 if view.by in SIGNED else None,
        marked=(view.place[i], 0),
    )


def _is_line(axis: Axis) -> bool:
    return axis.is_ordered and None not in axis.values and len(axis.values) >= LEAST_IN_A_LINE


def _lines(view: View, i: int, order: np.ndarray, curves: dict[str, Floats]) -> Panes:
    axis = view.table.grid.axes[i]
    x = np.array([float(axis.values[at]) for at in order])
    through, *rest = curves.items()
    parts: list[Line | Marks] = [Line(name, values, "index", dashed=True) for name, values in rest]
    known = np.flatnonzero(np.isfinite(through[1]))
    if len(known) > 1 or not rest:
        parts.insert(0, Line(through[0], through[1], "rule"))
    if 1 < len(known) <= MOST_DOTS:
        texts = [
            f"{axis.key} {text}: {metric_text(view.by, value)}"
            for text, value in zip(view.value_texts(i), through[1], strict=True)
        ]
        told = [texts[at] for at in known]
        parts.append(Marks("each value", x[known], through[1][known], told, "rule", scales=True))
    if np.isfinite(view.marked.value):
        at = np.array([x[view.place[i]]])
        name = f"{view.marked_name} {metric_text(view.by, view.marked.value)}"
        parts.append(Marks(name, at, np.array([view.marked.value]), [], "fund", scales=True))
    return Panes(x, [Pane(scale_name(view.by), parts, form_of(view.by))], x_label=axis.key)
