"""`letf flow`: what a fund must trade at each close, and how far its leverage drifts until then."""

from __future__ import annotations

from typing import Annotated

import typer

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


def flow(
    fund: Fund,
    index: IndexNeeded,
    assets: Annotated[
        float, typer.Option(help="The fund's assets in dollars, as if brought back to it every day.")
    ] = 10e9,
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Show the rebalancing trade at the close, and leverage drifting during the day."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.flow.answer import ask

        known = 1 if seed is None else seed
        return ask(
            fund, index, assets, rates, date_of(start), date_of(end), known, data_dir, say, on_bad_print
        )

    answered(ask, out, pictures)
