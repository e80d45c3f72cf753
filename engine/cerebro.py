"""A Cerebro for aligned feeds: every feed has a bar on every step, and that is checked.

backtrader calls `next()` when any feed moves, with the other feeds' bars of before; a rule that compares
two feeds then compares different days. Here that is an error which names the feed and the date. Because
the feeds are known to be aligned, the loop need not look for the next date on each step.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any
from zlib import crc32

import backtrader as bt
import numpy as np
from backtrader.linebuffer import LineBuffer

from engine.broker import LabBroker
from feeds.bars import PRICES
from letf_instruments import DataError, SpecError


def _listens(strategy: Any) -> bool:
    """True if anybody wants to hear of cash and value on bars without an order."""
    analyzers = [*strategy.analyzers, *strategy._slave_analyzers]
    for analyzer in analyzers:
        analyzers.extend(analyzer._children)
    return any(
        getattr(type(listener), name) is not getattr(base, name)
        for base, listeners in ((bt.Strategy, [strategy]), (bt.Analyzer, analyzers))
        for listener in listeners
        for name in ("notify_cashvalue", "notify_fund")
    )


def _move_of(strategy: Any) -> Callable[[float], None]:
    """What moves a strategy's own lines on by a bar of this date."""
    dates = strategy.lines.datetime
    alone = len(strategy.lines.lines) == 1 and type(strategy).forward is bt.LineSeries.forward
    if not alone or type(dates) is not LineBuffer or dates.mode != dates.UnBounded or dates.bindings:

        def move(number: float) -> None:
            strategy.forward()
            dates[0] = number

        return move
    append = dates.array.append

    def move_alone(number: float) -> None:
        dates._idx += 1
        dates.lencount += 1
        append(number)

    return move_alone


def _next_of(analyzer: Any) -> Callable[[], None] | None:
    """What an analyzer does on a bar; None if nothing."""
    kind = type(analyzer)
    if kind._next is not bt.Analyzer._next or analyzer._children:
        return analyzer._next  # type: ignore[no-any-return]
    return None if kind.next is bt.Analyzer.next else analyzer.next


def _step_of(strategy: Any) -> Callable[[float], None]:
    """`strategy._oncepost`, less what does nothing on most bars of aligned feeds.

    It is backtrader's own where a class brings another one, keeps observers, or listens on every bar.
    """
    kind = type(strategy)
    plain = kind._oncepost is bt.Strategy._oncepost and kind._notify is bt.Strategy._notify
    if not plain or strategy._oldsync or len(strategy.observers) or _listens(strategy):
        return strategy._oncepost  # type: ignore[no-any-return]
    indicators = [(i._clock.__len__, i.__len__, i.advance) for i in strategy.getindicators()]
    move = _move_of(strategy)
    logs = [log for log in map(_next_of, strategy.analyzers) if log is not None]
    ready = False

    def step(number: float) -> None:
        nonlocal ready
        for clock_length, length, advance in indicators:
            if clock_length() > length():
                advance()
        move(number)
        if strategy._orderspending or strategy._tradespending:
            strategy._notify()
        # Feeds move together, so once there are bars enough there always are.
        status = -1 if ready else strategy._getminperstatus()
        if status < 0:
            ready = True
            strategy.next()
            for log in logs:
                log()
        else:
            strategy.nextstart() if status == 0 else strategy.prenext()
            strategy._next_analyzers(status, once=True)
        if strategy._orderspending or strategy._tradespending:
            strategy.clear()

    return step


class Lab(bt.Cerebro):
    """Cerebro with this project's broker, no default observers, and feeds that must be aligned."""

    params = (("stdstats", False),)

    def __init__(self, broker: LabBroker | None = None) -> None:
        super().__init__()
        self.setbroker(broker if broker is not None else LabBroker())

    def _runonce(self, runstrats: list[Any]) -> None:
        self._check_aligned()
        other = not isinstance(self._broker, bt.brokers.BackBroker)
        if other or self._timers or self._timerscheat or self.p.cheat_on_open or self.runwriters:
            super()._runonce(runstrats)
            return
        for strategy in runstrats:
            strategy._once()
            strategy.reset()
        before = self._sums()
        self._steps(runstrats)
        for data, was, now in zip(self.datas, before, self._sums(), strict=True):
            if was != now:
                name = data._name or "a feed"
                raise SpecError(
                    f"the prices of {name} were changed while the run was on; what a strategy trades on it "
                    "cannot set"
                )

    def _sums(self) -> list[list[int]]:
        """A checksum of each price line of each feed."""
        return [[crc32(getattr(data.lines, name).array) for name in PRICES] for data in self.datas]

    def _steps(self, runstrats: list[Any]) -> None:
        datas = self.datas
        steps = [_step_of(strategy) for strategy in runstrats]
        advances = [data.advance for data in datas]
        broker_next, notifications = self._broker.next, self._broker.notifs
        for number in islice(datas[0].lines.datetime.array, datas[0].buflen()):
            for advance in advances:
                advance()
            broker_next()
            if notifications:
                self._deliver()
            if self._event_stop:
                return
            for step in steps:
                step(number)
                if self._event_stop:
                    return

    def _check_aligned(self) -> None:
        first = self.datas[0]
        wanted = np.array(first.lines.datetime.array[: first.buflen()])
        for data in self.datas[1:]:
            have = np.array(data.lines.datetime.array[: data.buflen()])
            if len(have) == len(wanted) and (have == wanted).all():
                continue
            odd = np.setxor1d(wanted, have)
            number = odd[0] if len(odd) else wanted[0]
            self._say_missing(*((data, first) if number in wanted else (first, data)), float(number))

    def _brokernotify(self) -> None:
        if not self._dorunonce:
            numbers = [data.datetime[0] if len(data) else -1.0 for data in self.datas]
            latest = max(numbers)
            if min(numbers) != latest:
                self._say_missing(
                    self.datas[numbers.index(min(numbers))], self.datas[numbers.index(latest)], latest
                )
        super()._brokernotify()

    def _deliver(self) -> None:
        """Hand what the broker has to say of orders to their owners."""
        broker = self._broker
        while (order := broker.get_notification()) is not None:
            owner = self.runningstrats[0] if order.owner is None else order.owner
            owner._addnotification(order, quicknotify=self.p.quicknotify)

    def _say_missing(self, lacking: Any, having: Any, number: float) -> None:
        raise DataError(
            f"{lacking._name or 'a feed'} has no bar on {bt.num2date(number).date()} where "
            f"{having._name or 'another'} has one; feeds of one run must have the same bars"
        )
