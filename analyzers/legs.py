"""What each fund did to the trades made in it: the profit of every holding, split by cause, in money.

Between two fills a position of q shares goes from price p0 to p1 while the index goes from s0 to s1.
Its profit q·(p1 − p0) is split into

- promised: q·p0·b·(s1/s0 − 1), the multiple times the index's move since the position was last changed:
  what a short or a loan of fixed size would have given;
- financing (and cash yield) and fee: what the fund booked a share on each night held, times q;
- compounding: the rest. It is what the daily reset added (in a trend) or took (in chop).

The parts add up to the profit exactly; trading costs are beside them. Where a fill is inside a bar, the
index at that moment follows from the fund's price, since within a session one is a straight line of the
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import backtrader as bt
import numpy as np

from feeds.backtrader_feeds import FundFeed
from letf_instruments import FundLedger


@dataclass(frozen=True)
class Leg:
    """All holdings of one fund in a run, in money. profit = promised + compounding + financing + fee, before
    `costs` (commission, spread, slippage). `held` is the mean value of the position over all bars (its
    size, whatever its sign), `bars_held` the number of closes on which there was one."""

    instrument: str
    promised: float
    compounding: float
    financing: float
    fee: float
    costs: float
    held: float
    bars_held: int

    @property
    def profit(self) -> float:
        """Profit before trading costs."""
        return self.promised + self.compounding + self.financing + self.fee


@dataclass(frozen=True)
class Fill:
    """One fill: the bar's position in the data, the price, the size (negative for a sale), the costs."""

    bar: int
    price: float
    size: float
    costs: float


def split_leg(ledger: FundLedger, index_open: np.ndarray, fills: list[Fill]) -> Leg:
    """Split the profit of a position in a synthetic fund by cause.

    Parameters
    ----------
    ledger : the fund's ledger, arrays of shape (n,).
    index_open : the index's open on the same bars, shape (n,).
    fills : in the order in which they happened.
    """
    fund = ledger.fund
    n = len(ledger.close)
    carry = np.cumsum(ledger.financing + ledger.cash_yield)
    fees = np.cumsum(ledger.fee)
    sizes = np.zeros(n)
    for fill in fills:
        sizes[fill.bar :] += fill.size
    sizes[np.abs(sizes) < 1e-9 * np.max(np.abs(sizes), initial=0.0)] = 0.0
    moments = [(f.bar, f.price, index_at(ledger, index_open, f.bar, f.price)) for f in fills]
    moments.append((n - 1, float(ledger.close[-1]), float(ledger.index_close[-1])))
    promised = compounding = financing = fee = 0.0
    position = 0.0
    for (bar, price, index), fill, (end, last, index_last) in zip(
        moments[:-1], fills, moments[1:], strict=True
    ):
        position += fill.size
        profit = position * (last - price)
        ideal = position * price * fund.multiple * (index_last / index - 1.0)
        carried = position * float(carry[end] - carry[bar])
        charged = position * float(fees[end] - fees[bar])
        promised += ideal
        financing += carried
        fee += charged
        compounding += profit - ideal - carried - charged
    values = np.abs(sizes * ledger.close)
    return Leg(
        instrument=fund.ticker,
        promised=promised,
        compounding=compounding,
        financing=financing,
        fee=fee,
        costs=sum(f.costs for f in fills),
        held=float(values.mean()),
        bars_held=int((sizes != 0).sum()),
    )


def index_at(ledger: FundLedger, index_open: np.ndarray, bar: int, price: float) -> float:
    """The index at the moment of a fill, from the fund's price within its session.

    `index_open` are the index's opens, shape (n,); `bar` counts from 0.
    """
    sessions = ledger.sessions
    start = int(np.searchsorted(sessions, sessions[bar], side="left"))
    if price == ledger.open[bar] or start == 0 or price <= 0:
        return float(index_open[bar])
    base, assets = float(ledger.index_close[start - 1]), float(ledger.close[start - 1])
    if assets <= 0:
        return float(index_open[bar])
    at = int(np.unique(sessions[: bar + 1]).size) - 1
    carry = float(ledger.carry_financing[at] + ledger.carry_cash[at] + ledger.carry_fee[at])
    return base * (1.0 + (price / assets - 1.0 - carry) / ledger.fund.multiple)


def price_at(ledger: FundLedger, index_open: np.ndarray, bar: int, index: float) -> float:
    """The fund's price at a moment of a bar, from the index then: `index_at` the other way round, and
    within the bar's range."""
    start = int(np.searchsorted(ledger.sessions, ledger.sessions[bar], side="left"))
    if index == index_open[bar] or start == 0:
        return float(ledger.open[bar])
    base, assets = float(ledger.index_close[start - 1]), float(ledger.close[start - 1])
    at = int(np.unique(ledger.sessions[: bar + 1]).size) - 1
    carry = float(ledger.carry_financing[at] + ledger.carry_cash[at] + ledger.carry_fee[at])
    price = assets * (1.0 + ledger.fund.multiple * (index / base - 1.0) + carry)
    return min(max(price, float(ledger.low[bar])), float(ledger.high[bar]))


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
                index_open = np.array(data.index.lines.open.array[: len(data)], dtype=np.float64)
                self.legs[data._name] = split_leg(data.ledger(), index_open, self.fills[data._name])

    def get_analysis(self) -> dict[str, Leg]:
        return self.legs
