"""What is read first of a rule on stressed paths."""

from __future__ import annotations

from runs.answers.parts import KeyFigure
from runs.answers.words import counted, percent
from runs.robustness.first import asked_line
from runs.robustness.starts.study import traded_funds
from runs.robustness.stress.study import Stressed


def asked_of(found: Stressed) -> str:
    """Rule, data, years; how many paths are made and how many are real."""
    real = sum(case.real for case in found.cases)
    made = len(found.cases) - real
    said = [f"{counted(made, 'made path')}"] if made else []
    said += [f"{counted(real, 'real window')}"] if real else []
    funds = traded_funds(found.base, found.spec.make_rule())
    return asked_line(found.spec, found.base, funds, [" and ".join(said)])


def key_figures(found: Stressed) -> list[KeyFigure]:
    """The path that costs most and the one that gives most; losses, against index and cash; the deepest
    fall."""
    cases, index = found.cases, found.base.bars.name
    worst = min(cases, key=lambda case: case.rule.total)
    best = max(cases, key=lambda case: case.rule.total)
    deep = min(cases, key=lambda case: case.rule.worst)
    lost = sum(case.rule.total < 0.0 for case in cases)
    ahead = sum(case.rule.total > case.index.total for case in cases)
    richer = sum(case.rule.total > case.cash.total for case in cases)
    return [
        KeyFigure(
            "worst path", percent(worst.rule.total), f"{worst.title}; {index} {percent(worst.index.total)}"
        ),
        KeyFigure(
            "best path", percent(best.rule.total), f"{best.title}; {index} {percent(best.index.total)}"
        ),
        KeyFigure("paths with a loss", f"{lost} of {len(cases)}", f"more than cash on {richer}"),
        KeyFigure(f"better than {index}", f"{ahead} of {len(cases)}"),
        KeyFigure("worst drawdown", percent(deep.rule.worst), deep.title),
    ]
