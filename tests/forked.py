"""A process of a test's own that has imported what this one has: where a test is on what a process does, and
not on how it begins, that saves the seconds of a cold start."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 60.0  # seconds


class Forked(NamedTuple):
    """A process that has begun."""

    pid: int
    exitcode: Callable[[], int | None]
    result: Callable[[], Any]


def _told(pipe: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    pipe.send(work(*arguments))


@contextlib.contextmanager
def forked(work: Callable[..., Any], *arguments: Any) -> Iterator[Forked]:
    """A process that does `work`; its result is waited for when it is asked for."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=_told, args=(there, work, arguments))
    process.start()
    there.close()

    def result() -> Any:
        assert here.poll(PATIENCE)
        return here.recv()

    assert process.pid is not None
    try:
        yield Forked(process.pid, lambda: process.exitcode, result)
        process.join(PATIENCE)
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()


class Said(NamedTuple):
    """What a script left behind."""

    returncode: int
    stdout: str
    stderr: str


def _run(code: str, folder: Path) -> Said:
    os.chdir(folder)
    out, err, failed = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            exec(compile(code, "<script>", "exec"), {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc()
            failed = 1
    return Said(failed, out.getvalue(), err.getvalue())


def script(code: str, folder: Path) -> Said:
    """Run a script in a folder, as `python -c CODE` does there."""
    with forked(_run, code, folder) as process:
        return process.result()  # type: ignore[no-any-return]
