"""What the engines have in common: their names, and what is asked of them."""

from __future__ import annotations

from typing import Any, Protocol

from runs.sweeps.space.grid import Ints

KERNEL, BACKTRADER = "kernel", "backtrader"
ENGINES = (KERNEL, BACKTRADER)

# By name of `cells.METRICS` a float64 array, NaN where not defined; "refused": for each cell a sentence, or
# None if it ran; "engine": for each cell which engine ran it; "blocks": of each the sums of its daily returns
# over the short rate and of their squares by block, shape (n, 2, blocks), NaN where it was refused.
Evaluated = dict[str, Any]


class Work(Protocol):
    """Cells to be run in chunks, here or elsewhere.

    unit : what a cell is called, many of them. in_threads : its engine works without Python's lock, so that
    threads do; else processes.
    """

    @property
    def unit(self) -> str: ...

    @property
    def in_threads(self) -> bool: ...

    def cells(self, chunk: int) -> Ints:
        """The cells of a chunk, sorted."""
        ...

    def parcel(self) -> Work:
        """The same with all that it needs, for another computer."""
        ...


class OwnWork(Work, Protocol):
    """Work that brings its own engine along."""

    def make_engine(self) -> Engine:
        """What runs its cells, ready."""
        ...


class Engine(Protocol):
    """What runs cells. The kernel's may be asked by several threads at once."""

    def evaluate(self, cells: Ints, blocks: int | None = None) -> Evaluated:
        """Run some cells, sorted, shape (n,); everything in the answer has the same length and order.

        Parameters
        ----------
        blocks : in how many the returns are summed; as the job has it if None.
        """
        ...
