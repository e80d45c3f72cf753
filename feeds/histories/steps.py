"""What every model of an index gives: the days of a path, each from a real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Steps:
    """The days of a path after its first, shape (n − 1,) each.

    at : the real day, by its position among the real bars (1 or more), that each takes its shape from, and
        what else that day brought: dividends, volume.
    returns : log returns of the close; None for those of the real days themselves.
    scale : how much larger than on its real day the bar is; None for 1.
    """

    at: Ints
    returns: Floats | None = None
    scale: Floats | None = None


class Model(Protocol):
    """What draws paths of an index."""

    def steps(self, rng: np.random.Generator, days: int) -> Steps:
        """So many days after the first."""
        ...

    @property
    def facts(self) -> dict[str, float | str]:
        """The parameters that it draws with, by name, ready for JSON."""
        ...
