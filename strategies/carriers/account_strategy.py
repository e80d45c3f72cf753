"""Carries an `AccountRule` out in backtrader, with real orders.

    cerebro.addstrategy(AccountStrategy, rule=InfiniteBuying())

The first feed is the index that the rule reads; the others are instruments. The broker is `engine.LabBroker`,
or one that knows orders for money, limits on close and the close at hand.
"""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt
import numpy as np

from feeds.events import NONE
from letf_instruments import SpecError
from strategies.account_orders import (
    CLOSE,
    LIMIT,
    NO_LOT,
    NOW,
    STOP,
    Account,
    StepOrder,
    wrong_order,
    wrong_words,
)
from strategies.account_rule import GATE, AccountRule, arrays_type, params_type
from strategies.carriers.at_this_close import fill_at_this_close
from strategies.carriers.signal_feed import CausalFeed
from strategies.carriers.trade_strategy import feed_named, multiple_of

KINDS = {CLOSE: bt.Order.Close, LIMIT: bt.Order.Limit, STOP: bt.Order.Stop, NOW: bt.Order.Close}


class ArrayLines(CausalFeed):
    """An `AccountRule`'s arrays as they stand with the newest bar, not as lines: there may be any number."""

    lines = ("known",)

    def upto(self, n: int) -> list[np.ndarray]:
        """The arrays of the first n bars."""
        if self._filled:
            return [values[:n] for values in self._whole]
        return self._now

    def _arrays(self, market: Any) -> list[np.ndarray]:
        found = self.rule.checked_arrays(market)
        self.names = tuple(found)
        self._now = self._whole = [values.view() for values in found.values()]
        for values in self._whole:
            values.flags.writeable = False
        return [np.zeros(len(market))]


def check_order(order: Any, rule: str, reasons: int, lots: int, day: object) -> None:
    """Refuse an order that a step cannot mean.

    Raises
    ------
    SpecError
        One sentence with the day: it is no order, is of no kind, infinite, priced where it must not be, or
        for a reason or a lot that the rule has not.
    """

    def wrong(why: str) -> SpecError:
        return SpecError(f"{day}: rule {rule}: its step gives {order!r:.120}: {why}")

    if not isinstance(order, StepOrder):
        raise wrong("an order of strategies.account_orders is wanted, such as at_open(size)")
    if not all(isinstance(value, (int, float, np.number)) for value in order):
        raise wrong("all that it says must be numbers")
    found = wrong_order(order, reasons, lots)
    if found:
        raise wrong(wrong_words(found, reasons, lots))


class AccountStrategy(bt.Strategy):
    """Executes one rule on one instrument. `notes` holds what a person should know of the run."""

    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        rule = self.p.rule
        if not isinstance(rule, AccountRule):
            raise SpecError(f"AccountStrategy needs an AccountRule, got {type(rule).__name__}")
        self.rule: AccountRule = rule
        self.signal = ArrayLines(*self.datas, rule=rule, events=self.p.events)
        self.instrument = feed_named(self.datas, rule.instrument)
        rule.check_instrument(multiple_of(self.instrument))
        self.notes: list[str] = []
        self._numbers: Any = None
        self._memory = np.zeros(rule.memory_size)
        self._sent: list[Any] = []
        self._fills: list[tuple[float, float, float, float]] = []
        self._last = (math.nan, 0.0)
        self._deposited = 0.0
        self._told = False
        self.traded_at_once = False  # on closes that were decided on

    def next(self) -> None:
        broker, data = self.broker, self.instrument
        for order in self._sent:
            if order.alive():
                self.cancel(order)
        self._sent = []
        if data.close[0] <= 0 or broker.getvalue() <= 0 or getattr(broker, "ruined", False):
            if not self._told:
                self._told = True
                what = f"{data._name} is wiped out" if data.close[0] <= 0 else "no equity is left"
                self.notes.append(f"{data.datetime.date(0)}: {what}: nothing is traded any more")
            return
        n = len(self)
        arrays = arrays_type(self.signal.names)(*self.signal.upto(n))
        if self._numbers is None:  # they are known once the arrays are
            numbers = self.rule.numbers()
            self._numbers = params_type(tuple(numbers))(*numbers.values())
        account = self._account()
        self._fills = []
        try:
            found = self.rule.step(n - 1, account, arrays, self._numbers, self._memory)
        except IndexError as error:
            raise SpecError(
                f"{data.datetime.date(0)}: rule {self.rule.name}: its step has an index beyond its arrays, "
                f"which end with the bar, or beyond its memory of {self.rule.memory_size}: {error}"
            ) from error
        closed = bool(self.rule.filters) and getattr(arrays, GATE)[-1] < 0.5
        self._send(self._checked(found, closed))

    def _account(self) -> Account:
        broker, factor = self.broker, self._factor()
        position = broker.getposition(self.instrument)
        added = getattr(broker, "accounts", {}).get("added", 0.0)
        since, self._deposited = added - self._deposited, added
        return Account(
            broker.getcash(),
            broker.getvalue(),
            position.size * factor,
            position.price / factor if position.size else 0.0,
            self.instrument.close[0] / factor,
            *self._last,
            since,
            broker.startingcash + added,
            np.array(self._fills, dtype=np.float64).reshape(len(self._fills), 4),
        )

    def _factor(self) -> float:
        """Price as traded over that of a share that is never split."""
        data = self.instrument
        return float(data.factor[0]) if getattr(data, "may_split", False) else 1.0

    def _checked(self, found: Any, closed: bool) -> list[StepOrder]:
        day = self.instrument.datetime.date(0)
        if not isinstance(found, (list, tuple)) or isinstance(found, StepOrder):
            raise SpecError(f"{day}: rule {self.rule.name}: its step gives {found!r:.80}, a list is wanted")
        if len(found) > self.rule.most_orders:
            raise SpecError(
                f"{day}: rule {self.rule.name}: its step gives {len(found)} orders; at most "
                f"{self.rule.most_orders} are "
                "taken a bar"
            )
        for order in found:
            check_order(order, self.rule.name, len(self.rule.reason_names), self.rule.lots, day)
        if closed:  # a filter: what is held may be sold, nothing is bought
            return [order for order in found if (order.money or order.size) <= 0.0]
        return list(found)

    def _send(self, orders: list[StepOrder]) -> None:
        now = []
        for order in orders:
            made = self._order(order)
            if made is not None:
                self._sent.append(made)
                if order.kind == NOW:
                    now.append(made)
        if now:  # sales before the purchases that they pay for
            self.traded_at_once = True
            fill_at_this_close(self, now)

    def _order(self, order: StepOrder) -> Any:
        factor = self._factor()
        amount = order.money if order.money else order.size / factor
        held = self.broker.getposition(self.instrument).size
        if amount == 0 or (amount < 0 and held <= 0):
            return None
        terms: dict[str, Any] = {"reason": self.rule.reason_names[int(order.reason)], "closes": amount < 0}
        if order.kind in KINDS:
            terms["exectype"] = KINDS[order.kind]
        if order.money:
            terms["money"] = abs(amount)
        if order.lot != NO_LOT:
            terms["lot"] = int(order.lot)
        if not math.isnan(order.price):
            terms["plimit" if order.kind == CLOSE else "price"] = order.price * factor
        # What is for money has its size at the fill; until then one that stands for it.
        size = abs(amount) if not order.money else abs(amount) / self.instrument.close[0]
        send = self.buy if amount > 0 else self.sell
        return send(data=self.instrument, size=size, **terms)

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Partial, order.Completed) or order.data is not self.instrument:
            return
        factor = self._factor()
        reasons = self.rule.reason_names
        reason = order.info.get("reason")
        code = reasons.index(reason) if reason in reasons else -1
        lot = order.info.get("lot", NO_LOT)
        for fill in order.executed.iterpending():
            price, size = fill.price / factor, fill.size * factor
            self._fills.append((float(lot), size, price, float(code)))
            self._last = (price, size)
