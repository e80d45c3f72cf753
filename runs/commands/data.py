"""`letf data`: what data there is, whether it can be trusted, and where to get more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from letf_instruments.errors import LetfError

data_app = typer.Typer(help="List, check and fetch market data.", no_args_is_help=True, rich_markup_mode=None)
Folder = Annotated[
    Path | None, typer.Option("--data-dir", help="Data folder, else LETF_DATA_DIR, else the per-user one.")
]


@data_app.command("list")
def list_data(data_dir: Folder = None) -> None:
    """What can be named as an index or a short rate."""
    from feeds.sources import BUILT_IN, data_folder, files_in, load_bars, load_rate

    for name, what in BUILT_IN.items():
        typer.echo(f"{name:<12} {what}")
    folder = data_folder(data_dir)
    typer.echo(f"\nin {folder}:")
    paths = files_in(folder)
    for path in paths:
        try:
            bars = load_bars(str(path))
            kind = "daily" if bars.daily else "intraday"
            text = f"{bars.sessions[0]} to {bars.sessions[-1]}  {len(bars):>7,} {kind} bars"
        except LetfError as error:
            text = f"no bars: {str(error).partition(';')[0]}"
        typer.echo(f"{path.stem:<12} {text}")
    rates = files_in(folder / "rates")
    for path in rates:
        try:
            rate = load_rate(str(path))
            assert rate.days is not None
            text = f"{rate.days[0]} to {rate.days[-1]}  short rate"
        except LetfError as error:
            text = f"no rates: {str(error).partition(';')[0]}"
        typer.echo(f"{path.stem:<12} {text}")
    if not paths and not rates:
        typer.echo("  nothing yet; `letf data get SOX SOXX SOXL SOXS` fetches some")


@data_app.command()
def check(
    name: Annotated[str, typer.Argument(help="nasdaq, semis-sim, a file, or a name in the data folder.")],
    data_dir: Folder = None,
) -> None:
    """Check bars: refused (exit code 2), warned of, or clean."""
    from feeds.checks import warnings_of
    from feeds.sources import data_folder, load_bars

    bars = load_bars(name, data_folder(data_dir))
    kind = "daily" if bars.daily else "intraday"
    mark = ", SIMULATED" if bars.simulated else ""
    typer.echo(
        f"{bars.name}: {len(bars):,} {kind} bars, {bars.sessions[0]} to {bars.sessions[-1]}{mark}, "
        f"SHA-256 {bars.fingerprint()[:16]}…"
    )
    warnings = warnings_of(bars)
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    typer.echo(f"usable, with {len(warnings)} warning{'s' * (len(warnings) != 1)}" if warnings else "clean")


@data_app.command()
def get(
    names: Annotated[list[str], typer.Argument(help="Tickers: SOX SOXX SOXL SOXS …")],
    data_dir: Folder = None,
) -> None:
    """Fetch daily bars from Yahoo Finance into the data folder (needs the extra `yahoo`)."""
    from rich.console import Console

    from feeds.checks import warnings_of
    from feeds.sources import data_folder
    from feeds.yahoo import fetch

    folder = data_folder(data_dir)
    for name in names:
        with Console(stderr=True).status(f"fetching {name}"):
            path, bars = fetch(name, folder)
        typer.echo(f"{path}: {len(bars):,} bars, {bars.sessions[0]} to {bars.sessions[-1]}")
        for warning in warnings_of(bars):
            typer.echo(f"warning: {warning}")
