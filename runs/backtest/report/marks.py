"""Where something was bought and sold, as marks on a picture of prices that tell what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from analyzers import RoundTrip
from engine.contracts import ContractFill
from runs.answers.closer import Line, Marks
from runs.answers.words import counted, listed, number, percent, price
from runs.backtest.fills import average_costs
from runs.backtest.plan_doors import planned_doors
from runs.backtest.result import RunResult

SMALL = 0.05  # a share's price: no issuer lets one fall so far without a reverse split
Point = tuple[np.datetime64, float, str]  # day, value, words


def small_prices(run: RunResult) -> str:
    """Why a fund that is traded costs parts of a cent, where it does; else empty."""
    if run.spec.data.splits != "none":
        return ""
    least = {}
    for name in run.instruments:
        if name in run.ledgers and name not in run.setting.traded:
            closes = run.ledgers[name].close
            least[name] = float(closes[closes > 0].min())
    small = {name: value for name, value in least.items() if value < SMALL}
    if not small:
        return ""
    fell = listed([f"{name} falls to {price(value)} a share" for name, value in small.items()])
    return (
        f"{fell}, as reverse splits are left out here; issuers make them long before. With them "
        '(data.splits = "issuer") returns are the same, but for costs by the share.'
    )


def trade_marks(run: RunResult, name: str, trades: list[RoundTrip]) -> list[Marks]:
    """Where each trade was entered and left, with a line between, its plan and what became of it."""
    if not trades:
        return []
    promised = "; ".join(f"{door} {words}" for door, words in planned_doors(run).items())
    entered: list[Point] = []
    won: list[Point] = []
    lost: list[Point] = []
    begun: dict[bool, list[tuple[np.datetime64, float]]] = {True: [], False: []}
    for trade in trades:
        size = number(abs(trade.size), 0 if abs(trade.size) >= 100 else 2)
        side = "bought" if trade.size > 0 else "sold short"
        came = (
            f"left {trade.exit_date} at {price(trade.exit_price)} by {trade.exit_reason} after "
            f"{counted(trade.bars, 'bar')}: {percent(trade.ret)}, {number(trade.profit, 0)}"
        )
        went = f"{side} {size} {name} on {trade.entry_date} at {price(trade.entry_price)}"
        plan = f"planned: {promised}" if promised else ""
        way = ""
        if not np.isnan(trade.adverse_excursion):
            way = (
                f"furthest against it {percent(trade.adverse_excursion)}, for it "
                f"{percent(trade.favourable_excursion)}"
            )
        words = "\n".join(line for line in (f"{went}; {came}", plan, way) if line)
        start = (trade.entry_date, run.unsplit(name, trade.exit_date, trade.entry_price))
        entered.append((*start, words))
        begun[trade.profit > 0].append(start)
        ends = won if trade.profit > 0 else lost
        ends.append((trade.exit_date, run.unsplit(name, trade.exit_date, trade.exit_price), words))
    return [
        marks_of("entered", entered, "more-1", "up"),
        *([marks_of("left with a gain", won, "gain", "down", begun[True])] if won else []),
        *([marks_of("left with a loss", lost, "loss", "down", begun[False])] if lost else []),
    ]


def fill_marks(run: RunResult, name: str) -> list[Line | Marks]:
    """Every fill, and the average cost of what is held."""
    fills = run.fills[name]
    sessions = run.bars.sessions
    bought, sold = [], []
    for fill in fills:
        day = sessions[fill.bar]
        side = "bought" if fill.size > 0 else "sold"
        words = f"{side} {number(abs(fill.size))} {name} on {day} at {price(fill.price)}"
        (bought if fill.size > 0 else sold).append((day, fill.price, words))
    _, average = average_costs((fill.size, fill.price) for fill in fills)
    days = np.array([sessions[fill.bar] for fill in fills])
    at = np.searchsorted(days, run.days, side="right") - 1
    cost = np.where(at >= 0, average[np.maximum(at, 0)], np.nan)
    return [
        Line("average cost", cost, "more-1", dashed=True),
        *([marks_of("bought", bought, "gain", "up")] if bought else []),
        *([marks_of("sold", sold, "loss", "down")] if sold else []),
    ]


def marks_of(
    name: str,
    points: Sequence[Point],
    colour: str,
    shape: Literal["up", "down", "dot"],
    begun: Sequence[tuple[np.datetime64, float]] = (),
) -> Marks:
    """Points with their words; begun : of each where a line to it begins."""
    order = sorted(range(len(points)), key=lambda at: points[at][0])
    days, prices, words = zip(*(points[at] for at in order), strict=True)
    since = None
    if begun:
        first, values = zip(*(begun[at] for at in order), strict=True)
        since = (np.array(first), np.array(values))
    named = f"{name} ({len(points):,})"
    return Marks(named, np.array(days), np.array(prices), words, colour, shape, since=since)


def contract_marks(run: RunResult, name: str) -> list[Marks]:
    """Every day on which options were bought or sold, at the price of their underlying."""
    assert run.contracts is not None
    by_day: dict[tuple[bool, np.datetime64], list[ContractFill]] = defaultdict(list)
    for fill in run.contracts.fills:
        if fill.contract.underlying == name:
            by_day[fill.units > 0, fill.day].append(fill)
    points: dict[bool, list[Point]] = {True: [], False: []}
    for (bought, day), fills in by_day.items():
        verb = "bought" if bought else fills[0].reason
        each = ", ".join(f"{fill.contract} at {price(fill.quote.price)}" for fill in fills)
        points[bought].append((day, fills[0].quote.spot, f"{verb} on {day}: {each}"))
    return [
        *([marks_of("bought", points[True], "rule", "up")] if points[True] else []),
        *([marks_of("sold or expired", points[False], "fund", "down")] if points[False] else []),
    ]
