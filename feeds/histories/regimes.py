"""Regimes: calm and stormy times, each with a mean and a volatility of its own, between which a market jumps.

A Markov-switching model: on each day the market is in one of k regimes; in regime i returns are normal with
mean μᵢ and volatility σᵢ, and the next day's regime is j with probability pᵢⱼ. Hamilton 1989, "A New Approach
to the Economic Analysis of Nonstationary Time Series and the Business Cycle", Econometrica 57:357–384; fitted
by maximum likelihood with switching variance (statsmodels' MarkovRegression). A path begins in a regime drawn
by how likely the fit holds each to have been on the first day. Regimes are numbered from the calmest.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from feeds.histories.bootstrap import refuse_few
from feeds.histories.shapes import Alike
from feeds.histories.steps import Floats, Steps
from letf_instruments import SpecError
from letf_instruments.compiled import compiled

LEAST, MOST = 2, 4  # regimes
PERCENT = 100.0


@compiled(nogil=True)
def _regimes(u: Any, first: int, cumulated: Any, out: Any) -> None:
    """The regime of each day from uniform draws; `cumulated[i, j]` is the probability of going from i to j or
    a lower number."""
    state = first
    last = cumulated.shape[1] - 1
    for t in range(len(u)):
        if t > 0:
            following = 0
            while following < last and u[t] >= cumulated[state, following]:
                following += 1
            state = following
        out[t] = state


class Regimes:
    """Paths of an index by a Markov-switching model fitted to its returns.

    Parameters
    ----------
    returns : log returns of its real closes, shape (n − 1,).
    count : of regimes, 2 to 4.

    Raises
    ------
    SpecError
        If there are too few returns, they do not move, or no fit is found.
    """

    def __init__(self, returns: Floats, count: int = 2) -> None:
        from statsmodels.tools.sm_exceptions import ModelWarning
        from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

        refuse_few(len(returns))
        if not LEAST <= count <= MOST:
            raise SpecError(f"regimes is {count}; it must be {LEAST} to {MOST}")
        if not np.ptp(returns) > 0.0:
            raise SpecError("the index does not move, so no regimes can be fitted to it")
        model = MarkovRegression(PERCENT * returns, k_regimes=count, trend="c", switching_variance=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModelWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                fit = model.fit(disp=False)
            except (np.linalg.LinAlgError, ValueError) as error:
                raise SpecError(f"no {count} regimes fit these returns ({error}); take fewer") from None
        named = dict(zip(model.param_names, np.asarray(fit.params, dtype=np.float64), strict=True))
        variance = np.array([named[f"sigma2[{i}]"] for i in range(count)])
        mean = np.array([named[f"const[{i}]"] for i in range(count)])
        # statsmodels has them by column: [to, from].
        moves = np.asarray(fit.regime_transition)[:, :, 0].T
        known = np.isfinite(variance).all() and np.isfinite(moves).all() and (variance > 0.0).all()
        if not known:
            raise SpecError(f"no {count} regimes fit these returns; take fewer")
        order = np.argsort(variance)
        self.means, self.volatilities = mean[order] / PERCENT, np.sqrt(variance[order]) / PERCENT
        self.moves: Floats = moves[np.ix_(order, order)]
        self._cumulated = np.cumsum(self.moves, axis=1)
        begins = np.asarray(fit.smoothed_marginal_probabilities)[0][order]
        self._begins = begins / begins.sum()
        self._alike = Alike(returns)

    def steps(self, rng: np.random.Generator, days: int) -> Steps:
        """As `Model.steps`."""
        first = int(rng.choice(len(self._begins), p=self._begins))
        state = np.empty(days, dtype=np.int64)
        _regimes(rng.random(days), first, self._cumulated, state)
        returns = self.means[state] + self.volatilities[state] * rng.standard_normal(days)
        return self._alike.steps(rng, returns)

    @property
    def facts(self) -> dict[str, float | str]:
        """As `Model.facts`: of each regime the mean and volatility of a day, and its probability to stay."""
        out: dict[str, float | str] = {"model": "regimes", "regimes": float(len(self.means))}
        for i in range(len(self.means)):
            out[f"mean_{i}"], out[f"volatility_{i}"] = float(self.means[i]), float(self.volatilities[i])
            for j in range(len(self.means)):
                out[f"move_{i}{j}"] = float(self.moves[i, j])
        return out
