"""Money paid in and out while a run goes on: credited at a bar's open, before its orders.

After interest, splits and dividends the account is valued at the open's prices; that value stands in
`payments` beside the sum, so that returns can be split there (`letf_instruments.payments`). A withdrawal
takes cash alone: it sells nothing and makes no debt.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.account import refuse_payment
from engine.cash import more_than_cash
from engine.dividends import Dividends
from feeds.deposits import Deposits
from letf_instruments import SpecError
from letf_instruments.payments import Payment
from letf_instruments.sizes import DUST, NOTHING


class Payments(Dividends):
    """Credits `deposits` as they fall due, and what a strategy pays in or out by `add_cash`."""

    params = (("deposits", None),)  # type: ignore[assignment]  # backtrader adds those of the base

    def init(self) -> None:
        super().init()
        if self.p.deposits is not None and not isinstance(self.p.deposits, Deposits):
            raise SpecError(f"deposits is {self.p.deposits!r:.80}; it must be a feeds.deposits.Deposits")
        self.payments: list[Payment] = []
        self._asked: int | None = None  # the session for which deposits were asked last
        self._sessions = 0

    def set_cash(self, cash: float) -> None:
        """Money at the start; during a run the difference is paid in, as by `add_cash`."""
        refuse_payment(cash)
        if self._day is None:
            super().set_cash(cash)
        else:
            self.add_cash(cash - self.getcash() - sum(self._cash_addition))

    setcash = set_cash

    def add_cash(self, cash: float) -> None:
        """Pay money in, or out if it is negative; it is there from the next bar's open on, before orders."""
        refuse_payment(cash)
        super().add_cash(cash)

    def free_cash(self) -> float:
        """What may be paid out at the open: cash that is not the proceeds of shorts."""
        held = ((data, position.size) for data, position in self.positions.items())
        return float(self.cash + sum(size * self._open(data) for data, size in held if size < 0))

    def _open(self, data: Any) -> float:
        """The open's price; where there is none, the last one known."""
        price = data.open[0]
        return float(price) if math.isfinite(price) else self._closes.get(data, 0.0)

    def _due(self) -> float:
        """What falls due with this bar."""
        deposits, day = self.p.deposits, self._day
        if deposits is None or day is None or day == self._asked:
            return 0.0
        amount: float = deposits.due(day, self._asked, self._sessions)
        self._asked, self._sessions = day, self._sessions + 1
        if amount and self.ruined:
            self._note_once(
                "deposits", self.cerebro.datas[0], "the account is ruined: no deposit is credited any more"
            )
            return 0.0
        return amount

    def _pay_in(self) -> None:
        amount = self._due()
        while self._cash_addition:
            amount += self._cash_addition.popleft()
        if not amount:
            return
        clock = self.cerebro.datas[0]
        if amount < 0.0:
            free = self.free_cash()
            if -amount > free * (1.0 + DUST):
                raise SpecError(more_than_cash(clock.datetime.date(0), -amount, free))
            amount = -min(-amount, free)
        value = self.cash + self.contracts.value
        value += sum(p.size * self._open(d) for d, p in self.positions.items() if p.size)
        if self._fundshares and value > 0:
            self._fundval = value / self._fundshares
        if self._fundval > 0:  # where all has been paid out the last value of a share stands
            self._fundshares += amount / self._fundval
        self.cash += amount
        self.accounts["added"] += amount
        day = np.datetime64(clock.datetime.date(0), "D")
        self._emptied = value > 0.0 and value + amount <= NOTHING * self.startingcash
        self.payments.append(Payment(len(clock) - 1, day, float(value), float(amount)))
