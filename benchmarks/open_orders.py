"""Orders that stay open: this project's broker against stock backtrader's.

A strategy leaves a limit order far below the market on each bar, so that after 5,000 bars 5,000 are open and
12.5 million times one was looked at and not filled. The two end with the same cash and the same open orders,
or no ratio is printed. Times are of the processor; it takes some minutes.

    python -m benchmarks.open_orders [bars]
"""

from __future__ import annotations

import gc
import sys
import time

import backtrader as bt
import numpy as np
import pandas as pd

from benchmarks.figures import named, tell
from engine import Lab, LabBroker
from feeds import BarsFeed
from feeds.bars import Bars

BARS, CASH, FAR_BELOW = 5_000, 1e6, 5.0
AT_MOST = 3.0  # times stock backtrader


class LeaveOpen(bt.Strategy):
    """A limit order on each bar, none of which is ever reached."""

    def __init__(self) -> None:
        self.sent: list[bt.Order] = []

    def next(self) -> None:
        self.sent.append(self.buy(size=1, price=FAR_BELOW, exectype=bt.Order.Limit))


def bars_of(n: int) -> Bars:
    """A market around 100 that never comes near the orders."""
    rng = np.random.default_rng(1)
    close = 100.0 + 10.0 * np.sin(np.cumsum(0.1 * rng.standard_normal(n)))
    opened = np.concatenate(([100.0], close[:-1]))
    days = np.busday_offset(np.datetime64("2000-01-03"), np.arange(n))
    prices = opened, np.maximum(opened, close) + 1.0, np.minimum(opened, close) - 1.0, close
    return Bars("TEST", "TEST", days, *prices, np.ones(n))


def run(cerebro: bt.Cerebro, feed: bt.feed.DataBase) -> tuple[float, int, float]:
    """Processor time, orders open at the end, and cash."""
    cerebro.adddata(feed)
    cerebro.addstrategy(LeaveOpen)
    gc.collect()
    start = time.process_time()
    strategy = cerebro.run()[0]
    seconds = time.process_time() - start
    return seconds, sum(order.alive() for order in strategy.sent), strategy.broker.getcash()


def stock() -> bt.Cerebro:
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(CASH)
    return cerebro


def frame_of(bars: Bars) -> pd.DataFrame:
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(bars.timestamps))


def main() -> int:
    bars = bars_of(int(sys.argv[1]) if len(sys.argv) > 1 else BARS)
    mine, our_open, our_cash = run(Lab(LabBroker(cash=CASH)), BarsFeed(dataname=bars))
    theirs, their_open, their_cash = run(stock(), bt.feeds.PandasData(dataname=frame_of(bars)))
    if (our_open, our_cash) != (their_open, their_cash):
        print(f"the two do not agree: {their_open} and {our_open} orders are open", file=sys.stderr)
        return 1
    print(f"orders that stay open, {len(bars):,} bars, {our_open:,} open at the end in both")
    tell(f"{our_open:,} orders left open", mine, "s", named("backtrader"), theirs, limit=AT_MOST)
    return 0


if __name__ == "__main__":
    sys.exit(main())
