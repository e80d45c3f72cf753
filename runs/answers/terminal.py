"""The terminal face: the sentence first, then tables that are never cut, then notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from runs.answers.parts import Table
from runs.answers.record import Record

MOST_NOTES = 8
PIPED = 160  # columns where there is no terminal to ask
GAP = 3  # columns of the terminal between two of a table
EDGES = 2  # and at its sides
SHORT = 10  # characters of a cell of words that is not broken: 0.75 %


def print_answer(answer: Record) -> None:
    """What a command prints: headline, alarms, sentences and tables that are brief, notes."""
    if answer.alarm:
        typer.echo(answer.alarm)
    typer.echo(answer.headline)
    typer.echo()
    for part in answer.sections:
        if not part.brief:
            continue
        for sentence in [*([part.alarm] if part.alarm else []), *part.sentences]:
            typer.echo(sentence)
        for table in part.tables:
            if table.brief:
                print_table(table)
    print_notes(answer.notes)


def print_notes(notes: Sequence[str], rest: str = "the manifest") -> None:
    """The first notes, a line each; `rest` says where the others are."""
    for note in notes[:MOST_NOTES]:
        typer.echo(f"note: {note}")
    if len(notes) > MOST_NOTES:
        typer.echo(f"note: {len(notes) - MOST_NOTES:,} more in {rest}")


def print_table(table: Table) -> None:
    """A table under its title. Where the terminal is too narrow, words are broken into lines; a table of
    numbers is turned or split, so that no number is ever cut. Nothing if it has no rows."""
    if not table.rows:
        return
    if table.title:
        typer.echo(table.title)
    width = terminal_width()
    for headings, rows in fitted(table, width):
        _print_grid(headings, rows, table.words, width)


def terminal_width() -> int:
    """Columns of the terminal; of a pipe, which has none of its own, enough for any table."""
    from rich.console import Console

    console = Console()
    return console.width if console.is_terminal else PIPED


def fitted(table: Table, width: int) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Headings and rows of the parts in which a table is shown within so many columns."""
    headings, rows = list(table.headings), [list(row) for row in table.rows]
    if table.words:
        yield from _split(headings, rows, width, _longest_words(headings, rows))
        return
    if _width(headings, rows) <= width:
        yield headings, rows
        return
    turned = _turned(headings, rows)
    if headings and _width(*turned) <= width:
        yield turned
        return
    yield from _split(headings, rows, width, _sizes(headings, rows))


def _turned(headings: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Rows become columns."""
    names = [*(headings[:1] or [""]), *(row[0] for row in rows)]
    columns = [[heading, *(row[i] for row in rows)] for i, heading in enumerate(headings) if i]
    return names, columns


def _split(
    headings: list[str], rows: list[list[str]], width: int, sizes: list[int]
) -> Iterator[tuple[list[str], list[list[str]]]]:
    """The table in as few parts as have room for columns of these sizes, the first column in each."""
    at = 1
    while at < len(sizes):
        used, end = sizes[0] + EDGES, at
        while end < len(sizes) and (end == at or used + GAP + sizes[end] <= width):
            used += GAP + sizes[end]
            end += 1
        picked = [0, *range(at, end)]
        yield [headings[i] for i in picked] if headings else [], [[row[i] for i in picked] for row in rows]
        at = end


def _width(headings: list[str], rows: list[list[str]]) -> int:
    sizes = _sizes(headings, rows)
    return sum(sizes) + GAP * (len(sizes) - 1) + EDGES


def _sizes(headings: list[str], rows: list[list[str]]) -> list[int]:
    """What each column needs: its cells whole, its heading in lines of a word or more."""
    count = len(headings or rows[0])
    cells = [max((len(row[i]) for row in rows), default=0) for i in range(count)]
    words = [max((len(w) for w in headings[i].split()), default=0) if headings else 0 for i in range(count)]
    return [max(pair) for pair in zip(cells, words, strict=True)]


def _longest_words(headings: list[str], rows: list[list[str]]) -> list[int]:
    """What each column of a table of words needs: the first its cells whole, the others their longest word,
    since a word that is broken is read twice, and whole what is as short as a number with its unit."""
    columns = list(zip(*([headings] if headings else []), *rows, strict=True))
    kept = [
        [part for cell in own for part in ([cell] if len(cell) <= SHORT else cell.split())] for own in columns
    ]
    return [_sizes(headings, rows)[0], *(max(map(len, own), default=0) for own in kept[1:])]


def _broad(headings: list[str], rows: list[list[str]], width: int) -> list[int]:
    """Widths of the columns of a table of words: their longest word, and the room that is left to those whose
    cells are the longest for their width. Rich itself would take from a column what its words need."""
    sizes = _longest_words(headings, rows)
    cells = [max(len(row[i]) for row in ([headings] if headings else []) + rows) for i in range(len(sizes))]
    spare = width - (sum(sizes) + GAP * (len(sizes) - 1) + EDGES)
    if spare < 0:  # a single word is too long, and is broken after all
        at = sizes.index(max(sizes[1:] or sizes), min(len(sizes) - 1, 1))
        sizes[at] = max(sizes[at] + spare, 1)
    for _ in range(max(spare, 0)):
        at = max(range(len(sizes)), key=lambda i: cells[i] / max(sizes[i], 1))
        if cells[at] <= sizes[at]:
            break
        sizes[at] += 1
    return sizes


def _print_grid(headings: list[str], rows: list[list[str]], words: bool, width: int) -> None:
    """Numbers to the right, words to the left; headings, and words, are broken where they must be."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD, show_header=bool(headings), pad_edge=False)
    sizes = _broad(headings, rows, width) if words else _sizes(headings, rows)
    spare = 0 if words else width - _width(headings, rows)
    for i, size in enumerate(sizes):
        heading = Text(headings[i]) if headings else ""
        more = min(max(len(heading) - size, 0), max(spare, 0))  # on one line where there is room for it
        spare -= more
        # Rich would break a number at its blanks; in a column of its own width it has no reason to.
        left = i == 0 or words
        grid.add_column(heading, justify="left" if left else "right", width=size + more, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    Console(highlight=False, width=width).print(grid)
