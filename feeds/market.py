"""The aligned market that a rule sees: the index and the funds on the same bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars
from letf_instruments import DataError, FundLedger

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prices:
    """One instrument's arrays, float64 of shape (n,). `multiple` is 1 for the index itself."""

    name: str
    multiple: float
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @classmethod
    def of_bars(cls, bars: Bars) -> Prices:
        """The index's prices."""
        return cls(bars.name, 1.0, bars.open, bars.high, bars.low, bars.close, bars.volume)

    @classmethod
    def of_ledger(cls, ledger: FundLedger) -> Prices:
        """A synthetic fund's prices; it has no volume of its own."""
        fund = ledger.fund
        none = np.zeros(len(ledger.close))
        return cls(fund.ticker, fund.multiple, ledger.open, ledger.high, ledger.low, ledger.close, none)


@dataclass(frozen=True, eq=False)
class Market:
    """Index and funds on the same bars: element t of every array is bar t.

    What a rule computes from it for bar t may use elements up to t only. That is checked by running
    the rule on all bars at once and on the bars as they arrive: both must give the same run.
    """

    timestamps: npt.NDArray[np.datetime64]
    index: Prices
    funds: Mapping[str, Prices]

    def __len__(self) -> int:
        return len(self.timestamps)

    def __getitem__(self, name: str) -> Prices:
        """The instrument of that name: a fund, or the index under its own name or as "index"."""
        if name in self.funds:
            return self.funds[name]
        if name in ("index", self.index.name):
            return self.index
        raise DataError(f"the market has no {name!r}; it has {', '.join([self.index.name, *self.funds])}")

    def upto(self, n: int) -> Market:
        """The first n bars, as they were known then."""

        def cut(p: Prices) -> Prices:
            return Prices(p.name, p.multiple, p.open[:n], p.high[:n], p.low[:n], p.close[:n], p.volume[:n])

        return Market(self.timestamps[:n], cut(self.index), {name: cut(p) for name, p in self.funds.items()})
