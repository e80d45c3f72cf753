"""`letf track` and `letf calibrate`: a synthetic fund against the traded one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from runs.answers.terminal import print_table, status_line
from runs.commands.options import (
    Actual,
    DataDir,
    End,
    Fund,
    IndexNeeded,
    Out,
    Rates,
    Spreads,
    Start,
    date_of,
)


def track(
    fund: Fund,
    index: IndexNeeded,
    actual: Actual = None,
    rates: Rates = None,
    spreads: Spreads = None,
    start: Start = None,
    end: End = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Compare a synthetic fund with the traded one, day by day and year by year."""
    started = time.time()
    with status_line("comparing"):
        from runs.studies.inputs import load_pair, spread_file
        from runs.studies.tracking.study import compare

        pair = load_pair(fund, index, actual, rates, data_dir, date_of(start), date_of(end))
        inputs = pair.inputs
        known = spread_file(spreads, inputs.fund) if spreads else inputs.fund
        report = compare(pair, known)
        arguments = {
            "command": "track",
            "fund": fund,
            "index": index,
            "actual": actual,
            "rates": rates,
            "spreads": None if spreads is None else spreads.name,
            "start": str(pair.sessions[0]),
            "end": str(pair.sessions[-1]),
        }
        folder = out if out is not None else Path("runs/output") / f"track_{inputs.fund.ticker}"
        _save(report, arguments, folder, started)
    _print(report, inputs.notes)
    typer.echo(f"written to {folder}")


def calibrate(
    fund: Fund,
    index: IndexNeeded,
    actual: Actual = None,
    rates: Rates = None,
    window: Annotated[
        int | None, typer.Option(min=20, help="Sessions to fit at a time, instead of calendar years.")
    ] = None,
    walk_forward: Annotated[
        bool,
        typer.Option("--walk-forward", help="Price each period with the spread fitted to the one before."),
    ] = False,
    start: Start = None,
    end: End = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Fit the financing spread that makes the synthetic fund compound to the traded one."""
    started = time.time()
    with status_line("fitting"):
        from dataclasses import replace

        from letf_instruments.calibration import fit_by_period, spread_table, walk_forward_table
        from runs.studies.inputs import load_pair
        from runs.studies.tracking.study import compare, fit_rows, spread_csv

        pair = load_pair(fund, index, actual, rates, data_dir, date_of(start), date_of(end))
        inputs = pair.inputs
        fits = fit_by_period(
            inputs.fund, pair.sessions, pair.index.close, pair.traded.close, pair.rates(), window
        )
        table = walk_forward_table(fits) if walk_forward else spread_table(fits)
        report = compare(
            pair,
            replace(inputs.fund, spread=table),
            fits=fits,
            since=fits[1].start if walk_forward else None,
        )
        arguments = {
            "command": "calibrate",
            "fund": fund,
            "index": index,
            "actual": actual,
            "rates": rates,
            "window": window,
            "walk_forward": walk_forward,
            "start": str(pair.sessions[0]),
            "end": str(pair.sessions[-1]),
        }
        folder = out if out is not None else Path("runs/output") / f"calibrate_{inputs.fund.ticker}"
        prices = "SIMULATED prices" if pair.simulated else "traded prices"
        source = f"fitted to {prices}, {index} and {inputs.rate.label}"
        _save(report, arguments, folder, started, {"spreads.csv": spread_csv(inputs.fund, fits, source)})
    print_table(*fit_rows(fits))
    if walk_forward:
        typer.echo("out of sample: each period is priced with the spread fitted to the one before it")
    _print(report, inputs.notes)
    typer.echo(f"written to {folder}; the table is spreads.csv, and letf track --spreads reads it")


def _save(
    report: Any, arguments: dict[str, Any], folder: Path, started: float, more: dict[str, bytes] | None = None
) -> None:
    from runs.answers.folder import as_json, write_folder
    from runs.answers.manifest import command_manifest
    from runs.studies.tracking.charts import draw

    pictures = draw(report)
    inputs = report.pair.inputs
    manifest = command_manifest(
        arguments, inputs, [report.fund], inputs.notes, started, traded=report.pair.traded
    )
    files = {
        "manifest.json": manifest,
        "tracking.json": as_json(report.flat()),
        "tracking.csv": report.csv(),
        **pictures,
        **(more or {}),
    }
    write_folder(folder, files)


def _print(report: Any, notes: list[str]) -> None:
    typer.echo(report.headline())
    print_table(*report.summary_rows())
    print_table(*report.year_rows())
    print_table(*report.gap_rows())
    for note in notes:
        typer.echo(f"note: {note}")
