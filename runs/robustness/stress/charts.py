"""The picture of `letf stress`: small multiples, the index above and the rule below. The same answer gives
the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import GAIN, INDEX, INK, LOSS, RULE, new_figure, plain, stamp
from runs.answers.words import percent
from runs.robustness.stress.study import STAKE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from feeds.bars import Floats
    from runs.robustness.stress.study import Case, Stressed

COLUMNS = 3
LEAST = 0.1  # of 100: what is less is drawn there
SHORT = 3.0  # highest over lowest value, to which ticks lie a number apart, and beyond a ratio
APART = (1, 2, 5, 10, 20, 25, 50, 100)
STEPS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
ENOUGH, MOST = 3, 4  # ticks of an axis


def paths_chart(found: Stressed) -> Figure:
    """Index and rule on every path, 100 at its first close, each on its own log scale."""
    cases = found.cases
    columns = min(COLUMNS, len(cases))
    rows = -(-len(cases) // columns)
    figure, axes = new_figure(
        f"{plain(found.spec.name)} on stressed paths of {plain(found.base.bars.name)}: 100 at the start",
        False,
        rows=2 * rows,
        columns=columns,
        height=0.9 + 2.7 * rows,
        ratios=(2, 3) * rows,
    )
    for i in range(columns * rows):
        row, column = divmod(i, columns)
        above, below = (axes[(2 * row + half) * columns + column] for half in (0, 1))
        if i >= len(cases):
            above.set_visible(False)
            below.set_visible(False)
            continue
        _case(above, below, cases[i])
        if row == rows - 1:
            below.set_xlabel("sessions", fontsize=8)
    return figure


def _case(above: Axes, below: Axes, case: Case) -> None:
    sessions = np.arange(len(case.days))
    above.plot(sessions, case.index.value, color=INDEX, lw=1.3)
    above.set_title(
        f"{case.title}: index {percent(case.index.total)}", fontsize=9, loc="left", color=INK, pad=3
    )
    above.tick_params(labelbottom=False)
    value = np.maximum(case.rule.value, LEAST)
    below.plot(sessions, value, color=RULE, lw=1.3)
    below.fill_between(sessions, STAKE, value, where=value < STAKE, color=LOSS, alpha=0.15, lw=0)
    below.fill_between(sessions, STAKE, value, where=value >= STAKE, color=GAIN, alpha=0.12, lw=0)
    below.set_title(f"rule {percent(case.rule.total)}", fontsize=8, loc="left", color=RULE, pad=2)
    for axis, values in ((above, case.index.value), (below, value)):
        axis.axhline(STAKE, color=INK, lw=0.6)
        axis.set_yscale("log")
        axis.set_xlim(0, len(sessions) - 1)
        _ticks(axis, values)
        axis.tick_params(labelsize=7)
        if not case.real:
            stamp(axis, 11)


def _ticks(axis: Axes, values: Floats) -> None:
    """A few plain numbers on a short log axis."""
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    low, high = min(float(values.min()), 97.0), max(float(values.max()), 103.0)
    room = (high / low) ** 0.08
    low, high = low / room, high * room
    choices: list[float] = []
    if high / low < SHORT:
        step = next(step for step in APART if (high - low) / step <= MOST)
        choices = [float(v) for v in np.arange(np.ceil(low / step), high // step + 1) * step]
    else:
        powers = 10.0 ** np.arange(-1, 9)
        for steps in STEPS:  # the coarsest that gives enough of them
            choices = [float(v * p) for p in powers for v in steps if low <= v * p <= high]
            if len(choices) >= ENOUGH:
                break
    axis.set_ylim(low, high)
    axis.yaxis.set_major_locator(FixedLocator(choices))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.yaxis.set_major_formatter(lambda v, _: f"{v:,.6g}")
