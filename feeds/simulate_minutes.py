"""`semis-sim-5min`: five-minute bars of a simulated semiconductor index, for plans that go by the clock.

Sessions as `feeds.simulate` has them; within each a Brownian bridge from its open to its close, at the same
variance all day (real ones are livelier at both ends), whose bars have the extremes of bridges again.
"""

from __future__ import annotations

import numpy as np

from feeds.bars import Bars
from feeds.calendars import hours
from feeds.simulate import SEED, bridge_extremes, simulate_days

NAME = "semis-sim-5min"
MINUTES = 5
START, END = np.datetime64("2018-01-02"), np.datetime64("2019-12-31")


def simulate_five_minutes(
    seed: int | np.random.Generator = SEED,
    start: np.datetime64 = START,
    end: np.datetime64 = END,
    initial: float = 1300.0,
) -> Bars:
    """Simulated bars of five minutes, stamped with their beginning, on the New York sessions from `start` to
    `end`, early closes included. The same seed gives the same bars, and the result is marked as simulated."""
    rng = np.random.default_rng(seed)
    made = simulate_days(rng, start, end, initial)
    years = range(int(str(made.days[0])[:4]), int(str(made.days[-1])[:4]) + 1)
    known = {day: each for year in years for day, each in hours("XNYS", year).items()}
    stamps, opens, closes, variances = [], [], [], []
    for i, day in enumerate(made.days):
        begins, ends = known[int(day.astype("datetime64[D]").astype(np.int64))]
        bars = (ends - begins) // MINUTES
        variance = made.variance[i] / bars
        walk = np.cumsum(np.sqrt(variance) * rng.standard_normal(bars))
        share = np.arange(1, bars + 1) / bars
        move = made.log_close[i] - made.log_open[i]
        path = made.log_open[i] + walk - share * walk[-1] + share * move
        stamps.append(day.astype("datetime64[m]") + begins + MINUTES * np.arange(bars))
        opens.append(np.concatenate(([made.log_open[i]], path[:-1])))
        closes.append(path)
        variances.append(np.full(bars, variance))
    log_open, log_close = np.concatenate(opens), np.concatenate(closes)
    log_high, log_low = bridge_extremes(rng, log_open, log_close, np.concatenate(variances))
    return Bars(
        name=NAME,
        source=NAME,
        timestamps=np.concatenate(stamps).astype("datetime64[us]"),
        open=np.exp(log_open),
        high=np.exp(log_high),
        low=np.exp(log_low),
        close=np.exp(log_close),
        volume=np.round(1e6 * np.exp(0.5 * rng.standard_normal(len(log_open)))),
        simulated=True,
    )
