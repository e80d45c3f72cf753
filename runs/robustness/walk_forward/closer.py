"""The pictures of `letf walkforward` to look into."""

from __future__ import annotations

import numpy as np

from analyzers import underwater
from runs.answers.closer import Bars, Floats, Form, Line, Marks, Pane, Panes, colour_of
from runs.answers.scales import leaving, sets_scale
from runs.answers.words import percent
from runs.robustness.walk_forward.charts import LEAST
from runs.robustness.walk_forward.figures import window_return
from runs.robustness.walk_forward.study import Step, WalkForward
from runs.robustness.walk_forward.words import beside_name
from runs.sweeps.results.ranking import (
    RETURNS,
    SHARES,
    metric_name,
    metric_text,
    short_keys,
    tick_texts,
    value_text,
)

YEAR = 365.25


def equity_closer(found: WalkForward) -> Panes:
    """The account out of sample with its windows, and what the choices would have made of the same money at
    the pace of their trainings; the best cell in hindsight, and what is held. Below, how far it fell."""
    least = LEAST * found.equity[0]
    lines = [
        Line("out of sample", np.maximum(found.equity, least), "rule"),
        Line(
            "at the pace of its trainings", np.maximum(pace_of_training(found), least), "more-1", dashed=True
        ),
        Line("best in hindsight", np.maximum(found.hindsight, least), "more-2", dashed=True, shown=False),
    ]
    main = (found.equity, found.held["index"])
    place = 0
    for name, values in found.held.items():
        colour = "index" if name == "index" else colour_of(place)
        place += name != "index"
        held = np.maximum(values, least)
        lines.append(Line(beside_name(found, name), held, colour, scales=sets_scale(values, main)))
    begins = [step.window.test_first - 1 for step in found.steps]
    words = [window_words(found, at) for at in range(len(found.steps))]
    at_equity = np.maximum(found.equity[np.array(begins) - found.first], least)
    marks = Marks(f"a window begins ({len(begins)})", found.days[begins], at_equity, words, "rule")
    falls = [
        Line("out of sample", underwater(found.equity), "rule", area=True),
        Line(beside_name(found, "index"), underwater(found.held["index"]), "index"),
    ]
    panes = [
        Pane("money", [*lines, marks], "money", log=True, share=1.2),
        Pane("below the last high", falls, "percent", share=0.45),
    ]
    return Panes(found.test, panes, note=leaving(lines))


def pace_of_training(found: WalkForward) -> Floats:
    """The money by session if each window had gone on as its choice had gone in training, by its CAGR."""
    out = np.full(len(found.equity), np.nan)
    money = found.equity[0]
    for step in found.steps:
        part = found.part(step)
        days = found.test[part]
        rate = step.inside["cagr"]
        out[part] = money * (1.0 + float(rate or 0.0)) ** ((days - days[0]).astype(float) / YEAR)
        money = out[part][-1]
    return out


def window_words(found: WalkForward, at: int) -> str:
    """A window in words: what was chosen in it, and what that made in training and in the test."""
    step = found.steps[at]
    first, last = found.days[step.window.test_first], found.days[step.window.test_last]
    by = metric_name(found.by)
    inside, outside = (metric_text(found.by, _value(step, found.by, side)) for side in (True, False))
    return (
        f"window {at + 1}, {first} to {last}: {chosen(found, step)}\n"
        f"{by} {inside} in training, {outside} in the test; return {percent(window_return(found, step))}, "
        f"{beside_name(found, 'index')} {percent(window_return(found, step, 'index'))}"
    )


def chosen(found: WalkForward, step: Step) -> str:
    """The parameters that vary, as they were chosen."""
    keys = [axis.key for axis in found.job.grid.axes if len(axis.values) > 1]
    short, values = short_keys(keys), found.job.grid.values(step.choice.cell)
    return ", ".join(f"{short[key]} {value_text(values[key])}" for key in keys)


def _value(step: Step, key: str, inside: bool) -> float | None:
    value = (step.inside if inside else step.outside)[key]
    return None if value is None else float(value)


def _spans(found: WalkForward) -> tuple[np.ndarray, np.ndarray]:
    """First and last moment of each test."""
    first = found.days[[step.window.test_first - 1 for step in found.steps]]
    last = found.days[[step.window.test_last for step in found.steps]]
    return first.astype("datetime64[h]"), last.astype("datetime64[h]")


def in_out_closer(found: WalkForward) -> Panes:
    """By window the metric that chose: in training and in the test, a bar each."""
    first, last = _spans(found)
    middle = first + (last - first) // 2
    sides = [
        np.array(
            [np.nan if (value := _value(step, found.by, side)) is None else value for step in found.steps]
        )
        for side in (True, False)
    ]
    room = (last - first) // 12
    parts: list[Bars | Marks] = [
        Bars("in training", first + room, middle, sides[0], "index"),
        Bars("in the test", middle, last - room, sides[1], "fund"),
    ]
    words = [window_words(found, at) for at in range(len(found.steps))]
    known = np.isfinite(sides[1])  # of a window without a trade there is nothing to mark at 0
    at = (middle + (last - room - middle) // 2)[known]
    words = [said for said, there in zip(words, known, strict=True) if there]
    parts.append(Marks("window", at, sides[1][known], words, "rule"))
    form: Form = "percent" if found.by in RETURNS + SHARES else "number"
    return Panes(middle, [Pane(metric_name(found.by), parts, form)])


def parameters_closer(found: WalkForward) -> Panes:
    """The parameters chosen by window, a panel an axis; beside them those of the best cell in hindsight."""
    first, last = _spans(found)
    days = np.stack((first + np.timedelta64(12, "h"), last), axis=1).ravel()
    middle = first + (last - first) // 2
    axes = [(i, axis) for i, axis in enumerate(found.job.grid.axes) if len(axis.values) > 1]
    short = short_keys([axis.key for _, axis in axes])
    places = np.array([found.place(step.choice.cell) for step in found.steps], dtype=float)
    best = found.place(found.best.cell)
    panes = []
    for i, axis in axes:
        names = tick_texts([axis.values[at] for at in axis.order])
        words = [
            f"window {at + 1}: {short[axis.key]} {names[int(place)]}" for at, place in enumerate(places[:, i])
        ]
        parts = [
            Line("chosen", np.repeat(places[:, i], 2), "rule"),
            Line("best in hindsight", np.full(len(days), float(best[i])), "more-2", dashed=True),
            Marks("window", middle, places[:, i], words, "rule"),
        ]
        panes.append(Pane(short[axis.key], parts, names=names, share=min(0.3 + 0.06 * len(names), 0.7)))
    return Panes(days, panes)
