"""Pictures of luck: the Sharpe ratio on other draws of the same days, and under random timing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import INDEX, INK, LOSS, RULE, new_figure
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.study import RULE as OWN
from runs.robustness.luck.study import Luck
from runs.robustness.luck.words import ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BINS = 60


def luck_chart(luck: Luck) -> Figure:
    """Above what the rule's own days make when drawn again, below what random timing makes."""
    timed = isinstance(luck.timing, RandomTiming)
    figure, axes = new_figure(
        f"{luck.run.spec.name}: how much is luck?",
        luck.run.simulated,
        rows=1 + timed,
        height=3.2 + 2.8 * timed,
        share_x=True,
    )
    line = luck.lines[OWN]["sharpe"]
    marks = [(line.measured, f"measured {ratio(line.measured)}", RULE)]
    if luck.trials > 1:
        marks.append((luck.expected_best, f"luck alone {ratio(luck.expected_best)}", LOSS))
    _histogram(axes[0], luck.sharpes, marks)
    axes[0].axvspan(line.low, line.high, color=RULE, alpha=0.08, lw=0)
    axes[0].set_title(
        f"Its own days drawn again, {luck.draws:,} times: nine of ten from {ratio(line.low)} to "
        f"{ratio(line.high)}",
        fontsize=9,
        loc="left",
    )
    if isinstance(luck.timing, RandomTiming):
        it = luck.timing
        _histogram(axes[1], it.sharpe, [(it.own_sharpe, f"the rule {ratio(it.own_sharpe)}", RULE)])
        axes[1].set_title(
            f"The same plan with {it.how}, {len(it.sharpe):,} times: {100 * it.as_good:.1f} % did as well",
            fontsize=9,
            loc="left",
        )
    axes[-1].set_xlabel("Sharpe ratio", fontsize=9)
    return figure


def _histogram(axis: Axes, values: np.ndarray, marks: list[tuple[float, str, str]]) -> None:
    """Counts, 0, and what is to be seen among them; words above the bars, where they hide none."""
    known = values[np.isfinite(values)]
    counts, _, _ = axis.hist(known, bins=BINS, color=INDEX, alpha=0.6)
    top = float(counts.max()) if len(counts) else 1.0
    axis.set_ylim(0, top * 1.35)
    left, right = axis.get_xlim()
    right = max(right, *(at for at, _, _ in marks))
    axis.axvline(0.0, color=INK, lw=0.8, ls=":")
    for row, (at, words, colour) in enumerate(marks):
        axis.axvline(at, color=colour, lw=1.6)
        near_the_end = at > left + 0.75 * (right - left)
        axis.annotate(
            words,
            (at, top * (1.25 - 0.14 * row)),
            xytext=(-5 if near_the_end else 5, 0),
            textcoords="offset points",
            ha="right" if near_the_end else "left",
            fontsize=9,
            color=colour,
            va="center",
        )
    axis.set_ylabel("draws", fontsize=9)
