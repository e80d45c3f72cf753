"""A backtrader feed of a fund, synthesised from any index feed as bars arrive, or traded where it was."""

from __future__ import annotations

import math
from typing import Any

import backtrader as bt
import numpy as np
from backtrader.dataseries import SimpleFilterWrapper

from feeds.array_feed import ArrayFeed, to_stamp
from feeds.checking.index_bars import IndexBars, refuse_index
from feeds.market import Prices
from feeds.periods import EPOCH
from feeds.rates import ShortRate
from feeds.traded.fund import TradedFund, read_traded
from feeds.volumes import fund_volume
from letf_instruments import DataError, FundAccount, FundLedger, LeveragedFund, Quote, known_fund, synthesize
from letf_instruments.account import check_initial_nav
from letf_instruments.splits import SplitTracker, split_factors, split_policy

# Filters that leave bars out or repeat a close. Others, HeikinAshi and Renko among them, make bars of their
# own, at whose prices no fund ever settled; of one that nobody here knows the same must be assumed.
_LEAVES_PRICES = (
    bt.filters.SessionFilter,
    bt.filters.SessionFiller,
    bt.filters.CalendarDays,
    SimpleFilterWrapper,
)


class FundFeed(ArrayFeed):
    """A daily-reset leveraged fund, synthesised from the index feed that was added before it.

    Parameters
    ----------
    dataname : the index feed; daily or intraday. The fund resets once a session.
    fund : ticker of a known fund ("SOXS"), a `LeveragedFund`, or a number for a bare multiple.
    short_rate : fraction a year, or a `ShortRate`.
    initial_nav : NAV at the close of the first bar, at which the fund is created; its first price.
    volume : traded volume of the real fund by session (`Volumes`), if there is one, adjusted for splits as
        vendors do; a synthetic fund has none of its own, and 0 where this has nothing.
    splits : "none", "issuer" (an issuer's habit), "actual" (the fund's real ones) or a `SplitPolicy`.
    traded : the fund's own bars, where it was traded: a DataFrame, a name or file as in `load_bars`, or a
        `TradedFund`. They take the place of the synthetic ones on the bars that have them after the first of
        them, at whose close the two are joined; after the last the fund is synthetic again.

    Open, high, low, close and volume are as traded. Lines beside backtrader's own:

    - `nav`: at the close, of a share that is never split; equal to close without splits.
    - `factor`: close over nav; it changes on ex-dates only.
    - `split`: new shares for each old one on the first bar of an ex-date, 1 on all others.
    - `rebalance`: the index exposure that is to be bought (sold if negative) if the session ends with this
      bar, for a share that is never split.
    - `dividend`: what a share is paid before the bar's open, because it was held at the close before; a
      synthetic fund pays none.
    - `scale`: nav over the quote of a traded bar, 0 on a synthetic one.

    A fund that is wiped out shows zeros from then on. `may_split` and `may_pay` tell a broker whether to look
    for splits and dividends; any feed that sets them and has the lines is traded the same way.

    Raises
    ------
    DataError
        One sentence: `initial_nav` or a price of the index is not above 0; a bar of the index whose high is
        below, or low above, its other prices; weekly or longer bars; an index feed that is replayed,
        resampled, or has a filter which may rewrite its prices; traded bars of another length than the
        index's.
    """

    lines = ("nav", "rebalance", "factor", "split", "dividend", "scale")
    params = (
        ("fund", "SOXS"),
        ("short_rate", 0.0),
        ("initial_nav", 100.0),
        ("volume", None),
        ("splits", "none"),
        ("traded", None),
    )

    def __init__(self) -> None:
        super().__init__()
        index = self.p.dataname
        if not isinstance(index, bt.feed.AbstractDataBase):
            raise DataError(f"FundFeed needs the index feed as its dataname, got {type(index).__name__}")
        if index.p.timeframe > bt.TimeFrame.Days:
            raise DataError("a fund that resets daily cannot be made from weekly or longer bars")
        self.index = index
        self.p.timeframe, self.p.compression = index.p.timeframe, index.p.compression
        self.p.sessionstart, self.p.sessionend = index.p.sessionstart, index.p.sessionend
        self.p.tz = index.p.tz
        self.fund = as_fund(self.p.fund)
        check_initial_nav(self.p.initial_nav)
        rate = self.p.short_rate
        self.short_rate = rate if isinstance(rate, ShortRate) else ShortRate.constant(float(rate))
        self._name = self.p.name or self.fund.ticker
        self.traded = _traded(self.p.traded, self.fund, daily=self.p.timeframe == bt.TimeFrame.Days)
        self.policy = split_policy(
            self.p.splits, self.fund, None if self.traded is None else self.traded.splits
        )
        self.may_split = self.policy is not None
        self.may_pay = self.traded is not None and self.traded.pays

    def start(self) -> None:
        super().start()
        for data in self._env.datas:
            if data is self:
                raise DataError(f"{self._name}: add its index feed to cerebro before the fund's feed")
            if data is self.index:
                break
        if self.index.replaying or self.index.resampling:
            raise DataError(f"{self._name}: a fund cannot follow an index feed that is replayed or resampled")
        for given, _, _ in self.index._filters:
            if not isinstance(given, _LEAVES_PRICES):
                name = getattr(given, "__name__", type(given).__name__)
                raise DataError(
                    f"{self._name}: its index feed has the filter {name}, which may rewrite prices, and a "
                    "fund is made of prices; give the fund an index feed without it and the filter a feed of "
                    "its own (one that only leaves bars out may be added with addfilter_simple)"
                )
        if self.may_split and (self.replaying or self.resampling or self._filters):
            raise DataError(f"{self._name}: a feed with splits cannot be replayed, resampled or filtered")
        self._swapped = getattr(self.index.lines, "swapped", None)
        self._account = FundAccount(self.fund, self.p.initial_nav)
        self._checked = IndexBars()
        self._splits = SplitTracker(self.policy)
        self._taken = 0
        self._quoted: int | None = None  # the newest of the traded bars up to now

    # -- all at once ----------------------------------------------------------------------------

    def _columns(self) -> list[np.ndarray] | None:
        index = self.index
        if len(index) or index.buflen() < 2 or any(line.extension for line in index.lines):
            return None
        ledger = self._synthesize(index.buflen())
        n = len(ledger.close)
        prices = [_line(index, name, n) for name in ("open", "high", "low", "close")]
        try:
            refuse_index(ledger.sessions.astype(np.int64), *prices)
        except DataError as error:
            raise DataError(f"{self._name}: {error}") from None
        factor, split = split_factors(self.policy, ledger.sessions, ledger.nav)
        by_name = {
            "datetime": _line(index, "datetime", n),
            "open": ledger.open * factor,
            "high": ledger.high * factor,
            "low": ledger.low * factor,
            "close": ledger.close * factor,
            "volume": self._volume(ledger) / factor,
            "openinterest": np.zeros(n),
            "nav": ledger.nav,
            "rebalance": ledger.rebalance,
            "factor": factor,
            "split": split,
            "dividend": ledger.distributed * factor,
            "scale": ledger.scale,
        }
        return [by_name[alias] for alias in self.getlinealiases()]

    def _synthesize(self, n: int) -> FundLedger:
        numbers = _line(self.index, "datetime", n)
        sessions = (np.floor(numbers).astype(np.int64) - EPOCH).astype("datetime64[D]")
        prices = swapped_prices(self.index, n)
        rates = self.short_rate.on(sessions)
        try:
            quotes = None if self.traded is None else self.traded.on(to_stamp(numbers))
            return synthesize(self.fund, sessions, *prices, rates, self.p.initial_nav, quotes)
        except DataError as error:
            raise DataError(f"{self._name}: {error}") from None

    def _volume(self, ledger: FundLedger) -> np.ndarray:
        n = len(ledger.close)
        stamps = to_stamp(_line(self.index, "datetime", n))
        return fund_volume(ledger, stamps, self.p.volume, self.traded)

    def ledger(self) -> FundLedger:
        """The fund's ledger over the bars delivered so far, of a share that is never split.

        Raises
        ------
        DataError
            Where backtrader keeps no history (`exactbars`), the index has a time zone of its own, or the
            fund's feed shows other bars than the index (resampled, filtered, other dates).
        """
        if self._tz is not None or any(line.mode != line.UnBounded for line in self.index.lines):
            raise DataError(f"{self._name}: the ledger needs the whole history of a feed without a time zone")
        return self._ledger(len(self))

    def _ledger(self, n: int) -> FundLedger:
        if not np.array_equal(_line(self, "datetime", n), _line(self.index, "datetime", n)):
            raise DataError(
                f"{self._name}: the ledger needs a fund feed with the same bars as its index feed"
            )
        return self._synthesize(n)

    def last_print(self) -> float | None:
        """The newest close as it was printed, of a fund that was traded then; None if it was not."""
        if self.traded is None or not len(self):
            return None
        stamp = to_stamp(np.array([self.lines.datetime[0]]))[0]
        row = self.traded.row(stamp)
        return None if row is None else float(self.traded.bars.close[row] * self.traded.printed[row])

    def prices(self, n: int) -> Prices:
        """The first n bars as rules see them, of a share that is never split: a split is no move."""
        if n < 2:  # the fund is created at the first bar's close
            columns = [_line(self, name, n) for name in ("nav", "nav", "nav", "nav", "volume")]
        else:
            own = self._ledger(n)
            columns = [own.open, own.high, own.low, own.close, self._volume(own)]
        return Prices(self._name, self.fund.multiple, *columns)

    # -- bar by bar -----------------------------------------------------------------------------

    def _load(self) -> bool:
        if self._filled:
            return False
        index, i = self.index, self._taken
        preloaded = len(index) < index.buflen() and not len(index)
        if preloaded:
            if i >= index.buflen():
                return False
            ago = i + 1  # the index feed stands before its first bar
        else:
            if len(index) <= i:
                # Of a live index too, which may go on or be at its end: cerebro asks the index itself, waits
                # for as long as that says None, and asks here again whenever it has a bar.
                return False
            ago = i + 1 - len(index)
        number = index.lines.datetime[ago]
        if self._tz is None:
            epoch_day = math.floor(number) - EPOCH
        else:
            epoch_day = index.num2date(number).toordinal() - EPOCH
        prices = [line[ago] for line in (index.open, index.high, index.low, index.close)]
        seen = prices if self._swapped is None else [price * self._swapped[ago] for price in prices]
        try:
            quote = self._quote(number, epoch_day)
            rate = self.short_rate.at(epoch_day)
            bar = self._account.bar(np.datetime64(epoch_day, "D"), *seen, rate, quote)
            self._checked.bar(epoch_day, *prices)
        except DataError as error:
            raise DataError(f"{self._name}: {error}") from None
        split = self._splits.bar(np.datetime64(epoch_day, "D"), bar.close)
        factor = self._splits.factor
        lines = self.lines
        lines.datetime[0] = number
        lines.open[0], lines.high[0] = bar.open * factor, bar.high * factor
        lines.low[0], lines.close[0] = bar.low * factor, bar.close * factor
        lines.volume[0] = self._volume_at(epoch_day, bar.scale) / factor
        lines.openinterest[0] = 0.0
        lines.nav[0], lines.rebalance[0] = bar.close, bar.rebalance
        lines.factor[0], lines.split[0] = factor, split
        lines.dividend[0], lines.scale[0] = bar.distributed * factor, bar.scale
        self._taken += 1
        return True

    def _quote(self, number: float, epoch_day: int) -> Quote | None:
        """The fund's own quote on a bar of the index, with all that it has paid since the one before."""
        if self.traded is None:
            return None
        daily = self.traded.bars.daily
        stamp = np.datetime64(epoch_day, "D") if daily else to_stamp(np.array([number]))[0]
        row = self.traded.row(stamp)
        if row is None:
            return None
        since = row - 1 if self._quoted is None else self._quoted
        self._quoted = row
        return self.traded.quote(row, since)

    def _volume_at(self, epoch_day: int, scale: float) -> float:
        """Volume of the newest bar, in shares that are never split."""
        if self.p.volume is not None:
            return float(self.p.volume.at(epoch_day))
        if self.traded is None or scale <= 0 or self._quoted is None:
            return 0.0
        return float(self.traded.bars.volume[self._quoted]) / scale


def _traded(given: Any, fund: LeveragedFund, daily: bool) -> TradedFund | None:
    """A fund's own bars, of the length of the index's."""
    if given is None:
        return None
    found = given if isinstance(given, TradedFund) else read_traded(given, fund)
    if found.bars.daily != daily:
        have, want = ("daily", "intraday") if found.bars.daily else ("intraday", "daily")
        raise DataError(f"{found.bars.source}: its bars are {have}, those of the index are {want}")
    return found


def as_fund(given: str | float | LeveragedFund) -> LeveragedFund:
    """A fund from its ticker, a bare multiple, or itself."""
    if isinstance(given, LeveragedFund):
        return given
    if isinstance(given, str):
        return known_fund(given)
    return LeveragedFund(ticker=f"{given:+g}x", multiple=float(given))


def swapped_prices(index: Any, n: int) -> list[np.ndarray]:
    """The first n bars of an index feed as a fund's swap sees them: open, high, low, close."""
    prices = [_line(index, name, n) for name in ("open", "high", "low", "close")]
    if not hasattr(index.lines, "swapped"):
        return prices
    factor = _line(index, "swapped", n)
    return [price * factor for price in prices]


def _line(feed: Any, name: str, n: int) -> np.ndarray:
    """The first n values of a feed's line, copied: a live buffer cannot grow while it is viewed."""
    return np.array(getattr(feed.lines, name).array[:n], dtype=np.float64)
