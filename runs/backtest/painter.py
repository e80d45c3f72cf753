"""A process that draws the pictures of a run. Where a process may be a copy of another it is one of this,
made once all that a run takes is imported; else it starts afresh, and imports that too."""

from __future__ import annotations

from typing import Self

from runs.answers.beside import COPIES, work_for_parent
from runs.answers.drawing import warm_up
from runs.answers.painter import Painter


def get_ready() -> None:
    """Import what a run and its pictures are made of."""
    warm_up()
    import runs.backtest.answer
    import runs.backtest.pictures.charts  # noqa: F401


class RunPainter(Painter):
    """Draws the pictures of a run when asked. Use it as a context."""

    get_ready = staticmethod(get_ready)

    def __enter__(self) -> Self:
        if not COPIES:
            return super().__enter__()
        import runs.backtest.answer  # noqa: F401

        self._start("fork", work_for_parent)
        return self
