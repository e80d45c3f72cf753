"""signals.png: what a rule saw and what came of it, for any `TradeRule` or `AllocationRule`."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from analyzers.legs import DUST
from analyzers.trades import OPEN
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
from runs.backtest.pictures.weights_chart import stretches, weights_chart
from strategies import AllocationRule, TradeRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from runs.backtest.result import RunResult
    from strategies.trade_rule import Signals

WINDOW = 250  # sessions of the zoom on a rule's trades
WINDOW_OF_BARS = 5  # sessions of intraday bars
DOOR_MARKS = "vsDoXPpdhH*"
STOP_COLOUR, TARGET_COLOUR, TRAIL_COLOUR = LOSS, GAIN, "#7b5aa6"
ROW_COLOURS = {"entry": RULE, "vote": "#5b9bd5", "enough": RULE, "exit": FUND, "state": RULE}


@dataclass(frozen=True)
class Marked:
    """A trade by bar: where it was filled and left, in prices of a share that is never split."""

    entry: int
    exit: int
    entry_price: float
    exit_price: float
    profit: float
    reason: str


def has_chart(run: RunResult) -> bool:
    """False for a rule that trades options or lots, and for a strategy of another kind."""
    return isinstance(run.rule, (TradeRule, AllocationRule)) and not hasattr(run.rule.plan, "lots")


def rule_chart(run: RunResult) -> Figure:
    """The picture of a run's rule, if it `has_chart`."""
    if isinstance(run.rule, TradeRule):
        return _trade_chart(run, run.rule)
    assert isinstance(run.rule, AllocationRule)
    return weights_chart(run, run.rule)


# -- a TradeRule: a zoom on its trades --------------------------------------------------------------


def marked_trades(run: RunResult, name: str) -> list[Marked]:
    """The trades in one instrument, in order. One that is still open ends on the last bar, at its close."""
    ends = []
    held, entry = 0.0, None
    for fill in run.fills.get(name, []):
        entry = fill if entry is None else entry
        held += fill.size
        if abs(held) <= DUST * abs(fill.size):
            ends.append((entry.bar, fill.bar, entry.price, fill.price))
            held, entry = 0.0, None
    if entry is not None:
        close = run.market()[name].close
        ends.append((entry.bar, len(close) - 1, entry.price, float(close[-1])))
    mine = [trade for trade in run.trades if trade.instrument == name]
    return [Marked(*where, trade.profit, trade.exit_reason) for where, trade in zip(ends, mine, strict=True)]


def busiest_span(sessions: np.ndarray, trades: list[Marked], window: int = WINDOW) -> tuple[int, int]:
    """First and last bar of the `window` sessions that hold the most whole trades (entries, if none fits).

    Of several it is the middle of the earliest such stretch, so that the trades have room on both sides; the
    last sessions if there are no trades.
    """
    number = np.unique(sessions, return_inverse=True)[1]
    spare = int(number[-1]) + 1 - window
    if spare <= 0:
        return 0, len(sessions) - 1
    start = spare
    if trades:
        starts = np.arange(spare + 1)[:, None]
        first = number[[t.entry for t in trades]]
        last = number[[t.exit for t in trades]]
        count = ((first >= starts) & (last < starts + window)).sum(axis=1)
        if not count.any():
            count = ((first >= starts) & (first < starts + window)).sum(axis=1)
        best = count == count.max()
        begin = int(np.argmax(best))
        length = int(np.argmin(best[begin:])) if not best[begin:].all() else len(best) - begin
        start = begin + (length - 1) // 2
    inside = np.flatnonzero((number >= start) & (number < start + window))
    return int(inside[0]), int(inside[-1])


def protection(
    run: RunResult, rule: TradeRule, signals: Signals, trade: Marked, side: int = 0
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The levels at which a trade would have been left: name → bars and prices, while it was open.

    A fraction counts from the entry's fill, a named level is the one of the deciding bar. The trailing stop
    on a bar follows the highs of the trade's bars before it. `signals` are those of the plan's `side`.
    """
    plan, name = rule.plan.terms[side], rule.instruments[side]
    decided = max(trade.entry - (rule.plan.fill != "same-close"), 0)
    bars = np.arange(trade.entry, trade.exit + 1)
    levels = {}
    for role, given, sign in (("stop", plan.stop, -1), ("target", plan.target, 1)):
        if given is None:
            continue
        named = isinstance(given, str)
        level = signals.levels[given][decided] if named else trade.entry_price * (1.0 + sign * given)
        levels[f"{role} ({given})" if named else role] = np.full(len(bars), float(level))
    highs = run.market()[name].high[trade.entry : trade.exit]
    tops = np.maximum.accumulate(np.concatenate(([trade.entry_price], highs)))
    if plan.trailing_stop is not None:
        levels["trailing stop"] = tops * (1.0 - plan.trailing_stop)
    elif plan.trailing_atr is not None:
        levels["trailing stop"] = tops - plan.trailing_atr * rule.average_ranges(run.market())[side][decided]
    return {name: (bars, values) for name, values in levels.items()}


def condition_rows(signals: Signals) -> list[tuple[str, str, np.ndarray]]:
    """Kind, name and where it holds: entry conditions (filters among them), votes, then the own exits."""
    rows = [("entry", name, holds) for name, holds in signals.entry.items()]
    rows += [("vote", name, holds) for name, holds in signals.votes.items()]
    if signals.votes and signals.needed:
        words = f"at least {signals.needed} of the {len(signals.votes)} confirmations"
        rows.append(("enough", words, signals.vote_count() >= signals.needed))
    rows += [("exit", f"leave: {name}", holds) for name, holds in signals.exit.items()]
    return rows if signals.other is None else [*rows, *condition_rows(signals.other)]


def _trade_chart(run: RunResult, rule: TradeRule) -> Figure:
    market = run.market()
    signals = rule.checked_signals(market)
    said = [signals] if rule.plan.other is None or signals.other is None else [signals, signals.other]
    names = [market[name].name for name in rule.instruments]
    by_side = [marked_trades(run, name) for name in names]
    trades = sorted((each for side in by_side for each in side), key=lambda trade: trade.entry)
    window = WINDOW if len(market) == len(np.unique(market.sessions)) else WINDOW_OF_BARS
    low, high = busiest_span(market.sessions, trades, window)
    shown = [t for t in trades if t.entry <= high and t.exit >= low]
    rows = condition_rows(signals)
    first, last = market.sessions[low], market.sessions[high]
    whole = high - low + 1 == len(market)
    span = (
        "the whole run" if whole else f"the {window} sessions with the most trades" if trades else "its end"
    )
    words = (
        f"Signals: {run.spec.name} on {plain(run.bars.name)}\n"
        f"{first} to {last}, {span}: {len(shown)} of {len(trades)} trades"
    )
    height = 1.0 + 0.36 * len(rows)
    ratios = (26, *[30] * len(said), ceil(10 * height))
    figure, (index, *traded, below) = new_figure(
        words,
        run.simulated,
        len(ratios),
        height=3.0 + 3.2 * len(said) + height,
        ratios=ratios,
        share_x=True,
        stacked=True,
    )
    bars = np.arange(low, high + 1)
    index.plot(bars, market.index.close[bars], color=INK, lw=0.9)
    if rule.plan.rebound:
        level = signals.index_levels[rule.plan.rebound]
        _levels(index, bars, level, low, shown)
    close = market.index.close
    _mark(index, shown, [close[t.entry] for t in shown], [close[t.exit] for t in shown], {})
    index.set_ylabel(f"{plain(run.bars.name)}\n(log scale)")
    doors = list(dict.fromkeys(t.reason for t in trades if t.reason != OPEN))
    marks = {door: DOOR_MARKS[i % len(DOOR_MARKS)] for i, door in enumerate(doors)}
    for side, (axis, name) in enumerate(zip(traded, names, strict=False)):
        mine = [t for t in by_side[side] if t in shown]
        _protected(axis, run, rule, said[side], mine, side)
        own = np.where(market[name].close > 0, market[name].close, np.nan)
        axis.plot(bars, own[bars], color=INK, lw=0.9)
        _mark(axis, mine, [t.entry_price for t in mine], [t.exit_price for t in mine], marks)
        axis.set_ylabel(f"{plain(name)}\n(log scale)")
    for axis in (index, *traded):
        axis.set_yscale("log")
        money_axis(axis)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, **LEGEND_PLATE)
    draw_rows(below, rows, low, high, [t.entry - (rule.plan.fill != "same-close") for t in shown])
    date_ticks(below, market.sessions, low, high)
    return figure


def _levels(axis: Axes, bars: np.ndarray, level: np.ndarray, low: int, shown: list[Marked]) -> None:
    """The rebound: faint on every bar, strong as it was set for each trade."""
    axis.plot(bars, level[bars], color=TRAIL_COLOUR, lw=0.7, alpha=0.5, ls=":", label="level of the rebound")
    for i, trade in enumerate(shown):
        at = level[max(trade.entry - 1, 0)]
        label = "as set for the trade" if i == 0 else None
        axis.plot([trade.entry - 1, trade.exit], [at, at], color=TRAIL_COLOUR, lw=1.3, label=label)


def _protected(
    axis: Axes, run: RunResult, rule: TradeRule, signals: Signals, shown: list[Marked], side: int
) -> None:
    said = set()
    for trade in shown:
        for name, (bars, values) in protection(run, rule, signals, trade, side).items():
            colour = STOP_COLOUR if name.startswith("stop") else TARGET_COLOUR
            colour = TRAIL_COLOUR if name == "trailing stop" else colour
            edges = np.append(bars - 0.5, bars[-1] + 0.5)  # a level on one bar has a width too
            axis.step(
                edges,
                np.append(values, values[-1]),
                where="post",
                color=colour,
                lw=1.1,
                label=None if name in said else name,
            )
            said.add(name)


def _mark(
    axis: Axes,
    shown: list[Marked],
    entries: list[float],
    exits: list[float],
    doors: Mapping[str, str],
) -> None:
    """Entries and exits: gain or loss by colour, the door by the marker where `doors` has them."""
    if not shown:
        return
    axis.plot(
        [t.entry for t in shown],
        entries,
        "^",
        ms=6,
        mfc="none",
        mec=RULE,
        mew=1.0,
        label=None if doors else "entered",
    )
    for trade, price in zip(shown, exits, strict=True):
        if trade.reason == OPEN:
            continue
        colour = GAIN if trade.profit > 0 else LOSS
        axis.plot(
            [trade.exit], [price], doors.get(trade.reason, "v"), ms=6, color=colour, mec="white", mew=0.4
        )
    if doors:
        there = {t.reason for t in shown}
        for door, mark in doors.items():
            if door in there:
                axis.plot([], [], mark, ms=6, color=INDEX, label=f"left: {door}")
        return
    for words, colour in (("left with a gain", GAIN), ("left with a loss", LOSS)):
        axis.plot([], [], "v", ms=6, color=colour, label=words)


def draw_rows(
    axis: Axes, rows: list[tuple[str, str, np.ndarray]], low: int, high: int, decided: list[int]
) -> None:
    """A row for each condition, its name above the strip that is filled where it holds."""
    from matplotlib.transforms import blended_transform_factory

    words = blended_transform_factory(axis.transAxes, axis.transData)
    for i, (kind, name, holds) in enumerate(rows):
        starts, lengths = stretches(holds[low : high + 1])
        spans = [(low + s - 0.5, n) for s, n in zip(starts, lengths, strict=True)]
        axis.broken_barh(spans, (i + 0.5, 0.42), facecolor=ROW_COLOURS[kind], lw=0, label=f"_{name}")
        axis.text(
            0.004, i + 0.28, plain(name), transform=words, fontsize=8, va="center", color=INK, bbox=PLATE
        )
    inside = [bar for bar in decided if low <= bar <= high]
    for i, bar in enumerate(inside):
        axis.axvline(bar, color=INK, lw=0.8, ls="--", label="entry decided" if i == 0 else None)
    axis.set_ylim(len(rows), 0)
    axis.set_yticks([])
    axis.set_ylabel("conditions")
    axis.grid(False, axis="y")
    if inside:
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, **LEGEND_PLATE)


def date_ticks(axis: Axes, sessions: np.ndarray, low: int, high: int) -> None:
    """Bars are evenly spaced; their dates are written at the months' first bars."""
    months = sessions[low : high + 1].astype("datetime64[M]")
    at = low + 1 + np.flatnonzero(months[1:] != months[:-1])
    labels = sessions[at].astype("datetime64[M]")
    if len(at) < 3:
        at = np.unique(np.linspace(low, high, 5).astype(int))
        labels = sessions[at]
    every = ceil(len(at) / 9)
    axis.set_xticks(at[::every], [str(label) for label in labels[::every]])
    axis.set_xlim(low - 1, high + 1)
