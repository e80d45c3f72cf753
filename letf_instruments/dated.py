"""Facts that change: a value and the date from which it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from letf_instruments.errors import FactError

T = TypeVar("T")
DateLike = Any  # an ISO string, a datetime64 or a date


@dataclass(frozen=True)
class Dated(Generic[T]):
    """A step function of the date. The first value also holds before its date, the last one for ever.

    Parameters
    ----------
    dates : datetime64[D] in strictly rising order, at least one.
    values : as many values.

    Raises
    ------
    FactError
        If there is no date, if dates and values differ in number, or if dates do not rise.
    """

    dates: tuple[np.datetime64, ...]
    values: tuple[T, ...]

    def __post_init__(self) -> None:
        if not self.dates:
            raise FactError("a dated fact needs at least one date with a value")
        if len(self.dates) != len(self.values):
            raise FactError(f"a dated fact has {len(self.dates)} dates but {len(self.values)} values")
        for earlier, later in zip(self.dates, self.dates[1:], strict=False):
            if later <= earlier:
                raise FactError(f"dates of a fact must rise, but {later} follows {earlier}")

    @classmethod
    def of(cls, rows: Iterable[tuple[DateLike, T]]) -> Dated[T]:
        """From (date, value) pairs; a date may be an ISO string."""
        pairs = [(np.datetime64(date, "D"), value) for date, value in rows]
        return cls(tuple(d for d, _ in pairs), tuple(v for _, v in pairs))

    @classmethod
    def constant(cls, value: T) -> Dated[T]:
        """The same value at all times."""
        return cls((np.datetime64("1900-01-01", "D"),), (value,))

    def at(self, date: DateLike) -> T:
        """The value in force on a date."""
        i = int(np.searchsorted(np.array(self.dates), np.datetime64(date, "D"), side="right")) - 1
        return self.values[max(i, 0)]

    def on(self, dates: npt.NDArray[np.datetime64]) -> npt.NDArray[Any]:
        """The values in force on dates, shape (n,) → (n,)."""
        i = np.searchsorted(np.array(self.dates), dates.astype("datetime64[D]"), side="right") - 1
        return np.asarray(self.values)[np.maximum(i, 0)]
