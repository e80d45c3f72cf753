"""What a page lets a person look into: panes of lines over a common axis, and heatmaps. Arrays and words
only; how they are drawn is the page's. The same picture as a file is `Picture.draw`.

Colours are names of the page's palette (`COLOURS`), so that a dark page can have its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Form = Literal["money", "percent", "number", "price", "year"]
STEPS = ("step-1", "step-2", "step-3", "step-4", "step-5")  # one hue, from faint to strong
COLOURS = ("rule", "index", "fund", "more-1", "more-2", "more-3", "more-4", "cash", "gain", "loss", *STEPS)
OTHERS = ("fund", "more-1", "more-2", "more-3", "more-4")


def colour_of(place: int) -> str:
    """The colour of the so-manieth thing beside rule and index; they repeat after five."""
    return OTHERS[place % len(OTHERS)]


def step_of(place: int, count: int) -> str:
    """The colour of the so-manieth of so many things that have an order, such as volatilities."""
    return STEPS[round(place * (len(STEPS) - 1) / max(count - 1, 1))]


@dataclass(frozen=True, eq=False)
class Line:
    """A line: `values` of shape (n,), NaN where it has a gap.

    name : empty of a line that only shows where a value lies, such as 0.
    shown : False keeps it hidden until its name is pressed.
    scales : False where it may leave the picture: a fund that was ruined would flatten all others.
    """

    name: str
    values: Floats
    colour: str
    dashed: bool = False
    area: bool = False
    shown: bool = True
    scales: bool = True


@dataclass(frozen=True, eq=False)
class Band:
    """What lies between two lines, shape (n,) each."""

    name: str
    low: Floats
    high: Floats
    colour: str


@dataclass(frozen=True, eq=False)
class Candles:
    """Open, high, low and close, shape (n,) each."""

    name: str
    open: Floats
    high: Floats
    low: Floats
    close: Floats


@dataclass(frozen=True, eq=False)
class Marks:
    """Points: entries, exits, a cloud.

    at : places on the axis, shape (m,), in the axis' own unit. values : shape (m,). words : a text each that
    is told where the pointer rests; or none at all. stems : each stands on a line from 0. since : places and
    values, shape (m,) each, from which a line leads to each: a trade from its entry to its exit.
    scales : True for a cloud that sets the scale with the lines beside it.
    """

    name: str
    at: npt.NDArray[np.generic]
    values: Floats
    words: Sequence[str]
    colour: str
    shape: Literal["up", "down", "dot"] = "dot"
    stems: bool = False
    scales: bool = False
    since: tuple[npt.NDArray[np.generic], Floats] | None = None


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars, as of a histogram: left and right edges on the axis, and heights; shape (m,) each.

    base : where each begins, where that is not 0: bars that stand on others.
    """

    name: str
    left: Floats
    right: Floats
    heights: Floats
    colour: str
    base: Floats | None = None


@dataclass(frozen=True, eq=False)
class Flag:
    """A strip that is filled where something holds, shape (n,). Those of a pane stand one below another."""

    name: str
    holds: npt.NDArray[np.bool_]
    colour: str


Part = Line | Band | Candles | Marks | Bars | Flag


@dataclass(frozen=True, eq=False)
class Pane:
    """One panel. label : of its axis. form : how its values are written. share : of the height.
    names : of the values 0, 1, …, where they stand for something else than numbers.
    """

    label: str
    parts: Sequence[Part]
    form: Form = "number"
    log: bool = False
    share: float = 1.0
    names: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Panes:
    """Panels one above another over the same axis: dates (datetime64) or numbers, shape (n,), rising.

    x_label : of the axis, empty for dates. x_form : how its numbers are written.
    note : what a person should know of the picture, a sentence. names : of the places 0, 1, … on the axis,
    where they stand for something else than numbers.
    """

    x: npt.NDArray[np.generic]
    panes: Sequence[Pane]
    x_label: str = ""
    x_form: Form = "number"
    note: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Cells in rows and columns.

    rows, columns : their texts. values : shape (rows, columns), NaN where there is none.
    words : by row and column what a cell says of itself, beside its value.
    middle : of a scale with two sides; None for one that runs from little to much.
    limits : where the scale of colours ends, so that a few far cells do not wash out the rest; None for the
    least and the most. marked : the row and column that is outlined; None outlines those that have words.
    """

    row_label: str
    column_label: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: Floats
    value_label: str
    form: Form = "number"
    middle: float | None = None
    words: Sequence[Sequence[str]] = ()
    limits: tuple[float, float] | None = None
    marked: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Choice:
    """Several of them, of which one is shown at a time: by name, the first to begin with."""

    label: str
    of: Mapping[str, Panes | Heatmap] = field(default_factory=dict)


Closer = Panes | Heatmap | Choice
