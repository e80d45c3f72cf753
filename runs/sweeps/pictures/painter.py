"""A process that draws the pictures of a sweep while this one verifies its cells. It gets ready (matplotlib
takes its time) while the cells run."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from runs.answers.drawing import Drawn
from runs.sweeps.engines.processes import Beside


def get_ready() -> None:
    """Import what takes long, and draw a picture that nobody sees: the first takes longer than others."""
    import pandas  # noqa: F401 - pyarrow does as it makes numbers of a column

    import runs.sweeps.pictures.charts  # noqa: F401
    from runs.answers.drawing import warm_up

    warm_up()


class Painter(Beside):
    """Draws when asked. Use it as a context."""

    get_ready = staticmethod(get_ready)

    def begin(self, folder: Path, by: str) -> Canvas:
        """Have the pictures of a whole sweep drawn by a metric; they are there when asked for."""
        return Canvas(folder, by, self._submitted(_draw, folder, by))


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


def _draw(folder: Path, by: str) -> Drawn:
    from runs.sweeps.pictures.charts import draw

    return draw(folder, by)
