"""The pictures of a run that a page lets one look into: equity over drawdown, prices with trades, exposure
and beta, and each fund's return by cause."""

from __future__ import annotations

import numpy as np

from analyzers import RoundTrip, underwater
from analyzers.trades import OPEN
from feeds.market import Prices
from letf_instruments.sessions import first_of_each, last_of_each
from runs.answers.closer import Candles, Floats, Line, Marks, Pane, Panes, colour_of
from runs.answers.scales import leaving, sets_scale
from runs.answers.words import number, percent
from runs.backtest.benchmarks import held_prices
from runs.backtest.pictures.charts import MOST_LINES, PART_LABELS
from runs.backtest.report.marks import contract_marks, fill_marks, marks_of, small_prices, trade_marks
from runs.backtest.result import RunResult

PART_COLOURS = {
    "index": "index",
    "compounding": "loss",
    "financing and cash": "rule",
    "fee": "fund",
    "rest": "more-1",
}


def equity_closer(run: RunResult) -> Panes:
    """The account beside holding, on a log axis, payments aside; what was paid in and what it came to; how
    far below the last high."""
    start = run.worth[0]
    held_at = held_prices(run.setting, run.instruments, run.ledgers, len(run.days))
    index = held_at.pop("index")
    rule = Line(f"{run.spec.name}", run.worth, "rule")
    lines = [rule, Line(f"{run.bars.name} held", start * index / index[0], "index")]
    main = [line.values for line in lines]
    for place, (name, prices) in enumerate(held_at.items()):
        held = start * prices / prices[0]
        scales = sets_scale(held, main)
        lines.append(Line(f"{name} held", held, colour_of(place), shown=place < MOST_LINES, scales=scales))
    alike = run.same_risk["share"]
    if alike is not None and not run.paid_in:
        words = f"{run.bars.name} at the rule's risk"
        lines.append(Line(words, run.same_risk_value, "more-2", dashed=True, shown=False))
    ends: list[Line | Marks] = [*lines, *_ends(run)]
    falls: list[Line | Marks] = [
        Line(run.spec.name, run.underwater, "rule", area=True),
        Line(f"{run.bars.name} held", underwater(index), "index"),
    ]
    deepest = [
        (spell.trough, spell.depth, f"{percent(spell.depth)}: {spell.peak} to {spell.recovery or 'now'}")
        for spell in sorted(run.worst, key=lambda spell: spell.trough)
    ]
    if deepest:
        falls.append(marks_of("the deepest falls", deepest, "loss", "dot"))
    growth = "growth, payments aside" if run.paid_in else "money"
    panes = [
        Pane(growth, ends, "money", log=True),
        Pane("below the last high", falls, "percent", share=0.45),
    ]
    if run.paid_in:
        put_in = Line("put in", run.start + run.paid, "more-1", dashed=True)
        money = [Line(f"{run.spec.name}", run.equity, "rule"), put_in]
        money.append(Line(f"{run.bars.name}, same payments", run.held_value["index"], "index"))
        # What was in it at first would not show beside what came of it, were the axis even.
        log = all(bool((line.values > 0).all()) for line in money)
        panes.insert(1, Pane("money", money, "money", log=log, share=0.8))
    return Panes(run.days, panes, note=leaving(lines))


def _ends(run: RunResult) -> list[Marks]:
    """The highest close of the account and the last one."""
    peak, last = int(np.argmax(run.worth)), len(run.worth) - 1
    return [
        Marks(
            f"{name} {percent(float(run.worth[at] / run.start) - 1.0)}",
            run.days[[at]],
            run.worth[[at]],
            [f"{words}: {number(float(run.worth[at]), 0)} on {run.days[at]}"],
            colour,
        )
        for name, words, at, colour in (
            ("peak", "highest close", peak, "gain"),
            ("final", "last close", last, "rule"),
        )
    ]


def price_closer(run: RunResult) -> Panes:
    """What is traded as candles by session, with where it was entered and left; the index beside it."""
    market = run.market()
    panes = []
    for name in _others(run)[:MOST_LINES]:
        panes.append(Pane(_scaled(run, name), _prices(run, name, market[name]), "price", log=True))
    own = run.bars.name in run.instruments or not panes
    index = Prices.of_bars(run.bars)
    if own:
        panes.insert(0, Pane(run.bars.name, _prices(run, run.bars.name, index), "price", log=True))
    else:
        close = _by_session(run, index)["close"]
        panes.append(Pane(run.bars.name, [Line(run.bars.name, close, "index")], "price", log=True, share=0.5))
    closed = [trade for trade in run.trades if not trade.rebalanced and trade.exit_reason != OPEN]
    if closed:
        what = "trade" if run.contracts is None else "option"
        panes.append(Pane(f"return of each {what}", _outcomes(run, closed), "percent", share=0.4))
    volume = run.bars.volume
    if np.isfinite(volume).all() and (volume > 0).mean() > 0.5:
        first = np.flatnonzero(first_of_each(run.bars.sessions))
        traded = np.add.reduceat(volume, first)[-len(run.days) :]
        panes.append(Pane("volume", [Line(run.bars.name, traded, "index", area=True)], "money", share=0.3))
    intraday = len(run.bars) > len(run.days)
    notes = ["A candle is a session."] if intraday else []
    return Panes(run.days, panes, note=" ".join(filter(None, [*notes, small_prices(run)])))


def _outcomes(run: RunResult, trades: list[RoundTrip]) -> list[Marks | Line]:
    """Each trade's return on the day on which it was left."""
    out: list[Marks | Line] = [Line("", np.zeros(len(run.days)), "index", dashed=True, scales=False)]
    for name, colour, mine in (
        ("gain", "gain", [trade for trade in trades if trade.profit > 0]),
        ("loss", "loss", [trade for trade in trades if trade.profit <= 0]),
    ):
        points = [
            (
                trade.exit_date,
                trade.ret,
                f"{trade.exit_date}: {percent(trade.ret)}, {number(trade.profit, 0)}",
            )
            for trade in mine
        ]
        if points:
            out.append(marks_of(name, points, colour, "dot"))
    return out


def _scaled(run: RunResult, name: str) -> str:
    return f"{name}, splits taken out" if run.has_splits(name) else name


def _prices(run: RunResult, name: str, prices: Prices) -> list[Line | Candles | Marks]:
    parts: list[Line | Candles | Marks] = [Candles(name, **_by_session(run, prices))]
    parts += contract_marks(run, name) if run.contracts is not None else []
    mine = [trade for trade in run.trades if trade.instrument == name]
    if any(trade.rebalanced for trade in mine):
        return [*parts, *fill_marks(run, name)]
    return [*parts, *trade_marks(run, name, mine)]


def _by_session(run: RunResult, prices: Prices) -> dict[str, Floats]:
    """Open, high, low and close of each session of the run; NaN once nothing is left."""
    sessions = run.bars.sessions
    first, last = np.flatnonzero(first_of_each(sessions)), np.flatnonzero(last_of_each(sessions))
    out = {
        "open": prices.open[first],
        "high": np.maximum.reduceat(prices.high, first),
        "low": np.minimum.reduceat(prices.low, first),
        "close": prices.close[last],
    }
    return {key: np.where(values > 0, values, np.nan)[-len(run.days) :] for key, values in out.items()}


def exposure_closer(run: RunResult) -> Panes:
    """What was held at each close, over equity."""
    lines = [Line("times the funds' multiples", run.exposure_index, "rule", area=True)]
    if not np.array_equal(run.exposure_net, run.exposure_index):
        lines.append(Line("longs less shorts", run.exposure_net, "fund"))
    if not np.array_equal(run.exposure_gross, np.abs(run.exposure_net)):
        lines.append(Line("longs and shorts", run.exposure_gross, "more-2", shown=False))
    return Panes(run.days, [Pane("exposure, of equity", lines, "percent")])


def decay_closer(run: RunResult) -> Panes:
    """For each fund its log return since the start, split exactly by cause; a pane each."""
    panes = []
    for name, a in run.attributions.items():
        parts = {
            "index": a.index,
            "compounding": a.compounding,
            "financing and cash": a.financing + a.cash,
            "fee": a.fee,
            "rest": a.rest,
        }
        lines = [
            Line(PART_LABELS.get(part, part), _to_date(values, len(run.days)), PART_COLOURS[part])
            for part, values in parts.items()
            if part != "rest" or abs(values.sum()) >= 1e-9
        ]
        lines.append(Line(f"{name}'s log return", _to_date(a.log_return, len(run.days)), "more-3"))
        panes.append(Pane(f"{name}: log return by cause", lines, "number"))
    return Panes(run.days, panes)


def _to_date(values: Floats, n: int) -> Floats:
    """The sum so far by session; NaN once the fund is dead."""
    out = np.full(n, np.nan)
    out[: len(values)] = np.cumsum(values)
    return out


def _others(run: RunResult) -> list[str]:
    return [name for name in run.instruments if name != run.bars.name]
