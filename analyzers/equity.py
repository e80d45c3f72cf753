"""The account at each bar's close: equity, cash and exposure; and what its money became, payments aside.

Money that is paid in while a run goes on is no return, and money paid out no loss. So returns are
time-weighted: between two payments they are those of the equity, and a payment counts for nothing. Payments
are made at a bar's close, after its trades, so the bar's return is (equity − paid in) over the equity before.
The growth of the money at the start by these returns is its `worth`; without payments it is the equity.
Source: CFA Institute, Global Investment Performance Standards 2020, on external cash flows.
"""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import to_stamp
from letf_instruments.sessions import last_of_each


class Curve(NamedTuple):
    """The account by session: money at the start, then arrays of shape (n,). `worth` is what that money
    became by time-weighted returns, `paid` the money paid in so far (less what was paid out)."""

    start: float
    days: np.ndarray
    equity: np.ndarray
    cash: np.ndarray
    exposure: np.ndarray
    worth: np.ndarray
    paid: np.ndarray

    def from_start(self) -> tuple[np.ndarray, np.ndarray]:
        """Days and worth with the money at the start before them, where the first session changed it."""
        if len(self.worth) and self.worth[0] == self.start:
            return self.days, self.worth
        return np.concatenate((self.days[:1], self.days)), np.concatenate(([self.start], self.worth))


def worth_of(equity: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """What the money at the start became by time-weighted returns, shape (n,).

    Parameters
    ----------
    equity : at each bar's close, shape (n,). paid : money paid in so far, less what was paid out, shape (n,);
        what was paid in on the first bar stands in its first value.
    """
    steps = np.diff(paid, prepend=0.0)
    at = np.flatnonzero(steps)
    if not len(at):
        return equity
    worth, scale = equity.copy(), 1.0
    for bar, until in zip(at.tolist(), [*at[1:].tolist(), len(equity)], strict=True):
        now = scale * (equity[bar] - steps[bar])
        if bar and equity[bar - 1] <= 0:  # nothing was at work, so nothing was earned
            now = worth[bar - 1]
        # What is lost or paid out whole stays where it is until there is money again.
        scale = now / equity[bar] if now > 0 and equity[bar] > 0 else 0.0
        worth[bar:until] = scale * equity[bar:until] if scale else now
        worth[bar] = now
    return worth


class EquityLog(bt.Analyzer):
    """Records the account at each close. Arrays of shape (n,): `stamps`, `days`, `equity`, `cash`, and
    `exposure`, the value of all positions over equity (a short counts as negative; an option as the shares
    of its underlying that it stands for, delta × price × units, not as its premium)."""

    def start(self) -> None:
        self._numbers, self._equity = array("d"), array("d")
        self._cash, self._held, self._paid = array("d"), array("d"), array("d")
        self._broker = self.strategy.broker
        self._contracts = getattr(self._broker, "contracts", None)
        self._accounts = getattr(self._broker, "accounts", {"added": 0.0})
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
        self._paid.append(self._accounts["added"])

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
    def paid(self) -> np.ndarray:
        """Money paid in so far, less what was paid out."""
        return np.array(self._paid)

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
        equity, paid = self.equity, self.paid
        every = (days, equity, self.cash, self.exposure, worth_of(equity, paid), paid)
        return Curve(float(self._broker.startingcash), *(values[last] for values in every))

    def get_analysis(self) -> dict[str, np.ndarray]:
        return {
            "stamps": self.stamps,
            "equity": self.equity,
            "cash": self.cash,
            "exposure": self.exposure,
        }
