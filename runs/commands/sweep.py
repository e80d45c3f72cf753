"""`letf sweep`: every combination of the values that a spec's [sweep] names, a row each."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Annotated

import typer

from runs.answers.progress import OnTerminal
from runs.commands.options import (
    Changes,
    DataDir,
    End,
    Indices,
    Out,
    Rates,
    RunSpreads,
    Seed,
    Start,
    Traded,
)
from runs.commands.shell import RESULTS, data_given


def sweep(
    spec: Annotated[str, typer.Argument(help="Spec file (TOML) with a [sweep], or the name of an example.")],
    sample: Annotated[
        int | None, typer.Option(min=1, help="Run only so many cells, drawn at random.")
    ] = None,
    search: Annotated[
        int | None, typer.Option(min=1, help="Let a guided search (optuna) choose so many cells, by --by.")
    ] = None,
    sample_seed: Annotated[int, typer.Option(min=0, help="Seed with which they are drawn, or searched.")] = 1,
    engine: Annotated[
        str | None, typer.Option(help="kernel or backtrader; the kernel where it can run the rule.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers at a time; one a core.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers run the cells.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a sweep that was stopped.")] = False,
    verify: Annotated[
        int, typer.Option(min=0, help="Cells of the kernel, beside the best, to run again in backtrader.")
    ] = 3,
    by: Annotated[str, typer.Option(help="Metric by which cells are ranked.")] = "sharpe",
    index: Indices = None,
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
    """Run every combination of the parameters in a spec's [sweep]: one row a cell.

    Results are kept as they come; what was stopped goes on with --resume.
    """
    from runs.sweeps.pictures.painter import Painter
    from runs.sweeps.verifier import Verifier

    # Its matrices are small. Threads of BLAS, that wait for each other in a loop, take the cores from the two
    # processes beside this one: more of their time than of its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    in_kernel = verify > 0 and engine != "backtrader"
    # Both get ready while all else is loaded.
    with Painter() as painter, Verifier() if in_kernel else nullcontext() as verifier:
        progress = OnTerminal()
        with progress.status("reading the spec"):
            from runs.specs.reading import load_spec
            from runs.sweeps.ask import ask

            first = index[0] if index else None
            base = load_spec(spec, changes, **data_given(first, start, end, rates, seed, spreads, traded))
        folder = out if out is not None else RESULTS / f"sweep_{base.name}"
        answer = ask(
            base,
            index or (),
            sample,
            search,
            sample_seed,
            engine,
            workers,
            scheduler,
            resume,
            verify,
            by,
            data_dir,
            folder,
            progress,
            painter,
            verifier,
            typer.echo,
        )
    from runs.answers.terminal import print_answer

    typer.echo()
    print_answer(answer)
    typer.echo(f"report: {folder / 'report.html'}")
