"""A metric over one, two or three parameters: a line, a heatmap, small multiples of heatmaps."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import INK, RULE, new_figure, plain, stamp
from runs.sweeps.pictures.looks import (
    NO_VALUE,
    NOT_DRAWN,
    colours,
    field_texts,
    ink_on,
    ring,
    scale_name,
    ticks,
    turn_if_crowded,
    write_scale,
)
from runs.sweeps.results.importance import group_medians
from runs.sweeps.results.ranking import Floats, Ints, metric_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

    from runs.sweeps.results.view import View

MOST_PANELS = 12
SPARSE = 0.5  # a slice with less of its fields run is shown as medians over all cells instead


def line_chart(view: View) -> Figure:
    """One parameter: the metric over its values."""
    axis = view.axes[0][0]
    figure, (axes,) = new_figure(
        _plain_title(view, "by one parameter"), view.table.simulated, height=5.0, stacked=True
    )
    x = view.table.ordinal(axis)
    draw_line(axes, x, view.values, view.table.grid.axes[axis].is_ordered)
    ring(axes, view.place[axis], view.marked.value, label=view.marked_name)
    axes.set_xticks(*ticks(view, axis))
    axes.set_xlim(-0.5, view.table.grid.shape[axis] - 0.5)
    axes.set_xlabel(plain(view.table.grid.axes[axis].key))
    axes.set_ylabel(scale_name(view.by))
    write_scale(axes.yaxis, view.by)
    axes.legend(loc="best", frameon=False, fontsize=9)
    return figure


def draw_line(axes: Axes, x: Ints, y: Floats, joined: bool) -> None:
    """Values over places of an axis; joined where the places are steps of a number, gaps left open."""
    order = np.argsort(x, kind="stable")
    marks = "o-" if joined else "o"
    axes.plot(x[order], y[order], marks, color=RULE, lw=1.2, ms=4 if len(x) <= 40 else 2)


def heatmap(view: View) -> Figure:
    """Two parameters, the one with more values across."""
    down, across = by_size(view, [i for i, _ in view.axes])
    fields, run = _slice(view, (down, across), np.ones(len(view.table), bool))
    return _single(view, (down, across), fields, run, "by two parameters", "")


def slice_heatmap(view: View) -> Figure:
    """The two axes that explain most of the metric, the others as in the marked cell.

    Where less than half of that slice was run (a sample), each field is the median over all cells that
    share its two values instead.
    """
    down, across = leading_pair(view)
    others = [i for i, _ in view.axes if i not in (down, across)]
    here = np.ones(len(view.table), bool)
    for i in others:
        here &= view.table.ordinal(i) == view.place[i]
    fields, run = _slice(view, (down, across), here)
    if run.mean() >= SPARSE:
        what = "over the two parameters that matter most"
        return _single(view, (down, across), fields, run, what, f"at {view.at_marked((down, across))}")
    fields, run = _medians(view, (down, across))
    return _single(
        view, (down, across), fields, run, "over the two that matter most", "median over all other parameters"
    )


def multiples(view: View) -> Figure:
    """Three parameters: a heatmap for each value of the one with the fewest, all in one scale."""
    panel, down, across = by_size(view, [i for i, _ in view.axes])
    count = view.table.grid.shape[panel]
    shown = some_values(count, view.place[panel])
    columns = min(
        len(shown), 3 if len(shown) in (3, 5, 6, 9) or len(shown) > 8 else 4 if len(shown) > 4 else 2
    )
    rows = ceil(len(shown) / columns)
    left_out = f", {len(shown)} of {count} values" if len(shown) < count else ""
    key = view.table.grid.axes[panel].key
    title = _plain_title(
        view, f"by three parameters: one picture for each {plain(view.short[key])}{left_out}"
    )
    figure, axes = new_figure(
        title, view.table.simulated, rows, columns, height=1.6 + 2.9 * rows, stacked=True
    )
    scale, cut = colours(view.by, view.values)
    at = view.table.ordinal(panel)
    every_run = True
    for i, (axis, value) in enumerate(zip(axes, shown, strict=False)):
        fields, run = _slice(view, (down, across), at == value)
        room = (9.0 / columns, 2.2)
        ringed = (view.place[down], view.place[across]) if value == view.place[panel] else None
        # The panels share their axes, so ticks stand at the outer ones only.
        outer = (i + columns >= len(shown), i % columns == 0)
        _fields(axis, view, scale, (down, across), fields, run, room, ringed, outer)
        every_run &= bool(run.all())
        text = plain(view.value_texts(panel)[value])
        axis.set_title(f"{plain(view.short[key])} {text}", fontsize=10)
        if outer[0]:
            axis.set_xlabel(plain(view.short[view.table.grid.axes[across].key]))
        if outer[1]:
            axis.set_ylabel(plain(view.short[view.table.grid.axes[down].key]))
    for axis in axes[len(shown) :]:
        axis.remove()
    _legend(figure, axes[: len(shown)], view, scale, cut, every_run)
    return figure


def _single(
    view: View, pair: tuple[int, int], fields: Floats, run: np.ndarray, what: str, note: str
) -> Figure:
    rows = view.table.grid.shape[pair[0]]
    height = float(np.clip(1.8 + 0.33 * rows, 4.2, 8.0))
    title = _plain_title(view, what) + (f"\n{plain(note)}" if note else "")
    figure, (axis,) = new_figure(title, view.table.simulated, height=height, stacked=True)
    scale, cut = colours(view.by, fields if np.isfinite(fields).any() else view.values)
    ringed = (view.place[pair[0]], view.place[pair[1]])
    _fields(axis, view, scale, pair, fields, run, (8.0, height - 1.4), ringed)
    axis.set_xlabel(plain(view.table.grid.axes[pair[1]].key))
    axis.set_ylabel(plain(view.table.grid.axes[pair[0]].key))
    _legend(figure, [axis], view, scale, cut, bool(run.all()))
    return figure


def _fields(
    axis: Axes,
    view: View,
    scale: ScalarMappable,
    pair: tuple[int, int],
    fields: Floats,
    run: np.ndarray,
    room: tuple[float, float],
    ringed: tuple[int, int] | None,
    ticked: tuple[bool, bool] = (True, True),
) -> None:
    """The fields of one heatmap, `ticked` below and beside; values inside where the room (inches) has place
    for them, but under the ring, whose value the legend has."""
    down, across = pair
    axis.set_facecolor(NOT_DRAWN)
    axis.grid(False)
    axis.imshow(np.where(run, 1.0, np.nan), cmap=_one(NO_VALUE), aspect="auto", origin="lower")
    axis.imshow(fields, norm=scale.norm, cmap=scale.cmap, aspect="auto", origin="lower")
    axis.set_xticks(*ticks(view, across) if ticked[0] else ([],))
    axis.set_yticks(*ticks(view, down) if ticked[1] else ([],))
    rows, columns = fields.shape
    wide, high = room[0] / columns, room[1] / rows
    texts = field_texts(view.by, fields) if high > 0.16 and wide > 0.2 else {}
    if texts and wide > 0.075 * max(len(text) for text in texts.values()) + 0.06:
        for (row, column), text in texts.items():
            if (row, column) != ringed:
                colour = ink_on(scale.to_rgba(fields[row, column]))
                axis.text(column, row, text, ha="center", va="center", fontsize=8, color=colour, zorder=4)
    beside = 0.075 * max(len(text) for text in ticks(view, down)[1])
    turn_if_crowded(axis, ticks(view, across)[1], room[0] - beside)
    if ringed is not None:
        ring(axis, ringed[1], ringed[0], 13 if room[0] > 5 else 11)
    if view.table.simulated:
        stamp(axis, 44 / round(9.0 / room[0]), "white", 0.35)  # again, in a colour that shows on the cells


def _legend(
    figure: Figure,
    axes: list[Axes],
    view: View,
    scale: ScalarMappable,
    cut: str,
    every_run: bool,
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    bar = figure.colorbar(scale, ax=axes, extend=cut, fraction=0.04, pad=0.02, aspect=28)
    bar.set_label(scale_name(view.by), fontsize=9)
    bar.ax.tick_params(labelsize=8)
    write_scale(bar.ax.yaxis, view.by)
    name = f"{view.marked_name}: {metric_text(view.by, view.marked.value)}"
    signs: list[Line2D | Patch] = [
        Line2D([], [], marker="o", ms=9, mfc="none", mec=INK, mew=1.8, ls="none", label=name)
    ]
    if np.isnan(view.values).any():
        fewer = ", or fewer trades" if view.least else ""
        signs.append(Patch(facecolor=NO_VALUE, label=f"no value (refused or not defined{fewer})"))
    if not every_run:
        signs.append(Patch(facecolor=NOT_DRAWN, edgecolor="#999999", label="not run"))
    figure.legend(handles=signs, loc="outside lower left", ncols=3, frameon=False, fontsize=9)


def _slice(view: View, pair: tuple[int, int], here: np.ndarray) -> tuple[Floats, np.ndarray]:
    """Values of the cells `here` by their places on two axes, and where there is a cell."""
    down, across = (view.table.ordinal(axis)[here] for axis in pair)
    shape = tuple(view.table.grid.shape[axis] for axis in pair)
    fields, run = np.full(shape, np.nan), np.zeros(shape, bool)
    fields[down, across] = view.values[here]
    run[down, across] = True
    return fields, run


def _medians(view: View, pair: tuple[int, int]) -> tuple[Floats, np.ndarray]:
    """The median of all cells by their places on two axes, and where there is a cell."""
    shape = tuple(view.table.grid.shape[axis] for axis in pair)
    group = view.table.ordinal(pair[0]) * shape[1] + view.table.ordinal(pair[1])
    run = np.bincount(group, minlength=shape[0] * shape[1]).reshape(shape) > 0
    return group_medians(view.values, group, shape[0] * shape[1]).reshape(shape), run


def leading_pair(view: View) -> tuple[int, int]:
    """The two axes that explain most of the metric, the one with fewer values first."""
    by_key = {axis.key: i for i, axis in view.axes}
    leading = [by_key[key] for key, _ in view.found.shares[:2]]
    leading += [i for i, _ in view.axes if i not in leading]
    down, across = by_size(view, leading[:2])
    return down, across


def by_size(view: View, axes: list[int]) -> list[int]:
    """Axes by number of values, fewest first; the later one last of equals."""
    return sorted(axes, key=lambda i: (view.table.grid.shape[i], i))


def some_values(count: int, keep: int) -> list[int]:
    """All places up to a dozen, else a dozen spread over them, `keep` among them."""
    if count <= MOST_PANELS:
        return list(range(count))
    spread = np.unique(np.linspace(0, count - 1, MOST_PANELS).round().astype(int))
    spread[np.argmin(np.abs(spread - keep))] = keep
    return sorted(int(i) for i in spread)


def _one(colour: str) -> object:
    from matplotlib.colors import ListedColormap

    return ListedColormap([colour])


def _plain_title(view: View, what: str) -> str:
    return plain(view.title(what))
