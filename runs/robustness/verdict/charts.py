"""The picture of a verdict: what each check saw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import GAIN, INDEX, INK, LOSS, RULE, new_figure
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.words import ratio
from runs.robustness.verdict.study import (
    BLOCKS,
    GOOD_BLOCKS,
    KEPT,
    LUCK,
    PARAMETERS,
    PERIOD,
    VERDICTS,
    YEAR,
    Judgement,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def verdict_chart(found: Judgement) -> Figure:
    """Four panels: luck, random timing, a step to the side, other periods; a title in red fails."""
    figure, axes = new_figure(
        f"{found.run.spec.name}: {found.verdict}", found.run.simulated, rows=2, columns=2, height=7.2
    )
    of = {verdict: [check for check in found.checks if check.verdict == verdict] for verdict in VERDICTS}
    _tried(axes[0], found)
    _timing(axes[1], found)
    _neighbours(axes[2], found)
    _parts(axes[3], found)
    for axis, checks in zip(axes, [*([each] for each in of[LUCK]), of[PARAMETERS], of[PERIOD]], strict=True):
        passed = all(check.passed for check in checks)
        names = " and ".join(check.name for check in checks)
        colour = GAIN if passed else LOSS
        axis.set_title(f"{names}: {'passes' if passed else 'FAILS'}", fontsize=10, loc="left", color=colour)
    return figure


def _tried(axis: Axes, found: Judgement) -> None:
    """The best of so many trials without skill, and the rule."""
    luck = found.luck
    assert luck is not None
    error = YEAR / math.sqrt(luck.periods - 1)
    x = np.linspace(-3.5 * error, max(luck.sharpe, 5.5 * error) * 1.15, 400)
    from scipy.stats import norm

    density = luck.trials * norm.pdf(x / error) * norm.cdf(x / error) ** (luck.trials - 1)
    axis.fill_between(x, density / density.max(), color=INDEX, alpha=0.6, lw=0)
    axis.set_ylim(0, 1.3)
    axis.axvline(luck.sharpe, color=RULE, lw=1.8)
    _label(axis, luck.sharpe, f"the rule {ratio(luck.sharpe)}")
    trials = "one trial" if luck.trials <= 1 else f"the best of {round(luck.trials):,} independent trials"
    axis.set_xlabel(f"Sharpe ratio of {trials} without skill", fontsize=9)
    axis.set_yticks([])


def _timing(axis: Axes, found: Judgement) -> None:
    assert found.luck is not None
    it = found.luck.timing
    if isinstance(it, RandomTiming):
        counts, _, _ = axis.hist(it.sharpe, bins=40, color=INDEX, alpha=0.6)
        axis.set_ylim(0, counts.max() * 1.3)
        axis.axvline(it.own_sharpe, color=RULE, lw=1.8)
        _label(axis, it.own_sharpe, f"the rule {ratio(it.own_sharpe)}")
        axis.set_xlabel(f"Sharpe ratio with {it.how}", fontsize=9)
        axis.set_yticks([])
        return
    known = found.luck.sharpes[np.isfinite(found.luck.sharpes)]
    counts, _, _ = axis.hist(known, bins=40, color=INDEX, alpha=0.6)
    axis.set_ylim(0, counts.max() * 1.3)
    held = found.luck.lines["index"]["sharpe"].measured
    axis.axvline(held, color=INK, lw=1.4)
    _label(axis, held, f"{found.run.bars.name} held {ratio(held)}")
    axis.set_xlabel("Sharpe ratio of its own days drawn again", fontsize=9)
    axis.set_yticks([])


def _neighbours(axis: Axes, found: Judgement) -> None:
    """By parameter the neighbours' ratios, the rule's own, and the bar for their median."""
    assert found.luck is not None
    known = [each for each in found.neighbours if each.sharpe is not None]
    keys = list(dict.fromkeys(each.key for each in known))
    for row, key in enumerate(keys):
        own = [each.sharpe for each in known if each.key == key]
        axis.plot(own, [row] * len(own), "o", color=INDEX, ms=6)
    axis.axvline(found.luck.sharpe, color=RULE, lw=1.8)
    if found.luck.sharpe > 0:
        axis.axvline(KEPT * found.luck.sharpe, color=LOSS, lw=1.2, ls="--")
    axis.set_yticks(range(len(keys)), [key.split(".", 1)[1] for key in keys])
    axis.set_ylim(len(keys) - 0.4, -0.6)
    axis.set_xlabel("Sharpe ratio a step to the side (blue: the rule; red: half of it)", fontsize=9)


def _parts(axis: Axes, found: Judgement) -> None:
    colours = [GAIN if part > 0 else LOSS for part in found.parts]
    axis.bar(range(len(found.parts)), found.parts, color=colours, width=0.7)
    axis.axhline(0.0, color=INK, lw=0.8)
    axis.set_xticks(range(len(found.parts)), [str(day)[:7] for day in found.edges])
    needed = f"{GOOD_BLOCKS} of {BLOCKS} must be above 0"
    axis.set_xlabel(f"Sharpe ratio by part of the time, from its first month; {needed}", fontsize=9)


def _label(axis: Axes, at: float, words: str) -> None:
    """Beside a line, above the bars, on the side where there is room."""
    left, right = axis.get_xlim()
    near_the_end = at > left + 0.6 * (right - left)
    axis.annotate(
        words,
        (at, axis.get_ylim()[1] * 0.93),
        xytext=(-5 if near_the_end else 5, 0),
        textcoords="offset points",
        ha="right" if near_the_end else "left",
        va="center",
        fontsize=9,
        color=RULE,
    )
