"""How signals reach backtrader: an indicator that sees no bar before it has arrived.

`once()` computes the rule's signals over the whole arrays; `next()` recomputes them on what has arrived
so far. A rule that looks ahead gives different runs in the two modes, which is how it is found out.
"""

from __future__ import annotations

from typing import Any

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import FundFeed, to_stamp
from feeds.market import Market, Prices
from letf_instruments import SpecError
from strategies.rule import Signals, TradeRule


def market_of(datas: list[Any], n: int) -> Market:
    """The market in the first n bars of backtrader feeds: the index first, then funds."""

    def column(data: Any, name: str) -> np.ndarray:
        if data.lines[0].mode != data.lines[0].UnBounded:
            raise SpecError("a rule reads the whole history; run it without exactbars")
        return np.array(getattr(data.lines, name).array[:n], dtype=np.float64)

    def prices(data: Any) -> Prices:
        multiple = data.fund.multiple if isinstance(data, FundFeed) else 1.0
        columns = (column(data, c) for c in ("open", "high", "low", "close", "volume"))
        return Prices(data._name, multiple, *columns)

    index, *funds = datas
    return Market(to_stamp(column(index, "datetime")), prices(index), {d._name: prices(d) for d in funds})


class SignalFeed(bt.Indicator):
    """A `TradeRule`'s signals as lines: `entry` (0 or 1), `exit` (0, or 1 + the reason's position),
    `stop` and `target` (prices that the plan names, NaN if it names none)."""

    lines = ("entry", "exit", "stop", "target")
    params = (("rule", None),)

    def __init__(self) -> None:
        self.rule: TradeRule = self.p.rule
        self.exit_reasons: tuple[str, ...] = ()
        self._all: list[np.ndarray] | None = None
        self._line = self.lines[0]

    def _arrays(self, n: int) -> list[np.ndarray]:
        signals: Signals = self.rule.checked_signals(market_of(self.datas, n))
        self.exit_reasons = tuple(signals.exit)
        nothing = np.full(n, np.nan)
        plan = self.rule.plan
        return [
            signals.enters().astype(np.float64),
            signals.exit_codes().astype(np.float64),
            signals.levels[plan.stop] if isinstance(plan.stop, str) else nothing,
            signals.levels[plan.target] if isinstance(plan.target, str) else nothing,
        ]

    def once(self, start: int, end: int) -> None:
        if self._all is None:
            self._all = self._arrays(self.datas[0].buflen())
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
        for line, values in zip(self.lines, self._arrays(len(self.datas[0])), strict=True):
            line[0] = values[-1]
