"""What each fund did to the trades made in it: the profit of every holding, split by cause, in money.

A share bought at p0 while the index stands at s0, and worth p1 when it stands at s1, has made p1 − p0.
That is split into

- promised: p0·b·(s1/s0 − 1), the multiple times the index's move since the share was bought: what a loan
  (or a short) of fixed size would have given;
- financing (and cash yield) and fee: what the fund booked a share on each night held;
- tracking: what the prices of a fund as it was traded did otherwise than its model, on each bar after that
  of the purchase; 0 where the fund is synthetic. What it distributed is part of the profit;
- compounding: the rest. It is what the daily reset added (in a trend) or took (in chop), and what a fund
  that is wiped out did not lose beyond its stake.

A position sold in part is sold in proportion from all its purchases, so that a small trade has a small
effect. For a short each is the same with the other sign. The parts add up to the profit exactly; trading
costs are beside them. Where a fill is inside a bar, the index at that moment follows from the fund's price,
since within a session one is a straight line of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import FundFeed, swapped_prices
from letf_instruments import FundLedger

DUST = 1e-9  # of a position: less is what rounding leaves of it


@dataclass(frozen=True)
class Leg:
    """All holdings of one fund in a run, in money. profit = promised + compounding + financing + fee +
    tracking, before `costs` (commission, spread, slippage). `held` is the mean value of the position over all
    bars (its size, whatever its sign), `bars_held` the number of closes on which there was one."""

    instrument: str
    promised: float
    compounding: float
    financing: float
    fee: float
    costs: float
    held: float
    bars_held: int
    tracking: float = 0.0

    @property
    def profit(self) -> float:
        """Profit before trading costs."""
        return self.promised + self.compounding + self.financing + self.fee + self.tracking


@dataclass(frozen=True)
class Fill:
    """One fill: the bar's position in the data, the price, the size (negative for a sale), the costs. Of a
    fund that splits, price and size are those of a share that is never split, as in its ledger."""

    bar: int
    price: float
    size: float
    costs: float


def positions(fills: list[Fill], n: int) -> np.ndarray:
    """The position after each of n bars, shape (n,); what rounding leaves of a closed one is 0.

    Measured by the fill that closed it: a decaying fund's positions of later years are so many more shares
    that they say nothing of what is dust in an early one.
    """
    sizes = np.zeros(n)
    held = 0.0
    for fill in fills:
        held += fill.size
        if abs(held) <= DUST * abs(fill.size):
            held = 0.0
        sizes[fill.bar :] = held
    return sizes


def split_leg(ledger: FundLedger, index_open: np.ndarray, fills: list[Fill]) -> Leg:
    """Split the profit of a position in a fund by cause.

    Parameters
    ----------
    ledger : the fund's ledger, arrays of shape (n,).
    index_open : the open of the index that is swapped on the same bars, shape (n,).
    fills : in the order in which they happened.
    """
    fund = ledger.fund
    n = len(ledger.close)
    booked = np.cumsum(
        [ledger.financing + ledger.cash_yield, ledger.fee, ledger.tracking, ledger.distributed], axis=1
    )
    sizes = positions(fills, n)
    held = _Held(fund.multiple)
    at = 0
    for fill in fills:
        held.carry(*(booked[:, fill.bar] - booked[:, at]).tolist())
        held.trade(fill.size, fill.price, index_at(ledger, index_open, fill.bar, fill.price))
        at = fill.bar
    held.carry(*(booked[:, -1] - booked[:, at]).tolist())
    held.trade(-held.size, float(ledger.close[-1]), float(ledger.index_close[-1]))
    values = np.abs(sizes * ledger.close)
    return Leg(
        instrument=fund.ticker,
        promised=held.promised,
        compounding=held.profit - held.promised - held.financing - held.fee - held.tracking,
        financing=held.financing,
        fee=held.fee,
        costs=sum(f.costs for f in fills),
        held=float(values.mean()),
        bars_held=int((sizes != 0).sum()),
        tracking=held.tracking,
    )


class _Held:
    """A position and what it has made so far. `cost` is Σ size × price of its purchases, `units` the same
    divided by the index at each: promised at an index of s is multiple × (units × s − cost)."""

    def __init__(self, multiple: float) -> None:
        self.multiple = multiple
        self.size = self.cost = self.units = 0.0
        self.profit = self.promised = self.financing = self.fee = self.tracking = 0.0

    def carry(self, financing: float, fee: float, tracking: float, distributed: float) -> None:
        """Book what the fund booked a share."""
        self.financing += self.size * financing
        self.fee += self.size * fee
        self.tracking += self.size * tracking
        self.profit += self.size * distributed

    def trade(self, size: float, price: float, index: float) -> None:
        """Buy (sell if negative); an order through zero closes one position and opens another."""
        closing = 0.0
        if self.size * size < 0:
            closing = -self.size if abs(size) > abs(self.size) * (1.0 - DUST) else size
            part = -closing / self.size
            self.profit += -closing * price - part * self.cost
            self.promised += part * self.multiple * (self.units * index - self.cost)
            whole = closing == -self.size
            self.size = 0.0 if whole else self.size + closing
            self.cost = 0.0 if whole else self.cost * (1.0 - part)
            self.units = 0.0 if whole else self.units * (1.0 - part)
        opening = size - closing
        if abs(opening) > DUST * abs(size):
            self.size += opening
            self.cost += opening * price
            self.units += opening * price / index


def index_at(ledger: FundLedger, index_open: np.ndarray, bar: int, price: float) -> float:
    """The index at the moment of a fill, from the fund's price within its session.

    `index_open` are the index's opens, shape (n,); `bar` counts from 0.
    """
    if bar == 0:
        return float(ledger.index_close[0])  # the fund is created at that close
    if price == ledger.open[bar]:
        return float(index_open[bar])
    sessions = ledger.sessions
    # A session starts from the close before it; the first one from the close at which the fund is created.
    before = max(int(np.searchsorted(sessions, sessions[bar], side="left")) - 1, 0)
    base, assets = float(ledger.index_close[before]), float(ledger.close[before])
    if assets <= 0 or price <= 0:
        return float(index_open[bar])
    at = int(np.unique(sessions[: bar + 1]).size) - 1
    carry = float(ledger.carry_financing[at] + ledger.carry_cash[at] + ledger.carry_fee[at])
    return base * (1.0 + (price / assets - 1.0 - carry) / ledger.fund.multiple)


def price_at(ledger: FundLedger, index_open: np.ndarray, bar: int, index: float) -> float:
    """The fund's price at a moment of a bar, from the index then: `index_at` the other way round, and
    within the bar's range."""
    if bar == 0 or index == index_open[bar]:
        return float(ledger.open[bar])
    sessions = ledger.sessions
    before = max(int(np.searchsorted(sessions, sessions[bar], side="left")) - 1, 0)
    base, assets = float(ledger.index_close[before]), float(ledger.close[before])
    at = int(np.unique(sessions[: bar + 1]).size) - 1
    carry = float(ledger.carry_financing[at] + ledger.carry_cash[at] + ledger.carry_fee[at])
    price = assets * (1.0 + ledger.fund.multiple * (index / base - 1.0) + carry)
    return min(max(price, float(ledger.low[bar])), float(ledger.high[bar]))


def _unsplit(data: FundFeed, fills: list[Fill]) -> list[Fill]:
    """Fills as traded, in shares that are never split."""
    made = []
    ledger = data.ledger()
    for fill in fills:
        factor = data.lines.factor.array[fill.bar]
        # Dividing may be off by the last bit, and a fill at the open is known by its price.
        at_open = fill.price == data.lines.open.array[fill.bar]
        price = float(ledger.open[fill.bar]) if at_open else fill.price / factor
        made.append(Fill(fill.bar, price, fill.size * factor, fill.costs))
    return made


class LegAnalyzer(bt.Analyzer):
    """`legs` after the run: the `Leg` of each fund that was traded, by ticker; `fills` of every feed, by
    name."""

    def start(self) -> None:
        self.fills: dict[str, list[Fill]] = {}

    def notify_order(self, order: Any) -> None:
        if order.status not in (order.Partial, order.Completed):
            return
        for fill in order.executed.iterpending():  # those since the last notification
            self.fills.setdefault(order.data._name, []).append(
                Fill(len(order.data) - 1, float(fill.price), float(fill.size), float(fill.comm))
            )

    def stop(self) -> None:
        self.legs: dict[str, Leg] = {}
        for data in self.datas:
            if isinstance(data, FundFeed) and data._name in self.fills:
                if data.may_split:
                    self.fills[data._name] = _unsplit(data, self.fills[data._name])
                index_open = swapped_prices(data.index, len(data))[0]
                self.legs[data._name] = split_leg(data.ledger(), index_open, self.fills[data._name])

    def get_analysis(self) -> dict[str, Leg]:
        return self.legs
