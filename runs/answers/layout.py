"""Where the panels of a picture stand, in rows and in columns as wide as one another."""

from __future__ import annotations

from math import cos, radians, sin
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
SCALE = 28.0  # a scale of colours is so many times as high as it is wide, as it is asked for


class Stacked(LayoutEngine):
    """Margins from the longest words beside, above and below the panels, asked once.

    matplotlib's constrained layout measures everything that is drawn, and does so twice. Panels in rows and
    columns need no more than their longest words; a scale of colours stands at the right of all, a legend of
    the figure below all.
    """

    _adjust_compatible = False
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        """Set the places of the panels, and those of the words on their y axes, in one line for a column."""
        panels = [axes for axes in fig.axes if axes.get_subplotspec() is not None]
        scales = [axes for axes in fig.axes if axes.get_subplotspec() is None]
        width, height = fig.get_size_inches()
        renderer = fig.canvas.get_renderer()
        spans = [panel.get_subplotspec() for panel in panels]
        rows, columns = [span.rowspan.start for span in spans], [span.colspan.start for span in spans]
        legends = [_legend(panel, renderer) for panel in panels]
        words = _most(columns, [_longest(panel.yaxis, renderer) + TICK * POINT for panel in panels])
        words[0] = max(words[0], *(_overhang(panel, renderer) for panel in panels))
        beside = _most(columns, [2 * PAD + _tall(panel.yaxis.label) for panel in panels])
        after = _most(columns, [2 * PAD + right for right, _ in legends])
        over = _most(rows, [_titles(p) + above for p, (_, above) in zip(panels, legends, strict=True)])
        under = _most(rows, [_below(panel, renderer) for panel in panels])
        across = height / SCALE
        right = sum(across + _beside(axes, renderer) for axes in scales)
        bottom = sum(PAD + legend.get_window_extent(renderer).height / renderer.dpi for legend in fig.legends)

        ratios = spans[0].get_gridspec().get_height_ratios()[: len(over)]
        top = height - PAD - _tall(fig._suptitle)
        free = top - bottom - sum(over.values()) - sum(under.values()) - GAP * len(over)
        free = max(free, 0.1 * height)
        wide = width - right - sum((*words.values(), *beside.values(), *after.values()))
        wide = max(wide, 0.1 * width) / len(words)
        places, at = {}, top
        for row, ratio in enumerate(ratios):
            tall = free * ratio / sum(ratios)
            at -= over[row] + tall
            places[row] = (at, tall)
            at -= under[row] + GAP
        lefts, at = {}, 0.0
        for column in range(len(words)):
            lefts[column] = at + words[column] + beside[column]
            at = lefts[column] + wide + after[column]
        for panel, row, column in zip(panels, rows, columns, strict=True):
            low, tall = places[row]
            panel.set_position((lefts[column] / width, low / height, wide / width, tall / height))
            if panel.yaxis.label.get_rotation() == 90.0:
                panel.yaxis.set_label_coords(-(words[column] + PAD) / wide, 0.5)
        low = min(low for low, _ in places.values())
        tall = max(low + tall for low, tall in places.values()) - low
        for axes in scales:
            axes.set_position((at / width, low / height, across / width, tall / height))
            at += across + _beside(axes, renderer)


def _most(places: list[int], lengths: list[float]) -> dict[int, float]:
    """The greatest length in each row, or column."""
    return {
        place: max(length for at, length in zip(places, lengths, strict=True) if at == place)
        for place in sorted(set(places))
    }


def _beside(scale: Axes, renderer: RendererAgg) -> float:
    """Inches that the words of a scale of colours take."""
    return _longest(scale.yaxis, renderer) + TICK * POINT + _tall(scale.yaxis.label) + 2 * PAD


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


def _overhang(panel: Axes, renderer: RendererAgg) -> float:
    """Inches by which the first name under a panel begins left of it, where names end at their ticks."""
    first = next(iter(panel.get_xticklabels()), None)
    if first is None or first.get_ha() != "right":
        return 0.0
    low, high = panel.get_xlim()
    inside = (first.get_position()[0] - low) / (high - low) * 0.8 * panel.figure.get_figwidth()
    font = FontProperties(size=TICKS)
    wide, _, _ = renderer.get_text_width_height_descent(first.get_text(), font, False)
    return max(wide / renderer.dpi * cos(radians(first.get_rotation())) - inside, 0.0)
