"""What an `AccountRule`'s step sees of its account, and the orders that it may give back.

Python's own when a step is run as it is written, and compiled with it otherwise: a compiled function that
leaves arguments at their defaults costs Python a hundred times as much. Prices and shares are those of a
share that is never split, as in a rule's arrays.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba.extending import register_jitable

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


@register_jitable(forceinline=True)
def at_open(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's open."""
    return StepOrder(OPEN, float(size), 0.0, math.nan, reason, lot)


@register_jitable(forceinline=True)
def at_close(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's close."""
    return StepOrder(CLOSE, float(size), 0.0, math.nan, reason, lot)


@register_jitable(forceinline=True)
def limit_on_close(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the next bar's close if that is not beyond the price, else gone."""
    return StepOrder(CLOSE, float(size), 0.0, float(price), reason, lot)


@register_jitable(forceinline=True)
def limit(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the price or better within the next bar, else gone."""
    return StepOrder(LIMIT, float(size), 0.0, float(price), reason, lot)


@register_jitable(forceinline=True)
def stop(size: float, price: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """Once the next bar reaches the price, at it, or at an open that has passed it; else gone."""
    return StepOrder(STOP, float(size), 0.0, float(price), reason, lot)


@register_jitable(forceinline=True)
def at_this_close(size: float, reason: int = 0, lot: int = NO_LOT) -> StepOrder:
    """At the very close that is decided on: an order that in truth is sent minutes before it."""
    return StepOrder(NOW, float(size), 0.0, math.nan, reason, lot)


@register_jitable(forceinline=True)
def for_money(order: StepOrder, money: float) -> StepOrder:
    """The same order for so much money (negative: sell for so much), at whatever its fill's price is."""
    return StepOrder(order.kind, 0.0, float(money), order.price, order.reason, order.lot)


ORDER_NUMBERS = len(StepOrder._fields)


@register_jitable(forceinline=True)
def order_of(row: Any) -> StepOrder:
    """The order that stands in a row of numbers, as `LotCarrier.write_orders` writes it."""
    return StepOrder(int(row[0]), row[1], row[2], row[3], int(row[4]), int(row[5]))


# What is wrong with an order, or with a step; the words are for the sentence that refuses it.
RAISED, TOO_MANY = 6, 7
WRONG = (
    "",
    "its size is no finite number",
    "there is no such kind of order",
    "a limit or stop needs a price above 0, a limit-on-close one or none",
    "its reason must be from 0 to {reasons}",
    "its lot must be {lots}",
    "an error in it, such as an index beyond its arrays, which end with the bar, or beyond its memory",
    "more orders than are taken on a bar",
)


@register_jitable(forceinline=True)
def wrong_order(order: StepOrder, reasons: int, lots: int) -> int:
    """What is wrong with an order, as a position in `WRONG`; 0 if nothing is."""
    if not (math.isfinite(order.size) and math.isfinite(order.money)):
        return 1
    if not (OPEN <= order.kind <= NOW and order.kind == int(order.kind)):
        return 2
    if order.kind in (LIMIT, STOP, CLOSE):
        priced = math.isfinite(order.price) and order.price > 0.0
        if not (priced or (order.kind == CLOSE and math.isnan(order.price))):
            return 3
    if not (0 <= order.reason < reasons and order.reason == int(order.reason)):
        return 4
    if not (NO_LOT <= order.lot < lots and order.lot == int(order.lot)):
        return 5
    return 0


def wrong_words(wrong: int, reasons: int, lots: int) -> str:
    """The words for a position in `WRONG`."""
    which = f"from 0 to {lots - 1}, or {NO_LOT} for none" if lots else f"{NO_LOT}, as the rule has no lots"
    return WRONG[wrong].format(reasons=reasons - 1, lots=which)
