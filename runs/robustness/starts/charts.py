"""The pictures of `letf starts`. The same starts give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.canvas import FUND, INDEX, INK, LINE_COLOURS, LOSS, RULE, money_axis, new_figure, plain
from runs.robustness.starts.study import CASH, SESSIONS_A_YEAR, Starts
from runs.robustness.starts.study import INDEX as THE_INDEX
from runs.robustness.starts.words import QUANTILES, beside_name, length_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 1e-4  # of the stake: below it there is nothing to see on a log axis


def by_start_chart(found: Starts) -> Figure:
    """What became of 1 by the day on which it was begun, a row a time."""
    figure, axes = new_figure(
        f"What 1 became, by the day of the start: {_named(found)}",
        found.setting.simulated,
        rows=len(found.years),
        height=1.2 + 2.3 * len(found.years),
        share_x=True,
    )
    for at, (axis, years) in enumerate(zip(axes, found.years, strict=True)):
        some = found.whole(at)
        days = found.days[found.starts[some]]
        own = np.maximum(found.account[some, found.lengths[at]], LEAST)
        for name, look in _looks(found).items():
            axis.plot(
                days, np.maximum(found.held[name][some, at], LEAST), label=beside_name(found, name), **look
            )
        axis.plot(days, own, color=RULE, lw=1.3, label=plain(found.spec.name))
        axis.axhline(1.0, color=INK, lw=0.7)
        axis.fill_between(days, own, 1.0, where=own < 1.0, color=LOSS, alpha=0.25, lw=0)
        axis.set_yscale("log")
        money_axis(axis)
        axis.set_title(f"after {length_name(years)}", fontsize=10, loc="left")
    axes[-1].set_xlabel("day of the start")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", frameon=False, fontsize=9, ncols=5)
    return figure


def fan_chart(found: Starts) -> Figure:
    """How what became of 1 spreads with the time it is kept; and what stood at the times asked for, beside
    what else could have been had."""
    figure, (fan, ends) = new_figure(
        f"What 1 became, by the time it was kept: {_named(found)}",
        found.setting.simulated,
        rows=2,
        height=8.4,
        ratios=(3, 2),
    )
    last = len(found.years) - 1
    paths = np.maximum(found.account[found.whole(last)], LEAST)
    kept = np.arange(paths.shape[1]) / SESSIONS_A_YEAR
    low, lower, middle, upper, high = np.quantile(paths, QUANTILES, axis=0)
    fan.fill_between(kept, low, high, color=RULE, alpha=0.15, lw=0, label="nine in ten")
    fan.fill_between(kept, lower, upper, color=RULE, alpha=0.3, lw=0, label="half")
    fan.plot(kept, middle, color=RULE, lw=1.6, label="median")
    fan.plot(kept, paths.min(axis=0), color=LOSS, lw=0.8, ls="--", label="worst at that time")
    fan.axhline(1.0, color=INK, lw=0.7)
    fan.set_yscale("log")
    money_axis(fan)
    fan.set_xlim(0, kept[-1])
    fan.set_xlabel("years kept")
    fan.set_title(
        f"the {len(paths):,} starts that have {length_name(found.years[last])} before them",
        fontsize=10,
        loc="left",
    )
    _boxes(found, ends)
    handles, labels = fan.get_legend_handles_labels()
    more, names = ends.get_legend_handles_labels()
    figure.legend(
        [*handles, *more], [*labels, *names], loc="outside lower center", frameon=False, fontsize=9, ncols=5
    )
    return figure


def _boxes(found: Starts, axis: Axes) -> None:
    """For each time a box of the account and of each thing beside it: the half, nine in ten, the median."""
    looks = {None: {"color": RULE}, **_looks(found)}
    wide = 0.8 / len(looks)
    for n, (name, look) in enumerate(looks.items()):
        label = plain(found.spec.name) if name is None else beside_name(found, name)
        for at in range(len(found.years)):
            some = found.whole(at)
            values = found.account[some, found.lengths[at]] if name is None else found.held[name][some, at]
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            low, lower, middle, upper, high = np.maximum(np.quantile(values, QUANTILES), LEAST)
            x = at + (n - (len(looks) - 1) / 2) * wide
            axis.plot([x, x], [low, high], color=look["color"], lw=1.2)
            axis.bar(
                x,
                upper - lower,
                width=0.8 * wide,
                bottom=lower,
                color=look["color"],
                alpha=0.55,
                label=label if at == 0 else None,
            )
            axis.plot([x - 0.4 * wide, x + 0.4 * wide], [middle, middle], color=INK, lw=1.4)
    axis.axhline(1.0, color=INK, lw=0.7)
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_xticks(range(len(found.years)), [length_name(years) for years in found.years])
    axis.set_title("boxes: half of the starts, with the median; lines: nine in ten", fontsize=10, loc="left")


def _named(found: Starts) -> str:
    return f"{plain(found.spec.name)} on {plain(found.setting.bars.name)}"


def _looks(found: Starts) -> dict[str, dict[str, Any]]:
    """The look of each thing that the account is set against, cash left out."""
    colours = iter((FUND, *(colour for colour in LINE_COLOURS if colour not in (FUND, LOSS))))
    return {
        name: {"color": INDEX if name == THE_INDEX else next(colours), "lw": 0.9}
        for name in found.beside
        if name != CASH
    }
