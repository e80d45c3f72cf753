"""The picture of `letf alternatives` to look into: the equity of every way over its drawdown, and where one
was closed by broker or provider."""

from __future__ import annotations

import numpy as np

from analyzers import underwater
from runs.answers.closer import Line, Marks, Pane, Panes, colour_of
from runs.answers.scales import leaving, sets_scale
from runs.studies.alternatives.view import Alternatives, Outcome

RUINED = 1_000.0  # what falls so many times below the stake does not set the scale


def alternatives_closer(found: Alternatives) -> Panes:
    """Money of each way on a log axis, payments aside; under it how far below the last high."""
    stake = found.spec.account.cash
    grown: list[Line | Marks] = []
    fallen, closed = [], []
    for place, outcome in enumerate(found.outcomes):
        name, colour = outcome.expression.name, "rule" if place == 0 else colour_of(place - 1)
        look = {"colour": colour, "dashed": outcome.expression.option is not None}
        grown.append(
            Line(name, outcome.worth, scales=sets_scale(outcome.worth, [np.array(stake)], RUINED), **look)
        )
        fallen.append(Line(name, underwater(outcome.worth), **look))
        if outcome.liquidations:
            closed.append(_closed(found, outcome))
    said = [
        *(["Dashed: at modelled premiums."] if any(line.dashed for line in fallen) else []),
        leaving(grown),
    ]
    paid = ", payments aside" if "put_in" in found.outcomes[0].metrics else ""
    panes = [
        Pane(f"money{paid}", [*grown, *closed], "money", log=True),
        Pane("below the last high", fallen, "percent", share=0.5),
    ]
    return Panes(found.days, panes, note=" ".join(said).strip())


def _closed(found: Alternatives, outcome: Outcome) -> Marks:
    """Where broker or provider closed a position, and why."""
    days = np.array([day for day, _ in outcome.liquidations])
    at = np.searchsorted(found.days, days)
    words = [f"{day}: {outcome.expression.name} closed by {why}" for day, why in outcome.liquidations]
    name = f"{outcome.expression.name} closed ({len(days):,})"
    return Marks(name, found.days[at], outcome.worth[at], words, "loss")
