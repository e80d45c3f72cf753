"""A run as it happened, bar by bar, read from broker and fills: what `today` must have said beforehand."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any

import backtrader as bt
import numpy as np

from analyzers import FillLog
from runs.backtest.beginning import begun
from runs.backtest.event_driven import run_lab
from runs.backtest.setting import Setting
from runs.specs.reading import load_spec
from runs.specs.run_spec import RunSpec
from runs.studies.today.study import Today, today

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class Sent(bt.Analyzer):
    """What has just been given to the broker, after each bar: `sent[bar]`, bars from 0."""

    def start(self) -> None:
        self.sent: dict[int, list[tuple[Any, ...]]] = {}

    def next(self) -> None:
        broker = self.strategy.broker
        shares = [
            (
                order.data._name,
                "buy" if order.size > 0 else "sell",
                abs(order.size),
                order.exectype,
                order.info.get("reason") or "order",
            )
            for order in broker.submitted
        ]
        contracts = [
            (
                order.data._name,
                "buy" if order.contracts > 0 else "sell",
                abs(order.contracts),
                0,
                order.reason,
            )
            for order in broker.contracts.pending
        ]
        self.sent[len(self.strategy.datas[0]) - 1] = shares + contracts

    prenext = next


@dataclass(frozen=True)
class Recorded:
    """A whole run. `fills[bar]` holds (instrument, size, price, reason)."""

    spec: RunSpec
    setting: Setting
    sent: dict[int, list[tuple[Any, ...]]]
    fills: dict[int, list[tuple[str, float, float, str]]]
    contract_fills: dict[int, list[tuple[str, float, str]]]
    bars: dict[str, np.ndarray]

    def said_on(self, bar: int) -> Today:
        day = self.setting.bars.sessions[bar].item()
        return today(self.spec, market=(self.spec, self.setting), as_of=day, now=NOW, ahead=False)


@cache
def market(name: str, *changes: str) -> tuple[RunSpec, Setting]:
    """An example's spec and market, loaded once."""
    return begun(load_spec(name, list(changes)))


def recorded(spec: RunSpec, folder: Any = None) -> Recorded:
    spec, setting = begun(spec, folder)
    lab, strategy = run_lab(spec, setting, spec.make_rule(), (Sent, FillLog))
    sent, log = list(strategy.analyzers)[-2:]
    fills: dict[int, list[Any]] = {}
    for fill in log.fills:
        fills.setdefault(fill.bar, []).append((fill.instrument, fill.size, fill.price, fill.reason))
    contracts: dict[int, list[Any]] = {}
    for each in lab.broker.contracts.fills:
        contracts.setdefault(each.bar - 1, []).append((each.contract, each.units / 100, each.reason))
    n = len(setting.bars)
    bars = {data._name: np.array(data.lines.open.array[:n]) for data in lab.datas}
    return Recorded(spec, setting, sent.sent, fills, contracts, bars)


NAMES = {"market": bt.Order.Market, "limit": bt.Order.Limit, "stop": bt.Order.Stop}
NAMES |= {"trailing stop": bt.Order.StopTrail, "at the close": bt.Order.Close}


def check(run: Recorded, bar: int) -> int:
    """Refute that what `today` says on a bar is what the run sent after it, and what it filled on the next.

    Returns the number of orders and fills that were looked at.
    """
    said = run.said_on(bar)
    ours = sorted((o.instrument, o.side, o.shares, NAMES[o.kind], o.reason) for o in said.orders)
    theirs = sorted(run.sent[bar])
    assert len(ours) == len(theirs), (bar, ours, theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert (one[:2], one[3:]) == (other[:2], other[3:]), (bar, one, other)
        np.testing.assert_allclose(one[2], other[2], rtol=1e-12)
    every = [*said.orders, *said.standing]
    filled = run.fills.get(bar + 1, [])
    entries = {name: price for name, size, price, reason in filled if reason == "entry"}
    for name, size, price, reason in filled:
        side, opened = ("buy" if size > 0 else "sell"), run.bars[name][bar + 1]
        (order,) = (
            o for o in every if (o.instrument, o.side, o.reason) == (name, side, reason) and not o.contract
        )
        assert abs(size) <= order.shares * (1 + 1e-9), (bar, order, size)
        if order.kind == "market":
            assert price == opened
        elif not order.child:  # a trailing stop may have followed the highs of the bar before alone
            level = order.price
            at_best = min(opened, level) if order.kind != "limit" else max(opened, level)
            np.testing.assert_allclose(price, at_best, rtol=1e-12)
        elif order.from_fill is not None:
            np.testing.assert_allclose(price, entries[name] * (1 + order.from_fill), rtol=1e-9)
    for contract, number, reason in run.contract_fills.get(bar + 1, []):
        if reason != "expired":
            (order,) = (o for o in every if o.contract == str(contract) and o.reason == reason)
            np.testing.assert_allclose(abs(number), order.shares, rtol=1e-9)
    done = {(name, reason) for name, _, _, reason in filled}
    for order in said.orders:
        if order.kind == "market" and order.contract is None:
            assert (order.instrument, order.reason) in done, (bar, order)
    return len(ours) + len(filled)


def some_bars(run: Recorded, count: int, seed: int) -> list[int]:
    """Bars of a run, half of them with orders or fills after them where there are so many."""
    last = len(run.setting.bars) - 2
    first = 30  # a cut run needs some bars
    busy = {bar for bar, sent in run.sent.items() if sent} | {bar - 1 for bar in run.fills}
    rng = np.random.default_rng(seed)
    candidates = np.array(sorted(bar for bar in busy if first <= bar <= last), dtype=int)
    picked = rng.permutation(candidates)[: count // 2].tolist()
    others = np.setdiff1d(np.arange(first, last + 1), picked)
    return sorted([*picked, *rng.permutation(others)[: count - len(picked)].tolist()])
