"""What an order may ask for: refused as it is given, while the line that gave it can still be named."""

from __future__ import annotations

import datetime
import math
from typing import Any

import backtrader as bt

from letf_instruments import OrderError

FINITE = ("price", "plimit", "trailamount", "trailpercent", "from_fill")
LIMIT_ON_CLOSE = "limit_on_close"  # in an order's `info`: the price, in today's shares
DAY_ORDER = "day_order"  # in an order's `info`: True until the session that it lives for has begun


def check_asked(data: Any, verb: str, size: Any, terms: dict[str, Any]) -> None:
    """Refuse an order that nothing can come of.

    Parameters
    ----------
    verb : "buy" or "sell". size : shares. terms : what backtrader's `buy` and `sell` take beside it, by name.

    Raises
    ------
    OrderError
        If its size or one of its prices is infinite or no number, or an order for the close has two prices.
    """
    if not _finite(size):
        _refuse(data, verb, size, "its size must be a finite number of shares")
    for name in FINITE:
        if terms.get(name) is not None and not _finite(terms[name]):
            _refuse(data, verb, size, f"its {name} is {float(terms[name]):g} and must be a finite number")
    if terms.get("exectype") == bt.Order.Close and terms.get("plimit") and _own_price(data, terms):
        _refuse(data, verb, size, "its price and its plimit are two limits of one order for the close")


def limit_on_close(data: Any, terms: dict[str, Any]) -> float | None:
    """The price beyond which an order for the close is not filled; None if it is whatever the close is."""
    if terms.get("exectype") != bt.Order.Close:
        return None
    limit = terms.get("plimit") or _own_price(data, terms)
    return None if not limit else float(limit)


def _own_price(data: Any, terms: dict[str, Any]) -> Any:
    """An order's price; not the last close, which `order_target_percent` and its like put there, as it is
    what they sized the order by. A limit at just that price is given as `plimit`."""
    price = terms.get("price")
    return price if price and price != data.close[0] else None


def is_day_order(valid: Any) -> bool:
    """True for backtrader's ways of writing a day order: `Order.DAY`, a timedelta of 0, and 0."""
    if isinstance(valid, datetime.timedelta):
        return not valid
    return isinstance(valid, (int, float)) and valid == 0


def begin_day(order: Any) -> None:
    """Let a day order end with the session of the bar on which it can be filled for the first time."""
    order.info[DAY_ORDER] = False
    order.valid = math.nextafter(math.floor(order.data.datetime[0]) + 1.0, 0.0)


def _finite(value: Any) -> bool:
    try:
        return bool(math.isfinite(value))
    except TypeError:  # a line stands for its newest value, and what is no number fails by itself
        return True


def _refuse(data: Any, verb: str, size: Any, why: str) -> None:
    raise OrderError(f"{data.datetime.date(0)}: {data._name}: order to {verb} {float(size):g}: {why}")
