"""`letf walkforward`: parameters chosen on what was known, and what came of them after."""

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
    Start,
    Traded,
)
from runs.commands.shell import Say, answered, data_given


def walkforward(
    spec: Annotated[str, typer.Argument(help="Spec file (TOML) with a [sweep], or the name of an example.")],
    train: Annotated[
        str | None, typer.Option(help="Length of a training: 3y, 6m, or sessions; 3y if not given.")
    ] = None,
    test: Annotated[
        str | None, typer.Option(help="Length of the test after it, likewise; 1y if not given.")
    ] = None,
    gap: Annotated[int, typer.Option(min=0, help="Sessions between the two, which are purged.")] = 5,
    anchored: Annotated[
        bool,
        typer.Option("--anchored/--rolling", help="Trainings begin with the data, or move along."),
    ] = False,
    by: Annotated[str, typer.Option(help="Metric by which a cell is chosen in training.")] = "sharpe",
    choose: Annotated[
        str, typer.Option(help="best, or plateau: the cell whose neighbours do best too.")
    ] = "best",
    min_trades: Annotated[
        int, typer.Option(min=0, help="Cells with fewer trades in training are not chosen.")
    ] = 0,
    folds: Annotated[
        int | None,
        typer.Option(min=3, help="So many folds in place of windows: combinatorial purged cross-validation."),
    ] = None,
    test_folds: Annotated[int, typer.Option(min=2, help="Of the folds, how many each split tests.")] = 2,
    embargo: Annotated[
        int, typer.Option(min=0, help="With folds, sessions after a test, beside the gap, not trained on.")
    ] = 0,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many cells of the sweep, drawn at random.")
    ] = None,
    sample_seed: Annotated[int, typer.Option(min=0, help="Seed with which they are drawn.")] = 1,
    engine: Annotated[
        str | None, typer.Option(help="kernel or backtrader; the kernel where it can run the rule.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers at a time; one a core.")] = None,
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
    """Choose the parameters of a [sweep] anew in each window, and trade them after it.

    What the tests make, one after another, is out of sample throughout. With --folds every choice of test
    folds is made, and there are as many such accounts as they can be put together to.
    """

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.walk_forward.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        windows = (train, test, gap, anchored, by, choose, min_trades)
        others = (folds, test_folds, embargo, sample, sample_seed, engine, workers)
        return ask(loaded, *windows, *others, data_dir, say)

    answered(ask, out, pictures)
