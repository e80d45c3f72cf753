"""Processes that work for a sweep: how they end. Light to import, as they start while all else is loaded."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import import_module
from multiprocessing import connection
from types import ModuleType
from typing import Any, ClassVar, Self

PRELOADED = ("runs.sweeps.engines.by_backtrader", "exchange_calendars")  # what takes long to import

_hiding = threading.Lock()


def context() -> Any:
    """How processes start: from one that has imported what all of them need, else afresh."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(list(PRELOADED))
    return made


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Processes started here do not run the main script again, as they would on their own: they need nothing
    of it, and a person's script may have no guard against that. One thread at a time; another that looks
    for `__main__` meanwhile finds it empty."""
    with _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def stop_pool(pool: Executor, whole: bool) -> None:
    """End a pool: at once, unless its work is done."""
    workers = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=whole, cancel_futures=True)
    for worker in workers if not whole else ():
        worker.kill()
        worker.join()


class Beside:
    """One process that works beside this one, and gets ready while all else is loaded. Use it as a context.
    Subclasses name in `needs` the module that takes long to import, and give it work through `_pool`."""

    needs: ClassVar[str]

    def __enter__(self) -> Self:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, spawn, initializer=work_for_parent)
        with without_main():
            self._pool.submit(_load, self.needs)
        return self

    def __exit__(self, *_: object) -> None:
        stop_pool(self._pool, whole=False)


def _load(module: str) -> None:
    import_module(module)


def work_for_parent() -> None:
    """A worker's beginning. Ctrl-C is the parent's to answer; a worker whose parent is gone goes too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()


def leave_with_parent() -> None:
    """End this process when the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
