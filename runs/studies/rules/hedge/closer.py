"""The pictures of a hedge to look into: four accounts with the realised beta below, and the worst windows."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Bars, Line, Pane, Panes
from runs.studies.rules.hedge.charts import BETA_SESSIONS
from runs.studies.rules.hedge.comparison import Comparison, window_returns
from strategies.indicators import rolling_beta

COLOURS = {"nothing": "index", "hedged": "rule", "less": "more-2", "short": "fund"}


def hedge_closer(found: Comparison) -> Panes:
    """Equity of the four on a log axis; below it the beta of the last 63 sessions, against the target."""
    equity, betas = [], []
    for name, course in found.courses.items():
        equity.append(Line(course.label, np.where(course.equity > 0, course.equity, np.nan), COLOURS[name]))
        if name != "nothing":  # flat at one, it would squeeze the rest
            rolled = rolling_beta(course.returns, found.index_returns, BETA_SESSIONS)
            betas.append(Line(course.label, np.append(np.nan, rolled), COLOURS[name]))
    target = np.full(len(found.days), found.rule.params.target_beta)
    betas.append(Line("target", target, "more-1", dashed=True))
    panes = [
        Pane("money", equity, "money", log=True),
        Pane(f"beta of the last {BETA_SESSIONS} sessions", betas, share=0.6),
    ]
    return Panes(found.days, panes)


def windows_closer(found: Comparison) -> Panes:
    """The worst windows of the holding alone, as a group of bars each, the worst first."""
    order = np.arange(1.0, len(found.windows) + 1.0)
    width = 0.8 / len(found.courses)
    bars = []
    for place, (name, course) in enumerate(found.courses.items()):
        left = order - 0.4 + place * width
        bars.append(
            Bars(course.label, left, left + width, np.asarray(window_returns(found, name)), COLOURS[name])
        )
    spans = "; ".join(
        f"{at:.0f}: {found.days[a]} to {found.days[b]}"
        for at, (a, b) in zip(order, found.windows, strict=True)
    )
    axis = order if len(order) else np.array([1.0])
    return Panes(axis, [Pane("return", bars, "percent")], x_label="window, the worst first", note=spans)
