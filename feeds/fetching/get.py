"""Fetching a ticker's whole history, and what is told of a file that was fetched or updated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feeds.bars import Bars
from feeds.checking.checks import warnings_of
from feeds.fetching.kept import keep, kept_file, refuse_own
from feeds.fetching.yahoo import Yahoo, name_and_symbol


@dataclass(frozen=True, eq=False)
class Fetched:
    """What became of a file.

    Parameters
    ----------
    name : of the file, without suffix. bars : all that it holds now. added : how many sessions are new.
    words : what was done, in one sentence. notes : what was left out of Yahoo's rows, a sentence each.
    warnings : what looks odd in what is new, a sentence each.
    """

    name: str
    path: Path
    bars: Bars
    added: int
    words: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def span(bars: Bars) -> str:
    """How many bars, and from when to when."""
    return f"{len(bars):,} bars, {bars.sessions[0]} to {bars.sessions[-1]}"


def each_once(names: Iterable[str]) -> list[str]:
    """Tickers as they were given, none twice."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(str(name).upper(), name)
    return list(found.values())


def get(given: str, folder: Path, yahoo: Yahoo) -> Fetched:
    """Fetch a ticker's whole history, check it, and write FOLDER/NAME.csv whole or not at all.

    Raises
    ------
    DataError
        One sentence: for what can be no ticker, where a person's own file of that name is, if Yahoo does not
        answer (see `Yahoo.daily`), if what came is refused, or if it cannot be written.
    """
    name, symbol = name_and_symbol(given)
    refuse_own(folder, name, symbol)
    answer = yahoo.daily(symbol)
    bars = keep(folder, name, symbol, answer.frame)
    path = kept_file(folder, name)
    notes = (*answer.notes, *bars.notes)
    return Fetched(name, path, bars, len(bars), f"{path}: {span(bars)}", notes, tuple(warnings_of(bars)))
