"""What an answer is made of: sections of sentences, tables and pictures; data frames made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from runs.answers.closer import Closer


@dataclass(frozen=True)
class Table:
    """Rows of texts as a person reads them.

    title : what it shows.
    headings : of the columns; empty for a table of two columns, label and value.
    rows : each as long as the headings.
    words : its cells are words, that may be broken into lines; else numbers, that may not.
    brief : False keeps it off the terminal, where there is less room than on a page.
    long : a page shows it by parts, to sort and to filter.
    tints : of each cell, where a page colours them by sign and size: from −1 to 1, None for no colour.
    on_page : False where another table of the page has its rows too.
    more : of a long one so many columns at the end are shown when they are asked for, by this name.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: bool = False
    brief: bool = True
    long: bool = False
    tints: Sequence[Sequence[float | None]] = ()
    on_page: bool = True
    more: tuple[int, str] = (0, "")


@dataclass(frozen=True)
class Picture:
    """A picture that is drawn when it is asked for.

    words : what it shows, for who cannot see it. draw : the picture as a file. closer : the same to look into
    on a page; None where the file says all there is to see. on_page : False where another one there shows it.
    extra : True for one that is a file only where all are asked for; a page has it in any case.
    """

    words: str
    draw: Callable[[], Figure]
    closer: Callable[[], Closer] | None = None
    on_page: bool = True
    extra: bool = False

    @property
    def still(self) -> bool:
        """True if a page shows it as it is in the file."""
        return self.closer is None and self.on_page


@dataclass(frozen=True)
class KeyFigure:
    """One of the few numbers that are read first: its name, its value as it is written, and what it stands
    beside (“nasdaq held: +6.5 %”)."""

    label: str
    value: str
    beside: str = ""


@dataclass(frozen=True)
class Verdict:
    """A judgement, or that none was asked for.

    word : one or two words. said : a sentence. tone : "good", "bad", or "open" where nothing was judged.
    """

    word: str
    said: str
    tone: Literal["good", "bad", "open"] = "open"


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
