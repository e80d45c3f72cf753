"""`letf data`: what data there is, whether it can be trusted, and where to get more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data_app = typer.Typer(help="List, check and fetch market data.", no_args_is_help=True, rich_markup_mode=None)
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
    for row in inside:
        typer.echo(f"{row.name:<12} {row.what}")
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
    typer.echo(f"usable, with {count} warning{'s' * (count != 1)}" if count else "clean")


@data_app.command(epilog="Example: letf data get SOX SOXX SOXL SOXS")
def get(
    names: Annotated[list[str], typer.Argument(help="Tickers: SOX SOXX SOXL SOXS …")],
    data_dir: Folder = None,
) -> None:
    """Fetch daily bars from Yahoo Finance into the data folder (needs the extra `yahoo`)."""
    from rich.console import Console

    from feeds.checking.checks import warnings_of
    from feeds.sources import data_folder
    from feeds.yahoo import fetch

    folder = data_folder(data_dir)
    for name in names:
        with Console(stderr=True).status(f"fetching {name}"):
            path, bars = fetch(name, folder)
        typer.echo(f"{path}: {len(bars):,} bars, {bars.sessions[0]} to {bars.sessions[-1]}")
        for warning in warnings_of(bars):
            typer.echo(f"warning: {warning}")
