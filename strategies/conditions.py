"""Conditions over time: when one turns true, whether it was true lately, and what it compares. Causal, shape
(n,) each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What a condition compares: a value with a level.

    what : the value in words: "RSI(14)".
    value : shape (n,); NaN where it is not known.
    level : what it is compared with, a number or shape (n,).
    share : True if both are fractions, to be shown in per cent.
    """

    what: str
    value: Floats
    level: Floats | float
    share: bool = False


def turns(on: Bools, known: Bools) -> Bools:
    """True where a condition is known to hold and, when last known before that, did not.

    The first bar on which it is known is no turn: what was there before has not been seen.
    """
    last = np.maximum.accumulate(np.where(known, np.arange(len(on)), -1))
    prior = np.concatenate(([-1], last[:-1])).astype(np.int64)[: len(on)]
    return on & known & (prior >= 0) & ~on[prior]


def within(happened: Bools, bars: int) -> Bools:
    """True where something happened on this bar or on one of the `bars` before it."""
    ago = np.arange(len(happened))
    last = np.maximum.accumulate(np.where(happened, ago, -bars - 1))
    return ago - last <= bars
