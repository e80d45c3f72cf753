"""`letf track` and `letf calibrate`: a synthetic fund against the traded one."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import (
    Actual,
    DataDir,
    End,
    Fund,
    IndexNeeded,
    OnBadPrint,
    Out,
    Pictures,
    Rates,
    Spreads,
    Start,
)
from runs.commands.shell import answered, date_of


def track(
    fund: Fund,
    index: IndexNeeded,
    actual: Actual = None,
    rates: Rates = None,
    spreads: Spreads = None,
    start: Start = None,
    end: End = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Compare a synthetic fund with the traded one, day by day and year by year."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.tracking.answer import ask_track

        return ask_track(
            fund, index, actual, rates, spreads, date_of(start), date_of(end), data_dir, say, on_bad_print
        )

    answered(ask, out, pictures)


def calibrate(
    fund: Fund,
    index: IndexNeeded,
    actual: Actual = None,
    rates: Rates = None,
    window: Annotated[
        int | None, typer.Option(min=20, help="Sessions to fit at a time, instead of calendar years.")
    ] = None,
    walk_forward: Annotated[
        bool,
        typer.Option("--walk-forward", help="Price each period with the spread fitted to the one before."),
    ] = False,
    start: Start = None,
    end: End = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Fit the financing spread that makes the synthetic fund compound to the traded one."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.tracking.answer import ask_calibrate

        return ask_calibrate(
            fund,
            index,
            actual,
            rates,
            window,
            walk_forward,
            date_of(start),
            date_of(end),
            data_dir,
            say,
            on_bad_print,
        )

    answered(ask, out, pictures)
