"""signals.png of a rule that holds weights: what it wanted, what it had, over the whole span."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analyzers.legs import positions
from letf_instruments.sessions import last_of_each
from runs.answers.canvas import (
    INDEX,
    INK,
    LEGEND_PLATE,
    LINE_COLOURS,
    RULE,
    money_axis,
    new_figure,
    plain,
)
from runs.answers.words import times
from strategies import AllocationRule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from runs.backtest.result import RunResult
    from strategies.allocation_rule import Targets

MOST_STATES = 6  # that a strip of colours can tell apart
STATE_COLOURS = ("#9ecae1", "#fdae6b", "#a1d99b", "#bcbddc", "#fc9272", "#d9d9d9")


def actual_weights(run: RunResult) -> dict[str, np.ndarray]:
    """By instrument: the value of its position over equity at each session's close, shape (sessions,)."""
    market = run.market()
    last = last_of_each(market.sessions)
    return {
        name: (positions(run.fills.get(name, []), len(market)) * market[name].close)[last] / run.equity
        for name in run.instruments
    }


def weights_chart(run: RunResult, rule: AllocationRule) -> Figure:
    """Index, weights as wanted and as they were, net exposure with the days of trading, and states."""
    market = run.market()
    targets = rule.checked_targets(market)
    last = last_of_each(market.sessions)
    states = list(targets.states) if len(targets.states) <= MOST_STATES else []
    ratios = (26, 26, 22, 3) if states else (26, 26, 22)
    words = f"Target and actual weights: {run.spec.name} on {plain(run.bars.name)}"
    figure, axes = new_figure(
        words, run.simulated, len(ratios), height=8.2, ratios=ratios, share_x=True, stacked=True
    )
    index, weights, exposure = axes[:3]
    index.plot(run.days, market.index.close[last], color=INK, lw=0.9)
    index.set_yscale("log")
    money_axis(index)
    index.set_ylabel(f"{plain(run.bars.name)}\n(log scale)")
    actual = actual_weights(run)
    multiples = {name: market[name].multiple for name in actual}
    wanted = {market[name].name: values[last] for name, values in targets.weights.items()}
    colours = dict(zip(actual, LINE_COLOURS, strict=False))
    for name, values in actual.items():
        colour = colours.get(name, INDEX)
        weights.plot(
            run.days, values, color=colour, lw=0.9, label=f"{plain(name)} ({times(multiples[name])}×)"
        )
        weights.step(run.days, wanted[name], where="post", color=colour, lw=1.2, ls="--", alpha=0.9)
    weights.plot([], [], color=INK, lw=1.2, ls="--", label="target")
    weights.set_ylabel("share of equity")
    net = sum(values * multiples[name] for name, values in actual.items())
    aim = sum(values * multiples[name] for name, values in wanted.items())
    exposure.plot(run.days, net, color=RULE, lw=1.0, label="Σ weight × multiple")
    exposure.step(run.days, aim, where="post", color=INK, lw=0.9, ls="--", label="target")
    traded = np.unique([market.sessions[f.bar] for fills in run.fills.values() for f in fills])
    low_mark = exposure.get_xaxis_transform()
    if len(traded):
        exposure.vlines(
            traded, 0.0, 0.06, transform=low_mark, color=INK, lw=0.6, label=f"traded ({len(traded):,} days)"
        )
    exposure.set_ylabel("net exposure")
    for axis in (weights, exposure):
        axis.axhline(0, color=INK, lw=0.6)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, **LEGEND_PLATE)
    if states:
        _draw_states(axes[3], run.days, targets, last)
    return figure


def _draw_states(axis: Axes, days: np.ndarray, targets: Targets, last: np.ndarray) -> None:
    """A strip in the colour of the state that held at each close; blank where none did."""
    from matplotlib.dates import date2num

    codes = targets.state_codes()[last]
    at = date2num(np.append(days, days[-1] + 1))
    for i, (name, colour) in enumerate(zip(targets.states, STATE_COLOURS, strict=False)):
        starts, lengths = stretches(codes == i + 1)
        spans = [(at[s], at[s + n] - at[s]) for s, n in zip(starts, lengths, strict=True)]
        axis.broken_barh(spans, (0, 1), facecolor=colour, lw=0, label=plain(name))
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.set_ylabel("state", rotation=0, ha="right", va="center")
    axis.grid(False)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 2.5), fontsize=8, **LEGEND_PLATE)


def stretches(holds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where unbroken stretches of true begin, and how long they are."""
    edges = np.diff(np.concatenate(([0], holds.astype(np.int8), [0])))
    starts = np.flatnonzero(edges == 1)
    return starts, np.flatnonzero(edges == -1) - starts
