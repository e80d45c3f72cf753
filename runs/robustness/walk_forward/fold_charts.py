"""The pictures of `letf walkforward --folds`. The same splits give the same bytes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from runs.answers.canvas import FUND, INDEX, INK, RULE, money_axis, new_figure, plain
from runs.robustness.walk_forward.fold_words import worth
from runs.robustness.walk_forward.folds import CrossValidation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST = 1e-5


def paths_chart(found: CrossValidation) -> Figure:
    """What 1 became on each path, with the folds, and in the index."""
    figure, (axis,) = new_figure(f"Paths out of sample: {_named(found)}", found.setting.simulated, height=5.2)
    starts = np.flatnonzero(np.diff(found.fold)) + 1
    edges = [0, *starts.tolist(), len(found.fold)]
    for first, last in list(pairwise(edges))[1::2]:
        axis.axvspan(found.days[first], found.days[last], color="#eeeeee", lw=0, zorder=0)
    axis.plot(
        found.days,
        np.maximum(worth(found.index), LEAST),
        color=INDEX,
        lw=1.0,
        label=f"{plain(found.setting.bars.name)} held",
    )
    lines = [np.maximum(worth(path), LEAST) for path in found.paths]
    order = np.argsort([line[-1] for line in lines])
    for place, at in enumerate(order.tolist()):
        middle = place == len(order) // 2
        axis.plot(
            found.days,
            lines[at],
            color=RULE,
            lw=1.6 if middle else 0.8,
            alpha=1.0 if middle else 0.45,
            label="the path that ends in the middle" if middle else "the other paths" if not place else None,
        )
    axis.set_yscale("log")
    money_axis(axis)
    axis.set_ylabel("of 1 (log scale)")
    axis.set_xlim(found.days[0], found.days[-1])
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside lower center", frameon=False, fontsize=9, ncols=3
    )
    return figure


def sharpes_chart(found: CrossValidation, metrics: dict[str, Any]) -> Figure:
    """The Sharpe ratios: of the choices in training, on their test folds, and of the paths."""
    figure, (axis,) = new_figure(
        f"Sharpe ratios in and out of sample: {_named(found)}", found.setting.simulated, height=3.8
    )
    rows = [
        ("the choices in their trainings", [split.choice.value for split in found.splits], INK),
        ("the same on their test folds", [split.outside for split in found.splits], FUND),
        ("the paths, over all sessions", found.sharpes().tolist(), RULE),
    ]
    for at, (_, values, colour) in enumerate(rows):
        known = np.sort([value for value in values if np.isfinite(value)])
        if not len(known):
            continue
        spread = np.linspace(-0.18, 0.18, len(known))[np.random.default_rng(1).permutation(len(known))]
        axis.scatter(known, at + spread, s=20, color=colour, alpha=0.55, lw=0)
        axis.plot([np.median(known)] * 2, [at - 0.3, at + 0.3], color=colour, lw=2.2)
    held = metrics["hold_index_sharpe"]
    if held is not None:
        axis.axvline(held, color=INDEX, lw=1.2, ls="--", label=f"{plain(found.setting.bars.name)} held")
    axis.axvline(0.0, color=INK, lw=0.7)
    axis.set_yticks(range(len(rows)), [label for label, _, _ in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlabel("Sharpe ratio; a bar is the median")
    if held is not None:
        figure.legend(loc="outside lower center", frameon=False, fontsize=9)
    return figure


def _named(found: CrossValidation) -> str:
    return f"{plain(found.job.base.name)} on {plain(found.setting.bars.name)}"
