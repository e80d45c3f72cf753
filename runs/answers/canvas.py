"""What all pictures share: one look, the mark on simulated data, PNG bytes that are the same each time."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, RULE, INDEX, FUND = "#222222", "#0b5fa5", "#8a8a8a", "#c4661f"
GAIN, LOSS = "#2e7d32", "#b71c1c"
PART_COLOURS = {
    "index": "#8a8a8a",
    "compounding": "#b71c1c",
    "financing and cash": "#0b5fa5",
    "fee": "#c4661f",
    "rest": "#7b5aa6",
}
# One for each instrument of a picture, beside the index and the rule.
LINE_COLOURS = (FUND, *(colour for colour in PART_COLOURS.values() if colour not in (FUND, INDEX, RULE)))
DPI = 110
PLATE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}  # behind words on lines
LEGEND_PLATE = {"facecolor": "white", "edgecolor": "none", "framealpha": 0.85}  # behind a legend on lines


def new_figure(
    title: str,
    simulated: bool,
    rows: int = 1,
    columns: int = 1,
    height: float = 4.0,
    ratios: tuple[int, ...] | None = None,
    share_x: bool = False,
    stacked: bool = False,
) -> tuple[Figure, list[Axes]]:
    """A figure 10 inches wide and its axes, row by row; `ratios` are the heights of the rows.

    stacked : it has no words but those of its panels, a scale of colours and a legend below: its margins are
        found quickly.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from runs.answers.layout import Stacked

    layout = Stacked() if stacked else "constrained"
    figure = _figure_class()(figsize=(10, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(figure)
    axes = (
        figure.subplots(rows, columns, sharex=share_x, height_ratios=ratios, squeeze=False).ravel().tolist()
    )
    mark = "   SIMULATED" if simulated else ""
    figure.suptitle(f"{title}{mark}", fontsize=12, x=0.01, ha="left")
    for axis in axes:
        axis.grid(True, lw=0.4, color="#dddddd")
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=9)
        if simulated:
            stamp(axis, 44 / columns)
    return figure, axes


@cache
def _figure_class() -> type[Figure]:
    """matplotlib's figure, that a notebook shows as it is, whether or not pyplot was imported there."""
    from matplotlib.figure import Figure

    class Shown(Figure):
        def _repr_png_(self) -> bytes:
            return png(self)

    return Shown


def own_look() -> AbstractContextManager[None]:
    """Within it matplotlib draws as it does out of the box, whatever a script or a file of its has set: the
    same answer gives the same bytes anywhere."""
    from matplotlib import rc_context, rcParamsDefault

    # Of no picture's looks: how windows and the machine are used.
    kept = ("backend", "interactive", "toolbar", "webagg", "tk.", "docstring", "savefig.directory")
    kept += ("date.epoch", "timezone")
    return rc_context({key: value for key, value in rcParamsDefault.items() if not key.startswith(kept)})


def stamp(axis: Axes, size: float, colour: str = LOSS, alpha: float = 0.12) -> None:
    """Write SIMULATED across the axes; over cells that hide it, once more in a colour that shows."""
    axis.text(
        0.5,
        0.5,
        "SIMULATED",
        transform=axis.transAxes,
        ha="center",
        va="center",
        fontsize=size,
        color=colour,
        alpha=alpha,
        rotation=15,
        zorder=2.5,
    )


def png(figure: Figure) -> bytes:
    """The picture as PNG."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    figure.canvas.draw()  # once; `savefig` draws twice, the first time to measure
    drawn = figure.canvas.buffer_rgba()
    imsave(buffer, drawn, format="png", origin="upper", dpi=figure.dpi, metadata={"Software": "letf-lab"})
    return buffer.getvalue()


def svg(figure: Figure) -> bytes:
    """The picture as SVG, the same bytes each time."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "letf-lab"}):
        figure.savefig(buffer, format="svg", metadata={"Creator": "letf-lab", "Date": None})
    return buffer.getvalue()


def money_axis(axis: Axes) -> None:
    """Plain numbers on a log axis, and enough of them: also at 2 and 5 where the span is short."""
    from matplotlib.ticker import LogLocator

    def written(value: float, _: int) -> str:
        if value >= 10:
            return f"{value:,.0f}"
        return f"{value:.9f}".rstrip("0").rstrip(".") if value >= 1e-9 else f"{value:.0e}"

    low, high = axis.get_ylim()
    span = high / low
    few = span < 10**2.5
    between = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0) if span < 10 else (2.0, 5.0)
    axis.yaxis.set_major_formatter(written)
    axis.yaxis.set_minor_locator(LogLocator(subs=between if few else "auto"))
    axis.yaxis.set_minor_formatter(written if few else lambda *_: "")
    axis.tick_params(which="minor", labelsize=9)


def plain(name: str) -> str:
    """A name as it stands: no mathematics between dollar signs, no label hidden by an underscore."""
    name = name.replace("$", r"\$")
    return f" {name}" if name.startswith("_") else name
