"""The pictures of `letf robustness` to look into: the checks against their bars, a step to the side, and the
parts of the time."""

from __future__ import annotations

import numpy as np

from runs.answers.closer import Bars, Line, Marks, Pane, Panes
from runs.answers.words import counted, share
from runs.robustness.luck.words import ratio
from runs.robustness.verdict.study import GOOD_BLOCKS, KEPT, Check, Judgement
from runs.robustness.verdict.words import SHORT

ODDS = ("more than the best of what was tried", "timing better than chance")  # of chance: the less the better
MOST = 1.5  # of what is drawn: more than half as much again is as good as that
WIDE, REACH = 0.36, 0.44  # half a bar, and half the line across it


def found_and_needed(check: Check, parts: int) -> tuple[float, float]:
    """What was found and what is needed as shares of which more is better: of a probability of chance what is
    left of 1, of parts of the time their share."""
    if check.name in ODDS:
        return 1.0 - check.figure, 1.0 - check.bar
    if check.name == "other periods":
        return check.figure / parts, check.bar / parts
    return check.figure, check.bar


def checks_closer(found: Judgement) -> Panes:
    """Every check that is a share: what was found as a bar, what is needed as a line across it."""
    made = [check for check in found.checks if check.name in SHORT and np.isfinite(check.figure)]
    pairs = np.array([found_and_needed(check, len(found.parts)) for check in made])
    at = np.arange(len(made), dtype=float)
    x = np.concatenate([place + np.array([-REACH, 0.0, REACH, 0.5]) for place in at])[:-1]  # a gap between
    passed = np.array([check.passed for check in made])
    own, needed = np.clip(pairs[:, 0], -MOST, MOST), pairs[:, 1]
    parts: list[Bars | Line | Marks] = []
    for name, some, colour in (("passes", passed, "gain"), ("fails", ~passed, "loss")):
        if some.any():
            parts.append(Bars(name, at[some] - WIDE, at[some] + WIDE, own[some], colour))
    words = [f"{check.name}: {check.said}" for check in made]
    bar = (needed[:, None] * np.array([1.0, 1.0, 1.0, np.nan])).ravel()[:-1]
    parts.append(Line("needed", bar, "index"))
    parts.append(Marks("found", at, own, words, "rule"))
    note = (
        f"{len(made)} of the {len(found.checks)} checks, by the names in brackets of the table. "
        "A bar that reaches the grey line passes. Chance is drawn as what is left of it: 97 % means that "
        "chance does as well in 3 %. Trades and Sharpe ratio are no shares; they are in the table."
    )
    names = [SHORT[check.name] for check in made]
    return Panes(x, [Pane("share", parts, "percent")], note=note, names=names)


def neighbours_closer(found: Judgement) -> Panes:
    """The Sharpe ratio a step to the side, a bar a neighbour; the rule's own and the half of it."""
    assert found.luck is not None
    known = [(each, each.sharpe) for each in found.neighbours if each.sharpe is not None]
    own = found.luck.sharpe
    at = np.arange(len(known), dtype=float)
    values = np.array([sharpe for _, sharpe in known])
    names = [f"{each.key.split('.', 1)[1]} {_written(each.value)}" for each, _ in known]
    x = np.concatenate(([-REACH], at, [len(at) - 1 + REACH]))
    parts: list[Bars | Line] = [
        Bars("a step to the side", at - WIDE, at + WIDE, values, "index"),
        Line("the rule", np.full(len(x), own), "rule"),
    ]
    if own > 0:
        parts.append(Line("half of it", np.full(len(x), KEPT * own), "loss", dashed=True))
    note = f"The median of those that change anything must keep {share(KEPT, 0)} of the rule's own."
    return Panes(x, [Pane("Sharpe ratio", parts)], note=note, names=names)


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def parts_closer(found: Judgement) -> Panes:
    """The Sharpe ratio by part of the time, from its first day to the next one's."""
    edges = np.array([*found.edges, found.run.days[-1]], dtype="datetime64[D]").astype("datetime64[ms]")
    left, right = edges[:-1], edges[1:]
    values = np.array(found.parts)
    middle = (left + (right - left) // 2).astype("datetime64[D]").astype("datetime64[ms]")
    good = values > 0
    bars = [
        Bars(name, left[some], right[some], values[some], colour)
        for name, some, colour in (("more than cash", good, "gain"), ("less than cash", ~good, "loss"))
        if some.any()
    ]
    words = [
        f"{day} to {end}: Sharpe {ratio(part)}"
        for day, end, part in zip(found.edges, edges[1:].astype("datetime64[D]"), found.parts, strict=True)
    ]
    marks = Marks("Sharpe ratio", middle, values, words, "rule")
    many = counted(int(good.sum()), "part")
    note = f"{many} of {len(values)} earned more than cash; {GOOD_BLOCKS} are needed."
    return Panes(middle, [Pane("Sharpe ratio", [*bars, marks])], note=note)
