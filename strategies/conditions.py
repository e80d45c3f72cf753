"""Conditions over time: when one turns true, and whether it was true lately. Causal, shape (n,) each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


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
