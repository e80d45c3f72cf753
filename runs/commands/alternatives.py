"""`letf alternatives`: one rule's view of the market as a fund, a short sale, contracts for difference
and options."""

from __future__ import annotations

import datetime
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from runs.answers.terminal import print_notes, print_table, progress_bar
from runs.commands.options import Changes, DataDir, End, Index, Out, Rates, Seed, Start, date_of


class Size(StrEnum):
    """What is the same in each."""

    exposure = "exposure"
    stake = "stake"


def alternatives(
    spec: Annotated[str, typer.Argument(help="Spec file (TOML), or the name of an example.")],
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
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Trade one rule's view as a fund, a short sale, CFDs and options, and compare what they cost and risk.

    Premiums of the options are modelled. Margin, borrow fee and terms of the CFDs are those of the spec's
    [account], of either kind.
    """
    started = time.time()
    with progress_bar("reading the spec", 7) as step:
        from runs.specs.run_spec import load_spec
        from runs.studies.alternatives.study import find_alternatives

        loaded = load_spec(
            spec, changes, index=index, start=date_of(start), end=date_of(end), rates=rates, seed=seed
        )
        found = find_alternatives(loaded, data_dir, size.value, step, days, moneyness, scale)
        from runs.answers.canvas import png
        from runs.answers.folder import MANIFEST, as_json, manifest, write_folder
        from runs.studies.alternatives import words as tables
        from runs.studies.alternatives.charts import alternatives_chart

        files = tables.alternatives_files(found)
        files["alternatives.png"] = png(alternatives_chart(found))
        times = {
            "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(timespec="seconds"),
            "total_seconds": round(time.time() - started, 3),
        }
        facts = manifest(found.view.run, times)
        facts.pop("warnings")
        facts["spec"] = loaded.resolved()
        files[MANIFEST] = as_json(
            {
                "sizing": found.sizing,
                "options": {"days": days, "moneyness": moneyness, "scale": scale},
                **facts,
                "notes": found.notes,
            }
        )
        folder = out if out is not None else Path("runs/output") / f"alternatives_{loaded.name}"
        write_folder(folder, files)
    typer.echo(tables.alternatives_headline(found))
    typer.echo()
    print_table(*tables.word_rows(found), words=True)
    print_table(*tables.figure_rows(found))
    print_notes(found.notes, "the manifest")
    typer.echo(f"results: {folder}")
