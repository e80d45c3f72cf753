"""The picture of a comparison: wealth, premium, daily gaps and years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import FUND, INK, LOSS, RULE, money_axis, new_figure
from runs.answers.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.tracking.study import TrackingReport


def tracking_chart(report: TrackingReport) -> Figure:
    """Wealth of both, premium of the traded one, and the gap of each year."""
    name, bars = report.fund.ticker, report.pair.inputs.bars
    title = f"Synthetic against traded: {name} on {bars.name}"
    figure, (wealth, premium, years) = new_figure(
        title, report.pair.simulated, rows=3, height=8.4, ratios=(5, 4, 3)
    )
    days = report.sessions
    wealth.plot(days, report.traded / report.traded[0], color=INK, lw=2.4, label=f"{name} traded")
    wealth.plot(days, report.synthetic / report.synthetic[0], color=FUND, lw=1.0, label=f"{name} synthetic")
    wealth.set_yscale("log")
    money_axis(wealth)
    wealth.set_ylabel("wealth (log scale)")
    wealth.legend(loc="best", frameon=False, fontsize=9)

    gap = np.log(report.traded / report.synthetic)
    gap -= gap[0]
    premium.plot(days, gap, color=RULE, lw=0.9)
    premium.axhline(0, color=INK, lw=0.6)
    premium.set_ylabel("traded over synthetic, log")
    premium.yaxis.set_major_formatter(lambda v, _: f"{v:+.1%}")
    for i in np.flatnonzero(report.away):
        premium.plot(days[i], gap[i], "o", ms=4, color=LOSS)
    if report.away.any():
        worst = int(np.argmax(np.where(report.away, np.abs(gap), -1)))
        premium.annotate(
            f"dislocated close, {days[worst]}",
            (days[worst], gap[worst]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=LOSS,
        )
    values = [y.gap for y in report.years]
    labels = [str(y.year) for y in report.years]
    years.bar(labels, values, color=RULE, width=0.6)
    years.axhline(0, color=INK, lw=0.6)
    span = max(0.001, *(abs(v) for v in values)) if values else 0.001
    years.set_ylim(-1.35 * span, 1.35 * span)
    years.set_ylabel("synthetic over traded")
    years.yaxis.set_major_formatter(lambda v, _: f"{v:+.1%}")
    for label, value in zip(labels, values, strict=True):
        words = percent(value, 1) if abs(value) >= 0.0005 else "0"
        offset = 0.06 * span * (1 if value >= 0 else -1)
        years.text(
            label, value + offset, words, ha="center", va="bottom" if value >= 0 else "top", fontsize=8
        )
    return figure
