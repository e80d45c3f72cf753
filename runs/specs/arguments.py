"""Arguments of a question, checked: the same bounds for the command line and for scripts."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from letf_instruments import SpecError


def whole(name: str, given: Any, least: int, most: int | None = None) -> int:
    """A whole number within bounds.

    Raises
    ------
    SpecError
        If it is none; the sentence names it and what would be right.
    """
    upto = "or more" if most is None else f"to {most:,}"
    right = isinstance(given, Integral) and not isinstance(given, bool)
    if not right or given < least or (most is not None and given > most):
        raise SpecError(f"{name} is {given!r}; it must be a whole number, {least:,} {upto}")
    return int(given)


def number(name: str, given: Any, least: float, most: float) -> float:
    """A finite number within bounds.

    Raises
    ------
    SpecError
        If it is none.
    """
    right = isinstance(given, Real) and not isinstance(given, bool) and math.isfinite(given)
    if not right or not least <= given <= most:
        raise SpecError(f"{name} is {given!r}; it must be a number from {least:g} to {most:g}")
    return float(given)


def one_of(name: str, given: Any, choices: Sequence[str]) -> str:
    """One of some words.

    Raises
    ------
    SpecError
        If it is none of them.
    """
    if given not in choices:
        raise SpecError(f"{name} is {given!r}; it must be {' or '.join(map(repr, choices))}")
    return str(given)


def known(name: str, given: Iterable[str], choices: Sequence[str]) -> None:
    """Refuse words that mean nothing.

    Raises
    ------
    SpecError
        At the first; the sentence names the nearest.
    """
    for word in given:
        if word not in choices:
            near = difflib.get_close_matches(str(word), choices, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(choices)}"
            raise SpecError(f"unknown {name} {word!r}; {hint}")
