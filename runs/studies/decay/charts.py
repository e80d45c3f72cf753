"""The pictures of `letf decay`. The same study gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import (
    FUND,
    GAIN,
    INDEX,
    INK,
    LOSS,
    PART_COLOURS,
    PLATE,
    RULE,
    new_figure,
    plain,
    stamp,
)
from runs.answers.words import MINUS, number, percent, share, times
from runs.studies.decay.prospectus import draw_prospectus
from runs.studies.decay.study import WINDOW, Study, break_even

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from letf_instruments.holding import HoldingPeriods

PARTS = {
    "index": "multiple × index",
    "compounding": "compounding",
    "carry": "financing and cash",
    "fee": "fee",
    "rest": "rest",
}
COLOURS = {**PART_COLOURS, "carry": PART_COLOURS["financing and cash"]}
MOST_LABELLED = 32  # years beyond which bars carry no numbers
SHOWN = (0.005, 0.995)  # quantiles between which a histogram is drawn


def attribution_chart(study: Study) -> Figure:
    """Year by year: promised beside actual, and the log return stacked by cause."""
    figure, ((top,), (bottom,)) = _figure(study, "Promised, given, and why", 2, 1, 7.4, sharex=True)
    years, at = study.years, np.arange(len(study.years))
    for offset, key, colour, label in (
        (-0.2, "promised", INDEX, f"promised: {times(study.multiple)} × index"),
        (0.2, "actual", FUND, f"{study.fund} gave"),
    ):
        values = np.array([getattr(y, key) for y in years])
        top.bar(at + offset, values, 0.38, color=colour, label=label)
        for x, value in zip(at + offset, values, strict=True):
            _bar_label(top, x, value, len(years))
    top.yaxis.set_major_formatter(_percent_tick)
    top.set_ylabel("return of the year")
    top.margins(y=0.14)

    above, below = np.zeros(len(years)), np.zeros(len(years))
    for part, label in PARTS.items():
        values = np.array([getattr(y, part) for y in years])
        if part == "rest" and np.abs(values).max() < 1e-9:
            continue
        base = np.where(values >= 0, above, below)
        bottom.bar(at, values, 0.6, base, color=COLOURS[part], label=f"{label}  {number(values.sum())}")
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    total = np.array([y.log_return for y in years])
    bottom.plot(at, total, "D", color=INK, ms=5, mec="white", label=f"log return  {number(total.sum())}")
    bottom.set_ylabel("log return by cause")
    bottom.set_xticks(at, [y.label + ("\nwiped out" if y.wiped_out else "") for y in years])
    bottom.tick_params(axis="x", labelrotation=0 if len(years) <= 20 else 90)
    for axis in (top, bottom):
        axis.axhline(0, color=INK, lw=0.6)
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.13), ncols=6, frameon=False, fontsize=9)
    return figure


def holding_chart(study: Study) -> Figure:
    """The distribution of actual less promised, one panel a holding period; of a study that has some."""
    rows = -(-len(study.holdings) // 3)
    title = f"Return minus what {times(study.multiple)} × the index promised, bought at every close"
    figure, axes = _figure(study, title, rows, 3, 0.8 + 3.2 * rows)
    flat = [axis for row in axes for axis in row]
    for axis, (periods, s) in zip(flat, study.holdings, strict=False):
        _histogram(axis, periods)
        median = s.quantiles[2]
        digits = 2 if s.horizon < 21 else 1
        beyond = f"promise below −100 % on {share(s.promised_beyond_loss, 0)}"
        words = [
            f"{s.horizon} session{'s' * (s.horizon > 1)}: median {percent(median, digits)}",
            f"less than promised on {share(s.less_than_promised, 0)} of {s.starts:,} starts",
            *([beyond] if s.promised_beyond_loss >= 0.005 else []),
        ]
        axis.axvline(median, color=INK, lw=1.2)
        axis.set_title("\n".join(words), fontsize=9, loc="left")
    for axis in flat[len(study.holdings) :]:
        axis.set_visible(False)
    figure.supxlabel(
        "red: less than promised, green: more; the black line is the median; the outermost ½ % on each "
        "side is not drawn",
        fontsize=8,
    )
    return figure


def prospectus_chart(study: Study) -> Figure:
    """The prospectus table with the fund's own years on it."""
    title = f"One year of a {times(study.multiple)}× fund by index return and volatility (no costs)"
    figure, ((axis,),) = _figure(study, title, 1, 1, 8.2)
    draw_prospectus(study, figure, axis)
    if study.simulated:
        stamp(axis, 44, "white", 0.4)  # again, in a colour that shows on the cells
    return figure


def break_even_chart(study: Study) -> Figure:
    """What the index must do in a year for the fund to hold its own, by volatility."""
    b, carry = study.multiple, study.costs.carry
    figure, ((axis,),) = _figure(study, "Break-even: what the index must do in a year", 1, 1, 4.6)
    vol = study.total.volatility
    vols = np.linspace(0.05, max(0.7, 1.15 * vol), 131)
    rows = [break_even(b, float(v), carry) for v in vols]
    zero = np.array([r.zero for r in rows])
    lower, higher = (
        np.array([np.nan if getattr(r, side) is None else getattr(r, side) for r in rows])
        for side in ("lower", "higher")
    )
    shade = LOSS if study.between == "less" else GAIN
    axis.fill_between(vols, lower, higher, color=shade, alpha=0.1, lw=0)
    for values, style in ((lower, "--"), (higher, "--")):
        axis.plot(vols, values, style, color=LOSS, lw=1.2)
    axis.plot(vols, zero, color=RULE, lw=2, label=f"{study.fund} ends the year where it began")
    if np.isfinite(lower).any():
        words = f"it gives exactly {times(b)} × index; {study.between} in between"
        axis.plot([], [], "--", color=LOSS, lw=1.2, label=words)
    axis.axhline(0, color=INK, lw=0.6)
    axis.axvline(vol, color=INDEX, lw=1, ls=":")
    axis.set_xlim(vols[0], vols[-1])
    axis.margins(y=0.12)  # room for the label above the lines
    axis.annotate(
        f"this index: {share(vol, 0)}",
        (vol, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -12),
        textcoords="offset points",
        fontsize=8,
        color=INK,
        bbox=PLATE,
    )
    axis.xaxis.set_major_formatter(_percent_tick)
    axis.yaxis.set_major_formatter(_percent_tick)
    axis.set_xlabel("volatility of the index, annualised")
    axis.set_ylabel("index return in the year")
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=9)
    return figure


def regime_chart(study: Study) -> Figure:
    """Compounding effect against efficiency ratio, one point a window, the terciles of the study marked."""
    w = study.windows
    assert w is not None
    title = f"What compounding did in {WINDOW} sessions, before carry and fee"
    figure, ((axis,),) = _figure(study, title, 1, 1, 5.2)
    points = axis.scatter(
        w.efficiency, w.effect, c=w.volatility, cmap="viridis_r", s=34, edgecolor="white", lw=0.5, zorder=3
    )
    bar = figure.colorbar(points, ax=axis, format=_percent_tick, pad=0.01)
    bar.set_label("index volatility in the window", fontsize=9)
    axis.axhline(0, color=INK, lw=0.8)
    edges = [(a.highest + b.lowest) / 2 for a, b in zip(study.terciles, study.terciles[1:], strict=False)]
    edges = [0.0, *edges, float(w.efficiency.max()) * 1.05]
    axis.set_xlim(0, edges[-1] or 1.0)
    axis.margins(y=0.2)
    for name, t, left, right in zip(
        ("chop", "middle", "trend"), study.terciles, edges[:-1], edges[1:], strict=True
    ):
        axis.axvline(left, color=INDEX, lw=0.8, ls=":")
        axis.plot([left, right], [t.mean_effect] * 2, color=FUND, lw=2.2, zorder=2)
        axis.text(
            (left + right) / 2,
            0.99,
            f"{name}\nmean {percent(t.mean_effect)}\nhelped {share(t.helped, 0)}",
            transform=axis.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=8.5,
            bbox=PLATE,
        )
    axis.yaxis.set_major_formatter(_percent_tick)
    axis.set_xlabel("Kaufman's efficiency ratio of the index (0 chop, 1 straight line)")
    axis.set_ylabel(f"compounded less {times(study.multiple)} × index")
    return figure


# -- what the pictures share ------------------------------------------------------------------------


def _figure(
    study: Study, title: str, rows: int, columns: int, height: float, sharex: bool = False
) -> tuple[Figure, list[list[Axes]]]:
    t = study.total
    where = f"{plain(study.fund)} on {plain(study.inputs.bars.name)}, {t.first} to {t.last}"
    figure, axes = new_figure(
        f"{title}\n{where}", study.simulated, rows=rows, columns=columns, height=height, share_x=sharex
    )
    return figure, [axes[row * columns : (row + 1) * columns] for row in range(rows)]


def _percent_tick(value: float, _: object = None) -> str:
    return f"{round(100 * value, 6):g} %".replace("-", MINUS)


def _bar_label(axis: Axes, x: float, value: float, count: int) -> None:
    if count > MOST_LABELLED:
        return
    axis.annotate(
        percent(value, 0).removesuffix(" %"),
        (x, value),
        xytext=(0, 2 if value >= 0 else -2),
        rotation=0 if count <= 14 else 90,
        textcoords="offset points",
        ha="center",
        va="bottom" if value >= 0 else "top",
        fontsize=7,
    )


def _histogram(axis: Axes, periods: HoldingPeriods) -> None:
    """Counts of the difference, red below 0 and green above; one bin edge is exactly 0."""
    low, high = np.quantile(periods.difference, SHOWN)
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    width = (high - low) / 60 or 1e-6
    edges = width * np.arange(np.floor(low / width), np.ceil(high / width) + 2)
    counts, edges = np.histogram(periods.difference, edges)
    parts, below = counts / len(periods.difference), edges[:-1] + width / 2 < 0
    for here, colour in ((below, LOSS), (~below, GAIN)):
        axis.stairs(np.where(here, parts, 0.0), edges, fill=True, color=colour, alpha=0.75)
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_locator(_few_ticks())
    axis.xaxis.set_major_formatter(_percent_tick)
    axis.yaxis.set_major_formatter(_percent_tick)
    axis.tick_params(labelsize=8)


def _few_ticks() -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5)
