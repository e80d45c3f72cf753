"""A process that runs cells of the kernel again in backtrader. It takes those that are drawn beforehand while
the cells run, and the best once they are known; this one looks at all cells meanwhile. Where a process may be
a copy of another it is one of this, made when the markets are loaded, so that nothing is imported and loaded
twice; else it starts afresh, at once, to get ready while all is loaded here."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Self

from letf_instruments.errors import LetfError
from runs.answers.beside import COPIES, Beside, work_for_parent

if TYPE_CHECKING:
    from runs.sweeps.engines.job import Job
    from runs.sweeps.verified import Verified
    from runs.sweeps.verify import Both


def get_ready() -> None:
    """Import what takes long."""
    import runs.sweeps.verify  # noqa: F401


class Verifier(Beside):
    """Verifies the cells of one sweep when asked. Use it as a context."""

    get_ready = staticmethod(get_ready)

    def __enter__(self) -> Self:
        return self if COPIES else super().__enter__()

    def ahead(self, job: Job, count: int) -> None:
        """Have cells that will be drawn whatever the others make run already."""
        if job.base.is_own:
            return
        if COPIES:
            self._copy(job)
        self._submitted(_ahead, job, count)

    def _copy(self, job: Job) -> None:
        from engine.kernel.arithmetic import whole_part
        from runs.sweeps.engines.by_kernel import KernelEngine

        # What this process will need next, and the other one too: what numba loads with the first compiled
        # function that is called, what the rule's signals import, its step where it has one to be compiled.
        whole_part(1.0)
        first = 0 if job.sample is None else int(next(iter(job.sample), 0))
        with contextlib.suppress(LetfError):  # one that is refused is told of in its turn
            KernelEngine(job).record(first)
        self._start("fork", _begin, job)

    def begin(self, job: Job, table: Path, best: list[int], count: int) -> Verifying:
        """`verify.verify` in the other process; a rule of a person's own is left to this one, where what it
        prints and keeps has its place."""
        if job.base.is_own:
            return Verifying(job, table, best, count, None)
        return Verifying(job, table, best, count, self._submitted(_verify, job, table, best, count))


class Verifying:
    """Cells that are being verified."""

    def __init__(
        self, job: Job, table: Path, best: list[int], count: int, found: Future[Verified] | None = None
    ) -> None:
        self._asked, self._found = (job, table, best, count), found

    def result(self) -> Verified:
        """What was found; verified here if nobody else does, or the other process has died.

        Raises
        ------
        ParityError
            As `verify.verify`.
        """
        if self._found is not None:
            with contextlib.suppress(BrokenProcessPool):
                return self._found.result()
        from runs.sweeps.verify import verify

        return verify(*self._asked)


# -- in the other process -------------------------------------------------------------------------

_known: dict[int, Both] = {}
_first: Job | None = None  # which has its markets loaded


def _begin(job: Job) -> None:
    """Of a copy, which has the job with its markets."""
    global _first
    work_for_parent()
    _first = job


def _ahead(job: Job, count: int) -> None:
    global _first
    from runs.sweeps.verify import both, drawn_cells, kernel_of

    if COPIES and _first is not None:
        job = job.on_markets_of(_first)
    _first = job
    _known.clear()
    engine = kernel_of(job)
    for cell in drawn_cells(job, count)[:count]:
        with contextlib.suppress(LetfError):  # one that is refused is left out, or told of in its turn
            _known[cell] = both(job, engine, cell)


def _verify(job: Job, table: Path, best: list[int], count: int) -> Verified:
    from runs.sweeps.verify import verify

    if _first is not None:  # the cells may be others since, where a search has chosen them, but on its data
        job = job.on_markets_of(_first)
    return verify(job, table, best, count, known=_known)
