"""Orders for a close, with or without a limit, for the close at hand, and for a sum of money."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.asked import LIMIT_ON_CLOSE
from engine.held import Held
from engine.orders import BEYOND
from letf_instruments.sizes import whole


class ForTheClose(Held):
    """What a broker does with them."""

    def _execute(self, order: Any, ago: int, price: float) -> None:
        raise NotImplementedError

    def _refuse_ruined(self, order: Any) -> None:
        raise NotImplementedError

    def _try_exec_close(self, order: Any, pclose: float) -> None:
        limit = order.info.get(LIMIT_ON_CLOSE)
        now = order.data.datetime[0]
        if limit is not None and now > order.created.dt and now >= order.dteos:
            # Past the session the close is that of the bar before.
            close = order.pannotated if order.pannotated and now > order.dteos else pclose
            if close > limit if order.isbuy() else close < limit:
                order.cancel()
                self._end(order, BEYOND)
                return
        super()._try_exec_close(order, pclose)

    def fill_now(self, orders: Sequence[Any]) -> None:
        """Fill orders that were sent on this bar at its own close, one after the other: what in truth is sent
        minutes before it. Value and ledger are taken anew."""
        for order in orders:
            if order not in self.submitted:
                continue
            self.submitted.remove(order)
            if self.ruined:
                self._refuse_ruined(order)
                continue
            order.accept()
            close = order.data.close[0]
            if math.isfinite(close):
                self._execute(order, ago=0, price=close)
            if order.alive():
                order.cancel()
                self._end(order, "there was no price")
            elif order.status == order.Completed:
                self._bracketize(order)
        self._get_value()
        self._check_ledger()

    def _sized_by_money(self, order: Any, price: float) -> bool:
        """Give an order for a sum of money the shares that it buys or sells at its fill's price; False, and
        the order is gone, if these are none."""
        size = order.info["money"] / price if price > 0 else 0.0
        if self.p.whole_shares:
            size = whole(size)
        if size == 0:
            order.cancel()
            self._end(order, f"{order.info['money']:g} buys no share at {price:g}")
            return False
        self._resize(order, size if order.isbuy() else -size)
        return True
