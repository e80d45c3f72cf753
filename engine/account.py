"""The account behind the broker: cash, interest, borrow fees, value, what is noted, and that it adds up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from operator import itemgetter
from typing import Any

from engine.allowance import Allowance, Others
from engine.cash import MONEY_MARKET_DAYS
from engine.contracts import ContractBook, ContractCosts
from engine.costs import Charge, Costs
from engine.margin import Margin
from engine.refusals import Shares, StrictBroker
from feeds.periods import EPOCH
from feeds.rates import BorrowFee, ShortRate
from letf_instruments import LedgerError, SpecError

SHORTS = ("allow", "refuse")
# financing is that of CFDs, negative if received; protection what their provider bears.
COSTS = (*Charge._fields, "borrow", "option_spread", "financing", "tax")
EARNED = ("added", "gains", "option_gains", "interest", "dividends", "protection")
ACCOUNTS = (*COSTS, *EARNED)
_costs, _earned = itemgetter(*COSTS), itemgetter(*EARNED)
TOLERANCE = 1e-9  # of the largest amount that the account has seen


class Account(StrictBroker):
    """Cash and positions, kept to the cent. `LabBroker` adds how orders fill.

    Parameters and attributes are those of `LabBroker`.
    """

    params = (
        ("costs", Costs()),
        ("contract_costs", ContractCosts()),
        ("short_rate", 0.0),
        ("whole_shares", False),
        ("cash_spread", 0.0),
        ("debt_spread", 0.0),
        ("borrow_fee", 0.0),
        ("recall_rate", 0.0),
        ("seed", 0),
        ("shorts", "allow"),
        ("initial_margin", 0.5),
        ("maintenance_margin", 0.3),
        ("long_initial_margin", 0.5),
        ("long_maintenance_margin", 0.25),
    )

    startingcash: float
    cash: float

    def init(self) -> None:
        super().init()
        for name, top in (("cash_spread", 0.3), ("debt_spread", 0.3), ("recall_rate", 366.0)):
            if not 0 <= getattr(self.p, name) <= top:
                raise SpecError(f"{name} is {getattr(self.p, name):g}; it must be between 0 and {top:g}")
        if isinstance(self.p.seed, bool) or not isinstance(self.p.seed, int) or self.p.seed < 0:
            raise SpecError(f"seed is {self.p.seed!r}; it must be a whole number of at least 0")
        if self.p.shorts not in SHORTS:
            raise SpecError(f"shorts is {self.p.shorts!r}; it must be {' or '.join(map(repr, SHORTS))}")
        rate, fee = self.p.short_rate, self.p.borrow_fee
        self._rate = rate if isinstance(rate, ShortRate) else ShortRate.constant(float(rate))
        self._one_rate = self._rate.is_constant
        self._fee = BorrowFee.of(fee)
        self.margin = Margin(
            self.p.initial_margin,
            self.p.maintenance_margin,
            self.p.long_initial_margin,
            self.p.long_maintenance_margin,
        )
        self.allowance = Allowance(self.p.costs, self.margin, self.p.whole_shares)
        self._shares = Shares(whole=self.p.whole_shares)
        self.accounts = dict.fromkeys(ACCOUNTS, 0.0)
        self.contracts = ContractBook(self, self.p.contract_costs)
        self.notes: list[str] = []
        self._day: int | None = None
        self._nights = 0  # calendar days between the last session and this one
        self._rate_known = self._rate.at(0)  # at the last session
        self._clock: Any = None  # the date line of the first feed
        self.holding_costs: dict[Any, float] = {}  # by feed: what it cost to hold it overnight, so far
        self._closes: dict[Any, float] = {}  # the last price that was a number, a fill's included
        self._said: set[Any] = set()  # what needs saying only once
        self._carried: list[Any] = []  # feeds that were short overnight
        self._shorts = False  # at the last close
        self._ended = False  # True once all is closed after a ruin: what is left, or owed, stays as it was
        self._largest = 0.0  # the largest amount so far, for the tolerance

    def getcommissioninfo(self, data: Any) -> Shares:
        return self._shares

    def restate_cash(self, cash: float) -> None:
        """Cash as another broker has it, at once; the difference is booked as added and is no payment."""
        refuse_payment(cash)
        difference = cash - self.cash
        self.cash = cash
        self.accounts["added"] += difference
        self._value = self._valuelever = self.getvalue() + difference

    # -- notes -----------------------------------------------------------------------------------

    def note(self, data: Any, sentence: str) -> None:
        """Record what a person should know about this bar."""
        self.notes.append(f"{data.datetime.date(0)}: {data._name}: {sentence}")

    def _note_once(self, key: Any, data: Any, sentence: str) -> None:
        if key not in self._said:
            self._said.add(key)
            self.note(data, sentence)

    def _say_no_limit(self, data: Any) -> None:
        self._note_once(
            "no limit",
            data,
            "an order for the close has the last close as its price: as order_target_percent sizes by that, "
            "it is taken for no limit; plimit makes it one",
        )

    # -- interest and fees -----------------------------------------------------------------------

    def _accrue(self) -> None:
        """Interest and borrow fees from the prior session's date to this one's."""
        clock = self._clock
        if clock is None:
            clock = self._clock = self.cerebro.datas[0].lines.datetime
        if self._day is None and not clock.lencount:
            return
        day = math.floor(clock[0]) - EPOCH
        if day == self._day:
            self._nights = 0
            return
        if self._day is not None:
            self._nights = day - self._day
            self._pay(self._nights / MONEY_MARKET_DAYS)
        self._day = day
        if not self._one_rate:
            self._rate_known = self._rate.at(day)

    @property
    def _fee_known(self) -> float:
        """The borrow fee known at the session that interest runs from."""
        assert self._day is not None
        return self._fee.at(self._day)

    def _pay(self, years: float) -> None:
        if self._ended:
            return
        shorts = self._others().short_value if self._shorts else 0.0
        cash, rate = self.cash, self._rate_known
        idle, debt = (cash - shorts if cash > shorts else 0.0), (cash if cash < 0.0 else 0.0)
        # A broker keeps its spread out of the interest it pays, but takes none because of it.
        interest = idle * min(rate, max(rate - self.p.cash_spread, 0.0)) * years
        if debt:
            interest += debt * (rate + self.p.debt_spread) * years
        self.cash += interest
        self.accounts["interest"] += interest
        if not (shorts or debt):
            return
        first = self.cerebro.datas[0]
        if shorts:
            fee = self._fee_known
            borrow = shorts * fee * years
            self.cash -= borrow
            self.accounts["borrow"] += borrow
            for data, position in self.positions.items():
                if position.size < 0:
                    worth = -position.size * self._closes.get(data, 0.0)
                    self.holding_costs[data] = self.holding_costs.get(data, 0.0) + worth * fee * years
            if fee > 1.0:
                self._note_once("fee", first, f"the borrow fee is {fee:.0%} a year")
        if debt < -1e-6:
            over = f" and {self.p.debt_spread:.2%}" if self.p.debt_spread else ""
            self._note_once("debt", first, f"cash is {debt:.2f}, a debt at the short rate{over}")

    # -- value -----------------------------------------------------------------------------------

    def _multiple(self, data: Any) -> float:
        fund = getattr(data, "fund", None)
        return 1.0 if fund is None else float(fund.multiple)

    def _others(self, but: Any = None) -> Others:
        """All positions but one, at their last known prices."""
        value = initial = self.contracts.value  # nothing is lent on an option
        short_value = 0.0
        for data, position in self.positions.items():
            size = position.size
            if size and data is not but:
                worth = size * self._closes.get(data, 0.0)
                value += worth
                short_value -= min(worth, 0.0)
                initial += abs(worth) * self.margin.initial(size, self._multiple(data))
        return Others(value, short_value, initial)

    def margin_requirement(self) -> float:
        """Equity that the positions need to be kept, at their last known prices, in money."""
        return self.contracts.value + float(
            sum(
                abs(position.size)
                * self._closes.get(data, 0.0)
                * self.margin.maintenance(position.size, self._multiple(data))
                for data, position in self.positions.items()
                if position.size
            )
        )

    def share_put_in(self, data: Any, size: float) -> float:
        """Money that a position of this sign ties up, as a fraction of its value: all of what is owned, and
        what it takes to open a short beside its proceeds."""
        return 1.0 if size > 0 else self.margin.initial(size, self._multiple(data))

    def capital_in_use(self) -> float:
        """Money that the positions tie up at their last known prices: what is owned, options too, and what it
        takes to open the shorts beside their proceeds."""
        return self.contracts.value + float(
            sum(
                abs(position.size) * self._closes.get(data, 0.0) * self.share_put_in(data, position.size)
                for data, position in self.positions.items()
                if position.size
            )
        )

    def _get_value(self, datas: Iterable[Any] | None = None, lever: bool = False) -> float:
        if datas is not None:
            return float(sum(self.positions[d].size * self._close(d) for d in datas))
        value = self.contracts.value if self.contracts.used else 0.0
        self._shorts = False
        for data, position in self.positions.items():
            if position.size:
                value += position.size * self._close(data)
                if position.size < 0:
                    self._shorts = True
        self._valuemkt = self._valuemktlever = value
        self._value = self._valuelever = self.cash + value
        if self._fundshares:  # where all has been paid out the last value of a share stands
            self._fundval = self._value / self._fundshares
        return float(self._value)

    def _close(self, data: Any) -> float:
        close = data.close[0]
        if math.isfinite(close):
            self._mark(data, close)
            return float(close)
        self._note_once(
            data, data, "this bar has no price; its value is taken from the last one, no order is filled"
        )
        return self._closes.get(data, 0.0)

    # -- that it adds up -------------------------------------------------------------------------

    def _mark(self, data: Any, price: float) -> None:
        """Take the gain of what is held from the last price to this one."""
        held = self.positions[data].size
        if held:
            self.accounts["gains"] += held * (price - self._closes[data])
        self._closes[data] = price

    def _check_ledger(self) -> None:
        """Cash, positions and contracts are worth the money put in, plus gains and interest, less costs.

        Gains are summed from price changes alone, cash from fills: a fault in either shows.

        Raises
        ------
        LedgerError
            If they differ by more than rounding.
        """
        books, value = self.accounts, self._value
        expected = self.startingcash + sum(_earned(books)) - sum(_costs(books))
        self._largest = largest = max(self._largest, abs(self.cash), abs(value), abs(expected))
        if not abs(value - expected) <= TOLERANCE * largest:
            data = self.cerebro.datas[0]
            raise LedgerError(
                f"{data.datetime.date(0)}: cash and positions are worth {value:.6f}, but {expected:.6f} was "
                f"put in, gained and paid: {value - expected:+.6g} is not accounted for"
            )


def refuse_payment(cash: float) -> None:
    """Raise SpecError if an amount of cash is infinite or no number."""
    number = isinstance(cash, Real)
    if not number or not math.isfinite(cash):
        said = f"{float(cash):g}" if number else repr(cash)
        raise SpecError(f"cash of {said} is paid in or set; it must be a finite amount of money")
