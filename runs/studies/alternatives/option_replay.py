"""The trades of a view, replayed in options: bought and sold at the open, settled at expiry.

A replay as in `replay.py`. Options trade at the open only, so an exit inside a bar comes at the next open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import backtrader as bt
import numpy as np

from feeds.calendars import sessions_between
from feeds.options.expiries import first_expiry, next_session
from feeds.options.option_quotes import OptionQuotes
from feeds.options.volatility import RealisedVolatility, Volatility
from feeds.periods import EPOCH
from letf_instruments.options import Contract
from strategies.carriers.trade_strategy import feed_named, multiple_of

UNITS = 100.0  # of the underlying a contract
MOST_DAYS = 370


@dataclass(frozen=True)
class OptionTerms:
    """Which option is bought.

    days : calendar days from the purchase to expiry, at least; the first weekly expiry from there on.
    moneyness : strike over the underlying at the close of the decision.
    longest : the longest holding in sessions, which the option should outlive; None if there is none.
    volatility : what its price takes the index's volatility to be.
    """

    days: int = 30
    moneyness: float = 1.0
    longest: int | None = None
    volatility: Volatility = field(default_factory=RealisedVolatility)

    def expiry(self, calendar: str, bought: np.datetime64) -> np.datetime64:
        """The expiry of what is bought on a session. It is known then."""
        least = self.days
        if self.longest is not None:
            ahead = sessions_between(calendar, bought, bought + np.timedelta64(MOST_DAYS, "D"))
            last = ahead[min(self.longest, len(ahead) - 1)]
            least = max(least, int((last - bought).astype(int)))
        return first_expiry(calendar, bought, least)


@dataclass(frozen=True)
class OptionStep:
    """One trade: bought at the open of a bar (counted from 0), sold on another.

    amount : over equity at the close before the entry: exposure to the index, or premium.
    exit_bar : None if it stays open to the end. inside : the rule left within that bar.
    reason : for which the rule left.
    """

    entry_bar: int
    amount: float
    exit_bar: int | None = None
    inside: bool = False
    reason: str = "end"


class OptionReplay(bt.Strategy):
    """Buys and sells as the steps say. What has expired stays so until the next step.

    by_exposure : amounts are delta × underlying × units × the underlying's multiple; else premium.
    missed : after the run, why entries bought nothing, a sentence each.
    """

    params = (
        ("steps", ()),
        ("instrument", "index"),
        ("kind", "put"),
        ("terms", OptionTerms()),
        ("by_exposure", True),
        ("calendar", "XNYS"),
        ("short_rate", 0.0),
    )

    def __init__(self) -> None:
        self.instrument = feed_named(self.datas, self.p.instrument)
        self.missed: list[str] = []
        self._quotes = OptionQuotes(self.datas[0], self.p.terms.volatility, self.p.short_rate)
        self._quotes.check(self.instrument)
        self._entries: dict[int, OptionStep] = {step.entry_bar: step for step in self.p.steps}
        self._step: OptionStep | None = None
        self._contract: Contract | None = None

    def start(self) -> None:
        self.broker.contracts.use(self._quotes)

    def next(self) -> None:
        coming = len(self)  # the bar at whose open an order of now is filled, counted from 0
        self._leave(coming)
        step = self._entries.get(coming)
        if step is not None:
            self._enter(step)

    def _leave(self, coming: int) -> None:
        step, contract = self._step, self._contract
        if step is None or contract is None or step.exit_bar is None:
            return
        # What the broker of a ruined account sells is on its way out already.
        if coming >= step.exit_bar + step.inside and self.broker.contracts.free(contract):
            self.broker.contracts.sell(contract, reason=step.reason)

    def _enter(self, step: OptionStep) -> None:
        data, equity = self.instrument, self.broker.getvalue()
        self._step, self._contract = step, None
        close = data.close[0]
        if equity <= 0 or not close > 0:
            self._miss("no equity is left" if equity <= 0 else f"{data._name} is wiped out")
            return
        today = np.datetime64(math.floor(self.datas[0].datetime[0]) - EPOCH, "D")
        terms, calendar = self.p.terms, self.p.calendar
        expiry = terms.expiry(calendar, next_session(calendar, today))
        contract = Contract(self.p.kind, data._name, terms.moneyness * close, expiry)
        quote = self._quotes.at_close(contract, data)
        if quote is None:
            self._miss("volatility is not known yet")
            return
        exposure = abs(quote.delta * quote.spot * multiple_of(data))
        each = exposure if self.p.by_exposure else quote.price
        if quote.price <= 0 or each <= 0:
            self._miss(f"{contract} would cost nothing")
            return
        number = step.amount * equity / (each * UNITS)
        if self.broker.p.whole_shares:
            number = math.floor(number)
        if number <= 0:
            self._miss(f"{equity:.0f} buys no whole contract at a premium of {quote.price:.2f}")
            return
        self.broker.contracts.buy(data, contract, number)
        self._contract = contract

    def _miss(self, why: str) -> None:
        self.missed.append(f"{self.datas[0].datetime.date(0)}: no option is bought: {why}")
