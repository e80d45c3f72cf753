"""Carries a `TradeRule` and its `TradePlan` out in backtrader, with real orders.

    cerebro.addstrategy(TradeStrategy, rule=RsiTiming())

The first feed is the index that the rule reads; the others are instruments. Protective orders are
children of the entry and carry in their `info` how far from the entry's fill they belong
(`from_fill`), so that the broker of `engine` can price them from the fill and put them to work on the
entry bar. Under backtrader's own broker they are priced from the deciding close and wait a bar.
"""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt

from feeds.events import NONE
from letf_instruments import SpecError
from letf_instruments.sizes import whole
from strategies.carriers.at_this_close import fill_at_this_close
from strategies.carriers.side import Side
from strategies.carriers.signal_feed import OrderFeed, SignalFeed
from strategies.plans.trade_plan import TradeTerms
from strategies.trade_rule import TradeRule

SESSION_END, LEAVING_TIME, NEXT_OPEN = "session end", "leaving time", "next open"
KINDS = {"limit": bt.Order.Limit, "stop": bt.Order.Stop}


def feed_named(datas: list[Any], name: str) -> Any:
    """The feed of that name; "index" is the first one.

    Raises
    ------
    SpecError
        If there is none.
    """
    for data in datas:
        if data._name == name:
            return data
    if name == "index":
        return datas[0]
    raise SpecError(f"the rule trades {name}, but the feeds are {', '.join(d._name for d in datas)}")


def multiple_of(data: Any) -> float:
    """A fund feed's daily multiple; 1 for anything else."""
    fund = getattr(data, "fund", None)
    return 1.0 if fund is None else float(fund.multiple)


class TradeStrategy(bt.Strategy):
    """Executes one rule on one instrument, or on the two sides of a switch, one at a time. `notes` holds what
    a person should know of the run."""

    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        rule = self.p.rule
        if not isinstance(rule, TradeRule):
            raise SpecError(f"TradeStrategy needs a TradeRule, got {type(rule).__name__}")
        self.rule: TradeRule = rule
        self.plan = rule.plan
        kind = OrderFeed if self.plan.placed else SignalFeed
        self.signal = kind(*self.datas, rule=rule, events=self.p.events)
        self.sides = []
        for name, terms, prefix in zip(rule.instruments, self.plan.terms, ("", "other_"), strict=False):
            data = feed_named(self.datas, name)
            self.sides.append(Side(data, multiple_of(data), terms, prefix))
        rule.check_instrument(self.sides[0].multiple)
        self.notes: list[str] = []
        self.traded_at_once = False  # on closes that were decided on
        self._side = self.sides[0]  # that is held, or entered last
        self._entry: Any = None  # the entry order while it waits
        self._exit: Any = None  # the exit order while it waits
        self._entry_bar = 0
        self._free_from = 0  # the first bar on which an entry may be decided
        self._sent = self._unmet = 0  # entry orders at a price
        self._dates = self.lines.datetime  # as long as the strategy is
        self._leave_at, self._leave_minute = self.plan.leave_at, self.plan.leave_minute

    def next(self) -> None:
        self._drop_unmet()
        held = self._held()
        by_session = held is not None and self._leave_at == SESSION_END
        if by_session and self._exit is None and self.signal.lines.ends[0]:
            self._leave(SESSION_END, "same-close")
            held = self._held()  # nothing, so that the next session may be decided on
        if held is not None:
            if self._exit is None:
                self._decide_exit(held)
        elif self._entry is None and self._dates.lencount >= self._free_from and not self._too_late():
            self._decide_entry(self.sides)
        if self._leave_at == "open" and self._exit is None and self._held() is not None:
            self._leave(NEXT_OPEN, "open")

    def stop(self) -> None:
        if self._unmet:
            self.notes.append(
                f"{self._unmet} of {self._sent} entry orders at a price were not filled: "
                + ("the close was beyond it" if self.plan.entry == "market" else "their bar did not reach it")
            )

    # -- what others ask ---------------------------------------------------------------------------

    @property
    def instrument(self) -> Any:
        """The feed that is held, or was entered last; the rule's own before the first trade."""
        return self._side.data

    @property
    def terms(self) -> TradeTerms:
        """What the plan sets for that instrument."""
        return self._side.terms

    @property
    def multiple(self) -> float:
        """The instrument's daily multiple."""
        return self._side.multiple

    @property
    def bars_held(self) -> int:
        """Bars of the position, that of its entry (at the open, or the next close) and this one included."""
        return int(self._dates.lencount - self._entry_bar + 1)

    @property
    def entering(self) -> bool:
        """True while an entry waits to be filled."""
        return self._entry is not None

    @property
    def leaving(self) -> bool:
        """True while an exit waits to be filled."""
        return self._exit is not None

    @property
    def rebound(self) -> float:
        """The index level beyond which the trade's idea has failed; NaN if there is none."""
        return self._side.rebound

    @property
    def bars_to_wait(self) -> int:
        """Bars of the cooldown that are still to come before an entry may be decided."""
        return max(self._free_from - len(self), 0)

    def reason_to_leave(self, code: int, index: float, close: float, bars: int) -> str | None:
        """Why to leave what is held, None if there is no reason to.

        Parameters
        ----------
        code : of the rule's own reason, 0 for none. index, close : closes of index and instrument.
        bars : held so far.
        """
        if close <= 0:
            return "wiped out"
        if code:
            side = self._side is not self.sides[0]
            return (self.signal.other_reasons if side else self.signal.exit_reasons)[code - 1]
        if index > self.rebound if self.multiple < 0 else index < self.rebound:
            return "rebound"
        longest = self._side.terms.max_bars
        if longest is not None and bars >= longest:
            return "longest holding"
        return None

    def can_be_sized(self, close: float, stop_level: float) -> bool:
        """False if the plan's stop is a level that is not below the close."""
        return self._side.can_be_sized(close, stop_level)

    # -- decisions ---------------------------------------------------------------------------------

    def _held(self) -> Side | None:
        for side in self.sides:
            if self.broker.getposition(side.data).size:
                return side
        return None

    def _too_late(self) -> bool:
        """True from the plan's leaving time on, to the end of the session."""
        leave = self._leave_minute
        return leave is not None and self.signal.lines.minute[0] >= leave

    def _ruined(self) -> bool:
        return bool(getattr(self.broker, "ruined", False))

    def _decide_exit(self, side: Side) -> None:
        lines, plan = self.signal.lines, self.plan
        code = int(side.said(lines, "exit"))
        reason = self.reason_to_leave(code, self.datas[0].close[0], side.data.close[0], self.bars_held)
        if reason is None and self._too_late():
            reason = LEAVING_TIME
        if reason is None:
            return
        self._leave(reason, plan.fill)
        if plan.other is not None and plan.entry == "market" and not plan.cooldown and not self._too_late():
            self._decide_entry([other for other in self.sides if other is not side])

    def _leave(self, reason: str, fill: str) -> None:
        if fill != "open" and self._ruined():
            return  # the broker closes what is held at the next open
        side = self._side
        if fill != "close":  # until the next close what protects the position goes on protecting it
            for child in side.children:
                self.cancel(child)
        terms: dict[str, Any] = {"reason": reason}
        if fill != "open":
            terms |= {"exectype": bt.Order.Close, "closes": True}
        size = self.broker.getposition(side.data).size
        self._exit = self.sell(data=side.data, size=size, **terms)
        if fill == "same-close":  # a session's end is known beforehand
            self.traded_at_once = self.traded_at_once or self.plan.fill == "same-close"
            fill_at_this_close(self, [self._exit])

    def _decide_entry(self, sides: list[Side]) -> None:
        for side in sides:
            if side.said(self.signal.lines, "entry"):
                self._enter(side)
                return

    def _enter(self, side: Side) -> None:
        data, lines, plan = side.data, self.signal.lines, self.plan
        close, equity = data.close[0], self.broker.getvalue()
        if close <= 0:
            self._note_once(side, f"{data._name} is wiped out: no entry is possible any more")
            return
        if equity <= 0 or self._ruined():
            self._note_once(side, "no equity is left: no entry is possible any more")
            return
        asked = side.said(lines, "price") if plan.price is not None else math.nan
        price = close if plan.entry == "market" else asked
        stop, target = side.said(lines, "stop"), side.said(lines, "target")
        reach = side.said(lines, "atr") if side.terms.trailing_atr is not None else math.nan
        if not self._known(side, price, asked, stop, reach):
            return
        share = side.share(price, stop, equity, getattr(self.broker, "leverage", 1.0))
        at_fill = plan.fill != "open" or side.terms.amount is not None
        by_money = plan.entry == "market" and at_fill  # its price is known only then
        size = share * equity / price
        if getattr(self.broker.p, "whole_shares", False) and not by_money:
            size = whole(size)
        if size <= 0:
            self.notes.append(
                f"{data.datetime.date(0)}: {share:.0%} of {equity:.2f} buys no whole share of "
                f"{data._name} at {price:.2f}, so nothing was ordered"
            )
            return
        side.rebound = side.said(lines, "rebound")
        terms: dict[str, Any] = {"reason": "entry"}
        if plan.entry != "market":
            terms |= {"exectype": KINDS[plan.entry], "price": price}
        elif plan.fill != "open":
            terms |= {"exectype": bt.Order.Close}
            terms |= {} if plan.limit is None else {"plimit": asked}
        if by_money:
            terms["money"] = share * equity
        self._sent += not math.isnan(asked)
        self._send(side, size, side.protection(price, stop, target, reach), **terms)
        if plan.fill == "same-close" and plan.entry == "market":
            self.traded_at_once = True
            fill_at_this_close(self, [self._entry])

    def _known(self, side: Side, price: float, asked: float, stop: float, reach: float) -> bool:
        """False, with a note, if an entry lacks a price that it is placed, sized or protected by."""
        plan, day, name = self.plan, side.data.datetime.date(0), side.data._name
        unknown = "not known yet, or would be at 0 or below"
        if plan.price is not None and not asked > 0:
            self.notes.append(f"{day}: the price {plan.price} of an order for {name} is {unknown}: no entry")
            return False
        if side.terms.trailing_atr is not None and not reach > 0:
            self.notes.append(f"{day}: the average true range of {name} is not known yet, or 0: no entry")
            return False
        if not side.can_be_sized(price, stop):
            of = "close" if plan.entry == "market" else "entry"
            what = unknown if math.isnan(stop) else f"at {stop:g}, not below the {of} of {price:g}"
            self.notes.append(f"{day}: the stop level {side.terms.stop} of {name} is {what}: no entry")
            return False
        return True

    # -- orders ------------------------------------------------------------------------------------

    def _send(self, side: Side, size: float, children: list[dict[str, Any]], **terms: Any) -> None:
        """Order an entry and what protects it."""
        leaving = self._held()
        if leaving is None:
            self._side = side
        self._entry = self.buy(data=side.data, size=size, transmit=not children, **terms)
        side.children = [
            self.sell(
                data=side.data,
                size=size,
                parent=self._entry,
                transmit=child is children[-1],
                **child,
            )
            for child in children
        ]

    def _drop_unmet(self) -> None:
        """An entry at a price lives for one bar, and is then decided anew."""
        entry = self._entry
        if entry is not None and entry.exectype in KINDS.values() and entry.alive():
            self.cancel(entry)
            entry.info["why"] = "the bar did not reach its price"
            self._entry = None
            self._unmet += 1

    def _note_once(self, side: Side, sentence: str) -> None:
        if not any(note.endswith(sentence) for note in self.notes):
            self.notes.append(f"{side.data.datetime.date(0)}: {sentence}")

    def notify_order(self, order: Any) -> None:
        if order.status in (order.Submitted, order.Accepted, order.Partial):
            return
        filled = order.status == order.Completed
        if self._entry is not None and order.ref == self._entry.ref:
            priced = self._entry.info.get("limit_on_close") is not None
            self._entry = None
            if filled:
                self._side = next(side for side in self.sides if side.data is order.data)
                # Under quicknotify the strategy itself is a bar behind. What was bought on the close that
                # decided it is held from the bar after on.
                at_once = self.plan.fill == "same-close" and self.plan.entry == "market"
                self._entry_bar = len(order.data) + at_once
            elif priced:
                self._unmet += 1
        elif filled and order.data is self._side.data and not self.broker.getposition(order.data).size:
            self._exit = None
            for child in self._side.children:
                self.cancel(child)
            self._side.children = []
            self._free_from = len(order.data) + self.plan.cooldown
