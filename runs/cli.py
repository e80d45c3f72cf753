"""The `letf` command. Heavy imports happen inside the commands, so that help answers at once."""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from letf_instruments.errors import LetfError
from runs.data_commands import data_app
from runs.decay_command import decay
from runs.terminal import print_table, status

app = typer.Typer(
    name="letf",
    help="A wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data_app, name="data")


@app.callback()
def _root() -> None:
    """A wind tunnel for daily-reset leveraged ETFs such as SOXL and SOXS."""


Index = Annotated[
    str | None, typer.Option(help="Index: nasdaq, semis-sim, a file, or a name in the data folder.")
]
Start = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First session.")]
End = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last session.")]
Rates = Annotated[str | None, typer.Option(help="Short-rate series: a file, or a name in the data folder.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the simulated index.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a key of the spec: plan.stop=0.08; none removes it."
    ),
]
DataDir = Annotated[Path | None, typer.Option(help="Data folder, else LETF_DATA_DIR, else the per-user one.")]
Out = Annotated[Path | None, typer.Option(help="Result folder, else runs/output/NAME.")]


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
    with status("reading the spec") as progress:
        from runs.spec import load_spec

        loaded = load_spec(
            spec,
            changes,
            index=index,
            start=start.date() if start else None,
            end=end.date() if end else None,
            rates=rates,
            seed=seed,
        )
        progress.update("running in backtrader")
        from runs.backtest import run_backtest

        result = run_backtest(loaded, data_dir)
        ran = time.time()
        progress.update("drawing the pictures")
        from runs.charts import draw_all
        from runs.output import result_files, write_folder
        from runs.report import render_report

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


app.command()(decay)


def _print_run(result: Any) -> None:
    from runs import tables

    typer.echo(tables.headline(result))
    typer.echo()
    print_table(*tables.performance_rows(result))
    print_table([], tables.account_rows(result))
    if result.trades:
        print_table(*tables.exit_rows(result))
    print_table(*tables.decay_rows(result))
    for warning in result.warnings[:8]:
        typer.echo(f"note: {warning}")
    if len(result.warnings) > 8:
        typer.echo(f"note: {len(result.warnings) - 8:,} more in the report")


def main() -> None:
    """Entry point: an error that a person can mend is one sentence on stderr and exit code 2."""
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
