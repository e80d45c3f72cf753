"""Whether the best of several rules truly beats a benchmark, all that were tried counted.

Hansen 2005, "A Test for Superior Predictive Ability", J. Business & Economic Statistics 23:365–380: the
probability that the best of them would lead by as much if none were any better (arch.bootstrap).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_SPREAD = 1e-9  # of a lead's daily figures


def superiority(models: Floats, benchmark: Floats, length: float, draws: int, seed: int) -> float | None:
    """The consistent p-value of Hansen's test on mean daily returns.

    Parameters
    ----------
    models : daily returns, shape (rules, n). benchmark : of the same days, shape (n,).
    length : mean length of the stationary bootstrap's blocks, days.

    Returns
    -------
    A probability; None where no rule ever differs from the benchmark.
    """
    from arch.bootstrap import SPA

    leads = models - benchmark
    differs = leads.std(axis=1) > LEAST_SPREAD
    if not differs.any():
        return None
    test = SPA(
        -benchmark,
        -models[differs].T,
        block_size=max(round(length), 1),
        reps=draws,
        bootstrap="stationary",
        studentize=True,
        nested=False,
        seed=np.random.default_rng(seed),
    )
    test.compute()
    return float(test.pvalues["consistent"])
