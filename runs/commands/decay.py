"""`letf decay`: what became of a fund's promise, year by year, by holding period, and why."""

from __future__ import annotations

from runs.commands.options import (
    DataDir,
    End,
    Fund,
    IndexNeeded,
    OnBadPrint,
    Out,
    Pictures,
    Rates,
    Seed,
    Start,
)
from runs.commands.shell import answered, date_of


def decay(
    fund: Fund,
    index: IndexNeeded,
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Show what compounding, financing and fees made of a fund's promise."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.decay.answer import ask

        return ask(
            fund,
            index,
            rates,
            date_of(start),
            date_of(end),
            1 if seed is None else seed,
            data_dir,
            say,
            on_bad_print,
        )

    answered(ask, out, pictures)
