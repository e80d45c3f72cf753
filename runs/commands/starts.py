"""`letf starts`: a rule begun on every day there is, for every time asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import (
    Changes,
    DataDir,
    End,
    Index,
    Out,
    Pictures,
    Rates,
    RunSpreads,
    Seed,
    Spec,
    Start,
    Traded,
)
from runs.commands.shell import Say, answered, data_given


def starts(
    spec: Spec,
    lengths: Annotated[str, typer.Option(help="How long each start is kept, in years.")] = "1,3,5",
    every: Annotated[
        int | None,
        typer.Option(min=1, help="Sessions from one start to the next; each one in the compiled engine."),
    ] = None,
    verify: Annotated[
        int, typer.Option(min=0, help="Starts, beside the first and last, to run again in backtrader.")
    ] = 3,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of backtrader at a time; one a core.")
    ] = None,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    traded: Traded = None,
    seed: Seed = None,
    spreads: RunSpreads = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Begin a rule in cash on every day there is: what a person would have had, not one path.

    Beside it what holding the index, the fund and cash gave from the same days.
    """

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.starts.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        return ask(loaded, lengths, every, verify, workers, data_dir, say)

    answered(ask, out, pictures)
