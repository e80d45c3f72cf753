"""The pictures of `letf whatif` to look into."""

from __future__ import annotations

from typing import Any

import numpy as np

from runs.answers.closer import Bars, Choice, Line, Marks, Pane, Panes, step_of
from runs.answers.words import percent, share
from runs.studies.whatif.charts import BINS, SHOWN, STAKE
from runs.studies.whatif.closed import Asked, closed
from runs.studies.whatif.market import BRIDGED, ENDINGS, NORMAL, RESAMPLED
from runs.studies.whatif.study import GRID_RETURNS, GRID_VOLATILITIES, WhatIf

ENDS = {ENDINGS[0]: "the index ends as asked", ENDINGS[1]: "the index ends where chance takes it"}


def distribution_closer(found: WhatIf, metrics: dict[str, Any]) -> Choice:
    """What the fund returns, on all paths: a picture a fund and ending."""
    of = {}
    for ending in (BRIDGED, *(each for each in ENDINGS if each != BRIDGED)):
        for asked in found.asked:
            of[f"{asked.fund.ticker}, {ENDS[ending]}"] = _distribution(found, asked, ending, metrics)
    return Choice("show", of)


def _distribution(found: WhatIf, asked: Asked, ending: str, metrics: dict[str, Any]) -> Panes:
    ticker = asked.fund.ticker
    values = {shape.name: found.outcomes[ticker, shape.name, ending].end for shape in found.shapes}
    low = min(float(np.quantile(v, SHOWN[0])) for v in values.values())
    high = max(float(np.quantile(v, SHOWN[1])) for v in values.values())
    room = 0.02 * (high - low) or 0.01
    edges = np.linspace(low - room, high + room, BINS + 1)
    own = np.histogram(values[RESAMPLED], edges)[0] / found.paths
    normal = np.histogram(values[NORMAL], edges)[0] / found.paths
    middles = (edges[1:] + edges[:-1]) / 2
    central = metrics[f"{ticker}_{ending}_closed_form_p50"]
    top = float(max(own.max(), normal.max()))
    parts: list[Bars | Line | Marks] = [
        Bars(f"days of {found.inputs.bars.name}", edges[:-1], edges[1:], own, "fund"),
        Line("normal days", normal, "rule"),
    ]
    for name, at, colour in (
        ("median", float(np.median(values[RESAMPLED])), "loss"),
        ("by the closed form", central, "more-1"),
    ):
        said = f"{name} {percent(at)}"
        parts.append(Marks(said, np.array([at]), np.array([top]), [said], colour, stems=True))
    pane = Pane("share of paths", parts, "percent")
    return Panes(middles, [pane], x_label=f"return of {ticker}", x_form="percent")


def median_closer(found: WhatIf) -> Choice:
    """What 100 become by the index's return, a line a volatility by the closed form; a picture a fund."""
    market = found.market
    ends = sorted({*GRID_RETURNS, market.total_return})
    x = np.linspace(ends[0], ends[-1], 161)
    others = sorted(set(GRID_VOLATILITIES) - {market.volatility})
    of = {}
    for asked in found.asked:
        parts: list[Line | Marks] = []
        for place, volatility in enumerate(others):
            y = np.array([STAKE * (1.0 + closed(asked, market, r, volatility)) for r in x])
            parts.append(Line(f"volatility {share(volatility, 0)}", y, step_of(place, len(others))))
        y = np.array([STAKE * (1.0 + closed(asked, market, r, market.volatility)) for r in x])
        parts.append(Line(f"volatility {share(market.volatility, 0)}, as asked", y, "fund"))
        line = STAKE * (1.0 + asked.multiple * x)
        parts.append(Line("multiple × the index", np.where(line > 0, line, np.nan), "index", dashed=True))
        dots = {r: value for (ticker, r), value in found.dots.items() if ticker == asked.fund.ticker}
        said = [
            f"index {percent(r)}: median {percent(value)} on simulated paths" for r, value in dots.items()
        ]
        at = STAKE * (1.0 + np.array(list(dots.values())))
        parts.append(Marks("simulated medians", np.array(list(dots)), at, said, "fund", scales=True))
        pane = Pane("what 100 become", parts, "money", log=True)
        of[asked.fund.ticker] = Panes(x, [pane], x_label="return of the index", x_form="percent")
    return Choice("fund", of)
