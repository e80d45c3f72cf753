"""The picture of a comparison to look into: wealth of both, and the traded fund's premium over the synthetic
one; and the gap of each year."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Bars, Line, Marks, Pane, Panes
from runs.answers.words import percent
from runs.studies.tracking.charts import premium_of
from runs.studies.tracking.study import TrackingReport
from runs.studies.tracking.words import label


def tracking_closer(report: TrackingReport) -> Panes:
    """Wealth of both on a log axis, and the premium in log points, with its dislocated closes."""
    name, days, own = report.fund.ticker, report.sessions, label(report)
    gap = premium_of(report)
    wealth = [
        Line(f"{name} traded", report.traded / report.traded[0], "index"),
        Line(f"synthetic, {own}", report.synthetic / report.synthetic[0], "fund"),
    ]
    gaps: list[Line | Marks] = [Line(own, gap, "rule")]
    forward = report.forward
    if forward is not None:
        # It meets the traded fund at its own first session.
        scale = forward.traded[0] / report.traded[0] / forward.synthetic[0]
        since = np.searchsorted(days, forward.sessions)
        wealth.append(
            Line("out of sample", _placed(len(days), since, forward.synthetic * scale), "more-2", dashed=True)
        )
        gaps.append(Line("out of sample", _placed(len(days), since, premium_of(forward)), "more-2"))
    away = np.flatnonzero(report.away)
    if len(away):
        words = [f"{days[i]}: the traded close was dislocated, {percent(float(gap[i]), 2)}" for i in away]
        gaps.append(Marks("dislocated closes", days[away], gap[away], words, "loss"))
    return Panes(
        days,
        [
            Pane("wealth", wealth, "number", log=True),
            Pane("traded over synthetic, log", gaps, "percent", share=0.6),
        ],
    )


def years_closer(report: TrackingReport) -> Panes:
    """How much the synthetic fund gave more than the traded one, year by year."""
    kinds = [(report, label(report), "rule")]
    if report.forward is not None:
        kinds.append((report.forward, "out of sample", "more-2"))
    width = 0.8 / len(kinds)
    bars = []
    for place, (each, name, colour) in enumerate(kinds):
        left = np.array([float(year.year) for year in each.years]) - 0.4 + place * width
        bars.append(Bars(name, left, left + width, np.array([year.gap for year in each.years]), colour))
    years = np.array([float(year.year) for year in report.years])
    return Panes(years, [Pane("synthetic over traded", bars, "percent")], x_label="year", x_form="year")


def _placed(n: int, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = np.full(n, np.nan)
    out[at] = values
    return out
