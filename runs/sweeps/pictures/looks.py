"""What the pictures of a sweep share: colours of a metric, ticks of an axis, the ring round a cell."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from letf_instruments.sizes import DUST
from runs.answers.canvas import FUND, INK, plain
from runs.sweeps.results.ranking import RETURNS, SHARES, SIGNED, Floats, direction, metric_name, short_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

    from runs.sweeps.results.view import View

MOST_TICKS = 12
MARK = FUND
NOT_DRAWN, NO_VALUE = "white", "#bdbdbd"
LEAST = 1e-300  # below it there is nothing to divide
FAR = 3.0  # a scale is cut where its ends lie so many times beyond the middle 96 % of the cells


def colours(by: str, values: Floats) -> tuple[ScalarMappable, str]:
    """A metric's scale of colours and which of its ends is cut ("neither", "min", "max", "both").

    Gains are blue and losses red, white is 0, for metrics with a sign; all others run from dark (worse) to
    bright (better). Both can be told apart by the colour-blind. A few far cells do not wash out the rest:
    the scale is cut there.
    """
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    low, high, cut = limits(values)
    if by not in SIGNED:
        name = "cividis" if direction(by) > 0 else "cividis_r"
        return ScalarMappable(Normalize(low, high), colormaps[name]), cut
    both = colormaps["RdBu"]
    if low < 0 < high:
        size = max(-low, high)
        return ScalarMappable(Normalize(-size, size), both), cut
    half = np.linspace(0.55, 1.0, 256) if low >= 0 else np.linspace(0.0, 0.45, 256)
    return ScalarMappable(Normalize(low, high), ListedColormap(both(half))), cut


def limits(values: Floats) -> tuple[float, float, str]:
    """Where a scale of these values begins and ends, and which ends are cut short of the farthest cell."""
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    size = max(abs(low), abs(high))
    if high - low <= max(DUST * size, LEAST):  # one value, but for rounding
        half = 0.5 * (size if size > LEAST else 1.0)
        return low - half, high + half, "neither"
    inner_low, inner_high = (float(q) for q in np.quantile(known, (0.02, 0.98)))
    width = inner_high - inner_low
    known_apart = width > DUST * size
    cut_low = known_apart and low < inner_low - FAR * width
    cut_high = known_apart and high > inner_high + FAR * width
    low, high = inner_low if cut_low else low, inner_high if cut_high else high
    return low, high, {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[cut_low, cut_high]


def scale_name(by: str) -> str:
    """A metric beside its scale, with what is good where that is not plain."""
    return metric_name(by) + ("" if direction(by) > 0 else " (less is better)")


def write_scale(axis: Any, by: str) -> None:
    """Write percentages as such along an axis of matplotlib (not an Axes)."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(7))
    if by in RETURNS + SHARES:

        def written(value: float, _: int) -> str:
            low, high = sorted(axis.get_view_interval())
            text = f"{100 * value:,.{1 if high - low < 0.06 else 0}f} %"
            return text.replace("-", "−")

        axis.set_major_formatter(written)
    else:
        axis.set_major_formatter(lambda value, _: f"{value:,.6g}".replace("-", "−"))


def ticks(view: View, axis: int) -> tuple[list[int], list[str]]:
    """Places and labels of an axis's values, at most a dozen of them, the marked cell's always one."""
    texts = [plain(text) for text in view.value_texts(axis)]
    every = ceil(len(texts) / MOST_TICKS)
    at = list(range(view.place[axis] % every, len(texts), every))
    return at, [texts[i] for i in at]


def ring(axis: Axes, x: float, y: float, size: float = 13.0, label: str | None = None) -> None:
    """A ring round the marked cell that shows on any colour."""
    axis.plot([x], [y], "o", ms=size, mfc="none", mec="white", mew=4.0, zorder=5)
    axis.plot([x], [y], "o", ms=size, mfc="none", mec=INK, mew=1.8, zorder=6, label=label, ls="none")


def ink_on(colour: tuple[float, float, float, float]) -> str:
    """Black or white, whichever reads better on a colour."""
    red, green, blue = colour[:3]
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def field_texts(by: str, fields: Floats) -> dict[tuple[int, ...], str]:
    """What is written in which field of a heatmap; nothing if it would be the same for different values."""
    known = {at: fields[at] for at in np.ndindex(fields.shape) if np.isfinite(fields[at])}
    texts = {at: short_text(by, float(value)) for at, value in known.items()}
    return texts if len(set(texts.values())) > 1 or len(set(known.values())) == 1 else {}


def turn_if_crowded(axis: Axes, texts: list[str], room: float) -> None:
    """Turn the labels under an axis where they would touch in a room of so many inches."""
    if (max(len(text) for text in texts) + 1.5) * len(texts) * 0.075 > room:
        axis.tick_params(axis="x", rotation=45)
