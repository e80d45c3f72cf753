"""The pictures of `letf hedge-size`. The same answer gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, GAIN, INDEX, INK, LOSS, RULE, new_figure, plain
from runs.answers.words import number, percent
from runs.studies.hedge_size.study import BAND, WEEK
from runs.studies.hedge_size.words import WAY_WORDS
from runs.studies.hedge_size.years import WAYS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.hedge_size.study import Sized

COLOURS = dict(zip(WAYS, (RULE, FUND), strict=True))


def drift_chart(sized: Sized) -> Figure:
    """The beta after a week without a trade against the index's move, and its distribution."""
    drift, target = sized.drift, sized.target
    index = plain(sized.data.inputs.bars.name)
    figure, (left, right) = new_figure(
        f"The beta after {WEEK} sessions without a trade", sized.data.simulated, columns=2, height=4.8
    )
    left.plot(drift.move, drift.beta, ".", ms=3, mew=0, alpha=0.4, color=RULE, rasterized=True)
    x = np.linspace(float(drift.move.min()), float(drift.move.max()), 200)
    left.plot(x, sized.after(x), color=LOSS, lw=1.6)
    for axis, way in ((left, "h"), (right, "v")):
        line, span = (axis.axhline, axis.axhspan) if way == "h" else (axis.axvline, axis.axvspan)
        span(target - BAND, target + BAND, color=GAIN, alpha=0.15, lw=0)
        line(target, color=INK, lw=0.9)
    left.xaxis.set_major_formatter(lambda v, _: percent(v, 0))
    left.set_xlabel(f"move of {index} over {WEEK} sessions")
    left.set_ylabel("beta")
    low, high = np.quantile(drift.beta, (0.002, 0.998))
    room = 0.15 * (high - low) or 0.1
    left.set_ylim(low - room, high + room)
    counts, edges = np.histogram(drift.beta, np.linspace(low, high, 51))
    right.stairs(counts / len(drift.beta), edges, fill=True, color=RULE, alpha=0.6)
    right.set_xlabel("beta")
    right.set_ylabel("share of starts")
    right.set_ylim(bottom=0)
    right.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.3g} %")
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color=RULE, marker=".", ls="", label="each start in the past"),
        Line2D([], [], color=LOSS, lw=1.6, label="closed form"),
        Line2D([], [], color=INK, lw=0.9, label=f"target, {number(target)}"),
        Patch(color=GAIN, alpha=0.15, label=f"within {BAND:g} of it"),
    ]
    figure.legend(handles=handles, loc="outside lower center", frameon=False, fontsize=9, ncols=4)
    return figure


def year_chart(sized: Sized) -> Figure:
    """What the hedge cost beyond its job in each calendar year, as a share of the holding."""
    years, total = sized.years, sized.data.total
    figure, (axis,) = new_figure(
        f"What the hedge with {plain(sized.data.inputs.fund.ticker)} cost beyond its job, by calendar year",
        sized.data.simulated,
        height=4.6,
    )
    at = np.arange(len(years))
    for i, way in enumerate(WAYS):
        values = [year.cost(way) / total for year in years]
        axis.bar(at + 0.4 * (i - 0.5), values, width=0.38, color=COLOURS[way], label=WAY_WORDS[way])
    axis.axhline(0, color=INK, lw=0.8)
    axis.set_xticks(at, [year.label if year.whole else f"{year.label}*" for year in years])
    if len(years) > 14:
        axis.tick_params(axis="x", rotation=60)
    axis.yaxis.set_major_formatter(lambda v, _: percent(v, 0) if abs(v) > 1e-12 else "0 %")
    axis.set_ylabel("of the holding at the year's start; below 0 it gained")
    if not all(year.whole for year in years):
        axis.set_xlabel("* a part of the year")
    figure.legend(loc="outside lower center", frameon=False, fontsize=9, ncols=2)
    return figure


def beta_chart(sized: Sized) -> Figure:
    """The holding's beta over time, each of the same number of returns, with its 95 % band."""
    figure, (axis,) = new_figure(
        f"Beta of what is held on {plain(sized.data.inputs.bars.name)}, of {sized.bars} returns each",
        sized.data.simulated,
        height=4.2,
    )
    days = np.array([day for day, _ in sized.rolled])
    axis.fill_between(
        days,
        [own.low for _, own in sized.rolled],
        [own.high for _, own in sized.rolled],
        color=RULE,
        alpha=0.2,
        lw=0,
        label="95 % band",
    )
    axis.plot(days, [own.beta for _, own in sized.rolled], color=RULE, lw=1.6, label="beta")
    axis.axhline(sized.whole.beta, color=FUND, lw=1.2, ls="--", label=f"today's, {number(sized.whole.beta)}")
    axis.axhline(1, color=INDEX, lw=1.0, ls=":", label="the index")
    axis.set_ylabel("beta")
    figure.legend(loc="outside lower center", frameon=False, fontsize=9, ncols=4)
    return figure
