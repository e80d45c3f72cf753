"""The pictures of an answer as files. What cannot be drawn is said and left out: none costs a result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from letf_instruments import SpecError
from runs.answers.canvas import new_figure, own_look, png, svg
from runs.answers.parts import Picture

ALL = "all"  # among kinds: extra pictures too
KINDS = {
    "png": ("png",),
    "svg": ("svg",),
    "both": ("png", "svg"),
    "all": ("png", "svg", ALL),
    "none": (),
}
WRITERS = {"png": png, "svg": svg}
Kinds = Literal["png", "svg", "both", "all", "none"]


def kinds_of(pictures: str) -> tuple[str, ...]:
    """The kinds of files that a word of `KINDS` stands for.

    Raises
    ------
    SpecError
        If it is none of them.
    """
    if pictures not in KINDS:
        raise SpecError(f"pictures is {pictures!r:.80}; it must be {', '.join(KINDS)}")
    return KINDS[pictures]


@dataclass(frozen=True)
class Drawn:
    """pictures : PNGs by name. missing : by name, a sentence on each that could not be drawn. files : by file
    name, those that were asked for as files."""

    pictures: Mapping[str, bytes] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def drawn(
    pictures: Mapping[str, Picture],
    say: Callable[[str], None] = lambda words: None,
    kinds: Collection[str] = ("png",),
) -> Drawn:
    """Draw pictures: each as a file of every kind, and as PNG those that a page shows as they are.

    Parameters
    ----------
    say : is told of each before it is drawn. kinds : of files, "png" and "svg"; `ALL`: extra pictures too.
    """
    made: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, picture in pictures.items():
        own = {kind for kind in kinds if kind != ALL} if ALL in kinds or not picture.extra else set()
        wanted = own | ({"png"} if picture.still else set())
        if not wanted:
            continue
        say(f"drawing {name}")
        try:
            with own_look():
                figure = picture.draw()
                written = {kind: WRITERS[kind](figure) for kind in sorted(wanted)}
        except Exception as error:  # whatever it is, the numbers are there
            why = " ".join(str(error).split()) or "no reason given"
            missing[name] = f"the picture {name} could not be drawn ({type(error).__name__}: {why:.200})"
            continue
        if "png" in written:
            made[name] = written["png"]
        files |= {f"{name}.{kind}": content for kind, content in written.items() if kind in own}
    return Drawn(made, missing, files)


def warm_up() -> None:
    """Have matplotlib load what pictures need: it does so as it draws the first. That fails in silence: where
    nothing can be drawn the pictures themselves say so."""
    with contextlib.suppress(Exception), own_look():
        figure, (axis, other) = new_figure("0", True, columns=2)
        axis.plot([0, 1], [1, 2], "o", label="0")
        axis.set_yscale("log")
        axis.legend()
        other.imshow([[0.0, 1.0]])
        other.text(0, 0, "0")
        figure.legend(*axis.get_legend_handles_labels(), loc="outside lower left")
        png(figure)
