"""`letf decay`: what became of a fund's promise, year by year, by holding period, and why."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import typer

from runs.answers.terminal import print_notes, print_table, status_line
from runs.commands.options import DataDir, End, Fund, IndexNeeded, Out, Rates, Seed, Start, date_of


def decay(
    fund: Fund,
    index: IndexNeeded,
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Show what compounding, financing and fees made of a fund's promise."""
    started = time.time()
    spec = {
        "command": "decay",
        "fund": fund,
        "index": index,
        "rates": rates,
        "start": date_of(start),
        "end": date_of(end),
        "seed": 1 if seed is None else seed,
    }
    with status_line("loading the index") as progress:
        from runs.studies.inputs import load_inputs

        inputs = load_inputs(
            fund, index, rates, data_dir, date_of(start), date_of(end), 1 if seed is None else seed
        )
        progress.update("following the fund")
        from runs.studies.decay.claims import claims
        from runs.studies.decay.study import study
        from runs.studies.decay.words import figures

        result = study(inputs)
        said = claims(result)
        progress.update("drawing the pictures")
        from runs.answers.folder import as_json, write_folder
        from runs.answers.manifest import command_manifest
        from runs.studies.decay.charts import draw_all

        pictures = draw_all(result)
        folder = out if out is not None else Path("runs/output") / f"decay_{result.fund}"
        manifest = command_manifest(spec, inputs, [inputs.fund], result.notes, started)
        files = {
            "manifest.json": manifest,
            "decay.json": as_json(figures(result, said)),
            **pictures,
        }
        write_folder(folder, files)
    _print_study(result, said)
    typer.echo(f"figures and pictures: {folder}")


def _print_study(result: Any, said: list[Any]) -> None:
    from runs.studies.decay import words as report

    typer.echo(report.headline(result))
    print_notes(result.notes, "manifest.json")
    typer.echo("\nLog return by cause, calendar year by calendar year")
    print_table(*report.year_rows(result))
    if result.holdings:
        typer.echo("Actual − promised (multiple × index), over all starts; holding periods overlap")
        print_table(*report.holding_rows(result))
        typer.echo("The same starts: those with the index within ±2 %, the worst and the best")
        print_table(*report.extreme_rows(result))
    typer.echo(report.break_even_source(result))
    print_table(*report.break_even_rows(result))
    if result.terciles:
        typer.echo("Compounding effect before carry and fee, by how straight the index went")
        print_table(*report.regime_rows(result))
    for claim, verdict in said:
        typer.echo(f"“{claim}.”\n  {verdict}")
