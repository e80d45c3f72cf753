"""The pictures of `letf whatif`. The same answer gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.canvas import FUND, INDEX, INK, LOSS, RULE, new_figure, plain
from runs.answers.words import percent, share, times
from runs.studies.whatif.closed import closed
from runs.studies.whatif.market import BRIDGED, ENDINGS, NORMAL, RESAMPLED
from runs.studies.whatif.study import GRID_RETURNS, GRID_VOLATILITIES
from runs.studies.whatif.words import market_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from runs.studies.whatif.closed import Asked
    from runs.studies.whatif.study import WhatIf

STAKE = 100.0
SHOWN = 0.002, 0.998  # quantiles between which a distribution is drawn
BINS = 50
LEAST = 0.01  # of 100: what is less, nothing included, is drawn there


def distribution_chart(found: WhatIf, metrics: dict[str, Any]) -> Figure:
    """What becomes of 100: a row a fund, the index's end as asked on the left, by chance on the right."""
    rows = len(found.asked)
    title = f"What 100 become: the index {market_words(found)}"
    figure, axes = new_figure(
        title, found.inputs.bars.simulated, rows=rows, columns=2, height=1.2 + 3.1 * rows
    )
    for i, asked in enumerate(found.asked):
        for j, ending in enumerate(ENDINGS):
            axis = axes[2 * i + j]
            _distribution(axis, found, asked, ending, metrics)
            where = "index ends as asked" if ending == BRIDGED else "index ends where chance takes it"
            axis.set_title(f"{plain(asked.fund.ticker)}, {where}", fontsize=10, loc="left")
            if i == rows - 1:
                axis.set_xlabel("value at the end (log scale)")
        axes[2 * i].set_ylabel("share of paths")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", frameon=False, fontsize=9, ncols=4)
    return figure


def _distribution(axis: Axes, found: WhatIf, asked: Asked, ending: str, metrics: dict[str, Any]) -> None:
    ticker = asked.fund.ticker
    values = {
        shape.name: np.maximum(STAKE * (1.0 + found.outcomes[ticker, shape.name, ending].end), LEAST)
        for shape in found.shapes
    }
    low = min(float(np.quantile(v, SHOWN[0])) for v in values.values())
    high = max(float(np.quantile(v, SHOWN[1])) for v in values.values())
    edges = np.geomspace(low / 1.02, high * 1.02, BINS + 1)
    looks = {
        RESAMPLED: {"fill": True, "color": FUND, "alpha": 0.45},
        NORMAL: {"color": RULE, "lw": 1.4},
    }
    names = {RESAMPLED: f"days of {plain(found.inputs.bars.name)}", NORMAL: "normal days"}
    for name in (RESAMPLED, NORMAL):
        counts, _ = np.histogram(values[name], edges)
        axis.stairs(counts / found.paths, edges, label=names[name], **looks[name])
    central = STAKE * (1.0 + metrics[f"{ticker}_{ending}_closed_form_p50"])
    axis.axvline(central, color=LOSS, lw=1.4, ls="--", label="median by the closed form")
    if edges[0] < STAKE < edges[-1]:
        axis.axvline(STAKE, color=INK, lw=0.8)
    axis.plot([], [], color=INK, lw=0.8, label="what was put in")
    axis.set_xscale("log")
    _value_ticks(axis, edges[0], edges[-1])
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.3g} %")


def _value_ticks(axis: Axes, low: float, high: float) -> None:
    """Some six plain numbers along a log axis."""
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    choices: list[float] = []
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), tuple(np.arange(10, 100, 5) / 10)):
        powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        choices = [s * p for p in powers for s in steps if low <= s * p <= high]
        if len(choices) >= 4:
            break
    axis.xaxis.set_major_locator(FixedLocator(choices))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_formatter(lambda v, _: f"{v:,.6g}")
    axis.set_xlim(low, high)


def median_chart(found: WhatIf) -> Figure:
    """The fund's return against the index's, a line a volatility by the closed form; simulated medians on
    that of the asked one."""
    from matplotlib import colormaps

    market = found.market
    columns = len(found.asked)
    figure, axes = new_figure(
        f"What the fund gives over {market.days} sessions, by the index's return and volatility",
        found.inputs.bars.simulated,
        columns=columns,
        height=5.6,
    )
    ends = sorted({*GRID_RETURNS, market.total_return})
    x = np.linspace(ends[0], ends[-1], 161)
    others = sorted(set(GRID_VOLATILITIES) - {market.volatility})
    shades = colormaps["viridis"](np.linspace(0.9, 0.1, len(others)))
    for axis, asked in zip(axes, found.asked, strict=True):
        for volatility, shade in zip(others, shades, strict=True):
            y = [STAKE * (1.0 + closed(asked, market, r, volatility)) for r in x]
            axis.plot(x, y, color=shade, lw=1.2, label=f"volatility {share(volatility, 0)}")
        y = [STAKE * (1.0 + closed(asked, market, r, market.volatility)) for r in x]
        axis.plot(x, y, color=FUND, lw=2.4, label=f"volatility {share(market.volatility, 0)}, as asked")
        dots = {r: v for (ticker, r), v in found.dots.items() if ticker == asked.fund.ticker}
        axis.plot(
            list(dots),
            [STAKE * (1.0 + v) for v in dots.values()],
            "o",
            ms=6,
            mfc="white",
            mec=FUND,
            mew=1.6,
            zorder=3,
            label="simulated medians there",
        )
        line = STAKE * (1.0 + asked.multiple * x)
        axis.plot(x, np.where(line > 0, line, np.nan), "--", color=INK, lw=1.1, label="multiple × the index")
        axis.plot(x, STAKE * (1.0 + x), ":", color=INDEX, lw=1.4, label="the index")
        axis.axhline(STAKE, color=INK, lw=0.6)
        axis.set_yscale("log")
        _money_ticks(axis)
        axis.xaxis.set_major_formatter(lambda v, _: percent(v, 0) if abs(v) > 1e-9 else "0 %")
        axis.set_xlabel("index return over the whole time")
        axis.set_title(f"{plain(asked.fund.ticker)} ({times(asked.multiple)})", fontsize=10, loc="left")
    axes[0].set_ylabel("what 100 become (log scale)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", frameon=False, fontsize=9, ncols=4)
    return figure


def _money_ticks(axis: Axes) -> None:
    """A value axis of what 100 become that ends where it still says something."""
    from runs.answers.canvas import money_axis

    low, high = axis.get_ylim()
    axis.set_ylim(max(low, 0.1), high)
    money_axis(axis)
