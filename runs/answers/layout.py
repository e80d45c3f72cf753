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
        legends = [_legend(panel, renderer) for panel in panels]
        right = 2 * PAD + max(beside for beside, _ in legends)
        over = [_titles(panel) + above for panel, (_, above) in zip(panels, legends, strict=True)]
        under = [_below(panel, renderer) for panel in panels]
        top = PAD + _tall(fig._suptitle)
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
    if not text.get_text():
        return 0.0
    lines = text.get_text().count("\n") + 1
    return lines * text.get_fontsize() * LINE * POINT + PAD


def _legend(panel: Axes, renderer: RendererAgg) -> tuple[float, float]:
    """Inches that a panel's legend takes beside it, and above it; 0 of one that stands in it."""
    legend = panel.get_legend()
    if legend is None:
        return 0.0, 0.0
    anchor, own = legend.get_bbox_to_anchor(), panel.bbox
    right, over = anchor.x0 >= own.x1 - 1.0, anchor.y0 >= own.y1 - 1.0
    if not (right or over):
        return 0.0, 0.0
    box = legend.get_window_extent(renderer)
    # At the upper right corner a legend may begin, beside the panel, or end, above it.
    above = over and box.x0 < own.x1 - 1.0
    return (0.0, box.height / renderer.dpi) if above else (box.width / renderer.dpi, 0.0)


def _titles(panel: Axes) -> float:
    return max(_tall(title) for title in (panel.title, panel._left_title, panel._right_title))


def _below(panel: Axes, renderer: RendererAgg) -> float:
    """Inches for the words at the ticks of the x axis and for its label."""
    if not panel.xaxis.get_tick_params().get("labelbottom", True):
        return 0.0
    turned = max((tick.get_rotation() for tick in panel.get_xticklabels()), default=0.0)
    wide = _longest(panel.xaxis, renderer) if turned else 0.0
    return (TICKS * LINE + TICK) * POINT + wide * sin(radians(turned)) + _tall(panel.xaxis.label)
