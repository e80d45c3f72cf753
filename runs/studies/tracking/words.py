"""What a comparison of synthetic and traded fund says: whether it proves anything comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from letf_instruments.calibration import SpreadFit
from letf_instruments.tracking import Tracking, returns
from runs.answers.index_words import not_its_index
from runs.answers.parts import KeyFigure
from runs.answers.words import listed, number, percent, share, times, with_caveats
from runs.studies.tracking.pricings import Pricing
from runs.studies.tracking.study import STOP, TrackingReport

Rows = tuple[list[str], list[list[str]]]

LARGEST = 12
OUT_OF_SAMPLE = "Out of sample: each period is priced with the spread fitted to the one before it."
FORWARD = "each period priced with the spread fitted to the one before"


def label(report: TrackingReport) -> str:
    """Whether the spreads were fitted to the very sessions compared, in a few words."""
    verdict, inside = report.sample.in_sample, report.sample.inside
    if verdict is None:
        return "not known whether in sample"
    if not verdict:
        return "out of sample"
    return "in sample" if inside.all() else f"in sample in {share(float(inside.mean()))} of sessions"


def headline(report: TrackingReport) -> str:
    """The first line: how far synthetic and traded fund came apart, whether that is in sample, and the figure
    out of sample beside it."""
    s = report.sessions
    mark = "SIMULATED data. " if report.pair.simulated else ""
    where = f"{mark}{report.fund.ticker} on {report.pair.inputs.bars.name}, {s[0]} to {s[-1]}"
    t = report.tracking
    said = (
        f"{where}: {label(report)}, the synthetic fund ends at {t.wealth_ratio:.3f} times the traded one, "
        f"a drift of {percent(t.drift, 2)} a year, {_why(report)}{_beside(report)}."
    )
    return with_caveats(said, not_its_index([report.fund], report.pair.index))


def asked_line(report: TrackingReport) -> str:
    """Which two funds, on which index, over which years."""
    days, pair = report.sessions, report.pair
    return (
        f"{report.fund.ticker} ({times(report.fund.multiple)}×) built on {pair.inputs.bars.name}, beside "
        f"{pair.traded.source} · {days[0]} to {days[-1]}, {len(days):,} sessions"
    )


def key_figures(report: TrackingReport) -> list[KeyFigure]:
    """Drift and tracking error; beside the first what it is out of sample."""
    t, forward = report.tracking, report.forward
    beside = label(report)
    if forward is not None:
        beside = f"{beside}; out of sample {percent(forward.tracking.drift, 2)}"
    return [
        KeyFigure("drift a year", percent(t.drift, 2), beside),
        KeyFigure(
            "tracking error",
            f"{number(t.error_bp, 0 if t.error_bp >= 10 else 1)} bp",
            "standard deviation of the daily gap",
        ),
        KeyFigure("synthetic ends at", f"{t.wealth_ratio:.3f}", "times the traded one"),
        KeyFigure("correlation", number(t.correlation, 4), "of daily returns"),
    ]


def _why(report: TrackingReport) -> str:
    """What makes the figure in or out of sample, as the end of a clause."""
    verdict = report.sample.in_sample
    if verdict:
        return "with financing spreads that were fitted to these very prices"
    if verdict is None:
        return "with financing spreads of which it is not said what they were fitted to"
    if report.walks_forward:
        return FORWARD
    if not report.pays_spread:
        return "without any financing spread"
    return "with financing spreads that were not fitted to these prices"


def _beside(report: TrackingReport) -> str:
    """The figure out of sample beside one that is not, as the end of a sentence."""
    forward = report.forward
    if forward is None:
        return "" if report.without is None else f"; there is no figure out of sample: {report.without}"
    t, since, s = forward.tracking, forward.sessions[0], report.sample
    beside = percent(report.over(forward).drift, 2)
    first = "in sample" if s.in_sample and s.inside[-t.sessions :].all() else "as first priced"
    # What these sessions have in common with all of them has been said, and stands in the table.
    same = beside == percent(report.tracking.drift, 2)
    return (
        f"; out of sample, {FORWARD}, the drift is {percent(t.drift, 2)} a year from {since} on"
        f"{'' if same else f' ({first}, {beside} over the same sessions)'}"
    )


def sample_notes(report: TrackingReport) -> list[str]:
    """What the spreads rest on, a sentence each."""
    sample, of = report.sample, f"the financing spread of {report.fund.ticker}"
    inside, unknown, n = int(sample.inside.sum()), int(sample.unknown.sum()), len(sample.inside)
    said = []
    if inside:
        fitted = _named(spread.source for spread in sample.used if spread.fitted_to is not None)
        said.append(
            f"in sample: in {inside:,} of {n:,} sessions {of} was fitted to its prices of that very "
            f"period{fitted}; a drift near zero there is what the fit makes, and no evidence"
        )
    if unknown:
        given = _named(spread.source for spread in sample.used if not spread.known)
        said.append(
            f"in {unknown:,} of {n:,} sessions it is not said what {of} was fitted to{given}: whether the "
            "drift there is in sample is not known"
        )
    outside = n - inside - unknown
    if not report.pays_spread:
        said.append(f"{report.fund.ticker} pays no financing spread: it neither borrows nor sells short")
    elif report.walks_forward:
        said.append(f"out of sample: {FORWARD}")
    elif outside:
        rest = _named(
            spread.source if spread.fitted_to is None else "fitted to prices of other periods"
            for spread in sample.outside
        )
        said.append(
            f"out of sample: in {outside:,} of {n:,} sessions {of} was not fitted to its prices of that "
            f"period{rest}"
        )
    if report.forward is not None:
        said.append(f"the figure out of sample: {FORWARD}, as letf calibrate --walk-forward does it")
    return said


def _named(sources: Iterable[str]) -> str:
    named = [source for source in dict.fromkeys(sources) if source]
    return f" ({listed(named)})" if named else ""


def summary_rows(report: TrackingReport) -> Rows:
    """Headings and rows: the whole span in figures."""
    t = report.tracking
    disagree, either, days = report.stops
    rows = [
        ["daily correlation", number(t.correlation, 5)],
        ["… without dislocated closes", number(t.correlation_clean, 5)],
        ["beta of traded on synthetic", number(t.beta, 4)],
        ["tracking error a day, bp", number(t.error_bp, 1)],
        [f"drift a year, {label(report)}", percent(t.drift, 3)],
        [f"terminal wealth, synthetic over traded, {label(report)}", number(t.wealth_ratio, 4)],
    ]
    rows += [
        [
            f"{b.column} over prior close, gap bp: mean, sd",
            f"{number(b.mean_bp, 1)}, {number(b.sd_bp, 1)}",
        ]
        for b in report.bars
    ]
    parted = disagree / either if either else 0.0
    text = f"{disagree} of {either} days with a stop ({share(parted)}), of {days:,} in all"
    rows.append([f"a stop {share(STOP, 0)} below the prior close disagrees on", text])
    return ["", "synthetic against traded"], rows


def sample_rows(report: TrackingReport, forward: TrackingReport) -> Rows:
    """Headings and rows: the figure as first priced, the same over the sessions out of sample, and that."""

    def row(name: str, over: TrackingReport, t: Tracking) -> list[str]:
        first, last = str(over.sessions[0]), str(over.sessions[-1])
        return [name, first, last, f"{t.sessions:,}", number(t.wealth_ratio, 4), percent(t.drift, 3)]

    name = label(report)
    return ["", "from", "to", "sessions", "wealth, synthetic over traded", "drift a year"], [
        row(name, report, report.tracking),
        row(f"{name}, the sessions of the next row", forward, report.over(forward)),
        row("out of sample", forward, forward.tracking),
    ]


def way_rows(ways: Sequence[Pricing]) -> Rows:
    """Headings and rows: what a year is off by, priced in each way."""
    span = f"{ways[0].years[0]}–{ways[0].years[-1]}"
    rows = []
    for way in ways:
        year, gap = way.worst
        rows.append([way.name, share(way.rms, 2), f"{percent(gap, 1)} ({year})", percent(way.drift, 2)])
    return [f"financing spread, {span}", "rms of yearly gaps", "worst year", "drift a year"], rows


def year_rows(report: TrackingReport) -> Rows:
    """Headings and rows: each calendar year, where its gap comes from, and that out of sample beside it."""
    headings = [
        "year",
        "synthetic over traded",
        "traded, log",
        "= multiple of the daily price return",
        "+ dividends",
        "+ financing",
        "+ cash",
        "+ fee",
        "+ rest",
    ]
    parts = ("traded", "naive", "dividends", "financing", "cash", "fee", "rest")
    rows = [
        [str(y.year), percent(y.gap, 2), *(number(getattr(y, part), 4) for part in parts)]
        for y in report.years
    ]
    if report.forward is not None:
        gaps = {str(y.year): percent(y.gap, 2) for y in report.forward.years}
        headings.insert(2, "out of sample")
        rows = [[*row[:2], gaps.get(row[0], ""), *row[2:]] for row in rows]
    return headings, rows


def gap_rows(report: TrackingReport) -> Rows:
    """Headings and rows: the days on which the two were furthest apart."""
    gaps, a, b = report.gaps(), returns(report.synthetic), returns(report.traded)
    rows = []
    for i in np.argsort(-np.abs(gaps))[:LARGEST]:
        what = ""
        if report.away[i + 1]:
            what = "dislocated: the traded close strays from NAV"
        elif report.away[i]:
            what = "dislocation of the day before undone"
        rows.append([str(report.sessions[i + 1]), percent(gaps[i], 2), percent(a[i]), percent(b[i]), what])
    return ["largest gaps", "gap", "synthetic", "traded", ""], rows


def fit_rows(fits: Sequence[SpreadFit]) -> Rows:
    """Headings and rows of fitted spreads with their bands."""
    rows = [
        [
            f"{fit.start} to {fit.end}",
            percent(fit.spread, 2),
            f"{percent(fit.low, 2)} to {percent(fit.high, 2)}",
            str(fit.sessions),
        ]
        for fit in fits
    ]
    return ["financing spread a year", "fitted", "95 % band", "sessions"], rows
