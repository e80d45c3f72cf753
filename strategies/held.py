"""A rule that goes on from what a person holds: the plan's own levels, counted from the person's own entry.

    held = Held((Holding("SOXS", 120.0, 9.85, bar=4711),), bar=4720, equity=25_000.0)
    cerebro.addstrategy(HeldTrade, rule=RsiTiming(), held=held)

Until the holding's entry the strategy stands still. Then the position is there, as if the plan had entered it
at that price: stop, target, patience and rebound are those of a run. What the plan has left since is not
entered again: `overdue` says when and why it was left, and whoever holds it still is late.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any

import backtrader as bt

from strategies.carriers.allocation_strategy import AllocationStrategy
from strategies.carriers.trade_strategy import TradeStrategy


@dataclass(frozen=True)
class Holding:
    """What a person holds of one instrument, in shares and prices of its feed as they stand on the last bar.

    size : shares, negative for a short.
    price : at which they were bought; None where the plan does not ask.
    bar : of the entry, counted from 1; the last one where the plan does not ask.
    """

    instrument: str
    size: float
    price: float | None
    bar: int


@dataclass(frozen=True)
class Held:
    """All that an account holds on the last bar, counted from 1. `equity` is the money that it is worth then,
    cash included; None where that is not known, which is enough to leave a position."""

    holdings: tuple[Holding, ...]
    bar: int
    equity: float | None


@dataclass(frozen=True)
class Overdue:
    """How the plan has left what is still held: for which reason, when, and at which price of that day."""

    reason: str
    day: datetime.date
    price: float


class HeldTrade(TradeStrategy):
    """A `TradeRule` that goes on from one holding, or from none."""

    params = (("held", None),)

    def __init__(self) -> None:
        super().__init__()
        self.holding: Holding | None = next(iter(self.p.held.holdings), None)
        self.overdue: Overdue | None = None
        self._taken = False

    def next(self) -> None:
        held: Held = self.p.held
        if self.holding is None:
            if len(self) == held.bar:
                if held.equity is not None:
                    self.broker.restate_cash(held.equity)
                super().next()
            return
        if len(self) == self.holding.bar:
            self._take_over(self.holding)
        if self._taken and self.broker.getposition(self.instrument).size:
            super().next()

    def _take_over(self, holding: Holding) -> None:
        data, lines, held = self.instrument, self.signal.lines, self.p.held
        splits = getattr(data, "may_split", False)
        since = float(data.factor[held.bar - len(data)] / data.factor[0]) if splits else 1.0
        size = holding.size * since
        price = data.close[0] if holding.price is None else holding.price / since
        ago = -1 if len(self) > 1 else 0  # the close before decided the entry
        split = float(data.split[0]) if splits and ago else 1.0
        side = self.sides[0]
        side.rebound = lines.rebound[ago]
        reach = lines.atr[ago] / split if side.terms.trailing_atr is not None else math.nan
        levels = lines.stop[ago] / split, lines.target[ago] / split
        self._send(side, size, side.protection(price, *levels, reach), exectype=bt.Order.Close)
        cash = 0.0 if held.equity is None else max(held.equity - size * data.close[0], 0.0)
        self.broker.take_over(self._entry, price, cash)
        self._entry, self._entry_bar, self._taken = None, len(self), True

    def notify_order(self, order: Any) -> None:
        if order.exectype == bt.Order.Close:
            return  # what was taken over is told of a bar late
        super().notify_order(order)
        gone = order.status == order.Completed and not self.broker.getposition(order.data).size
        if self._taken and self.overdue is None and order.data is self.instrument and gone:
            day = order.data.datetime.date(0)
            self.overdue = Overdue(order.info["reason"], day, order.info["filled_at"])


class HeldAllocation(AllocationStrategy):
    """An `AllocationRule` that goes on from what is held on the last bar; all else it does not hold."""

    params = (("held", None),)

    def next(self) -> None:
        held: Held = self.p.held
        if len(self) < held.bar:
            self._schedule_due()
            return
        if held.equity is not None:
            self.broker.restate_cash(held.equity)
        by_name = {data._name: data for data in self.instruments}
        for holding in held.holdings:
            data = by_name[holding.instrument]
            send = self.buy if holding.size > 0 else self.sell
            order = send(data=data, size=abs(holding.size), exectype=bt.Order.Close)
            close = data.close[0]
            self.broker.take_over(order, close, self.broker.cash - holding.size * close)
        super().next()
