"""How the processes that run cells start."""

from __future__ import annotations

import multiprocessing
from typing import Any

PRELOADED = ("runs.sweeps.engines.by_backtrader", "exchange_calendars")  # what takes long to import


def context() -> Any:
    """How processes start: from one that has imported what all of them need, else afresh."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(list(PRELOADED))
    return made
