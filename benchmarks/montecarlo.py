"""10,000 paths of 4,000 bars of RSI timing, rule and fund: this project, and a loop over vectorbt.

Ours draws each path, builds the fund's bars on it by its ledger, computes the rule's own signals and runs it
in the kernel; beside it, what index, fund and cash came to. vectorbt is given paths and fund as arrays, for
which it pays nothing: signals by TA-Lib, one portfolio by an order function, its value and four of its
numbers. Some paths' final equities are compared before any ratio is printed. The ratio is of processor time a
path, on one core in one thread, medians over rounds taken in turn; the whole run is wall time on two cores in
a fresh process, from the loaded spec to the figures of all paths, with numba's cache warm. Memory is the peak
of a process that runs the paths itself. This process imports nothing large, as in `benchmarks.footprint`.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from statistics import median
from typing import Any

from benchmarks.figures import named, tell
from benchmarks.footprint import peak_mb

PATHS, BARS, SOME, ROUNDS = 10_000, 4_000, 40, 5
MOST_SECONDS, LEAST_RATIO, MOST_MB = 10.0, 10.0, 40.0
FRACTION, LONGEST, COMMISSION_BPS, CASH = 0.5, 10, 5.0, 1e6
RSI_BARS, OVERBOUGHT, OVERSOLD, AVERAGE_BARS, FUND = 14, 65.0, 35.0, 10, "SOXS"
TOLERANCE = 1e-9  # of the final equity
SPEC = {
    "name": "paths",
    "strategy": "rsi_timing",
    "data": {"index": "nasdaq", "funds": [FUND], "rate": 0.0},
    "plan": {"fraction": FRACTION, "max_bars": LONGEST},
    "account": {"cash": CASH},
    "costs": {"commission_bps": COMMISSION_BPS},
}


COMMAND = (sys.executable, "-m", "benchmarks.montecarlo")


class Part(Exception):
    """Where two programs part; the message says it in words."""


def job(count: int) -> Any:
    """So many paths of the first bars of the NASDAQ Composite, before which rules know nothing."""
    import numpy as np

    from feeds import load_bars
    from feeds.histories.bootstrap import Bootstrap
    from runs.backtest.fund_feeds import funds_of
    from runs.backtest.setting import load_setting
    from runs.robustness.montecarlo.engine import PathJob
    from runs.robustness.montecarlo.paths import Paths
    from runs.robustness.montecarlo.study import fan_bars
    from runs.specs.script import make_spec

    end = load_bars("nasdaq").sessions[BARS - 1]
    spec = make_spec({**SPEC, "data": {**SPEC["data"], "end": str(end)}})  # type: ignore[dict-item]
    setting = load_setting(spec)
    model = Bootstrap(np.diff(np.log(setting.bars.close)))
    paths = Paths(spec, setting, funds_of(setting, spec.make_rule()), model, 1, BARS)
    return PathJob(paths, count, "kernel", fan_bars(BARS, PATHS))


def by_vectorbt(index: Any, fund: Any) -> tuple[float, dict[str, float]]:
    """The rule on one path by a person who has vectorbt: final equity, and its numbers."""
    import numpy as np
    import pandas as pd
    import talib
    import vectorbt as vbt

    close = index[3]
    strength, average = talib.RSI(close, RSI_BARS), talib.SMA(close, AVERAGE_BARS)
    entry = np.zeros(len(close), dtype=np.bool_)
    entry[1:] = (strength[:-1] >= OVERBOUGHT) & (strength[1:] < OVERBOUGHT) & (close[1:] < average[1:])
    folio = vbt.Portfolio.from_order_func(
        pd.DataFrame(fund[3]),
        _order(),
        np.ascontiguousarray(fund.T),
        entry,
        strength <= OVERSOLD,
        np.zeros(1, dtype=np.int64),
        init_cash=CASH,
        freq="1D",
        max_logs=0,
    )
    numbers = {
        "total_return": folio.total_return(),
        "volatility": folio.annualized_volatility(),
        "sharpe": folio.sharpe_ratio(),
        "max_drawdown": folio.max_drawdown(),
        "fund_return": fund[3, -1] / fund[3, 0] - 1.0,
        "fund_drawdown": (fund[3] / np.maximum.accumulate(fund[3]) - 1.0).min(),
    }
    return float(folio.value().iloc[-1, 0]), {name: float(np.squeeze(v)) for name, v in numbers.items()}


_compiled: list[Any] = []


def _order() -> Any:
    """What a close decides is done at the next open."""
    if not _compiled:
        from numba import njit
        from vectorbt.portfolio.nb import order_nb, order_nothing_nb

        fees = COMMISSION_BPS * 1e-4

        @njit
        def order(c, prices, entry, leave, entered):  # type: ignore[no-untyped-def]
            t = c.i
            if t == 0:
                return order_nothing_nb()
            if c.position_now > 0:
                if leave[t - 1] or t - entered[0] >= LONGEST:
                    return order_nb(size=-c.position_now, price=prices[t, 0], fees=fees)
            elif entry[t - 1]:
                entered[0] = t
                size = FRACTION * c.value_now / prices[t - 1, 3]
                return order_nb(size=size, price=prices[t, 0], fees=fees)
            return order_nothing_nb()

        _compiled.append(order)
    return _compiled[0]


def arrays(work: Any, number: int) -> tuple[Any, Any]:
    """Index and fund of a path, shape (4, bars) each."""
    import numpy as np

    path = work.paths.path(number)
    fund = work.paths.scene(path).market[FUND]
    return path.index.prices, np.array([fund.open, fund.high, fund.low, fund.close])


def check(work: Any) -> int:
    """Hold vectorbt's final equities to ours; how many paths were compared.

    Raises
    ------
    Part
        At the first path where they differ, or if fewer than half can be compared.
    """
    import numpy as np

    found = work.make_engine().evaluate(np.arange(SOME))
    same = 0
    for number in range(SOME):
        index, fund = arrays(work, number)
        if not fund[3].all():  # dead: vectorbt has no price at which it could be sold
            continue
        theirs, _ = by_vectorbt(index, fund)
        mine = float(found["figures"][number, work.columns.index("final_equity")])
        if not math.isclose(theirs, mine, rel_tol=TOLERANCE):
            raise Part(f"path {number} ends with {theirs!r} in vectorbt and {mine!r} here")
        same += 1
    if same < SOME // 2:
        raise Part(f"only {same} of {SOME} paths could be compared")
    return same


def ratio() -> int:
    """Print processor time a path, here and in vectorbt, and the ratio."""
    import numpy as np

    work = job(SOME)
    try:
        compared = check(work)
    except Part as where:
        print(f"not the same: {where}", file=sys.stderr)
        return 1
    print(f"  {compared} paths' final equities are the same in vectorbt, to 1e-9")
    engine = work.make_engine()
    given = [arrays(work, number) for number in range(SOME)]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        engine.evaluate(np.arange(SOME))
        middle = time.process_time()
        for index, fund in given:
            by_vectorbt(index, fund)
        ours.append((middle - start) / SOME)
        theirs.append((time.process_time() - middle) / SOME)
    ratio = median(b / a for a, b in zip(ours, theirs, strict=True))
    spent, peer = 1e3 * median(ours), named("vectorbt")
    tell("a simulated path", spent, "ms", peer, ratio * spent, limit=LEAST_RATIO, most=False)
    return 0


def whole() -> None:
    """Run all paths on two cores, and print seconds of wall time and of processor time."""
    from feeds import load_bars
    from runs.robustness.montecarlo.asked import Asked
    from runs.robustness.montecarlo.study import simulate
    from runs.specs.script import make_spec

    end = load_bars("nasdaq").sessions[BARS - 1]
    spec = make_spec({**SPEC, "data": {**SPEC["data"], "end": str(end)}})  # type: ignore[dict-item]
    start = time.perf_counter()
    found, _ = simulate(spec, Asked(PATHS), workers=2)
    seconds = time.perf_counter() - start
    assert len(found.job.paths.sessions) == BARS
    assert not found.refused
    print(seconds)


def memory(count: int) -> None:
    """Run so many paths in this process, and print its peak of memory."""
    work = job(count)
    engine = work.make_engine()
    for chunk in range(work.chunks):
        engine.evaluate(work.cells(chunk))
    print(peak_mb())


def fresh(*words: str) -> list[float]:
    """What a part of this benchmark prints in a process of its own."""
    said = subprocess.run((*COMMAND, *words), check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(word) for word in said.split()]


def main() -> int:
    print(f"{PATHS:,} paths of {BARS:,} bars: rsi_timing and {FUND}", flush=True)
    failed = subprocess.run((*COMMAND, "ratio"), check=False).returncode
    if failed:
        return failed
    fresh("whole")  # numba's cache
    times = sorted(fresh("whole")[0] for _ in range(3))
    tell(f"{PATHS:,} paths on two cores", median(times), "s", limit=MOST_SECONDS)
    few, many = fresh("memory", "250")[0], fresh("memory", "2500")[0]
    tell("memory for ten times the paths, more than for one", many - few, "MB", limit=MOST_MB)
    return 0


if __name__ == "__main__":
    words = sys.argv[1:]
    if not words:
        sys.exit(main())
    if words[0] == "ratio":
        sys.exit(ratio())
    elif words[0] == "whole":
        whole()
    else:
        memory(int(words[1]))
