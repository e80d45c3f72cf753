"""The account at each bar's close: equity, cash and exposure."""

from __future__ import annotations

from array import array
from typing import Any

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import to_stamp


class EquityLog(bt.Analyzer):
    """Records the account at each close. Arrays of shape (n,): `stamps`, `days`, `equity`, `cash`, and
    `exposure`, the value of all positions over equity (a short counts as negative)."""

    def start(self) -> None:
        self._numbers, self._equity, self._cash = array("d"), array("d"), array("d")
        self._broker = self.strategy.broker

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
        self._numbers.append(self.strategy.lines.datetime[0])
        self._equity.append(self._broker.getvalue())
        self._cash.append(self._broker.getcash())

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
        held = equity - self.cash
        return np.divide(held, equity, out=np.zeros_like(held), where=equity != 0)

    def get_analysis(self) -> dict[str, np.ndarray]:
        return {
            "stamps": self.stamps,
            "equity": self.equity,
            "cash": self.cash,
            "exposure": self.exposure,
        }
