"""Entries of `placed`: what a plan orders, where a bar fills it, how much of it, what protects it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.kernel.arithmetic import fitting, too_little, whole_part
from engine.kernel.tape import (
    AMOUNT,
    FILL,
    FRACTION,
    KIND,
    OTHER_SIDE,
    PRICE_AT,
    PRICE_LEVEL,
    REBOUND_LEVEL,
    RISK,
    STOP_AT,
    STOP_LEVEL,
    TARGET_AT,
    TARGET_LEVEL,
    TRAILING,
    TRAILING_ATR,
)
from letf_instruments.compiled import compiled

AT_OPEN, AT_CLOSE, AT_ONCE = range(3)  # `strategies.plans.fill.FILLS`
MARKET, AT_LIMIT, AT_STOP = range(3)  # kinds of entry


class Entry(NamedTuple):
    """An entry that waits. size : shares; money : in place of them, sized at the fill, 0 for none. price : of
    its limit or stop. stop, target : levels. away : of a trailing stop, in money. rebound : of the index."""

    size: float
    money: float
    price: float
    stop: float
    target: float
    away: float
    rebound: float


@compiled(nogil=True, error_model="numpy")
def split_entry(order: Entry, ratio: float, whole: bool) -> Entry:
    """The same order in new shares, `ratio` for each old one."""
    size = order.size * ratio
    if whole and order.money == 0.0:
        size = whole_part(size)
    prices = (order.price / ratio, order.stop / ratio, order.target / ratio, order.away / ratio)
    return Entry(size, order.money, prices[0], prices[1], prices[2], prices[3], order.rebound)


@compiled(nogil=True, error_model="numpy")
def entry_fill(kind: int, asked: float, o: float, h: float, lo: float) -> float:
    """Where a bar fills a limit or a stop to buy, NaN if it does not."""
    if kind == AT_LIMIT:
        return o if asked >= o else asked if asked >= lo else math.nan
    return o if o >= asked else asked if h >= asked else math.nan


@compiled(nogil=True, error_model="numpy")
def shares_for(order: Entry, price: float, whole: bool) -> float:
    """What an order buys at its fill: its shares, or those for its money."""
    if order.money == 0.0:
        return order.size
    size = order.money / price if price > 0.0 else 0.0
    return whole_part(size) if whole else size


@compiled(nogil=True, error_model="numpy")
def affordable(costs: Any, whole: bool, asked: float, price: float, cash: float, v: float) -> float:
    """The part of a purchase that cash pays for, of an account that owns nothing else: then cash binds before
    margin does, as what is bought serves as its own collateral. 0 if that is too little."""
    if price <= 0.0 or asked <= 0.0:
        return 0.0
    size = fitting(costs, whole, asked, 0.0, price, cash, price, v)
    return 0.0 if too_little(size, asked, price, cash) else size


@compiled(nogil=True, error_model="numpy")
def trailed(price: float, trailing: float, away: float) -> float:
    """Where a trailing stop stands below a price: so much money, or a share of it; NaN for none."""
    return price - (price * trailing if math.isnan(away) else away)


@compiled(nogil=True, error_model="numpy")
def protection(plan: Any, s: int, price: float, order: Entry) -> tuple[float, float, float]:
    """Stop, target and trailing stop of an entry at a price on side s; NaN for what the plan does not set."""
    base = s * OTHER_SIDE
    stop = order.stop if plan[base + STOP_LEVEL] >= 0 else price * (1.0 - plan[base + STOP_AT])
    target = order.target if plan[base + TARGET_LEVEL] >= 0 else price * (1.0 + plan[base + TARGET_AT])
    return stop, target, trailed(price, plan[base + TRAILING], order.away)


@compiled(nogil=True, error_model="numpy")
def wanted_entry(
    signals: Any, plan: Any, s: int, t: int, c: float, atr: float, value: float, whole: bool
) -> Entry:
    """The entry that side s orders on a bar where its signals ask for one; of size 0 if it lacks a price that
    it is placed, sized or protected by, or buys nothing.

    Parameters
    ----------
    c, atr : the side's close and average true range. value : equity.
    """
    base, kind = s * OTHER_SIDE, int(plan[KIND])
    nan = math.nan
    none = Entry(0.0, 0.0, nan, nan, nan, nan, nan)
    row, asked = int(plan[base + PRICE_LEVEL]), nan
    if row >= 0:
        asked = signals.levels[row, t]
    elif not math.isnan(plan[PRICE_AT]):
        asked = c * (1.0 + plan[PRICE_AT])
    priced = row >= 0 or not math.isnan(plan[PRICE_AT])
    away = plan[base + TRAILING_ATR] * atr
    trails = not math.isnan(plan[base + TRAILING_ATR])
    if c <= 0.0 or (priced and not asked > 0.0) or (trails and not away > 0.0):
        return none
    price = c if kind == MARKET else asked
    stop, distance = nan, plan[base + STOP_AT]
    if plan[base + STOP_LEVEL] >= 0:
        stop = signals.levels[int(plan[base + STOP_LEVEL]), t]
        if not stop < price:
            return none
        distance = 1.0 - stop / price
    share = plan[base + FRACTION]
    if not math.isnan(plan[base + AMOUNT]):
        share = plan[base + AMOUNT] / value
    if not math.isnan(plan[base + RISK]):
        share = min(share, plan[base + RISK] / distance)
    by_money = kind == MARKET and (plan[FILL] != AT_OPEN or not math.isnan(plan[base + AMOUNT]))
    size = share * value / price
    if whole and not by_money:
        size = whole_part(size)
    target = rebound = nan
    if plan[base + TARGET_LEVEL] >= 0:
        target = signals.levels[int(plan[base + TARGET_LEVEL]), t]
    if plan[base + REBOUND_LEVEL] >= 0:
        rebound = signals.index_levels[int(plan[base + REBOUND_LEVEL]), t]
    return Entry(size, share * value if by_money else 0.0, asked, stop, target, away, rebound)
