"""`letf luck`: how much of a rule's result is luck."""

from __future__ import annotations

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


def luck(
    spec: Spec,
    trials: Trials = None,
    draws: Draws = 2_000,
    timings: Timings = 2_000,
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
    """Tell how much of a rule's result is luck: deflated Sharpe ratio, tests, bands, random timing."""

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.luck.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        return ask(loaded, trials, draws, timings, draw_seed, data_dir, say)

    answered(ask, out, pictures)
