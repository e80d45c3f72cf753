"""What the functions of `letf` share: how a rate, a date and a folder may be given."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any, TypeAlias, cast

from feeds.reading.memory import Memory, Source, source_of
from letf_instruments.errors import SpecError

Date: TypeAlias = "str | datetime.date | None"
Folder: TypeAlias = "str | Path | None"
Rates: TypeAlias = "Source | float | None"


def day(given: Date, name: str) -> datetime.date | None:
    """A date from text such as "2011-01-03", or from a date or Timestamp."""
    if given is None:
        return None
    if isinstance(given, datetime.datetime) and given == given:  # pandas has a day that is none
        return given.date()
    if isinstance(given, datetime.date) and given == given:
        return given
    if hasattr(given, "astype"):  # numpy's
        given = str(given.astype("datetime64[D]"))
    try:
        return datetime.date.fromisoformat(cast("str", given))
    except (TypeError, ValueError):
        raise SpecError(f"{name} is {given!r:.80}; it must be a date such as '2011-01-03'") from None


def path(given: Folder) -> Path | None:
    """A folder or file.

    Raises
    ------
    SpecError
        If it is no path.
    """
    return None if given is None else path_of(given, "a folder")


def source(given: Source, name: str) -> str | Memory:
    """A name, a path, or data in memory."""
    return source_of(given, name)


def rates_of(rates: Rates, rate: float | None) -> str | Memory | float | None:
    """A series of short rates, or a constant; None if neither was given.

    Raises
    ------
    SpecError
        If both are.
    """
    if rate is not None:
        if rates is not None:
            raise SpecError("rates and rate are two answers to one question; give one of them")
        if not isinstance(rate, Real) or isinstance(rate, bool):
            raise SpecError(f"rate is {rate!r}; it must be a fraction a year, 5 % is 0.05")
        return float(rate)
    if rates is None:
        return None
    return float(rates) if isinstance(rates, Real) else source(cast("Source", rates), "rates")


def path_of(given: Any, what: str) -> Path:
    """A folder or file that must be given."""
    if not isinstance(given, (str, Path)) or "\0" in str(given):
        raise SpecError(f"{what} is {type(given).__name__} {given!r:.80}; it must be a path")
    return Path(given)


def table(given: Any, name: str) -> Mapping[str, Any] | None:
    """Keys of a table of a spec."""
    if given is not None and not isinstance(given, Mapping):
        raise SpecError(f"{name} is {given!r:.80}; it must be a table of keys, such as {{'stop': 0.05}}")
    return given


def given(**values: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {key: value for key, value in values.items() if value is not None}
