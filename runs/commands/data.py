"""`letf data`: what data there is, whether it can be trusted, and where to get more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letf_instruments.errors import DataError

if TYPE_CHECKING:
    from feeds.fetching.get import Fetched
    from feeds.fetching.yahoo import Yahoo

data_app = typer.Typer(
    help="List, check, fetch and update market data.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Folder = Annotated[
    Path | None, typer.Option("--data-dir", help="Data folder, else LETF_DATA_DIR, else the per-user one.")
]


@data_app.command("list", epilog="Example: letf data list")
def list_data(data_dir: Folder = None) -> None:
    """What can be named as an index or a short rate."""
    from feeds.catalogue import listing
    from feeds.sources import data_folder

    folder = data_folder(data_dir)
    found = listing(folder)
    for row in found:
        if row.kind == "built in":
            typer.echo(f"{row.name:<12} {row.what}")
    typer.echo(f"\nin {folder}:")
    inside = [row for row in found if row.kind != "built in"]
    widest = max((len(row.name) for row in inside), default=0)
    for row in inside:
        typer.echo(f"{row.name:<{max(widest, 12)}} {row.what}")
    if not inside:
        typer.echo("  nothing yet; `letf data get SOX SOXX SOXL SOXS` fetches some")


@data_app.command(epilog="Example: letf data check nasdaq")
def check(
    name: Annotated[str, typer.Argument(help="nasdaq, semis-sim, a file, or a name in the data folder.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", help="What to take it for: bars, closes, rate, borrow or volatility."),
    ] = None,
    data_dir: Folder = None,
) -> None:
    """Check data: refused (exit code 2), warned of, or clean; and say what they were taken for and what was
    done in reading them."""
    from feeds.checking.judged import judged
    from feeds.sources import data_folder

    found = judged(name, data_folder(data_dir), kind)  # type: ignore[arg-type]
    typer.echo(found.what)
    for note in found.notes:
        typer.echo(f"note: {note}")
    for warning in found.warnings:
        typer.echo(f"warning: {warning}")
    count = len(found.warnings)
    usable = f"usable, with {count} warning{'s' * (count != 1)}" if count else "clean"
    typer.echo(
        "refused until on_bad_print says what shall become of a false print" if found.refused else usable
    )


@data_app.command(epilog="Example: letf data get SOX SOXX SOXL SOXS")
def get(
    names: Annotated[list[str], typer.Argument(help="Tickers: SOX SOXX SOXL SOXS …")],
    data_dir: Folder = None,
) -> None:
    """Fetch daily histories from Yahoo Finance.

    They go into the data folder, each checked, and written whole or not at all. Needs the extra `yahoo`.
    """
    from feeds.fetching.get import get
    from feeds.sources import data_folder

    _one_by_one(get, names, data_folder(data_dir))


@data_app.command(epilog="Example: letf data update")
def update(
    names: Annotated[
        list[str] | None, typer.Argument(help="Tickers that were fetched; all, if none is named.")
    ] = None,
    data_dir: Folder = None,
) -> None:
    """Add the newest sessions to what `get` fetched.

    Where Yahoo has changed the past, for a split, a dividend or a corrected price, the file is fetched anew.
    """
    from feeds.fetching.kept import to_update
    from feeds.fetching.update import update
    from feeds.sources import data_folder

    folder, skipped = data_folder(data_dir), []
    if not names:
        names, skipped = to_update(folder)
        if not names:
            typer.echo(f"nothing in {folder} to update; `letf data get SOX SOXX SOXL SOXS` fetches some")
    for sentence in skipped:
        typer.echo(sentence)
    _one_by_one(update, names, folder)


def _one_by_one(do: Callable[[str, Path, Yahoo], Fetched], names: list[str], folder: Path) -> None:
    """Do it for each ticker; those that fail are told of at the end, with exit code 2."""
    from rich.markup import escape

    from feeds.fetching.get import each_once
    from feeds.fetching.yahoo import Yahoo
    from runs.answers.progress import OnTerminal

    yahoo, failed = Yahoo(), []
    for name in each_once(names):
        try:
            with OnTerminal().status(escape(f"fetching {name}")) as say:
                yahoo.say = say
                done = do(name, folder, yahoo)
        except DataError as error:
            failed.append(str(error))
            continue
        typer.echo(done.words)
        for note in done.notes:
            typer.echo(f"note: {note}")
        for warning in done.warnings:
            typer.echo(f"warning: {warning}")
    for sentence in dict.fromkeys(failed):
        typer.echo(f"letf: {sentence}", err=True)
    if failed:
        raise typer.Exit(2)
