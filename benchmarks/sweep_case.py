"""What the benchmark of the sweep runs: 1,000 cells of RSI timing, and this project's own way with them.

The rule buys SOXS at the open after the index's RSI has fallen back through 65 with the close below its
10-bar average, for half of the equity in whole shares. It leaves at the open after the RSI has reached 35 or
after the longest holding, or where a bar meets the stop or the target. The cells are 10 stops, 10 targets and
10 longest holdings. Stops and targets are so wide that no entry bar meets one, since a broker that puts them
to work a bar later would not see it there; `SweepCase` checks that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba.extending import register_jitable

from engine import Costs
from engine.kernel import trades
from engine.kernel.cells import KernelRun, KernelRuns, run_trade_row, run_trade_rows
from engine.kernel.figures import MEASURES
from engine.kernel.stage import Floats, Instrument, Stage, Terms, cost_rows
from engine.kernel.trade_signals import TradeSignals
from feeds import load_bars
from feeds.bars import Bars
from feeds.market import Market, Prices
from letf_instruments import FundLedger, known_fund, synthesize
from letf_instruments.sizes import DUST, DUST_SHARES
from strategies import RsiTiming, TradePlan

BARS, FUND = 4_000, "SOXS"
CASH, COMMISSION_BPS, FRACTION = 1e6, 5.0, 0.5
RSI_BARS, OVERBOUGHT, OVERSOLD, AVERAGE_BARS = 14, 65.0, 35.0, 10
STOPS = tuple(round(0.08 + 0.02 * i, 2) for i in range(10))
TARGETS = tuple(round(0.10 + 0.02 * i, 2) for i in range(10))
LONGEST = tuple(range(5, 55, 5))
TOLERANCE = 1e-9  # of a price, a size or the final equity

Fill = tuple[int, float, float]  # bar from 0, price, shares bought (sold: negative)


@register_jitable
def shares(size: float) -> int:
    """Whole shares in a size; those that are whole but for rounding are whole, here as there."""
    return math.floor(size + min(DUST * max(size, 1.0), DUST_SHARES))


class Part(Exception):
    """Where two programs part; the message says it in words."""


@dataclass(frozen=True, eq=False)
class SweepCase:
    """Index and fund, and the cells: `stops`, `targets`, `longest` of shape (cells,)."""

    bars: Bars
    ledger: FundLedger
    stops: Floats
    targets: Floats
    longest: np.ndarray

    def __len__(self) -> int:
        return len(self.stops)

    def __post_init__(self) -> None:
        fund, at = self.ledger, np.flatnonzero(self.signals.decisions.entry[:-1]) + 1
        low = (fund.low[at] / fund.open[at]).min(initial=1.0)
        high = (fund.high[at] / fund.open[at]).max(initial=1.0)
        if low <= 1.0 - self.stops.min() or high >= 1.0 + self.targets.min():
            raise Part(f"entry bars reach {low - 1:+.1%} to {high - 1:+.1%}: a stop or target is met on one")

    @property
    def market(self) -> Market:
        """What the rule sees."""
        bars = self.bars
        return Market(bars.timestamps, Prices.of_bars(bars), {FUND: Prices.of_ledger(self.ledger)})

    @property
    def stage(self) -> Stage:
        """What is traded on: no interest, no splits. Made anew each time, with nothing kept from before."""
        fund, n = Prices.of_ledger(self.ledger), len(self.bars)
        prices = (fund.open, fund.high, fund.low, fund.close, fund.volume)
        traded = Instrument(FUND, fund.multiple, *prices, split=np.ones(n), dividend=np.zeros(n))
        days = self.bars.sessions.astype(np.int64)
        return Stage(days, np.zeros(n), np.zeros(n), self.bars.close, {FUND: traded})

    @property
    def signals(self) -> TradeSignals:
        """The rule's signals, computed anew each time."""
        plan = TradePlan(fraction=FRACTION, stop=0.1, target=0.1, max_bars=1)
        return TradeSignals.of(RsiTiming(plan=plan), self.market)

    @cached_property
    def terms(self) -> Terms:
        """The account."""
        return Terms(CASH, whole_shares=True)

    def rows(self, signals: TradeSignals) -> tuple[Floats, Floats]:
        """Plans and costs in numbers, a row a cell."""
        plans = np.tile(signals.row(TradePlan(fraction=FRACTION)), (len(self), 1))
        plans[:, trades.STOP_AT] = self.stops
        plans[:, trades.TARGET_AT] = self.targets
        plans[:, trades.MAX_BARS] = self.longest
        return plans, np.tile(cost_rows([Costs(commission_bps=COMMISSION_BPS)]), (len(self), 1))


def sweep_case(bars: int = BARS, every: int = 1) -> SweepCase:
    """The last bars of the NASDAQ Composite with the synthetic SOXS, and every so many of the cells."""
    index = load_bars("nasdaq")
    index = index.between(index.sessions[-bars])
    ledger = synthesize(known_fund(FUND), index.sessions, index.open, index.high, index.low, index.close)
    grid = np.meshgrid(STOPS, TARGETS, LONGEST, indexing="ij")
    stops, targets, longest = (axis.ravel()[::every] for axis in grid)
    return SweepCase(index, ledger, stops, targets, longest.astype(np.int64))


def ours(case: SweepCase) -> KernelRuns:
    """From arrays of prices to the table of all metrics, in one thread."""
    signals = case.signals
    return run_trade_rows(case.stage, signals, FUND, *case.rows(signals), case.terms)


def our_fills(case: SweepCase) -> list[tuple[list[Fill], float]]:
    """Fills and final equity of each cell, written down one by one.

    Raises
    ------
    Part
        If a cell's metrics are not those of its row in `ours`.
    """
    table, stage, signals = ours(case), case.stage, case.signals
    plans, costs = case.rows(signals)
    equity = MEASURES.index("final_equity")
    found = []
    for cell in range(len(case)):
        run: KernelRun = run_trade_row(stage, signals, FUND, plans[cell], costs[cell], case.terms)
        if not (table.done[cell] and np.array_equal(run.metrics, table.metrics[cell], equal_nan=True)):
            raise Part(f"letf-lab, cell {cell}: written down, it is not its row in the table")
        found.append(([(fill.bar, fill.price, fill.size) for fill in run.fills], run.metrics[equity]))
    return found


def check_same(who: str, cell: int, theirs: tuple[list[Fill], float], mine: tuple[list[Fill], float]) -> None:
    """Hold a cell's fills, and what it ends with, to this project's own.

    Raises
    ------
    Part
        At the first fill that is not the same: another bar, or a price or size beyond `TOLERANCE`.
    """
    where = f"{who}, cell {cell}"
    for number, (a, b) in enumerate(zip(theirs[0], mine[0], strict=False)):
        if a[0] != b[0] or not (_near(a[1], b[1]) and _near(a[2], b[2])):
            raise Part(f"{where}: fill {number} is {a} there and {b} here")
    if len(theirs[0]) != len(mine[0]):
        raise Part(f"{where}: {len(theirs[0])} fills there and {len(mine[0])} here")
    if not _near(theirs[1], mine[1]):
        raise Part(f"{where}: it ends with {theirs[1]!r} there and {mine[1]!r} here")


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=0.0)
