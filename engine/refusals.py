"""What backtrader's broker offers and this project's does not: refused, where it would be ignored."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import backtrader as bt

from engine.asked import DAY_ORDER, LIMIT_ON_CLOSE, check_asked, is_day_order, limit_on_close
from letf_instruments import SpecError

# What backtrader's `buy` and `sell` take after the size, in its order.
POSITIONAL = (
    "price",
    "plimit",
    "exectype",
    "valid",
    "tradeid",
    "oco",
    "trailamount",
    "trailpercent",
    "parent",
    "transmit",
    "histnotify",
    "_checksubmit",
)


class Shares(bt.CommInfoBase):
    """Shares as this broker trades them, for backtrader's own sizing (`order_target_percent`, sizers):
    fractional unless whole ones are asked for, and none at a price of 0 (stock divides by it)."""

    params = (("whole", False), ("stocklike", True), ("commtype", bt.CommInfoBase.COMM_PERC))

    def getsize(self, price: float, cash: float) -> float:
        if not price > 0:
            return 0.0
        return float(math.floor(cash / price)) if self.p.whole else cash / price


class StrictBroker(bt.brokers.BackBroker):
    """backtrader's broker without its own ways of setting costs, slippage and cheating."""

    def init(self) -> None:
        super().init()
        for name in ("coc", "coo", "slip_perc", "slip_fixed", "filler", "eosbar"):
            if getattr(self.p, name):
                self._refuse(name)

    def buy(self, owner: Any, data: Any, size: float, *prices: Any, **terms: Any) -> Any:
        return super().buy(owner, data, size, **self._checked(data, "buy", size, prices, terms))

    def sell(self, owner: Any, data: Any, size: float, *prices: Any, **terms: Any) -> Any:
        return super().sell(owner, data, size, **self._checked(data, "sell", size, prices, terms))

    def _checked(
        self, data: Any, verb: str, size: float, prices: tuple[Any, ...], terms: dict[str, Any]
    ) -> dict[str, Any]:
        """The terms of an order by name; a day order's are of this broker's kind."""
        terms = dict(zip(POSITIONAL, prices, strict=False)) | terms
        check_asked(data, verb, size, terms)
        limit = limit_on_close(data, terms)
        if limit is None and terms.get("exectype") == bt.Order.Close and terms.get("price"):
            self._say_no_limit(data)
        if limit is not None:
            terms |= {"price": None, "plimit": None, LIMIT_ON_CLOSE: limit}
        if is_day_order(terms.get("valid")):
            terms |= {"valid": None, DAY_ORDER: True}
        return terms

    def _say_no_limit(self, data: Any) -> None:
        """Say once that an order for the close was given the last close as its price, which is no limit."""

    def _refuse(self, what: str) -> NoReturn:
        raise SpecError(f"LabBroker does not take {what}; give it costs=Costs(...) and leave fills to it")

    def set_coc(self, coc: bool) -> None:
        if coc:
            self._refuse("cheat-on-close")

    def set_coo(self, coo: bool) -> None:
        if coo:
            self._refuse("cheat-on-open")

    def set_slippage_perc(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("set_slippage_perc")

    def set_slippage_fixed(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("set_slippage_fixed")

    def set_filler(self, filler: Any) -> None:
        self._refuse("set_filler")

    def set_shortcash(self, shortcash: bool) -> None:
        self._refuse("set_shortcash")

    def set_checksubmit(self, checksubmit: bool) -> None:
        self._refuse("set_checksubmit")

    def set_fund_history(self, fund: Any) -> None:
        self._refuse("set_fund_history")

    def setcommission(self, *args: Any, **kwargs: Any) -> None:
        self._refuse("setcommission")

    def addcommissioninfo(self, comminfo: Any, name: str | None = None) -> None:
        self._refuse("addcommissioninfo")
