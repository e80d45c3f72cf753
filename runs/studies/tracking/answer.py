"""`letf track` and `letf calibrate`: a synthetic fund against the traded one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.checking.screen import OnBadPrint
from feeds.reading.memory import Source
from letf_instruments import DataError
from letf_instruments.calibration import fit_by_period, spread_table
from runs.answers.answer import Answer
from runs.answers.index_words import index_notes
from runs.answers.parts import Frames, Picture, Section, Table
from runs.answers.progress import Say, no_words
from runs.specs.arguments import whole
from runs.studies.inputs import asked, load_pair, provenance_of, spreads_of
from runs.studies.tracking import words
from runs.studies.tracking.study import (
    TrackingReport,
    beside,
    compare,
    gaps_frame,
    spread_csv,
    spreads_frame,
    walked_forward,
    with_evidence,
)

if TYPE_CHECKING:
    import pandas as pd

READ_BY = "The table is spreads.csv, and letf track --spreads reads it."


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Tracking(Answer):
    """A synthetic fund against the traded one.

    `metrics["in_sample"]` says whether the financing spreads were fitted to the very prices compared: True,
    False, or None where that is not known; only `metrics["out_of_sample_drift"]` proves something.

    Attributes
    ----------
    report : the numbers, as arrays and records.
    """

    report: TrackingReport

    @property
    def gaps(self) -> pd.DataFrame:
        """By session: both as total return from 1, the gap of the day, and whether the traded close was
        dislocated (1)."""
        return self.frames["tracking"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Calibration(Tracking):
    """The financing spreads that make a synthetic fund compound to the traded one, and what came of them."""

    @property
    def spreads(self) -> pd.DataFrame:
        """By period: the fitted spread and its 95 % band, fractions a year."""
        return self.frames["spreads"]


def ask_track(
    fund: str,
    index: Source,
    actual: Source | None = None,
    rates: Source | float | None = None,
    spreads: Path | None = None,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Tracking:
    """Compare a synthetic fund with the traded one, day by day and year by year; arguments as in `load_pair`
    and `spreads_of`."""
    say("comparing")
    pair = load_pair(fund, index, actual, rates, folder, start, end, on_bad_print)
    table = spreads_of(fund, pair.inputs.fund, spreads)
    report = with_evidence(compare(pair, table))
    report = beside(report, table, f"these spreads, {words.label(report)}")
    given = {
        "fund": fund,
        "index": index,
        "actual": actual,
        "rates": rates,
        "spreads": None if spreads is None else Path(spreads).name,
        "on_bad_print": on_bad_print,
    }
    return _answer(Tracking, "track", report, given, [], {})


def ask_calibrate(
    fund: str,
    index: Source,
    actual: Source | None = None,
    rates: Source | float | None = None,
    window: int | None = None,
    walk_forward: bool = False,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    folder: Path | None = None,
    say: Say = no_words,
    on_bad_print: OnBadPrint = "refuse",
) -> Calibration:
    """Fit the financing spread of each year (or `window` sessions); with `walk_forward` each period is priced
    with the one before. Other arguments as in `load_pair`."""
    if window is not None:
        whole("window", window, 20)
    say("fitting")
    pair = load_pair(fund, index, actual, rates, folder, start, end, on_bad_print)
    inputs = pair.inputs
    try:
        fits = fit_by_period(
            inputs.fund, pair.sessions, pair.index.close, pair.traded.close, pair.rates(), window
        )
    except DataError as error:
        raise pair.explained(error) from None
    prices = "SIMULATED prices" if pair.simulated else "traded prices"
    source = f"fitted to {prices}, {index} and {inputs.rate.label}"
    if walk_forward:
        report = walked_forward(pair, fits)
    else:
        report = with_evidence(compare(pair, spread_table(fits, source), fits))
    report = beside(report, spread_table(fits, source), "fitted to these very prices, in sample")
    given = {
        "fund": fund,
        "index": index,
        "actual": actual,
        "rates": rates,
        "window": window,
        "walk_forward": walk_forward,
        "on_bad_print": on_bad_print,
    }
    fitted = Section(
        "The fit",
        sentences=[*([words.OUT_OF_SAMPLE] if walk_forward else []), READ_BY],
        tables=[Table("Financing spread fitted to the traded fund", *words.fit_rows(fits))],
    )
    spreads = {"spreads.csv": partial(spread_csv, inputs.fund, fits, source)}
    return _answer(Calibration, "calibrate", report, given, [fitted], spreads)


def _answer(
    kind: Any,
    question: str,
    report: TrackingReport,
    given: Mapping[str, Any],
    first: Sequence[Section],
    more: Mapping[str, Any],
) -> Any:
    from runs.studies.tracking import charts, closer

    pair, sessions = report.pair, report.pair.sessions
    frames = Frames(
        {
            "tracking": partial(gaps_frame, report),
            **({"spreads": partial(spreads_frame, report.fits)} if report.fits else {}),
        }
    )
    compared = Section(
        "Synthetic against traded",
        tables=[
            *(
                [Table("In sample and out of sample", *words.sample_rows(report, report.forward))]
                if report.forward is not None
                else []
            ),
            Table(f"The whole span, {words.label(report)}", *words.summary_rows(report)),
            *([Table("What predicts a year", *words.way_rows(report.ways))] if report.ways else []),
            Table(f"By calendar year, {words.label(report)}", *words.year_rows(report)),
            Table("The largest gaps of a day", *words.gap_rows(report)),
        ],
        pictures={
            "tracking": Picture(
                "Wealth of both, and how far the traded fund is above the synthetic one",
                partial(charts.tracking_chart, report),
                partial(closer.tracking_closer, report),
            ),
            "tracking_years": Picture(
                "Synthetic over traded by calendar year",
                partial(charts.years_chart, report),
                partial(closer.years_closer, report),
                extra=True,
            ),
        },
    )
    span = {"start": str(sessions[0]), "end": str(sessions[-1])}
    return kind(
        question=question,
        name=report.fund.ticker,
        title=f"{report.fund.ticker}, synthetic against traded",
        headline=words.headline(report),
        sections=[*first, compared],
        provenance=provenance_of(
            asked(question, **given, **span), pair.inputs, [report.fund], traded=pair.traded
        ),
        asked=words.asked_line(report),
        figures=words.key_figures(report),
        lead="tracking",
        metrics=report.flat(),
        frames=frames,
        files={
            "tracking.json": report.flat,
            "tracking.csv": partial(frames.__getitem__, "tracking"),
            **more,
        },
        notes=[*words.sample_notes(report), *pair.inputs.notes, *index_notes([report.fund], pair.index)],
        report=report,
    )
