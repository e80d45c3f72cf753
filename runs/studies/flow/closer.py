"""The pictures of `letf flow` to look into."""

from __future__ import annotations

import numpy as np

from letf_instruments import drifted_multiple, move_by_bar, multiple_by_bar
from runs.answers.closer import Bars, Choice, Floats, Line, Marks, Pane, Panes
from runs.answers.scales import dots
from runs.answers.words import dollars, number, percent
from runs.studies.flow.study import FlowResult


def flow_closer(result: FlowResult) -> Choice:
    """The trade at each close over time, and how often it was how large."""
    trade, flow = result.trade, result.flow
    words = [
        f"{flow.sessions[i]}: index {percent(float(flow.index_return[i]), 2)}, "
        f"{'buys' if trade[i] > 0 else 'sells'} {dollars(abs(float(trade[i])))}"
        for i in result.largest
    ]
    largest = Marks("the ten largest", flow.sessions[result.largest], trade[result.largest], words, "more-1")
    bought = Line("bought", np.where(trade > 0, trade, 0.0), "gain", area=True)
    sold = Line("sold", np.where(trade < 0, trade, 0.0), "loss", area=True)
    over_time = Panes(flow.sessions, [Pane("trade at the close", [bought, sold, largest], "money")])
    width = max(float(np.ptp(trade)), 1.0) / min(80, 2 * len(trade) ** 0.5 + 1)
    # Bins meet at 0, so that none holds purchases and sales at once.
    edges = width * np.arange(np.floor(trade.min() / width), np.ceil(trade.max() / width) + 1)
    counts = np.histogram(trade, edges)[0].astype(float)
    sales = edges[1:] <= 0
    bars = [
        Bars("sold", edges[:-1][sales], edges[1:][sales], counts[sales], "loss"),
        Bars("bought", edges[:-1][~sales], edges[1:][~sales], counts[~sales], "gain"),
    ]
    often = Panes(edges, [Pane("days", bars, "number")], x_label="trade at the close", x_form="money")
    return Choice("show", {"over time": over_time, "how often it was how large": often})


def drift_closer(result: FlowResult) -> Choice:
    """The multiple before the reset by the index's move; and how often it was how large, at high, low and
    close."""
    flow, b = result.flow, result.flow.fund.multiple
    reach = 1.08 * max(float(np.abs(flow.index_return).max()), 0.001)
    moves = np.linspace(-reach, reach, 400)
    moves = moves[1.0 + b * moves > 0.1]  # beyond that the fund is all but wiped out
    places = dots(flow.multiple)
    words = [
        f"{flow.sessions[i]}: index {percent(float(flow.index_return[i]), 2)}, multiple "
        f"{number(float(flow.multiple[i]), 3)}"
        for i in places
    ]
    parts = [
        Line("multiple before the reset", drifted_multiple(b, moves), "rule"),
        Marks(
            f"{flow.fund.ticker} at the close",
            flow.index_return[places],
            flow.multiple[places],
            words,
            "fund",
            scales=True,
        ),
    ]
    curve = Panes(
        moves, [Pane("multiple held before the reset", parts)], x_label="the index's move", x_form="percent"
    )
    kinds = {
        "at the close": (flow.multiple, "fund"),
        "at the index's high": (flow.multiple_at_high, "gain"),
        "at the index's low": (flow.multiple_at_low, "loss"),
    }
    pooled = np.concatenate([values[np.isfinite(values)] for values, _ in kinds.values()])
    if not len(pooled):
        return Choice("show", {"by the index's move": curve})
    edges = np.linspace(
        *np.percentile(pooled, (0.1, 99.9)), int(min(70, 2 * len(flow.sessions) ** 0.5 + 1)) + 1
    )
    middles = (edges[1:] + edges[:-1]) / 2
    lines = [
        Line(label, np.histogram(values[np.isfinite(values)], edges)[0].astype(float), colour)
        for label, (values, colour) in kinds.items()
    ]
    note = "The outermost 0.1 % at each end are left out."
    often = Panes(middles, [Pane("days", lines)], x_label="multiple held", note=note)
    return Choice("show", {"by the index's move": curve, "how often it was how large": often})


def day_closer(result: FlowResult) -> Panes:
    """Leverage through the day with the largest trade, bar by bar."""
    flow, ledger = result.flow, result.ledger
    day = flow.sessions[result.largest[0]]
    at = ledger.sessions == day
    stamps = result.inputs.bars.timestamps[at]
    moves: Floats = move_by_bar(ledger)[at]
    panes = [
        Pane(
            "index since the prior close",
            [Line(result.inputs.bars.name, moves, "index")],
            "percent",
            share=0.6,
        ),
        Pane("multiple held", [Line(flow.fund.ticker, multiple_by_bar(ledger)[at], "rule")]),
    ]
    return Panes(stamps, panes, note=f"{day}, the day of the largest trade.")
