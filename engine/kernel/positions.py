"""Positions in several instruments, compiled: what margin and cash allow, and the round trips.

The arithmetic of `engine.allowance.Allowance.size` and the bookkeeping of `analyzers.TradeLog`.
"""

from __future__ import annotations

import math
from typing import Any

from engine.kernel.arithmetic import CostNumbers, fitting, too_little, towards_zero
from engine.kernel.measures import excursions
from letf_instruments.compiled import compiled
from letf_instruments.sizes import DUST

FLAT = 1e-9  # of a trade's largest position: with less, it is over
# What the round trips come to.
TRADES, WINS, WON, LOST, RETURNS, BARS, ADVERSE, FAVOURABLE = range(8)
TALLY = 8


# An account's positions are one array of shape (POSITION_ROWS, k), an instrument a column: one array costs a
# call less than a tuple of many. Sizes are in today's shares.
(
    SIZE,  # held, negative for a short
    LAST,  # its last known price
    SINCE,  # of the trade in progress: its first bar, −1 if there is none,
    TRADE,  # its size,
    PEAK,  # the largest so far,
    PAID_IN,
    PAID_OUT,
    COSTS,  # less dividends
    FEES,  # of its fills so far
    PUT_IN,  # the most money that was put into it
    INITIAL_LONG,  # requirements, fractions of a position's value
    INITIAL_SHORT,
    MAINTENANCE_LONG,
    MAINTENANCE_SHORT,
    LOWEST,  # prices that the trade in progress has met
    HIGHEST,
    SHARES_IN,  # that it bought, or sold short, in all
) = range(17)
POSITION_ROWS = 17


@compiled(nogil=True, error_model="numpy", forceinline=True)
def closing(asked: float, held: float) -> float:
    """`engine.allowance.closing_part`."""
    return math.copysign(min(abs(asked), abs(held)), asked) if held * asked < 0.0 else 0.0


@compiled(nogil=True, error_model="numpy")
def allowed(
    costs: CostNumbers,
    whole: bool,
    p: Any,
    i: int,
    asked: float,
    price: float,
    cash: float,
    volume: float,
) -> float:
    """The part of an order in instrument i that may be filled at a price, the others at their last ones."""
    held = p[SIZE, i]
    closed = closing(asked, held)
    opening = asked - closed
    if abs(opening) <= DUST * abs(asked):
        opening = 0.0
    if closed != 0.0 and opening == 0.0:
        if abs(held + closed) <= DUST * abs(held):
            return float(-held)
        if abs(closed) <= DUST * abs(held):
            return 0.0
        return towards_zero(closed) if whole else closed
    if price <= 0.0:
        return closed
    value = initial = shorts = 0.0
    for j in range(p.shape[1]):
        if j != i and p[SIZE, j] != 0.0:
            worth = p[SIZE, j] * p[LAST, j]
            value += worth
            shorts -= min(worth, 0.0)
            initial += abs(worth) * p[INITIAL_SHORT if worth < 0.0 else INITIAL_LONG, j]
    cash -= closed * price
    kept = held + closed
    rate = p[INITIAL_SHORT if opening < 0.0 else INITIAL_LONG, i]
    equity = cash + kept * price + value
    size = fitting(
        costs,
        whole,
        abs(opening),
        abs(closed),
        price,
        equity - initial - rate * price * abs(kept),
        rate * price,
        volume,
    )
    if opening > 0.0:
        size = fitting(costs, whole, size, abs(closed), price, cash - shorts, price, volume)
    if too_little(size, abs(opening), price, equity):
        size = 0.0
    return closed + math.copysign(size, opening)


@compiled(nogil=True, error_model="numpy", forceinline=True)
def meet(p: Any, i: int, low: float, high: float) -> None:
    """Take a range of prices that a trade in progress has met."""
    p[LOWEST, i] = min(p[LOWEST, i], low)
    p[HIGHEST, i] = max(p[HIGHEST, i], high)


@compiled(nogil=True, error_model="numpy", forceinline=True)
def meet_all(p: Any, columns: int, low: float, high: float) -> tuple[float, float]:
    """Take the same range for all trades in progress; returns the next one, of no price yet."""
    if low <= high:
        for i in range(columns):
            if p[SINCE, i] >= 0.0:
                meet(p, i, low, high)
    return math.inf, -math.inf


@compiled(nogil=True, error_model="numpy")
def _end(p: Any, tally: Any, i: int, t: int) -> None:
    profit = p[PAID_OUT, i] - p[PAID_IN, i] - p[COSTS, i]
    tally[TRADES] += 1.0
    tally[BARS] += t - p[SINCE, i]
    gain = profit / p[PUT_IN, i] if p[PUT_IN, i] != 0.0 else 0.0
    tally[RETURNS] += gain
    down, up = excursions(p[LOWEST, i], p[HIGHEST, i], p[PAID_IN, i] / p[SHARES_IN, i])
    tally[ADVERSE] += down if p[PEAK, i] > 0.0 else -up
    tally[FAVOURABLE] += up if p[PEAK, i] > 0.0 else -down
    # One whose profit is rounding is neither won nor lost.
    if gain > DUST:
        tally[WINS] += 1.0
        tally[WON] += profit
    elif gain < -DUST:
        tally[LOST] -= profit
    p[SINCE, i] = -1.0
    for row in range(TRADE, PUT_IN + 1):
        p[row, i] = 0.0
    p[SHARES_IN, i] = 0.0


@compiled(nogil=True, error_model="numpy", forceinline=True)
def _add(p: Any, tally: Any, i: int, t: int, size: float, price: float, fee: float) -> None:
    if p[SINCE, i] < 0.0:
        p[SINCE, i] = t
        p[LOWEST, i] = p[HIGHEST, i] = price
    meet(p, i, price, price)
    p[COSTS, i] += fee
    p[FEES, i] += fee
    enters = p[TRADE, i] == 0.0 or p[TRADE, i] * size > 0.0
    if enters:
        p[PAID_IN, i] += size * price
        p[SHARES_IN, i] += size
    else:
        p[PAID_OUT, i] -= size * price
    p[TRADE, i] += size
    if abs(p[TRADE, i]) > abs(p[PEAK, i]):
        p[PEAK, i] = p[TRADE, i]
    if enters:
        at_cost = p[PAID_IN, i] - p[PAID_OUT, i]
        share = -p[INITIAL_SHORT, i] if p[PEAK, i] < 0.0 else 1.0
        p[PUT_IN, i] = max(p[PUT_IN, i], at_cost * share + p[FEES, i])
    elif p[PEAK, i] > 0.0:
        p[PUT_IN, i] += max(fee + size * price, 0.0)  # a sale that costs more than it brings
    if abs(p[TRADE, i]) <= FLAT * abs(p[PEAK, i]):
        _end(p, tally, i, t)


@compiled(nogil=True, error_model="numpy", forceinline=True)
def book(p: Any, tally: Any, i: int, t: int, size: float, price: float, fee: float) -> None:
    """Enter a fill of bar t and its costs; an order through zero ends one trade and begins another. `tally`,
    shape (TALLY,), counts those that are over."""
    p[SIZE, i] += size
    p[LAST, i] = price
    have = p[TRADE, i]
    if have * size < 0.0 and abs(size) > abs(have) * (1.0 + FLAT):
        part = -have / size
        _add(p, tally, i, t, -have, price, fee * part)
        size, fee = size * (1.0 - part), fee * (1.0 - part)
    _add(p, tally, i, t, size, price, fee)


@compiled(nogil=True, error_model="numpy")
def split(p: Any, i: int, ratio: float) -> None:
    """`ratio` new shares for each old one."""
    p[LAST, i] /= ratio
    p[LOWEST, i] /= ratio
    p[HIGHEST, i] /= ratio
    p[SIZE, i] *= ratio
    p[TRADE, i] *= ratio
    p[PEAK, i] *= ratio
    p[SHARES_IN, i] *= ratio


@compiled(nogil=True, error_model="numpy")
def receive(p: Any, i: int, dividend: float) -> float:
    """Take what a share of instrument i is paid, of a short negative; returns the money."""
    money = p[SIZE, i] * dividend
    if p[SINCE, i] >= 0.0:
        p[COSTS, i] -= money
    return float(money)


@compiled(nogil=True, error_model="numpy")
def lend_fee(p: Any, fee: float) -> float:
    """Charge the borrow fee, a fraction, on the value of shorts at their last prices; returns the money."""
    paid = 0.0
    for i in range(p.shape[1]):
        if p[SIZE, i] < 0.0:
            worth = -p[SIZE, i] * p[LAST, i]
            paid += worth * fee
            if p[SINCE, i] >= 0.0:
                p[COSTS, i] += worth * fee
    return paid


@compiled(nogil=True, error_model="numpy")
def end_all(p: Any, tally: Any, t: int) -> None:
    """End what is open after the last bar, t, at its last price."""
    for i in range(p.shape[1]):
        if p[SINCE, i] >= 0.0:
            p[PAID_OUT, i] += p[TRADE, i] * p[LAST, i]
            _end(p, tally, i, t)
