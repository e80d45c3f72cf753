"""The account behind the broker: cash, interest, borrow fees, value, margin, and what is noted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NoReturn

import backtrader as bt

from engine.allowance import Allowance
from engine.costs import Charge, Costs
from feeds.rates import ShortRate
from letf_instruments import SpecError

EPOCH = 719163  # 1970-01-01 as backtrader counts days
MONEY_MARKET_DAYS = 360.0
ACCOUNTS = (*Charge._fields, "borrow", "interest")
MARGIN_CALL = "margin call"


class Shares(bt.CommInfoBase):
    """Shares as this broker trades them, for backtrader's own sizing (`order_target_percent`, sizers):
    fractional unless whole ones are asked for, and none at a price of 0 (stock divides by it)."""

    params = (("whole", False), ("stocklike", True), ("commtype", bt.CommInfoBase.COMM_PERC))

    def getsize(self, price: float, cash: float) -> float:
        if not price > 0:
            return 0.0
        return float(math.floor(cash / price)) if self.p.whole else cash / price


class Account(bt.brokers.BackBroker):
    """Cash and positions, kept to the cent. `LabBroker` adds how orders fill.

    Parameters and attributes are those of `LabBroker`.
    """

    params = (
        ("costs", Costs()),
        ("short_rate", 0.0),
        ("whole_shares", False),
        ("borrow_fee", 0.0),
        ("initial_margin", 0.5),
        ("maintenance_margin", 0.3),
    )

    def init(self) -> None:
        super().init()
        for name in ("coc", "coo", "slip_perc", "slip_fixed", "filler", "eosbar"):
            if getattr(self.p, name):
                self._refuse(name)
        for name, top in (("borrow_fee", 5.0), ("maintenance_margin", 10.0)):
            if not 0 <= getattr(self.p, name) <= top:
                raise SpecError(f"{name} is {getattr(self.p, name):g}; it must be between 0 and {top:g}")
        rate = self.p.short_rate
        self._rate = rate if isinstance(rate, ShortRate) else ShortRate.constant(float(rate))
        self.allowance = Allowance(self.p.costs, self.p.initial_margin, self.p.whole_shares)
        self._shares = Shares(whole=self.p.whole_shares)
        self.accounts = dict.fromkeys(ACCOUNTS, 0.0)
        self.notes: list[str] = []
        self._day: int | None = None
        self._rate_known = 0.0
        self._clock: Any = None  # the date line of the first feed
        self._closes: dict[Any, float] = {}  # the last price that was a number
        self._said: set[Any] = set()  # what needs saying only once

    def getcommissioninfo(self, data: Any) -> Shares:
        return self._shares

    # -- what backtrader offers and this broker does not -----------------------------------------

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

    # -- notes -----------------------------------------------------------------------------------

    def note(self, data: Any, sentence: str) -> None:
        """Record what a person should know about this bar."""
        self.notes.append(f"{data.datetime.date(0)}: {data._name}: {sentence}")

    def _note_once(self, key: Any, data: Any, sentence: str) -> None:
        if key not in self._said:
            self._said.add(key)
            self.note(data, sentence)

    # -- every bar -------------------------------------------------------------------------------

    def _accrue(self) -> None:
        """Interest and borrow fees from the prior session's date to this one's."""
        clock = self._clock
        if clock is None:
            clock = self._clock = self.cerebro.datas[0].lines.datetime
        if not clock.lencount:
            return
        day = math.floor(clock[0]) - EPOCH
        if day == self._day:
            return
        if self._day is not None:
            years = (day - self._day) / MONEY_MARKET_DAYS
            shorts = self._short_value()
            idle, debt = max(self.cash - shorts, 0.0), min(self.cash, 0.0)
            interest = (idle + debt) * self._rate_known * years
            borrow = shorts * self.p.borrow_fee * years
            self.cash += interest - borrow
            self.accounts["interest"] += interest
            self.accounts["borrow"] += borrow
            if debt < -1e-6:
                self._note_once(
                    "debt", self.cerebro.datas[0], f"cash is {debt:.2f}, a debt at the short rate"
                )
        self._day = day
        self._rate_known = self._rate.at(day)

    def _short_value(self, but: Any = None) -> float:
        """What it would cost to buy all shorts back at their last known price."""
        return float(
            sum(
                -position.size * self._closes.get(data, 0.0)
                for data, position in self.positions.items()
                if position.size < 0 and data is not but
            )
        )

    def _get_value(self, datas: Iterable[Any] | None = None, lever: bool = False) -> float:
        if datas is not None:
            return float(sum(self.positions[d].size * self._close(d) for d in datas))
        while self._cash_addition:
            added = self._cash_addition.popleft()
            self._fundshares += added / self.fundvalue
            self.cash += added
        value = 0.0
        for data, position in self.positions.items():
            if position.size:
                value += position.size * self._close(data)
        self._valuemkt = self._valuemktlever = value
        self._value = self._valuelever = self.cash + value
        self._fundval = self._value / self._fundshares
        if self._value <= 0:
            loss = f"equity is {self._value:.2f}: a loss beyond the stake"
            self._note_once("ruin", self.cerebro.datas[0], loss)
        return float(self._value)

    def _close(self, data: Any) -> float:
        close = data.close[0]
        if math.isfinite(close):
            self._closes[data] = close
            return float(close)
        self._note_once(
            data, data, "this bar has no price; its value is taken from the last one, no order is filled"
        )
        return self._closes.get(data, 0.0)

    def _check_margin(self) -> None:
        """Call the shorts in, at the next open, if equity no longer carries them."""
        shorts = {d: -p.size for d, p in self.positions.items() if p.size < 0}
        needed = self.p.maintenance_margin * sum(size * self._close(d) for d, size in shorts.items())
        if self._value >= needed:
            return
        for data, size in shorts.items():
            mine = [o for o in (*self.pending, *self.submitted) if o.data is data]
            if any(o.info.get("reason") == MARGIN_CALL for o in mine):
                continue
            owner = next((o.owner for o in reversed(self.orders) if o.data is data), None)
            for order in mine:
                self.cancel(order)
            self.note(
                data,
                f"margin call: equity {self._value:.2f} is below the {needed:.2f} that the shorts need; "
                "bought in at the next open",
            )
            self.buy(owner, data, size, exectype=bt.Order.Market, reason=MARGIN_CALL)
