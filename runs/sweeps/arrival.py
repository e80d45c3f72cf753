"""Whether a swept strategy of a person's own looks ahead: its best cells once more, on bars that arrive one
by one. Of rules the engines see to it, cell by cell; a strategy of backtrader's own can only be run twice."""

from __future__ import annotations

from collections.abc import Sequence

from analyzers import FillLog
from letf_instruments import SpecError
from runs.backtest.event_driven import held_to_arrival, run_lab
from runs.sweeps.engines.job import Job

MOST = 2  # cells that are looked at, the best first; each costs two runs more


def check_arrival(job: Job, cells: Sequence[int]) -> list[int]:
    """Run some cells of a strategy twice, and hold their fills to each other.

    Returns
    -------
    The cells that were looked at; none of a rule.

    Raises
    ------
    SpecError
        If one of them looks ahead; the sentence names the cell and its first fill that differs.
    """
    seen = []
    for cell in cells[:MOST]:
        spec = job.markets.spec(job.grid.values(cell))
        if spec.make_rule() is not None:
            return []
        setting = job.markets.of(job.grid.values(cell))
        _, ran = run_lab(spec, setting, None, (FillLog,))
        try:
            held_to_arrival(spec, setting, list(ran.analyzers)[-1].fills)
        except SpecError as error:
            raise SpecError(f"cell {cell:,}: {error}") from None
        seen.append(cell)
    return seen
