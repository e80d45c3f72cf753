"""What is to be hedged, in a person's words: dollars by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from letf_instruments import SpecError

HOW = "write NAME=DOLLARS, several with commas between them: NVDA=40000,AMD=30000"
MOST = 1e12  # dollars


def holding_of(given: Any) -> dict[str, float]:
    """Dollars by name, from text or a table.

    Parameters
    ----------
    given : "NVDA=40000,AMD=30000", or {"NVDA": 40000, "AMD": 30000}; a name is one of the data folder, a
        built-in source, or a file.

    Raises
    ------
    SpecError
        If it cannot be read, a name comes twice, or an amount is not above 0.
    """
    if isinstance(given, Mapping):
        pairs = [(str(name).strip(), value) for name, value in given.items()]
    elif isinstance(given, str):
        parts = [part for part in given.split(",") if part.strip()]
        for part in parts:
            if not part.rpartition("=")[0].strip():
                raise SpecError(f"holding {part.strip()!r} cannot be read; {HOW}")
        pairs = [(part.rpartition("=")[0].strip(), part.rpartition("=")[2]) for part in parts]
    else:
        raise SpecError(f"holding is {given!r:.80}; {HOW}")
    if not pairs:
        raise SpecError(f"holding is empty; {HOW}")
    found: dict[str, float] = {}
    for name, value in pairs:
        if name.lower() in (known.lower() for known in found):
            raise SpecError(f"holding names {name} twice; add its dollars up")
        found[name] = _dollars(name, value)
    return found


def _dollars(name: str, given: Any) -> float:
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise SpecError(f"holding of {name} is {given!r:.40}; an amount of dollars is wanted")
    if not 0.0 < value <= MOST:
        hint = "; what is sold short is not hedged with a bear fund" if value < 0 else ""
        raise SpecError(
            f"holding of {name} is {value:g} dollars; it must be above 0 and at most {MOST:g}{hint}"
        )
    return value
