"""`letf versus`: the index and its leveraged funds side by side."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from runs.answers.terminal import print_notes, print_table, status_line
from runs.commands.options import DataDir, End, IndexNeeded, Out, Rates, Start


def versus(
    index: IndexNeeded,
    multiples: Annotated[str, typer.Option(help="Daily multiples; 1 is the index itself.")] = "1,3,-3",
    rates: Rates = None,
    data_dir: DataDir = None,
    start: Start = None,
    end: End = None,
    out: Out = None,
) -> None:
    """Compare an index with its leveraged funds: return, risk, correlation, tracking."""
    started = time.time()
    with status_line("building the funds") as status:
        from letf_instruments import known_tickers
        from runs.studies.inputs import load_inputs
        from runs.studies.versus.study import compare, read_multiples, versus_metrics

        wanted = read_multiples(multiples)
        since, until = start.date() if start else None, end.date() if end else None
        # Index and short rate are what is needed; which fund they come with does not matter here.
        inputs = load_inputs(known_tickers()[0], index, rates, data_dir, since, until)
        found = compare(inputs, wanted)
        metrics = versus_metrics(found)
        status.update("drawing the pictures")
        from runs.answers.folder import MANIFEST, write_folder
        from runs.answers.manifest import command_manifest
        from runs.studies.versus import words as tables
        from runs.studies.versus.charts import draw_versus

        files = tables.versus_files(found, metrics) | draw_versus(found, metrics)
        arguments = {
            "command": "versus",
            "index": index,
            "multiples": multiples,
            "rates": rates,
            "data_dir": data_dir,
            "start": since,
            "end": until,
        }
        funds = [line.fund for line in found.lines if line.fund is not None]
        files[MANIFEST] = command_manifest(arguments, inputs, funds, found.notes, started)
        folder = out if out is not None else Path("runs/output/versus")
        write_folder(folder, files)
    typer.echo(tables.versus_headline(found, metrics))
    typer.echo()
    print_table(*tables.measure_rows(found, metrics))
    if len(found.lines) > 1:
        print_table(*tables.pair_rows(found, metrics))
    print_table(*tables.year_rows(found))
    print_notes(found.notes, "the manifest")
    typer.echo(f"results: {folder}")
