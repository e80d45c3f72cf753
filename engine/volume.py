"""What a bar's volume allows and costs, and orders that are filled in part because of it."""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt

from engine.costs import Charge
from engine.forced import Forced
from letf_instruments.sizes import DUST

DEAR = 0.01  # of the price: above it, costs a share are said to be out of proportion
_HIT = {bt.Order.Stop: "stop", bt.Order.StopTrail: "trailing stop"}


class Volume(Forced):
    """Costs that depend on the bar, and the share of its volume that orders may take together."""

    def init(self) -> None:
        super().init()
        self._taken: dict[Any, tuple[int, float]] = {}  # by feed: bar, and shares traded on it so far

    def _book(self, order: Any, size: float, price: float, ago: int) -> None:
        raise NotImplementedError

    def _charge(self, data: Any, size: float, price: float, volume: float) -> Charge:
        costs = self.p.costs
        a_share = costs.commission_per_share + 0.01 * costs.half_spread_cents
        if a_share > DEAR * price:
            self._note_once(
                ("dear", data),
                data,
                f"costs of {a_share:g} a share are more than {DEAR:.0%} of a price of {price:g}; "
                "if that is not the price it traded at, give them in basis points",
            )
        charge: Charge = costs.charge(size, price, volume)
        return charge

    def _volume(self, data: Any, ago: int) -> float:
        """The bar's volume where the costs ask for it, 0 if there is none."""
        if not self.p.costs.uses_volume:
            return 0.0
        volume = float(data.volume[ago])
        if volume > 0:
            return volume
        self._note_once(
            ("volume", data),
            data,
            "there is no volume, so fills neither move the price nor are bounded by it",
        )
        return 0.0

    def _room(self, data: Any, volume: float) -> float:
        """Shares that may still be traded on this bar."""
        share = self.p.costs.max_participation
        if share >= 1 or not volume:
            return math.inf
        bar, taken = self._taken.get(data, (0, 0.0))
        return float(max(share * volume - (taken if bar == len(data) else 0.0), 0.0))

    def _use_room(self, data: Any, size: float) -> None:
        if self.p.costs.max_participation < 1:
            bar, taken = self._taken.get(data, (0, 0.0))
            self._taken[data] = (len(data), (taken if bar == len(data) else 0.0) + abs(size))

    def _within(self, volume: float) -> str:
        return (
            f"no more than {self.p.costs.max_participation:.4g} of the bar's volume of {volume:g} is traded"
        )

    def _fill_part(self, order: Any, closing: float, room: float, price: float, ago: int) -> None:
        """Fill what the volume allows of an order that closes a position; the rest stays in the market.

        What the order would have opened beyond the position is given up. A stop that has been hit is a
        market order from then on, as at an exchange.
        """
        data = order.data
        rest = order.executed.remsize
        part = float(math.floor(room)) if self.p.whole_shares else room
        why = self._within(self._volume(data, ago))
        if abs(rest - closing) > DUST * abs(rest):
            self._resize(order, closing)
            if order.parent is None:
                self._bracketize(order, cancel=True)  # there will be nothing for its children to close
            order.info["why"] = why
        if not order.info.get("closes"):
            order.info["closes"] = True
            self.note(
                data,
                f"order to {'buy' if rest > 0 else 'sell'} {abs(rest):g} is filled over several bars: {why}; "
                f"{abs(closing) - part:g} stay in the market",
            )
        if order.exectype in _HIT:
            if not order.info.get("reason"):
                order.info["reason"] = _HIT[order.exectype]
            order.exectype = bt.Order.Market
        if part:
            self._book(order, math.copysign(part, closing), price, ago)
