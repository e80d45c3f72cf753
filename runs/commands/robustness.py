"""`letf robustness`: is it an edge?"""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import (
    Changes,
    DataDir,
    End,
    Index,
    Out,
    Rates,
    RunSpreads,
    Seed,
    Spec,
    Start,
    Traded,
)
from runs.commands.shell import Say, answered, data_given


def robustness(
    spec: Spec,
    trials: Annotated[
        int | None,
        typer.Option(
            help="Independent rules that were tried to find this one; the spec's [sweep] says it too."
        ),
    ] = None,
    draws: Annotated[int, typer.Option(help="Times its days are drawn again.")] = 1_000,
    timings: Annotated[int, typer.Option(help="Random timings under the same plan.")] = 2_000,
    paths: Annotated[int, typer.Option(help="Other histories.")] = 1_000,
    draw_seed: Annotated[int, typer.Option(help="Seed of what is drawn.")] = 1,
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
) -> None:
    """Judge a rule: robust, fragile to parameters or period, luck, no edge, or too few trades to say."""

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.verdict.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        return ask(loaded, trials, draws, timings, paths, draw_seed, data_dir, say)

    answered(ask, out)
