"""The picture of options around events: each event's profit and their sum, and the sum by cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from runs.answers.canvas import GAIN, INK, LEGEND_PLATE, LOSS, RULE, new_figure, plain
from runs.answers.words import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.backtest.result import RunResult
    from runs.studies.rules.event_options.events import Event

COLOURS = {
    "delta": "#0b5fa5",
    "gamma": "#2e7d32",
    "theta": "#b71c1c",
    "vega": "#7b5aa6",
    "rest": "#8a8a8a",
    "costs": "#c4661f",
}


def options_chart(run: RunResult, events: Sequence[Event]) -> Figure:
    """Bars of each event with their cumulative line; below, the cumulative split by cause."""
    rule = run.rule
    assert rule is not None
    figure, (above, below) = new_figure(
        f"Profit by event: {rule.plan.kind} on {plain(run.instruments[0])}, modelled premiums",
        run.simulated,
        2,
        height=7.4,
        ratios=(1, 1),
        share_x=True,
    )
    days = np.array([e.day for e in events], dtype="datetime64[D]")
    profit = np.array([e.profit for e in events])
    span = max(int((days[-1] - days[0]).astype(int)), 30)
    width = max(span / 400, min(span / len(days) / 2, 20.0))
    above.bar(days, profit, width=width, color=np.where(profit > 0, GAIN, LOSS), lw=0)
    above.axhline(0, color=INK, lw=0.6)
    above.set_ylabel("an event (bars), in money")
    total = above.twinx()
    total.spines["top"].set_visible(False)
    total.tick_params(labelsize=9)
    total.step(days, np.cumsum(profit), where="post", color=RULE, lw=1.6)
    total.set_ylabel("together (line), in money", color=RULE)
    _share_zero(above, total)
    parts = {part: np.array([e.parts[part] for e in events]) for part in COLOURS if part != "costs"}
    parts["costs"] = -np.array([e.spread + e.commission for e in events])
    for name, values in parts.items():
        line = np.cumsum(values)
        label = f"{'spread, commission' if name == 'costs' else name}  {number(float(line[-1]), 0)}"
        below.step(days, line, where="post", color=COLOURS[name], lw=1.2, label=label)
    sums = np.cumsum(profit)
    label = f"profit  {number(float(sums[-1]), 0)}"
    below.step(days, sums, where="post", color=INK, lw=1.8, label=label)
    below.axhline(0, color=INK, lw=0.6)
    below.set_ylabel("sum by cause, in money")
    below.legend(loc="upper left", ncols=4, fontsize=8, **LEGEND_PLATE)
    low, high = below.get_ylim()
    below.set_ylim(low, high + 0.28 * (high - low))  # room for the legend
    for axis in (above, total, below):
        axis.yaxis.set_major_formatter(lambda v, _: number(v, 0))
    return figure


def _share_zero(one: object, other: object) -> None:
    """Put both zeros at one height."""
    limits = [axis.get_ylim() for axis in (one, other)]  # type: ignore[attr-defined]
    below = max(-low / (high - low) for low, high in limits)
    above = max(high / (high - low) for low, high in limits)
    for axis, (low, high) in zip((one, other), limits, strict=True):
        size = max(-low / below if below > 0 else 0.0, high / above if above > 0 else 0.0)
        axis.set_ylim(-size * below, size * above)  # type: ignore[attr-defined]
