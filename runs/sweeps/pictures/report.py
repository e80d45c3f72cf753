"""The report of a sweep: one HTML file that opens offline, pictures and all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runs.sweeps.pictures.all import draw_view
from runs.sweeps.results.ranking import counted, metric_name, value_text
from runs.sweeps.results.stability import sentences
from runs.sweeps.results.top_tables import as_options, top_rows
from runs.sweeps.results.view import View, look

TEMPLATE = Path(__file__).parent / "sweep.html.j2"
SHOWN = 20


def report(folder: Path, by: str | None = None, cell: int | None = None) -> str:
    """The HTML of a sweep's report by a metric (else the one it ranks by).

    Raises
    ------
    LetfError
        As `runs.sweeps.results.view.look`.
    """
    view = look(folder, by, cell)
    return render(view, draw_view(view))


def report_files(view: View) -> dict[str, bytes]:
    """Name → content of the pictures and the report."""
    pictures = draw_view(view)
    return {**pictures, "report.html": render(view, pictures).encode("utf-8")}


def render(view: View, pictures: Mapping[str, bytes]) -> str:
    """The HTML. Everything that comes from outside is escaped."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    table = view.table
    summary = _summary(table.folder)
    headline, *said = sentences(table, view.found)
    there = counted(len(table)) if table.whole else f"{table.so_far} so far"
    axes = [
        [axis.key, f"{len(axis.values):,}", ", ".join(map(value_text, axis.values))]
        for axis in table.grid.axes
    ]
    return template.render(
        title=f"Sweep of {table.title}",
        simulated=table.simulated,
        whole=table.whole,
        cells=there,
        grid_size=f"{table.grid.size:,}",
        by=metric_name(view.by),
        headline=headline,
        sentences=said,
        notes=table.manifest.get("notes") or [],
        top=top_rows(view, SHOWN),
        options=as_options(view, view.found.best.cell),
        axes=axes,
        refused=_refused(summary),
        verified=summary.get("verification"),
        engine=table.manifest["sweep"].get("engine", ""),
        spec=json.dumps(table.manifest.get("spec", {}), indent=2, ensure_ascii=False),
        pictures={name: base64.b64encode(png).decode("ascii") for name, png in pictures.items()},
    )


def _summary(folder: Path) -> dict[str, Any]:
    """What the sweep said of itself when it ended; nothing if it has not."""
    try:
        found = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(summary: dict[str, Any]) -> list[str]:
    reasons = (summary.get("refused") or {}).get("reasons") or []
    return [f"{counted(reason['cells'])} refused, such as: {reason['such_as']}" for reason in reasons]
