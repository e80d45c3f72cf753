"""The pictures of `letf flow`. The same flow gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from letf_instruments import drifted_multiple, move_by_bar, multiple_by_bar, rebalancing_trade
from runs.answers.canvas import (
    FUND,
    GAIN,
    INDEX,
    INK,
    LEGEND_PLATE,
    LOSS,
    PLATE,
    RULE,
    money_axis,
    new_figure,
    plain,
)
from runs.answers.words import dollars, fold, number, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.flow.study import FlowResult


def flow_chart(result: FlowResult) -> Figure:
    """The trade at each close over time, and how often it was how large."""
    figure, (over_time, counts) = new_figure(
        f"{_who(result)}: the trade at the close, with {plain(dollars(result.assets))} of assets",
        result.inputs.bars.simulated,
        rows=2,
        height=6.6,
        ratios=(3, 2),
    )
    trade, days = result.trade, result.flow.sessions
    for label, side, colour in (("bought", trade > 0, GAIN), ("sold", trade < 0, LOSS)):
        over_time.vlines(days[side], 0, trade[side], color=colour, lw=0.7)
        over_time.plot([], [], color=colour, lw=2, label=f"{label} on {side.sum():,} days")
    over_time.axhline(0, color=INK, lw=0.6)
    over_time.margins(x=0.01, y=0.12)
    over_time.set_ylabel("trade at the close")
    largest = result.largest[0]
    over_time.annotate(
        f"{plain(dollars(trade[largest]))} on {days[largest]}\n"
        f"index {percent(result.flow.index_return[largest])}",
        (days[largest], trade[largest]),
        xytext=(-8 if largest > len(days) / 2 else 8, 0),
        textcoords="offset points",
        ha="right" if largest > len(days) / 2 else "left",
        va="top" if trade[largest] > 0 else "bottom",
        fontsize=8,
        bbox=PLATE,
    )
    over_time.legend(loc="upper left", frameon=False, fontsize=9, ncols=2)
    over_time.yaxis.set_major_formatter(_money)
    # Bins meet at 0, so that none holds purchases and sales at once; few days get few bins.
    width = max(float(np.ptp(trade)), 1.0) / min(80, 2 * len(trade) ** 0.5 + 1)
    edges = width * np.arange(np.floor(trade.min() / width), np.ceil(trade.max() / width) + 1)
    for side, colour in ((trade > 0, GAIN), (trade < 0, LOSS)):
        counts.hist(trade[side], bins=edges, color=colour, log=True)
    counts.axvline(0, color=INK, lw=0.6)
    counts.xaxis.set_major_formatter(_money)
    counts.set_xlabel("trade at the close")
    counts.set_ylabel("days (log scale)")
    counts.set_ylim(bottom=0.82)
    money_axis(counts)
    return figure


def theory_chart(result: FlowResult) -> Figure:
    """The trade by the day's return: the line that theory draws for both signs, the fund's days on it."""
    flow = result.flow
    b = flow.fund.multiple
    figure, (axis,) = new_figure(
        f"{_who(result)}: the trade at the close by the day's return",
        result.inputs.bars.simulated,
        height=5.2,
    )
    reach = 1.05 * max(float(np.abs(flow.index_return).max()), 0.001)
    moves = np.array([-reach, reach])
    for multiple, colour, style in ((b, RULE, "-"), (-b, INDEX, "--")):
        slope = multiple * (multiple - 1)
        label = f"{fold(multiple)}: b(b−1)·r = {slope:g}·r"
        axis.plot(moves, rebalancing_trade(multiple, 1.0, moves), style, color=colour, lw=1.2, label=label)
    axis.plot(
        flow.index_return,
        flow.trade,
        "o",
        ms=4.5,
        color=FUND,
        mfc="none",
        mew=0.8,
        label=f"{flow.fund.ticker}, {len(flow.sessions):,} days (carry and fee in it)",
    )
    axis.axhline(0, color=INK, lw=0.6)
    axis.axvline(0, color=INK, lw=0.6)
    axis.set_xlabel("the index's return, close to close")
    axis.set_ylabel("bought at the close, of assets at the prior close")
    axis.xaxis.set_major_formatter(_percent)
    axis.yaxis.set_major_formatter(_percent)
    axis.legend(loc="upper left", frameon=False, fontsize=9)
    return figure


def drift_chart(result: FlowResult) -> Figure:
    """The multiple before the reset by the index's move, and its distribution at high, low and close."""
    flow = result.flow
    b = flow.fund.multiple
    figure, (curve, counts) = new_figure(
        f"{_who(result)}: leverage before the reset", result.inputs.bars.simulated, columns=2, height=4.6
    )
    reach = 1.08 * max(float(np.abs(flow.index_return).max()), 0.001)
    moves = np.linspace(-reach, reach, 400)
    moves = moves[1.0 + b * moves > 0.1]  # beyond that the fund is all but wiped out
    curve.plot(moves, drifted_multiple(b, moves), color=RULE, lw=1.2, label="b(1+x) / (1+bx)")
    curve.plot(
        flow.index_return,
        flow.multiple,
        "o",
        ms=4.5,
        color=FUND,
        mfc="none",
        mew=0.8,
        label=f"{flow.fund.ticker} at the close, before the reset",
    )
    curve.axhline(b, color=INK, lw=0.6, ls=":")
    curve.axvline(0, color=INK, lw=0.6)
    curve.set_xlabel("x, the index's move since the prior close")
    curve.set_ylabel("multiple held")
    curve.xaxis.set_major_formatter(_percent)
    curve.legend(loc="upper right" if b > 0 else "lower left", fontsize=9, **LEGEND_PLATE)
    shown = {
        "at the close": (flow.multiple, FUND, 1.6),
        "at the index's high": (flow.multiple_at_high, GAIN, 1.1),
        "at the index's low": (flow.multiple_at_low, LOSS, 1.1),
    }
    finite = {label: values[np.isfinite(values)] for label, (values, _, _) in shown.items()}
    pooled = np.concatenate(list(finite.values()))
    many = int(min(70, 2 * len(flow.sessions) ** 0.5 + 1))
    bins = np.linspace(*np.percentile(pooled, (0.1, 99.9)), many + 1) if len(pooled) else 10
    for label, (_, colour, width) in shown.items():
        counts.hist(finite[label], bins=bins, histtype="step", color=colour, lw=width, label=label, log=True)
    counts.axvline(b, color=INK, lw=0.6, ls=":")
    counts.set_xlabel("multiple held (the outermost 0.1 % at each end left out)")
    counts.set_ylabel("days (log scale)")
    counts.set_ylim(bottom=0.82, top=4 * counts.get_ylim()[1])
    money_axis(counts)
    counts.legend(loc="upper right", fontsize=8, **LEGEND_PLATE)
    return figure


def day_chart(result: FlowResult) -> Figure:
    """Leverage through the day with the largest trade, bar by bar, before all other days."""
    flow, ledger = result.flow, result.ledger
    stamps = result.inputs.bars.timestamps
    day = flow.sessions[result.largest[0]]
    figure, (move_axis, axis) = new_figure(
        f"{_who(result)}: leverage through {day}, the day of the largest trade",
        result.inputs.bars.simulated,
        rows=2,
        height=6.2,
        ratios=(2, 3),
        share_x=True,
    )
    hours = (stamps - stamps.astype("datetime64[D]")) / np.timedelta64(1, "h")
    moves, multiples = move_by_bar(ledger), multiple_by_bar(ledger)
    for session in flow.sessions:
        at = ledger.sessions == session
        own = session == day
        look = {"color": RULE, "lw": 1.8, "zorder": 3} if own else {"color": INDEX, "lw": 0.4, "alpha": 0.45}
        move_axis.plot(hours[at], moves[at], label=str(day) if own else None, **look)
        axis.plot(hours[at], multiples[at], **look)
    b = flow.fund.multiple
    move_axis.plot([], [], color=INDEX, lw=1, label=f"the other {len(flow.sessions) - 1:,} sessions")
    move_axis.plot([], [], color=INK, lw=0.9, ls=":", label=f"{fold(b)}, which every reset restores")
    axis.axhline(b, color=INK, lw=0.9, ls=":")
    move_axis.axhline(0, color=INK, lw=0.6)
    move_axis.set_ylabel("index since the prior close")
    move_axis.yaxis.set_major_formatter(_percent)
    axis.set_ylabel("multiple held")
    axis.set_xlabel("time at the bar's start; each point is the bar's close")
    axis.xaxis.set_major_formatter(lambda v, _: f"{int(v):02d}:{round(v % 1 * 60):02d}")
    end = hours[ledger.sessions == day][-1]
    at = result.largest[0]
    held, outward = flow.multiple[at], 1 if flow.multiple[at] > b else -1
    axis.annotate(
        f"{number(held)} before the reset; "
        f"{'buys' if flow.trade[at] > 0 else 'sells'} {percent(abs(flow.trade[at])).lstrip('+')} of assets",
        (end, held),
        xytext=(0, 16 * outward),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=8,
        color=RULE,
        bbox=PLATE,
        zorder=4,
    )
    axis.margins(y=0.14)
    move_axis.margins(y=0.25)
    move_axis.legend(loc="upper left", frameon=False, fontsize=8, ncols=3)
    return figure


def _who(result: FlowResult) -> str:
    return f"{plain(result.flow.fund.ticker)} on {plain(result.inputs.bars.name)}"


def _money(value: float, _: int) -> str:
    amount, space, unit = dollars(value).partition(" ")
    short = amount.rstrip("0").rstrip(".") if "." in amount else amount
    return plain(f"{short}{space}{unit}")


def _percent(value: float, _: int) -> str:
    return f"{100 * value:g} %".replace("-", "−")
