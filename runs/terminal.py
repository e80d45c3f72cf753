"""How the commands speak to a person's terminal: tables on stdout, progress on stderr."""

from __future__ import annotations

from typing import Any


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """A table without frame; the first column to the left, the others to the right."""
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


def status(first: str) -> Any:
    """A spinner with a text, for the time that a `with` block takes."""
    from rich.console import Console

    return Console(stderr=True).status(first)
