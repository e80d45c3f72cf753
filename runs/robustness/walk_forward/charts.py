"""The pictures of `letf walkforward`. The same windows give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, GAIN, INDEX, INK, LINE_COLOURS, RULE, money_axis, new_figure, plain
from runs.robustness.walk_forward.study import WalkForward
from runs.robustness.walk_forward.words import beside_name
from runs.sweeps.results.ranking import RETURNS, SHARES, metric_name, short_keys, tick_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_TICKS = 8
LEAST = 1e-5  # of the money at the start: below it there is nothing to see on a log axis


def equity_chart(found: WalkForward) -> Figure:
    """The account out of sample with its windows, the best cell in hindsight, and what is held."""
    figure, (axis,) = new_figure(
        f"Out of sample, window by window: {_named(found)}", found.setting.simulated, height=5.4
    )
    _bands(found, axis)
    least = LEAST * found.equity[0]
    colours = iter((FUND, *(colour for colour in LINE_COLOURS if colour not in (FUND, GAIN))))
    for name, values in found.held.items():
        colour = INDEX if name == "index" else next(colours)
        axis.plot(found.test, np.maximum(values, least), color=colour, lw=1.0, label=beside_name(found, name))
    axis.plot(
        found.test,
        np.maximum(found.hindsight, least),
        color=GAIN,
        lw=1.0,
        ls="--",
        label="the best cell in hindsight",
    )
    axis.plot(found.test, np.maximum(found.equity, least), color=RULE, lw=1.6, label="chosen in each window")
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_ylabel("money (log scale)")
    axis.set_xlim(found.test[0], found.test[-1])
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside lower center", frameon=False, fontsize=9, ncols=4
    )
    return figure


def in_out_chart(found: WalkForward) -> Figure:
    """By window what the choice had made in training, and what it then made: the metric that chose."""
    figure, (axis,) = new_figure(
        f"{metric_name(found.by)} in training and in the test: {_named(found)}".replace("$", r"\$"),
        found.setting.simulated,
        height=4.6,
    )
    inside = _values(found, inside=True)
    outside = _values(found, inside=False)
    at = np.arange(len(found.steps))
    both = np.isfinite(inside) & np.isfinite(outside)
    axis.vlines(at[both], inside[both], outside[both], color=INDEX, lw=1.4, zorder=1)
    axis.scatter(at, inside, s=34, facecolor="white", edgecolor=RULE, zorder=3, label="in training")
    axis.scatter(at, outside, s=34, color=FUND, zorder=3, label="in the test")
    axis.axhline(0.0, color=INK, lw=0.7)
    if found.by in RETURNS + SHARES:
        axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:,.6g} %".replace("-", "−"))
    axis.set_ylabel(metric_name(found.by))
    every = -(-len(at) // 12)
    years = [str(found.days[step.window.test_first])[:7] for step in found.steps]
    axis.set_xticks(at[::every], years[::every])
    axis.set_xlabel("first month of the test")
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside lower center", frameon=False, fontsize=9, ncols=3
    )
    return figure


def parameters_chart(found: WalkForward) -> Figure:
    """The parameters chosen, by window, a row an axis; beside them those of the best cell in hindsight."""
    axes = [(i, axis) for i, axis in enumerate(found.job.grid.axes) if len(axis.values) > 1]
    short = short_keys([axis.key for _, axis in axes])
    figure, panels = new_figure(
        f"The parameters chosen: {_named(found)}",
        found.setting.simulated,
        rows=len(axes),
        height=1.3 + 1.25 * len(axes),
        share_x=True,
    )
    places = np.array([found.place(step.choice.cell) for step in found.steps])
    best = found.place(found.best.cell)
    edges = found.days[[step.window.test_first for step in found.steps]]
    edges = np.append(edges, found.days[found.steps[-1].window.test_last])
    for panel, (i, axis) in zip(panels, axes, strict=True):
        _bands(found, panel)
        panel.stairs(places[:, i], edges, baseline=None, color=RULE, lw=2.0, label="chosen")
        panel.axhline(best[i], color=GAIN, lw=1.0, ls="--", label="the best cell in hindsight")
        texts = tick_texts([axis.values[at] for at in axis.order])
        every = -(-len(texts) // MOST_TICKS)
        panel.set_yticks(range(0, len(texts), every), texts[::every])
        panel.set_ylim(-0.5, len(texts) - 0.5)
        panel.set_title(plain(short[axis.key]), fontsize=10, loc="left")
        panel.set_xlim(edges[0], edges[-1])
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside lower center",
        frameon=False,
        fontsize=9,
        ncols=2,
    )
    return figure


def _bands(found: WalkForward, axis: Axes) -> None:
    """Every second window shaded."""
    for step in found.steps[1::2]:
        first, last = found.days[step.window.test_first - 1], found.days[step.window.test_last]
        axis.axvspan(first, last, color="#eeeeee", lw=0, zorder=0)


def _values(found: WalkForward, inside: bool) -> np.ndarray:
    made = [(step.inside if inside else step.outside)[found.by] for step in found.steps]
    return np.array([np.nan if value is None else float(value) for value in made])


def _named(found: WalkForward) -> str:
    return f"{plain(found.job.base.name)} on {plain(found.setting.bars.name)}"
