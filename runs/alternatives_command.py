"""`letf alternatives`: one rule's view of the market as a fund, a short sale and contracts for difference."""

from __future__ import annotations

import datetime
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from runs.options import Changes, DataDir, End, Index, Out, Rates, Seed, Start, date_of
from runs.terminal import print_notes, print_table, progress_bar


class Size(StrEnum):
    """What is the same in each."""

    exposure = "exposure"
    stake = "stake"


def alternatives(
    spec: Annotated[str, typer.Argument(help="Spec file (TOML), or the name of an example.")],
    size: Annotated[
        Size, typer.Option(help="The same exposure in each, or the same share of equity tied up.")
    ] = Size.exposure,
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Trade one rule's view as a fund, a short sale and CFDs, and compare what they cost and risk.

    Margin, borrow fee and terms of the CFDs are those of the spec's [account], of either kind.
    """
    started = time.time()
    with progress_bar("reading the spec", 5) as step:
        from runs.alternatives import find_alternatives
        from runs.spec import load_spec

        loaded = load_spec(
            spec, changes, index=index, start=date_of(start), end=date_of(end), rates=rates, seed=seed
        )
        found = find_alternatives(loaded, data_dir, size.value, step)
        from runs import alternatives_tables as tables
        from runs.alternatives_chart import alternatives_chart
        from runs.canvas import png
        from runs.output import MANIFEST, as_json, manifest, write_folder

        files = tables.alternatives_files(found)
        files["alternatives.png"] = png(alternatives_chart(found))
        times = {
            "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(timespec="seconds"),
            "total_seconds": round(time.time() - started, 3),
        }
        facts = manifest(found.view.run, times)
        facts.pop("warnings")
        facts["spec"] = loaded.resolved()
        files[MANIFEST] = as_json({"sizing": found.sizing, **facts, "notes": found.notes})
        folder = out if out is not None else Path("runs/output") / f"alternatives_{loaded.name}"
        write_folder(folder, files)
    typer.echo(tables.alternatives_headline(found))
    typer.echo()
    print_table(*tables.word_rows(found), words=True)
    print_table(*tables.figure_rows(found))
    print_notes(found.notes, "the manifest")
    typer.echo(f"results: {folder}")
