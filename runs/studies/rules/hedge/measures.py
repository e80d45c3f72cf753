"""What a hedge is measured by: beta, effectiveness, what it cost by cause, the worst windows. Arrays in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzers import Fill, Leg
from engine.kernel.figures import DAYS_A_YEAR

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

WINDOW = 21  # sessions, about a month
WINDOWS = 10


def returns_of(equity: Floats) -> Floats:
    """Simple returns, shape (n − 1,); NaN from and to nothing or a debt."""
    out = np.full(len(equity) - 1, np.nan)
    alive = (equity[1:] > 0) & (equity[:-1] > 0)
    out[alive] = equity[1:][alive] / equity[:-1][alive] - 1.0
    return out


def beta(returns: Floats, index_returns: Floats) -> float | None:
    """Cov / Var of returns on the index's, both shape (n,) (Ederington 1979); None if there are fewer than
    two, one is not known, or the index did not move."""
    if len(returns) < 2 or np.isnan(returns).any():
        return None
    off = index_returns - index_returns.mean()
    variance = float(off @ off)
    return float(off @ (returns - returns.mean())) / variance if variance > 0 else None


def effectiveness(hedged: Floats, unhedged: Floats) -> float | None:
    """1 − Var(hedged) / Var(unhedged) of returns (Ederington 1979): 1 took all risk away, below 0 added
    some. None if there is nothing to compare."""
    if len(hedged) < 2 or np.isnan(hedged).any() or np.isnan(unhedged).any():
        return None
    variance = float(unhedged.var())
    return 1.0 - float(hedged.var()) / variance if variance > 0 else None


class HedgeCost(NamedTuple):
    """The hedge's profit by cause, then its trading, as the account sees them (negative took money): in
    money, or as fractions of average equity a year. profit = promised + decay + financing + fee.

    promised : what a hedge held at its target at every close would have made of the index's moves.
    decay : what the hedge made of them, less that: it drifts away from the target between rebalances (the
        daily reset's compounding) and waits for the next open.
    """

    promised: float
    decay: float
    financing: float
    fee: float
    profit: float
    trading: float

    @property
    def total(self) -> float:
        """What the hedge cost beyond doing its job (the promise), positive."""
        return -(self.decay + self.financing + self.fee + self.trading)

    def a_year(self, days: Dates, equity: Floats) -> HedgeCost:
        """Money spread over the years and the mean equity, shape (n,)."""
        years = float((days[-1] - days[0]).astype(int)) / DAYS_A_YEAR
        base = float(equity.mean()) * years
        return HedgeCost(*(part / base if base > 0 else 0.0 for part in self))


def at_target(weights: Floats, multiple: float, equity: Floats, index: Floats, first: int) -> float:
    """What a hedge held at its target at every close would have made of the index's moves, in money.

    Not the promise of the leg (`analyzers.Leg`): that keeps each share to the short it was when bought,
    which a hedge that is traded back all the time is not meant to be.

    Parameters
    ----------
    weights : the target share of equity at each close, shape (n,); NaN leaves the one before.
    equity, index : at the same closes; the index as the fund's swap sees it.
    first : position of the session of the hedge's first fill; before it nothing counts.
    """
    known = ~np.isnan(weights)
    last = np.maximum.accumulate(np.where(known, np.arange(len(weights)), -1))
    wanted = np.where(last >= 0, weights[np.maximum(last, 0)], 0.0)
    exposure = wanted[:-1] * np.maximum(equity[:-1], 0.0) * multiple
    moves = exposure * (index[1:] / index[:-1] - 1.0)
    return float(moves[max(first - 1, 0) :].sum())


def by_cause(leg: Leg, promised: float) -> HedgeCost:
    """A hedge's money by cause, against what it would have made at its target (`at_target`)."""
    decay = leg.profit - leg.financing - leg.fee - promised  # with the tracking of traded prices
    return HedgeCost(promised, decay, leg.financing, leg.fee, leg.profit, -leg.costs)


def worst_windows(equity: Floats, length: int = WINDOW, most: int = WINDOWS) -> list[tuple[int, int]]:
    """(from, to) of the windows of `length` sessions with the worst returns, worst first: the worst of
    all, then the worst of those that share no session's return with it, and so on."""
    if len(equity) <= length or (equity <= 0).any():
        return []
    gains = equity[length:] / equity[:-length]
    found: list[tuple[int, int]] = []
    for start in np.argsort(gains, kind="stable").tolist():
        if all(abs(start - taken) >= length for taken, _ in found):
            found.append((start, start + length))
            if len(found) == most:
                break
    return found


def held_at_close(fills: list[Fill], closes: npt.NDArray[np.int64]) -> Bools:
    """True where something was held at a session's close; `closes` are the positions of their bars."""
    size = np.zeros(len(closes))
    for fill in fills:
        size[np.searchsorted(closes, fill.bar) :] += fill.size
    return np.abs(size) > 1e-9 * np.max(np.abs(size), initial=0.0)
