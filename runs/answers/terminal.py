"""What commands put on the terminal: tables, a spinner, notes."""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

MOST_NOTES = 8
SECONDS_OF_RATE = 30  # over which cells a second are measured
SECONDS_A_LINE = 5  # of progress, where there is no terminal to draw on


def print_table(headings: list[str], rows: list[list[str]], words: bool = False) -> None:
    """A table; without headings if the list of them is empty. Numbers stand to the right, words to the
    left."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=bool(headings), pad_edge=False)
    for i in range(len(headings or rows[0])):
        heading = Text(headings[i]) if headings else ""
        table.add_column(heading, justify="left" if i == 0 or words else "right", no_wrap=i == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    # A pipe has no width of its own: give a table the room it needs rather than cutting it at 80.
    if not console.is_terminal:
        console = Console(highlight=False, width=160)
    console.print(table)


def status_line(first: str) -> Any:
    """A spinner on stderr while the work goes on; `update` changes its words."""
    from rich.console import Console

    return Console(stderr=True).status(first)


@contextmanager
def progress_bar(first: str, steps: int) -> Iterator[Callable[[str], None]]:
    """A bar on stderr; call what it gives with words at the start of each of the `steps`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=steps)
        begun = 0

        def step(words: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=words)
            begun += 1
            if not bar.console.is_terminal:
                bar.console.print(f"{begun} of {steps}: {words}", highlight=False)

        yield step


@contextmanager
def cell_bar(total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Cells done of all, the rate and the time left, on stderr; call what it gives with the number of cells
    that are newly done. Where stderr is no terminal: a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.description}"))
    said = time.monotonic()
    seen: deque[tuple[float, int]] = deque()  # (time, cells done) of the last while; the start is no measure
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"{done:,} of {total:,} cells", total=total, completed=done)

        def advance(cells: int) -> None:
            nonlocal done, said
            done += cells
            now = time.monotonic()
            seen.append((now, done))
            while now - seen[0][0] > SECONDS_OF_RATE and len(seen) > 2:
                seen.popleft()
            words = f"{done:,} of {total:,} cells"
            passed = now - seen[0][0]
            if passed > 0:
                rate = (done - seen[0][1]) / passed
                left = datetime.timedelta(seconds=round((total - done) / rate))
                words += f", {rate:,.{0 if rate >= 100 else 1}f} a second, {left} left"
            bar.update(task, completed=done, description=words)
            if not console.is_terminal and (now - said >= SECONDS_A_LINE or done == total):
                said = now
                console.print(words, highlight=False, soft_wrap=True)

        yield advance


def print_notes(notes: Sequence[str], rest: str) -> None:
    """The first notes, a line each; `rest` says where the others are."""
    for note in notes[:MOST_NOTES]:
        typer.echo(f"note: {note}")
    if len(notes) > MOST_NOTES:
        typer.echo(f"note: {len(notes) - MOST_NOTES:,} more in {rest}")
