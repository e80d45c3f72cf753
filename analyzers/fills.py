"""Every fill of a run, one after another, as it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import backtrader as bt

_BY_TYPE = {bt.Order.Stop: "stop", bt.Order.StopTrail: "trailing stop", bt.Order.Limit: "limit"}


@dataclass(frozen=True)
class LoggedFill:
    """One fill: the bar from 0, price and size as traded on it (negative for a sale), costs in money, what
    it was for."""

    bar: int
    instrument: str
    price: float
    size: float
    costs: float
    reason: str


class FillLog(bt.Analyzer):
    """Records every fill of every instrument in `fills`."""

    def start(self) -> None:
        self.fills: list[LoggedFill] = []

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Partial, order.Completed):
            return
        data = order.data
        reason = order.info.get("reason") or _BY_TYPE.get(order.exectype, "order")
        for fill in order.executed.iterpending():  # those since the last notification
            self.fills.append(LoggedFill(len(data) - 1, data._name, fill.price, fill.size, fill.comm, reason))

    def get_analysis(self) -> dict[str, list[LoggedFill]]:
        return {"fills": self.fills}
