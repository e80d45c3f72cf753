"""What running cells again in backtrader comes to; light to import, as backtrader is not."""

from __future__ import annotations

from dataclasses import dataclass

from letf_instruments.errors import LetfError


class ParityError(LetfError):
    """The two engines do not agree on a cell."""


@dataclass(frozen=True)
class Verified:
    """cells : that were run again, the best first. fills : in all of them."""

    cells: list[int]
    fills: int
