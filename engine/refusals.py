"""What backtrader's broker offers and this project's does not: refused, where it would be ignored."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import backtrader as bt

from letf_instruments import SpecError


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
