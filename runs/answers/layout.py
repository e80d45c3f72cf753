"""Where the panels of a picture stand that are below one another and as wide as one another."""

from __future__ import annotations

from math import radians, sin
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import LayoutEngine

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

POINT = 1 / 72  # inch
LINE = 1.35  # from one line of a text to the next, as a share of its size
TICKS = 9.0  # points, as `canvas` sets them
TICK = 7.0  # points from an axis to the words at its ticks
PAD = 0.07  # inches between things that stand beside one another
GAP = 0.14  # inches between panels


class Stacked(LayoutEngine):
    """Margins from the longest words beside, above and below the panels, asked once.

    matplotlib's constrained layout measures everything that is drawn, and does so twice. Panels in one
    column need no more than their longest words.
    """

    _adjust_compatible = False
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        """Set the places of the panels, and those of the words on their y axes, in one line for all."""
        panels = fig.axes
        width, height = fig.get_size_inches()
        renderer = fig.canvas.get_renderer()
        words = max(_longest(panel.yaxis, renderer) for panel in panels) + TICK * POINT
        left = 2 * PAD + words + max(_tall(panel.yaxis.label) for panel in panels)
        right = 2 * PAD + max(_beside(panel, renderer) for panel in panels)
        over = [_above(panel, renderer) for panel in panels]
        under = [_below(panel, renderer) for panel in panels]
        top = PAD + (_tall(fig._suptitle) if fig.get_suptitle() else 0.0)
        ratios = panels[0].get_subplotspec().get_gridspec().get_height_ratios()
        free = height - top - sum(over) - sum(under) - GAP * len(panels)
        at = height - top
        for panel, ratio, above, below in zip(panels, ratios, over, under, strict=True):
            tall = max(free, 0.1 * height) * ratio / sum(ratios)
            at -= above + tall
            panel.set_position((left / width, at / height, 1.0 - (left + right) / width, tall / height))
            at -= below + GAP
            if panel.yaxis.label.get_rotation() == 90.0:
                panel.yaxis.set_label_coords(-(words + PAD) / (width - left - right), 0.5)


def _longest(axis: Axis, renderer: RendererAgg) -> float:
    """Inches that the longest word at an axis's ticks takes, or the axis's label where that lies."""
    low, high = sorted(axis.get_view_interval())
    words = [axis.label.get_text()] if axis.label.get_rotation() != 90.0 else []
    for places, form in (
        (axis.get_majorticklocs(), axis.get_major_formatter()),
        (axis.get_minorticklocs(), axis.get_minor_formatter()),
    ):
        named = zip(places, form.format_ticks(places), strict=False)
        words += [word for place, word in named if low <= place <= high]
    longest = max((line for word in words for line in word.split("\n")), key=len, default="")
    wide, _, _ = renderer.get_text_width_height_descent(longest, FontProperties(size=TICKS), False)
    return wide / renderer.dpi


def _tall(text: Text) -> float:
    """Inches from the first line of a text to its last, with air."""
    lines = text.get_text().count("\n") + 1 if text.get_text() else 0
    return lines * text.get_fontsize() * LINE * POINT + PAD if lines else 0.0


def _legend(panel: Axes, renderer: RendererAgg) -> tuple[str, float, float]:
    """Where a panel's legend is, beside or above or in it; and its size in inches."""
    legend = panel.get_legend()
    if legend is None:
        return "none", 0.0, 0.0
    anchor, own = legend.get_bbox_to_anchor(), panel.bbox
    beside, above = anchor.x0 >= own.x1 - 1.0, anchor.y0 >= own.y1 - 1.0
    if not (beside or above):
        return "in", 0.0, 0.0
    box = legend.get_window_extent(renderer)
    # At the upper right corner a legend may begin, beside the panel, or end, above it.
    where = "above" if above and box.x0 < own.x1 - 1.0 else "beside"
    return where, box.width / renderer.dpi, box.height / renderer.dpi


def _beside(panel: Axes, renderer: RendererAgg) -> float:
    where, wide, _ = _legend(panel, renderer)
    return wide if where == "beside" else 0.0


def _above(panel: Axes, renderer: RendererAgg) -> float:
    where, _, tall = _legend(panel, renderer)
    titles = [panel.title, panel._left_title, panel._right_title]
    return max(_tall(title) for title in titles) + (tall if where == "above" else 0.0)


def _below(panel: Axes, renderer: RendererAgg) -> float:
    """Inches for the words at the ticks of the x axis and for its label."""
    ticks = panel.get_xticklabels()
    shown = panel.xaxis.get_tick_params().get("labelbottom", True)
    if not shown:
        return 0.0
    turned = max((tick.get_rotation() for tick in ticks), default=0.0)
    wide = _longest(panel.xaxis, renderer) if turned else 0.0
    return (TICKS * LINE + TICK) * POINT + wide * sin(radians(turned)) + _tall(panel.xaxis.label)
