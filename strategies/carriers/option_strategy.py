"""Carries an `OptionRule` and its `OptionPlan` out in backtrader, through the broker's contracts.

    cerebro.addstrategy(OptionStrategy, rule=EventOptions(), events=load_events("earnings-season"))

The first feed is the index. The broker must be `engine.LabBroker`: backtrader's own knows no options.
"""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt
import numpy as np

from feeds.events import NONE
from feeds.market import Market
from feeds.options.expiries import first_expiry, next_session
from feeds.options.option_quotes import OptionQuotes
from feeds.options.volatility import QuotedVolatility, RealisedVolatility, Volatility, VolatilityIndex
from feeds.periods import EPOCH
from letf_instruments import SpecError
from letf_instruments.options import Contract
from strategies.carriers.signal_feed import CausalFeed
from strategies.carriers.trade_strategy import feed_named
from strategies.option_rule import OptionRule
from strategies.plans.option_plan import LEGS, OptionPlan

UNITS = 100.0  # of the underlying a contract


def volatility_model(plan: OptionPlan, quoted: VolatilityIndex | None) -> Volatility:
    """What the plan takes the index's volatility to be.

    Raises
    ------
    SpecError
        If there is a volatility index and no scale, or a scale and no index.
    """
    if quoted is None:
        if plan.scale is not None:
            raise SpecError("plan.scale is of a volatility index, but data.volatility names none")
        return RealisedVolatility(plan.volatility_bars, plan.premium)
    if plan.scale is None:
        raise SpecError(
            f"data.volatility names {quoted.source}, which is the volatility of its own market; set "
            "plan.scale, the factor from there to this index's (1 takes it as it is)"
        )
    return QuotedVolatility(quoted, plan.scale)


class OptionFeed(CausalFeed):
    """An `OptionRule`'s signals: `entry` (0 or 1), `exit` (0, or 1 + the reason's position), `until` (days
    from 1970-01-01, NaN for none)."""

    lines = ("entry", "exit", "until")

    def __init__(self) -> None:
        super().__init__()
        self.exit_reasons: tuple[str, ...] = ()
        self.until_reason = ""

    def _arrays(self, market: Market) -> list[np.ndarray]:
        rule: OptionRule = self.rule
        signals = rule.checked_signals(market)
        self.exit_reasons, self.until_reason = tuple(signals.exit), signals.until_reason
        until = np.full(len(market), np.nan)
        if signals.until is not None:
            known = ~np.isnat(signals.until)
            until[known] = signals.until[known].astype("datetime64[D]").astype(np.int64)
        return [signals.enters().astype(np.float64), signals.exit_codes().astype(np.float64), until]


class OptionStrategy(bt.Strategy):
    """Executes one rule. `notes` holds what a person should know of the run; `missed` counts entries that
    came while options were held."""

    params = (("rule", None), ("events", NONE), ("volatility", None), ("short_rate", 0.0))

    def __init__(self) -> None:
        rule = self.p.rule
        if not isinstance(rule, OptionRule):
            raise SpecError(f"OptionStrategy needs an OptionRule, got {type(rule).__name__}")
        self.rule: OptionRule = rule
        self.signal = OptionFeed(*self.datas, rule=rule, events=self.p.events)
        self.underlying = feed_named(self.datas, rule.underlying)
        model = volatility_model(rule.plan, self.p.volatility)
        self.quotes = OptionQuotes(self.datas[0], model, self.p.short_rate)
        self.quotes.check(self.underlying)
        self.notes: list[str] = [f"options are priced with {model.describe()}"]
        self.missed = 0
        self._held: list[Contract] = []
        self._orders: list[Any] = []
        self._until = math.nan
        self._said: set[str] = set()

    def start(self) -> None:
        book = getattr(self.broker, "contracts", None)
        if book is None:
            raise SpecError("options need the broker of this project, engine.LabBroker")
        book.use(self.quotes)

    def next(self) -> None:
        self._orders = [order for order in self._orders if order.status == "waiting"]
        entered = bool(self.signal.lines.entry[0])
        if self._orders:
            self.missed += entered
            return
        book = self.broker.contracts
        self._held = [contract for contract in self._held if book.position(contract)]
        if not self._held:
            if entered:
                self._enter()
            return
        self.missed += entered
        reason = self.reason_to_leave(int(self.signal.lines.exit[0]), self._today())
        if reason:
            # What the broker of a ruined account sells is on its way out already.
            self._orders = [book.sell(one, reason=reason) for one in self._held if book.free(one)]

    @property
    def holds(self) -> bool:
        """True while options are held or ordered."""
        return bool(self._held)

    @property
    def until(self) -> float:
        """The session on whose close the sale of what is held is decided, in days from 1970-01-01; NaN for
        none."""
        return self._until

    def reason_to_leave(self, code: int, day: int) -> str | None:
        """Why to sell what is held, None if there is no reason to.

        Parameters
        ----------
        code : of the rule's own reason, 0 for none. day : of the close, from 1970-01-01.
        """
        if code:
            return self.signal.exit_reasons[code - 1]
        if day >= self._until:
            return self.signal.until_reason
        return None

    def _today(self) -> int:
        return math.floor(self.datas[0].datetime[0]) - EPOCH

    def _enter(self) -> None:
        plan, data = self.rule.plan, self.underlying
        close, equity = data.close[0], self.broker.getvalue()
        if not close > 0:
            self._note_once(f"{data._name} is wiped out: there are no options on it")
            return
        if equity <= 0 or self.broker.ruined:
            self._note_once("no equity is left: no option can be bought any more")
            return
        calendar = self.p.events.calendar
        bought = next_session(calendar, np.datetime64(self._today(), "D"))
        expiry = first_expiry(calendar, bought, plan.days)
        legs = [Contract(kind, data._name, plan.moneyness * close, expiry) for kind in LEGS[plan.kind]]
        quotes = [self.quotes.at_close(contract, data) for contract in legs]
        price = sum(quote.price if quote is not None else math.nan for quote in quotes)
        if math.isnan(price):
            self._note_once("volatility is not known yet: no option is bought")
            return
        if price <= 0:
            self._note_once(f"{' and '.join(str(leg) for leg in legs)} would cost nothing: not bought")
            return
        number = plan.fraction * equity / (price * UNITS)
        if getattr(self.broker.p, "whole_shares", False):
            number = math.floor(number)
        if number <= 0:
            self.notes.append(
                f"{data.datetime.date(0)}: {plan.fraction:.1%} of {equity:.2f} buys no whole contract at a "
                f"premium of {price:.2f}, so nothing was ordered"
            )
            return
        self._until = self.signal.lines.until[0]
        self._held = legs
        self._orders = [self.broker.contracts.buy(data, leg, number) for leg in legs]

    def _note_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.notes.append(f"{self.underlying.datetime.date(0)}: {sentence}")

    def stop(self) -> None:
        if self.missed:
            self.notes.append(f"entries passed over because options were held: {self.missed:,}")
