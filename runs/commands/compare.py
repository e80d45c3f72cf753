"""`letf compare`: several specs on the same data, one table, one chart."""

from __future__ import annotations

from typing import Annotated

import typer

from runs.commands.options import Changes, DataDir, End, Index, Out, Pictures, Rates, RunSpreads, Seed, Start
from runs.commands.shell import answered, data_given


def compare(
    specs: Annotated[
        list[str],
        typer.Argument(help="Spec files (TOML), or names of examples; two or more, or one with --traded."),
    ],
    traded: Annotated[
        bool,
        typer.Option(
            "--traded", help="Each on synthetic prices of its funds and on traded ones, trade by trade."
        ),
    ] = False,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    seed: Seed = None,
    spreads: RunSpreads = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Run several specs on the same data: one table, one chart.

    The data (index, short rate, dates) are those of the first spec, or as the options say; events, assets
    and costs are each spec's own.
    """

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.specs.reading import load_specs
        from runs.studies.comparison.answer import ask

        loaded = load_specs(specs, changes, **data_given(index, start, end, rates, seed, spreads))
        return ask(loaded, data_dir, say, traded)

    answered(ask, out, pictures, steps=len(specs) * (2 if traded else 1))
