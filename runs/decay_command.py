"""`letf decay`: what became of a fund's promise, year by year, by holding period, and why."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from runs.terminal import print_table, status

Start = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First session.")]
End = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last session.")]


def decay(
    fund: Annotated[
        str, typer.Argument(help="Ticker (SOXS, SOXL, …), or a fund of your own in a .toml file.")
    ],
    index: Annotated[
        str,
        typer.Option(
            help="Index: nasdaq, semis-sim, a file, a name in the data folder, or a splice A:2021-08-25:B."
        ),
    ],
    rates: Annotated[
        str | None,
        typer.Option(help="Short-rate series: a file, a name in the data folder, or a number (0.02 is 2 %)."),
    ] = None,
    start: Start = None,
    end: End = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulated index.")] = 1,
    data_dir: Annotated[
        Path | None, typer.Option(help="Data folder, else LETF_DATA_DIR, else the per-user one.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Result folder, else runs/output/decay_FUND.")] = None,
) -> None:
    """Show what compounding, financing and fees made of a fund's promise."""
    started = time.time()
    spec = {
        "command": "decay",
        "fund": fund,
        "index": index,
        "rates": rates,
        "start": str(start.date()) if start else None,
        "end": str(end.date()) if end else None,
        "seed": seed,
    }
    with status("loading the index") as progress:
        from runs.inputs import load_inputs

        inputs = load_inputs(fund, index, rates, data_dir, spec["start"], spec["end"], seed)
        progress.update("following the fund")
        from runs.decay_claims import claims
        from runs.decay_report import figures, manifest
        from runs.decay_study import study

        result = study(inputs)
        said = claims(result)
        progress.update("drawing the pictures")
        from runs.decay_charts import draw_all
        from runs.output import json_bytes, write_folder

        pictures = draw_all(result)
        folder = out if out is not None else Path("runs/output") / f"decay_{result.fund}"
        times = {
            "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(timespec="seconds"),
            "total_seconds": round(time.time() - started, 3),
        }
        files = {
            "manifest.json": json_bytes(manifest(result, spec, times)),
            "decay.json": json_bytes(figures(result, said)),
            **pictures,
        }
        write_folder(folder, files)
    _print_study(result, said)
    typer.echo(f"figures and pictures: {folder}")


def _print_study(result: Any, said: list[Any]) -> None:
    from runs import decay_report as report

    typer.echo(report.headline(result))
    for note in result.notes:
        typer.echo(f"note: {note}")
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
