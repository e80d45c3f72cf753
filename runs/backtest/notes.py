"""Notes of a run, gathered: what is said again and again, with other dates and numbers, is said once."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_ALIKE = 3
_DATE = re.compile(r"^\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"(?<![A-Za-z])\d[\d.,]*(e[+-]?\d+)?%?")


def gathered(notes: Sequence[str]) -> list[str]:
    """The notes in their order; of more than three that differ in dates and numbers only, the first, with
    how many more there are and the last one's date."""
    alike: dict[str, list[str]] = {}
    for note in notes:
        alike.setdefault(_NUMBER.sub("#", note), []).append(note)
    out = []
    for group in alike.values():
        if len(group) <= MOST_ALIKE:
            out += group
            continue
        date = _DATE.match(group[-1])
        until = f", the last on {date[0]}" if date else ""
        out.append(f"{group[0]} (and {len(group) - 1:,} more like it{until})")
    return out
