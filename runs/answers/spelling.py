"""How sentences from elsewhere spell their numbers. Light to import: the list of rules is printed with it."""

from __future__ import annotations

import re


def as_written(sentence: str) -> str:
    """A sentence from elsewhere with its numbers as they are written here: "0.30% of -3×" is
    "0.30 % of −3×"."""
    spaced = re.sub(r"(?<=\d)%(?!\.?\w)", " %", sentence)
    return re.sub(r"(?<!\S)-(?=[\d.]+(?:×| times))", "−", spaced)
