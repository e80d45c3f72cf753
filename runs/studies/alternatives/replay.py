"""The trades of a view, replayed in one instrument: real orders on given bars, through the instrument's own
broker.

It is a replay. Which bars these are was decided by the rule's own run, in which each decision knew the past
only; here they are given beforehand, and so is the moment of an exit inside a bar.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from analyzers import EquityLog
from strategies.carriers.trade_strategy import feed_named


@dataclass(frozen=True)
class Step:
    """One trade: entered at the open of a bar (counted from 0), left on another.

    notional : of the position over equity, at the close before the entry; negative to sell short.
    exit_bar : None if it stays open to the end.
    exit_price : of the instrument, of a share that is never split, inside the exit bar; None for its open.
        `exit_stop` says whether the price gets there against the position.
    reason : for which the rule left.
    """

    entry_bar: int
    notional: float
    exit_bar: int | None = None
    exit_price: float | None = None
    exit_stop: bool = False
    reason: str = "end"


def split_factor(data: Any) -> float:
    """Price as traded now over that of a share that is never split; the broker restates waiting orders."""
    return float(data.factor[0]) if getattr(data, "may_split", False) else 1.0


class Replay(bt.Strategy):
    """Enters and leaves as the steps say. A position that the broker has closed stays closed until the
    next step."""

    params = (("steps", ()), ("instrument", "index"))

    def __init__(self) -> None:
        self.instrument = feed_named(self.datas, self.p.instrument)
        self._entries: dict[int, Step] = {step.entry_bar: step for step in self.p.steps}
        self._step: Step | None = None
        self._exit: Any = None

    def next(self) -> None:
        coming = len(self)  # the bar on which an order of now is worked, counted from 0
        if self._step is not None:
            self._leave(self._step, coming, self.broker.getposition(self.instrument).size)
        step = self._entries.get(coming)
        if step is not None:
            self._enter(step, coming)

    def _enter(self, step: Step, coming: int) -> None:
        equity, price = self.broker.getvalue(), self.instrument.close[0]
        if equity <= 0 or price <= 0:
            return
        size = step.notional * equity / price
        (self.buy if size > 0 else self.sell)(data=self.instrument, size=abs(size), reason="entry")
        self._step, self._exit = step, None
        self._leave(step, coming, size)

    def _leave(self, step: Step, coming: int, size: float) -> None:
        if step.exit_bar is None or coming < step.exit_bar or not size:
            return
        if self._exit is not None and self._exit.alive():
            self.cancel(self._exit)
        send = self.sell if size > 0 else self.buy
        order: dict[str, Any] = {"reason": step.reason, "closes": True}
        if coming == step.exit_bar and step.exit_price is not None:
            order["price"] = step.exit_price * split_factor(self.instrument)
            order["exectype"] = bt.Order.Stop if step.exit_stop else bt.Order.Limit
        self._exit = send(data=self.instrument, size=abs(size), **order)


class CapitalLog(bt.Analyzer):
    """By bar, shape (n,): `capital`, the money that positions tied up at the close, and `exposure` to the
    index over equity, signed."""

    def start(self) -> None:
        self._capital = array("d")
        self._log = EquityLog.of(self.strategy)
        self._broker = self.strategy.broker

    def next(self) -> None:
        self._capital.append(self._broker.capital_in_use())

    @property
    def capital(self) -> np.ndarray:
        return np.array(self._capital)

    @property
    def exposure(self) -> np.ndarray:
        return self._log.exposure_index
