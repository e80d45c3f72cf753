"""One event-driven run over 600,000 five-minute bars: thirty years, a fund, a rule with stop and target.

The bars are drawn (seed 1). Time is of the processor, for building the run and running it; memory is the most
that the process has had in use.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.figures import tell
from benchmarks.footprint import peak_mb
from benchmarks.one_run import cpu_seconds, ours
from feeds.bars import Bars
from feeds.calendars import sessions_between

BARS, A_DAY, SEED = 600_000, 78, 1
MOST_SECONDS, MOST_MB = 12.0, 600.0


def five_minutes(n: int = BARS) -> Bars:
    """n bars of five minutes, from 9:30 on, of as many sessions as that takes."""
    days = sessions_between("XNYS", np.datetime64("1990-01-01"), np.datetime64("2025-12-31"))
    days = days[-(n // A_DAY + 1) :].astype("datetime64[m]")
    minutes = np.timedelta64(570, "m") + np.arange(A_DAY) * np.timedelta64(5, "m")
    stamps = (days[:, None] + minutes).ravel()[:n].astype("datetime64[us]")
    rng = np.random.default_rng(SEED)
    close = 100.0 * np.exp(np.cumsum(0.0012 * rng.standard_normal(n)))
    opened = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opened, close) * (1.0 + 0.0003 * rng.random(n))
    low = np.minimum(opened, close) * (1.0 - 0.0003 * rng.random(n))
    return Bars("DRAWN", "DRAWN", stamps, opened, high, low, close, np.ones(n))


def main() -> int:
    bars = five_minutes()
    ours(five_minutes(5_000))
    tell("a run over 600,000 five-minute bars", cpu_seconds(lambda: ours(bars)), "s", limit=MOST_SECONDS)
    tell("memory of that run", peak_mb(), "MB", limit=MOST_MB)
    return 0


if __name__ == "__main__":
    sys.exit(main())
