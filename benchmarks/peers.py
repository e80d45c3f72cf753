"""The same cells as a person would run them elsewhere: stock backtrader, backtesting.py, vectorbt.

Each returns a cell's fills and final equity; vectorbt runs all cells as the columns of one portfolio.
"""

from __future__ import annotations

import warnings
from typing import Any

import backtesting
import backtrader as bt
import numpy as np
import pandas as pd
import talib
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio.enums import Order
from vectorbt.portfolio.nb import order_nb, order_nothing_nb

from benchmarks.sweep_case import (
    AVERAGE_BARS,
    CASH,
    COMMISSION_BPS,
    FRACTION,
    OVERBOUGHT,
    OVERSOLD,
    RSI_BARS,
    Fill,
    SweepCase,
    shares,
)

RATE = COMMISSION_BPS * 1e-4
COLUMNS = ("open", "high", "low", "close")


def frames(case: SweepCase) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices of index and fund, a row a session."""
    stamps = pd.DatetimeIndex(case.bars.timestamps)
    sources = (case.bars, case.ledger)
    index, fund = (pd.DataFrame({c: getattr(s, c) for c in COLUMNS}, index=stamps) for s in sources)
    return index, fund


class StockRsiTiming(bt.Strategy):
    """The rule by hand, with backtrader's own indicators and broker."""

    params = (("stop", 0.1), ("target", 0.1), ("longest", 10))

    def __init__(self) -> None:
        self.rsi = bt.ind.RSI(self.data0.close, period=RSI_BARS, safediv=True)
        self.sma = bt.ind.SMA(self.data0.close, period=AVERAGE_BARS)
        self.entry = self.leaving = self.stop_order = self.target_order = None
        self.entry_bar = 0
        self.fills: list[Fill] = []

    def next(self) -> None:
        held = self.getposition(self.data1).size
        if held:
            long_enough = len(self) - self.entry_bar + 1 >= self.p.longest
            if self.leaving is None and (self.rsi[0] <= OVERSOLD or long_enough):
                self.cancel(self.stop_order)
                self.cancel(self.target_order)
                self.leaving = self.sell(data=self.data1, size=held)
        elif (
            self.entry is None
            and self.rsi[-1] >= OVERBOUGHT > self.rsi[0]
            and self.data0.close[0] < self.sma[0]
        ):
            size = shares(FRACTION * self.broker.getvalue() / self.data1.close[0])
            self.entry = self.buy(data=self.data1, size=size)

    def notify_order(self, order: bt.Order) -> None:
        if order.status != order.Completed:
            return
        price, size = order.executed.price, order.executed.size
        self.fills.append((len(self.data1) - 1, price, size))
        if order.isbuy():
            self.entry, self.entry_bar = None, len(self)
            bracket: dict[str, Any] = {"data": self.data1, "size": size}
            self.stop_order = self.sell(exectype=bt.Order.Stop, price=price * (1 - self.p.stop), **bracket)
            bracket["oco"] = self.stop_order
            self.target_order = self.sell(
                exectype=bt.Order.Limit, price=price * (1 + self.p.target), **bracket
            )
        else:
            self.leaving = None


def by_backtrader(case: SweepCase, cell: int) -> tuple[list[Fill], float]:
    """A plain script: PandasData feeds, default Cerebro."""
    index, fund = frames(case)
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname=index))
    cerebro.adddata(bt.feeds.PandasData(dataname=fund))
    values = {"stop": case.stops[cell], "target": case.targets[cell], "longest": int(case.longest[cell])}
    cerebro.addstrategy(StockRsiTiming, **values)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(commission=RATE)
    strategy = cerebro.run()[0]
    return strategy.fills, cerebro.broker.getvalue()


class PyRsiTiming(backtesting.Strategy):
    """The rule for backtesting.py. Stop and target follow the fill, so they are set on the entry bar."""

    stop, target, longest = 0.1, 0.1, 10

    def init(self) -> None:
        self.rsi = self.I(talib.RSI, self.data.Index, RSI_BARS)
        self.sma = self.I(talib.SMA, self.data.Index, AVERAGE_BARS)

    def next(self) -> None:
        if self.trades:
            trade, bar = self.trades[0], len(self.data) - 1
            if self.rsi[-1] <= OVERSOLD or bar - trade.entry_bar + 1 >= self.longest:
                trade.sl = trade.tp = None
                trade.close()
            elif trade.entry_bar == bar:
                trade.sl = trade.entry_price * (1 - self.stop)
                trade.tp = trade.entry_price * (1 + self.target)
        elif self.rsi[-2] >= OVERBOUGHT > self.rsi[-1] and self.data.Index[-1] < self.sma[-1]:
            self.buy(size=shares(FRACTION * self.equity / self.data.Close[-1]))


def by_backtesting(case: SweepCase, cell: int) -> tuple[list[Fill], float]:
    """A plain run of a `Backtest` for the cell, with the statistics that it always computes."""
    index, fund = frames(case)
    data = fund.rename(columns=str.capitalize).assign(Index=index["close"])
    test = backtesting.Backtest(data, PyRsiTiming, cash=CASH, commission=RATE)
    values = {"stop": case.stops[cell], "target": case.targets[cell], "longest": int(case.longest[cell])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a trade that is open at the end stays open, as everywhere else
        stats = test.run(**values)
    fills: list[Fill] = []
    for trade in (*stats._strategy.closed_trades, *stats._strategy.trades):
        fills.append((trade.entry_bar, trade.entry_price, trade.size))
        if trade.exit_bar is not None:
            fills.append((trade.exit_bar, trade.exit_price, -trade.size))
    return fills, stats["Equity Final [$]"]


@njit
def _order(c, prices, entry, leave, stops, targets, longest, entered, paid) -> Order:  # type: ignore[no-untyped-def]
    """The order of a column on a bar. What the close before it decides is done at its open."""
    t = c.i
    if t == 0:
        return order_nothing_nb()
    o = prices[t, 0]
    if c.position_now > 0:
        stop, target = paid[c.col] * (1 - stops[c.col]), paid[c.col] * (1 + targets[c.col])
        if leave[t - 1] or t - entered[c.col] >= longest[c.col]:
            price = o
        elif prices[t, 2] <= stop:
            price = min(o, stop)
        elif prices[t, 1] >= target:
            price = max(o, target)
        else:
            return order_nothing_nb()
        return order_nb(size=-c.position_now, price=price, fees=RATE)
    if entry[t - 1]:
        entered[c.col], paid[c.col] = t, o
        return order_nb(size=shares(FRACTION * c.value_now / prices[t - 1, 3]), price=o, fees=RATE)
    return order_nothing_nb()


def by_vectorbt(case: SweepCase) -> vbt.Portfolio:
    """All cells as columns of one portfolio, by an order function."""
    close = case.bars.close
    strength, average = talib.RSI(close, RSI_BARS), talib.SMA(close, AVERAGE_BARS)
    entry = np.zeros(len(close), dtype=np.bool_)
    entry[1:] = (strength[:-1] >= OVERBOUGHT) & (strength[1:] < OVERBOUGHT) & (close[1:] < average[1:])
    fund, cells = case.ledger, len(case)
    prices = np.column_stack((fund.open, fund.high, fund.low, fund.close))
    stamps = pd.DatetimeIndex(case.bars.timestamps)
    return vbt.Portfolio.from_order_func(
        pd.DataFrame(np.broadcast_to(fund.close[:, None], (len(close), cells)), index=stamps),
        _order,
        prices,
        entry,
        strength <= OVERSOLD,
        case.stops,
        case.targets,
        case.longest,
        np.zeros(cells, dtype=np.int64),
        np.zeros(cells),
        init_cash=CASH,
        freq="1D",
        max_orders=2 * cells * (int(entry.sum()) + 1),
        max_logs=0,
    )


def vectorbt_metrics(folio: vbt.Portfolio) -> dict[str, pd.Series]:
    """Its own numbers for each cell; fewer than this project's."""
    return {
        "total_return": folio.total_return(),
        "cagr": folio.annualized_return(),
        "volatility": folio.annualized_volatility(),
        "sharpe": folio.sharpe_ratio(),
        "sortino": folio.sortino_ratio(),
        "max_drawdown": folio.max_drawdown(),
        "calmar": folio.calmar_ratio(),
        "trades": folio.trades.count(),
        "win_rate": folio.trades.win_rate(),
    }


def vectorbt_fills(folio: vbt.Portfolio) -> list[tuple[list[Fill], float]]:
    """Fills and final equity of each cell."""
    orders, final = folio.orders.values, folio.final_value().to_numpy()
    found: list[tuple[list[Fill], float]] = [([], float(value)) for value in final]
    for order in orders:
        size = order["size"] * (1 if order["side"] == 0 else -1)
        found[order["col"]][0].append((int(order["idx"]), float(order["price"]), float(size)))
    return found
