"""What a fill costs, in money, on top of its price.

A fill's price is a price of the bar. Spread and slippage are charged beside it, each to its own
account: so they are never skipped at a gap or at a bar's end, a fill is never outside its bar, and the
costs of a run are known exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

from letf_instruments import SpecError

MAX_BPS = 1000.0


class Charge(NamedTuple):
    """The cost of one fill, in money, by account."""

    commission: float
    spread: float
    slippage: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.commission + self.spread + self.slippage


@dataclass(frozen=True)
class Costs:
    """Costs of every fill. Basis points (1/10,000) of the traded value; `commission_minimum` in money.

    Raises
    ------
    SpecError
        If one is negative, not finite, or beyond 1,000 basis points.
    """

    commission_bps: float = 0.0
    commission_minimum: float = 0.0
    half_spread_bps: float = 0.0
    slippage_bps: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            top = MAX_BPS if item.name.endswith("_bps") else math.inf
            if not (math.isfinite(value) and 0 <= value <= top):
                raise SpecError(f"costs.{item.name} is {value:g}; it must be between 0 and {top:g}")

    def charge(self, size: float, price: float) -> Charge:
        """Cost of trading `size` shares (sign does not matter) at `price`."""
        value = abs(size) * price
        if size == 0:
            return Charge(0.0, 0.0, 0.0)
        commission = max(value * self.commission_bps * 1e-4, self.commission_minimum)
        return Charge(commission, value * self.half_spread_bps * 1e-4, value * self.slippage_bps * 1e-4)

    def largest(self, money: float, price: float, need: float) -> float:
        """Largest number of shares at `price` that `money` pays for, if a share ties up `need` of it
        and the costs come on top. Not negative."""
        beside = need + price * (self.half_spread_bps + self.slippage_bps) * 1e-4
        if beside <= 0:
            return 0.0
        proportional = money / (beside + price * self.commission_bps * 1e-4)
        at_minimum = (money - self.commission_minimum) / beside
        # The last 1e-12 keeps rounding from turning an exact fit into a debt.
        return max(min(proportional, at_minimum), 0.0) * (1.0 - 1e-12)
