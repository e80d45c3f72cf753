"""The picture of options around events to look into: each event's profit and their sum, the sum by cause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runs.answers.closer import Line, Marks, Pane, Panes
from runs.answers.words import number
from runs.studies.rules.event_options.events import Event

COLOURS = {
    "delta": "rule",
    "gamma": "more-2",
    "theta": "loss",
    "vega": "more-1",
    "rest": "index",
    "costs": "fund",
}


def options_closer(events: Sequence[Event]) -> Panes:
    """The sum of profits by event with each event as a point; below it the same by cause."""
    days = np.array([event.day for event in events], dtype="datetime64[D]")
    profit = np.array([event.profit for event in events])
    words = [f"{event.day}: {number(event.profit, 0)}" for event in events]
    parts = {part: np.array([event.parts[part] for event in events]) for part in COLOURS if part != "costs"}
    parts["costs"] = -np.array([event.spread + event.commission for event in events])
    causes = [
        Line("spread, commission" if name == "costs" else name, np.cumsum(values), COLOURS[name])
        for name, values in parts.items()
    ]
    together = Line("together", np.cumsum(profit), "rule")
    panes = [
        Pane("money", [together, Marks("an event", days, profit, words, "fund", scales=True)], "money"),
        Pane("sum by cause, in money", [*causes, Line("profit", np.cumsum(profit), "more-3")], "money"),
    ]
    return Panes(days, panes)
