"""How many independent trials a family of correlated ones is worth.

Galwey 2009, "A new measure of the effective number of tests", Genetic Epidemiology 33:559–568: of the
eigenvalues λ of their correlations (Σ√λ)²/Σλ. It is the number of trials if none is correlated with another,
and 1 if all are the same.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ENOUGH = 8  # trials in a sample, below which it says nothing of how their number grows


def effective_number(returns: Floats) -> float:
    """The effective number of a few trials.

    Parameters
    ----------
    returns : shape (trials, periods); some three times as many periods as trials, or the correlations are
        mostly noise, and the number too small. A trial that never moves counts as none.
    """
    spread = returns.std(axis=1)
    moves = spread > 0
    if not moves.any():
        return 1.0
    standard = (returns[moves] - returns[moves].mean(axis=1, keepdims=True)) / spread[moves, None]
    roots = np.linalg.svd(standard, compute_uv=False)  # √(periods · λ)
    return float(roots.sum() ** 2 / (roots * roots).sum())


def effective_trials(returns: Floats, trials: int) -> float:
    """The effective number of many trials, from a random sample of them.

    It is that of the sample, grown as it grew from half of the sample to all of it: as a power of the number
    of trials. Of independent trials it is their number, of copies of a few it stays with those few.

    Parameters
    ----------
    returns : of the sample, in random order, shape (sample, periods). trials : how many there are in all.

    Returns
    -------
    From 1 to `trials`.
    """
    sampled = len(returns)
    found = effective_number(returns)
    if sampled < ENOUGH or trials <= sampled:
        return min(max(found, 1.0), float(trials))
    half = effective_number(returns[: sampled // 2])
    power = min(max(math.log(found / half) / math.log(sampled / (sampled // 2)), 0.0), 1.0)
    return min(max(found * (trials / sampled) ** power, 1.0), float(trials))
