"""`letf flow`: what a fund must trade at each close, and how far its leverage drifts until then."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from runs.answers.terminal import print_notes, print_table, status_line
from runs.commands.options import DataDir, End, IndexNeeded, Out, Rates, Start

ASSETS = 10e9


def flow(
    fund: Annotated[str, typer.Argument(help="Fund: a known ticker such as SOXS, or a .toml file.")],
    index: IndexNeeded,
    assets: Annotated[
        float, typer.Option(help="The fund's assets in dollars, as if brought back to it every day.")
    ] = ASSETS,
    rates: Rates = None,
    data_dir: DataDir = None,
    start: Start = None,
    end: End = None,
    out: Out = None,
) -> None:
    """Show the rebalancing trade at the close, and leverage drifting during the day."""
    started = time.time()
    with status_line("building the fund") as status:
        from runs.studies.inputs import load_inputs

        since, until = start.date() if start else None, end.date() if end else None
        inputs = load_inputs(fund, index, rates, data_dir, since, until)
        from feeds.traded_value import traded_value
        from runs.studies.flow.study import direction, flow_files, flow_metrics, flow_result, measure_flow

        ledger, sessions = measure_flow(inputs, assets)
        traded, said = traded_value(index, sessions.sessions, data_dir)
        result = flow_result(inputs, ledger, sessions, assets, traded, said)
        metrics = flow_metrics(result)
        status.update("drawing the pictures")
        from runs.answers.folder import MANIFEST, write_folder
        from runs.answers.manifest import command_manifest
        from runs.studies.flow.charts import draw_flow

        files = flow_files(result, metrics) | draw_flow(result)
        arguments = {
            "command": "flow",
            "fund": fund,
            "index": index,
            "assets": assets,
            "rates": rates,
            "data_dir": data_dir,
            "start": since,
            "end": until,
        }
        files[MANIFEST] = command_manifest(arguments, inputs, [inputs.fund], result.notes, started)
        folder = out if out is not None else Path("runs/output") / f"flow_{inputs.fund.ticker}"
        write_folder(folder, files)
    from runs.studies.flow.words import drift_rows, flow_headline, largest_rows, size_rows

    typer.echo(flow_headline(metrics))
    typer.echo(direction(metrics))
    typer.echo()
    print_table(*size_rows(metrics))
    print_table(*largest_rows(result))
    print_table(*drift_rows(metrics))
    print_notes(result.notes, "the manifest")
    typer.echo(f"results: {folder}")
