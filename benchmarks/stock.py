"""The rule of `benchmarks.one_run` as a stock backtrader script: what a person would write."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from benchmarks.one_run import CASH, COMMISSION_BPS, FRACTION, LONGEST, STOP, TARGET, Fill


class StockRsiTiming(bt.Strategy):
    """The rule by hand, with backtrader's own indicators and broker."""

    def __init__(self) -> None:
        self.rsi = bt.ind.RSI(self.data0.close, period=14, safediv=True)
        self.sma = bt.ind.SMA(self.data0.close, period=10)
        self.entry = self.leaving = self.stop_order = self.target_order = None
        self.entry_bar = 0
        self.fills: list[Fill] = []

    def next(self) -> None:
        if self.position_size():
            if self.leaving is None and (self.rsi[0] <= 35 or len(self) - self.entry_bar + 1 >= LONGEST):
                self.cancel(self.stop_order)
                self.cancel(self.target_order)
                self.leaving = self.sell(data=self.data1, size=self.position_size())
        elif self.entry is None and self.rsi[-1] >= 65 > self.rsi[0] and self.data0.close[0] < self.sma[0]:
            size = FRACTION * self.broker.getvalue() / self.data1.close[0]
            self.entry = self.buy(data=self.data1, size=size)

    def position_size(self) -> float:
        return self.getposition(self.data1).size

    def notify_order(self, order: bt.Order) -> None:
        if order.status != order.Completed:
            return
        price, size = order.executed.price, order.executed.size
        self.fills.append((str(self.data1.datetime.date(0)), price, size))
        if order.isbuy():
            self.entry, self.entry_bar = None, len(self)
            self.stop_order = self.sell(
                data=self.data1, size=size, exectype=bt.Order.Stop, price=price * (1 - STOP)
            )
            self.target_order = self.sell(
                data=self.data1,
                size=size,
                exectype=bt.Order.Limit,
                price=price * (1 + TARGET),
                oco=self.stop_order,
            )
        else:
            self.leaving = None


def stock(index: Any, fund: Any) -> tuple[list[Fill], float]:
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname=index))
    cerebro.adddata(bt.feeds.PandasData(dataname=fund))
    cerebro.addstrategy(StockRsiTiming)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(commission=COMMISSION_BPS * 1e-4)
    strategy = cerebro.run()[0]
    return strategy.fills, cerebro.broker.getvalue()
