"""How volatile an option's price takes its index to be: as it was, dearer by a premium, or as quoted.

Both are causal: `at` takes the closes up to a bar and its day.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from feeds.coverage import covering
from feeds.reading.files import read_percent
from feeds.reading.memory import Memory, Source
from feeds.sources import find_source
from letf_instruments import SpecError

Floats = npt.NDArray[np.float64]
SESSIONS_A_YEAR = 252.0
MAX_VOLATILITY = 5.0


class Volatility(Protocol):
    """A model of the index's implied volatility."""

    needs: int  # closes that `at` wants

    def at(self, closes: Floats, day: int) -> float:
        """Volatility (fraction a year) as known at a close.

        Parameters
        ----------
        closes : the last `needs` closes of the index, shape (needs,).
        day : the close's session, in days from 1970-01-01.
        """

    def describe(self) -> str:
        """The model in words."""


@dataclass(frozen=True)
class RealisedVolatility:
    """Standard deviation of the index's last daily log returns, times a premium.

    bars : returns that count.
    premium : options are dearer than what has been by this factor. Carr & Wu (2009, "Variance Risk
        Premiums", Review of Financial Studies 22:1311–1341) find implied variance above realised on five
        stock indexes, and less of it on single stocks; the VIX has stood some 4 points above the 16 % or
        so that the S&P 500 then realised, which is a factor of 1.25. A narrow index is taken for less: 1.2.
    """

    bars: int = 20
    premium: float = 1.2

    def __post_init__(self) -> None:
        if self.bars < 2 or not 0 < self.premium <= 10:
            raise SpecError(
                f"realised volatility of {self.bars} bars times {self.premium:g}: it takes 2 bars or more, "
                "and a premium above 0 and at most 10"
            )

    @property
    def needs(self) -> int:
        """Closes that `at` wants."""
        return self.bars + 1

    def at(self, closes: Floats, day: int) -> float:
        """See `Volatility`."""
        moved = np.diff(np.log(closes))
        return float(moved.std(ddof=1)) * SESSIONS_A_YEAR**0.5 * self.premium

    def describe(self) -> str:
        """The model in words."""
        return f"the index's realised volatility of {self.bars} bars × {self.premium:g}, an assumed premium"


@dataclass(frozen=True, eq=False)
class VolatilityIndex:
    """A volatility index such as the VIX: its closes, each of which holds until the next.

    source : its file. days : datetime64[D] rising strictly, shape (m,). levels : fractions a year, (m,).
    notes : what was done in reading it, a sentence each.
    """

    source: str
    days: npt.NDArray[np.datetime64]
    levels: Floats
    notes: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ordinals", self.days.astype(np.int64).tolist())
        object.__setattr__(self, "_list", self.levels.tolist())

    def fingerprint(self) -> str:
        """SHA-256 of days and levels."""
        days = self.days.astype("datetime64[D]").astype("<i8")
        return hashlib.sha256(days.tobytes() + self.levels.astype("<f8").tobytes()).hexdigest()

    def at(self, day: int) -> float:
        """The level known at the close of a day, counted from 1970-01-01."""
        found: float = self._list[max(bisect_right(self._ordinals, day) - 1, 0)]  # type: ignore[attr-defined]
        return found

    def on(self, sessions: npt.NDArray[np.datetime64]) -> Floats:
        """The levels known on dates, shape (n,) → (n,)."""
        i = np.searchsorted(self.days, sessions.astype("datetime64[D]"), side="right") - 1
        return self.levels[np.maximum(i, 0)]

    def covering(self, first: np.datetime64, last: np.datetime64) -> list[str]:
        """Check that it reaches from `first` to `last`; returns warnings of holes and of a stale end.

        Raises
        ------
        DataError
            If it starts after `first`.
        """
        return covering(self.source, self.days, self.levels, first, last)


@dataclass(frozen=True)
class QuotedVolatility:
    """A volatility index times a factor, which is an assumption: that index speaks of another market."""

    quoted: VolatilityIndex
    scale: float

    needs = 1

    def at(self, closes: Floats, day: int) -> float:
        """See `Volatility`."""
        return self.quoted.at(day) * self.scale

    def describe(self) -> str:
        """The model in words."""
        return f"{self.quoted.source} × {self.scale:g}, an assumed factor"


def load_volatility(name: Source, folder: Path | None = None) -> VolatilityIndex:
    """A volatility index in percent a year: a path, or a file of the data folder.

    Parameters
    ----------
    name : or a Series or DataFrame in memory (see `Memory`), called "volatility" if it brings no name along.

    Raises
    ------
    DataError
        If there is none; else as `read_volatility`.
    """
    return read_volatility(find_source(name, "volatility", folder, (".",)))


def read_volatility(path: Path | Memory) -> VolatilityIndex:
    """A volatility index from a file in percent a year, as the VIX is quoted: a date and a close.

    Raises
    ------
    DataError
        If the file cannot be read, its dates do not rise, or a level is not between 1 and 500 %.
    """
    read = read_percent(path)
    read.refuse(
        ~((read.values >= 1) & (read.values <= 100 * MAX_VOLATILITY)),
        "volatility is percent a year, 20 % is 20; it must be between 1 and 500",
    )
    read.refuse_falling()
    return VolatilityIndex(path.name, read.dates, read.values / 100.0, read.notes)
