"""Lines that move together: one place for all lines of a feed whose values exist from the start.

backtrader moves each line of a feed by itself, one after the other, on every bar. Lines that were filled at
once are always at the same place, so they can share it, and a bar costs one step. Whatever moves a line by
itself after that (a rewind, a second run) parts them again, and all is as backtrader has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backtrader.linebuffer import LineBuffer


class Place:
    """Where coupled lines stand: `index` into their arrays, and how many bars have been delivered."""

    __slots__ = ("count", "index", "lines")

    def __init__(self) -> None:
        self.index, self.count = -1, 0
        self.lines: tuple[Any, ...] = ()  # that are coupled; none once they have been parted

    def couple(self, lines: Iterable[Any]) -> bool:
        """Take lines that all stand before their first bar; False, and nothing is done, if one is of another
        kind or elsewhere."""
        taken = tuple(lines)
        if any(type(line) is not LineBuffer or line._idx != -1 or line.lencount for line in taken):
            return False
        self.index, self.count, self.lines = -1, 0, taken
        for line in taken:
            line.__class__ = CoupledLine
            line.place = self
        return True

    def go_home(self) -> bool:
        """Stand before the first bar; False if no lines are coupled."""
        self.index, self.count = -1, 0
        return bool(self.lines)

    def part(self) -> None:
        """Give each line a place of its own again, where it stands now."""
        lines, self.lines = self.lines, ()
        for line in lines:
            line.__class__ = LineBuffer
            vars(line).update(_idx=self.index, lencount=self.count)


class CoupledLine(LineBuffer):
    """A line that stands where its `place` is. It becomes a line of its own again as soon as it is moved."""

    place: Place

    @property
    def _idx(self) -> int:
        return self.place.index

    @_idx.setter
    def _idx(self, index: int) -> None:
        self.place.part()
        self._idx = index

    @property
    def lencount(self) -> int:
        return self.place.count

    @lencount.setter
    def lencount(self, count: int) -> None:
        self.place.part()
        self.lencount = count

    def __len__(self) -> int:
        return self.place.count

    def __getitem__(self, ago: int) -> float:
        return self.array[self.place.index + ago]  # type: ignore[no-any-return]
