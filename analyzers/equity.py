"""The account at each bar's close: equity, cash and exposure."""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import to_stamp
from letf_instruments.sessions import last_of_each


class Curve(NamedTuple):
    """The account by session: money at the start, then arrays of shape (n,)."""

    start: float
    days: np.ndarray
    equity: np.ndarray
    cash: np.ndarray
    exposure: np.ndarray

    def from_start(self) -> tuple[np.ndarray, np.ndarray]:
        """Days and equity with the money at the start before them, where the first session changed it."""
        if len(self.equity) and self.equity[0] == self.start:
            return self.days, self.equity
        return np.concatenate((self.days[:1], self.days)), np.concatenate(([self.start], self.equity))


class EquityLog(bt.Analyzer):
    """Records the account at each close. Arrays of shape (n,): `stamps`, `days`, `equity`, `cash`, and
    `exposure`, the value of all positions over equity (a short counts as negative; an option as the shares
    of its underlying that it stands for, delta × price × units, not as its premium)."""

    def start(self) -> None:
        self._numbers, self._equity = array("d"), array("d")
        self._cash, self._held = array("d"), array("d")
        self._broker = self.strategy.broker
        self._contracts = getattr(self._broker, "contracts", None)
        self._beyond: dict[int, float] = {}  # by bar: what options stand for beyond their premium

    @classmethod
    def of(cls, strategy: Any) -> EquityLog:
        """The log that the strategy already keeps.

        Raises
        ------
        LookupError
            If there is none: add it to cerebro before the analyzers that read it.
        """
        for analyzer in strategy.analyzers:
            if isinstance(analyzer, EquityLog):
                return analyzer
        raise LookupError("cerebro.addanalyzer(EquityLog) must come before the analyzers that read it")

    def next(self) -> None:
        if self._contracts is not None and self._contracts.active:
            self._beyond[len(self._numbers)] = self._contracts.exposure - self._contracts.value
        self._numbers.append(self.strategy.lines.datetime[0])
        self._equity.append(self._broker.getvalue())
        self._cash.append(self._broker.getcash())
        self._held.append(self._broker._valuemkt)  # not equity less cash: a CFD is not paid for

    @property
    def stamps(self) -> np.ndarray:
        return to_stamp(np.array(self._numbers))

    @property
    def days(self) -> np.ndarray:
        return self.stamps.astype("datetime64[D]")

    @property
    def equity(self) -> np.ndarray:
        return np.array(self._equity)

    @property
    def cash(self) -> np.ndarray:
        return np.array(self._cash)

    @property
    def exposure(self) -> np.ndarray:
        equity = self.equity
        held = np.array(self._held)
        for bar, beyond in self._beyond.items():
            held[bar] += beyond
        return np.divide(held, equity, out=np.zeros_like(held), where=equity != 0)

    def by_session(self) -> Curve:
        """The account at the close of each session, from the money at the start on."""
        days = self.days
        last = last_of_each(days)
        columns = (values[last] for values in (days, self.equity, self.cash, self.exposure))
        return Curve(float(self._broker.startingcash), *columns)

    def get_analysis(self) -> dict[str, np.ndarray]:
        return {
            "stamps": self.stamps,
            "equity": self.equity,
            "cash": self.cash,
            "exposure": self.exposure,
        }
