"""`letf alternatives`: one rule's view of the market as a fund, a short sale, contracts for difference
and options."""

from __future__ import annotations

from enum import StrEnum
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
    Seed,
    Spec,
    Start,
    Traded,
)
from runs.commands.shell import answered, data_given


class Size(StrEnum):
    """What is the same in each."""

    exposure = "exposure"
    stake = "stake"


def alternatives(
    spec: Spec,
    size: Annotated[
        Size, typer.Option(help="The same exposure in each, or the same share of equity tied up.")
    ] = Size.exposure,
    days: Annotated[
        int, typer.Option(min=0, max=370, help="Options: calendar days to expiry, at least.")
    ] = 30,
    moneyness: Annotated[
        float, typer.Option(min=0.2, max=5.0, help="Options: strike over the underlying's close.")
    ] = 1.0,
    scale: Annotated[
        float | None,
        typer.Option(min=0.01, max=10.0, help="Options: the index's volatility over data.volatility."),
    ] = None,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    traded: Traded = None,
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Trade one rule's view as a fund, a short sale, CFDs and options, and compare what they cost and risk.

    Premiums of the options are modelled. Margin, borrow fee and terms of the CFDs are those of the spec's
    [account], of either kind.
    """

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.specs.reading import load_spec
        from runs.studies.alternatives.answer import ask

        loaded = load_spec(spec, changes, **data_given(index, start, end, rates, seed, traded=traded))
        return ask(loaded, size.value, days, moneyness, scale, data_dir, say)

    answered(ask, out, pictures, steps=7)  # the rule's own run and six ways
