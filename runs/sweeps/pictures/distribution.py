"""A metric over all cells, with one of them marked; and along each axis through that cell."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from letf_instruments.sizes import DUST
from runs.answers.canvas import INDEX, INK, LEGEND_PLATE, RULE, new_figure, plain
from runs.answers.words import share
from runs.sweeps.pictures.heatmaps import draw_line
from runs.sweeps.pictures.looks import MARK, limits, ring, scale_name, ticks, turn_if_crowded, write_scale
from runs.sweeps.results.importance import group_medians
from runs.sweeps.results.ranking import counted, direction, metric_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.sweeps.results.view import View

MOST_BINS = 80
MOST_PANELS = 12


def distribution_chart(view: View) -> Figure:
    """How many cells made what; cells far out are counted in the last bin and said."""
    known = view.values[np.isfinite(view.values)]
    title = f"over {counted(len(known))} with a value: where the {_called(view)} stands"
    figure, (axis,) = new_figure(plain(view.title(title)), view.table.simulated, height=5.0, stacked=True)
    low, high, cut = limits(known)
    axis.hist(
        np.clip(known, low, high), bins=bin_count(len(known)), range=(low, high), color=RULE, alpha=0.75, lw=0
    )
    median = metric_text(view.by, view.found.median)
    axis.axvline(view.found.median, color=INK, lw=1.4, ls="--", label=f"median cell {median}")
    border = metric_text(view.by, view.found.best_hundredth)
    if len(known) >= 100:
        axis.axvline(
            np.clip(view.found.best_hundredth, low, high),
            color=INDEX,
            lw=1.2,
            ls=":",
            label=f"best 1 % begin {border}",
        )
    if np.isfinite(view.marked.value):
        at = float(np.clip(view.marked.value, low, high))
        beyond = "" if at == view.marked.value else ", beyond the picture"
        label = (
            f"{view.marked_name} {metric_text(view.by, view.marked.value)}{_rank(view, len(known))}{beyond}"
        )
        axis.axvline(at, color=MARK, lw=2.2, label=label)
    else:
        axis.plot([], [], " ", label=f"{view.marked_name} has no value")
    far = int(np.sum((known < low) | (known > high)))
    axis.set_xlabel(
        scale_name(view.by) + (f"; {counted(far)} beyond, counted at the edge" if cut != "neither" else "")
    )
    axis.set_ylabel("cells")
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value == int(value) else "")
    write_scale(axis.xaxis, view.by)
    axis.set_ylim(top=axis.get_ylim()[1] * 1.25)
    axis.legend(loc="upper left" if direction(view.by) > 0 else "upper right", fontsize=9, **LEGEND_PLATE)
    return figure


def bin_count(cells: int) -> int:
    """Bars for so many cells; an odd number, so that one value stands in the middle."""
    return int(np.clip(np.sqrt(cells) * 2, 8, MOST_BINS)) | 1


def stability_chart(view: View) -> Figure:
    """The metric along each axis through the marked cell, all other parameters as they are there."""
    axes = shown_panels(view)
    columns = min(len(axes), 3 if len(axes) != 4 else 2)
    rows = ceil(len(axes) / columns)
    left_out = (
        f" ({len(view.axes) - len(axes)} that matter less, not shown)" if len(axes) < len(view.axes) else ""
    )
    title = plain(view.title(f"along each parameter through the {_called(view)}{left_out}"))
    figure, panels = new_figure(
        title, view.table.simulated, rows, columns, height=1.8 + 2.6 * rows, stacked=True
    )
    low, high = np.inf, -np.inf
    for panel, i in zip(panels, axes, strict=False):
        axis = view.table.grid.axes[i]
        n, step = view.table.grid.shape[i], view.table.step(i)
        order = np.array(axis.order)
        there = view.table.find(view.marked.cell + (order - order[view.place[i]]) * step)
        x = np.flatnonzero(there >= 0)
        y = view.values[there[x]]
        each = group_medians(view.values, view.table.ordinal(i), n)
        name = "median of all cells with that value"
        panel.plot(np.arange(n), each, "_", color=INDEX, ms=12 if n <= 12 else 5, label=name)
        draw_line(panel, x, y, axis.is_ordered)
        panel.axhline(view.found.median, color=INK, lw=1.0, ls="--", label="median of all cells")
        levels = [view.found.median, *y[np.isfinite(y)], *each[np.isfinite(each)]]
        if view.marked.enough and view.marked.median is not None:
            panel.axhline(view.marked.median, color=MARK, lw=1.4, label="median of its neighbours")
            levels.append(view.marked.median)
        if np.isfinite(view.marked.value):
            ring(panel, view.place[i], view.marked.value, 10, view.marked_name)
        low, high = min(low, *levels), max(high, *levels)
        panel.set_xticks(*ticks(view, i))
        panel.set_xlim(-0.5, n - 0.5)
        turn_if_crowded(panel, ticks(view, i)[1], 8.6 / columns)
        panel.tick_params(labelsize=8)
        idle = ": changes nothing here" if axis.key in view.marked.idle else ""
        panel.set_xlabel(plain(view.short[axis.key]) + idle, fontsize=9)
        write_scale(panel.yaxis, view.by)
    apart = high - low > DUST * max(abs(low), abs(high))  # else all is one value, but for rounding
    room = 0.08 * (high - low) if apart else 0.5 * (abs(high) or 1.0)
    for at, panel in enumerate(panels):
        panel.set_ylim(low - room, high + room)
        if at % columns == 0:
            panel.set_ylabel(scale_name(view.by), fontsize=9)
    for panel in panels[len(axes) :]:
        panel.remove()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False, fontsize=9)
    return figure


def shown_panels(view: View) -> list[int]:
    """The varied axes in the grid's order; of more than a dozen those that explain most."""
    axes = [i for i, _ in view.axes]
    if len(axes) <= MOST_PANELS:
        return axes
    leading = {key for key, _ in view.found.shares[:MOST_PANELS]}
    return [i for i, axis in view.axes if axis.key in leading] or axes[:MOST_PANELS]


def _called(view: View) -> str:
    return "best cell" if view.marked.rank == 1 else f"cell {view.marked.cell:,}"


def _rank(view: View, known: int) -> str:
    if view.marked.rank is None or view.marked.rank == 1:
        return ""
    return f", rank {view.marked.rank:,} (better than {share(1.0 - view.marked.rank / known, 0)} of cells)"
