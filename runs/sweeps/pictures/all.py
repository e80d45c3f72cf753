"""The pictures of a sweep, as PNG bytes; the same results give the same bytes. And how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from letf_instruments import LetfError
from runs.answers.canvas import png
from runs.sweeps.pictures.distribution import distribution_chart, stability_chart
from runs.sweeps.pictures.heatmaps import heatmap, line_chart, multiples, slice_heatmap
from runs.sweeps.pictures.parallel import parallel_chart
from runs.sweeps.results.store import write_whole
from runs.sweeps.results.view import View, look


def draw(folder: Path, by: str | None = None, cell: int | None = None) -> dict[str, bytes]:
    """File name → PNG of a sweep by a metric (else the one it ranks by), `cell` marked instead of the best.

    Raises
    ------
    LetfError
        As `look`.
    """
    return draw_view(look(folder, by, cell))


def draw_view(view: View) -> dict[str, bytes]:
    """File name → PNG, in the order in which a report shows them."""
    varied = len(view.axes)
    main = {1: line_chart, 2: heatmap, 3: multiples}.get(varied, parallel_chart)
    out = {"sweep.png": png(main(view))}
    if varied > 3:
        out["heatmap.png"] = png(slice_heatmap(view))
    out["distribution.png"] = png(distribution_chart(view))
    out["stability.png"] = png(stability_chart(view))
    return out


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files into a sweep's folder, each whole or not at all; a file of the same name is replaced.

    Raises
    ------
    LetfError
        If the folder cannot be written to.
    """
    for name, content in files.items():
        write_file(folder / name, content)


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    LetfError
        If it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise LetfError(f"cannot write {path}: {error.strerror or error}") from None
