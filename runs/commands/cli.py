"""The `letf` command. Heavy imports happen inside the commands, so that help answers at once."""

from __future__ import annotations

import atexit
import datetime
import gc
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from letf_instruments.errors import LetfError
from runs.answers.terminal import print_notes, print_table, status_line
from runs.commands.alternatives import alternatives
from runs.commands.compare import compare
from runs.commands.data import data_app
from runs.commands.decay import decay
from runs.commands.flow import flow
from runs.commands.funds import funds, synth
from runs.commands.options import Changes, DataDir, End, Index, Out, Rates, Seed, Start, date_of
from runs.commands.strategies import strategies
from runs.commands.sweep import sweep
from runs.commands.top import top
from runs.commands.tracking import calibrate, track
from runs.commands.versus import versus

app = typer.Typer(
    name="letf",
    help="A wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data_app, name="data")
for command in (
    strategies,
    compare,
    sweep,
    alternatives,
    funds,
    synth,
    track,
    calibrate,
    decay,
    flow,
    versus,
    top,
):
    app.command()(command)


@app.callback()
def _root() -> None:
    """A wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS."""


@app.command()
def run(
    spec: Annotated[str, typer.Argument(help="Spec file (TOML), or the name of an example.")],
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Run one backtest and write its report."""
    started = time.time()
    with status_line("reading the spec") as status:
        from runs.specs.run_spec import load_spec

        loaded = load_spec(
            spec,
            changes,
            index=index,
            start=date_of(start),
            end=date_of(end),
            rates=rates,
            seed=seed,
        )
        status.update("running in backtrader")
        from runs.backtest.result import run_backtest

        result = run_backtest(loaded, data_dir)
        ran = time.time()
        status.update("drawing the pictures")
        from runs.answers.folder import result_files, write_folder
        from runs.answers.html import render_report
        from runs.backtest.charts import draw_all

        pictures = draw_all(result)
        report = render_report(result, pictures)
        folder = out if out is not None else Path("runs/output") / loaded.name
        times = {
            "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(timespec="seconds"),
            "run_seconds": round(ran - started, 3),
            "total_seconds": round(time.time() - started, 3),
        }
        write_folder(folder, result_files(result, pictures, report, times))
    _print_run(result)
    typer.echo(f"report: {folder / 'report.html'}")


def _print_run(result: Any) -> None:
    from runs.backtest import tables
    from runs.backtest.plan_words import door_rows

    typer.echo(tables.headline(result))
    typer.echo()
    print_table(*tables.performance_rows(result))
    print_table([], tables.account_rows(result))
    if result.trades:
        print_table(*door_rows(result))
    for study in result.studies:
        for sentence in [*([study.alarm] if study.alarm else []), *study.sentences]:
            typer.echo(sentence)
        for table in study.grids:
            print_table(table.headings, table.rows)
    if result.legs:
        print_table(*tables.leg_rows(result))
    print_table(*tables.decay_rows(result))
    print_notes(result.warnings, "the report")


def main() -> None:
    """Entry point: an error that a person can mend is one sentence on stderr and exit code 2."""
    # What is imported stays: to look through it for garbage, while it is loaded and at the end, is a tenth of
    # a short command's time.
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
    try:
        app()
    except LetfError as error:
        print(f"letf: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("letf: stopped", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
