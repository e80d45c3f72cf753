"""`letf hedge-size`: how much of a fund brings a holding to a beta."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import DataDir, End, IndexNeeded, OnBadPrint, Out, Pictures, Rates, Seed, Start
from runs.commands.shell import answered, date_of


def hedge_size(
    holding: Annotated[
        str,
        typer.Option(
            help="What is held, in dollars: NVDA=40000,AMD=30000; names of the data folder or files."
        ),
    ],
    index: IndexNeeded,
    target_beta: Annotated[
        float, typer.Option(help="Dollars of index exposure wanted for each dollar held.")
    ] = 0.0,
    fund: Annotated[
        str, typer.Option(help="What is bought: a ticker of `letf funds`, or a .toml file of your own.")
    ] = "SOXS",
    beta_bars: Annotated[int, typer.Option(help="Returns behind the betas.")] = 252,
    traded: Annotated[
        str | None,
        typer.Option(
            help="Prices of the fund as traded, a name of the data folder or a file: what a share costs, and "
            "the fund's own bars where it has some."
        ),
    ] = None,
    price: Annotated[float | None, typer.Option(help="What a share of the fund costs.")] = None,
    cost_bps: Annotated[float, typer.Option(help="Trading costs, basis points of what is traded.")] = 7.0,
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Size a hedge: dollars and shares of a fund for a holding, what it cost, how it drifts."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.hedge_size.answer import ask

        return ask(
            holding,
            index,
            target_beta,
            fund,
            beta_bars,
            traded,
            price,
            cost_bps,
            None,
            rates,
            date_of(start),
            date_of(end),
            1 if seed is None else seed,
            data_dir,
            say,
            on_bad_print,
        )

    answered(ask, out, pictures)
