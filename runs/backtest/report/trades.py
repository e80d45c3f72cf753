"""Every trade of a run, or every fill where positions were rebalanced, as rows to sort and filter; and the
costs by account."""

from __future__ import annotations

import math

import numpy as np

from runs.answers.parts import Table
from runs.answers.words import number, percent, price, share
from runs.backtest.fills import fills_frame
from runs.backtest.indicators import End, at_trades
from runs.backtest.result import RunResult

COSTS = {
    "commission_paid": "commission",
    "spread_paid": "spread",
    "slippage_paid": "slippage and market impact",
    "option_spread_paid": "spread of options",
    "borrow_paid": "borrow fees",
    "financing_paid": "financing of CFDs",
}
RECEIVED = {
    "interest_earned": "interest on cash",
    "dividends_received": "dividends",
    "protection_received": "debts that were forgiven",
}
MOST = 20_000  # rows that a page carries; the file has all


def trades_table(run: RunResult) -> Table:
    """One row a trade; of a rule that shifts weights one row a fill."""
    if any(trade.rebalanced for trade in run.trades) or run.contracts is not None:
        return _fills(run)
    rows = [
        [
            str(trade.entry_date),
            trade.instrument,
            price(trade.entry_price),
            number(trade.size, 0 if abs(trade.size) >= 100 else 2),
            str(trade.exit_date),
            price(trade.exit_price),
            trade.exit_reason,
            percent(trade.ret),
            number(trade.profit, 0),
            _or_none(trade.adverse_excursion),
            _or_none(trade.favourable_excursion),
            f"{trade.bars:,}",
            number(trade.costs, 0),
        ]
        for trade in run.trades[:MOST]
    ]
    headings = [
        "entered",
        "what",
        "at",
        "shares",
        "left",
        "at",
        "by",
        "return",
        "profit",
        "against it",
        "for it",
    ]
    more = _seen(run)
    return Table(
        _title("Every trade", len(run.trades)),
        [*headings, "bars", "costs", *more],
        [[*row, *seen] for row, *seen in zip(rows, *more.values(), strict=True)],
        brief=False,
        long=True,
        more=(len(more), "what the rule saw"),
    )


def _seen(run: RunResult) -> dict[str, list[str]]:
    """By heading what the rule's indicators were on the last close that it had seen, and which that was;
    nothing of a rule that does not say what it measures."""
    seen = at_trades(run)
    if seen is None:
        return {}
    ends: tuple[End, ...] = ("entry", "exit")
    out = {f"{end}: as of": _moments(seen.stamps(end)[:MOST]) for end in ends}
    for name in seen.values:
        write = percent if name in seen.shares else number
        for end in ends:
            values = seen.at(end, name)[:MOST].tolist()
            told = name.replace("_", " ")
            out[f"{end}: {told}"] = ["" if math.isnan(value) else write(value) for value in values]
    return out


def _moments(stamps: np.ndarray) -> list[str]:
    """Days where all are, else days and minutes; empty where there is none."""
    known = stamps[~np.isnat(stamps)]
    unit = "D" if (known == known.astype("datetime64[D]")).all() else "m"
    texts = stamps.astype(f"datetime64[{unit}]").astype(str).tolist()
    return ["" if text == "NaT" else text.replace("T", " ") for text in texts]


def _fills(run: RunResult) -> Table:
    frame = fills_frame(run)
    rows = [
        [
            str(day)[:10],
            str(row.instrument),
            number(row.size, 0 if abs(row.size) >= 100 else 2),
            price(row.price),
            number(row.value, 0),
            number(row.costs, 2),
            number(row.position, 0 if abs(row.position) >= 100 else 2),
            str(row.reason),
        ]
        for day, row in zip(frame.index[:MOST], frame.itertuples(index=False), strict=False)
    ]
    headings = ["date", "what", "shares", "at", "value", "costs", "held after it", "why"]
    return Table(_title("Every fill", len(frame)), headings, rows, brief=False, long=True)


def _title(what: str, count: int) -> str:
    return what if count <= MOST else f"{what}: the first {MOST:,} of {count:,}; the file has all"


def _or_none(fraction: float) -> str:
    return "n/a" if math.isnan(fraction) else percent(fraction)


def costs_table(run: RunResult) -> Table:
    """Where money went beside prices, by account: what it cost, then what was received."""
    rows = []
    for keys, sign in ((COSTS, -1.0), (RECEIVED, 1.0)):
        for key, label in keys.items():
            money = run.metrics.get(key)
            if money:
                rows.append([label, number(sign * money, 0), share(sign * money / run.start)])  # type: ignore[operator,arg-type]
    return Table("Costs and income by account", ["", "money", "of the money at the start"], rows, brief=False)
