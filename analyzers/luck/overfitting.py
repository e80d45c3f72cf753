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
AT_A_TIME = 64  # trials
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


# What follows works through trials by the dozen, so that the processor's wide registers take several of them
# at a time; of each trial it does what one alone would ask for, in the same order.


@compiled(nogil=True, error_model="numpy")
def _subsets(values: Any, trial: int, many: int, first: int, out: Any) -> None:
    """The sums of all subsets of half of the blocks, from `first` on, by the number whose bits they are, for
    so many trials from one on; shape (subsets, trials)."""
    out[0, :] = 0.0
    size = 1
    for b in range(values.shape[1] // 2):
        for k in range(size):
            for t in range(many):
                out[size + k, t] = out[k, t] + values[trial + t, first + b]
        size *= 2


@compiled(nogil=True, error_model="numpy")
def _rooms(sums: Any, squares: Any, trial: int, many: int, room: Any) -> None:
    half = sums.shape[1] // 2
    _subsets(sums, trial, many, 0, room[0])
    _subsets(sums, trial, many, half, room[1])
    _subsets(squares, trial, many, 0, room[2])
    _subsets(squares, trial, many, half, room[3])


@compiled(nogil=True, error_model="numpy")
def _scores(room: Any, low: int, high: int, count: float, by_sharpe: bool, out: Any) -> None:
    """What trials are ranked by on one split's training blocks: it grows with the metric."""
    if not by_sharpe:
        for t in range(AT_A_TIME):
            out[t] = room[0, low, t] + room[1, high, t]
    elif count <= 0.0:
        out[:] = 0.0
    else:
        still = STILL * count
        for t in range(AT_A_TIME):
            total = room[0, low, t] + room[1, high, t]
            spread = (room[2, low, t] + room[3, high, t]) - total * total / count
            ratio = total * abs(total) / spread
            out[t] = 0.0 if spread <= still else ratio


@compiled(nogil=True, error_model="numpy")
def _under(values: Any, many: int, limit: float) -> int:
    found = 0
    for t in range(many):
        found += values[t] < limit
    return found


@compiled(nogil=True, error_model="numpy")
def _keep(one: Any, other: Any, many: int, trial: int, split: int, chosen: Any, best: Any, test: Any) -> None:
    """The first of the best, if any of these trials is better than those before."""
    least, better = best[split], 0
    for t in range(many):
        better += one[t] > least
    if better:
        for t in range(many):
            if one[t] > best[split]:
                chosen[split], best[split], test[split] = trial + t, one[t], other[t]


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
    room = np.zeros((4, 1 << sums.shape[1] // 2, AT_A_TIME))
    one, other = np.empty(AT_A_TIME), np.empty(AT_A_TIME)
    last = len(low) - 1
    for trial in range(0, len(sums), AT_A_TIME):
        many = min(AT_A_TIME, len(sums) - trial)
        _rooms(sums, squares, trial, many, room)
        for s in range(len(low) // 2):
            _scores(room, low[s], high[s], length[s], by, one)
            _scores(room, low[last - s], high[last - s], length[last - s], by, other)
            _keep(one, other, many, trial, s, chosen, best, test)
            _keep(other, one, many, trial, last - s, chosen, best, test)


@compiled(nogil=True, error_model="numpy")
def _count(
    sums: Any, squares: Any, low: Any, high: Any, length: Any, by: bool, test: Any, below: Any
) -> None:
    """How many trials are below what was chosen, in the test."""
    room = np.zeros((4, 1 << sums.shape[1] // 2, AT_A_TIME))
    out = np.empty(AT_A_TIME)
    last = len(low) - 1
    for trial in range(0, len(sums), AT_A_TIME):
        many = min(AT_A_TIME, len(sums) - trial)
        _rooms(sums, squares, trial, many, room)
        for s in range(len(low)):
            _scores(room, low[last - s], high[last - s], length[last - s], by, out)
            below[s] += _under(out, many, test[s])
