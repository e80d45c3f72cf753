"""The options that the commands share: one name, one help text each."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

Index = Annotated[
    str | None, typer.Option(help="Index: nasdaq, semis-sim, a file, or a name in the data folder.")
]
Start = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First session.")]
End = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last session.")]
Rates = Annotated[str | None, typer.Option(help="Short-rate series: a file, or a name in the data folder.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the simulated index.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a key of the spec: plan.stop=0.08; none removes it."
    ),
]
DataDir = Annotated[Path | None, typer.Option(help="Data folder, else LETF_DATA_DIR, else the per-user one.")]
Out = Annotated[Path | None, typer.Option(help="Result folder, else runs/output/NAME.")]

# What a command on a fund cannot do without.
IndexNeeded = Annotated[
    str,
    typer.Option(
        "--index", help="Index: nasdaq, semis-sim, a file, a name in the data folder, or A:DATE:B of them."
    ),
]
