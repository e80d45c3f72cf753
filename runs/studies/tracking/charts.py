"""The picture of a comparison: wealth, premium, daily gaps and years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.canvas import FUND, GAIN, INK, LOSS, RULE, money_axis, new_figure
from runs.answers.words import percent
from runs.studies.tracking.words import label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.tracking.study import TrackingReport


def tracking_chart(report: TrackingReport) -> Figure:
    """Wealth of both, premium of the traded one, and the gap of each year; what is out of sample beside what
    is not."""
    name, bars = report.fund.ticker, report.pair.inputs.bars
    own, forward = label(report), report.forward
    title = f"Synthetic against traded, {own}: {name} on {bars.name}"
    figure, (wealth, premium, years) = new_figure(
        title, report.pair.simulated, rows=3, height=8.4, ratios=(5, 4, 3)
    )
    days = report.sessions
    wealth.plot(days, report.traded / report.traded[0], color=INK, lw=2.4, label=f"{name} traded")
    wealth.plot(days, report.synthetic / report.synthetic[0], color=FUND, lw=1.0, label=_words(report, own))
    if forward is not None:
        # It meets the traded fund at its own first session.
        scale = forward.traded[0] / report.traded[0] / forward.synthetic[0]
        later, words = forward.synthetic * scale, _words(forward, "out of sample")
        wealth.plot(forward.sessions, later, color=GAIN, lw=1.0, ls="--", label=words)
    wealth.set_yscale("log")
    money_axis(wealth)
    wealth.set_ylabel("wealth (log scale)")
    wealth.legend(loc="best", frameon=False, fontsize=9)

    gap = premium_of(report)
    premium.plot(days, gap, color=RULE, lw=0.9, label=own)
    if forward is not None:
        premium.plot(forward.sessions, premium_of(forward), color=GAIN, lw=0.9, label="out of sample")
        premium.legend(loc="best", frameon=False, fontsize=9)
    premium.axhline(0, color=INK, lw=0.6)
    premium.set_ylabel("traded over synthetic, log")
    premium.yaxis.set_major_formatter(lambda v, _: percent(v))
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
    _draw_years(years, report)
    return figure


def years_chart(report: TrackingReport) -> Figure:
    """How much the synthetic fund gave more than the traded one, year by year."""
    title = f"Synthetic over traded by calendar year: {report.fund.ticker}"
    figure, (axis,) = new_figure(title, report.pair.simulated, height=4.2)
    _draw_years(axis, report)
    return figure


def _draw_years(axis: Any, report: TrackingReport) -> None:
    """The gap of each calendar year, a bar of each kind."""
    drawn = [(report, label(report), RULE)]
    if report.forward is not None:
        drawn.append((report.forward, "out of sample", GAIN))
    places = {year.year: i for i, year in enumerate(report.years)}
    width = 0.6 / len(drawn)
    span = max([0.001, *(abs(year.gap) for each, _, _ in drawn for year in each.years)])
    for k, (each, name, colour) in enumerate(drawn):
        at = [places[year.year] + (k - (len(drawn) - 1) / 2) * width for year in each.years]
        axis.bar(at, [year.gap for year in each.years], color=colour, width=width, label=name)
        for place, year in zip(at, each.years, strict=True):
            small, up = abs(year.gap) < 0.0005, year.gap >= 0
            if small and each.forward is not None:
                continue  # beside the other bar a nought says nothing
            axis.text(
                place,
                year.gap + 0.06 * span * (1 if up else -1),
                "0" if small else percent(year.gap, 1),
                ha="center",
                va="bottom" if up else "top",
                fontsize=8,
            )
    axis.axhline(0, color=INK, lw=0.6)
    axis.set_xticks(list(places.values()), [str(year) for year in places])
    axis.set_ylim(-1.35 * span, 1.35 * span)
    axis.set_ylabel("synthetic over traded")
    axis.yaxis.set_major_formatter(lambda v, _: percent(v))
    if len(drawn) > 1:
        axis.legend(loc="best", frameon=False, fontsize=8, ncols=2)


def _words(report: TrackingReport, sample: str) -> str:
    return f"{report.fund.ticker} synthetic, {sample}: drift {percent(report.tracking.drift, 2)} a year"


def premium_of(report: TrackingReport) -> np.ndarray:
    """Log of traded over synthetic wealth, 0 at the first close."""
    gap = np.log(report.traded / report.synthetic)
    return gap - gap[0]
