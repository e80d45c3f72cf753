"""A process that draws the pictures of a sweep while this one verifies its cells. It gets ready (matplotlib
takes its time) while the cells run."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from runs.answers.drawing import Drawn
from runs.sweeps.engines.processes import stop_pool, without_main, work_for_parent


class Painter:
    """Draws when asked. Use it as a context."""

    def __enter__(self) -> Painter:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, spawn, initializer=work_for_parent)
        with without_main():
            self._pool.submit(_get_ready)
        return self

    def __exit__(self, *_: object) -> None:
        stop_pool(self._pool, whole=False)

    def begin(self, folder: Path, by: str) -> Canvas:
        """Have the pictures of a whole sweep drawn by a metric; they are there when asked for."""
        try:
            return Canvas(folder, by, self._pool.submit(_draw, folder, by))
        except BrokenProcessPool:
            return Canvas(folder, by, None)


class Canvas:
    """Pictures that are being drawn."""

    def __init__(self, folder: Path, by: str, drawn: Future[Drawn] | None) -> None:
        self._folder, self._by, self._drawn = folder, by, drawn

    def pictures(self) -> Drawn:
        """The pictures, once they are done; drawn here if the other process has died.

        Raises
        ------
        LetfError
            As `runs.sweeps.pictures.charts.draw`.
        """
        if self._drawn is not None:
            try:
                return self._drawn.result()
            except BrokenProcessPool:
                pass
        return _draw(self._folder, self._by)


def _get_ready() -> None:

    import runs.sweeps.pictures.charts  # noqa: F401


def _draw(folder: Path, by: str) -> Drawn:
    from runs.sweeps.pictures.charts import draw

    return draw(folder, by)
