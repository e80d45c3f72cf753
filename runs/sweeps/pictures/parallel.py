"""Parallel coordinates: every cell a line through its values on each axis, for four parameters and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import INDEX, INK, PLATE, new_figure, plain
from runs.sweeps.pictures.looks import MARK, limits, scale_name, ticks
from runs.sweeps.results.ranking import Floats, Ints, counted, metric_text, ranked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from runs.sweeps.results.view import View

SAMPLE, BEST = 1_500, 100  # grey lines, drawn with a seed from all cells with a value; coloured ones
MOST_AXES = 9
SEED = 1
JITTER = 0.16  # of a step, so that lines through the same value can be told apart


def parallel_chart(view: View) -> Figure:
    """The best cells in colour over a sample of all; the metric is the last axis."""
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection
    from matplotlib.ticker import MaxNLocator

    axes = shown_axes(view)
    left_out = len(view.axes) - len(axes)
    what = "by parameter, a line a cell" + (f" ({left_out} that matter less, not shown)" if left_out else "")
    figure, (axis,) = new_figure(plain(view.title(what)), view.table.simulated, height=6.0, stacked=True)
    rng = np.random.default_rng(SEED)
    known = np.flatnonzero(np.isfinite(view.values))
    sample = np.sort(rng.choice(known, min(SAMPLE, len(known)), replace=False))
    most = min(BEST, len(known) // 10)
    best = ranked(view.values, view.by, max(1, most))[:most][::-1]
    low, high, _ = limits(view.values)
    for rows, look in (
        (sample, {"colors": INDEX, "linewidths": 0.4, "alpha": 0.25, "zorder": 1}),
        (best, {"linewidths": 0.9, "alpha": 0.75, "zorder": 2}),
    ):
        lines = _lines(view, axes, rows, rng, (low, high))
        if rows is best:
            look["colors"] = colormaps["viridis_r"](np.linspace(0.15, 1.0, len(best)))
        axis.add_collection(LineCollection(list(lines), **look))
    _mark(axis, view, axes, (low, high))
    for x, (i, _) in enumerate(axes):
        axis.axvline(x, color=INK, lw=0.8, zorder=3)
        for at, text in zip(*ticks(view, i), strict=True):
            y = _height(np.array([at]), view.table.grid.shape[i])[0]
            _beside(axis, x, float(y), text, -1)
    end = len(axes)
    axis.axvline(end, color=INK, lw=0.8, zorder=3)
    for value in (v for v in MaxNLocator(6).tick_values(low, high) if low <= v <= high):
        y = (value - low) / (high - low)
        text = metric_text(view.by, float(value))
        _beside(axis, end, y, text, 1)
    names = [plain(view.short[a.key]) for _, a in axes] + [scale_name(view.by).replace(" (", "\n(")]
    turned = len(names) > 6
    axis.set_xticks(range(end + 1), names, rotation=20 if turned else 0, ha="right" if turned else "center")
    axis.set_yticks([])
    axis.grid(False)
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.tick_params(length=0)
    axis.set_xlim(-0.45, end + 0.45)
    axis.set_ylim(-0.06, 1.06)
    _legend(figure, view, len(sample), len(best), len(known))
    return figure


def shown_axes(view: View) -> list[tuple[int, object]]:
    """The varied axes in the grid's order; of more than nine those that explain most of the metric."""
    if len(view.axes) <= MOST_AXES:
        return list(view.axes)
    leading = {key for key, _ in view.found.shares[:MOST_AXES]} or {a.key for _, a in view.axes[:MOST_AXES]}
    return [(i, a) for i, a in view.axes if a.key in leading]


def _lines(view: View, axes: list, rows: Ints, rng: np.random.Generator, span: tuple[float, float]) -> Floats:
    """Lines of shape (rows, axes + 1, 2), from 0 at the bottom to 1 at the top."""
    columns = []
    for i, _ in axes:
        n = view.table.grid.shape[i]
        spread = JITTER * rng.uniform(-1.0, 1.0, len(rows))
        columns.append(_height(view.table.ordinal(i)[rows] + spread, n))
    metric = np.clip((view.values[rows] - span[0]) / (span[1] - span[0]), -0.04, 1.04)
    y = np.column_stack([*columns, metric])
    x = np.broadcast_to(np.arange(y.shape[1]), y.shape)
    return np.stack([x, y], axis=2)


def _height(place: np.ndarray, n: int) -> Floats:
    return (np.asarray(place, dtype=float) + 0.2) / (n - 0.6)


def _mark(axis: Axes, view: View, axes: list, span: tuple[float, float]) -> None:
    """The marked cell: a thick line with a ring on each axis."""
    y = [_height(np.array([view.place[i]]), view.table.grid.shape[i])[0] for i, _ in axes]
    if np.isfinite(view.marked.value):
        y.append(float(np.clip((view.marked.value - span[0]) / (span[1] - span[0]), -0.04, 1.04)))
    axis.plot(range(len(y)), y, color="white", lw=4.5, zorder=4.4)
    axis.plot(range(len(y)), y, "o-", color=MARK, lw=2.2, ms=7, mfc="white", mec=MARK, mew=2.0, zorder=4.5)


def _beside(axis: Axes, x: float, y: float, text: str, side: int) -> None:
    """A label left (−1) or right (1) of an axis: clear of the ring, and over the lines."""
    at = {"xytext": (9 * side, 0), "textcoords": "offset points", "ha": "left" if side > 0 else "right"}
    axis.annotate(text, (x, y), va="center", fontsize=8, bbox=PLATE, zorder=5, **at)


def _legend(figure: Figure, view: View, sample: int, best: int, known: int) -> None:
    from matplotlib import colormaps
    from matplotlib.lines import Line2D

    all_of = f"all {counted(known)}" if sample == known else f"{sample:,} of {known:,} cells, drawn at random"
    signs = [
        Line2D([], [], color=MARK, lw=2.2, marker="o", mfc="white", mew=2, label=view.marked_name),
        Line2D([], [], color=INDEX, lw=1.0, label=all_of),
    ]
    if best:
        name = f"best {best} (darker is better)" if best > 1 else "best one"
        signs.insert(1, Line2D([], [], color=colormaps["viridis_r"](0.8), lw=1.5, label=name))
    figure.legend(handles=signs, loc="outside lower left", ncols=3, frameon=False, fontsize=9)
