"""The stationary bootstrap: blocks of real days, of random length, put together anew.

Each day of a path is, with probability 1/L, a real day drawn from all, each as likely as any other; else it
is the real day after that of the day before, with the first one after the last (Politis & Romano 1994, "The
Stationary Bootstrap", J. American Statistical Association 89:1303–1313). Blocks then have a geometric
length of mean L, and a path is stationary. Mean and variance are those of the real days in expectation; an
autocovariance at lag k is (1 − 1/L)ᵏ times the real (circular) one, so that what lasts longer than a block is
lost.

The mean length is by the rule of Politis & White 2004 ("Automatic Block-Length Selection for the Dependent
Bootstrap", Econometric Reviews 23:53–70) in the correction of Patton, Politis & White 2009 (28:372–375), as
the arch package has it: the longer of what the returns and what their squares ask for. Returns alone are all
but independent and ask for a few days; volatility comes in clusters, and those are in the squares.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from feeds.histories.steps import Floats, Ints, Steps
from letf_instruments import SpecError
from letf_instruments.compiled import compiled

LEAST_DAYS = 50  # real returns; from fewer nothing can be said of what else might have been


def block_length(values: Floats) -> float:
    """The mean length of blocks that a series asks for, at least 1.

    Parameters
    ----------
    values : shape (n,), or (n, k) for k series, of which the longest block counts.
    """
    from arch.bootstrap import optimal_block_length

    if not np.ptp(values, axis=0).all():  # one that does not move asks for nothing
        return 1.0
    asked = optimal_block_length(values)["stationary"].to_numpy()
    return float(np.nanmax(np.maximum(asked, 1.0)))


def return_block_length(returns: Floats) -> float:
    """The same for log returns, shape (n,): the longer of what they and their squares ask for."""
    return block_length(np.column_stack((returns, returns**2)))


@compiled(nogil=True)
def _joined(fresh: Any, starts: Any, count: int, out: Any) -> None:
    """Positions of 0 to `count` − 1: the next of `starts` where a block begins, else the one after that
    before."""
    at = block = 0
    for t in range(len(out)):
        if fresh[t]:
            at = starts[block]
            block += 1
        else:
            at += 1
            if at == count:
                at = 0
        out[t] = at


def stationary(rng: np.random.Generator, count: int, size: int, mean_length: float) -> Ints:
    """Positions of a stationary bootstrap.

    Parameters
    ----------
    count : of what is drawn from. size : how many are drawn. mean_length : of a block, 1 or more.

    Returns
    -------
    int64, shape (size,), from 0 to `count` − 1.
    """
    fresh = rng.random(size) < 1.0 / mean_length
    fresh[:1] = True
    starts = rng.integers(0, count, np.count_nonzero(fresh))
    out = np.empty(size, dtype=np.int64)
    _joined(fresh, starts, count, out)
    return out


class Bootstrap:
    """Paths of an index by the stationary bootstrap of its days.

    Parameters
    ----------
    returns : log returns of its real closes, shape (n − 1,).
    mean_length : of a block, in days; what the returns ask for if None.

    Raises
    ------
    SpecError
        If there are too few returns, or a block would be longer than all of them.
    """

    def __init__(self, returns: Floats, mean_length: float | None = None) -> None:
        refuse_few(len(returns))
        if mean_length is not None and not 1.0 <= mean_length <= len(returns):
            raise SpecError(
                f"a block of {mean_length:g} days: it must be 1 day at the least, and {len(returns):,}, the "
                "real returns that there are, at most"
            )
        self._count = len(returns)
        self.mean_length = return_block_length(returns) if mean_length is None else float(mean_length)

    def steps(self, rng: np.random.Generator, days: int) -> Steps:
        """As `Model.steps`."""
        return Steps(1 + stationary(rng, self._count, days, self.mean_length))

    @property
    def facts(self) -> dict[str, float | str]:
        """As `Model.facts`."""
        return {"model": "bootstrap", "block_days": self.mean_length}


def refuse_few(returns: int) -> None:
    """Refuse to make other histories of too short a one.

    Raises
    ------
    SpecError
        If it is.
    """
    if returns < LEAST_DAYS:
        raise SpecError(
            f"{returns:,} daily returns are too few to make other histories from; {LEAST_DAYS} are needed"
        )
