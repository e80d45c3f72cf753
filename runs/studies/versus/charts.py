"""The pictures of `letf versus`. The same comparison gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from letf_instruments import returns_over, rolling_correlation
from runs.answers.canvas import FUND, GAIN, INDEX, INK, LOSS, RULE, money_axis, new_figure, plain
from runs.answers.words import number, percent
from runs.studies.versus.study import drawdown_of
from runs.studies.versus.words import titles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.versus.study import Comparison

COLOURS = (RULE, FUND, GAIN, LOSS, "#7b5aa6", "#00838f")  # in the order in which funds are named
CORRELATIONS = ((1, 63), (21, 252))  # returns over so many sessions, in a window of so many
HORIZONS = (1, 21, 252)


def growth_chart(found: Comparison, metrics: dict[str, Any]) -> Figure:
    """What became of 100."""
    figure, (axis,) = new_figure(_title("Growth of 100", found), found.inputs.bars.simulated, height=5.2)
    for line, title, look in _looks(found):
        total = percent(metrics[f"{line.name}_total_return"])
        shown = np.where(line.value > 0, line.value, np.nan)  # a dead fund has no place on a log scale
        axis.plot(found.sessions, shown, label=f"{title}  {total}", **look)
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_ylabel("value (log scale)")
    axis.legend(loc="best", frameon=False, fontsize=9)
    return figure


def drawdown_chart(found: Comparison, metrics: dict[str, Any]) -> Figure:
    """How far below its last high each stood."""
    figure, (axis,) = new_figure(
        _title("Below the last high", found), found.inputs.bars.simulated, height=4.2
    )
    for line, title, look in _looks(found):
        deepest = percent(metrics[f"{line.name}_max_drawdown"])
        axis.plot(found.sessions, drawdown_of(line), label=f"{title}  {deepest} at worst", **look)
    axis.set_ylim(-1.04, 0.16)
    axis.set_yticks((-1.0, -0.8, -0.6, -0.4, -0.2, 0.0))
    axis.yaxis.set_major_formatter(_percent)
    axis.legend(loc="upper center", frameon=False, fontsize=9, ncols=3)
    return figure


def correlation_chart(found: Comparison, metrics: dict[str, Any]) -> Figure:
    """Rolling correlation with the index: of daily returns, and of monthly ones, where it gives way."""
    from matplotlib.dates import AutoDateLocator

    figure, axes = new_figure(
        _title("Rolling correlation with the index", found),
        found.inputs.bars.simulated,
        rows=2,
        height=6.4,
        share_x=True,
    )
    for axis, (horizon, window) in zip(axes, CORRELATIONS, strict=True):
        index = returns_over(found.index, horizon)
        for line, title, look in _looks(found):
            rolled = rolling_correlation(returns_over(line.value, horizon), index, window)
            m = [number(metrics[f"{line.name}_correlation_{u}"], 3) for u in ("daily", "monthly", "yearly")]
            label = f"{title}: all days {m[0]}, months {m[1]}, years {m[2]}"
            wide = {"lw": 3.0} if line.fund is None else {}  # seen beneath a bull that lies on it
            days = found.sessions[len(found.sessions) - len(rolled) :]
            axis.plot(days, rolled, label=label, **(look | wide))
        axis.axhline(0, color=INK, lw=0.6)
        if len(found.sessions) < horizon + window:
            axis.text(0.5, 0.6, "too few sessions", transform=axis.transAxes, ha="center", fontsize=9)
        axis.set_ylim(-1.08, 1.08)
        axis.set_yticks((-1.0, -0.5, 0.0, 0.5, 1.0))
        axis.xaxis.set_major_locator(AutoDateLocator(maxticks=7))
        axis.set_ylabel("correlation")
        of = "daily returns" if horizon == 1 else f"{horizon}-session returns"
        axis.set_title(f"of {of}, past {window} sessions", fontsize=10, loc="left")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", frameon=False, fontsize=9, ncols=2)
    return figure


def horizon_chart(found: Comparison) -> Figure:
    """Returns over a day, a month and a year of sessions against the index, with multiple × index."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    figure, axes = new_figure(
        _title("Returns against the index", found),
        found.inputs.bars.simulated,
        columns=len(HORIZONS),
        height=4.8,
    )
    for axis, horizon in zip(axes, HORIZONS, strict=True):
        axis.set_title(f"{horizon} session{'s' * (horizon > 1)}", fontsize=10, loc="left")
        axis.xaxis.set_major_formatter(_percent)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.yaxis.set_major_formatter(_percent)
        axis.axhline(0, color=INK, lw=0.6)
        axis.axvline(0, color=INK, lw=0.6)
        axis.set_xlabel("index")
        if len(found.sessions) <= horizon:
            axis.text(0.5, 0.6, "too few sessions", transform=axis.transAxes, ha="center", fontsize=9)
            continue
        x = returns_over(found.index, horizon)
        ends = np.array([x.min(), x.max()])
        low, high = np.inf, -np.inf
        for line, _, look in _looks(found):
            y = returns_over(line.value, horizon)
            axis.plot(x, y, ".", ms=2.5, mew=0, alpha=0.45, color=look["color"], rasterized=True)
            axis.plot(ends, line.multiple * ends, "--", lw=1, color=look["color"])
            low, high = min(low, np.nanmin(y)), max(high, np.nanmax(y))
        # A line may promise less than −100 %, which no fund can give: the picture is the funds'.
        room = 0.05 * (high - low) or 0.01
        axis.set_ylim(low - room, high + room)
    axes[0].set_ylabel("fund, and multiple × index (dashed)")
    handles = [
        Line2D([], [], color=look["color"], marker="o", ms=5, lw=1, ls="--", label=title)
        for _, title, look in _looks(found)
    ]
    figure.legend(handles=handles, loc="outside lower center", frameon=False, fontsize=9, ncols=6)
    return figure


def _looks(found: Comparison) -> list[tuple[Any, str, dict[str, Any]]]:
    """Each line with its heading and look: the index grey, funds in colours."""
    colours = iter(COLOURS)
    named = titles(found)
    return [
        (
            line,
            plain(named[line.name]),
            {"color": INDEX if line.fund is None else next(colours), "lw": 1.4 if line.fund is None else 1.1},
        )
        for line in found.lines
    ]


def _title(what: str, found: Comparison) -> str:
    return f"{what}: {plain(found.inputs.bars.name)}"


def _percent(value: float, _: int) -> str:
    return f"{100 * value:,.6g} %".replace("-", "−")
