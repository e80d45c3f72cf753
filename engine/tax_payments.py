"""Tax on realised gains, paid from cash at an open: before orders, after what is paid in or out.

What is lacking is raised there and then: of all that is owned the same part is sold, at the open and at its
costs, and orders that wait to close it shrink with it. Where that is not enough the rest is a debt, which
bears the debt rate and goes by the rules of margin. A ruined account pays nothing any more; what it owes
stands.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

import backtrader as bt

from engine.forced import TAX
from engine.payments import Payments
from engine.tax import TaxBook, TaxTerms
from feeds.periods import EPOCH
from letf_instruments import SpecError
from letf_instruments.sizes import DUST, whole
from strategies.account_orders import NO_LOT


class TaxPayments(Payments):
    """Keeps the lots of what is traded, and pays the tax of a year on its day."""

    params = (("tax", None),)  # backtrader adds those of the base

    def init(self) -> None:
        super().init()
        if self.p.tax is not None and not isinstance(self.p.tax, TaxTerms):
            raise SpecError(f"tax is {self.p.tax!r:.80}; it must be an engine.TaxTerms")
        self.taxes = None if self.p.tax is None else TaxBook(self.p.tax)
        self._by_lot: dict[Any, dict[int, float]] = {}  # shares by feed and lot of a plan, where it has some
        self._taxed: int | None = None  # the session that was asked last

    @property
    def tax_due(self) -> float:
        """What is owed on gains realised so far, and not paid yet, in money."""
        return 0.0 if self.taxes is None else sum(year.tax for year in self.taxes.outstanding())

    def _split(self, data: Any, split: float) -> None:
        if self.taxes is not None:
            self.taxes.split(data, split)
            for lot in self._by_lot.get(data, {}):
                self._by_lot[data][lot] *= split
        super()._split(data, split)

    def _enter_lots(self, order: Any, size: float, price: float, costs: float, left: float) -> None:
        """Take a fill into the lots of the tax, and of a plan that has some; `left` is the position after."""
        if self.taxes is None:
            return
        data = order.data
        self.taxes.trade(data, data.datetime.date(0), size, price, costs, left)
        lot = order.info.get("lot", NO_LOT)
        if lot != NO_LOT:
            sizes = self._by_lot.setdefault(data, {})
            sizes[lot] = sizes.get(lot, 0.0) + size
            if sizes[lot] <= DUST * abs(size):
                del sizes[lot]
        if left == 0.0:
            self._by_lot.pop(data, None)

    def _pay_tax(self) -> None:
        day = self._day
        if self.taxes is None or day is None or day == self._taxed or self.ruined:
            return
        self._taxed = day
        owed = sum(year.tax for year in self.taxes.fall_due(datetime.date.fromordinal(day + EPOCH)))
        if not owed:
            return
        lacking = owed - max(self.free_cash(), 0.0)
        if lacking > DUST * owed:
            self._raise_cash(lacking, owed)
        self.cash -= owed
        self.accounts["tax"] += owed
        if self.cash < -DUST * owed:
            self.note(
                self.cerebro.datas[0],
                f"tax of {owed:,.2f} is paid, and cash is {self.cash:,.2f}, a debt: there was no more to "
                "sell",
            )

    def _raise_cash(self, lacking: float, owed: float) -> None:
        """Sell the same part of all that is owned and has a price, for `lacking` after costs."""
        owned = {
            data: position.size
            for data, position in self.positions.items()
            if position.size > 0 and math.isfinite(data.open[0]) and data.open[0] > 0
        }
        if not owned:
            return
        part = self._part_to_sell(owned, lacking)
        self.note(
            self.cerebro.datas[0],
            f"tax of {owed:,.2f} is due and cash lacks {lacking:,.2f} of it: {part:.2%} of what is owned is "
            "sold at the open",
        )
        for data in owned:
            self._sell_part(data, part)

    def _part_to_sell(self, owned: dict[Any, float], lacking: float) -> float:
        """The part of all that is owned that brings `lacking` after costs; 1 if all of it brings no more."""

        def brings(part: float) -> float:
            money = 0.0
            for data, held in owned.items():
                size, price = part * held, float(data.open[0])
                money += size * price - self.p.costs.charge(size, price, self._volume(data, 0)).total
            return money

        low, high = 0.0, 1.0
        if brings(high) <= lacking:
            return high
        while high - low > DUST * high:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if brings(middle) < lacking else (low, middle)
        return high

    def _sell_part(self, data: Any, part: float) -> None:
        """Sell a part of what is owned, of each lot of a plan by itself; the orders that close it shrink."""
        before = self._lots_of(data)
        for lot, size in before.items():
            sold = size if part >= 1.0 else size * part
            if self.p.whole_shares:
                sold = min(float(math.ceil(sold - DUST * size)), size)
            if part >= 1.0 and lot == list(before)[-1]:
                sold = self.positions[data].size  # to the last bit
            self._sell_for_tax(data, lot, sold)
        after = self._lots_of(data)
        for order in list(self._waiting(data)):
            entry_waits = order.parent is not None and order.parent.alive()
            if order.size > 0 or entry_waits or order.info.get("money"):
                continue
            lot = order.info.get("lot", NO_LOT)
            if lot in before:
                self._shrink_to(order, before[lot], after.get(lot, 0.0))
            else:
                self._shrink_to(order, sum(before.values()), self.positions[data].size)

    def _lots_of(self, data: Any) -> dict[int, float]:
        """Shares of a long position by the lot of a plan, those of none last."""
        sizes = {lot: size for lot, size in self._by_lot.get(data, {}).items() if size > 0.0}
        held = self.positions[data].size
        rest = held - sum(sizes.values())
        return sizes | ({NO_LOT: rest} if rest > DUST * held else {})

    def _sell_for_tax(self, data: Any, lot: int, sold: float) -> None:
        owner = next((o.owner for o in reversed(self.orders) if o.data is data), None)
        order = self.sell(owner, data, sold, exectype=bt.Order.Market, reason=TAX, lot=lot)
        self.submitted.remove(order)
        order.accept()
        self._book(order, -sold, data.open[0], 0)
        self._bracketize(order)

    def _shrink_to(self, order: Any, held: float, left: float) -> None:
        """Cut an order that closes `held`, or a part of it, to what it would close of `left`; what it opens
        beyond that stays."""
        asked = -order.executed.remsize
        if asked > held * (1.0 + DUST):
            size = asked - (held - left)
        else:
            size = left if asked >= held * (1.0 - DUST) else asked * left / held
            size = whole(size) if self.p.whole_shares else size
        if size > 0.0:
            self._resize(order, -size)
        else:
            self._drop(order, TAX, bracket=True)
