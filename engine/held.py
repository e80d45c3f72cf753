"""What is held already when an account begins: positions that another broker has filled."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from engine.tax_payments import TaxPayments
from engine.urgency import TRAILS
from letf_instruments import SpecError
from letf_instruments.sizes import DUST

HELD = "held already"  # the reason of a fill that was another account's


class Held(TaxPayments):
    """Enters positions that are there, with the orders that protect them."""

    def take_over(self, order: Any, price: float, cash: float) -> None:
        """An order for the close that was given on this bar counts as filled at `price`, without costs; what
        hangs on it protects from the next bar on. Of this bar a trailing stop has met all if the price is its
        open, else the close alone.

        Parameters
        ----------
        price : at which it was bought, or sold short.
        cash : what the account has beside the position from now on; what it takes to get there is booked as
            added.

        Raises
        ------
        SpecError
            If it is not an order for the close.
        """
        if order.exectype != bt.Order.Close:
            raise SpecError("what is held already is entered as an order for the close")
        order.info["reason"] = HELD
        self.check_submitted()
        self.pending.remove(order)
        self._book(order, order.executed.remsize, price, 0)
        self._bracketize(order)
        data = order.data
        at_open = abs(price - data.open[0]) <= DUST * price
        for child in self.pending:
            if child.parent is order and child.exectype in TRAILS:
                met = data.low[0] if child.isbuy() else data.high[0]
                child.trailadjust(met if at_open else data.close[0])
        self._get_value()
        self.restate_cash(cash)
