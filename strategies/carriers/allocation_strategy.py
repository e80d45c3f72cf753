"""Carries an `AllocationRule` and its `AllocationPlan` out in backtrader, with market orders.

    cerebro.addstrategy(AllocationStrategy, rule=Hold())

The first feed is the index that the rule reads; the others are instruments.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

import backtrader as bt

from feeds.events import NONE
from feeds.periods import is_last_of_period
from letf_instruments import SpecError
from letf_instruments.sizes import DUST, SMALLEST_TRADE, whole
from strategies.allocation_rule import AllocationRule
from strategies.carriers.at_this_close import fill_at_this_close
from strategies.carriers.signal_feed import target_feed
from strategies.carriers.trade_strategy import feed_named, multiple_of
from strategies.plans.allocation_plan import ON_LAST


class AllocationStrategy(bt.Strategy):
    """Executes one rule. `notes` holds what a person should know of the run; `rebalances` counts the
    bars on which it sent orders, by cause: "target" (something is newly wanted, no longer wanted, or wanted
    the other way round), "schedule", "band", "exposure band"."""

    params = (("rule", None), ("events", NONE))

    def __init__(self) -> None:
        rule = self.p.rule
        if not isinstance(rule, AllocationRule):
            raise SpecError(f"AllocationStrategy needs an AllocationRule, got {type(rule).__name__}")
        self.rule: AllocationRule = rule
        self.signal = target_feed(len(rule.instruments))(*self.datas, rule=rule, events=self.p.events)
        self.instruments = [feed_named(self.datas, name) for name in rule.instruments]
        self.multiples = [multiple_of(data) for data in self.instruments]
        for multiple in self.multiples:
            rule.check_instrument(multiple)
        self._weights = list(self.signal.lines)[1:]
        self.notes: list[str] = []
        self.rebalances: dict[str, int] = {}
        self.traded_at_once = False  # on closes that were decided on
        self._period: Any = None
        self._sessions = 0  # so far
        self._last_day: datetime.date | None = None
        self._waiting: set[int] = set()  # refs of orders that have yet to end
        self._dead: set[str] = set()
        self._too_dear: set[str] = set()

    def next(self) -> None:
        due = self._schedule_due()
        weights = [line[0] for line in self._weights]
        if any(math.isnan(w) for w in weights) or self._waiting:
            return
        equity = self.broker.getvalue()
        if equity <= 0 or getattr(self.broker, "ruined", False):
            if "" not in self._dead:
                self._dead.add("")
                day = self.datas[0].datetime.date(0)
                self.notes.append(f"{day}: no equity is left: no position is possible any more")
            return
        held = [self.broker.getposition(data).size for data in self.instruments]
        wanted = [self._wanted(*each, equity) for each in zip(self.instruments, weights, held, strict=True)]
        closes = [data.close[0] for data in self.instruments]
        cause = self.cause(due, weights, held, wanted, closes, equity)
        if cause is None:
            return
        changes = [
            (data, have, want)
            for data, have, want in zip(self.instruments, held, wanted, strict=True)
            if want != have
            # What is no longer wanted is sold, however little it is.
            and (want == 0 or abs(want - have) * data.close[0] >= SMALLEST_TRADE * equity)
        ]
        if not changes:
            return
        self.rebalances[cause] = self.rebalances.get(cause, 0) + 1
        code = int(self.signal.lines.state[0])
        state = self.signal.states[code - 1] if code else ""
        terms = {} if self.rule.plan.fill == "open" else {"exectype": bt.Order.Close}
        sent = []
        for data, have, want in changes:
            change = want - have
            send = self.buy if change > 0 else self.sell
            reason = self.reason(data, cause, state, have, want)
            order = send(data=data, size=abs(change), reason=reason, **terms)
            if order is not None:
                self._waiting.add(order.ref)
                sent.append(order)
        if self.rule.plan.fill == "same-close":
            self.traded_at_once = True
            fill_at_this_close(self, sent)

    def _wanted(self, data: Any, weight: float, held: float, equity: float) -> float:
        """The size that makes this weight at the close; 0 of what is worth nothing, or would be held for less
        than the smallest trade."""
        close = data.close[0]
        if not math.isfinite(close):
            return held
        if close <= 0:
            if data._name not in self._dead and (held or weight):
                self._dead.add(data._name)
                day = data.datetime.date(0)
                self.notes.append(f"{day}: {data._name} is wiped out: its weight of {weight:g} stays empty")
            return 0.0
        size = self.size(weight, close, equity)
        if not size and abs(weight) >= SMALLEST_TRADE and data._name not in self._too_dear:
            self._too_dear.add(data._name)
            self.notes.append(
                f"{data.datetime.date(0)}: {weight:.0%} of {equity:.2f} is not one whole share of "
                f"{data._name} at {close:.2f}: none is held while that is so"
            )
        return size

    def size(self, weight: float, close: float, equity: float) -> float:
        """The shares that make a weight, at a price above 0; 0 if that is less than the smallest trade."""
        size = weight * equity / close
        if abs(size) * close < SMALLEST_TRADE * equity:
            return 0.0
        return whole(size) if getattr(self.broker.p, "whole_shares", False) else size

    def cause(
        self,
        due: bool,
        weights: list[float],
        held: list[float],
        wanted: list[float],
        closes: list[float],
        equity: float,
    ) -> str | None:
        """Why to trade, None if there is no reason to.

        Parameters
        ----------
        due : by the schedule. weights : as wanted, of equity. held, wanted : shares.
        """
        if any(
            (want == 0) != (have == 0) or want * have < 0 for have, want in zip(held, wanted, strict=True)
        ):
            return "target"
        if due:
            return "schedule"
        plan = self.rule.plan
        if plan.band is None and plan.exposure_band is None:
            return None
        drift = [
            size * close / equity - weight if close > 0 else 0.0
            for size, close, weight in zip(held, closes, weights, strict=True)
        ]
        if plan.band is not None and max(abs(d) for d in drift) > plan.band + DUST:
            return "band"
        if plan.exposure_band is not None:
            net = sum(d * m for d, m in zip(drift, self.multiples, strict=True))
            if abs(net) > plan.exposure_band + DUST:
                return "exposure band"
        return None

    def reason(self, data: Any, cause: str, state: str, have: float, want: float) -> str:
        if data._name in self._dead:
            return "wiped out"
        if want * have < 0:
            return state or "reversed"
        if want == 0 or have == 0:
            return state or ("entry" if want else "no longer wanted")
        return cause if cause != "target" else state or "target"

    def _schedule_due(self) -> bool:
        """True on the first close of a new period; the very first close is one."""
        day = self.datas[0].datetime.date(0)
        due = self.is_due(day)
        self._period = period_of(self.rule.plan.schedule, day)
        self._sessions += day != self._last_day
        self._last_day = day
        return due

    def is_due(self, day: datetime.date, sessions_between: int = 0) -> bool:
        """True if the schedule has a new period begin with the close of this day, before which so many
        sessions are still to come."""
        schedule, every = self.rule.plan.schedule, self.rule.plan.every
        if every is not None:
            return day != self._last_day and (self._sessions + sessions_between) % every == 0
        if schedule in ON_LAST:
            return is_last_of_period(day, ON_LAST[schedule])
        return schedule != "never" and period_of(schedule, day) != self._period

    @property
    def waits(self) -> bool:
        """True while orders of its own have yet to end."""
        return bool(self._waiting)

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Submitted, order.Accepted, order.Partial):
            self._waiting.discard(order.ref)


def period_of(schedule: str, day: datetime.date) -> Any:
    """What is the same on all days of one period of a schedule; None for "never"."""
    return {
        "never": None,
        "daily": day,
        "weekly": day.isocalendar()[:2],
        "monthly": (day.year, day.month),
        "quarterly": (day.year, (day.month - 1) // 3),
        "yearly": day.year,
    }.get(schedule)
