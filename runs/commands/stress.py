"""`letf stress`: a rule on named paths of its index, and in windows of the real one."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import (
    Changes,
    DataDir,
    End,
    Index,
    Out,
    Pictures,
    Rates,
    RunSpreads,
    Spec,
    Start,
    Traded,
)
from runs.commands.shell import Say, answered, data_given


def stress(
    spec: Spec,
    paths: Annotated[
        str, typer.Option(help="Which paths, by key: chop,correction,real_2022; all if not given.")
    ] = "",
    impact: Annotated[
        str,
        typer.Option(
            help="Let the funds' own trade move the close: sqrt, almgren or linear; none leaves it out."
        ),
    ] = "none",
    impact_size: Annotated[float | None, typer.Option(help="Factor of the impact; 1 if not given.")] = None,
    fund_assets: Annotated[
        str | None,
        typer.Option(
            help="Dollars of the funds that trade; SOXL=10e9,SOXS=1e9 if not given, which is assumed."
        ),
    ] = None,
    traded_value: Annotated[
        float | None,
        typer.Option(
            help="Dollars of the index's members traded a day; 50e9 if not given, which is assumed."
        ),
    ] = None,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    traded: Traded = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the paths, and of a simulated index.")
    ] = None,
    spreads: RunSpreads = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Run a rule on named paths (chop, crash, melt-up, …) and in real windows such as 2008."""

    def ask(say: Say):  # type: ignore[no-untyped-def]
        from runs.robustness.stress.answer import ask
        from runs.specs.reading import load_spec

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, spreads, traded))
        return ask(loaded, paths, impact, impact_size, fund_assets, traded_value, data_dir, say)

    answered(ask, out, pictures)
