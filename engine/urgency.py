"""In which order a bar's orders are worked."""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt

from engine.asked import DAY_ORDER
from engine.forced import is_forced

STOPS = (bt.Order.Stop, bt.Order.StopLimit, bt.Order.StopTrail, bt.Order.StopTrailLimit)
TRAILS = (bt.Order.StopTrail, bt.Order.StopTrailLimit)


def passed_by_open(order: Any) -> bool:
    """True if the bar's open is already beyond the order's price."""
    opened, price = order.data.open[0], order.created.price
    # A stop to sell and a limit to buy wait below the market, the other two above it.
    below = order.issell() == (order.exectype in STOPS)
    return bool(opened <= price if below else opened >= price)


def entered_after_open(order: Any) -> bool:
    """True if the order protects an entry that was filled within this very bar, after its open."""
    return order.info.get("entry_bar") == len(order.data) and not order.info["entry_at_open"]


def is_reached(order: Any) -> bool:
    """False if the bar stays away from the price of a stop or a limit order; True for any other kind."""
    kind, price = order.exectype, order.created.price
    if kind == bt.Order.Stop:
        return bool(order.data.high[0] >= price if order.isbuy() else order.data.low[0] <= price)
    if kind == bt.Order.Limit:
        return bool(order.data.low[0] <= price if order.isbuy() else order.data.high[0] >= price)
    return True


def rests(order: Any) -> bool:
    """True if this bar can do nothing to the order, as most bars to most stops and limits: it is not active
    yet, or the bar does not reach it and no day of its own ends."""
    if not order.active():
        return True
    return not is_reached(order) and order.valid is None and not order.info.get(DAY_ORDER)


def urgency(order: Any) -> tuple[int, float, int]:
    """As the bar would meet them, and where that is not known, to the holder's disadvantage: market orders
    at the open, sales before the purchases they pay for; what the open has passed; stops, the nearest
    first; limits; orders for the close, sales before purchases again."""
    kind = order.exectype
    if kind == bt.Order.Market:
        if is_forced(order):
            return 0, 2.0, order.ref  # what the owner does himself comes first
        return 0, float(order.isbuy()), order.ref
    if kind == bt.Order.Close:
        return 4, float(order.isbuy()), order.ref
    price = order.created.price
    if kind in STOPS:
        # As a fraction of the open: stops of several instruments must not go by what a share happens to cost.
        distance = price / (order.data.open[0] or 1.0)
        nearest = distance if order.isbuy() else -distance
        return (1 if passed_by_open(order) and not entered_after_open(order) else 2), nearest, order.ref
    if passed_by_open(order) and not entered_after_open(order):
        return 1, math.inf, order.ref
    return 3, 0.0, order.ref
