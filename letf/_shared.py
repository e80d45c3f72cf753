"""What the functions of `letf` share: how a rate, a date and a folder may be given."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, TypeAlias

from feeds.memory import Memory, Source, source_of

from letf_instruments.errors import SpecError

Date: TypeAlias = "str | datetime.date | None"
Folder: TypeAlias = "str | Path | None"
Rates: TypeAlias = "Source | float | None"


def day(given: Date, name: str) -> datetime.date | None:
    """A date from text such as "2011-01-03", or from a date or Timestamp."""
    if given is None:
        return None
    if isinstance(given, datetime.datetime):
        return given.date()
    if isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise SpecError(f"{name} is {given!r}; it must be a date such as '2011-01-03'") from None


def path(given: Folder) -> Path | None:
    """A folder or file."""
    return None if given is None else Path(given)


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
        return float(rate)
    if rates is None or isinstance(rates, (int, float)):
        return rates
    return source(rates, "rates")


def given(**values: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {key: value for key, value in values.items() if value is not None}
