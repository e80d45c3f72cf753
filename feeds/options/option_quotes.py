"""Model prices of options on backtrader feeds, bar by bar: the one place where an option's price is made."""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt
import numpy as np

from feeds.options.volatility import Volatility
from feeds.periods import EPOCH
from feeds.rates import ShortRate
from letf_instruments import SpecError
from letf_instruments.options import Contract, Quote, quote

SESSIONS_A_YEAR = 252
OPEN_TO_CLOSE = 6.5 / 24.0  # of a calendar day: New York trades from 9:30 to 16:00


class OptionQuotes:
    """Quotes of options on the index, or on a fund that follows it.

    An option on a fund is priced with |b| times the index's volatility and the fund's fee as its dividend
    yield; one on the index with what it paid over the last 252 bars, or as many as there are, over its price.
    At an open, volatility, rate and yield are those of the close before; days to expiry then count the
    session that begins.

    Parameters
    ----------
    index : the index's feed, daily.
    volatility : model of the index's volatility.
    short_rate : fraction a year or a `ShortRate`.

    Raises
    ------
    SpecError
        If the feed is intraday.
    """

    def __init__(self, index: Any, volatility: Volatility, short_rate: ShortRate | float = 0.0) -> None:
        if index.p.timeframe < bt.TimeFrame.Days:
            raise SpecError("options are priced on daily bars; this index is intraday")
        self.index = index
        self.volatility = volatility
        self.short_rate = (
            short_rate if isinstance(short_rate, ShortRate) else ShortRate.constant(float(short_rate))
        )
        self._known = (-1, math.nan)  # number of a bar, and the index's volatility at its close

    def check(self, data: Any) -> None:
        """Raise SpecError if there is no model for options on this feed."""
        if data is not self.index and getattr(data, "index", None) is not self.index:
            raise SpecError(
                f"options are priced on the index and on funds that follow it; {data._name} is neither"
            )

    def at_close(self, contract: Contract, data: Any) -> Quote | None:
        """The contract at this bar's close; None if its price or volatility is not known."""
        return self._quote(contract, data, data.close[0], 0)

    def at_open(self, contract: Contract, data: Any) -> Quote | None:
        """The contract at this bar's open, with what was known at the close before."""
        return self._quote(contract, data, data.open[0], -1)

    def settlement(self, contract: Contract, spot: float) -> Quote:
        """The contract at its end."""
        return quote(contract.kind, spot, contract.strike, 0.0, 0.0, 0.0)

    def index_volatility(self, ago: int = 0) -> float:
        """The index's volatility as known at the close of the bar `ago` (0, −1); NaN if it is not."""
        number = len(self.index) + ago
        if number != self._known[0]:
            needs = self.volatility.needs
            level = math.nan
            if number >= needs:
                closes = np.array(self.index.close.get(ago=ago, size=needs), dtype=np.float64)
                if (closes > 0).all():
                    level = self.volatility.at(closes, self._day(ago))
            self._known = (number, level)
        return self._known[1]

    def _dividend_yield(self, ago: int) -> float:
        """What the index paid over the last year, as a fraction of its close; 0 if it pays nothing."""
        if not getattr(self.index, "may_pay", False):
            return 0.0
        known = min(SESSIONS_A_YEAR, len(self.index) + ago)
        return sum(self.index.dividend.get(ago=ago, size=known)) / self.index.close[ago]

    def _day(self, ago: int) -> int:
        return math.floor(self.index.datetime[ago]) - EPOCH

    def _quote(self, contract: Contract, data: Any, spot: float, ago: int) -> Quote | None:
        days = float(contract.day - self._day(0))
        if days == 0.0 and ago == 0:
            return self.settlement(contract, spot) if math.isfinite(spot) else None
        fund = getattr(data, "fund", None)
        volatility = self.index_volatility(ago)
        if not math.isfinite(spot + volatility):
            return None
        if ago:
            days += OPEN_TO_CLOSE
        known = self._day(ago)
        rate = self.short_rate.at(known)
        if fund is None:
            paid = self._dividend_yield(ago)
            return quote(contract.kind, spot, contract.strike, days, rate, volatility, paid)
        fee = float(fund.fees.at(np.datetime64(known, "D")))
        multiple = abs(float(fund.multiple))
        return quote(contract.kind, spot, contract.strike, days, rate, multiple * volatility, fee)
