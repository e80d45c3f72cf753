"""How signals reach backtrader: an indicator that sees no bar before it has arrived.

`once()` computes the rule's arrays over the whole history; `next()` recomputes them on what has arrived
so far. A rule that looks ahead gives different runs in the two modes, which is how it is found out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import FundFeed, to_stamp
from feeds.events import NONE, Events
from feeds.market import Market, Prices
from letf_instruments import SpecError
from strategies.allocation_rule import AllocationRule
from strategies.trade_rule import TradeRule


def market_of(datas: list[Any], n: int, events: Events = NONE) -> Market:
    """The market in the first n bars of backtrader feeds: the index first, then funds and assets. Its
    prices are continuous, whatever splits the feeds show."""

    def column(data: Any, name: str) -> np.ndarray:
        if data.lines[0].mode != data.lines[0].UnBounded:
            raise SpecError("a rule reads the whole history; run it without exactbars")
        return np.array(getattr(data.lines, name).array[:n], dtype=np.float64)

    def prices(data: Any) -> Prices:
        columns = [column(data, c) for c in ("open", "high", "low", "close", "volume")]
        multiple = data.fund.multiple if isinstance(data, FundFeed) else 1.0
        if getattr(data, "may_split", False):
            if isinstance(data, FundFeed):
                return data.prices(n)
            factor = column(data, "factor")
            columns = [*(c / factor for c in columns[:4]), columns[4] * factor]
        return Prices(data._name, multiple, *columns)

    index, *others = datas
    return Market(
        to_stamp(column(index, "datetime")),
        prices(index),
        {d._name: prices(d) for d in others if isinstance(d, FundFeed)},
        {d._name: prices(d) for d in others if not isinstance(d, FundFeed)},
        events,
    )


class CausalFeed(bt.Indicator):
    """Arrays computed from the market, as lines. Subclasses say `_arrays(market)`, one array a line."""

    lines = ()
    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        self.rule = self.p.rule
        self._all: list[np.ndarray] | None = None
        self._line = self.lines[0]

    def _arrays(self, market: Market) -> list[np.ndarray]:
        raise NotImplementedError

    def _upto(self, n: int) -> list[np.ndarray]:
        return self._arrays(market_of(self.datas, n, self.p.events))

    def once(self, start: int, end: int) -> None:
        if self._all is None:
            self._all = self._upto(self.datas[0].buflen())
        for line, values in zip(self.lines, self._all, strict=True):
            np.frombuffer(line.array, dtype=np.float64)[start:end] = values[start:end]

    def __len__(self) -> int:
        return self._line.lencount

    def advance(self, size: int = 1) -> None:
        if self._all is None:
            super().advance(size)
            return
        for line in self.lines:
            line._idx += size
            line.lencount += size

    def next(self) -> None:
        for line, values in zip(self.lines, self._upto(len(self.datas[0])), strict=True):
            line[0] = values[-1]


class SignalFeed(CausalFeed):
    """A `TradeRule`'s signals: `entry` (0 or 1), `exit` (0, or 1 + the reason's position), `stop`,
    `target` and `rebound` (the levels that the plan names, NaN if it names none). A rule's levels are of the
    continuous prices it sees; `stop` and `target` are as traded on their bar."""

    lines = ("entry", "exit", "stop", "target", "rebound")

    def __init__(self) -> None:
        super().__init__()
        self.exit_reasons: tuple[str, ...] = ()

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: TradeRule = self.rule
        signals = rule.checked_signals(market)
        self.exit_reasons = tuple(signals.exit)
        nothing = np.full(len(market), np.nan)
        plan = rule.plan
        return [
            signals.enters().astype(np.float64),
            signals.exit_codes().astype(np.float64),
            signals.levels[plan.stop] if isinstance(plan.stop, str) else nothing,
            signals.levels[plan.target] if isinstance(plan.target, str) else nothing,
            signals.index_levels[plan.rebound] if plan.rebound else nothing,
        ]

    def _upto(self, n: int) -> list[np.ndarray]:
        entry, leave, stop, target, rebound = super()._upto(n)
        for data in self.datas:
            if data._name == self.rule.instrument and getattr(data, "may_split", False):
                factor = np.array(data.lines.factor.array[:n], dtype=np.float64)
                stop, target = stop * factor, target * factor
        return [entry, leave, stop, target, rebound]


class TargetFeed(CausalFeed):
    """An `AllocationRule`'s targets: `state` (0, or 1 + the state's position), then `weight0`, `weight1`, …
    for the rule's instruments in their order. Made for a number of them by `target_feed`."""

    lines = ("state",)

    def __init__(self) -> None:
        super().__init__()
        self.states: tuple[str, ...] = ()

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: AllocationRule = self.rule
        targets = rule.checked_targets(market)
        self.states = tuple(targets.states)
        return [targets.state_codes().astype(np.float64), *targets.weights.values()]


@cache
def target_feed(instruments: int) -> type[TargetFeed]:
    """The `TargetFeed` with lines for so many instruments."""
    lines = tuple(f"weight{i}" for i in range(instruments))
    return type(f"TargetFeed{instruments}", (TargetFeed,), {"lines": lines, "__module__": __name__})
