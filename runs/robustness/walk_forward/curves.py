"""Daily returns of a sweep's cells over the short rate: as sums up to given sessions, or whole.

Every cell is run once over all sessions. A Sharpe ratio over any stretch follows from two sums at its ends,
so that no curve is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.kernel.figures import SESSIONS_A_YEAR, STILL
from letf_instruments import LetfError
from letf_instruments.sessions import last_of_each
from letf_instruments.sizes import NOTHING
from runs.backtest.event_driven import run_account
from runs.backtest.metrics import night_rates
from runs.sweeps.engines.by_kernel import KernelEngine
from runs.sweeps.engines.choice import engine_of
from runs.sweeps.engines.engine import KERNEL
from runs.sweeps.engines.job import Job

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AT_A_TIME = 100  # cells: their daily returns are in memory


class Curve(NamedTuple):
    """By session from the second on, shape (n − 1,): the account's return, and that over the short rate."""

    returns: Floats
    excess: Floats


class Curves:
    """What makes the curve of a cell of a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._engine = KernelEngine(job) if job.engine == KERNEL else None
        setting = job.markets.of({})
        self._last = last_of_each(setting.bars.sessions)
        days = setting.bars.sessions[self._last]
        self._nights = night_rates(days, setting.rate.on(setting.bars.sessions)[self._last])

    def of(self, cell: int) -> Curve | None:
        """The curve of a cell; None if it was refused, or nothing was left of its account."""
        try:
            equity = self._equity(cell)
        except LetfError:
            return None
        if (equity[:-1] <= NOTHING * equity[0]).any():
            return None
        returns = equity[1:] / equity[:-1] - 1.0
        return Curve(returns, returns - self._nights)

    def _equity(self, cell: int) -> Floats:
        if self._engine is not None:
            _, run = self._engine.record(cell)
            if run.done:
                return np.asarray(run.equity[self._last])
        spec = self._job.spec(cell)
        setting = self._job.markets.of({})
        return run_account(spec, setting, spec.make_rule()).worth


def sums_upto(
    job: Job, cells: Ints, ends: Ints, workers: int, done: Callable[[int], None] = lambda n: None
) -> Floats:
    """By cell the sums of the daily returns over the short rate, and of their squares, over the first so many
    of them; shape (cells, 2, ends), NaN where a cell has no curve.

    Parameters
    ----------
    cells : rising. ends : how many returns, rising, shape (ends,); 0 is none.
    """
    engine = engine_of(job)
    sessions = int(last_of_each(job.markets.of({}).bars.sessions).sum())

    def sums(cells: Ints) -> Floats:
        found = engine.evaluate(cells, blocks=sessions)  # each session a block of its own
        daily = found["blocks"]
        daily[:, :, 0] = 0.0  # of the first session there is no return
        so_far = np.cumsum(daily, axis=2)[:, :, ends]
        # Where nothing was left of an account there are no returns, and no volatility.
        return np.where(np.isnan(found["volatility"])[:, None, None], np.nan, so_far)

    out = np.full((len(cells), 2, len(ends)), np.nan)
    parts = [slice(at, at + AT_A_TIME) for at in range(0, len(cells), AT_A_TIME)]
    # backtrader holds Python's lock, and its lab is not for several threads.
    with ThreadPoolExecutor(workers if job.engine == KERNEL else 1) as pool:
        for part, found in zip(parts, pool.map(lambda part: sums(cells[part]), parts), strict=True):
            out[part] = found
            done(min(part.stop, len(cells)))
    return out


def sharpe_of(count: float, total: Floats, squares: Floats) -> Floats:
    """Sharpe ratios a year of daily returns over the short rate, of which there are `count`, from their sums;
    NaN where they do not move."""
    mean = total / count
    spread = np.sqrt(np.maximum(squares - total * mean, 0.0) / (count - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > STILL, mean / spread * np.sqrt(SESSIONS_A_YEAR), np.nan)
