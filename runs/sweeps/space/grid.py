"""The cells of a sweep: every combination of the values of its axes.

Axes are in an order of their own, whatever the spec's: what needs other data first, then what changes a
rule's signals, then plans, then money. The last axis runs fastest, so that neighbouring cells share what is
costly to make. A cell's number is its place in that order and never changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """One parameter and its values, all different. `key` is as in --set: "plan.stop". A value of None takes
    the key out of the spec."""

    key: str
    values: tuple[Any, ...]

    @cached_property
    def is_ordered(self) -> bool:
        """True for numbers; None may stand among them."""
        return all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in self.values)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Places of the values, the smallest first and None last; as given where they are no numbers."""
        places = range(len(self.values))
        if not self.is_ordered:
            return tuple(places)
        return tuple(sorted(places, key=lambda i: (self.values[i] is None, self.values[i] or 0)))

    @property
    def rank(self) -> int:
        """0 for data, 1 for what signals depend on, 2 for plans, 3 for money."""
        if self.key in ("plan.instrument", "plan.other", "plan.other.instrument"):
            return 1
        return {"data": 0, "rule": 1, "filters": 1, "plan": 2}.get(self.key.partition(".")[0], 3)


@dataclass(frozen=True)
class Grid:
    """All cells. `axes` are in order of `Axis.rank`, and within a rank as given."""

    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, axes: Sequence[Axis]) -> Grid:
        """A grid from axes in any order."""
        return cls(tuple(sorted(axes, key=lambda axis: axis.rank)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        """Number of cells; may be beyond what an array could hold."""
        return math.prod(self.shape)

    def digits(self, cells: Ints) -> Ints:
        """The position of each cell's value on each axis, shape (cells, axes)."""
        out = np.empty((len(cells), len(self.axes)), dtype=np.int64)
        rest = np.asarray(cells, dtype=np.int64)
        for i in reversed(range(len(self.axes))):
            rest, out[:, i] = np.divmod(rest, self.shape[i])
        return out

    def values(self, cell: int) -> dict[str, Any]:
        """A cell's value on each axis, by key."""
        digits = self.digits(np.array([cell]))[0]
        return {axis.key: axis.values[at] for axis, at in zip(self.axes, digits, strict=True)}
