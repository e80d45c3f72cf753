"""How much of an order cash and margin allow. Pure arithmetic, the same for every engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.costs import Costs
from letf_instruments import SpecError

# Sizes that differ by less than this share of the order are the same size, off by rounding.
DUST = 1e-9


@dataclass(frozen=True)
class Allowance:
    """The rules that bound an order.

    Parameters
    ----------
    costs : what every fill costs.
    initial_margin : equity needed to open a short, as a fraction of its value, beside its proceeds.
    whole_shares : True if only whole shares are traded.
    """

    costs: Costs
    initial_margin: float = 0.5
    whole_shares: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.initial_margin <= 10:
            raise SpecError(f"initial_margin is {self.initial_margin:g}; it must be above 0 and at most 10")

    def size(self, asked: float, held: float, price: float, cash: float, other_shorts: float) -> float:
        """The part of an order that may be filled at `price`. Closing a position always may.

        Parameters
        ----------
        asked : shares to buy (sell if negative).
        held : position before the order.
        cash : all cash, proceeds of shorts included.
        other_shorts : value of the shorts in other instruments.
        """
        closing = -math.copysign(min(abs(asked), abs(held)), held) if held * asked < 0 else 0.0
        opening = asked - closing
        if abs(opening) <= DUST * abs(asked):
            opening = 0.0
        if closing and opening == 0.0:
            if abs(held + closing) <= DUST * abs(held):
                return -held  # closed to the last bit, or dust would be left over
            return float(math.trunc(closing)) if self.whole_shares else closing
        if price <= 0:
            return closing
        cash -= closing * price + self.costs.charge(closing, price).total
        shorts = other_shorts - min(held + closing, 0.0) * price
        free = cash - (1.0 + self.initial_margin) * shorts
        need = price if opening > 0 else self.initial_margin * price
        size = abs(opening)
        if size * need + self.costs.charge(size, price).total > free:
            size = self.costs.largest(free, price, need)
        if self.whole_shares:
            size = self._whole(size, free, price, need)
        return closing + math.copysign(size, opening)

    def _whole(self, size: float, free: float, price: float, need: float) -> float:
        shares = math.floor(size * (1.0 + DUST))
        tied_up = shares * need + self.costs.charge(shares, price).total
        if tied_up > free * (1.0 + DUST):
            shares -= 1
        return float(max(shares, 0))
