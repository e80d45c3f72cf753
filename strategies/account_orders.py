"""What an `AccountRule`'s step sees of its account, and the orders that it may give back.

Compiled, so that a step can call them in either engine. Prices and shares are those of a share that is never
split, as in a rule's arrays.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from letf_instruments.compiled import compiled

# Kinds of order. All but the last are for the next bar, and gone after it.
OPEN, CLOSE, LIMIT, STOP, NOW = range(5)
KIND_NAMES = ("at the open", "at the close", "limit", "stop", "at this close")
MOST_ORDERS = 8  # on a bar
NO_LOT = -1


class Account(NamedTuple):
    """The account after a bar's close.

    cash, equity : money. size, average : shares held and their average cost; 0 and 0 if there are none.
    close : of the instrument. last_price, last_size : of the newest fill, negative for a sale; NaN and 0
        before the first. deposited : money paid in since the bar before, less what was paid out. put_in :
        the same
        since the start, the money at the start included.
    fills : since the decision before this one, in order; shape (k, 4): lot, size, price, reason's position.
    """

    cash: float
    equity: float
    size: float
    average: float
    close: float
    last_price: float
    last_size: float
    deposited: float
    put_in: float
    fills: Any


ACCOUNT_NUMBERS = len(Account._fields) - 1


class StepOrder(NamedTuple):
    """An order of a step; made by the functions below.

    kind : OPEN, … . size : shares, negative to sell; or 0 and `money`, sized at the fill's price. price : of
    a limit or stop, or of a limit-on-close; NaN for none. reason : position in the rule's `reasons`. lot :
    which of the rule's lots it is for, NO_LOT for none.
    """

    kind: int
    size: float
    money: float
    price: float
    reason: int
    lot: int


@compiled()
def at_open(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's open."""
    return StepOrder(OPEN, float(size), 0.0, math.nan, reason, lot)


@compiled()
def at_close(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's close."""
    return StepOrder(CLOSE, float(size), 0.0, math.nan, reason, lot)


@compiled()
def limit_on_close(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's close if that is not beyond the price, else gone."""
    return StepOrder(CLOSE, float(size), 0.0, float(price), reason, lot)


@compiled()
def limit(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the price or better within the next bar, else gone."""
    return StepOrder(LIMIT, float(size), 0.0, float(price), reason, lot)


@compiled()
def stop(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """Once the next bar reaches the price, at it, or at an open that has passed it; else gone."""
    return StepOrder(STOP, float(size), 0.0, float(price), reason, lot)


@compiled()
def at_this_close(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the very close that is decided on: an order that in truth is sent minutes before it."""
    return StepOrder(NOW, float(size), 0.0, math.nan, reason, lot)


@compiled()
def for_money(order: StepOrder, money: float) -> StepOrder:
    """The same order for so much money (negative: sell for so much), at whatever its fill's price is."""
    return StepOrder(order.kind, 0.0, float(money), order.price, order.reason, order.lot)
