"""The pictures of `letf montecarlo`. The same paths give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.kernel.stage import Floats
from runs.answers.canvas import (
    GAIN,
    INDEX,
    INK,
    LEGEND_PLATE,
    LINE_COLOURS,
    LOSS,
    RULE,
    money_axis,
    new_figure,
    plain,
)
from runs.answers.words import percent
from runs.robustness.montecarlo.engine import INDEX as INDEX_HELD
from runs.robustness.montecarlo.study import Found
from runs.robustness.montecarlo.summary import QUANTILES
from runs.robustness.montecarlo.words import method

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = 60
SHOWN = (0.005, 0.995)  # of all paths: a few far out would leave no room for the others
LEAST = 1e-6  # of the money at the start: less has no place on a log axis


def fan_chart(found: Found, cut: Floats) -> Figure:
    """The fan: quantiles of equity over time, and the real run."""
    title = plain(f"{found.spec.name}: equity on {method(found)}")
    figure, (axis,) = new_figure(title, found.setting.simulated, height=5.4)
    days = found.job.paths.sessions[found.job.kept]
    floor = LEAST * found.spec.account.cash
    shown = np.maximum(cut, floor)
    half = len(QUANTILES) // 2
    for i, alpha in zip(range(half), (0.16, 0.30), strict=True):
        low, high = QUANTILES[i], QUANTILES[-1 - i]
        axis.fill_between(
            days,
            shown[i],
            shown[-1 - i],
            color=RULE,
            alpha=alpha,
            lw=0,
            label=f"{100 * (high - low):.0f} % of paths",
        )
    axis.plot(days, shown[half], color=RULE, lw=1.6, label="median")
    real = np.maximum(found.real_equity, floor)
    axis.plot(found.setting.bars.sessions[: len(real)], real, color=INK, lw=1.0, label="the real run")
    axis.axhline(found.spec.account.cash, color=INDEX, lw=0.8, ls="--")
    axis.set_yscale("log")
    axis.margins(x=0.01)
    money_axis(axis)
    axis.grid(True, which="minor", axis="y", lw=0.3, color="#e6e6e6")
    axis.set_ylabel("equity (log scale)")
    figure.legend(loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    return figure


def distribution_chart(found: Found) -> Figure:
    """Total return and deepest drawdown of the paths, with the real run's."""
    title = plain(f"{found.spec.name} on {method(found)}")
    figure, axes = new_figure(title, found.setting.simulated, columns=2, height=4.4)
    own = found.column("total_return")
    _histogram(axes[0], 1.0 + own, True, RULE)
    axes[0].axvline(1.0, color=INDEX, lw=0.9, ls="--")
    axes[0].set_xlabel("what 1 has become (log scale), the middle 99 % of paths")
    deep = found.column("max_drawdown")
    _histogram(axes[1], deep, False, LOSS)
    axes[1].xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    axes[1].set_xlabel("deepest drawdown, the middle 99 % of paths")
    for axis, name, shift in ((axes[0], "total_return", 1.0), (axes[1], "max_drawdown", 0.0)):
        real = found.of_real(name)
        if np.isfinite(real):
            axis.axvline(max(shift + real, LEAST) if shift else real, color=INK, lw=1.4)
        middle = float(np.median(found.column(name)))
        axis.axvline(max(shift + middle, LEAST) if shift else middle, color=INK, lw=1.0, ls=":")
        axis.set_ylabel("paths")
        label = f"median {percent(middle)} (dotted)"
        label += f", real run {percent(real)} (solid)" if np.isfinite(real) else ""
        axis.set_title(label, fontsize=9.5)
    return figure


def beside_chart(found: Found) -> Figure:
    """What the rule, the index, the fund and cash have become of 1, from the worst path to the best."""
    title = plain(f"What 1 has become on {method(found)}")
    figure, (axis,) = new_figure(title, found.setting.simulated, height=4.8)
    lines = [(found.spec.name, found.column("total_return"), RULE, 2.0)]
    colours = [INDEX, *LINE_COLOURS]
    for colour, held in zip(colours, found.held, strict=False):
        name = f"{found.named(held)} held"
        lines.append((name, found.column(f"{held}_return"), INDEX if held == INDEX_HELD else colour, 1.5))
    lines.append(("cash", found.column("cash_return"), GAIN, 1.5))
    at = np.linspace(0.0, 1.0, 401)
    least = min(max(float(np.quantile(1.0 + values, 0.01)), LEAST) for _, values, _, _ in lines)
    for name, values, colour, width in lines:
        cut = np.maximum(np.quantile(1.0 + values, at), least)
        axis.plot(100.0 * at, cut, color=colour, lw=width, label=plain(name))
    axis.axhline(1.0, color=INK, lw=0.8, ls="--")
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_xlim(0.0, 100.0)
    axis.set_xlabel("share of paths below, %")
    axis.set_ylabel("what 1 has become (log scale)")
    axis.legend(loc="upper left", fontsize=9, **LEGEND_PLATE)
    return figure


def _histogram(axis: Axes, values: Floats, logs: bool, colour: str) -> None:
    """The middle of a distribution in bars of equal width."""
    low, high = np.quantile(values, SHOWN)
    if logs:
        low, high = max(low, LEAST), max(high, 2.0 * LEAST)
        if high <= low * 1.0001:
            low, high = low / 1.1, high * 1.1
        edges = np.geomspace(low, high, BINS + 1)
        axis.set_xscale("log")
    else:
        if high - low < 1e-6:
            low, high = low - 0.01, high + 0.01
        edges = np.linspace(low, high, BINS + 1)
    axis.hist(values, bins=edges, color=colour, alpha=0.55)
    if logs:
        axis.xaxis.set_major_formatter(_plain_number)
        from matplotlib.ticker import LogLocator, NullFormatter

        span = edges[-1] / edges[0]
        axis.xaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0) if span < 1e3 else "auto"))
        axis.xaxis.set_minor_formatter(_plain_number if span < 1e3 else NullFormatter())
        axis.tick_params(axis="x", which="minor", labelsize=8)


def _plain_number(value: float, _: object) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")
