"""Options that several commands share."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

INDEX_HELP = (
    "Index: nasdaq, semis-sim, a file, a name in the data folder, or eras spliced as SOX:2021-08-25:SOXX."
)

Spec = Annotated[str, typer.Argument(help="Spec file (TOML), or the name of an example.")]
Fund = Annotated[str, typer.Argument(help="Fund: a ticker of `letf funds`, or a .toml file of your own.")]
Index = Annotated[str | None, typer.Option(help=INDEX_HELP)]
IndexNeeded = Annotated[
    str, typer.Option("--index", help=INDEX_HELP)
]  # what a fund command cannot do without
Indices = Annotated[
    list[str] | None, typer.Option("--index", help=INDEX_HELP + " Several make it a parameter.")
]
Traded = Annotated[
    list[str] | None,
    typer.Option(
        help="A fund that has its own bars where it was traded: SOXS (of the data folder), SOXL=my_soxl.csv, "
        "or all that the folder has."
    ),
]
Actual = Annotated[
    str | None, typer.Option(help="Prices of the traded fund; the fund's ticker if not given.")
]
Start = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First session.")]
End = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last session.")]
Rates = Annotated[
    str | None,
    typer.Option(
        help="Short rate: a series by name or file (percent a year), or a constant such as 0.02; else Fed "
        "funds by month, which the project brings along."
    ),
]
Spreads = Annotated[
    Path | None, typer.Option(help="Financing spreads to use instead: a table as `letf calibrate` writes it.")
]
RunSpreads = Annotated[
    str | None,
    typer.Option(
        "--spreads",
        help="Financing spreads of funds: table, or fitted (to the data folder's traded prices).",
    ),
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of the simulated index.")]
DataDir = Annotated[Path | None, typer.Option(help="Data folder, else LETF_DATA_DIR, else the per-user one.")]
Splits = Annotated[
    str, typer.Option(help="Prices as traded: issuer (an issuer's habit) or actual; none is continuous.")
]
OnBadPrint = Annotated[
    str,
    typer.Option(
        help="A false print in the data: refuse, keep it, or close (what its open and close allow instead)."
    ),
]
Pictures = Annotated[
    str,
    typer.Option(
        help="Pictures as files: png, svg, both, all (extra ones too) or none; the report has its own."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Result folder, else one in runs/output by command and name.")]
Trials = Annotated[
    int | None,
    typer.Option(help="Independent rules that were tried to find this one; the spec's [sweep] says it too."),
]
Draws = Annotated[int, typer.Option(help="Times its days are drawn again.")]
Timings = Annotated[int, typer.Option(help="Random timings under the same plan.")]
DrawSeed = Annotated[int, typer.Option(help="Seed of what is drawn.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a key of the spec: plan.stop=0.08; none removes it."
    ),
]
