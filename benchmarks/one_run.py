"""One event-driven run: this project against the same rule as a stock backtrader script.

Both run RSI timing with stop, target and longest holding period on the last 4,000 bars of the NASDAQ
Composite, with the synthetic SOXS as the traded feed, in one process, in turn. The stock script is what
a person would write: PandasData feeds, default Cerebro, bt.ind.RSI. Its fills must be the same, to the
last trade, or no ratio is printed. (The stop is wide enough never to be hit on an entry bar, where the
stock broker would not see it.) Times are of the processor, medians of eleven rounds.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from statistics import median

from analyzers import EquityLog, TradeLog
from benchmarks.figures import named, tell
from engine import Costs, Lab, LabBroker
from feeds import BarsFeed, FundFeed, load_bars
from feeds.bars import Bars
from letf_instruments import known_fund, synthesize
from strategies import RsiTiming, TradePlan, TradeStrategy

BARS, ROUNDS = 4_000, 11
LEAST = 8.0  # times as fast
CASH, COMMISSION_BPS = 100_000.0, 5.0
FRACTION, STOP, TARGET, LONGEST = 0.5, 0.25, 0.30, 15
Fill = tuple[str, float, float]


def ours(bars: Bars) -> tuple[list[Fill], float]:
    lab = Lab(LabBroker(cash=CASH, costs=Costs(commission_bps=COMMISSION_BPS)))
    index = BarsFeed(dataname=bars)
    lab.adddata(index)
    lab.adddata(FundFeed(dataname=index, fund="SOXS"))
    plan = TradePlan(fraction=FRACTION, stop=STOP, target=TARGET, max_bars=LONGEST)
    lab.addstrategy(TradeStrategy, rule=RsiTiming(plan=plan))
    lab.addanalyzer(EquityLog)
    lab.addanalyzer(TradeLog)
    strategy = lab.run()[0]
    fills = []
    for trade in strategy.analyzers[1].trades:
        fills.append((str(trade.entry_date), trade.entry_price, trade.size))
        fills.append((str(trade.exit_date), trade.exit_price, -trade.size))
    return fills, lab.broker.getvalue()


def same(a: list[Fill], b: list[Fill]) -> bool:
    return len(a) == len(b) and all(
        x[0] == y[0] and abs(x[1] / y[1] - 1) < 1e-9 and abs(x[2] / y[2] - 1) < 1e-9
        for x, y in zip(a, b, strict=True)
    )


def cpu_seconds(run: Callable[[], object]) -> float:
    """Processor time of one call, after the garbage of the one before has been swept away."""
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> int:
    bars = load_bars("nasdaq")
    bars = bars.between(bars.sessions[-BARS])
    ledger = synthesize(known_fund("SOXS"), bars.sessions, bars.open, bars.high, bars.low, bars.close)
    # Here, so that what measures our run alone need not have them in memory.
    import pandas as pd

    from benchmarks.stock import stock

    stamps = pd.DatetimeIndex(bars.timestamps)

    def frame(source: object) -> pd.DataFrame:
        return pd.DataFrame({c: getattr(source, c) for c in ("open", "high", "low", "close")}, index=stamps)

    index_frame, fund_frame = frame(bars), frame(ledger)
    their_fills, their_value = stock(index_frame, fund_frame)
    our_fills, our_value = ours(bars)
    if not same(their_fills, our_fills) or abs(their_value / our_value - 1) > 1e-9:
        print(f"the two do not agree: {len(their_fills)} and {len(our_fills)} fills", file=sys.stderr)
        return 1
    theirs, mine = [], []
    for _ in range(ROUNDS):
        theirs.append(cpu_seconds(lambda: stock(index_frame, fund_frame)))
        mine.append(cpu_seconds(lambda: ours(bars)))
    ratios = sorted(a / b for a, b in zip(theirs, mine, strict=True))
    print(f"one run, {len(bars):,} bars, {len(our_fills)} fills, the same in both, final {our_value:,.2f}")
    print(f"  each pair: {ratios[0]:.2f} to {ratios[-1]:.2f} times")
    spent, peer = 1e3 * median(mine), named("backtrader")
    tell("one event-driven run", spent, "ms", peer, median(ratios) * spent, limit=LEAST, most=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
