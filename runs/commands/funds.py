"""`letf funds` and `letf synth`: what funds are known, and a fund's history as a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any

import typer

from letf_instruments.errors import SpecError
from runs.answers.progress import OnTerminal
from runs.commands.options import (
    DataDir,
    End,
    Fund,
    IndexNeeded,
    OnBadPrint,
    Rates,
    Seed,
    Splits,
    Spreads,
    Start,
)
from runs.commands.shell import date_of


def funds(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Fund files (.toml) of your own to list too.")
    ] = None,
) -> None:
    """List the funds that are known, with the facts in force today."""
    from runs.answers.parts import Table
    from runs.answers.terminal import print_table
    from runs.answers.words import share, times
    from runs.studies.funds.study import known_funds

    columns = known_funds(files or ()).reset_index().itertuples(index=False)
    rows = [
        [ticker, times(multiple), since, share(fee, 2), share(spread, 2), rests, index, name]
        for ticker, multiple, since, fee, spread, rests, index, name in columns
    ]
    headings = ["fund", "multiple", "since", "fee", "spread", "which is", "index", "name"]
    print_table(Table("Funds that are known, with the facts in force today", headings, rows, words=True))


def synth(
    fund: Fund,
    index: IndexNeeded,
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    rates: Rates = None,
    spreads: Spreads = None,
    splice: Annotated[
        str | None, typer.Option(help="Prices of the traded fund: real bars from its first day on.")
    ] = None,
    splits: Splits = "none",
    start: Start = None,
    end: End = None,
    seed: Seed = None,
    on_bad_print: OnBadPrint = "refuse",
    data_dir: DataDir = None,
) -> None:
    """Write a synthetic fund's bars and ledger; close is total return, like a traded fund's adj_close. With
    splits, open to close are as traded; the ledger stays that of a share that is never split."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise SpecError(f"--out {out} must end in .csv or .parquet")
    for given in (index, splice, rates, spreads):
        if given is not None and Path(given).resolve() == out.resolve():
            raise SpecError(f"--out {out} is also what is read; name another file")
    with OnTerminal().status("synthesising") as say:
        from runs.studies.funds.study import synthetic

        known = 1 if seed is None else seed
        made = synthetic(
            fund,
            index,
            rates,
            spreads,
            splice,
            splits,
            date_of(start),
            date_of(end),
            known,
            data_dir,
            say,
            on_bad_print,
        )
        _write(made, out)
    for note in made.notes:
        typer.echo(f"note: {note}")
    mark = ", SIMULATED" if made.simulated else ""
    typer.echo(f"{out}: {len(made.frame):,} bars of {made.fund} on {made.index}{mark}")


def _write(made: Any, out: Path) -> None:
    """Write whole or not at all."""
    from letf_instruments.errors import LetfError
    from runs.answers.files import frame_csv, write_file

    if out.suffix.lower() == ".csv":
        days = made.frame.index
        style = "%Y-%m-%d" if (days == days.normalize()).all() else "%Y-%m-%d %H:%M:%S"
        dated = made.frame.set_axis(days.strftime(style).rename("date"))
        content = frame_csv(dated, made.simulated)
    else:
        frame = made.frame.assign(data="SIMULATED") if made.simulated else made.frame
        buffer = io.BytesIO()
        frame.reset_index().to_parquet(buffer, index=False)
        content = buffer.getvalue()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LetfError(f"cannot write {out}: {error.strerror or error}") from None
    write_file(out, content)
