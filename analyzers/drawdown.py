"""Drawdown: how deep, how long, how long back; the underwater series and the worst spells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from letf_instruments.sizes import DUST

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Drawdown:
    """One spell under water: from the peak to the bar that reaches it again (None: not yet)."""

    depth: float  # trough over peak − 1; negative
    peak: np.datetime64
    trough: np.datetime64
    recovery: np.datetime64 | None
    days: int  # calendar days from the peak to the recovery, or to the last bar
    days_to_trough: int
    bars: int  # bars under water


def underwater(equity: Floats) -> Floats:
    """Equity over its highest value so far − 1, shape (n,); 0 at a high, negative below one."""
    equity = np.asarray(equity, dtype=np.float64)
    highest = np.maximum.accumulate(equity)
    # Not a ratio less 1: of a fall of a ten-millionth that would keep nine digits only.
    return (equity - highest) / highest


def drawdowns(days: Dates, equity: Floats, worst: int | None = None) -> list[Drawdown]:
    """All spells under water, the deepest first.

    Parameters
    ----------
    days : datetime64[D], shape (n,), rising.
    equity : shape (n,), positive at its highs.
    worst : how many at the most; None for all.
    """
    below = underwater(equity)
    wet = below < -DUST  # a high that is met again but for rounding is met
    edges = np.diff(np.concatenate(([False], wet, [False])).astype(np.int8))
    spells = []
    for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        trough = start + int(np.argmin(below[start:end]))
        recovered = end < len(below)
        last = days[end] if recovered else days[-1]
        spells.append(
            Drawdown(
                depth=float(below[trough]),
                peak=days[start - 1],
                trough=days[trough],
                recovery=days[end] if recovered else None,
                days=int((last - days[start - 1]).astype(int)),
                days_to_trough=int((days[trough] - days[start - 1]).astype(int)),
                bars=int(end - start),
            )
        )
    spells.sort(key=lambda spell: spell.depth)
    return spells[:worst]
