"""The words of the field, from one file, for pages and docs."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "glossary.toml"


@cache
def terms() -> dict[str, str]:
    """What each word means, in the order of the file."""
    return {name: entry["means"] for name, entry in _entries().items()}


def means(text: str) -> str | None:
    """What a heading or label means; None if it is no word of the glossary. Letter case counts for nothing,
    and neither does what a label says of whom: "beta to nasdaq" is explained as "beta"."""
    wanted = text.strip().lower()
    known = _by_name()
    return known.get(wanted) or known.get(wanted.split(" to ")[0])


@cache
def _by_name() -> dict[str, str]:
    return {
        name.lower(): entry["means"]
        for own, entry in _entries().items()
        for name in (own, *entry.get("also", ()))
    }


@cache
def _entries() -> dict[str, dict]:  # type: ignore[type-arg]
    with FILE.open("rb") as file:
        entries: dict[str, dict] = tomllib.load(file)["terms"]  # type: ignore[type-arg]
    return entries
