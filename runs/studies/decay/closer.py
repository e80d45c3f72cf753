"""The pictures of `letf decay` to look into."""

from __future__ import annotations

import numpy as np

from letf_instruments import prospectus_table
from runs.answers.closer import Bars, Choice, Floats, Heatmap, Line, Marks, Pane, Panes
from runs.answers.words import percent, share, times
from runs.studies.decay.charts import PARTS, SHOWN
from runs.studies.decay.prospectus import CLIP, FULL_YEAR, grid
from runs.studies.decay.study import WINDOW, Study, break_even

COLOURS = {"index": "index", "compounding": "loss", "carry": "rule", "fee": "fund", "rest": "more-1"}


def attribution_closer(study: Study) -> Panes:
    """Year by year: the multiple times the index beside the fund, and the log return stacked by cause."""
    years = np.array([int(year.label[:4]) for year in study.years], dtype=float)
    promised = np.array([year.promised for year in study.years])
    actual = np.array([year.actual for year in study.years])
    pair = [
        Bars(f"{times(study.multiple)} × index, taken at its word", years - 0.4, years, promised, "index"),
        Bars(f"{study.fund} made", years, years + 0.4, actual, "fund"),
    ]
    above, below = np.zeros(len(years)), np.zeros(len(years))
    stacked = []
    for part, label in PARTS.items():
        values = np.array([getattr(year, part) for year in study.years])
        if part == "rest" and np.abs(values).max() < 1e-9:
            continue
        base = np.where(values >= 0, above, below)
        stacked.append(Bars(label, years - 0.3, years + 0.3, values, COLOURS[part], base))
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    total = np.array([year.log_return for year in study.years])
    b = times(study.multiple)
    words = [
        f"{year.label}: {study.fund} {percent(year.actual)}, {b} × index {percent(year.promised)}"
        for year in study.years
    ]
    dots = Marks("log return", years, total, words, "more-3")
    panes = [
        Pane("return of the year", pair, "percent"),
        Pane("log return by cause", [*stacked, dots], "number"),
    ]
    return Panes(years, panes, x_label="year", x_form="year")


def holding_closer(study: Study) -> Choice:
    """The fund's return less the multiple times the index's, over all starts; a picture a holding period."""
    of, b = {}, times(study.multiple)
    for periods, summary in study.holdings:
        edges = _edges(periods.difference)
        counts = np.histogram(periods.difference, edges)[0] / len(periods.difference)
        less = edges[1:] <= 0
        parts = [
            Bars(f"below {b} × index", edges[:-1][less], edges[1:][less], counts[less], "loss"),
            Bars(f"above {b} × index", edges[:-1][~less], edges[1:][~less], counts[~less], "gain"),
        ]
        less_often = share(summary.less_than_promised, 0)
        note = (
            f"Median {percent(summary.quantiles[2], 2)}; below {b} × index on {less_often} of "
            f"{summary.starts:,} starts. The outermost half per cent on each side is not drawn."
        )
        name = f"{summary.horizon} session{'s' * (summary.horizon > 1)}"
        pane = Pane("share of starts", parts, "percent")
        axis = f"the fund's return less {b} × the index's"
        of[name] = Panes(edges, [pane], x_label=axis, x_form="percent", note=note)
    return Choice("held for", of)


def _edges(values: Floats) -> Floats:
    low, high = np.quantile(values, SHOWN)
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    width = (high - low) / 60 or 1e-6
    return width * np.arange(np.floor(low / width), np.ceil(high / width) + 2)


def prospectus_closer(study: Study) -> Heatmap:
    """The prospectus table; a cell says which of the fund's own years lie in it, and what it gave in them."""
    years = [year for year in study.years if year.moves >= FULL_YEAR and not year.wiped_out]
    returns, volatilities = grid(years)
    table = prospectus_table(study.multiple, returns, volatilities)
    words = [["" for _ in volatilities] for _ in returns]
    for year in years:
        row = int(np.argmin(np.abs(returns - year.index_return)))
        column = int(np.argmin(np.abs(volatilities - year.volatility)))
        said = f"{year.label} gave {percent(year.actual)} after costs"
        words[row][column] = "; ".join(filter(None, (words[row][column], said)))
    return Heatmap(
        row_label="index return in the year",
        column_label="volatility",
        rows=[percent(float(value) + 0.0, 0).replace("+0 %", "0 %") for value in returns[::-1]],
        columns=[share(float(value), 0) for value in volatilities],
        values=np.minimum(table, CLIP)[::-1],
        value_label=f"{study.fund} without costs (+100 % is that or more)",
        form="percent",
        middle=0.0,
        words=words[::-1],
    )


def break_even_closer(study: Study) -> Panes:
    """What the index must do in a year for the fund to hold its own, by volatility."""
    b, carry, volatility = study.multiple, study.costs.carry, study.total.volatility
    axis = np.linspace(0.05, max(0.7, 1.15 * volatility), 131)
    rows = [break_even(b, float(value), carry) for value in axis]
    zero = Line(f"{study.fund} ends where it began", np.array([row.zero for row in rows]), "rule")
    lines: list[Line | Marks] = [zero]
    for side in ("lower", "higher"):
        values = np.array([np.nan if getattr(row, side) is None else getattr(row, side) for row in rows])
        if np.isfinite(values).any():
            lines.append(Line(f"exactly {times(b)} × index, {side}", values, "loss", dashed=True))
    here = break_even(b, volatility, carry)
    name = study.inputs.bars.name
    words = [f"{name}, volatility {share(volatility, 0)}: it must make {percent(here.zero)} a year"]
    lines.append(Marks("this index", np.array([volatility]), np.array([here.zero]), words, "index"))
    pane = Pane("index return in the year", lines, "percent")
    return Panes(axis, [pane], x_label="volatility of the index", x_form="percent")


def regime_closer(study: Study) -> Panes:
    """Compounding effect against how straight the index went: a point a window, the mean of each third."""
    windows = study.windows
    assert windows is not None
    order = np.argsort(windows.efficiency)
    edges = [(a.highest + b.lowest) / 2 for a, b in zip(study.terciles, study.terciles[1:], strict=False)]
    axis = np.linspace(0.0, float(windows.efficiency.max()) * 1.05, 200)
    third = np.searchsorted(edges, axis)
    means = np.array([tercile.mean_effect for tercile in study.terciles])[third]
    words = [
        f"efficiency {windows.efficiency[i]:.2f}, volatility {share(float(windows.volatility[i]), 0)}: "
        f"compounding {percent(float(windows.effect[i]))}"
        for i in order
    ]
    parts = [
        Marks(
            f"a window of {WINDOW} sessions",
            windows.efficiency[order],
            windows.effect[order],
            words,
            "rule",
            scales=True,
        ),
        Line("mean of each third: chop, middle, trend", means, "fund"),
    ]
    label = f"compounded less {times(study.multiple)} × index"
    return Panes(
        axis, [Pane(label, parts, "percent")], x_label="efficiency ratio of the index (0 chop, 1 straight)"
    )
