"""A number by cell that tells runs apart: two cells are the same run if they share it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd: 2^64 over the golden ratio


def numbered_runs(columns: Iterable[Floats]) -> npt.NDArray[np.uint64]:
    """A number by cell of its values in all columns, alike only where each of them is alike to the bit.

    Of 64 bits, so that a million cells have the same by chance once in some thirty million sweeps.
    """
    found: Any = np.uint64(0)
    for values in columns:
        bits = (values + 0.0).view(np.uint64)  # no minus zero
        # As SplitMix64 mixes the bits of a number (Steele, Lea and Flood 2014).
        bits = (bits ^ bits >> np.uint64(30)) * MIX[0]
        bits = (bits ^ bits >> np.uint64(27)) * MIX[1]
        found = found * HASH_FACTOR + (bits ^ bits >> np.uint64(31))
    return np.asarray(found)
