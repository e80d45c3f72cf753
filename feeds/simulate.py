"""`semis-sim`: a simulated semiconductor index, for when there are no real prices at hand.

Closes follow a GJR-GARCH(1,1) with Student-t shocks (Glosten, Jagannathan & Runkle 1993), simulated by
the arch package with the parameters below: arch's maximum-likelihood fit to the daily log returns, in
percent, of the PHLX Semiconductor index from 1994-05-04 to 2023-12-29 (annualised volatility 37.5 %),
but for the mean, which is the sample's own (12.0 % a year).
A share of each day's variance falls overnight (0.336: SOXX, opens and closes 2010 to 2023); the day's
high and low are the extremes of a Brownian bridge from open to close, each drawn from its exact law
(Glasserman 2003, Monte Carlo Methods in Financial Engineering, section 6.4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars, Floats
from feeds.calendars import sessions_between

NAME = "semis-sim"
MU, OMEGA, ALPHA, GAMMA, BETA, NU = 0.0476, 0.0224, 0.0297, 0.0591, 0.9371, 12.1
OVERNIGHT = 0.336
SEED = 1
START, END = np.datetime64("2000-01-03"), np.datetime64("2019-12-31")


class Days(NamedTuple):
    """Simulated sessions: dates, log opens and closes, the variance of the log return within each, and its
    volatility; shape (n,) each."""

    days: npt.NDArray[np.datetime64]
    log_open: Floats
    log_close: Floats
    variance: Floats
    sigma: Floats
    returns: Floats


def simulate_days(rng: np.random.Generator, start: np.datetime64, end: np.datetime64, initial: float) -> Days:
    """Opens and closes on the New York sessions from `start` to `end`."""
    from arch.univariate import GARCH, ConstantMean, StudentsT

    days = sessions_between("XNYS", start, end)
    n = len(days)
    model = ConstantMean(None, volatility=GARCH(p=1, o=1, q=1), distribution=StudentsT(seed=rng))
    path = model.simulate([MU, OMEGA, ALPHA, GAMMA, BETA, NU], nobs=n, burn=500)
    returns = path["data"].to_numpy() / 100.0
    sigma = path["volatility"].to_numpy() / 100.0
    returns[0] = 0.0

    log_close = np.log(initial) + np.cumsum(returns)
    log_prior = np.concatenate(([np.log(initial)], log_close[:-1]))
    # The overnight part of a given day's return is normal around its share of it.
    noise = sigma * np.sqrt(OVERNIGHT * (1 - OVERNIGHT)) * rng.standard_normal(n)
    log_open = log_prior + OVERNIGHT * returns + noise
    return Days(days, log_open, log_close, sigma**2 * (1 - OVERNIGHT), sigma, returns)


def bridge_extremes(
    rng: np.random.Generator, start: Floats, end: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    """Highest and lowest of a Brownian bridge of that variance from one log price to another, each drawn from
    its exact law; shape (n,)."""
    move = end - start

    def extreme() -> Floats:
        return np.asarray(np.sqrt(move**2 - 2.0 * variance * np.log(1.0 - rng.random(len(start)))))

    high = start + (move + extreme()) / 2.0
    return high, start + (move - extreme()) / 2.0


def simulate_semiconductors(
    seed: int | np.random.Generator = SEED,
    start: np.datetime64 = START,
    end: np.datetime64 = END,
    initial: float = 500.0,
) -> Bars:
    """Simulated daily bars on the New York sessions from `start` to `end`.

    The same seed gives the same bars. The result is marked as simulated.
    """
    rng = np.random.default_rng(seed)
    made = simulate_days(rng, start, end, initial)
    log_high, log_low = bridge_extremes(rng, made.log_open, made.log_close, made.variance)
    # Traded volume rises with the size of the day's move; its level means nothing.
    moved = 0.5 + np.abs(made.returns) / made.sigma
    return Bars(
        name=NAME,
        source=NAME,
        timestamps=made.days,
        open=np.exp(made.log_open),
        high=np.exp(log_high),
        low=np.exp(log_low),
        close=np.exp(made.log_close),
        volume=np.round(1e8 * np.exp(0.25 * rng.standard_normal(len(made.days))) * moved),
        simulated=True,
    )
