"""GJR-GARCH: volatility that comes in clusters and rises more after losses, fitted to an index's returns.

    rₜ = μ + εₜ,   εₜ = σₜ zₜ,   σₜ² = ω + (α + γ·1[εₜ₋₁ < 0])·εₜ₋₁² + β·σₜ₋₁²

Glosten, Jagannathan & Runkle 1993, "On the Relation between the Expected Value and the Volatility of the
Nominal Excess Return on Stocks", J. Finance 48:1779–1801; fitted by maximum likelihood with Student-t shocks
(the arch package). Shocks z are drawn from that Student-t, or are the fit's own standardised residuals, each
as likely as any other: filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without
Correlations for Portfolios of Derivative Securities", J. Futures Markets 19:583–602). A path begins with the
volatility that the fit has on the first day.

The mean μ is the returns' own. The fitted one, which trusts large losses little, makes an index that gained
6 % a year gain 15, and every figure of a path hangs on it.

Real residuals are larger below than above 0, so that γ counts for more than with Student's: volatility then
reaches further. Either way the variance must stay finite: α + γ·E[z²; z < 0] + β < 1.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from feeds.histories.bootstrap import refuse_few
from feeds.histories.shapes import Alike
from feeds.histories.steps import Floats, Steps
from letf_instruments import SpecError
from letf_instruments.compiled import compiled

Shocks = Literal["student", "residuals"]
SHOCKS = ("student", "residuals")
PERCENT = 100.0  # returns are fitted in percent, where the search has numbers near 1


@compiled(nogil=True)
def _returns(z: Any, mu: float, omega: float, alpha: float, gamma: float, beta: float, first: float) -> Any:
    """Returns from shocks; `first` is the variance of the first day."""
    out = np.empty(len(z))
    variance = first
    for t in range(len(z)):
        e = math.sqrt(variance) * z[t]
        out[t] = mu + e
        arch = alpha + gamma if e < 0.0 else alpha
        variance = omega + arch * e * e + beta * variance
    return out


class Garch:
    """Paths of an index by a GJR-GARCH(1,1) fitted to its returns.

    Parameters
    ----------
    returns : log returns of its real closes, shape (n − 1,).
    shocks : drawn from the fitted Student-t, or from the fit's own residuals.

    Raises
    ------
    SpecError
        If there are too few returns, they do not move, or the fit has no finite variance.
    """

    def __init__(self, returns: Floats, shocks: Shocks = "student") -> None:
        from arch.univariate import GARCH, ConstantMean, StudentsT

        refuse_few(len(returns))
        if not np.ptp(returns) > 0.0:
            raise SpecError("the index does not move, so no volatility can be fitted to it")
        model = ConstantMean(
            PERCENT * returns, volatility=GARCH(p=1, o=1, q=1), distribution=StudentsT(), rescale=False
        )
        fit = model.fit(disp="off", show_warning=False)
        _, omega, alpha, gamma, beta, nu = (float(value) for value in fit.params)
        self._numbers = (PERCENT * float(returns.mean()), omega, alpha, gamma, beta)
        self._nu, self._shocks = nu, shocks
        sigma = np.asarray(fit.conditional_volatility)
        self._first = float(sigma[0] ** 2)
        residuals = np.asarray(fit.resid) / sigma
        self._residuals = (residuals - residuals.mean()) / residuals.std()
        z = self._residuals
        below = 0.5 if shocks == "student" else float((z**2 * (z < 0.0)).mean())
        if fit.convergence_flag != 0 or not alpha + gamma * below + beta < 1.0 or not nu > 2.0:
            raise SpecError(
                f"GJR-GARCH with shocks {shocks!r} does not fit these returns: it finds no variance that "
                "stays finite; --model bootstrap makes do without one"
            )
        self._alike = Alike(returns)

    def steps(self, rng: np.random.Generator, days: int) -> Steps:
        """As `Model.steps`."""
        if self._shocks == "residuals":
            z = self._residuals[rng.integers(0, len(self._residuals), days)]
        else:
            z = rng.standard_t(self._nu, days) * math.sqrt((self._nu - 2.0) / self._nu)
        returns = _returns(z, *self._numbers, self._first) / PERCENT
        return self._alike.steps(rng, returns)

    @property
    def facts(self) -> dict[str, float | str]:
        """As `Model.facts`; μ and ω of returns in percent."""
        names = ("mu", "omega", "alpha", "gamma", "beta")
        numbers = dict(zip(names, self._numbers, strict=True))
        return {"model": "garch", "shocks": self._shocks, **numbers, "nu": self._nu}
