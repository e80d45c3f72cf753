"""Running small scripted strategies through the broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import backtrader as bt

from engine import Lab, LabBroker
from feeds.backtrader_feeds import BarsFeed
from feeds.bars import Bars

Script = dict[int, Callable[[bt.Strategy], Any]]


class Scripted(bt.Strategy):
    """Does what the script says on bar i (counted from 0) and keeps every order's last state."""

    params = (("script", None),)

    def __init__(self) -> None:
        self.orders: dict[int, bt.Order] = {}
        self.fills: list[tuple[int, float, float, str]] = []
        self.values: list[float] = []
        self.returned: dict[int, Any] = {}

    def next(self) -> None:
        bar = len(self) - 1
        self.values.append(self.broker.getvalue())
        if bar in self.p.script:
            self.returned[bar] = self.p.script[bar](self)

    def notify_order(self, order: bt.Order) -> None:
        self.orders[order.ref] = order
        if order.status == order.Completed:
            reason = order.info.get("reason", "")
            self.fills.append((len(self) - 1, order.executed.price, order.executed.size, reason))


def play(
    bars: Bars, script: Script, broker: LabBroker | None = None, **run: Any
) -> tuple[Scripted, LabBroker]:
    """Run a script on bars; returns the strategy and the broker after the run."""
    lab = Lab(broker if broker is not None else LabBroker(cash=10_000.0))
    lab.adddata(BarsFeed(dataname=bars))
    lab.addstrategy(Scripted, script=script)
    return lab.run(**run)[0], lab.broker


def bracket(size: float, stop: float | None = None, target: float | None = None, **entry: Any) -> Any:
    """A scripted entry whose stop and target are fractions of its fill."""

    def act(strategy: bt.Strategy) -> Any:
        children: list[dict[str, Any]] = []
        if stop is not None:
            children.append({"exectype": bt.Order.Stop, "from_fill": -stop, "reason": "stop"})
        if target is not None:
            children.append({"exectype": bt.Order.Limit, "from_fill": target, "reason": "target"})
        parent = strategy.buy(size=size, transmit=not children, reason="entry", **entry)
        for child in children:
            price = strategy.data.close[0] * (1 + child["from_fill"])
            strategy.sell(size=size, price=price, parent=parent, transmit=child is children[-1], **child)
        return parent

    return act
