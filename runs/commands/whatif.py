"""`letf whatif`: what a fund does on a market of a stated return and volatility."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import DataDir, End, IndexNeeded, OnBadPrint, Out, Pictures, Rates, Start
from runs.commands.shell import answered, date_of

Funds = Annotated[
    list[str],
    typer.Argument(help="Funds, side by side: tickers of `letf funds`, or .toml files of your own."),
]


def whatif(
    funds: Funds,
    index: IndexNeeded,
    total_return: Annotated[
        float, typer.Option("--return", help="The index's return over all the days, a fraction; 0 is flat.")
    ] = 0.0,
    volatility: Annotated[float, typer.Option(help="The index's volatility a year, a fraction.")] = 0.45,
    days: Annotated[int, typer.Option(help="Sessions; 252 are a year.")] = 252,
    paths: Annotated[int, typer.Option(help="Simulated paths of each kind.")] = 10_000,
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the paths, and of a simulated index.")] = 1,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Show what a fund does on a market of a stated return and volatility."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.whatif.answer import ask

        return ask(
            funds,
            index,
            total_return,
            volatility,
            days,
            paths,
            rates,
            date_of(start),
            date_of(end),
            seed,
            data_dir,
            say,
            on_bad_print,
        )

    answered(ask, out, pictures)
