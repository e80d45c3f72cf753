"""What the engines have in common: their names, and what is asked of them."""

from __future__ import annotations

from typing import Any, Protocol

from runs.sweeps.space.grid import Ints

KERNEL, BACKTRADER = "kernel", "backtrader"
ENGINES = (KERNEL, BACKTRADER)

# By name of `cells.METRICS` a float64 array, NaN where not defined; "refused": for each cell a sentence, or
# None if it ran; "engine": for each cell which engine ran it.
Evaluated = dict[str, Any]


class Engine(Protocol):
    """What runs cells. The kernel's may be asked by several threads at once."""

    def evaluate(self, cells: Ints) -> Evaluated:
        """Run some cells, sorted, shape (n,); everything in the answer has the same length and order."""
        ...
