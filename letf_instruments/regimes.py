"""Regimes: in which stretches of a history daily compounding helped, and in which it hurt.

Kaufman's efficiency ratio (Perry J. Kaufman, Smarter Trading, 1995) says how straight a path was:
|net log move| / sum of |daily log moves|, 1 for a straight line, near 0 for chop. The compounding effect
of a window is what daily compounding alone makes of the index, less multiple × the index's return:

    max(0, ∏ (1 + b·r))  −  1  −  b·(index ratio − 1)

Carry and fee are left out, so that nothing but the path is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import DataError
from letf_instruments.holding import ROUNDING
from letf_instruments.synthesis import Dates, Floats

SESSIONS_A_YEAR = 252
TERCILES = 3


@dataclass(frozen=True, eq=False)
class Windows:
    """Non-overlapping windows of a history, in order of time; arrays of shape (k,)."""

    starts: Dates  # the session at whose close the window begins
    ends: Dates
    efficiency: Floats  # Kaufman's ratio, 0 to 1
    effect: Floats  # compounding effect, a fraction of the money put in
    index: Floats  # simple return
    volatility: Floats  # √(252 × mean squared daily log return)


@dataclass(frozen=True)
class Tercile:
    """A third of the windows by efficiency ratio. Returns and shares are fractions."""

    windows: int
    lowest: float  # efficiency ratio
    highest: float
    mean_effect: float
    helped: float  # share of windows with an effect above 0
    mean_volatility: float


def efficiency_ratio(closes: Floats) -> Floats:
    """Kaufman's ratio along the last axis: shape (..., m) → (...). A path that never moves has 0."""
    moves = np.diff(np.log(closes), axis=-1)
    travelled = np.abs(moves).sum(axis=-1)
    net = np.abs(moves.sum(axis=-1))
    return np.asarray(np.divide(net, travelled, out=np.zeros_like(net), where=travelled > 0.0))


def realised_volatility(closes: Floats) -> Floats:
    """√(252 × mean squared daily log return) along the last axis: shape (..., m) → (...).

    About zero, not about the mean, as the closed form's realised variance is.
    """
    moves = np.diff(np.log(closes), axis=-1)
    return np.asarray(np.sqrt(SESSIONS_A_YEAR * np.mean(moves**2, axis=-1)))


def split_windows(
    sessions: npt.NDArray[np.datetime64], index_close: Floats, multiple: float, length: int = 63
) -> Windows:
    """Cut a history into windows of `length` daily moves; what is left at its end is dropped.

    Parameters
    ----------
    sessions, index_close : shape (n,), one a session, closes positive.

    Raises
    ------
    DataError
        If not one window fits in.
    """
    count = (len(sessions) - 1) // length
    if length < 1 or count < 1:
        raise DataError(f"a window of {length} daily moves does not fit into {len(sessions)} sessions")
    # One close is shared by two neighbours: it ends the one and begins the other.
    at = np.arange(count)[:, None] * length + np.arange(length + 1)
    closes = index_close[at]
    growth = 1.0 + multiple * (closes[:, 1:] / closes[:, :-1] - 1.0)
    compounded = np.prod(np.maximum(growth, 0.0), axis=1) - 1.0
    index = closes[:, -1] / closes[:, 0] - 1.0
    effect = compounded - multiple * index
    return Windows(
        starts=sessions[at[:, 0]],
        ends=sessions[at[:, -1]],
        efficiency=efficiency_ratio(closes),
        effect=np.where(np.abs(effect) < ROUNDING, 0.0, effect),
        index=index,
        volatility=realised_volatility(closes),
    )


def terciles(windows: Windows) -> list[Tercile]:
    """The windows in three groups by efficiency ratio, choppiest first; none if there are fewer than 3."""
    if len(windows.effect) < TERCILES:
        return []
    order = np.argsort(windows.efficiency, kind="stable")
    return [
        Tercile(
            windows=len(group),
            lowest=float(windows.efficiency[group[0]]),
            highest=float(windows.efficiency[group[-1]]),
            mean_effect=float(windows.effect[group].mean()),
            helped=float((windows.effect[group] > 0.0).mean()),
            mean_volatility=float(windows.volatility[group].mean()),
        )
        for group in np.array_split(order, TERCILES)
    ]
