"""The pictures of a sweep; the same results give the same bytes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from runs.answers.drawing import Drawn, drawn
from runs.answers.parts import Picture
from runs.sweeps.pictures.closer import along_closer, distribution_closer
from runs.sweeps.pictures.distribution import distribution_chart, stability_chart
from runs.sweeps.pictures.heatmaps import heatmap, line_chart, multiples, slice_heatmap
from runs.sweeps.pictures.maps import maps_closer
from runs.sweeps.pictures.parallel import parallel_chart
from runs.sweeps.results.ranking import metric_name
from runs.sweeps.results.view import View, look

FEW = 3  # cells with a value, below which a page counts none: its table has them


def pictures(view: View) -> dict[str, Picture]:
    """By name, in the order in which a report shows them. The first is a file alone where a page has the
    maps of every two parameters, and its table of the best cells, in its place."""
    varied, by = len(view.axes), metric_name(view.by)
    main = {1: line_chart, 2: heatmap, 3: multiples}.get(varied, parallel_chart)
    maps, along = partial(maps_closer, view), partial(along_closer, view)
    out = {
        "sweep": Picture(
            f"{by} by parameter",
            partial(main, view),
            {1: along, 2: maps, 3: maps}.get(varied),
            on_page=varied <= 3,
        )
    }
    if varied > 3:
        out["heatmap"] = Picture(
            f"{by} over the two parameters that matter most", partial(slice_heatmap, view), maps
        )
    out["distribution"] = Picture(
        f"{by} over all cells",
        partial(distribution_chart, view),
        partial(distribution_closer, view),
        on_page=view.found.valued >= FEW,
    )
    out["stability"] = Picture(
        f"{by} along each parameter", partial(stability_chart, view), along, on_page=varied > 1
    )
    return out


def lead_of(view: View) -> str:
    """The picture that a page begins with."""
    return "heatmap" if len(view.axes) > 3 else "sweep"


def draw(folder: Path, by: str | None = None, cell: int | None = None) -> Drawn:
    """The pictures of a sweep by a metric (else the one it ranks by), `cell` marked instead of the best.

    Raises
    ------
    LetfError
        As `look`.
    """
    return drawn(pictures(look(folder, by, cell)))
