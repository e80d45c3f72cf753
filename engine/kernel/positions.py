"""Positions in several instruments, compiled: what margin and cash allow, and the round trips.

The arithmetic of `engine.allowance.Allowance.size` and the bookkeeping of `analyzers.TradeLog`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from engine.kernel.arithmetic import DUST, CostNumbers, fitting

FLAT = 1e-9  # of a trade's largest position: with less, it is over
# What the round trips come to.
TRADES, WINS, WON, LOST, RETURNS, BARS = range(6)


class Positions(NamedTuple):
    """Arrays of shape (k,), an instrument each; sizes in today's shares.

    size : held, negative for a short. last : its last known price. The trade in progress: `since` its first
    bar (−1: there is none), `trade` its size and `peak` the largest so far, money paid in and out, costs so
    far, and the most that was in it at cost. `tally`, shape (6,), counts those that are over.
    """

    size: Any
    last: Any
    since: Any
    trade: Any
    peak: Any
    paid_in: Any
    paid_out: Any
    costs: Any
    capital: Any
    tally: Any


class Margins(NamedTuple):
    """Requirements by instrument, fractions of a position's value, shape (k,)."""

    initial_long: Any
    initial_short: Any
    maintenance_long: Any
    maintenance_short: Any


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def closing(asked: float, held: float) -> float:
    """`engine.allowance.closing_part`."""
    return math.copysign(min(abs(asked), abs(held)), asked) if held * asked < 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def allowed(
    costs: CostNumbers,
    whole: bool,
    margins: Margins,
    p: Positions,
    i: int,
    asked: float,
    price: float,
    cash: float,
    volume: float,
) -> float:
    """The part of an order in instrument i that may be filled at a price, the others at their last ones."""
    held = p.size[i]
    closed = closing(asked, held)
    opening = asked - closed
    if abs(opening) <= DUST * abs(asked):
        opening = 0.0
    if closed != 0.0 and opening == 0.0:
        if abs(held + closed) <= DUST * abs(held):
            return -held
        return float(math.trunc(closed)) if whole else closed
    if price <= 0.0:
        return closed
    value = initial = shorts = 0.0
    for j in range(len(p.size)):
        if j != i and p.size[j] != 0.0:
            worth = p.size[j] * p.last[j]
            value += worth
            shorts -= min(worth, 0.0)
            initial += abs(worth) * (margins.initial_short[j] if worth < 0.0 else margins.initial_long[j])
    cash -= closed * price
    kept = held + closed
    rate = margins.initial_short[i] if opening < 0.0 else margins.initial_long[i]
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
    return closed + math.copysign(size, opening)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _end(p: Positions, i: int, t: int) -> None:
    profit = p.paid_out[i] - p.paid_in[i] - p.costs[i]
    p.tally[TRADES] += 1.0
    p.tally[BARS] += t - p.since[i]
    if p.capital[i] != 0.0:
        p.tally[RETURNS] += profit / p.capital[i]
    if profit > 0.0:
        p.tally[WINS] += 1.0
        p.tally[WON] += profit
    else:
        p.tally[LOST] -= profit
    p.since[i] = -1.0
    p.trade[i] = p.peak[i] = p.paid_in[i] = p.paid_out[i] = p.costs[i] = p.capital[i] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def _add(p: Positions, i: int, t: int, size: float, price: float, fee: float) -> None:
    if p.since[i] < 0.0:
        p.since[i] = t
    p.costs[i] += fee
    if p.trade[i] == 0.0 or p.trade[i] * size > 0.0:
        p.paid_in[i] += size * price
    else:
        p.paid_out[i] -= size * price
    p.trade[i] += size
    if abs(p.trade[i]) > abs(p.peak[i]):
        p.peak[i] = p.trade[i]
    p.capital[i] = max(p.capital[i], math.copysign(1.0, p.peak[i]) * (p.paid_in[i] - p.paid_out[i]))
    if abs(p.trade[i]) <= FLAT * abs(p.peak[i]):
        _end(p, i, t)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def book(p: Positions, i: int, t: int, size: float, price: float, fee: float) -> None:
    """Enter a fill of bar t and its costs; an order through zero ends one trade and begins another."""
    p.size[i] += size
    p.last[i] = price
    have = p.trade[i]
    if have * size < 0.0 and abs(size) > abs(have) * (1.0 + FLAT):
        part = -have / size
        _add(p, i, t, -have, price, fee * part)
        size, fee = size * (1.0 - part), fee * (1.0 - part)
    _add(p, i, t, size, price, fee)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def split(p: Positions, i: int, ratio: float) -> None:
    """`ratio` new shares for each old one."""
    p.last[i] /= ratio
    p.size[i] *= ratio
    p.trade[i] *= ratio
    p.peak[i] *= ratio


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def lend_fee(p: Positions, fee: float) -> float:
    """Charge the borrow fee, a fraction, on the value of shorts at their last prices; returns the money."""
    paid = 0.0
    for i in range(len(p.size)):
        if p.size[i] < 0.0:
            worth = -p.size[i] * p.last[i]
            paid += worth * fee
            if p.since[i] >= 0.0:
                p.costs[i] += worth * fee
    return paid


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def end_all(p: Positions, t: int) -> None:
    """End what is open after the last bar, t, at its last price."""
    for i in range(len(p.size)):
        if p.since[i] >= 0.0:
            p.paid_out[i] += p.trade[i] * p.last[i]
            _end(p, i, t)
