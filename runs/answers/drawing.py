"""The pictures of an answer as PNG. What cannot be drawn is said and left out: no picture costs a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from runs.answers.canvas import png
from runs.answers.parts import Picture


@dataclass(frozen=True)
class Drawn:
    """pictures : PNGs by name. missing : by name, a sentence on each that could not be drawn."""

    pictures: Mapping[str, bytes] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def drawn(pictures: Mapping[str, Picture], say: Callable[[str], None] = lambda words: None) -> Drawn:
    """Draw every picture; `say` is told of each before it is drawn."""
    made: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    for name, picture in pictures.items():
        say(f"drawing {name}")
        try:
            made[name] = png(picture.draw())
        except Exception as error:  # whatever it is, the numbers are there
            why = " ".join(str(error).split()) or "no reason given"
            missing[name] = f"the picture {name} could not be drawn ({type(error).__name__}: {why:.200})"
    return Drawn(made, missing)
