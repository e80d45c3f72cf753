"""A `Panes` as a file: the same panels in matplotlib, in the one style of all pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, GAIN, INDEX, LOSS, RULE, money_axis, new_figure, plain
from runs.answers.closer import Band, Candles, Flag, Line, Marks, Pane, Panes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    "rule": RULE,
    "index": INDEX,
    "fund": FUND,
    "gain": GAIN,
    "loss": LOSS,
    "cash": "#9aa3ac",
    "more-1": "#7b5aa6",
    "more-2": "#0f8a80",
    "more-3": "#a8326b",
    "more-4": "#8a6d1a",
    "step-1": "#8abde8",
    "step-2": "#4f9bd9",
    "step-3": "#1f73bd",
    "step-4": "#12518c",
    "step-5": "#0a2f57",
}
ROOM = 90  # letters beside one another below a picture
SHAPES = {"up": "^", "down": "v", "dot": "o"}


def panes_chart(panes: Panes, title: str, simulated: bool) -> Figure:
    """The figure: a panel below another, as high as their shares say."""
    shares = tuple(max(1, round(100 * pane.share)) for pane in panes.panes)
    height = 0.8 + 3.6 * sum(shares) / 100
    figure, axes = new_figure(
        title, simulated, len(shares), height=height, ratios=shares, share_x=True, stacked=True
    )
    for axis, pane in zip(axes, panes.panes, strict=True):
        _draw(axis, panes, pane)
    if panes.x_label:
        axes[-1].set_xlabel(panes.x_label)
    if panes.x_form == "percent":
        axes[-1].xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    if panes.names:
        texts = [plain(name) for name in panes.names]
        turned = {"rotation": 30, "ha": "right"} if sum(map(len, texts)) > ROOM else {}
        axes[-1].set_xticks(range(len(texts)), texts, **turned)
    return figure


def _draw(axis: Axes, panes: Panes, pane: Pane) -> None:
    for row, part in enumerate(pane.parts):
        if isinstance(part, Line) and not part.shown:
            continue
        colour = COLOURS["index" if isinstance(part, Candles) else part.colour]
        if isinstance(part, Line):
            values = np.where(part.values > 0, part.values, np.nan) if pane.log else part.values
            style = "--" if part.dashed else "-"
            axis.plot(panes.x, values, style, color=colour, lw=1.3, label=plain(part.name))
            if part.area:
                axis.fill_between(panes.x, values, 0, color=colour, alpha=0.25, lw=0)
        elif isinstance(part, Band):
            axis.fill_between(
                panes.x, part.low, part.high, color=colour, alpha=0.2, lw=0, label=plain(part.name)
            )
        elif isinstance(part, Flag):
            where = {"where": part.holds, "color": colour, "lw": 0, "label": plain(part.name)}
            axis.fill_between(panes.x, -row - 0.85, -row - 0.15, **where)
        elif isinstance(part, Candles):
            axis.plot(panes.x, part.close, color=colour, lw=0.9, label=plain(part.name))
        elif isinstance(part, Marks):
            if part.stems:
                axis.vlines(part.at, 0.0, part.values, color=colour, lw=1.6)
            if part.since is not None:
                axis.plot([part.since[0], part.at], [part.since[1], part.values], color=colour, lw=1.2)
            axis.plot(part.at, part.values, SHAPES[part.shape], color=colour, ms=4, label=plain(part.name))
        else:
            widths = part.right - part.left
            look = {"align": "edge", "color": colour, "alpha": 0.6, "label": plain(part.name)}
            axis.bar(part.left, part.heights, widths, part.base, **look)
    if pane.log:
        axis.set_yscale("log")
        money_axis(axis)
    elif pane.form == "percent":
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    elif pane.form == "money":
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    if pane.names:
        axis.set_yticks(range(len(pane.names)), [plain(name) for name in pane.names])
    axis.set_ylabel(plain(pane.label) + (" (log scale)" if pane.log else ""))
    if len(pane.parts) > 1:  # above the panel, where no line runs through it
        axis.legend(fontsize=8, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4)
