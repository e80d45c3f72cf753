"""A split: positions, waiting orders and what is remembered of prices go over to the new shares.

On an ex-date a share becomes `split` new ones at 1/split of the price. Nobody gains by it, so equity does
not move. With whole shares, what is left of a share is paid out in cash at the open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import backtrader as bt

from engine.asked import LIMIT_ON_CLOSE
from engine.forced import CASH_IN_LIEU
from engine.volume import Volume
from letf_instruments.sizes import DUST, dust, whole

MOST_SHARES = 10_000  # of either side, in a ratio that is put into words
TOO_SMALL = "the split left less than a share of it"
CUT = "the split left a part of a share, and only whole ones are traded"
_PRICES = ("filled_at", "entry_price", LIMIT_ON_CLOSE)  # of an order's info
_SIZES = ("asked_size",)


def in_words(split: float) -> str:
    """New shares for old ones: .1 is 1:10."""
    ratio = Fraction(split).limit_denominator(MOST_SHARES)
    return f"{ratio.numerator}:{ratio.denominator}"


class Splits(Volume):
    """Carries out the splits of feeds that have them (`may_split`), before anything else of their bar."""

    def init(self) -> None:
        super().init()
        self._splitting: list[Any] | None = None
        self._seen: dict[Any, int] = {}  # bars whose split is done, by feed

    def _apply_splits(self) -> None:
        if self._splitting is None:
            self._splitting = [d for d in self.cerebro.datas if getattr(d, "may_split", False)]
        for data in self._splitting:
            bar = len(data)
            # Feeds that are not aligned show a bar more than once.
            if bar and self._seen.get(data) != bar:
                self._seen[data] = bar
                split = float(data.split[0])
                if split != 1.0:
                    self._split(data, split)

    def _split(self, data: Any, split: float) -> None:
        if data in self._closes:
            self._closes[data] /= split
        for trade in self._trades_of(data):
            trade.size *= split
            trade.price /= split
        for order in self._waiting(data):
            _rescale(order, split)
        # To look up one that is not there would add it, and margin calls go by the order of positions.
        position = self.positions.get(data)
        if position:
            before = position.size
            position.size *= split
            position.price /= split
            said = f"split {in_words(split)}: {before:g} shares became {position.size:g}"
            self.note(data, said + (self._pay_fraction(data) if self.p.whole_shares else ""))
        if self.p.whole_shares:
            self._drop_fractions(data)

    def _waiting(self, data: Any) -> Iterator[Any]:
        """Orders sent before this bar that are still to be filled, held back ones of a bracket included."""
        held_back = (order for family in self._pchildren.values() for order in family)
        seen = set()
        for order in (*self.pending, *self.submitted, *held_back):
            if order.data is data and order.ref not in seen and order.alive():
                seen.add(order.ref)
                if order.created.dt < data.datetime[0]:
                    yield order

    def _trades_of(self, data: Any) -> Iterator[Any]:
        """backtrader's own open trades, of which strategies are told."""
        for strategy in self.cerebro.runningstrats:
            for trades in strategy._trades[data].values():
                if trades and trades[-1].isopen:
                    yield trades[-1]

    # -- whole shares ----------------------------------------------------------------------------

    def _pay_fraction(self, data: Any) -> str:
        """Pay out what is left of a share at the open, without costs; returns what to say of it."""
        size = self.positions[data].size
        rest = size - whole(size)
        if abs(rest) <= dust(size):
            self.positions[data].size = whole(size)
            for trade in self._trades_of(data):
                trade.size = whole(trade.size)
            return ""
        price = data.open[0] if math.isfinite(data.open[0]) else self._closes[data]
        owner = next((o.owner for o in reversed(self.orders) if o.data is data), None)
        send = self.sell if rest > 0 else self.buy
        order = send(owner, data, abs(rest), exectype=bt.Order.Market, reason=CASH_IN_LIEU)
        self.submitted.remove(order)
        order.accept()
        self._book(order, -rest, price, 0)
        self._bracketize(order)
        self.positions[data].size = whole(size)  # to the last bit
        paid = "paid out" if rest > 0 else "bought back"
        return f", of which {abs(rest):g} are {paid} in cash at {price:g}"

    def _drop_fractions(self, data: Any) -> None:
        """Cut waiting orders down to whole shares; cancel those of which none is left."""
        for order in list(self._waiting(data)):
            entry = order.parent or order
            if entry.alive() and entry.info.get("money"):
                continue  # it has its shares at its fill
            left = order.executed.remsize
            size = whole(left)
            if size:
                if abs(left - size) > DUST * abs(left):
                    order.info["why"] = CUT
                    if order.parent is None:  # a child is cut with its entry
                        self.note(data, f"an order for {abs(left):g} shares became {abs(size):g}: {CUT}")
                self._resize(order, size)
                continue
            for queue in (self.pending, self.submitted):
                if order in queue:
                    queue.remove(order)
            order.cancel()
            order.info["why"] = TOO_SMALL
            self.notify(order)
            self.note(data, f"an order for {abs(left):g} shares is cancelled: {TOO_SMALL}")
            if order.parent is None:
                self._bracketize(order, cancel=True)  # there will be nothing for its children to close


def _rescale(order: Any, split: float) -> None:
    """Restate an order in new shares: what is still to be filled, its prices, and its trail."""
    order.size *= split
    for part in (order.created, order.executed):
        part.size *= split
        part.remsize *= split
        for name in ("price", "pricelimit", "plimit", "pclose", "trailamount"):
            value = getattr(part, name)
            if value:
                setattr(part, name, value / split)
    for name in ("price", "pricelimit", "plimit", "trailamount"):
        value = getattr(order, name)
        if value:
            setattr(order, name, value / split)
    order._limitoffset /= split
    for name in _PRICES:
        if name in order.info:
            order.info[name] /= split
    for name in _SIZES:
        if name in order.info:
            order.info[name] *= split
