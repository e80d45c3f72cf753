"""Orders that are filled on the very close that decides them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def fill_at_this_close(strategy: Any, orders: Sequence[Any]) -> None:
    """Fill orders for the close at hand, sales before the purchases that they pay for, and tell strategy and
    analyzers of it before they take the bar's close. The broker is `engine.LabBroker`, or one that can."""
    strategy.broker.fill_now(sorted(orders, key=lambda order: order.isbuy()))
    strategy.clear()
    while True:
        order = strategy.broker.get_notification()
        if order is None:
            break
        strategy._addnotification(order, quicknotify=False)
    strategy._notify()
