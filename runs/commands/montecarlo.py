"""`letf montecarlo`: a rule on thousands of paths that its index might have taken as well."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from runs.answers.progress import OnTerminal
from runs.commands.options import Changes, DataDir, End, Index, Out, Pictures, Rates, RunSpreads, Spec, Start
from runs.commands.shell import RESULTS, data_given


class Model(StrEnum):
    """What draws the paths."""

    bootstrap = "bootstrap"
    garch = "garch"
    regimes = "regimes"


class Shocks(StrEnum):
    """What garch draws its shocks from."""

    student = "student"
    residuals = "residuals"


def montecarlo(
    spec: Spec,
    paths: Annotated[int, typer.Option(min=2, help="How many paths.")] = 10_000,
    model: Annotated[
        Model, typer.Option(help="The index's own days in blocks, or a model fitted to them.")
    ] = Model.bootstrap,
    days: Annotated[
        int | None, typer.Option(min=2, help="Sessions of a path; those of the real run if not given.")
    ] = None,
    block: Annotated[
        float | None,
        typer.Option(min=1.0, help="Bootstrap: mean days of a block; by its own rule if not given."),
    ] = None,
    shocks: Annotated[
        Shocks, typer.Option(help="Garch: shocks from the fitted Student-t, or the fit's own residuals.")
    ] = Shocks.student,
    regimes: Annotated[int, typer.Option(min=2, max=4, help="Regimes: how many.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all paths.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at a time; one a core.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers run the paths.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    spreads: RunSpreads = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Run a rule on thousands of other histories of its index: how it might have come out as well."""
    from runs.answers.drawing import kinds_of

    started = time.time()
    kinds = kinds_of(pictures)
    progress = OnTerminal()
    with progress.status("reading the spec"):
        from runs.robustness.montecarlo.answer import ask
        from runs.robustness.montecarlo.asked import Asked
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, None, spreads))
    asked = Asked(paths, model.value, seed, days, block, shocks.value, regimes)
    folder = out if out is not None else RESULTS / f"montecarlo_{loaded.name}"
    answer, kept = ask(loaded, asked, data_dir, workers, scheduler, folder, resume, progress, typer.echo)
    from runs.answers.folder import REPORT, save
    from runs.answers.terminal import print_answer, print_notes

    with progress.status("drawing") as say:
        saved = save(answer, folder, started, say, kinds)
    kept.forget()
    typer.echo()
    print_answer(answer)
    print_notes(saved.missing)
    typer.echo(f"report: {folder / REPORT}{f' ({saved.replaced})' if saved.replaced else ''}")
