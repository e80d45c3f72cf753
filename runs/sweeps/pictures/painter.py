"""A process that draws the pictures of a sweep while this one verifies its cells. It gets ready (matplotlib
takes its time) while the cells run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from runs.answers.beside import Beside
from runs.answers.drawing import Drawn, warm_up
from runs.answers.painter import Canvas


def get_ready() -> None:
    """Import what takes long, and draw a picture that nobody sees: the first takes longer than others."""
    import runs.sweeps.pictures.charts  # noqa: F401

    warm_up()


class Painter(Beside):
    """Draws when asked. Use it as a context."""

    get_ready = staticmethod(get_ready)

    def begin(self, folder: Path, by: str) -> Canvas:
        """Have the pictures of a whole sweep drawn by a metric; they are there when asked for."""
        return Canvas(partial(draw, folder, by), self._submitted(draw, folder, by))


def draw(folder: Path, by: str) -> Drawn:
    """As `runs.sweeps.pictures.charts.draw`, which is imported when it is needed."""
    from runs.sweeps.pictures import charts

    return charts.draw(folder, by)
