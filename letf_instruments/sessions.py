"""Bars grouped by a key that stays the same from bar to bar: a session, a month, a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def last_of_each(keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """True on the last element of each run of equal keys, shape (n,) → (n,)."""
    last = np.ones(len(keys), dtype=bool)
    last[:-1] = keys[1:] != keys[:-1]
    return last


def first_of_each(keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """True on the first element of each run of equal keys, shape (n,) → (n,)."""
    first = np.ones(len(keys), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    return first
