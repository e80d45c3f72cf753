"""How much of an order cash and margin allow. Pure arithmetic, the same for every engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.costs import Costs
from engine.margin import Margin
from letf_instruments.sizes import DUST, DUST_SHARES, SMALLEST_TRADE


class Others(NamedTuple):
    """The positions in other instruments, at their last known prices, in money."""

    value: float = 0.0  # longs less shorts
    short_value: float = 0.0  # what it would cost to buy the shorts back
    initial: float = 0.0  # what it would take to open them now
    tied_up: float = 0.0  # by the position in this instrument, where margin is fixed at entry (CFDs)


def closing_part(asked: float, held: float) -> float:
    """The part of an order, signed like it, that closes what is held."""
    return math.copysign(min(abs(asked), abs(held)), asked) if held * asked < 0 else 0.0


@dataclass(frozen=True)
class Allowance:
    """The rules that bound an order.

    - Closing a position is always allowed.
    - What is bought is paid for in full: free cash, which is cash less the value of all shorts (their
      proceeds are locked), must not fall below 0.
    - Whatever is opened, equity must cover the initial requirements of all positions afterwards.
    - Where that leaves less of an order than the smallest trade, nothing is opened.
    - What is opened for under `DUST` of equity, or closed of under `DUST` of a position, is rounding.

    Parameters
    ----------
    costs : what every fill costs.
    margin : requirements of positions.
    whole_shares : True if only whole shares are traded.
    """

    costs: Costs
    margin: Margin = field(default_factory=Margin)
    whole_shares: bool = False

    def size(
        self,
        asked: float,
        held: float,
        price: float,
        cash: float,
        others: Others = Others(),  # noqa: B008 - a NamedTuple cannot be changed
        multiple: float = 1.0,
        volume: float = 0.0,
    ) -> float:
        """The part of an order that may be filled at `price`.

        Parameters
        ----------
        asked : shares to buy (sell if negative).
        held : position before the order.
        cash : all cash, proceeds of shorts included.
        multiple : of the fund that is traded, 1 for anything else.
        volume : shares traded in the bar, 0 if not known.
        """
        closing = closing_part(asked, held)
        opening = asked - closing
        if abs(opening) <= DUST * abs(asked):
            opening = 0.0
        if closing and opening == 0.0:
            if abs(held + closing) <= DUST * abs(held):
                return -held  # closed to the last bit, or dust would be left over
            if abs(closing) <= DUST * abs(held):
                return 0.0
            return float(math.trunc(closing)) if self.whole_shares else closing
        if price <= 0:
            return closing
        cash -= closing * price
        kept = held + closing
        size = abs(opening)
        for money, need in self._limits(opening, kept, price, cash, others, multiple):
            size = self._fitting(size, abs(closing), price, money, need, volume)
        equity = cash + kept * price + others.value
        cut = size < abs(opening) * (1.0 - DUST)
        worth = size * price
        if size <= DUST * abs(opening) or worth <= DUST * equity or (cut and worth < SMALLEST_TRADE * equity):
            size = 0.0  # what rounding has left of the cash is no purchase
        return closing + math.copysign(size, opening)

    def _limits(
        self, opening: float, kept: float, price: float, cash: float, others: Others, multiple: float
    ) -> list[tuple[float, float]]:
        """Money there is for what is opened, and how much of it a share needs; all must hold."""
        rate = self.margin.initial(opening, multiple)
        equity = cash + kept * price + others.value
        limits = [(equity - others.initial - rate * price * abs(kept), rate * price)]
        if opening > 0:
            limits.append((cash - others.short_value, price))
        return limits

    def _fitting(
        self, size: float, closed: float, price: float, money: float, need: float, volume: float
    ) -> float:
        """The part of `size` that `money` carries at `need` a share, costs of the whole fill included."""
        if size * need + self.costs.charge(closed + size, price, volume).total > money:
            most = size
            size = self.costs.largest(money, price, need, volume, closed, most)
        if not self.whole_shares:
            return size
        shares = math.floor(size + min(DUST * size, DUST_SHARES))
        tied_up = shares * need + self.costs.charge(closed + shares, price, volume).total
        if tied_up > money * (1.0 + DUST):
            shares -= 1
        return float(max(shares, 0))
