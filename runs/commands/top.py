"""`letf top`: the best cells of a sweep by any metric, and whether they stand on firm ground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runs.answers.terminal import print_table, status_line


def top(
    folder: Annotated[Path, typer.Argument(help="Result folder of a sweep, whole or not yet.")],
    by: Annotated[
        str | None, typer.Option(help="Metric to rank by; what the sweep ranked by if not given.")
    ] = None,
    most: Annotated[int, typer.Option("-n", min=1, help="How many cells.")] = 10,
    cell: Annotated[int | None, typer.Option(min=0, help="Show this cell in full, and mark it.")] = None,
    min_trades: Annotated[
        int, typer.Option("--min-trades", min=0, help="Leave out cells with fewer trades.")
    ] = 0,
    csv: Annotated[Path | None, typer.Option(help="Write the best cells to this file.")] = None,
    draw: Annotated[
        bool, typer.Option("--draw", help="Draw pictures and report of the folder anew, by this metric.")
    ] = False,
) -> None:
    """The best cells of a sweep, and whether their neighbours are as good."""
    with status_line("reading the cells"):
        from runs.sweeps.results.stability import sentences
        from runs.sweeps.results.top_tables import as_options, cell_rows, top_csv, top_rows
        from runs.sweeps.results.view import look

        view = look(folder, by, cell, min_trades)
        table = view.table
        headings, rows = top_rows(view, most)
        said = sentences(table, view.found)
        one = cell_rows(view) if cell is not None else []
    if not table.whole:
        part = "" if table.search else f" ({100 * len(table) / table.planned:.1f} %)"
        typer.echo(f"not whole yet: {table.so_far}{part}")
    failed = table.manifest.get("failed")
    if failed:
        typer.echo(f"NOT TO BE TRUSTED: {failed}")
    simulated = "SIMULATED: the prices are made by a model. " if table.simulated else ""
    least = f" with {view.least}" if view.least else ""
    typer.echo(f"{simulated}{table.title}, the best by {view.by}{least}:")
    typer.echo()
    print_table(headings, rows)
    for sentence in said:
        typer.echo(sentence)
    if one:
        typer.echo()
        print_table([], one)
    refused = table.texts(view.marked.cell)[1]
    if refused is None:
        typer.echo(f"{view.marked_name}, for letf run: {as_options(view, view.marked.cell)}")
    else:
        typer.echo(f"cell {view.marked.cell:,} was refused: {refused}")
    if csv is not None:
        from runs.sweeps.pictures.all import write_file

        write_file(csv, top_csv(view, most))
        typer.echo(f"table: {csv}")
    if draw:
        with status_line("drawing the pictures"):
            from runs.sweeps.pictures.all import write_files
            from runs.sweeps.pictures.report import report_files

            write_files(folder, report_files(view))
        typer.echo(f"report: {folder / 'report.html'}")
