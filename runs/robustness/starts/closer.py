"""The pictures of `letf starts` to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.closer import Band, Bars, Choice, Floats, Line, Marks, Pane, Panes, colour_of
from runs.answers.panes import panes_chart
from runs.answers.scales import leaving
from runs.answers.words import counted, percent, share
from runs.robustness.starts.charts import LEAST
from runs.robustness.starts.study import CASH, INDEX, SESSIONS_A_YEAR, Starts
from runs.robustness.starts.words import QUANTILES, apart_words, beside_name, length_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 50
SHOWN = (0.005, 0.995)  # of all starts: a few far out would leave no room for the others


def by_start_closer(found: Starts) -> Choice:
    """The return by the day of the start, beside holding; a picture a time it was kept, the longest first."""
    of = {}
    for at in reversed(range(len(found.years))):
        years = found.years[at]
        some = found.whole(at)
        days = found.days[found.starts[some]]
        own = found.account[some, found.lengths[at]]
        lines = [Line(found.spec.name, yearly_of(own, years), "rule", area=True)]
        place = 0
        for name in found.beside:
            colour = {INDEX: "index", CASH: "cash"}.get(name) or colour_of(place)
            place += name not in (INDEX, CASH)
            values = yearly_of(found.held[name][some, at], years)
            scales = name in (INDEX, CASH)
            lines.append(Line(beside_name(found, name), values, colour, shown=place <= 2, scales=scales))
        label = f"return{_a_year(years)}"
        money = Line(found.spec.name, np.maximum(own, LEAST), "rule")
        index = Line(beside_name(found, INDEX), np.maximum(found.held[INDEX][some, at], LEAST), "index")
        one = Line("", np.ones(len(some)), "more-1", dashed=True)
        panes = [
            Pane(
                label,
                [*lines, Line("", np.zeros(len(some)), "more-1", dashed=True)],
                "percent",
                share=1.2,
            ),
            Pane("what 1 became", [money, index, one], "price", log=True, share=0.6),
        ]
        lost = share(float((own < 1.0).mean()), 0)
        note = (
            f"Read at a day: begun then and kept for {length_name(years)}. {lost} of "
            f"{counted(len(some), 'start')} lost; {apart_words(found.apart(at))}."
        )
        of[length_name(years)] = Panes(days, panes, note=f"{note} {leaving(lines)}".strip())
    return Choice("kept for", of)


def yearly_of(worth: Floats, years: float) -> Floats:
    """What became of 1 as a return a year, or over the whole time where that is shorter than a year."""
    return np.asarray(np.power(np.maximum(worth, 0.0), 1.0 / max(years, 1.0)) - 1.0)


def _a_year(years: float) -> str:
    return " a year" if years > 1.0 else ""


def spread_closer(found: Starts) -> Choice:
    """How returns are spread over all starts, a picture a time, the longest first."""
    of = {}
    for at in reversed(range(len(found.years))):
        years = found.years[at]
        some = found.whole(at)
        own = yearly_of(found.account[some, found.lengths[at]], years)
        edges = _edges(own)
        counts = np.histogram(own, edges)[0] / len(own)
        loss = edges[1:] <= 1e-12
        parts: list[Bars | Marks] = [
            Bars(name, edges[:-1][which], edges[1:][which], counts[which], colour)
            for name, which, colour in (("lost", loss, "loss"), ("gained", ~loss, "rule"))
            if which.any()
        ]
        index = yearly_of(found.held[INDEX][some, at], years)
        for name, values, shade in (
            ("median", own, "more-1"),
            (f"{beside_name(found, INDEX)}, median", index, "index"),
        ):
            middle = float(np.median(values[np.isfinite(values)]))
            said = f"{name} {percent(middle)}"
            parts.append(Marks(said, np.array([middle]), np.array([counts.max()]), [said], shade, stems=True))
        note = f"The outermost {share(SHOWN[0])} of starts on each side is not drawn."
        label = f"return{_a_year(years)}"
        of[length_name(years)] = Panes(
            edges, [Pane("share of starts", parts, "percent")], label, "percent", note
        )
    return Choice("kept for", of)


def spread_chart(found: Starts) -> Figure:
    """The same as a file, of the longest time."""
    years = length_name(found.years[-1])
    title = f"{found.spec.name}: returns of all starts kept for {years}"
    return panes_chart(spread_closer(found).of[years], title, found.setting.simulated)  # type: ignore[arg-type]


def _edges(values: Floats) -> Floats:
    """Of bars of equal width, one of which begins at 0."""
    low, high = np.quantile(values, SHOWN)
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    width = (high - low) / BINS or 1e-3
    return width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)


def lengths_closer(found: Starts) -> Panes:
    """How what became of 1 spreads with the time it is kept, over the starts that have the longest one."""
    last = len(found.years) - 1
    paths = np.maximum(found.account[found.whole(last)], LEAST)
    kept = np.arange(paths.shape[1]) / SESSIONS_A_YEAR
    low, lower, middle, upper, high = np.quantile(paths, QUANTILES, axis=0)
    parts = [
        Band("nine in ten", low, high, "rule"),
        Band("half", lower, upper, "rule"),
        Line("median", middle, "rule"),
        Line("worst at that time", paths.min(axis=0), "loss", dashed=True),
        Line("", np.ones(len(kept)), "more-1", dashed=True),
    ]
    note = f"The {counted(len(paths), 'start')} that have {length_name(found.years[last])} before them."
    return Panes(kept, [Pane("what 1 became", parts, "price", log=True, share=1.3)], "years kept", note=note)
