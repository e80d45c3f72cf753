"""The pictures of a hedge: the four accounts with the realised beta below, and the worst windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, INDEX, INK, LEGEND_PLATE, RULE, money_axis, new_figure, plain
from runs.answers.words import number, percent
from strategies.indicators import rolling_beta

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.rules.hedge.comparison import Comparison

COLOURS = {"nothing": INDEX, "hedged": RULE, "less": "#2e7d32", "short": FUND}
BETA_SESSIONS = 63


def equity_and_beta(found: Comparison) -> Figure:
    """Equity on a log scale; below it the beta of the last 63 sessions, against the target."""
    figure, (above, below) = new_figure(
        f"A hedge and three other ways, on {plain(found.index)}",
        found.simulated,
        2,
        height=6.6,
        ratios=(3, 2),
        share_x=True,
    )
    for name, course in found.courses.items():
        width = 1.8 if name == "hedged" else 1.1
        shown = np.where(course.equity > 0, course.equity, np.nan)
        total = course.performance["total_return"]
        label = f"{course.label}  {percent(total)}"
        above.plot(found.days, shown, color=COLOURS[name], lw=width, label=label)
        if name == "nothing":
            continue  # flat at one, it would squeeze the rest
        betas = rolling_beta(course.returns, found.index_returns, BETA_SESSIONS)
        label = f"{course.label}  {number(course.beta)}"
        below.plot(found.days[1:], betas, color=COLOURS[name], lw=width, label=label)
    above.set_yscale("log")
    money_axis(above)
    above.set_ylabel("money (log scale)")
    above.legend(loc="best", fontsize=9, **LEGEND_PLATE)
    target = found.rule.params.target_beta
    below.axhline(target, color=INK, lw=1, ls="--", label=f"target  {number(target)}")
    low, high = below.get_ylim()
    below.set_ylim(low, high + 0.45 * (high - low))  # room for the legend
    below.set_ylabel(f"beta, {BETA_SESSIONS} sessions")
    below.legend(
        loc="upper left", ncols=3, fontsize=8, title="over the whole span", title_fontsize=8, **LEGEND_PLATE
    )
    return figure


def windows_chart(found: Comparison) -> Figure:
    """The worst windows of the holding alone, as a group of bars each."""
    from runs.studies.rules.hedge.comparison import window_returns

    figure, (axis,) = new_figure(
        f"The worst windows of 21 sessions, on {plain(found.index)}", found.simulated, height=4.6
    )
    count = len(found.windows)
    at = np.arange(count)
    width = 0.8 / len(found.courses)
    for i, (name, course) in enumerate(found.courses.items()):
        axis.bar(
            at + (i - 1.5) * width,
            window_returns(found, name),
            width,
            color=COLOURS[name],
            label=course.label,
        )
    axis.axhline(0, color=INK, lw=0.8)
    axis.set_xticks(at, [f"{found.days[a]}\nto {found.days[b]}" for a, b in found.windows], fontsize=7.5)
    axis.grid(False, axis="x")
    axis.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    axis.set_ylabel("return")
    if count:
        axis.legend(loc="best", fontsize=9, ncols=2, **LEGEND_PLATE)
    else:
        axis.text(0.5, 0.6, "too short for a window", transform=axis.transAxes, ha="center")
    return figure
