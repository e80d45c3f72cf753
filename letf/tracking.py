"""A synthetic fund against the traded one, and the financing spread that fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from letf._shared import Date, Folder, Rates, day, path, rates_of, source

if TYPE_CHECKING:
    from feeds.checking.screen import OnBadPrint
    from feeds.reading.memory import Source
    from runs.studies.tracking.answer import Calibration, Tracking


def track(
    fund: str | Path,
    *,
    index: Source,
    actual: Source | None = None,
    rates: Rates = None,
    rate: float | None = None,
    spreads: str | Path | None = None,
    start: Date = None,
    end: Date = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> Tracking:
    """A synthetic fund against the traded one, day by day and year by year.

    Where the financing spreads were fitted to the very prices compared, which `metrics["in_sample"]` says,
    the drift is zero by construction; for `metrics["out_of_sample_drift"]` each year is priced with the
    spread fitted to the year before.

    Parameters
    ----------
    actual : prices of the traded fund by name, file or in a DataFrame; the fund's ticker if None.
    spreads : a table as `calibrate` writes it. Without its columns fitted_from and fitted_to it is not known
        what is in sample.
    All others as in `fund`.

    Returns
    -------
    The answer: `metrics` (keys in docs/funds.md), `gaps` (a DataFrame).

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> made = letf.fund("TQQQ", index="nasdaq", start="2010-01-04")
    >>> found = letf.track("TQQQ", index="nasdaq", actual=made, start="2010-01-04")
    >>> round(found.metrics["drift"], 9)
    0.0
    """
    from runs.answers.progress import progress_for
    from runs.studies.tracking.answer import ask_track

    with progress_for(progress).status("reading what is asked") as say:
        return ask_track(
            str(fund),
            source(index, "index"),
            None if actual is None else source(actual, str(fund)),
            rates_of(rates, rate),
            path(spreads),
            day(start, "start"),
            day(end, "end"),
            path(data_dir),
            say,
            on_bad_print,
        )


def calibrate(
    fund: str | Path,
    *,
    index: Source,
    actual: Source | None = None,
    rates: Rates = None,
    rate: float | None = None,
    window: int | None = None,
    walk_forward: bool = False,
    start: Date = None,
    end: Date = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: Folder = None,
    progress: bool | None = None,
) -> Calibration:
    """Fit the financing spread that makes a synthetic fund compound to the traded one: in sample, with the
    figure out of sample beside it, as in `track`.

    Parameters
    ----------
    window : sessions to fit at a time, instead of calendar years.
    walk_forward : price each period with the spread fitted to the one before it: out of sample.
    All others as in `track`.

    Returns
    -------
    The answer: `spreads` (a DataFrame: spread and its 95 % band, fractions a year), and all of `track`.

    Raises
    ------
    LetfError
        One sentence.

    Examples
    --------
    >>> import letf
    >>> made = letf.fund("TQQQ", index="nasdaq", start="2010-01-04")
    >>> found = letf.calibrate("TQQQ", index="nasdaq", actual=made, start="2010-01-04")
    >>> len(found.spreads) > 5
    True
    """
    from runs.answers.progress import progress_for
    from runs.studies.tracking.answer import ask_calibrate

    with progress_for(progress).status("reading what is asked") as say:
        return ask_calibrate(
            str(fund),
            source(index, "index"),
            None if actual is None else source(actual, str(fund)),
            rates_of(rates, rate),
            window,
            walk_forward,
            day(start, "start"),
            day(end, "end"),
            path(data_dir),
            say,
            on_bad_print,
        )
