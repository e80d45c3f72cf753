"""What `letf robustness` says: the verdict with its reason, and every check."""

from __future__ import annotations

from runs.answers.words import counted
from runs.robustness.luck.words import ratio
from runs.robustness.verdict.study import (
    FEW,
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
    PERIOD: "its edge does not show in every part of the time",
    LUCK: "chance may explain it",
    NO_EDGE: "it earned no more than cash, so there is nothing to explain",
    FEW: "there is too little to judge by",
}
Rows = list[list[str]]


def headline(found: Judgement) -> str:
    """The verdict, what it means, and the check that decided."""
    verdict = found.verdict.upper()
    why = "" if found.verdict == ROBUST else f": {found.deciding.said}"
    return f"{verdict}, as {MEANS[found.verdict]}{why}."


def check_rows(found: Judgement) -> tuple[list[str], Rows]:
    """Every check, in order."""
    rows = [[check.name, "passes" if check.passed else "FAILS", check.said] for check in found.checks]
    return ["check", "", "found, and what is needed"], rows


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
        said = ratio(each.sharpe) if each.sharpe is not None else (each.refused or "no Sharpe")
        rows.append([each.key, value, said])
    return ["parameter", "value", "Sharpe"], rows


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
