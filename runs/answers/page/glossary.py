"""The words of the field, from one file, for pages and docs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "glossary.toml"
SIGNS = re.compile(r"^[=+−×…]\s+")  # a column that is added to the one before it: "+ fee"
BESIDE = re.compile(r"\s*\([^()]*\)$")  # what a label says of this one: "nasdaq at the rule's risk (32 %)"


@cache
def terms() -> dict[str, str]:
    """What each word means, in the order of the file."""
    return {name: entry["means"] for name, entry in _entries().items()}


def means(text: str) -> str | None:
    """What a heading or label means; None if it is no word of the glossary. Letter case counts for nothing,
    and neither does what a label says of whom ("beta to nasdaq" is explained as "beta"), a sign before it
    ("+ fee") or what stands in brackets behind it. Of a word that ends a label ("nasdaq at
    the rule's risk") what goes before it is a name."""
    known, ends = _by_name(), _ends()
    for wanted in _forms(text.strip().lower()):
        found = known.get(wanted) or next((ends[end] for end in ends if wanted.endswith(f" {end}")), None)
        if found:
            return found
    return None


def _forms(text: str) -> Iterator[str]:
    yield text
    bare = BESIDE.sub("", SIGNS.sub("", text))
    yield bare
    yield bare.split(" to ")[0]


@cache
def _by_name() -> dict[str, str]:
    return {
        name.lower(): entry["means"]
        for own, entry in _entries().items()
        for name in (own, *entry.get("also", ()))
    }


@cache
def _ends() -> dict[str, str]:
    return {name.lower(): entry["means"] for name, entry in _entries().items() if entry.get("ends")}


@cache
def _entries() -> dict[str, dict]:  # type: ignore[type-arg]
    with FILE.open("rb") as file:
        entries: dict[str, dict] = tomllib.load(file)["terms"]  # type: ignore[type-arg]
    return entries
