"""`letf today`: what a rule says on the last close, and the orders for the next session."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer

from runs.commands.options import Changes, DataDir, Index, Out, Pictures, Rates, Seed, Spec, Start, Traded
from runs.commands.shell import answered, data_given, date_of

TO_DO = 10  # the exit code where there are orders


def today(
    spec: Spec,
    equity: Annotated[
        float | None, typer.Option(help="Money of the account that sizes are for, else the run's own.")
    ] = None,
    holding: Annotated[
        list[str] | None,
        typer.Option(
            metavar="INSTRUMENT=SHARES@PRICE,DATE",
            help="What you hold, in place of the run's position; several, or none.",
        ),
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(metavar="INSTRUMENT=CLOSE", help="Last close as traded, where the bars are synthetic."),
    ] = None,
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Another day than the last session that is over."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of words; a folder only with --out.")
    ] = False,
    index: Index = None,
    start: Start = None,
    rates: Rates = None,
    traded: Traded = None,
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Say what a rule says on the last close: its conditions, the orders for the next session, and what would
    change it.

    Exit code 0: nothing to do; 10: there are orders; 2: it cannot be said.
    """
    to_do = False

    def ask(say):  # type: ignore[no-untyped-def]
        nonlocal to_do
        from runs.specs.reading import load_spec
        from runs.studies.today.answer import ask

        loaded = load_spec(spec, changes, **data_given(index, start, None, rates, seed, traded=traded))
        found = ask(loaded, equity, holding, price, date_of(as_of), data_dir, say)
        to_do = found.to_do
        return found

    answered(ask, out, pictures, as_json=as_json)
    if to_do:
        raise typer.Exit(TO_DO)
