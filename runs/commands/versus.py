"""`letf versus`: the index and its leveraged funds side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from letf_instruments.errors import SpecError
from runs.commands.options import DataDir, End, IndexNeeded, OnBadPrint, Out, Pictures, Rates, Seed, Start
from runs.commands.shell import answered, date_of


def versus(
    index: IndexNeeded,
    multiples: Annotated[str, typer.Option(help="Daily multiples; 1 is the index itself.")] = "1,3,-3",
    rates: Rates = None,
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
    out: Out = None,
    pictures: Pictures = "png",
) -> None:
    """Compare an index with its leveraged funds: return, risk, correlation, tracking."""

    def ask(say):  # type: ignore[no-untyped-def]
        from runs.studies.versus.answer import ask

        known = 1 if seed is None else seed
        return ask(
            index,
            read_multiples(multiples),
            rates,
            date_of(start),
            date_of(end),
            known,
            data_dir,
            say,
            on_bad_print,
        )

    answered(ask, out, pictures)


def read_multiples(text: str) -> list[float]:
    """Multiples from `1,3,-3`.

    Raises
    ------
    SpecError
        If one is not a number.
    """
    out: list[float] = []
    for part in text.split(","):
        try:
            out.append(float(part))
        except ValueError:
            raise SpecError(f"multiples {text!r}: {part!r} is not a number; write them as 1,3,-3") from None
    return out
