"""The prospectus table as a heatmap, and a fund's own calendar years as labelled points on it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from letf_instruments import prospectus_table
from runs.answers.canvas import INK
from runs.answers.words import percent, share
from runs.studies.decay.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from letf_instruments.calendar_years import Year

STEP = 0.1
LABEL_SIZE = 8
FULL_YEAR = 240  # sessions; a shorter year has no yearly return
CLIP = 1.0  # the colours end at ±100 %; the numbers go on


def draw_prospectus(study: Study, figure: Figure, axis: Axes) -> None:
    """Cells every 10 % with their value; a year's point has the colour of what the fund really gave.

    Where a point and its cell have the same colour, the table holds for that year.
    """
    years = [y for y in study.years if y.moves >= FULL_YEAR and not y.wiped_out]
    returns, vols = grid(years)
    table = prospectus_table(study.multiple, returns, vols)
    colours = {"cmap": "RdBu", "vmin": -CLIP, "vmax": CLIP}
    half = STEP / 2
    mesh = axis.imshow(
        table,
        origin="lower",
        aspect="auto",
        extent=(vols[0] - half, vols[-1] + half, returns[0] - half, returns[-1] + half),
        **colours,
    )
    for (i, j), value in np.ndenumerate(table):
        axis.text(
            vols[j] + 0.47 * STEP,
            returns[i] - 0.42 * STEP,
            percent(value, 0).removesuffix(" %"),
            ha="right",
            va="bottom",
            fontsize=7.5,
            color="white" if abs(min(value, CLIP)) > 0.7 else INK,
        )
    axis.grid(False)
    axis.set_xticks(vols, [share(float(v), 0) for v in vols])
    axis.set_yticks(returns, [percent(float(r) + 0.0, 0).replace("+0 %", "0 %") for r in returns])
    axis.set_xlabel("volatility of the index, annualised")
    axis.set_ylabel("index return in the year")
    bar = figure.colorbar(mesh, ax=axis, pad=0.01, extend="max", fraction=0.05)
    bar.set_ticks([-1, -0.5, 0, 0.5, 1], labels=["−100 %", "−50 %", "0 %", "+50 %", "+100 % and more"])
    bar.ax.tick_params(labelsize=8)
    if years:
        at = [y.volatility for y in years], [y.index_return for y in years]
        axis.scatter(*at, s=100, color="white", zorder=4)  # a rim that shows on dark cells too
        axis.scatter(
            *at,
            c=[y.actual for y in years],
            s=46,
            edgecolor="black",
            lw=1.1,
            zorder=5,
            **colours,
        )
        axis.set_title(
            f"points: {study.fund}'s own calendar years, filled with the colour of what it gave after costs "
            "(number beside the year)",
            fontsize=8.5,
            loc="left",
        )
        _place_labels(years, figure, axis)


def grid(years: list[Year]) -> tuple[np.ndarray, np.ndarray]:
    """Index returns (rows) and volatilities (columns) in steps of 10 %, wide enough for every year."""
    worst = min([-0.6, *(y.index_return for y in years)])
    best = max([0.6, *(y.index_return for y in years)])
    calm = max([0.6, *(y.volatility for y in years)])
    rows = np.arange(max(math.floor(round(worst / STEP, 9)), -9), math.ceil(round(best / STEP, 9)) + 1) * STEP
    return rows, np.arange(1, math.ceil(round(calm / STEP, 9)) + 1) * STEP


def _place_labels(years: list[Year], figure: Figure, axis: Axes) -> None:
    """Each label where it covers least: of the points, of labels placed before it, of the cells' numbers."""
    figure.canvas.draw()  # settles the layout, so that sizes in pixels are known
    renderer = figure.canvas.get_renderer()
    pixel = figure.dpi / 72.0
    frame = axis.get_window_extent(renderer).extents
    points = np.array([axis.transData.transform((y.volatility, y.index_return)) for y in years])
    numbers = np.array([text.get_window_extent(renderer).extents for text in axis.texts])
    # What a label should not cover, as (left, bottom, right, top), and how much a square pixel of it weighs.
    covered = np.vstack((numbers, np.hstack((points - 8, points + 8))))
    weights = np.concatenate((np.full(len(numbers), 1.0), np.full(len(points), 10.0)))
    angles = np.radians(np.arange(0, 360, 15))
    for y, point in zip(years, points, strict=True):
        words = f"{y.label}: {percent(y.actual, 0)}"
        sample = axis.text(0, 0, words, fontsize=LABEL_SIZE)
        half = np.array(sample.get_window_extent(renderer).size) / 2 + (2, 1)
        sample.remove()
        best = (np.inf, point, 0)
        for radius, angle in itertools.product((0, 8, 18, 30, 44, 60), angles):
            centre = point + (half + (8 + radius) * pixel) * (np.cos(angle), np.sin(angle))
            box = np.concatenate((centre - half, centre + half))
            outside = (box[:2] < frame[:2]).any() or (box[2:] > frame[2:]).any()
            cost = float(weights @ _common(box, covered)) + 8.0 * radius + 1e6 * outside
            if cost < best[0]:
                best = (cost, centre, radius)
        _, centre, radius = best
        covered = np.vstack((covered, np.concatenate((centre - half, centre + half))))
        weights = np.append(weights, 5.0)
        axis.annotate(
            words,
            point,
            xycoords="figure pixels",
            xytext=tuple(centre),
            textcoords="figure pixels",
            ha="center",
            va="center",
            fontsize=LABEL_SIZE,
            zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.7, "zorder": 3} if radius else None,
        )


def _common(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The areas that a box shares with others, shape (m, 4) → (m,), in square pixels."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    return np.prod(np.maximum(sides, 0.0), axis=1)
