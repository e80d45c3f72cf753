"""What a rule saw, to look into: the index, what is traded with its stops and targets, and under them every
condition where it held; of a rule of weights what it wanted and what it had."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from analyzers.trades import OPEN
from letf_instruments.sessions import first_of_each, last_of_each
from runs.answers.closer import Flag, Floats, Line, Marks, Pane, Panes, colour_of
from runs.answers.words import percent, times
from runs.backtest.indicators import measured
from runs.backtest.pictures.rule_chart import Marked, condition_rows, marked_trades, protection
from runs.backtest.pictures.weights_chart import actual_weights
from runs.backtest.result import RunResult
from strategies import AllocationRule, TradeRule
from strategies.trade_rule import Signals

KIND_COLOURS = {"entry": "rule", "vote": "more-2", "enough": "rule", "exit": "fund", "state": "rule"}
LEVEL_COLOURS = {"stop": "loss", "target": "gain"}


def signals_closer(run: RunResult) -> Panes:
    """The picture of a run's rule, if `rule_chart.has_chart`."""
    if isinstance(run.rule, TradeRule):
        return _of_trades(run, run.rule)
    assert isinstance(run.rule, AllocationRule)
    return _of_weights(run, run.rule)


def _of_trades(run: RunResult, rule: TradeRule) -> Panes:
    market = run.market()
    last = _last(run)
    signals = rule.checked_signals(market)
    sides = [signals] if rule.plan.other is None or signals.other is None else [signals, signals.other]
    index = Line(run.bars.name, market.index.close[last], "index")
    levels = [
        Line(
            name.replace("_", " "),
            values[last],
            colour_of(place),
            dashed=True,
            shown=name == rule.plan.rebound,
        )
        for place, (name, values) in enumerate(signals.index_levels.items())
    ]
    beside, measures = _measured(run, rule)
    panes = [Pane(run.bars.name, [index, *levels, *beside], "price", log=True, share=0.7), *measures]
    for side, (said, name) in enumerate(zip(sides, rule.instruments, strict=False)):
        mine = marked_trades(run, market[name].name)
        close = np.where(market[name].close > 0, market[name].close, np.nan)[last]
        parts: list[Line | Marks] = [Line(market[name].name, close, "index")]
        parts += _protected(run, rule, said, mine, side)
        panes.append(Pane(market[name].name, [*parts, *_marks(run, mine)], "price", log=True, share=0.9))
    rows = condition_rows(signals)
    flags = [Flag(name, _in_session(run, holds), KIND_COLOURS[kind]) for kind, name, holds in rows]
    panes.append(Pane("what held", flags, share=0.12 + 0.07 * len(flags)))
    return Panes(run.days, panes)


def _measured(run: RunResult, rule: TradeRule | AllocationRule) -> tuple[list[Line], list[Pane]]:
    """What the rule's conditions compare: levels of the index's close, that belong beside it; and a pane for
    each other value, with what it is compared with."""
    last = _last(run)
    close = run.market().index.close
    beside: list[Line] = []
    panes: dict[str, tuple[list[Line], bool]] = {}
    for name, compared in measured(run, rule).items():
        for one in compared:
            own = np.array_equal(one.value, close, equal_nan=True)
            lines, _ = (beside, False) if own else panes.setdefault(one.what, ([], one.share))
            if not own and not lines:
                lines.append(Line(one.what, np.asarray(one.value, dtype=float)[last], "rule"))
            level = np.broadcast_to(np.asarray(one.level, dtype=float), close.shape)[last]
            if not any(np.array_equal(level, line.values, equal_nan=True) for line in lines):
                lines.append(Line(name, level, colour_of(len(lines)), dashed=True))
    forms: dict[bool, Literal["percent", "number"]] = {True: "percent", False: "number"}
    return beside, [
        Pane(what, lines, forms[in_percent], share=0.35) for what, (lines, in_percent) in panes.items()
    ]


def _of_weights(run: RunResult, rule: AllocationRule) -> Panes:
    market = run.market()
    last = _last(run)
    beside, measures = _measured(run, rule)
    targets = rule.checked_targets(market)
    actual = actual_weights(run)
    lines, net, aim = [], np.zeros(len(run.days)), np.zeros(len(run.days))
    for place, (name, values) in enumerate(targets.weights.items()):
        one = market[name]
        own = actual.get(one.name, np.zeros(len(run.days)))
        lines.append(Line(f"{one.name} ({times(one.multiple)}×)", own, colour_of(place)))
        lines.append(Line(f"{one.name} wanted", values[last], colour_of(place), dashed=True))
        net, aim = net + own * one.multiple, aim + values[last] * one.multiple
    panes = [
        Pane(
            run.bars.name,
            [Line(run.bars.name, market.index.close[last], "index"), *beside],
            "price",
            log=True,
            share=0.7,
        ),
        *measures,
        Pane("share of equity", lines, "percent", share=0.7),
        Pane(
            "weights × multiples",
            [Line("as it was", net, "rule"), Line("wanted", aim, "index", dashed=True)],
            "percent",
            share=0.45,
        ),
    ]
    if targets.states:
        codes = targets.state_codes()[last]
        flags = [
            Flag(name, codes == place + 1, colour_of(place)) for place, name in enumerate(targets.states)
        ]
        panes.append(Pane("state", flags, share=0.12 + 0.07 * len(flags)))
    return Panes(run.days, panes)


def _protected(
    run: RunResult, rule: TradeRule, signals: Signals, trades: list[Marked], side: int
) -> list[Line]:
    """The prices at which each trade would have been left, while it was open: a line a kind."""
    sessions = run.bars.sessions
    found: dict[str, Floats] = {}
    for trade in trades:
        for name, (bars, values) in protection(run, rule, signals, trade, side).items():
            line = found.setdefault(name, np.full(len(run.days), np.nan))
            at = np.searchsorted(run.days, sessions[bars])
            line[at] = values
    return [
        Line(name, values, LEVEL_COLOURS.get(name.partition(" ")[0], "more-1"), dashed=True)
        for name, values in found.items()
    ]


def _marks(run: RunResult, trades: list[Marked]) -> list[Marks]:
    sessions = run.bars.sessions
    if not trades:
        return []
    told = {
        (trade.entry, trade.exit): f"entered {sessions[trade.entry]}, left {sessions[trade.exit]} by "
        f"{trade.reason}: {percent(trade.exit_price / trade.entry_price - 1.0)} in price"
        for trade in trades
    }
    entered = Marks(
        f"entered ({len(trades):,})",
        sessions[[trade.entry for trade in trades]],
        np.array([trade.entry_price for trade in trades]),
        [told[trade.entry, trade.exit] for trade in trades],
        "more-1",
        "up",
    )
    out = [entered]
    for words, colour, mine in (
        (
            "left with a gain",
            "gain",
            [trade for trade in trades if trade.profit > 0 and trade.reason != OPEN],
        ),
        (
            "left with a loss",
            "loss",
            [trade for trade in trades if trade.profit <= 0 and trade.reason != OPEN],
        ),
    ):
        if mine:
            out.append(
                Marks(
                    f"{words} ({len(mine):,})",
                    sessions[[trade.exit for trade in mine]],
                    np.array([trade.exit_price for trade in mine]),
                    [told[trade.entry, trade.exit] for trade in mine],  # said once where both ends are near
                    colour,
                    "down",
                )
            )
    return out


def _last(run: RunResult) -> npt.NDArray[np.int64]:
    """The last bar of each session."""
    return np.flatnonzero(last_of_each(run.bars.sessions))


def _in_session(run: RunResult, holds: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether it held on any bar of a session."""
    return np.logical_or.reduceat(holds, np.flatnonzero(first_of_each(run.bars.sessions)))
