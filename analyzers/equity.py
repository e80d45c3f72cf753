"""The account at each bar's close: equity, cash, exposure, and its worst moment within the bar."""

from __future__ import annotations

import math
from array import array
from typing import Any, NamedTuple

import backtrader as bt
import numpy as np

from analyzers.within import entered_at_close, met_before
from feeds.backtrader_feeds import to_stamp
from letf_instruments.payments import Payment, worth_of
from letf_instruments.sessions import last_of_each
from letf_instruments.sizes import NOTHING


class Curve(NamedTuple):
    """The account by session: money at the start, then arrays of shape (n,). What the exposures and `worst`
    are, `EquityLog` says. `worth` is what the money at the start became by time-weighted returns
    (`letf_instruments.payments`), `worst` the same at the account's worst moment within a bar; of a session
    of several bars the lowest. `paid` is the money paid in so far, less what was paid out; `payments` what it
    consists of."""

    start: float
    days: np.ndarray
    equity: np.ndarray
    cash: np.ndarray
    exposure_gross: np.ndarray
    exposure_net: np.ndarray
    exposure_index: np.ndarray
    worst: np.ndarray
    worth: np.ndarray
    paid: np.ndarray
    payments: tuple[Payment, ...] = ()

    def from_start(self) -> tuple[np.ndarray, np.ndarray]:
        """Days and worth with the money at the start before them, where the first session changed it."""
        if len(self.worth) and self.worth[0] == self.start:
            return self.days, self.worth
        return np.concatenate((self.days[:1], self.days)), np.concatenate(([self.start], self.worth))


# What is held at a bar's close, in money: sizes of the positions, their values, values × multiples; and what
# all were worth more than at the bar's worst prices.
HELD = ("gross", "net", "times", "behind")


class EquityLog(bt.Analyzer):
    """Records the account at each close. Arrays of shape (n,): `stamps`, `days`, `equity`, `cash`, and, over
    the size of equity, the exposures:

    - `exposure_gross`: the sizes of all positions, Σ |value|;
    - `exposure_net`: their values, Σ value; a short's is negative;
    - `exposure_index`: Σ value × multiple, each fund times its multiple and anything else once: so many times
      equity in the index would move alike for a day.

    An option counts as the shares of its underlying that it stands for, delta × price × units, not as its
    premium; a CFD with its whole notional.

    `worst`, in money, is the account if within the bar every long had been at its low and every short at its
    high, all at once: it has never been lower. What was left inside the bar counts as far as that may have
    come before (`within.met_before`); contracts, which are priced at closes, as at the close.
    """

    def start(self) -> None:
        self._numbers, self._equity, self._cash = array("d"), array("d"), array("d")
        self._paid = {0: 0.0}  # what was paid in so far, from each bar on at which it changed
        self._added = 0.0
        self._bars = array("q")  # on which something was held
        self._held = {name: array("d") for name in HELD}  # by the same
        self._left = 0.0  # what positions left within this bar were worth more than at their worst
        self._broker = self.strategy.broker
        self._contracts = getattr(self._broker, "contracts", None)
        self._first = 0  # the bar from which on the log is kept
        self._accounts = getattr(self._broker, "accounts", {"added": 0.0})
        self._multiples: dict[Any, float] = {}
        self._last: dict[Any, float] = {}  # the last close that was a number, of what is held
        self._dates = self.strategy.lines.datetime
        self._value, self._money = self._broker.getvalue, self._broker.getcash

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

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Partial, order.Completed):
            return
        data = order.data
        for fill in order.executed.iterpending():  # those since the last notification
            if fill.closed and met_before(order, fill.price).adverse:
                self._left -= fill.closed * (fill.price - self._worst_price(data, -fill.closed))
            if fill.opened and entered_at_close(order):
                self._left -= fill.opened * (fill.price - self._worst_price(data, fill.opened))

    @staticmethod
    def _worst_price(data: Any, size: float) -> float:
        """A bar's worst price for a position of this sign."""
        return float(data.low[0] if size > 0 else data.high[0])

    def next(self) -> None:
        bar = len(self._numbers)
        if not bar:
            self._first = len(self.strategy.data) - 1
        self._numbers.append(self._dates[0])
        self._equity.append(self._value())
        self._cash.append(self._money())
        added = self._accounts["added"]
        if added != self._added:
            self._paid[bar] = self._added = added
        gross = net = times = 0.0
        behind, self._left = self._left, 0.0
        for data, position in self._broker.positions.items():
            size = position.size
            if size:
                close = data.close[0]
                if math.isfinite(close):
                    self._last[data] = close
                    behind += size * (close - (data.low[0] if size > 0 else data.high[0]))
                else:
                    close = self._last[data]
                value = size * close
                gross += abs(value)
                net += value
                times += value * self._multiple(data)
        if self._contracts is not None and self._contracts.used and self._contracts.active:
            for data, value in self._contracts.exposures():
                gross += abs(value)
                net += value
                times += value * self._multiple(data)
        if gross or behind:
            self._bars.append(bar)
            held = self._held
            held["gross"].append(gross)
            held["net"].append(net)
            held["times"].append(times)
            held["behind"].append(behind)

    def _multiple(self, data: Any) -> float:
        multiple = self._multiples.get(data)
        if multiple is None:
            fund = getattr(data, "fund", None)
            multiple = self._multiples[data] = 1.0 if fund is None else float(fund.multiple)
        return multiple

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
        since, sums = list(self._paid), list(self._paid.values())
        lasting = np.diff([*since, max(len(self._numbers), since[-1])])
        return np.repeat(sums, lasting)

    @property
    def payments(self) -> tuple[Payment, ...]:
        """What was paid in and out, in order; a bar is counted from the first of the log."""
        made = getattr(self._broker, "payments", ())
        return tuple(payment._replace(bar=payment.bar - self._first) for payment in made)

    @property
    def exposure_gross(self) -> np.ndarray:
        return self._over_equity("gross")

    @property
    def exposure_net(self) -> np.ndarray:
        return self._over_equity("net")

    @property
    def exposure_index(self) -> np.ndarray:
        return self._over_equity("times")

    @property
    def worst(self) -> np.ndarray:
        return self.equity - self._column("behind")

    def _column(self, name: str) -> np.ndarray:
        values = np.zeros(len(self._numbers))
        values[np.array(self._bars, dtype=np.int64)] = self._held[name]
        return values

    def _over_equity(self, name: str) -> np.ndarray:
        held, size = self._column(name), np.abs(self.equity)
        something = size > NOTHING * self._broker.startingcash
        return np.divide(held, size, out=np.zeros_like(held), where=something)

    def by_session(self) -> Curve:
        """The account at the close of each session, from the money at the start on."""
        days = self.days
        last = last_of_each(days)
        equity, payments = self.equity, self.payments
        exposures = (self.exposure_gross, self.exposure_net, self.exposure_index)
        first = np.concatenate(([0], np.flatnonzero(last)[:-1] + 1)) if len(days) else np.zeros(0, np.int64)
        worst = worth_of(self.worst, payments)
        worst = np.minimum.reduceat(worst, first) if len(days) else worst
        at_close = [values[last] for values in (days, equity, self.cash, *exposures)]
        return Curve(
            float(self._broker.startingcash),
            *at_close,
            worst,
            worth_of(equity, payments)[last],
            self.paid[last],
            payments,
        )

    def get_analysis(self) -> dict[str, np.ndarray]:
        names = ("stamps", "equity", "cash", "exposure_gross", "exposure_net", "exposure_index", "worst")
        return {name: getattr(self, name) for name in names}
