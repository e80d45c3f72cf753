"""The aligned market that a rule sees: the index and the funds on the same bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.bars import PRICES, Bars, locked
from feeds.events import NONE, Events
from feeds.periods import last_of_period, period_numbers
from letf_instruments import DataError

if TYPE_CHECKING:
    from letf_instruments import FundLedger

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prices:
    """One instrument's arrays, float64 of shape (n,), which nobody can write to. `multiple` is 1 for the
    index itself."""

    name: str
    multiple: float
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __post_init__(self) -> None:
        for column in (*PRICES, "volume"):
            object.__setattr__(self, column, locked(getattr(self, column)))

    @classmethod
    def of_bars(cls, bars: Bars) -> Prices:
        """Prices of the index or of an asset."""
        return cls(bars.name, 1.0, bars.open, bars.high, bars.low, bars.close, bars.volume)

    @classmethod
    def of_ledger(cls, ledger: FundLedger) -> Prices:
        """A synthetic fund's prices; it has no volume of its own."""
        fund = ledger.fund
        none = np.zeros(len(ledger.close))
        return cls(fund.ticker, fund.multiple, ledger.open, ledger.high, ledger.low, ledger.close, none)


@dataclass(frozen=True, eq=False)
class Market:
    """Index, funds and other assets on the same bars: element t of every array is bar t.

    What a rule computes from it for bar t may use elements up to t only. That is checked by running
    the rule on all bars at once and on the bars as they arrive: both must give the same run. `events`
    are the exception: a calendar that is known beforehand. The first `lead` bars came before the run.
    """

    timestamps: npt.NDArray[np.datetime64]
    index: Prices
    funds: Mapping[str, Prices]
    assets: Mapping[str, Prices] = field(default_factory=dict)
    events: Events = NONE
    lead: int = 0

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def sessions(self) -> npt.NDArray[np.datetime64]:
        """The session of each bar, datetime64[D]."""
        return self.timestamps.astype("datetime64[D]")

    def __getitem__(self, name: str) -> Prices:
        """The instrument of that name: a fund, an asset, or the index under its own name or "index"."""
        for group in (self.funds, self.assets):
            if name in group:
                return group[name]
        if name in ("index", self.index.name):
            return self.index
        known = ", ".join([self.index.name, *self.funds, *self.assets])
        raise DataError(f"the market has no {name!r}; it has {known}")

    def weekly(self, name: str) -> Prices:
        """An instrument's finished weeks on the market's daily bars: on each bar the open, high, low, close
        and volume of the last week that is over, that bar's own if it is the last of its week by the
        exchange's calendar; NaN before the first. Arrays of shape (n,).

        Raises
        ------
        DataError
            If the bars are not daily, or there is no such instrument.
        """
        return self._finished(name, "week")

    def monthly(self, name: str) -> Prices:
        """The same of months."""
        return self._finished(name, "month")

    def _finished(self, name: str, every: str) -> Prices:
        own, days = self[name], self.sessions
        if (self.timestamps != days).any():
            raise DataError(f"{self.index.name}: finished {every}s need daily bars")
        starts = np.concatenate(([0], np.flatnonzero(np.diff(period_numbers(days, every))) + 1))
        ends = np.append(starts[1:], len(days)) - 1
        columns = {
            "open": own.open[starts],
            "high": np.maximum.reduceat(own.high, starts),
            "low": np.minimum.reduceat(own.low, starts),
            "close": own.close[ends],
            "volume": np.add.reduceat(own.volume, starts),
        }
        over = last_of_period(days, every)
        # The newest period that is over on each bar: one whose last bar is here, or was.
        of_bar = np.repeat(np.arange(len(starts)), ends - starts + 1)
        known = np.where(over, of_bar, of_bar - 1)
        values = {c: np.where(known >= 0, column[known], np.nan) for c, column in columns.items()}
        return replace(own, **values)

    def copied(self) -> Market:
        """The same on copies that share no memory with this one, and that nobody can make writable."""

        def copy(p: Prices) -> Prices:
            columns = (locked(values.copy()) for values in (p.open, p.high, p.low, p.close, p.volume))
            return Prices(p.name, p.multiple, *columns)

        return Market(
            locked(self.timestamps.copy()),
            copy(self.index),
            {name: copy(p) for name, p in self.funds.items()},
            {name: copy(p) for name, p in self.assets.items()},
            self.events,
            self.lead,
        )

    def upto(self, n: int) -> Market:
        """The first n bars, as they were known then."""

        def cut(p: Prices) -> Prices:
            return Prices(p.name, p.multiple, p.open[:n], p.high[:n], p.low[:n], p.close[:n], p.volume[:n])

        return Market(
            self.timestamps[:n],
            cut(self.index),
            {name: cut(p) for name, p in self.funds.items()},
            {name: cut(p) for name, p in self.assets.items()},
            self.events,
            self.lead,
        )
