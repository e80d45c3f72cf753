"""backtrader data feeds: an index from `Bars`, and a fund synthesised from any index feed as bars arrive.

    index = bt.feeds.PandasData(dataname=frame)             # or BarsFeed, or any other daily feed
    cerebro.adddata(index, name="SOX")
    cerebro.adddata(FundFeed(dataname=index, fund="SOXS"))  # after the index it follows

Both work preloaded (with or without runonce) and streaming. They need nothing else of this project.
"""

from __future__ import annotations

import backtrader as bt
import numpy as np

from feeds.array_feed import ArrayFeed, to_number, to_stamp
from feeds.bars import Bars
from feeds.fund_feed import FundFeed, as_fund, swapped_prices
from letf_instruments import DataError

__all__ = ["ArrayFeed", "BarsFeed", "FundFeed", "as_fund", "swapped_prices", "to_number", "to_stamp"]


class BarsFeed(ArrayFeed):
    """A backtrader feed from `Bars` (`dataname`). Lines beside backtrader's own:

    - `dividend`: what a share is paid before the bar's open, because it was held at the close before.
    - `swapped`: what makes of a price the index as a fund's swap sees it; `FundFeed` follows that.

    `may_pay` tells a broker whether to look for dividends; any feed that sets it and has the line `dividend`
    is paid the same way.
    """

    lines = ("dividend", "swapped")

    def __init__(self) -> None:
        super().__init__()
        bars = self.p.dataname
        if not isinstance(bars, Bars):
            raise DataError(f"BarsFeed needs Bars as its dataname, got {type(bars).__name__}")
        self._name = self.p.name or bars.name
        if not bars.daily:
            self.p.timeframe = bt.TimeFrame.Minutes
        self.may_pay = bars.dividends is not None and bool(bars.dividends.any())
        self._next_bar = 0

    def start(self) -> None:
        super().start()
        self._next_bar = 0

    def _columns(self) -> list[np.ndarray]:
        bars = self.p.dataname
        by_name = {
            "datetime": to_number(bars.timestamps),
            "open": bars.open,
            "high": bars.high,
            "low": bars.low,
            "close": bars.close,
            "volume": bars.volume,
            "openinterest": np.zeros(len(bars)),
            "dividend": np.zeros(len(bars)) if bars.dividends is None else bars.dividends,
            "swapped": np.ones(len(bars)) if bars.swapped is None else bars.swapped,
        }
        return [by_name[alias] for alias in self.getlinealiases()]

    def _load(self) -> bool:
        if self._filled:
            return False
        if self._next_bar == 0:
            self._rows = np.column_stack(self._columns()).tolist()
        if self._next_bar >= len(self._rows):
            return False
        for line, value in zip(self.lines, self._rows[self._next_bar], strict=True):
            line[0] = value
        self._next_bar += 1
        return True
