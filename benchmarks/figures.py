"""What a benchmark measures, a line each: the value, a peer's with its version, the ratio, and the bound.

`tell` prints a figure; where `LETF_FIGURES` names a file, it is also kept there for `python -m benchmarks`,
which runs all benchmarks and prints one table.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

KEPT = "LETF_FIGURES"


class Figure(NamedTuple):
    """One thing that was measured.

    what : in words. value, unit : here, a median. peer, theirs : who else, with its version, and what he
    takes, in the same unit. limit : the bound; on the ratio where there is a peer, else on the value.
    most : True if the bound is not to be exceeded, False if it is to be reached.
    """

    what: str
    value: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    limit: float | None = None
    most: bool = True

    @property
    def ratio(self) -> float | None:
        """How many times as much the peer takes; the other way round where the bound is one on what we take
        of his. None without a peer."""
        if self.theirs is None:
            return None
        return self.value / self.theirs if self.most else self.theirs / self.value

    @property
    def held(self) -> bool | None:
        """Whether the bound holds; None without one."""
        if self.limit is None:
            return None
        bound = self.value if self.ratio is None else self.ratio
        return bound <= self.limit if self.most else bound >= self.limit

    def row(self) -> tuple[str, ...]:
        """The cells of a table: what, value, peer, ratio, bound, held."""
        ratio = "" if self.ratio is None else f"{_number(self.ratio)} ×"
        times = "" if self.ratio is None else " ×"
        bound = "" if self.limit is None else f"{'≤' if self.most else '≥'} {_number(self.limit)}{times}"
        theirs = "" if self.theirs is None else f"{_number(self.theirs)} {self.unit}"
        held = {None: "", True: "held", False: "NOT HELD"}[self.held]
        return self.what, f"{_number(self.value)} {self.unit}", self.peer, theirs, ratio, bound, held


HEADS = ("what", "letf-lab", "peer", "peer's", "ratio", "bound", "")


def tell(
    what: str,
    value: float,
    unit: str,
    peer: str = "",
    theirs: float | None = None,
    limit: float | None = None,
    most: bool = True,
) -> Figure:
    """Print a figure (`Figure`), and keep it where it is asked for."""
    figure = Figure(what, float(value), unit, peer, theirs, limit, most)
    print("  " + "  ".join(cell for cell in figure.row() if cell), flush=True)
    kept = os.environ.get(KEPT)
    if kept:
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(json.dumps(figure) + "\n")
    return figure


def named(package: str) -> str:
    """A peer's name with its version."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as text, in columns as wide as their longest cell; the first is to the left."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        first, *rest = zip(row, widths, strict=True)
        lines.append("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]))
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
