"""`letf robustness`: is it an edge?"""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import (
    Changes,
    DataDir,
    Draws,
    DrawSeed,
    End,
    Index,
    Out,
    Pictures,
    Rates,
    RunSpreads,
    Seed,
    Spec,
    Start,
    Timings,
    Traded,
    Trials,
)
from runs.commands.shell import Say, answered, data_given


def robustness(
    spec: Spec,
    trials: Trials = None,
    draws: Draws = 1_000,
    timings: Timings = 2_000,
    paths: Annotated[int, typer.Option(help="Other histories.")] = 1_000,
    draw_seed: DrawSeed = 1,
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
    """Judge a rule: robust, fragile to parameters or period, luck, no edge, or too few trades to say."""

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.verdict.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        return ask(loaded, trials, draws, timings, paths, draw_seed, data_dir, say)

    answered(ask, out, pictures)
