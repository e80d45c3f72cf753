"""The pictures of `letf walkforward --folds` to look into."""

from __future__ import annotations

from typing import Any

import numpy as np

from runs.answers.closer import Band, Bars, Line, Marks, Pane, Panes, colour_of
from runs.answers.words import number
from runs.robustness.walk_forward.fold_charts import LEAST
from runs.robustness.walk_forward.fold_words import worth
from runs.robustness.walk_forward.folds import CrossValidation

BINS = 24
MOST_PATHS = 24  # that have a line of their own


def paths_closer(found: CrossValidation) -> Panes:
    """What 1 became on the paths: their range, the middle one, the others if pressed; and in the index."""
    lines = [np.maximum(worth(path), LEAST) for path in found.paths]
    order = np.argsort([line[-1] for line in lines], kind="stable").tolist()
    named = {order[0]: "ends lowest", order[-1]: "ends highest", order[len(order) // 2]: "ends in the middle"}
    every = np.array(lines)
    own = [
        Line(
            f"path {at + 1}, {named[at]}" if at in named else f"path {at + 1}",
            lines[at],
            {"ends in the middle": "rule", "ends lowest": "loss", "ends highest": "more-2"}.get(
                named.get(at, ""), colour_of(at)
            ),
            shown=at in named,
        )
        for at in sorted(range(len(lines)), key=lambda at: (at not in named, at))
        if at in named or len(lines) <= MOST_PATHS
    ]
    parts = [
        Band(f"all {len(lines)} paths", every.min(axis=0), every.max(axis=0), "rule"),
        Line(f"{found.setting.bars.name} held", np.maximum(worth(found.index), LEAST), "index"),
        *own,
    ]
    note = "Press a name to see that path." if any(not line.shown for line in own) else ""
    return Panes(found.days, [Pane("of 1", parts, "price", log=True, share=1.4)], note=note)


def sharpes_closer(found: CrossValidation, metrics: dict[str, Any]) -> Panes:
    """How Sharpe ratios are spread: of the choices in training, on their test folds, and of the paths."""
    rows = [
        ("in training", np.array([split.choice.value for split in found.splits]), "more-2", "splits"),
        ("on the test folds", np.array([split.outside for split in found.splits]), "fund", "splits"),
        ("of whole paths", found.sharpes(), "rule", "paths"),
    ]
    rows = [(name, values[np.isfinite(values)], *rest) for name, values, *rest in rows]
    held = metrics["hold_index_sharpe"]
    every = np.concatenate([values for _, values, *_ in rows] + [[0.0], [] if held is None else [held]])
    edges = np.linspace(every.min() - 1e-6, every.max() + 1e-6, BINS + 1)
    panes = []
    for name, values, colour, what in rows:
        counts = np.histogram(values, edges)[0].astype(float)
        parts: list[Bars | Marks] = [Bars(name, edges[:-1], edges[1:], counts, colour)]
        top = np.array([max(counts.max(), 1.0)])
        if len(values):
            middle = float(np.median(values))
            parts.append(_mark(f"median {number(middle)}", middle, top, "more-1"))
        if held is not None:
            parts.append(_mark(f"{found.setting.bars.name} held {number(held)}", held, top, "index"))
        panes.append(Pane(what, parts, share=0.5))
    return Panes(edges, panes, "Sharpe ratio")


def _mark(said: str, at: float, top: np.ndarray, colour: str) -> Marks:
    return Marks(said, np.array([at]), top, [said], colour, stems=True)
