"""A study: what a run says beyond its equity because of the rule it ran (a hedge, a squeeze, …)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runs.backtest.metrics import Metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Grid:
    """A table: what it shows, its headings, its rows."""

    caption: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Study:
    """One section of the report, after the account of the run itself.

    title : its heading. sentences : what it found, in words; the first goes to the terminal's head too.
    alarm : what must not be overlooked, a sentence; None if there is nothing.
    grids : its tables. pictures : file name → what draws it.
    metrics : flat, merged into those of the run.
    """

    title: str
    sentences: list[str]
    alarm: str | None = None
    grids: list[Grid] = field(default_factory=list)
    pictures: dict[str, Callable[[], Figure]] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
