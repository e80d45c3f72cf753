"""Options that several commands share."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

INDEX_HELP = (
    "Index: nasdaq, semis-sim, a file, a name in the data folder, or eras spliced as SOX:2021-08-25:SOXX."
)

Fund = Annotated[str, typer.Argument(help="Fund: a ticker of `letf funds`, or a .toml file of your own.")]
Index = Annotated[str, typer.Option(help=INDEX_HELP)]
Actual = Annotated[
    str | None, typer.Option(help="Prices of the traded fund; the fund's ticker if not given.")
]
Start = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First session.")]
End = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last session.")]
Rates = Annotated[
    str | None,
    typer.Option(help="Short rate: a series by name or file (percent a year), or a constant such as 0.02."),
]
Spreads = Annotated[
    Path | None, typer.Option(help="Financing spreads to use instead: a table as `letf calibrate` writes it.")
]
Seed = Annotated[int, typer.Option(help="Seed of the simulated index.")]
DataDir = Annotated[Path | None, typer.Option(help="Data folder, else LETF_DATA_DIR, else the per-user one.")]
Out = Annotated[Path | None, typer.Option(help="Result folder, else runs/output/COMMAND_FUND.")]


def date_of(moment: datetime.datetime | None) -> datetime.date | None:
    """The date of an option's moment, None if it was not given."""
    return moment.date() if moment else None


def status(first: str) -> Any:
    """A spinner on stderr for work that takes a while."""
    from rich.console import Console

    return Console(stderr=True).status(first)


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """Print rows; the first column left, the others right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=bool(headings), pad_edge=False)
    for i in range(len(headings or rows[0])):
        heading = Text(headings[i]) if headings else ""
        table.add_column(heading, justify="left" if i == 0 else "right", no_wrap=i == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    # A pipe has no width of its own: give a table the room it needs rather than cutting it at 80.
    if not console.is_terminal:
        console = Console(highlight=False, width=160)
    console.print(table)
