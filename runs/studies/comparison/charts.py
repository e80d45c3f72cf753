"""The picture of a comparison: every equity curve over the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import INDEX, money_axis, new_figure, plain
from runs.answers.words import percent
from runs.studies.comparison.words import compare_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.comparison.study import Comparison

COLOURS = (
    "#0b5fa5",
    "#c4661f",
    "#2e7d32",
    "#b71c1c",
    "#7b5aa6",
    "#00838f",
    "#ad1457",
    "#6d4c41",
    "#9e9d24",
    "#37474f",
)
STYLES = ("-", "--", ":")
FLOOR = 100.0  # a curve is drawn down to this fraction below the money at the start


def compare_chart(found: Comparison) -> Figure:
    """Equity of each spec and of holding the index, each from 100; best at the end first in the legend."""
    title = f"{plain(compare_title(found))}: growth of 100"
    figure, (axis,) = new_figure(title, found.simulated, height=6.4)
    curves = {
        label: 100.0 * found.worth(run) / run.start
        for label, run in zip(found.labels, found.runs, strict=True)
    }
    held = 100.0 * found.index_close / found.index_close[0]
    looks = {
        label: (COLOURS[i % len(COLOURS)], STYLES[i // len(COLOURS) % len(STYLES)], 1.2)
        for i, label in enumerate(curves)
    }
    name = f"{found.index_name} held"
    curves[name], looks[name] = held, (INDEX, "-", 2.4)
    for label, values in sorted(curves.items(), key=lambda item: -item[1][-1]):
        colour, style, width = looks[label]
        gone = values <= 100.0 / FLOOR
        shown = np.where(gone, np.nan, values)
        total = percent(values[-1] / 100.0 - 1.0)
        end = ", below the picture" if gone[-1] else ", for a time below the picture" if gone.any() else ""
        axis.plot(
            found.days,
            shown,
            color=colour,
            ls=style,
            lw=width,
            label=f"{plain(label)}  {total}{end}",
            zorder=1.5 if label == name else 2,
        )
    axis.axhline(100, color=INDEX, lw=0.6)
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_ylabel("value (log scale)")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8)
    return figure
