"""A process that works beside a command: how it starts and how it ends. Light to import, as it may start
while all else is loaded."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from types import ModuleType
from typing import Any, ClassVar, Self

COPIES = sys.platform == "linux"  # a process may be a copy of this one; elsewhere system libraries forbid it

_hiding = threading.Lock()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C waits until this is done: a process that is half started, or half stopped, leaves files behind
    that are closed twice."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[tuple[Any, ...]] = []
    before = signal.signal(signal.SIGINT, lambda *given: asked.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if asked and callable(before):
            before(*asked[0])


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Processes started here do not run the main script again, as they would on their own: they need nothing
    of it, and a person's script may have no guard against that. One thread at a time; another that looks
    for `__main__` meanwhile finds it empty. Ctrl-C waits."""
    with undisturbed(), _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def stop_pool(pool: Executor, whole: bool) -> None:
    """End a pool: at once, unless its work is done."""
    with undisturbed():
        workers = list((getattr(pool, "_processes", None) or {}).values())
        manager = getattr(pool, "_executor_manager_thread", None)
        pool.shutdown(wait=whole, cancel_futures=True)
        for worker in workers if not whole else ():
            worker.kill()
            worker.join()
        if manager is not None:
            manager.join(timeout=5.0)  # it complains if Python ends before its pipes are closed


class Beside:
    """One process that works beside this one, and gets ready while all else is loaded. Use it as a context.
    Subclasses say in `get_ready`, a function of a module, what it does before it is asked for anything."""

    get_ready: ClassVar[Callable[[], None]]
    _pool: Executor | None = None

    def __enter__(self) -> Self:
        self._start("spawn", work_for_parent)
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            stop_pool(self._pool, whole=False)

    def _start(self, way: str, begin: Callable[..., None], *given: Any) -> None:
        """Start the process, and end the one before. `begin` is called in it first, with what is given, which
        a copy of this process ("fork") has at hand."""
        self.__exit__()
        how = multiprocessing.get_context(way)
        with without_main():
            self._pool = ProcessPoolExecutor(1, how, initializer=begin, initargs=given)
            self._submitted(type(self).get_ready)

    def _submitted(self, work: Callable[..., Any], *given: Any) -> Future[Any] | None:
        """What the process will find; None if there is no process, or it has died."""
        try:
            return None if self._pool is None else self._pool.submit(work, *given)
        except BrokenProcessPool:
            return None


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
