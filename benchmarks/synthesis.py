"""Synthesis at memory speed: ten million five-minute bars against a numpy copy of the same arrays.

The arrays are the four that go in and the ten that come out. The copy is what any program must at least
do to have them; the ratio says what the ledger costs on top.
"""

from __future__ import annotations

import sys
import time
from statistics import median

import numpy as np

from benchmarks.figures import named, tell
from letf_instruments import FundLedger, known_fund, synthesize

BARS, PER_SESSION, ROUNDS = 10_000_000, 78, 5
OUTPUTS = (
    "open",
    "high",
    "low",
    "close",
    "rebalance",
    "index_pnl",
    "financing",
    "cash_yield",
    "fee",
    "wipeout",
)


def main() -> int:
    rng = np.random.default_rng(1)
    days = np.arange(BARS // PER_SESSION + 1).astype("datetime64[D]")
    sessions = np.repeat(days, PER_SESSION)[:BARS]
    close = np.exp(np.cumsum(1e-4 * rng.standard_normal(BARS)))
    index = (close, close * 1.001, close * 0.999, close)
    fund = known_fund("SOXS")

    def run() -> FundLedger:
        return synthesize(fund, sessions, *index, short_rate=0.03)

    ledger = run()
    arrays = (*index, *(getattr(ledger, name) for name in OUTPUTS))
    copies, runs = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for values in arrays:
            values.copy()
        middle = time.perf_counter()
        run()
        copies.append(middle - start)
        runs.append(time.perf_counter() - middle)
    print(f"synthesis of {BARS:,} intraday bars in {len(days):,} sessions")
    copy, peer = 1e3 * median(copies), f"{named('numpy')}, a copy of the {len(arrays)} arrays"
    tell(f"a fund's ledger of {BARS:,} bars", 1e3 * median(runs), "ms", peer, copy)
    return 0


if __name__ == "__main__":
    sys.exit(main())
