"""`letf view`: a local page over a folder of results."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from runs.commands.shell import RESULTS


def view(
    folder: Annotated[Path, typer.Argument(help="Folder with results in it or below.")] = RESULTS,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any that is free.")
    ] = 8765,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser there.")] = True,
) -> None:
    """List results in a browser: search, sort by any metric, open, lay over each other, compare their specs.

    The page is on 127.0.0.1 alone. Ctrl-C ends it.
    """
    from runs.answers.view import View
    from runs.specs.run_spec import unsaid_in

    shown = View(folder, port, unsaid_in)
    typer.echo(f"results in {folder}: {shown.address} (Ctrl-C ends it)")
    if open_:
        webbrowser.open(shown.address)
    try:
        shown.serve()
    except KeyboardInterrupt:
        typer.echo("ended")
