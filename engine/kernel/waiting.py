"""The orders of a step that wait for the next bar, compiled: which of them it fills, where, in what order."""

from __future__ import annotations

import math
from typing import Any

from letf_instruments.compiled import compiled
from strategies.account_orders import CLOSE, LIMIT, NOW, OPEN, ORDER_NUMBERS, STOP

# Columns of orders: as `StepOrder`, in shares and prices as traded; then the price of the fill, and how
# urgent each is.
KIND, AMOUNT, MONEY, PRICE, REASON, LOT, FILL, PHASE, NEAREST = range(9)
ORDER_COLUMNS = 9
GONE = -1.0  # the kind of one that is none
FILL_COLUMNS = 4  # of `Account.fills`


@compiled(nogil=True, error_model="numpy", forceinline=True)
def _buys(orders: Any, i: int) -> bool:
    return bool(orders[i, AMOUNT] > 0.0 or orders[i, MONEY] > 0.0)


@compiled(nogil=True, error_model="numpy", forceinline=True)
def _fill_price(kind: float, buys: bool, price: float, o: float, h: float, lo: float, c: float) -> float:
    """Where a bar fills an order, NaN if it does not."""
    if kind == OPEN:
        return o
    if kind == CLOSE:
        beyond = not math.isnan(price) and (c > price if buys else c < price)
        return math.nan if beyond else c
    if kind == LIMIT:
        if buys:
            return o if price >= o else price if price >= lo else math.nan
        return o if price <= o else price if price <= h else math.nan
    if buys:
        return o if o >= price else price if h >= price else math.nan
    return o if o <= price else price if lo <= price else math.nan


@compiled(nogil=True, error_model="numpy", forceinline=True)
def met(orders: Any, count: int, order: Any, o: float, h: float, lo: float, c: float) -> int:
    """How many of the orders a bar fills: their places, as the bar meets them, go into `order`, and where it
    fills them into the orders."""
    found = 0
    for i in range(count):
        price = _fill_price(orders[i, KIND], _buys(orders, i), orders[i, PRICE], o, h, lo, c)
        if not math.isnan(price):
            orders[i, FILL] = price
            order[found] = i
            found += 1
    if found > 1:
        _rank(orders, found, order, o)
    return found


@compiled(nogil=True, error_model="numpy")
def _rank(orders: Any, count: int, order: Any, opened: float) -> None:
    """Sort the orders at these places by `engine.urgency.urgency`."""
    for k in range(count):
        i = order[k]
        kind, price, buys = orders[i, KIND], orders[i, PRICE], _buys(orders, i)
        phase = nearest = 0.0
        if kind in (OPEN, CLOSE):
            phase = 0.0 if kind == OPEN else 4.0
            nearest = 1.0 if buys else 0.0
        else:
            below = buys == (kind == LIMIT)  # a limit to buy and a stop to sell wait below the market
            passed = opened <= price if below else opened >= price
            if kind == STOP:
                distance = price / (opened if opened != 0.0 else 1.0)
                phase, nearest = (1.0 if passed else 2.0), (distance if buys else -distance)
            else:
                phase, nearest = (1.0, math.inf) if passed else (3.0, 0.0)
        orders[i, PHASE], orders[i, NEAREST] = phase, nearest
        at = k
        while at > 0:
            other = order[at - 1]
            earlier = orders[other, PHASE] < phase or (
                orders[other, PHASE] == phase and orders[other, NEAREST] <= nearest
            )
            if earlier:
                break
            order[at] = other
            at -= 1
        order[at] = i


@compiled(nogil=True, error_model="numpy", forceinline=True)
def taken_up(orders: Any, count: int, order: Any, position: float, scale: float, c: float) -> int:
    """How many of a step's orders are for the very close, c: their places go into `order`, sales before
    purchases. What is no order to be filled is GONE.

    Parameters
    ----------
    position : held, in shares as traded. scale : price as traded over that of the orders, which become
        orders of shares and prices as traded.
    """
    now = 0
    for i in range(count):
        size, money = orders[i, AMOUNT], orders[i, MONEY]
        if scale != 1.0:
            size /= scale
            orders[i, PRICE] *= scale
        amount = money if money != 0.0 else size
        orders[i, AMOUNT] = 0.0 if money != 0.0 else size
        if amount == 0.0 or (amount < 0.0 and position <= 0.0):
            orders[i, KIND] = GONE
        elif orders[i, KIND] == NOW:
            orders[i, FILL] = c
            now += 1
    if now == 0:
        return 0
    at = 0
    for purchases in range(2):
        for i in range(count):
            if orders[i, KIND] == NOW and _buys(orders, i) == (purchases == 1):
                order[at] = i
                at += 1
    return now


@compiled(nogil=True, error_model="numpy", forceinline=True)
def left_waiting(orders: Any, count: int) -> int:
    """How many orders wait for the next bar: all but those of the close and what is none. They move up."""
    kept = 0
    for i in range(count):
        if orders[i, KIND] == NOW or orders[i, KIND] == GONE:
            continue
        if kept < i:
            for column in range(ORDER_NUMBERS):
                orders[kept, column] = orders[i, column]
        kept += 1
    return kept
