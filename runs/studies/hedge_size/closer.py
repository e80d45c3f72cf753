"""The pictures of `letf hedge-size` to look into."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Band, Bars, Choice, Line, Marks, Pane, Panes
from runs.answers.scales import dots
from runs.answers.words import number, percent
from runs.studies.hedge_size.study import BAND, WEEK, Sized
from runs.studies.hedge_size.words import WAY_WORDS
from runs.studies.hedge_size.years import WAYS


def beta_closer(sized: Sized) -> Panes:
    """The holding's beta over time, each of the same number of returns, with its 95 % band."""
    days = np.array([day for day, _ in sized.rolled])
    low, high, beta = (
        np.array([getattr(own, key) for _, own in sized.rolled]) for key in ("low", "high", "beta")
    )
    today = np.full(len(days), sized.whole.beta)
    parts = [
        Band("95 % band", low, high, "rule"),
        Line("beta", beta, "rule"),
        Line("today's", today, "fund", dashed=True),
    ]
    return Panes(days, [Pane(f"beta of the last {sized.bars} returns", parts)])


def drift_closer(sized: Sized) -> Choice:
    """The beta after a week without a trade: by the index's move, and how often it was how large."""
    drift, target = sized.drift, sized.target
    x = np.linspace(float(drift.move.min()), float(drift.move.max()), 200)
    places = dots(drift.beta)
    words = [f"index {percent(float(drift.move[i]))}: beta {number(float(drift.beta[i]))}" for i in places]
    near = Band(
        f"within {BAND:g} of the target", np.full(200, target - BAND), np.full(200, target + BAND), "gain"
    )
    parts = [
        near,
        Line("closed form", sized.after(x), "loss"),
        Marks("each start in the past", drift.move[places], drift.beta[places], words, "rule", scales=True),
    ]
    label = f"move of {sized.data.inputs.bars.name} over {WEEK} sessions"
    by_move = Panes(x, [Pane("beta", parts)], x_label=label, x_form="percent")
    low, high = np.quantile(drift.beta, (0.002, 0.998))
    edges = np.linspace(low, high, 51)
    counts = np.histogram(drift.beta, edges)[0] / len(drift.beta)
    bars = Bars("starts", edges[:-1], edges[1:], counts, "rule")
    often = Panes(edges, [Pane("share of starts", [bars], "percent")], x_label="beta")
    return Choice("show", {"by the index's move": by_move, "how often it was how large": often})


def year_closer(sized: Sized) -> Panes:
    """What the hedge cost beyond its job in each calendar year, of the holding."""
    years = np.array([float(year.label[:4]) for year in sized.years])
    colours = dict(zip(WAYS, ("rule", "fund"), strict=True))
    parts = []
    for place, way in enumerate(WAYS):
        cost = np.array([year.cost(way) / sized.data.total for year in sized.years])
        left = years + 0.4 * (place - 1)
        parts.append(Bars(WAY_WORDS[way], left, left + 0.4, cost, colours[way]))
    pane = Pane("cost, of the holding at the year's start", parts, "percent")
    return Panes(years, [pane], x_label="year", x_form="year", note="Below 0 it gained.")
