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
from strategies.carriers.signal_feed import SignalFeed
from strategies.trade_rule import TradeRule


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
    """Executes one rule on one instrument. `notes` holds what a person should know of the run."""

    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        rule = self.p.rule
        if not isinstance(rule, TradeRule):
            raise SpecError(f"TradeStrategy needs a TradeRule, got {type(rule).__name__}")
        self.rule: TradeRule = rule
        self.signal = SignalFeed(*self.datas, rule=rule, events=self.p.events)
        self.instrument = feed_named(self.datas, rule.instrument)
        self.multiple = multiple_of(self.instrument)
        rule.check_instrument(self.multiple)
        self.notes: list[str] = []
        self._entry: Any = None  # the entry order while it waits
        self._exit: Any = None  # the exit order while it waits
        self._children: list[Any] = []
        self._entry_bar = 0
        self._free_from = 0  # the first bar on which an entry may be decided
        self._rebound = math.nan  # the index level beyond which the idea has failed

    def next(self) -> None:
        lines = self.signal.lines
        if self.broker.getposition(self.instrument).size:
            if self._exit is None:
                closes = self.datas[0].close[0], self.instrument.close[0]
                reason = self.reason_to_leave(int(lines.exit[0]), *closes, self.bars_held)
                if reason:
                    self._leave(reason)
        elif lines.entry[0] and self._entry is None and len(self) >= self._free_from:
            self._enter(lines.stop[0], lines.target[0], lines.rebound[0])

    @property
    def bars_held(self) -> int:
        """Bars of the position, that of its entry and this one included."""
        return len(self) - self._entry_bar + 1

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
        return self._rebound

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
            return self.signal.exit_reasons[code - 1]
        if index > self._rebound if self.multiple < 0 else index < self._rebound:
            return "rebound"
        longest = self.rule.plan.max_bars
        if longest is not None and bars >= longest:
            return "longest holding"
        return None

    def _enter(self, stop_level: float, target_level: float, rebound: float) -> None:
        data = self.instrument
        close = data.close[0]
        day = data.datetime.date(0)
        if close <= 0:
            self._note_once(f"{data._name} is wiped out: no entry is possible any more")
            return
        if self.broker.getvalue() <= 0 or getattr(self.broker, "ruined", False):
            self._note_once("no equity is left: no entry is possible any more")
            return
        share = self._share(close, stop_level)
        if share is None:
            return
        size = share * self.broker.getvalue() / close
        if getattr(self.broker.p, "whole_shares", False):
            size = whole(size)
        if size <= 0:
            self.notes.append(
                f"{day}: {share:.0%} of {self.broker.getvalue():.2f} buys no whole share of "
                f"{data._name} at {close:.2f}, so nothing was ordered"
            )
            return
        self._rebound = rebound
        self._send(size, self._protection(close, stop_level, target_level), reason="entry")

    def _send(self, size: float, children: list[dict[str, Any]], **terms: Any) -> None:
        """Order an entry and what protects it."""
        data = self.instrument
        self._entry = self.buy(data=data, size=size, transmit=not children, **terms)
        self._children = [
            self.sell(
                data=data,
                size=size,
                parent=self._entry,
                transmit=child is children[-1],
                **child,
            )
            for child in children
        ]

    def _note_once(self, sentence: str) -> None:
        if not any(note.endswith(sentence) for note in self.notes):
            self.notes.append(f"{self.instrument.datetime.date(0)}: {sentence}")

    def _share(self, close: float, stop_level: float) -> float | None:
        """Share of equity to trade for, at the deciding close; None if the trade cannot be sized."""
        plan, data = self.rule.plan, self.instrument
        named = isinstance(plan.stop, str)
        distance = 1.0 - stop_level / close if named else plan.stop
        if not self.can_be_sized(close, stop_level):
            where = f"at {stop_level:g}, not below the close of {close:g}"
            what = "not known yet, or would be at 0 or below" if math.isnan(stop_level) else where
            self.notes.append(
                f"{data.datetime.date(0)}: the stop level {plan.stop} of {data._name} is {what}: no entry"
            )
            return None
        most = plan.fraction * getattr(self.broker, "leverage", 1.0)  # put in as margin, on a CFD account
        return most if plan.risk is None else min(most, plan.risk / distance)

    def can_be_sized(self, close: float, stop_level: float) -> bool:
        """False if the plan's stop is a level that is not below the close."""
        return not isinstance(self.rule.plan.stop, str) or stop_level < close

    def _protection(self, close: float, stop_level: float, target_level: float) -> list[dict[str, Any]]:
        plan = self.rule.plan
        children: list[dict[str, Any]] = []
        if isinstance(plan.stop, float):
            children.append(
                {
                    "exectype": bt.Order.Stop,
                    "price": close * (1.0 - plan.stop),
                    "from_fill": -plan.stop,
                    "reason": "stop",
                }
            )
        elif not math.isnan(stop_level):
            children.append({"exectype": bt.Order.Stop, "price": stop_level, "reason": "stop"})
        if plan.trailing_stop is not None:
            children.append(
                {
                    "exectype": bt.Order.StopTrail,
                    "trailpercent": plan.trailing_stop,
                    "from_fill": -plan.trailing_stop,
                    "reason": "trailing stop",
                }
            )
        if isinstance(plan.target, float):
            children.append(
                {
                    "exectype": bt.Order.Limit,
                    "price": close * (1.0 + plan.target),
                    "from_fill": plan.target,
                    "reason": "target",
                }
            )
        elif not math.isnan(target_level):
            children.append({"exectype": bt.Order.Limit, "price": target_level, "reason": "target"})
        return children

    def _leave(self, reason: str) -> None:
        for child in self._children:
            self.cancel(child)
        size = self.broker.getposition(self.instrument).size
        self._exit = self.sell(data=self.instrument, size=size, reason=reason)

    def notify_order(self, order: Any) -> None:
        if order.status in (order.Submitted, order.Accepted, order.Partial):
            return
        filled = order.status == order.Completed
        if self._entry is not None and order.ref == self._entry.ref:
            self._entry = None
            if filled:
                self._entry_bar = len(order.data)  # under quicknotify the strategy itself is a bar behind
        elif filled and order.data is self.instrument and not self.broker.getposition(order.data).size:
            self._exit = None
            self._children = []
            self._free_from = len(order.data) + self.rule.plan.cooldown
