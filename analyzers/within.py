"""What of a bar a position may have met before it was left within it. The order of events inside a bar is not
known, so what may have come before the exit counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import backtrader as bt

STOPPED = (bt.Order.Market, bt.Order.Stop, bt.Order.StopTrail)  # a market order off the open is a stop-out


class Met(NamedTuple):
    """adverse, favourable : True if the bar's range on that side may have come before the exit."""

    adverse: bool
    favourable: bool


def met_before(order: Any, price: float) -> Met:
    """What a position may have met of the bar on which an order leaves it at a price, beyond that price.

    Left at the open: nothing of the bar. At the close: all of it. At a stop inside the bar: nothing worse
    than the stop, or it would have been left before; at a limit nothing better.
    """
    kind = order.exectype
    if kind == bt.Order.Close:
        return Met(True, True)
    if price == order.data.open[0]:
        return Met(False, False)
    return Met(kind not in STOPPED, kind != bt.Order.Limit)


def entered_at_close(order: Any) -> bool:
    """True if what an order opens has met nothing of its bar."""
    return bool(order.exectype == bt.Order.Close)
