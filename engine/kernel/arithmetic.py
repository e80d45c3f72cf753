"""Costs and the size of an order, compiled: the arithmetic of `engine.costs` and `engine.allowance`.

The two are held to each other by tests; `engine.costs` and `engine.allowance` say what is meant.

numba's cache on disk looks at the file of a function only, not at what it calls: after a change here, the
callers in the other files of this package must be compiled anew (`make clean`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from engine.costs import Costs
from letf_instruments.compiled import compiled
from letf_instruments.sizes import DUST, DUST_SHARES, SMALLEST_TRADE


class CostNumbers(NamedTuple):
    """The numbers of `Costs` that matter in the compiled loop; all float."""

    commission_bps: float
    commission_per_share: float
    commission_per_trade: float
    commission_minimum: float
    half_spread_bps: float
    half_spread_cents: float
    slippage_bps: float
    impact_bps: float
    max_participation: float

    @classmethod
    def of(cls, costs: Costs) -> CostNumbers:
        """The numbers of some costs."""
        return cls(*(float(getattr(costs, name)) for name in cls._fields))


@compiled()
def costs_of(row: Any) -> CostNumbers:
    """The numbers that a row of costs holds, shape (9,), in their order."""
    return CostNumbers(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])


@compiled()
def charge(costs: CostNumbers, size: float, price: float, volume: float) -> tuple[float, float, float]:
    """Commission, spread and slippage of a fill, in money: `Costs.charge`."""
    if size == 0.0:
        return 0.0, 0.0, 0.0
    shares = abs(size)
    value = shares * price
    commission = value * costs.commission_bps * 1e-4 + shares * costs.commission_per_share
    commission = max(commission + costs.commission_per_trade, costs.commission_minimum)
    spread = value * costs.half_spread_bps * 1e-4
    if costs.half_spread_cents != 0.0:
        spread += shares * min(costs.half_spread_cents * 0.01, price)
    slippage = value * costs.slippage_bps * 1e-4
    if costs.impact_bps != 0.0 and volume > 0.0:
        slippage += value * costs.impact_bps * 1e-4 * math.sqrt(shares / volume)
    return commission, spread, slippage


@compiled()
def total(costs: CostNumbers, size: float, price: float, volume: float) -> float:
    """All of a fill's costs."""
    commission, spread, slippage = charge(costs, size, price, volume)
    return commission + spread + slippage


@compiled()
def largest(
    costs: CostNumbers, money: float, price: float, need: float, volume: float, closed: float, most: float
) -> float:
    """Largest number of shares that `money` pays for: `Costs.largest`, step by step."""
    if most * need + total(costs, closed + most, price, volume) <= money:
        return most
    if costs.impact_bps == 0.0 or volume <= 0.0:
        aside = price * (costs.half_spread_bps + costs.slippage_bps) * 1e-4
        if costs.half_spread_cents != 0.0:
            aside += min(costs.half_spread_cents * 0.01, price)
        by_size = price * costs.commission_bps * 1e-4 + costs.commission_per_share
        left = money - closed * aside
        for_shares = left - costs.commission_per_trade - closed * by_size
        over_minimum = left - costs.commission_minimum
        if for_shares < 0.0 or over_minimum < 0.0:
            return 0.0
        size, each = math.inf, need + aside
        if each + by_size > 0.0:
            size = for_shares / (each + by_size)
        if each > 0.0:
            size = min(size, over_minimum / each)
        return min(size * (1.0 - 1e-12), most)
    low, high = 0.0, most
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle * need + total(costs, closed + middle, price, volume) <= money:
            low = middle
        else:
            high = middle
        if high - low <= 1e-13 * high:
            break
    return low * (1.0 - 1e-12)


@compiled()
def fitting(
    costs: CostNumbers,
    whole: bool,
    size: float,
    closed: float,
    price: float,
    money: float,
    need: float,
    volume: float,
) -> float:
    """The part of an opening that `money` carries: `Allowance._fitting`."""
    if size * need + total(costs, closed + size, price, volume) > money:
        size = largest(costs, money, price, need, volume, closed, size)
    if not whole:
        return size
    shares = towards_zero(size + min(DUST * size, DUST_SHARES))
    tied_up = shares * need + total(costs, closed + shares, price, volume)
    if tied_up > money * (1.0 + DUST):
        shares -= 1.0
    return max(shares, 0.0)


@compiled()
def too_little(size: float, asked: float, price: float, equity: float) -> bool:
    """True if what an order was cut to, or asked for, is no trade: the last step of `Allowance.size`."""
    cut = size < asked * (1.0 - DUST)
    worth = size * price
    return size <= DUST * asked or worth <= DUST * equity or (cut and worth < SMALLEST_TRADE * equity)


@compiled()
def dust(size: float) -> float:
    """What rounding may have added to, or taken from, so many shares (`letf_instruments.sizes`)."""
    return min(DUST * max(abs(size), 1.0), DUST_SHARES)


@compiled()
def towards_zero(size: float) -> float:
    """Its whole part. Of a float, as `math.trunc` and `math.floor` make an int64 here, which ends at 9e18."""
    return float(np.trunc(size)) + 0.0  # no minus zero


@compiled()
def whole_part(size: float) -> float:
    """Whole shares in a size; what is whole but for rounding is whole (`letf_instruments.sizes.whole`)."""
    return towards_zero(size + math.copysign(dust(size), size))
