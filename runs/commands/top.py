"""`letf top`: the best cells of a sweep by any metric, and whether they stand on firm ground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runs.answers.progress import OnTerminal


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
    with OnTerminal().status("reading the cells"):
        from runs.answers.drawing import drawn
        from runs.answers.files import frame_csv, write_file
        from runs.answers.terminal import print_answer, print_notes
        from runs.sweeps.answer import answer_of, report_files
        from runs.sweeps.results.view import look

        answer = answer_of(folder, look(folder, by, cell, min_trades), most=most)
    print_answer(answer)
    if csv is not None:
        write_file(csv, frame_csv(answer.best, answer.simulated))
        typer.echo(f"table: {csv}")
    if draw:
        with OnTerminal().status("drawing the pictures"):
            made = drawn(answer.pictures)
            for name, content in report_files(answer, made).items():
                write_file(folder / name, content)
        print_notes(list(made.missing.values()))
        typer.echo(f"report: {folder / 'report.html'}")
