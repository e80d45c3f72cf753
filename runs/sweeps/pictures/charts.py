"""The pictures of a sweep; the same results give the same bytes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from runs.answers.drawing import Drawn, drawn
from runs.answers.parts import Picture
from runs.sweeps.pictures.distribution import distribution_chart, stability_chart
from runs.sweeps.pictures.heatmaps import heatmap, line_chart, multiples, slice_heatmap
from runs.sweeps.pictures.parallel import parallel_chart
from runs.sweeps.results.ranking import metric_name
from runs.sweeps.results.view import View, look


def pictures(view: View) -> dict[str, Picture]:
    """By name, in the order in which a report shows them."""
    varied, by = len(view.axes), metric_name(view.by)
    main = {1: line_chart, 2: heatmap, 3: multiples}.get(varied, parallel_chart)
    out = {"sweep": Picture(f"{by} by parameter", partial(main, view))}
    if varied > 3:
        out["heatmap"] = Picture(
            f"{by} over the two parameters that matter most", partial(slice_heatmap, view)
        )
    out["distribution"] = Picture(f"{by} over all cells", partial(distribution_chart, view))
    out["stability"] = Picture(f"{by} along each parameter", partial(stability_chart, view))
    return out


def draw(folder: Path, by: str | None = None, cell: int | None = None) -> Drawn:
    """The pictures of a sweep by a metric (else the one it ranks by), `cell` marked instead of the best.

    Raises
    ------
    LetfError
        As `look`.
    """
    return drawn(pictures(look(folder, by, cell)))
