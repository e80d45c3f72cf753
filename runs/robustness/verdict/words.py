"""What `letf robustness` says: the verdict with its reason, and every check."""

from __future__ import annotations

import math

from runs.answers.parts import KeyFigure, Verdict
from runs.answers.words import counted, listed, share
from runs.robustness.luck.words import ratio
from runs.robustness.verdict.study import (
    FEW,
    LEAST_TRADES,
    LEAST_YEARS,
    LUCK,
    NO_EDGE,
    PARAMETERS,
    PERIOD,
    ROBUST,
    Check,
    Judgement,
)

MEANS = {
    ROBUST: "it passed every check here, which says nothing of a market that differs from all of these",
    PARAMETERS: "a step to the side loses most of it",
    LUCK: "chance may explain it",
    NO_EDGE: "it earned no more than cash, so there is nothing to explain",
    FEW: "there is too little to judge by",
}
# Two checks are of the time, and a rule may fail either alone.
PARTS, ENDS = "other periods", "from the beginning to the end"
OF_THE_TIME = {
    PARTS: "its edge does not show in enough parts of the time",
    ENDS: "its edge does not show both at the beginning and at the end of the time",
}
# By check: what its figure is called, its digits, and on which side of its bar it must be.
FIGURES = {
    "more than the best of what was tried": ("chance without skill", 1, "below"),
    "timing better than chance": ("random timings as good", 1, "below"),
    "better than holding the index": ("draws ahead of the index", 0, "at least"),
    "a step to the side": ("Sharpe kept by neighbours", 0, "at least"),
}
# The same on an axis, where there is less room.
SHORT = {
    "more than the best of what was tried": "beyond luck",
    "timing better than chance": "timing",
    "better than holding the index": "beyond holding",
    "a step to the side": "neighbours",
    PARTS: "parts of the time",
    ENDS: "both ends",
}
Rows = list[list[str]]


def headline(found: Judgement) -> str:
    """The verdict, what it means, and the check that decided."""
    verdict = found.verdict.upper()
    why = "" if found.verdict == ROBUST else f": {found.deciding.said}"
    means = OF_THE_TIME[found.deciding.name] if found.verdict == PERIOD else MEANS[found.verdict]
    return f"{verdict}, as {means}{why}."


def verdict_of(found: Judgement) -> Verdict:
    """The verdict, and how many checks it passes."""
    failed = sum(not check.passed for check in found.checks)
    if found.verdict == ROBUST:
        return Verdict(ROBUST, f"All {len(found.checks)} checks pass.", "good")
    said = f"{failed} of {counted(len(found.checks), 'check')} fail{'s' if failed == 1 else ''}"
    which = f": “{found.deciding.name}”" if failed == 1 else f"; the first is “{found.deciding.name}”"
    return Verdict(found.verdict, f"{said}{which}.", "bad")


def key_figures(found: Judgement) -> list[KeyFigure]:
    """Trades; Sharpe ratio; what chance does; a step to the side; parts or ends of the time; beside each its
    bar."""
    trades = KeyFigure("trades", f"{len(found.run.trades):,}", f"{LEAST_TRADES} or more are needed")
    luck = found.luck
    if luck is None:
        years = float((found.run.days[-1] - found.run.days[0]).astype(int)) / 365.25
        return [trades, KeyFigure("years", f"{years:.2f}", f"{LEAST_YEARS:.0f} or more are needed")]
    held = ratio(luck.lines["index"]["sharpe"].measured) if "index" in luck.lines else "wiped out"
    figures = [KeyFigure("Sharpe ratio", ratio(luck.sharpe), f"{found.run.bars.name} held: {held}")]
    for check in found.checks[2:]:
        if check.name in FIGURES and math.isfinite(check.figure):
            label, digits, needed = FIGURES[check.name]
            figures.append(
                KeyFigure(label, share(check.figure, digits), f"{needed} {share(check.bar, 0)} is needed")
            )
    if len(figures) < 5:
        figures.append(_of_the_time(found))
    return figures if len(figures) == 5 else [trades, *figures]


def _of_the_time(found: Judgement) -> KeyFigure:
    """Of the checks of the time that which fails; the parts where both pass, or both fail."""
    parts, ends = (next(check for check in found.checks if check.name == name) for name in (PARTS, ENDS))
    if parts.passed and not ends.passed:
        needed = f"at the weaker end; {share(ends.bar, 0)} is needed"
        return KeyFigure("probability of an edge", share(ends.figure, 0), needed)
    value = f"{parts.figure:.0f} of {len(found.parts)}"
    return KeyFigure("parts that beat cash", value, f"{parts.bar:.0f} are needed")


def check_rows(found: Judgement) -> tuple[list[str], Rows]:
    """Every check, in order."""
    rows = [[_named(check), "passes" if check.passed else "FAILS", check.said] for check in found.checks]
    return ["check", "", "found, and what is needed"], rows


def _named(check: Check) -> str:
    """A check with its name in the picture."""
    short = SHORT.get(check.name)
    return f"{check.name} ({short})" if short else check.name


def sentences(found: Judgement) -> list[str]:
    """What else failed than what decided."""
    others = [check for check in found.checks if not check.passed and check is not found.deciding]
    if not others:
        return []
    return [f"Besides, it fails: {'; '.join(check.name for check in others)}."]


def neighbour_rows(found: Judgement) -> tuple[list[str], Rows]:
    """The rule a step to the side."""
    rows = []
    for each in found.neighbours:
        value = f"{each.value:g}" if isinstance(each.value, (int, float)) else str(each.value)
        said = ratio(each.sharpe) if each.sharpe is not None else "refused" if each.refused else "n/a"
        rows.append([each.key, value, said])
    return ["parameter", "value", "Sharpe"], rows


def refused_neighbours(found: Judgement) -> list[str]:
    """Which steps to the side could not be run, and why."""
    by_reason: dict[str, list[str]] = {}
    for each in found.neighbours:
        if each.sharpe is None and each.refused:
            value = f"{each.value:g}" if isinstance(each.value, (int, float)) else str(each.value)
            by_reason.setdefault(each.refused, []).append(f"{each.key} = {value}")
    return [f"Not run: {listed(steps, 8)} ({why.rstrip('.')})." for why, steps in by_reason.items()]


def part_rows(found: Judgement) -> tuple[list[str], Rows]:
    """The parts of the time."""
    rows = [[str(day), ratio(part)] for day, part in zip(found.edges, found.parts, strict=True)]
    return ["from", "Sharpe"], rows


def others(count: int) -> str:
    """Of how many neighbours."""
    return counted(count, "neighbour")


def outcome(check: Check) -> str:
    """Of one check, for a picture."""
    return f"{check.name}: {'passes' if check.passed else 'fails'}"
