"""Fresh starts in backtrader: each is loaded and run as `letf run --start --end` would, in processes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from runs.answers.beside import leave_with_parent, stop_pool, without_main
from runs.backtest.event_driven import run_account
from runs.backtest.setting import load_setting
from runs.robustness.starts.cut import held_beside
from runs.specs.run_spec import RunSpec
from runs.sweeps.engines.processes import context

Floats = npt.NDArray[np.float64]


class Task(NamedTuple):
    """A run from its first session to its last."""

    spec: RunSpec
    first: np.datetime64
    last: np.datetime64
    folder: Path | None


class Done(NamedTuple):
    """What 1 became by session from the first close on, in the account and in what is held beside it; shape
    (sessions,)."""

    account: Floats
    held: dict[str, Floats]


def run_alone(task: Task) -> Done:
    """One start, with all that a run of it loads.

    Raises
    ------
    LetfError
        One sentence, if it cannot be run.
    """
    days = {"data.start": task.first.item(), "data.end": task.last.item()}
    spec = task.spec.with_values(days)
    setting = load_setting(spec, task.folder)
    rule = spec.make_rule()
    return Done(run_account(spec, setting, rule).worth, held_beside(spec, setting, rule))


def run_each(tasks: Sequence[Task], workers: int, done: Callable[[int], None]) -> list[Done]:
    """Run starts in as many processes; `done` is called with how many are done."""
    if workers == 1 or len(tasks) == 1 or any(task.spec.own_class is not None for task in tasks):
        found = []
        for task in tasks:
            found.append(run_alone(task))
            done(len(found))
        return found
    pool = ProcessPoolExecutor(min(workers, len(tasks)), context(), initializer=_start)
    whole = False
    try:
        with without_main():
            futures = [pool.submit(run_alone, task) for task in tasks]
        found = []
        for future in futures:
            found.append(future.result())
            done(len(found))
        whole = True
    finally:
        stop_pool(pool, whole)
    return found


def _start() -> None:
    """A worker's beginning: Ctrl-C is the parent's to answer, and without a parent there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()
