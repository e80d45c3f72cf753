"""What any question gives: a record with its four faces."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from letf_instruments import SpecError
from runs.answers.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.answers.drawing import Kinds


class Answer(Record):
    """An answer to a question: title, headline, sections, metrics, frames, notes, provenance.

    A notebook shows it as it is; `plot` draws one of its pictures, `save` writes the folder that the command
    of the same name writes, `show` prints what that command prints. Nothing is printed, drawn or written
    unless asked for.
    """

    def plot(self, name: str | None = None) -> Figure:
        """Draw a picture.

        Parameters
        ----------
        name : of one of `pictures`; the first if not given.

        Returns
        -------
        A matplotlib Figure, that is not known to pyplot.

        Raises
        ------
        SpecError
            If there is no such picture; the sentence names those there are.
        """
        known = self.pictures
        if not known:
            raise SpecError(f"{self.title}: there are no pictures")
        wanted = next(iter(known)) if name is None else name
        if wanted not in known:
            near = difflib.get_close_matches(str(wanted), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise SpecError(f"no picture is named {wanted!r}; {hint}")
        return known[wanted].draw()

    def save(self, folder: str | Path, pictures: Kinds = "png") -> Path:
        """Write manifest, report, tables and pictures into a folder, whole or not at all.

        An earlier answer to the same question there is replaced.

        Parameters
        ----------
        pictures : as what files they are written; the report has its own in any case.

        Returns
        -------
        The folder.

        Raises
        ------
        LetfError
            If the folder holds anything else, or cannot be written.
        """
        from runs.answers.drawing import kinds_of
        from runs.answers.folder import save

        if not isinstance(folder, (str, Path)) or "\0" in str(folder):
            raise SpecError(f"{folder!r:.80} is no folder to save into; give its path")
        return save(self, Path(folder), kinds=kinds_of(pictures)).folder

    def show(self) -> None:
        """Print what the command of the same name prints."""
        from runs.answers.terminal import print_answer

        print_answer(self)

    def to_html(self) -> str:
        """The report: one page that opens offline, pictures and all."""
        from runs.answers.drawing import drawn
        from runs.answers.page import page

        return page(self, drawn(self.pictures, kinds=()))

    def _repr_html_(self) -> str:
        from runs.answers.page import inline

        return inline(self.to_html(), self.title)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title}: {self.headline}>"

    __str__ = __repr__
