"""Round trips: from flat to flat in one instrument, with the reason for which each was left."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from analyzers.within import Met, entered_at_close, met_before
from engine.forced import CASH_IN_LIEU, RUIN, TAX
from feeds.periods import EPOCH

OPEN = "open at end"
NO_LOT = -1
_BY_TYPE = {bt.Order.Stop: "stop", bt.Order.StopTrail: "trailing stop", bt.Order.Limit: "limit"}


@dataclass(frozen=True)
class RoundTrip:
    """One trade. Prices are averages over its fills; a trade that is still open is marked at the last
    close with the reason "open at end". Where the instrument was split meanwhile, prices and size are in
    shares of the exit's day, as a broker's statement has them.

    A position is rebalanced on each day, after the bar of its entry, on which an order other than the one
    that opened it has been filled whole and leaves it open: it has added to it, or taken a part. An entry or
    an exit that is filled in parts rebalances nothing, nor does what is paid for a fraction of a share after
    a split. The averages of a rebalanced position are no prices at which anything was entered or left, so
    nothing is averaged over it.

    The excursions (Sweeney 1996, "Maximum Adverse Excursion") take the lows and highs of the bars on which it
    was held. Which came first inside a bar is not known, so of the bars of entry and exit all counts that may
    have been met (`within.met_before`): what is entered at the open meets the whole bar, and so, at most,
    does what a limit or a stop enters inside it; what is entered at the close meets none of it.
    """

    instrument: str
    entry_date: np.datetime64
    entry_price: float
    exit_date: np.datetime64
    exit_price: float
    size: float  # largest position, negative for a short
    profit: float  # in money, after costs, dividends included
    ret: float  # profit over the most money that was put into it, what its entry cost included
    bars: int  # bars from the entry's to the exit's; 0 is the same bar
    costs: float  # of fills, and of holding it: borrow fees of a short, financing of a CFD
    exit_reason: str
    rebalances: tuple[np.datetime64, ...] = ()  # the days on which it was rebalanced, one after another
    # How far the price went against the position and for it while it was held, as fractions of the entry
    # price, signed for the holder: the one is 0 or less, the other 0 or more. NaN of an option, without bars.
    adverse_excursion: float = math.nan
    favourable_excursion: float = math.nan
    dividends: float = 0.0  # received while it was held, in the profit; negative for a short, which pays them
    entry_bar: int = -1  # of the run, from 0
    exit_bar: int = -1
    # The bars at whose close the orders that opened and closed it were sent; −1 where that is not known.
    entry_sent: int = -1
    exit_sent: int = -1

    @property
    def rebalanced(self) -> bool:
        """True if it was, so that it is a series of fills rather than a trade."""
        return bool(self.rebalances)


class _Open:
    """A trade in progress, in shares that are never split."""

    def __init__(
        self,
        day: np.datetime64,
        bar: int,
        holding_costs: float = 0.0,
        order: int = 0,
        share_put_in: float = 1.0,
        meets: float = math.inf,
        sent: int = -1,
    ) -> None:
        self.day, self.bar = day, bar
        self.dividends = 0.0
        self.order, self.sent = order, sent  # the ref of the one that opened it, and the bar that sent it
        self.share_put_in = share_put_in  # money that it ties up, over its value; the broker's `share_put_in`
        self.meets = meets  # the first bar of which it meets something
        self.lowest, self.highest = math.inf, -math.inf
        self.rebalances: list[np.datetime64] = []
        self.holding_costs = holding_costs  # of the instrument, so far: what comes on top is this trade's
        self.size = self.peak = self.put_in = 0.0
        self.paid_in = self.shares_in = self.paid_out = self.shares_out = self.costs = 0.0

    def add(self, size: float, price: float, costs: float) -> None:
        self.costs += costs
        self.meet(price, price)
        enters = self.size == 0 or self.size * size > 0
        if enters:
            self.paid_in += size * price
            self.shares_in += size
        else:
            self.paid_out -= size * price
            self.shares_out -= size
        self.size += size
        self.peak = max(self.peak, self.size, key=abs)
        if enters:
            # What a fill costs is paid beside its price, out of the same pocket.
            at_cost = math.copysign(1.0, self.peak) * (self.paid_in - self.paid_out)
            self.put_in = max(self.put_in, at_cost * self.share_put_in + self.costs)
        elif self.peak > 0:
            self.put_in += max(costs + size * price, 0.0)  # a sale that costs more than it brings

    def meet(self, low: float, high: float) -> None:
        """Take a range of prices that it has met."""
        self.lowest, self.highest = min(self.lowest, low), max(self.highest, high)

    def meet_part(self, low: float, high: float, met: Met) -> None:
        """Take what it has met of the bar on which it is left; a fill takes its own price."""
        below, above = met if self.peak > 0 else (met.favourable, met.adverse)
        self.meet(low if below else math.inf, high if above else -math.inf)

    def _excursions(self) -> tuple[float, float]:
        """The adverse and the favourable one."""
        entry = self.paid_in / self.shares_in
        if self.meets == math.inf or entry <= 0:
            return math.nan, math.nan
        down, up = min(self.lowest / entry - 1.0, 0.0), max(self.highest / entry - 1.0, 0.0)
        return (down, up) if self.peak > 0 else (0.0 - up, 0.0 - down)

    def rebalance(self, day: np.datetime64) -> None:
        if not self.rebalances or self.rebalances[-1] != day:
            self.rebalances.append(day)

    def close(
        self,
        name: str,
        day: np.datetime64,
        bar: int,
        reason: str,
        factor: float = 1.0,
        sent: int = -1,
    ) -> RoundTrip:
        profit = self.paid_out - self.paid_in - self.costs + self.dividends
        adverse, favourable = self._excursions()
        return RoundTrip(
            instrument=name,
            entry_date=self.day,
            entry_price=self.paid_in / self.shares_in * factor,
            exit_date=day,
            exit_price=self.paid_out / self.shares_out * factor,
            size=self.peak / factor,
            profit=profit,
            ret=profit / self.put_in if self.put_in else 0.0,
            bars=bar - self.bar,
            costs=self.costs,
            dividends=self.dividends,
            exit_reason=reason,
            rebalances=tuple(self.rebalances),
            adverse_excursion=adverse,
            favourable_excursion=favourable,
            entry_bar=self.bar - 1,
            exit_bar=bar - 1,
            entry_sent=self.sent,
            exit_sent=sent,
        )


def contract_trades(book: Any) -> list[RoundTrip]:
    """The round trips of a broker's option contracts, in order of exit; `size` counts units of the
    underlying, prices are model premiums a unit."""
    trips: dict[int, _Open] = {}
    last: dict[int, Any] = {}
    trades = []
    for fill in book.fills:
        trip = trips.setdefault(fill.trip, _Open(fill.day, fill.bar))
        trip.add(fill.units, fill.quote.price, fill.spread + fill.commission)
        last[fill.trip] = fill
        if abs(trip.size) <= 1e-9 * trip.peak:
            trades.append(trip.close(str(fill.contract), fill.day, fill.bar, fill.reason))
            del trips[fill.trip]
        elif fill.bar > trip.bar:
            trip.rebalance(fill.day)
    for number, mark in book.marks().items():
        trip = trips[number]
        trip.add(-trip.size, mark.quote.price, 0.0)
        trades.append(trip.close(str(last[number].contract), mark.day, mark.bar, OPEN))
    return trades


MILLIS = 86_400_000  # a day


def _day(number: float) -> np.datetime64:
    """The day of one of backtrader's numbers, which hold a moment to the millisecond."""
    return np.datetime64(round((number - EPOCH) * MILLIS) // MILLIS, "D")


def _key(order: Any) -> tuple[Any, int]:
    """The trade that an order belongs to: its feed's, or one of its lots'."""
    return order.data, int(order.info.get("lot", NO_LOT))


def _sent(order: Any) -> int:
    """The bar, from 0, at whose close an order was sent; −1 where it does not say."""
    moments = order.data.datetime.array
    return bisect_right(moments, order.created.dt, 0, len(order.data)) - 1


def _factor(data: Any) -> float:
    """Price as traded over that of a share that is never split, on the newest bar."""
    return float(data.factor[0]) if getattr(data, "may_split", False) else 1.0


class TradeLog(bt.Analyzer):
    """Records every round trip of every instrument, and of the broker's option contracts; `trades` after
    the run, in order of exit."""

    def start(self) -> None:
        self.trades: list[RoundTrip] = []
        self._open: dict[tuple[Any, int], _Open] = {}  # by feed and lot, NO_LOT where there are none
        self._received: dict[Any, float] = {}  # dividends by feed that have been given to its trades
        self._last: dict[Any, float] = {}  # the last price that was a number, of what is held

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Partial, order.Completed):
            return
        for fill in order.executed.iterpending():  # those since the last notification
            self._take(order, fill)
        self._see_rebalance(order)

    def _see_rebalance(self, order: Any) -> None:
        """Note it if an order that has been filled has shifted a position that was there before."""
        data, held = order.data, self._open.get(_key(order))
        if held is None or order.ref == held.order or len(data) <= held.bar:
            return
        if order.status == order.Completed and order.info.get("reason") not in (CASH_IN_LIEU, TAX):
            held.rebalance(_day(data.datetime[0]))

    def _take(self, order: Any, fill: Any) -> None:
        data = order.data
        day = _day(fill.dt)
        size, costs = fill.size, fill.comm
        key = _key(order)
        lots = [other for other in self._open if other[0] is data and other[1] != NO_LOT]
        if lots and key[1] == NO_LOT and order.info.get("reason") == RUIN:
            # What the broker sells of a ruined account are its lots, each by itself.
            for lot in lots:
                part = -self._open[lot].size / _factor(data)
                self._fill(data, day, part, fill.price, costs * (part / size), order, lot)
            return
        if lots and order.info.get("reason") == CASH_IN_LIEU:
            # What a split leaves of a share is the same part of each lot, not a short of none.
            mine = {other: trade.size for other, trade in self._open.items() if other[0] is data}
            whole = sum(mine.values())
            for other, part in mine.items():
                self._fill(data, day, size * (part / whole), fill.price, costs * (part / whole), order, other)
            return
        held = self._open.get(key)
        have = 0.0 if held is None else held.size / _factor(data)
        if have * size < 0 and abs(size) > abs(have) * (1 + 1e-9):
            # One order through zero: it closes one trade and opens another.
            part = -have / size
            self._fill(data, day, -have, fill.price, costs * part, order, key)
            size, costs = size * (1 - part), costs * (1 - part)
        self._fill(data, day, size, fill.price, costs, order, key)

    def _fill(
        self,
        data: Any,
        day: np.datetime64,
        size: float,
        price: float,
        costs: float,
        order: Any,
        key: tuple[Any, int],
    ) -> None:
        bar = len(data)
        factor = _factor(data)
        self._distribute(data)
        trade = self._open.get(key)
        if trade is None:
            meets = bar + 1 if entered_at_close(order) else bar
            put_in = self._share_put_in(data, size)
            trade = _Open(day, bar, self._holding_costs(data), order.ref, put_in, meets, _sent(order))
            self._open[key] = trade
        trade.add(size * factor, price / factor, costs)
        self._last[data] = price / factor
        if abs(trade.size) <= 1e-9 * abs(trade.peak):
            reason = order.info.get("reason") or _BY_TYPE.get(order.exectype, "order")
            trade.costs += self._holding_costs(data) - trade.holding_costs
            trade.meet_part(data.low[0] / factor, data.high[0] / factor, met_before(order, price))
            self.trades.append(trade.close(data._name, day, bar, reason, factor, _sent(order)))
            del self._open[key]

    def _holding_costs(self, data: Any) -> float:
        """What it has cost so far to hold the instrument; 0 under a broker that does not keep it."""
        return float(getattr(self.strategy.broker, "holding_costs", {}).get(data, 0.0))

    def _distribute(self, data: Any) -> None:
        """Give what the instrument has paid since to the trades that held it, by size; nothing under a broker
        that does not pay any. Paid before the bar's first fill, so it is asked for before that is taken."""
        paid = float(getattr(self.strategy.broker, "dividends", {}).get(data, 0.0))
        new, self._received[data] = paid - self._received.get(data, 0.0), paid
        if not new:
            return
        mine = [trade for (feed, _), trade in self._open.items() if feed is data]
        whole = sum(trade.size for trade in mine)
        for trade in mine:
            trade.dividends += new * trade.size / whole if whole else 0.0

    def _share_put_in(self, data: Any, size: float) -> float:
        """Of a position's value the money that it ties up; all of it under a broker that does not say."""
        share = getattr(self.strategy.broker, "share_put_in", None)
        return 1.0 if share is None else float(share(data, size))

    def next(self) -> None:
        if not self._open:
            return
        for data in dict.fromkeys(feed for feed, _ in self._open):
            self._distribute(data)
        for (data, _), trade in self._open.items():
            if math.isfinite(data.close[0]):
                factor = _factor(data)
                self._last[data] = data.close[0] / factor
                if len(data) >= trade.meets:
                    trade.meet(data.low[0] / factor, data.high[0] / factor)

    def stop(self) -> None:
        for (data, _), trade in self._open.items():
            day = _day(data.datetime[0])
            trade.add(-trade.size, self._last[data], 0.0)
            trade.costs += self._holding_costs(data) - trade.holding_costs
            self.trades.append(trade.close(data._name, day, len(data), OPEN, _factor(data)))
        self._open.clear()
        book = getattr(self.strategy.broker, "contracts", None)
        if book is not None and book.fills:
            self.trades = sorted([*self.trades, *contract_trades(book)], key=lambda t: t.exit_date)

    def get_analysis(self) -> dict[str, list[RoundTrip]]:
        return {"trades": self.trades}
