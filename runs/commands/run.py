"""`letf run`: one backtest and its report."""

from __future__ import annotations

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


def run(
    spec: Spec,
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
    """Run one backtest and write its report."""

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        say("running in backtrader")
        from runs.studies.rules.joined import run

        return run(loaded, data_dir, say)

    if pictures == "none":
        answered(ask, out, pictures)
        return
    from runs.backtest.painter import RunPainter

    with RunPainter() as painter:
        answered(ask, out, pictures, painter=painter)
