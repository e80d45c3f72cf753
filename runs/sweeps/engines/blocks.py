"""What is kept of a cell beside its numbers: its daily returns over the short rate, summed by stretches of
time, and their squares. Cells are compared by it on parts of the time, without their curves being kept."""

from __future__ import annotations

import numpy as np

from engine.kernel.stage import Bools, Floats, Ints
from runs.sweeps.engines.engine import KERNEL

# Stretches. Of a few cells so many that their correlations can be seen; of many what the probability of
# overfitting is taken over, where 16 make 12,870 splits and 12 make 924. Each of them divides FINE.
FINE, COARSE, COARSEST = 240, 16, 12
FEW, MANY = 1_000, 2_500


def blocks_for(engine: str, cells: int) -> int:
    """In how many stretches the returns of so many cells are kept."""
    if engine != KERNEL or cells <= FEW:
        return FINE
    return COARSE if cells <= MANY else COARSEST


def block_ends(sessions: int, blocks: int) -> Ints:
    """Sessions that have passed by the end of each block, shape (blocks,); blocks are as alike in length as
    can be, and may be empty."""
    return np.arange(1, blocks + 1, dtype=np.int64) * sessions // blocks


def block_counts(sessions: int, blocks: int) -> Ints:
    """Sessions in each block, shape (blocks,)."""
    return np.diff(block_ends(sessions, blocks), prepend=0)


def marks_of(last: Bools, blocks: int) -> Ints:
    """The bars that end a block, ascending, each once.

    Parameters
    ----------
    last : true on the last bar of each session, shape (n,).
    """
    closes = np.flatnonzero(last)
    ends = np.unique(block_ends(len(closes), blocks)) if blocks else np.zeros(0, dtype=np.int64)
    return closes[ends[ends > 0] - 1]


def by_block(marks: Floats, sessions: int, blocks: int) -> Floats:
    """The sums of each block from those by the marked bars: shape (cells, 2, marks) → (cells, 2, blocks)."""
    ends = block_ends(sessions, blocks)
    so_far = np.concatenate((np.zeros((len(marks), 2, 1)), marks), axis=2)
    known = np.unique(np.append(ends, 0))
    return np.diff(so_far[:, :, np.searchsorted(known, ends)], prepend=0.0)


def of_returns(excess: Floats, sessions: int, blocks: int) -> Floats:
    """The sums of each block of an account's daily returns over the short rate, shape (2, blocks).

    Parameters
    ----------
    excess : shape (sessions,), or one less: the first session has a return only if something was traded on
        it.
    """
    every = np.concatenate((np.zeros(sessions - len(excess)), excess))
    so_far = np.cumsum(np.concatenate((np.zeros((2, 1)), [every, every * every]), axis=1), axis=1)
    return np.diff(so_far[:, block_ends(sessions, blocks)], prepend=0.0)
