"""The event-driven engine: each cell is a backtest in backtrader, without the studies of `letf run`."""

from __future__ import annotations

import numpy as np

from letf_instruments import LetfError
from runs.backtest.event_driven import run_account
from runs.sweeps.engines.blocks import of_returns
from runs.sweeps.engines.engine import BACKTRADER, Evaluated
from runs.sweeps.engines.job import Job
from runs.sweeps.engines.markets import Markets
from runs.sweeps.space.grid import Ints


class BacktraderEngine:
    """Runs anything that `letf run` runs, a person's own `backtrader.Strategy` too."""

    def __init__(self, job: Job, markets: Markets | None = None) -> None:
        self._job = job
        self._markets = markets or job.markets

    def evaluate(self, cells: Ints, blocks: int | None = None) -> Evaluated:
        """As `Engine.evaluate`. What cannot be run with a cell's values is a sentence in "refused"."""
        names = self._job.metrics
        sums = np.full((len(cells), 2, self._job.blocks if blocks is None else blocks), np.nan)
        table = np.full((len(cells), len(names)), np.nan)
        refused: list[str | None] = []
        for row, cell in enumerate(cells.tolist()):
            values = self._job.grid.values(cell)
            try:
                spec = self._markets.spec(values)
                run = run_account(spec, self._markets.of(values), spec.make_rule())
            except LetfError as error:
                refused.append(str(error))
                continue
            refused.append(None)
            known = [run.metrics[name] for name in names]
            table[row] = [np.nan if value is None else value for value in known]
            if run.excess is not None and sums.shape[2]:
                sums[row] = of_returns(run.excess, run.sessions, sums.shape[2])
        columns = {name: table[:, i] for i, name in enumerate(names)}
        return {**columns, "refused": refused, "engine": [BACKTRADER] * len(cells), "blocks": sums}
