"""The probability of backtest overfitting: how often the best of many trials on one half of the time is no
better than the median of them on the other half.

Combinatorially symmetric cross-validation of Bailey, Borwein, López de Prado & Zhu 2017, "The probability of
backtest overfitting", J. Computational Finance 20(4):39–69: the time is cut into an even number of blocks,
and every choice of half of the blocks is a training set, the other half its test.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from letf_instruments.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Parts = Callable[[], Iterable[tuple[Floats, Floats]]]

THREADS = 2
STILL = 1e-12  # of a block's variance: below it there is no ratio but rounding


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What came of all splits of the blocks, `itertools.combinations` in order; arrays of shape (splits,).

    chosen : the trial that was best in training. rank : its share of the way from the last (0) to the first
    (1) in the test, rank/(trials + 1). logit : ln(rank/(1 − rank)).
    """

    chosen: Ints
    rank: Floats
    logit: Floats

    @property
    def probability(self) -> float:
        """The share of splits in which what was chosen was no better than the median of the others."""
        return float((self.logit <= 0.0).mean())


def overfitting(parts: Parts, counts: Ints, metric: str = "sharpe") -> Overfitting:
    """Of many trials, from the returns of each by block.

    Parameters
    ----------
    parts : gives all trials, a part after another, each time it is called (twice): of each trial the sum of
        its returns by block, and of their squares, shape (trials of the part, blocks), finite.
    counts : returns in each block, shape (blocks,); an even number of blocks up to 16.
    metric : "sharpe", mean over spread (0 where nothing moves), or "mean". The first of equals is best in
        training, and the last of them in the test.

    Raises
    ------
    ValueError
        If the number of blocks is odd, or more than 16.
    """
    blocks = len(counts)
    if blocks % 2 or blocks > 16:
        raise ValueError(f"an even number of blocks up to 16, not {blocks}")
    splits = [sum(1 << b for b in some) for some in itertools.combinations(range(blocks), blocks // 2)]
    numbers = np.array(splits, dtype=np.int64)
    low, high = numbers & ((1 << blocks // 2) - 1), numbers >> blocks // 2
    inside = (numbers[:, None] >> np.arange(blocks)) & 1
    length = (inside @ counts).astype(np.float64)
    chosen = np.zeros(len(splits), dtype=np.int64)
    best, test, below = np.full(len(splits), -np.inf), np.zeros(len(splits)), np.zeros(len(splits))
    by, trials = metric == "sharpe", 0

    def choose(sums: Floats, squares: Floats) -> tuple[int, Ints, Floats, Floats]:
        found = np.zeros_like(chosen), np.full_like(best, -np.inf), np.zeros_like(test)
        _choose(sums, squares, low, high, length, by, *found)
        return len(sums), *found

    def count(sums: Floats, squares: Floats) -> Floats:
        found = np.zeros_like(below)
        _count(sums, squares, low, high, length, by, test, found)
        return found

    for many, own, score, its_test in _in_order(choose, parts()):
        better = score > best  # the first of equals, as parts are in order
        chosen[better], best[better], test[better] = trials + own[better], score[better], its_test[better]
        trials += many
    for found in _in_order(count, parts()):
        below += found
    rank = (below + 1.0) / (trials + 1.0)
    return Overfitting(chosen, rank, np.log(rank / (1.0 - rank)))


def _in_order(work: Callable[..., Any], parts: Iterable[tuple[Floats, Floats]]) -> Iterator[Any]:
    """What work makes of each part, in their order. A second thread works while this one reads: more would
    wait for it."""
    with ThreadPoolExecutor(THREADS) as pool:
        running: deque[Future[Any]] = deque()
        for part in parts:
            running.append(pool.submit(work, *part))
            if len(running) > THREADS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@compiled(nogil=True, error_model="numpy")
def _subsets(values: Any, first: int, out: Any) -> None:
    """The sums of all subsets of half of a trial's blocks, by the number whose bits they are."""
    out[0] = 0.0
    size = 1
    for b in range(len(values) // 2):
        for k in range(size):
            out[size + k] = out[k] + values[first + b]
        size *= 2


@compiled(nogil=True, error_model="numpy")
def _score(total: float, square: float, count: float, by_sharpe: bool) -> float:
    """What trials are ranked by: it grows with the metric."""
    if not by_sharpe:
        return total
    if count <= 0.0:
        return 0.0
    spread = square - total * total / count
    if spread <= STILL * count:
        return 0.0
    return total * abs(total) / spread


@compiled(nogil=True, error_model="numpy")
def _scores(sums: Any, squares: Any, low: Any, high: Any, length: Any, by: bool, room: Any, out: Any) -> None:
    """A trial's score on each split's training blocks."""
    half = len(sums) // 2
    _subsets(sums, 0, room[0])
    _subsets(sums, half, room[1])
    _subsets(squares, 0, room[2])
    _subsets(squares, half, room[3])
    for s in range(len(low)):
        i, j = low[s], high[s]
        out[s] = _score(room[0, i] + room[1, j], room[2, i] + room[3, j], length[s], by)


@compiled(nogil=True, error_model="numpy")
def _choose(
    sums: Any,
    squares: Any,
    low: Any,
    high: Any,
    length: Any,
    by: bool,
    chosen: Any,
    best: Any,
    test: Any,
) -> None:
    """The best trial of each split in training, and its score in the test; trials count from 0. The
    blocks that a split leaves out are the split at the same place from the end."""
    room, out = np.empty((4, 1 << sums.shape[1] // 2)), np.empty(len(low))
    last = len(low) - 1
    for trial in range(len(sums)):
        _scores(sums[trial], squares[trial], low, high, length, by, room, out)
        for s in range(len(low)):
            if out[s] > best[s]:
                chosen[s], best[s], test[s] = trial, out[s], out[last - s]


@compiled(nogil=True, error_model="numpy")
def _count(
    sums: Any, squares: Any, low: Any, high: Any, length: Any, by: bool, test: Any, below: Any
) -> None:
    """How many trials are below what was chosen, in the test."""
    room, out = np.empty((4, 1 << sums.shape[1] // 2)), np.empty(len(low))
    last = len(low) - 1
    for trial in range(len(sums)):
        _scores(sums[trial], squares[trial], low, high, length, by, room, out)
        for s in range(len(low)):
            below[s] += out[last - s] < test[s]
