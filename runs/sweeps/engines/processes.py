"""Processes that work for a sweep: how they end. Light to import, as they start while all else is loaded."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Executor
from multiprocessing import connection


def stop_pool(pool: Executor, whole: bool) -> None:
    """End a pool: at once, unless its work is done."""
    workers = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=whole, cancel_futures=True)
    for worker in workers if not whole else ():
        worker.kill()
        worker.join()


def leave_with_parent() -> None:
    """End this process when the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
