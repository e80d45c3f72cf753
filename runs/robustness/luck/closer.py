"""The picture of `letf luck` to look into: Sharpe ratios of draws and of random timings."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Bars, Floats, Marks, Pane, Panes
from runs.answers.words import share
from runs.robustness.luck.charts import BINS
from runs.robustness.luck.entries import RandomTiming
from runs.robustness.luck.study import RULE, Luck
from runs.robustness.luck.words import ratio


def luck_closer(luck: Luck) -> Panes:
    """How often each Sharpe ratio is drawn: of the rule's days drawn again, with what luck alone gives and
    what the index has; and of random timing under the same plan. The rule's own in both."""
    drawn = luck.sharpes[np.isfinite(luck.sharpes)]
    timing = luck.timing if isinstance(luck.timing, RandomTiming) else None
    every = [drawn, [luck.sharpe], *([] if timing is None else [timing.sharpe[np.isfinite(timing.sharpe)]])]
    whole = np.concatenate(every)
    low, high = float(whole.min()), float(whole.max())
    edges = np.linspace(low - 1e-6, high + 1e-6, BINS + 1)
    line = luck.lines[RULE]["sharpe"]
    marks = [("the rule", luck.sharpe, "rule")]
    if luck.trials > 1:
        marks.append(("luck alone", luck.expected_best, "loss"))
    if "index" in luck.lines:
        marks.append((f"{luck.run.bars.name} held", luck.lines["index"]["sharpe"].measured, "more-1"))
    panes = [_pane("draws", "its own days drawn again", drawn, edges, marks, "index")]
    note = f"Nine of ten draws lie from {ratio(line.low)} to {ratio(line.high)}."
    if luck.trials > 1:
        note += f" Luck alone gives the best of what was tried {ratio(luck.expected_best)}."
    if timing is not None:
        own = [("the rule", timing.own_sharpe, "rule")]
        panes.append(_pane("random timings", timing.how, timing.sharpe, edges, own, "more-2"))
        note += f" {share(timing.as_good)} of random timings did as well as the rule."
    # The axis reaches to every mark, also to one that no draw comes near.
    x = np.unique(np.concatenate((edges, [at for _, at, _ in marks if np.isfinite(at)])))
    return Panes(x, panes, "Sharpe ratio", note=note)


def _pane(
    label: str, name: str, values: Floats, edges: Floats, marks: list[tuple[str, float, str]], colour: str
) -> Pane:
    counts = np.histogram(values[np.isfinite(values)], edges)[0].astype(float)
    parts: list[Bars | Marks] = [Bars(name, edges[:-1], edges[1:], counts, colour)]
    for row, (what, at, shade) in enumerate(marks):
        said = f"{what} {ratio(at)}"
        top = np.array([counts.max() * (1.0 - 0.12 * row)])
        parts.append(Marks(said, np.array([at]), top, [said], shade, stems=True))
    return Pane(label, parts)
