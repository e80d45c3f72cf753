"""The pictures of `letf montecarlo` to look into."""

from __future__ import annotations

import numpy as np

from engine.kernel.stage import Floats
from runs.answers.closer import Band, Bars, Choice, Line, Marks, Pane, Panes, colour_of
from runs.answers.scales import leaving
from runs.answers.words import percent, share
from runs.robustness.montecarlo.charts import LEAST, SHOWN
from runs.robustness.montecarlo.engine import INDEX
from runs.robustness.montecarlo.study import Found
from runs.robustness.montecarlo.summary import QUANTILES

BINS = 60


def fan_closer(found: Found, cut: Floats) -> Panes:
    """Quantiles of equity over time and the real run, on a log axis."""
    at = found.job.kept
    floor = LEAST * found.spec.account.cash
    shown = np.maximum(cut, floor)
    real = np.full(len(at), np.nan)
    there = at < len(found.real_equity)
    real[there] = np.maximum(found.real_equity[at[there]], floor)
    half = len(QUANTILES) // 2
    bands = [
        Band(f"{100 * (QUANTILES[-1 - i] - QUANTILES[i]):.0f} % of paths", shown[i], shown[-1 - i], "rule")
        for i in range(half)
    ]
    lines = [
        Line("median", shown[half], "rule"),
        Line("the real run", real, "fund"),
        Line("money at the start", np.full(len(at), found.spec.account.cash), "index", dashed=True),
    ]
    note = f"{len(at):,} dates are drawn of {len(found.job.paths.sessions):,} sessions."
    days = found.job.paths.sessions[at]
    return Panes(days, [Pane("equity", [*bands, *lines], "money", log=True, share=1.4)], note=note)


def distribution_closer(found: Found) -> Choice:
    """How results are spread over the paths: in bars, with the median and the real run."""
    index = found.named(INDEX)
    a_year = " a year" if found.years >= 1.0 else ""
    of = {}
    for who, name, colour in (("rule", "", "rule"), (index, f"{INDEX}_", "index")):
        total = "total_return" if not name else f"{name}return"
        deep = "max_drawdown" if not name else f"{name}drawdown"
        for column, label in ((total, f"{who}: return{a_year}"), (deep, f"{who}: deepest drawdown")):
            values, real = found.column(column), found.of_real(column)
            if column == total and a_year:
                values, real = yearly_of(values, found.years), float(yearly_of(np.array(real), found.years))
            of[label] = _histogram(values[np.isfinite(values)], real, label, colour)
    return Choice("of all paths", of)


def yearly_of(total: Floats, years: float) -> Floats:
    """Total returns as returns a year: what spreads over powers of ten lies on an axis so."""
    return np.asarray(np.power(np.maximum(1.0 + total, 0.0), 1.0 / years) - 1.0)


def _histogram(values: Floats, real: float, label: str, colour: str) -> Panes:
    low, high = np.quantile(values, SHOWN)
    if high - low < 1e-9:
        low, high = low - 0.01, high + 0.01
    edges = np.linspace(low, high, BINS + 1)
    counts = np.histogram(values, edges)[0].astype(float)
    marks = []
    for what, value, shade in (("median", float(np.median(values)), "more-1"), ("real run", real, "fund")):
        if np.isfinite(value):
            said = f"{what} {percent(value)}"
            top = np.array([counts.max()])
            marks.append(Marks(said, np.array([value]), top, [said], shade, stems=True))
    note = f"Bars of equal width; the outermost {share(SHOWN[0])} of paths on each side is not drawn."
    pane = Pane("paths", [Bars("paths", edges[:-1], edges[1:], counts, colour), *marks])
    # The axis reaches to the real run, also where it lies beyond the bars.
    x = np.unique(np.concatenate((edges, *(mark.at for mark in marks))))
    return Panes(x, [pane], label, "percent", note)


def beside_closer(found: Found) -> Panes:
    """What 1 has become, from the worst path to the best, of rule, index, funds and cash."""
    at = np.linspace(0.0, 1.0, 401)
    named = [(found.spec.name, "total_return", "rule")]
    place = 0
    for held in found.held:
        named.append(
            (f"{found.named(held)} held", f"{held}_return", "index" if held == INDEX else colour_of(place))
        )
        place += held != INDEX
    named.append(("cash", "cash_return", "cash"))
    lines = []
    for name, column, colour in named:
        cut = np.maximum(np.quantile(1.0 + found.column(column), at), LEAST)
        scales = column in ("total_return", f"{INDEX}_return", "cash_return")
        lines.append(Line(name, cut, colour, scales=scales))
    pane = Pane("what 1 has become", lines, "price", log=True, share=1.3)
    return Panes(at, [pane], "share of paths below", "percent", leaving(lines))
