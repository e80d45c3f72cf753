"""An answer as it stands, before any face is put on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.answers.parts import Frames, KeyFigure, Picture, Section, Verdict
from runs.answers.provenance import Provenance
from runs.answers.spelling import as_written


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Record:
    """What a question gave.

    Attributes
    ----------
    question : the word of the command line: run, decay, …
    name : of what was asked; with the question it names the result folder.
    title : a heading. headline : one sentence, that already says what changes the answer.
    alarm : what must not be overlooked, a sentence; None if there is nothing.
    sections : in the order in which they are read.
    metrics : one flat dict.
    frames : data frames by name.
    files : of the result folder beside manifest, report and pictures: name → what makes its content.
    notes : what a person should know of data and run, a sentence each.
    made : how it was made, for the end of the page, a sentence each.
    provenance : what it takes to make it again.
    asked : what was run, on what data, over which years, in one line.
    figures : the few numbers that are read first, five at most.
    edge : whether it is one, or that nobody has asked; None where that is no question.
    lead : the picture that stands before all else, by name.
    made_up : where only a part of the prices is simulated, which, as a sentence.
    """

    question: str
    name: str
    title: str
    headline: str
    sections: Sequence[Section]
    provenance: Provenance
    metrics: dict[str, Any] = field(default_factory=dict)
    frames: Frames = field(default_factory=lambda: Frames({}))
    files: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    made: Sequence[str] = ()
    alarm: str | None = None
    asked: str = ""
    figures: Sequence[KeyFigure] = ()
    edge: Verdict | None = None
    lead: str | None = None
    made_up: str = ""

    def __post_init__(self) -> None:
        # Notes come from every room, and those below this one write numbers in their own way.
        for name in ("notes", "made"):
            object.__setattr__(self, name, [as_written(said) for said in getattr(self, name)])
        object.__setattr__(self, "asked", as_written(self.asked))

    @property
    def pictures(self) -> dict[str, Picture]:
        """All pictures by name, in the order in which a page shows them."""
        every = [(name, picture) for part in self.sections for name, picture in part.pictures.items()]
        assert len(dict(every)) == len(every), f"{self.question} has two pictures of one name"
        return dict(every)

    @property
    def simulated(self) -> bool:
        """True if any of the prices are made by a model."""
        return self.provenance.simulated

    @property
    def folder_name(self) -> str:
        """What its result folder is called where nobody says: by question and name."""
        return f"{self.question}_{self.name}" if self.name else self.question
