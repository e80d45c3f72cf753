"""The bare loop: what one would write by hand with numba for this one rule, and nothing beside it.

A cell at a time over all bars, for fills and final equity alone: no metrics, no costs but the commission.
"""

from __future__ import annotations

import numpy as np
import talib
from numba import njit

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
ROOM = 1_000  # fills of a cell that are written down


def entries_and_exits(close: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the rule enters and where it leaves, by the index's closes; shape (n,) each."""
    strength, average = talib.RSI(close, RSI_BARS), talib.SMA(close, AVERAGE_BARS)
    entry = np.zeros(len(close), dtype=np.bool_)
    entry[1:] = (strength[:-1] >= OVERBOUGHT) & (strength[1:] < OVERBOUGHT) & (close[1:] < average[1:])
    return entry, strength <= OVERSOLD


@njit
def _loop(open_, high, low, close, entry, leave, stops, targets, longest, equity, counts, fills_of):
    bars, prices, sizes = fills_of
    room = bars.shape[1]
    for cell in range(len(stops)):
        cash, held, stop, target, entered = CASH, 0.0, 0.0, 0.0, 0
        ordered, leaving, fills = 0.0, False, 0
        for t in range(len(close)):
            price = size = 0.0
            if ordered > 0.0:
                price, size, ordered = open_[t], ordered, 0.0
                stop, target = price * (1.0 - stops[cell]), price * (1.0 + targets[cell])
                entered = t
            elif leaving:
                price, size, leaving = open_[t], -held, False
            elif held > 0.0 and low[t] <= stop:
                price, size = min(open_[t], stop), -held
            elif held > 0.0 and high[t] >= target:
                price, size = max(open_[t], target), -held
            if size != 0.0:
                cash -= size * price + abs(size) * price * RATE
                held += size
                if fills < room:
                    bars[cell, fills], prices[cell, fills], sizes[cell, fills] = t, price, size
                fills += 1
            if held > 0.0:
                leaving = leave[t] or t - entered + 1 >= longest[cell]
            elif entry[t]:
                ordered = float(shares(FRACTION * cash / close[t]))
        equity[cell], counts[cell] = cash + held * close[-1], fills


def bare(case: SweepCase, room: int = 0) -> tuple[np.ndarray, ...]:
    """Final equity and number of fills by cell, and the first `room` fills: bars, prices, sizes, shape
    (cells, room)."""
    entry, leave = entries_and_exits(case.bars.close)
    cells = len(case)
    equity, counts = np.empty(cells), np.empty(cells, dtype=np.int64)
    fills = np.empty((cells, room), dtype=np.int64), np.empty((cells, room)), np.empty((cells, room))
    fund = case.ledger
    prices = fund.open, fund.high, fund.low, fund.close
    _loop(*prices, entry, leave, case.stops, case.targets, case.longest, equity, counts, fills)
    return equity, counts, *fills


def bare_fills(case: SweepCase) -> list[tuple[list[Fill], float]]:
    """Fills and final equity of each cell."""
    equity, counts, bars, prices, sizes = bare(case, ROOM)
    assert counts.max() <= ROOM
    found = []
    for cell, count in enumerate(counts.tolist()):
        rows = (column[cell, :count].tolist() for column in (bars, prices, sizes))
        found.append((list(zip(*rows, strict=True)), float(equity[cell])))
    return found
