"""`letf sweep`: every combination of the values that a spec's [sweep] names, a row each."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from letf_instruments.errors import SpecError
from runs.answers.terminal import cell_bar, print_notes, print_table, status_line
from runs.commands.options import Changes, DataDir, End, Indices, Out, Rates, Seed, Start, date_of

if TYPE_CHECKING:
    from runs.sweeps.engines.job import Job
    from runs.sweeps.results.summary import Summary
    from runs.sweeps.results.view import View

SHOWN = 10


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
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Run every combination of the parameters in a spec's [sweep]: one row a cell.

    Results are kept as they come; what was stopped goes on with --resume.
    """
    started = time.time()
    from runs.sweeps.pictures.painter import Painter

    with Painter() as painter:  # it gets ready while all else is loaded
        with status_line("reading the spec"):
            from feeds.sources import data_folder
            from runs.specs.run_spec import load_spec
            from runs.sweeps.engines.engine import choose
            from runs.sweeps.engines.job import Job, draw_cells
            from runs.sweeps.results.ranking import check_metric
            from runs.sweeps.results.store import open_store
            from runs.sweeps.running import Interrupted, finish, manifest_of, run_cells, runner_of
            from runs.sweeps.space.axes import grid_of

            check_metric(by)
            if search is not None and sample is not None:
                raise SpecError("--search and --sample are two ways to choose cells; give one of them")
            data: dict[str, Any] = {
                "index": index[0] if index else None,
                "start": date_of(start),
                "end": date_of(end),
                "rates": rates,
                "seed": seed,
            }
            base = load_spec(spec, changes, **data)
            grid = grid_of(base, index or ())
            name, why = choose(base, grid, engine)
            place = data_folder(data_dir).absolute()  # workers may be in another folder, of another time
            guided = None if search is None else {"trials": search, "by": by, "seed": sample_seed}
            drawn = None if guided else draw_cells(grid, sample, sample_seed)
            job = Job(base, grid, name, place, drawn, sample_seed)
            manifest = manifest_of(job, guided)
        typer.echo(f"{base.name}: {_what(job, search)}; engine: {name} ({why})")
        folder = out if out is not None else Path("runs/output") / base.name
        with open_store(folder, manifest, resume) as store:
            if store.is_whole:
                typer.echo("this sweep is whole already: nothing is run again")
            try:
                job = run_cells(job, store, runner_of(workers or _cores(), scheduler), cell_bar)
            except Interrupted as stopped:
                print(f"letf: {stopped}", file=sys.stderr)
                sys.exit(130)
            with status_line("looking at all cells, and running some again in backtrader"):
                found, view = finish(job, store, by, verify, painter, started)
            _print(name, found, view, time.time() - started)
            print_notes(manifest["notes"], "the manifest")
        typer.echo(f"results: {folder}")


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _what(job: Job, search: int | None) -> str:
    """What is run, in words: "1,200 cells (rule.rsi_bars 3 × plan.stop 400)"."""
    sizes = " × ".join(f"{axis.key} {len(axis.values)}" for axis in job.grid.axes)
    if search is not None:
        return (
            f"a search of {search:,} trials in {job.grid.size:,} cells, with seed {job.sample_seed} ({sizes})"
        )
    if job.sample is None:
        return f"{job.size:,} cells ({sizes})"
    return f"{job.size:,} of {job.grid.size:,} cells, drawn with seed {job.sample_seed} ({sizes})"


def _print(engine: str, found: Summary, view: View | None, seconds: float) -> None:
    refused = f", {found.refused:,} refused" if found.refused else ""
    typer.echo(f"{found.ran:,} cells ran{refused}; {seconds:,.1f} s in all")
    handed = found.engines.get("backtrader", 0)
    if engine == "kernel" and handed:
        typer.echo(f"{handed:,} of them ran in backtrader, as a bar's volume bounds their orders")
    if found.verification and found.verification["cells"]:
        cells, fills = len(found.verification["cells"]), found.verification["fills"]
        typer.echo(f"run again in backtrader, order by order: {cells} cells, {fills:,} fills, no difference")
    elif engine == "kernel" and handed < found.ran:
        typer.echo("not verified: no cell was run again in backtrader")
    typer.echo()
    said = []
    if view is None:
        typer.echo(f"no cell has a {found.by}")
    else:
        from runs.sweeps.results.stability import sentences
        from runs.sweeps.results.top_tables import top_rows

        typer.echo(f"the best by {found.by}:")
        print_table(*top_rows(view, SHOWN))
        said = sentences(view.table, view.found)
    for sentence in [*said, *found.refusals()[:3]]:
        typer.echo(sentence)
