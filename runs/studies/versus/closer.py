"""The pictures of `letf versus` to look into."""

from __future__ import annotations

import numpy as np

from letf_instruments import returns_over
from runs.answers.closer import Choice, Line, Marks, Pane, Panes, colour_of
from runs.answers.scales import DOTS, dots, leaving, sets_scale
from runs.studies.versus.study import Comparison, drawdown_of
from runs.studies.versus.words import titles

HORIZONS = {"a year (252 sessions)": 252, "a month (21 sessions)": 21, "a day": 1}
RUINED = 1_000.0  # what falls so many times below the index does not set the scale


def growth_closer(found: Comparison) -> Panes:
    """What became of 100, and under it how far below the last high."""
    grown, fallen = [], []
    for line, title, colour in _looks(found):
        alive = np.where(line.value > 0, line.value, np.nan)
        scales = line.fund is None or sets_scale(line.value, [found.index], RUINED)
        grown.append(Line(title, alive, colour, scales=scales))
        fallen.append(Line(title, drawdown_of(line), colour))
    panes = [
        Pane("what became of 100", grown, "money", log=True),
        Pane("below the last high", fallen, "percent", share=0.5),
    ]
    return Panes(found.sessions, panes, note=leaving(grown))


def horizon_closer(found: Comparison) -> Choice:
    """Return of each fund against the index's over a day, a month and a year, with multiple × index."""
    of = {}
    for name, horizon in HORIZONS.items():
        if len(found.sessions) <= horizon:
            continue
        x = returns_over(found.index, horizon)
        axis = np.linspace(x.min(), x.max(), 200)
        parts: list[Line | Marks] = []
        for line, title, colour in _looks(found):
            if line.fund is None:
                continue
            y = returns_over(line.value, horizon)
            kept = dots(y)
            parts.append(Marks(title, x[kept], y[kept], (), colour, scales=True))
            # A line may promise less than −100 %, which no fund can give: it ends there.
            promised = line.multiple * axis
            words = f"{line.multiple:g} × index".replace("-", "−")
            parts.append(Line(words, np.where(promised < -1.0, np.nan, promised), colour, dashed=True))
        pane = Pane("return of the fund", parts, "percent", share=1.4)
        note = (
            f"{DOTS:,} of {len(x):,} starts are drawn, the best and the worst among them."
            if len(x) > DOTS
            else ""
        )
        of[name] = Panes(axis, [pane], x_label="return of the index", x_form="percent", note=note)
    return Choice("held for", of)


def _looks(found: Comparison) -> list[tuple[object, str, str]]:  # type: ignore[type-arg]
    """Each line with its heading and colour: the index grey, funds in colours."""
    named, place, out = titles(found), 0, []
    for line in found.lines:
        out.append((line, named[line.name], "index" if line.fund is None else colour_of(place)))
        place += line.fund is not None
    return out
