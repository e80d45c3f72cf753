"""How far the figures of a run may be off: bands by the stationary bootstrap of its daily returns.

Politis & Romano 1994, "The stationary bootstrap", J. American Statistical Association 89:1303–1313: the days
are drawn again in blocks of random length, so that what follows upon another day stays together. The mean
length is chosen by the rule of Politis & White 2004, Econometric Reviews 23:53–70, as corrected by Patton,
Politis & White 2009, 28:372–375 (arch.bootstrap).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from engine.kernel.figures import SESSIONS_A_YEAR, STILL

Floats = npt.NDArray[np.float64]

LEAST_DAYS = 64


def block_length(*series: Floats) -> float:
    """The mean length of the blocks, in days: by the rule, of the series that needs the longest, 1 or more,
    and no more than a tenth of all days.

    Parameters
    ----------
    series : daily returns, shape (n,) each. One that does not move asks for nothing.
    """
    from arch.bootstrap import optimal_block_length

    longest = 1.0
    for each in series:
        if float(np.std(each)) > STILL:
            found = float(optimal_block_length(each)["stationary"].iloc[0])
            longest = max(longest, found if math.isfinite(found) else 1.0)
    return min(longest, len(series[0]) / 10.0)


def measures(returns: Floats, excess: Floats, years: float) -> dict[str, float]:
    """Headline figures of daily returns, as docs/metrics.md has them; NaN where one is not defined.

    Parameters
    ----------
    returns : fractions a day, shape (n,). excess : the same over the short rate. years : of the calendar,
        that these days span; CAGR and Calmar are a year of it, as those of a run.
    """
    worth = np.cumprod(1.0 + returns)
    total = float(worth[-1]) - 1.0
    cagr = (1.0 + total) ** (1.0 / years) - 1.0 if total > -1.0 else -1.0
    peak = np.maximum.accumulate(np.maximum(worth, 1.0))
    depth = min(float((worth / peak).min()) - 1.0, 0.0)
    year = math.sqrt(SESSIONS_A_YEAR)
    moved, spread = float(returns.std(ddof=1)), float(excess.std(ddof=1))
    below = math.sqrt(float((np.minimum(excess, 0.0) ** 2).mean()))
    mean = float(excess.mean())
    return {
        "total_return": total,
        "cagr": cagr,
        "volatility": moved * year if moved > STILL else 0.0,
        "sharpe": mean / spread * year if moved > STILL and spread > STILL else math.nan,
        "sortino": mean / below * year if moved > STILL and below > STILL else math.nan,
        "max_drawdown": depth,
        "calmar": cagr / -depth if depth < 0.0 else math.nan,
    }


def drawn_again(
    series: Mapping[str, tuple[Floats, Floats]], length: float, draws: int, seed: int, years: float
) -> dict[str, dict[str, Floats]]:
    """`measures` of several series on the same days drawn again and again.

    Parameters
    ----------
    series : by name, returns and excess returns of the same days, shape (n,) each. length : of blocks, mean.
    years : that these days span; as many are drawn, so a draw spans as many.

    Returns
    -------
    By name and measure, shape (draws,): draw k of all of them is of the same days, so that they can be
    compared draw by draw.
    """
    from arch.bootstrap import StationaryBootstrap

    days = len(next(iter(series.values()))[0])
    generator = np.random.default_rng(seed)
    found: dict[str, dict[str, list[float]]] = {name: {} for name in series}
    again = StationaryBootstrap(length, np.arange(days), seed=generator)
    for (at,), _ in again.bootstrap(draws):
        for name, (returns, excess) in series.items():
            for key, value in measures(returns[at], excess[at], years).items():
                found[name].setdefault(key, []).append(value)
    return {name: {key: np.array(values) for key, values in kept.items()} for name, kept in found.items()}
