"""What an answer is made of: sections of sentences, tables and pictures; data frames made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """Rows of texts as a person reads them.

    title : what it shows.
    headings : of the columns; empty for a table of two columns, label and value.
    rows : each as long as the headings.
    words : its cells are words, that may be broken into lines; else numbers, that may not.
    brief : False keeps it off the terminal, where there is less room than on a page.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: bool = False
    brief: bool = True


@dataclass(frozen=True)
class Picture:
    """A picture that is drawn when it is asked for. `words` say what it shows to who cannot see it."""

    words: str
    draw: Callable[[], Figure]


@dataclass(frozen=True)
class Section:
    """A part of an answer under its own heading.

    sentences : what was found, in words. alarm : what must not be overlooked, a sentence.
    tables, pictures : the latter by name, which is that of its file without suffix.
    fine_print : what the words and tables mean, for who asks.
    brief : False keeps all of it off the terminal.
    """

    heading: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    alarm: str | None = None
    fine_print: Sequence[str] = ()
    brief: bool = True


class Frames(Mapping[str, "pd.DataFrame"]):
    """Data frames by name, each made when it is first asked for. Who asks gets a copy: what is done to it
    changes nothing that is saved.

    Parameters
    ----------
    makers : name → what makes the frame.
    """

    def __init__(self, makers: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __repr__(self) -> str:
        return f"Frames({', '.join(self._makers)})"
