"""`letf compare`: several specs on the same data, one table, one chart."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from letf_instruments.errors import LetfError
from runs.answers.terminal import print_notes, print_table, progress_bar
from runs.commands.options import Changes, DataDir, End, Index, Out, Rates, Seed, Start, date_of


def compare(
    specs: Annotated[list[str], typer.Argument(help="Spec files (TOML), or names of examples; two or more.")],
    index: Index = None,
    start: Start = None,
    end: End = None,
    rates: Rates = None,
    seed: Seed = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Run several specs on the same data: one table, one chart.

    The data (index, short rate, dates) are those of the first spec, or as the options say; events, assets
    and costs are each spec's own.
    """
    started = time.time()
    with progress_bar("reading specs", len(specs)) as step:
        from runs.specs.run_spec import load_spec
        from runs.studies.comparison.study import compare_files, compare_headline, compare_rows, compare_specs

        data: dict[str, Any] = {
            "index": index,
            "start": date_of(start),
            "end": date_of(end),
            "rates": rates,
            "seed": seed,
        }
        loaded = []
        for spec in specs:
            try:
                loaded.append(load_spec(spec, changes, **data))
            except LetfError as error:
                raise type(error)(f"{Path(spec).stem}: {error}") from None
        found = compare_specs(loaded, data_dir, step)
        from runs.answers.canvas import png
        from runs.answers.folder import MANIFEST, as_json, manifest, write_folder
        from runs.studies.comparison.charts import compare_chart

        files = compare_files(found)
        files["compare.png"] = png(compare_chart(found))
        times = {
            "started": datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat(timespec="seconds"),
            "total_seconds": round(time.time() - started, 3),
        }
        each = [manifest(run, {}) for run in found.runs]
        files[MANIFEST] = as_json(
            {
                "spec": {label: facts.pop("spec") for label, facts in zip(found.labels, each, strict=True)},
                "simulated": found.simulated,
                "data": {label: facts["data"] for label, facts in zip(found.labels, each, strict=True)},
                "versions": each[0]["versions"],
                "notes": found.notes,
                "times": times,
            }
        )
        folder = out if out is not None else Path("runs/output/compare")
        write_folder(folder, files)
    typer.echo(compare_headline(found))
    typer.echo()
    print_table(*compare_rows(found))
    print_notes(found.notes, "the manifest")
    typer.echo(f"results: {folder}")
