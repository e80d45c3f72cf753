"""Simulated indexes, for when there are no real prices at hand.

`semis-sim` is a semiconductor index. Closes follow a GJR-GARCH(1,1) with Student-t shocks (Glosten,
Jagannathan & Runkle 1993), simulated by the arch package with the parameters below: arch's maximum-likelihood
fit to the daily log returns, in percent, of the PHLX Semiconductor index from 1994-05-04 to 2023-12-29
(annualised volatility 37.5 %), but for the mean, which is the sample's own (12.0 % a year). A share of each
day's variance falls overnight (0.336: SOXX, opens and closes 2010 to 2023); the day's high and low are the
extremes of a Brownian bridge from open to close, each drawn from its exact law (Glasserman 2003, Monte Carlo
Methods in Financial Engineering, section 6.4).

`bonds-sim` is an index of long Treasury bonds with their coupons put in, as a fund of three times such bonds
sees it. It is assumed, not fitted: log returns are normal, 4 % a year with a volatility of 15 % (prices that
move 17 % for a point of yield, and yields that move .9 points a year), in bars like the other's, and
independent of every other series.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars
from feeds.calendars import sessions_between

Floats = npt.NDArray[np.float64]

NAME = "semis-sim"
MU, OMEGA, ALPHA, GAMMA, BETA, NU = 0.0476, 0.0224, 0.0297, 0.0591, 0.9371, 12.1
OVERNIGHT = 0.336
SEED = 1
START, END = np.datetime64("2000-01-03"), np.datetime64("2019-12-31")

BONDS = "bonds-sim"
BONDS_DRIFT, BONDS_VOLATILITY = 0.04, 0.15  # a year
BONDS_START, BONDS_END = np.datetime64("1994-01-03"), np.datetime64("2025-12-31")
BONDS_STREAM = 1994  # beside the seed, so that bonds are not the semiconductors of the same seed


def simulate_semiconductors(
    seed: int | np.random.Generator = SEED,
    start: np.datetime64 = START,
    end: np.datetime64 = END,
    initial: float = 500.0,
) -> Bars:
    """Simulated daily bars on the New York sessions from `start` to `end`.

    The same seed gives the same bars. The result is marked as simulated.
    """
    from arch.univariate import GARCH, ConstantMean, StudentsT

    rng = np.random.default_rng(seed)
    days = sessions_between("XNYS", start, end)
    n = len(days)
    model = ConstantMean(None, volatility=GARCH(p=1, o=1, q=1), distribution=StudentsT(seed=rng))
    path = model.simulate([MU, OMEGA, ALPHA, GAMMA, BETA, NU], nobs=n, burn=500)
    returns = path["data"].to_numpy() / 100.0
    sigma = path["volatility"].to_numpy() / 100.0
    returns[0] = 0.0

    return _bars(NAME, days, returns, sigma, initial, rng)


def simulate_bonds(seed: int = SEED, initial: float = 100.0) -> Bars:
    """Simulated daily bars of long Treasury bonds on the New York sessions of 1994 to 2025.

    The same seed gives the same bars. The result is marked as simulated.
    """
    rng = np.random.default_rng([seed, BONDS_STREAM])
    days = sessions_between("XNYS", BONDS_START, BONDS_END)
    sigma = np.full(len(days), BONDS_VOLATILITY / np.sqrt(252))
    returns = BONDS_DRIFT / 252 + sigma * rng.standard_normal(len(days))
    returns[0] = 0.0
    return _bars(BONDS, days, returns, sigma, initial, rng)


def _bars(
    name: str,
    days: npt.NDArray[np.datetime64],
    returns: Floats,
    sigma: Floats,
    initial: float,
    rng: np.random.Generator,
) -> Bars:
    """Daily bars with these log returns from close to close; `sigma` is the volatility of each day."""
    n = len(days)
    log_close = np.log(initial) + np.cumsum(returns)
    log_prior = np.concatenate(([np.log(initial)], log_close[:-1]))
    # The overnight part of a given day's return is normal around its share of it.
    noise = sigma * np.sqrt(OVERNIGHT * (1 - OVERNIGHT)) * rng.standard_normal(n)
    log_open = log_prior + OVERNIGHT * returns + noise
    day_variance = sigma**2 * (1 - OVERNIGHT)
    move = log_close - log_open

    def extreme() -> np.ndarray:
        return np.sqrt(move**2 - 2.0 * day_variance * np.log(1.0 - rng.random(n)))

    log_high = log_open + (move + extreme()) / 2.0
    log_low = log_open + (move - extreme()) / 2.0
    # Traded volume rises with the size of the day's move; its level means nothing.
    volume = np.round(1e8 * np.exp(0.25 * rng.standard_normal(n)) * (0.5 + np.abs(returns) / sigma))
    return Bars(
        name=name,
        source=name,
        timestamps=days,
        open=np.exp(log_open),
        high=np.exp(log_high),
        low=np.exp(log_low),
        close=np.exp(log_close),
        volume=volume,
        simulated=True,
    )
