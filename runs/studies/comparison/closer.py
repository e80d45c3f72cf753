"""The picture of a comparison that a page lets one look into: what became of 100 in each spec, and how far
each stood below its last high."""

from __future__ import annotations

from analyzers import underwater
from runs.answers.closer import Line, Pane, Panes
from runs.answers.scales import leaving, sets_scale
from runs.backtest.result import RunResult
from runs.studies.comparison.study import Comparison

SHOWN = 5  # specs beside the index, at first; the others when their names are pressed
COLOURS = ("rule", "fund", "more-1", "more-2", "more-3", "more-4")


def ordered(found: Comparison) -> list[str]:
    """The labels of the specs, the best return first; of both kinds of prices, pair by pair."""
    ends = {label: found.worth(run)[-1] / run.start for label, run in _named(found)}
    return list(ends) if found.pairs else sorted(ends, key=lambda label: -ends[label])


def compare_closer(found: Comparison) -> Panes:
    """Growth of 100 on a log axis, payments aside, over the drawdowns; the index beside them."""
    runs = dict(_named(found))
    curves = {label: 100.0 * found.worth(runs[label]) / runs[label].start for label in ordered(found)}
    held = 100.0 * found.index_close / found.index_close[0]
    name = f"{found.index_name} held"
    growth, falls = [Line(name, held, "index")], [Line(name, underwater(held), "index")]
    for place, (label, curve) in enumerate(curves.items()):
        colour, again = COLOURS[place % len(COLOURS)], place >= len(COLOURS)
        look = {"colour": colour, "dashed": again, "shown": place < SHOWN}
        growth.append(Line(label, curve, **look, scales=sets_scale(curve, [held])))  # type: ignore[arg-type]
        falls.append(Line(label, underwater(curve), **look))  # type: ignore[arg-type]
    hidden = max(len(curves) - SHOWN, 0)
    panes = [
        Pane("growth of 100", growth, "money", log=True),
        Pane("below the last high", falls, "percent", share=0.5),
    ]
    note = f"{hidden} more are hidden until their names are pressed." if hidden else ""
    return Panes(found.days, panes, note=f"{note} {leaving(growth)}".strip())


def _named(found: Comparison) -> list[tuple[str, RunResult]]:
    return list(zip(found.labels, found.runs, strict=True))
