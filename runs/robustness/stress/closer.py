"""The pictures of `letf stress` to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analyzers.drawdown import underwater
from runs.answers.closer import Bars, Choice, Floats, Line, Marks, Pane, Panes, colour_of
from runs.answers.panes import panes_chart
from runs.answers.scales import sets_scale
from runs.answers.words import counted, percent
from runs.robustness.stress.study import STAKE, Case, Course, Stressed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

APART = 5.0  # what goes so many times beyond rule, index and cash does not set the scale
LEAST = 0.01  # of 100: less has no place on a log axis
WIDE = 0.4  # half of what a path has of the axis


def returns_closer(found: Stressed) -> Panes:
    """What rule and index returned on each path, and their worst drawdowns below."""
    at = np.arange(len(found.cases), dtype=float)
    index = found.base.bars.name
    words = [_words(found, case) for case in found.cases]
    panes = []
    for label, key in (("return", "total"), ("worst drawdown", "worst")):
        own = np.array([getattr(case.rule, key) for case in found.cases])
        held = np.array([getattr(case.index, key) for case in found.cases])
        parts: list[Bars | Marks] = [
            Bars(found.spec.name, at - WIDE, at, own, "rule"),
            Bars(f"{index} held", at, at + WIDE, held, "index"),
        ]
        if key == "total":
            cash = np.array([case.cash.total for case in found.cases])
            parts.append(Marks("cash", at, cash, words, "more-1"))
        panes.append(Pane(label, parts, "percent", share=1.0 if key == "total" else 0.7))
    names = [case.title for case in found.cases]
    return Panes(at, panes, note="What happens on each path is told below.", names=names)


def _words(found: Stressed, case: Case) -> str:
    held = {found.base.bars.name: case.index, **case.funds, "cash": case.cash}
    beside = ", ".join(f"{name} {percent(course.total)}" for name, course in held.items())
    return (
        f"{case.title}: {found.spec.name} {percent(case.rule.total)}, worst drawdown "
        f"{percent(case.rule.worst)}, {counted(case.trades, 'trade')}; {beside}"
    )


def returns_chart(found: Stressed) -> Figure:
    """The same as a file."""
    title = f"{found.spec.name} on stressed paths of {found.base.bars.name}"
    return panes_chart(returns_closer(found), title, False)


def courses_closer(found: Stressed) -> Choice:
    """What became of 100 on a path in rule, index, funds and cash, and how far the rule fell; the path that
    costs it most first."""
    cases = sorted(found.cases, key=lambda case: case.rule.total)
    return Choice("path", {_titled(case): _course(found, case) for case in cases})


def _titled(case: Case) -> str:
    return f"{case.title}: {percent(case.rule.total)}"


def _course(found: Stressed, case: Case) -> Panes:
    index = found.base.bars.name
    main = [course.value for course in (case.rule, case.index, case.cash)]
    lines = [
        Line(found.spec.name, _above(case.rule.value), "rule"),
        Line(f"{index} held", _above(case.index.value), "index"),
    ]
    for place, (ticker, course) in enumerate(case.funds.items()):
        inside = sets_scale(course.value, main, APART, above=True)
        lines.append(Line(f"{ticker} held", _above(course.value), colour_of(place), scales=inside))
    lines.append(Line("cash", _above(case.cash.value), "cash", dashed=True))
    falls = [
        Line(found.spec.name, _fall(case.rule), "rule", area=True),
        Line(f"{index} held", _fall(case.index), "index"),
    ]
    panes = [
        Pane("of 100", lines, "money", log=True),
        Pane("below the last high", falls, "percent", share=0.5),
    ]
    note = f"{'Real prices' if case.real else 'SIMULATED'}: {case.words}"
    return Panes(case.days, panes, note=f"{note.rstrip('.')}.")


def _above(values: Floats) -> Floats:
    return np.asarray(np.maximum(values, LEAST))


def _fall(course: Course) -> Floats:
    return underwater(np.concatenate(([STAKE], course.value)))[1:]
