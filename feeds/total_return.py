"""The index as it is quoted, with the dividends that its holder gets, and as a swap sees it.

A fund's swaps pay the total return of the index. An ETF on that index gives it less the ETF's own fee, so
its dividends are put in (adjusted close) and its fee is added back; a price index lacks its dividends, so a
stated yield is added. Both rates are dated facts (`index_sources.csv`). Nobody gets the fee back, though:
whoever holds the ETF has its quotes and its dividends. An index may be spliced from eras:
`SOX:2021-08-25:SOXX` is SOX before that date and SOXX from it on, without a jump.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from feeds.bars import PRICES, Bars
from feeds.checking.screen import Screen
from feeds.dividends import ACCRUAL_DAYS, from_adjusted, from_yield
from feeds.reading.memory import Memory, Source, source_of
from feeds.sources import load_bars
from letf_instruments import DataError, Dated
from letf_instruments.tables import rows

SPLICE = re.compile(r"^(?P<before>[^:]+):(?P<date>\d{4}-\d\d-\d\d):(?P<after>.+)$")
SPLICED = "spliced without a jump"
Read: TypeAlias = Callable[[str | Memory], Bars]


def quoted_index(
    name: Source,
    folder: Path | None = None,
    seed: int = 1,
    closes_only: bool = False,
    screen: Screen | None = None,
) -> tuple[Bars, list[str]]:
    """Bars of an index as it is quoted, with what it pays and how a swap sees it, and what was done to them
    beyond reading, a sentence each.

    Parameters
    ----------
    name : a source as in `load_bars`, or several with the dates between them, `A:2021-08-25:B`. In
        memory it is called "index" if it brings no name along.
    closes_only : closes alone will do.
    screen : how false prints are dealt with, of each era in its own sessions; None does not look for any.

    Raises
    ------
    DataError
        If a source is not there or is refused, or the eras of a splice do not meet.
    """

    def change(bars: Bars, screen: Screen | None) -> tuple[Bars, list[str]]:
        bars, screened = (bars, []) if screen is None else screen.bars(bars)
        bars, said = with_dividends(bars)
        return bars, [*screened, *said]

    load = partial(load_bars, folder=folder, seed=seed, closes_only=closes_only)
    return _assemble(source_of(name, "index"), load, change, screen)


def total_return_index(
    name: Source,
    folder: Path | None = None,
    seed: int = 1,
    closes_only: bool = False,
    screen: Screen | None = None,
) -> tuple[Bars, list[str]]:
    """The same as the swap sees it."""
    bars, said = quoted_index(name, folder, seed, closes_only, screen)
    return bars.as_swapped(), said


def price_index(name: Source, folder: Path | None = None, seed: int = 1) -> Bars:
    """The same sources, spliced alike, as they are quoted: no dividends put in, no fee added back."""
    return screened_price_index(name, folder, seed, None)[0]


def screened_price_index(
    name: Source,
    folder: Path | None,
    seed: int,
    screen: Screen | None,
) -> tuple[Bars, list[str]]:
    """The same with false prints dealt with, and what there is to say of them; an adjusted close, which is
    not used here, is not judged."""

    def change(bars: Bars, screen: Screen | None) -> tuple[Bars, list[str]]:
        return (bars, []) if screen is None else screen.bars(bars, adjusted=False)

    load = partial(load_bars, folder=folder, seed=seed)
    bars, said = _assemble(source_of(name, "index"), load, change, screen)
    return bars, [sentence for sentence in said if not sentence.endswith(SPLICED)]


def adjusted(bars: Bars) -> Bars:
    """Total return of something that is held itself: dividends in, where the source knows them."""
    if bars.adj_close is None:
        return bars
    factor = bars.adj_close / bars.close
    return replace(bars, **{c: getattr(bars, c) * factor for c in PRICES}, adj_close=None)


def _assemble(
    name: str | Memory,
    load: Read,
    change: Callable[[Bars, Screen | None], tuple[Bars, list[str]]],
    screen: Screen | None,
    since: np.datetime64 | None = None,
) -> tuple[Bars, list[str]]:
    parts = SPLICE.match(name) if isinstance(name, str) else None
    if parts is None:
        return change(load(name), screen)
    try:
        date = np.datetime64(parts["date"], "D")
    except ValueError:
        raise DataError(f"index {name!r}: {parts['date']} is not a date") from None
    if since is not None and date <= since:
        raise DataError(f"index {name!r}: dates of a splice must rise, but {date} follows {since}")
    quoted = load(parts["before"])
    early = late = None
    if screen is not None:
        # The later era is joined at its own close of the seam, so that session is one of its own too.
        own = quoted.sessions[quoted.sessions < date]
        early, late = screen.narrowed(until=date - 1), screen.narrowed(since=own[-1] if len(own) else date)
    before, said_before = change(quoted, early)
    after, said_after = _assemble(parts["after"], load, change, late, date)
    return splice(before, after, date), [*said_before, *said_after, f"{name}: {SPLICED}"]


def with_dividends(bars: Bars) -> tuple[Bars, list[str]]:
    """A source's own bars with what a holder is paid, and with what makes of them the index that is swapped,
    on the scale of the first close.

    Where closes hold dividends already, none are paid or added; an ETF's fee is added back to what is swapped
    all the same.
    """
    facts = [row for row in rows("index_sources") if row["name"].lower() == bars.name.lower()]
    adjusted = bars.adj_close is not None and bool((bars.adj_close != bars.close).any())
    ratio = bars.adj_close / bars.close if adjusted and bars.adj_close is not None else np.ones(len(bars))
    said = []
    if adjusted:
        said.append(f"{bars.source}: dividends put in from its adjusted close")
    elif facts and facts[0]["kind"] == "etf" and not bars.holds_dividends:
        said.append(f"{bars.source}: an ETF without adjusted close, so its dividends are missing")
    rate = Dated.constant(0.0)
    if facts and not (bars.holds_dividends and facts[0]["kind"] != "etf"):
        rate = Dated.of((row["from"], float(row["rate"])) for row in facts)
        what = "own fee added back" if facts[0]["kind"] == "etf" else "dividend yield added"
        values = sorted({value for value in rate.values if value})
        if values:
            span = f"{values[0]:.2%}" + (f" to {values[-1]:.2%}" if len(values) > 1 else "")
            said.append(f"{bars.source}: {what}, {span} a year")
    elif not adjusted and not bars.holds_dividends:
        said.append(f"{bars.source}: no dividend yield is known for it, none is added")
    days = np.diff(bars.sessions, prepend=bars.sessions[:1]).astype(np.int64)
    rates = rate.on(bars.sessions)
    swapped = ratio / ratio[0] * np.cumprod(1.0 + rates * days / ACCRUAL_DAYS)
    paid = None
    if adjusted and bars.adj_close is not None:
        paid = from_adjusted(bars.close, bars.adj_close)
    elif facts and facts[0]["kind"] != "etf" and not bars.holds_dividends:
        paid = from_yield(bars.sessions, bars.close, rates)
    return replace(bars, dividends=paid, swapped=swapped), said


def paying(bars: Bars) -> Bars:
    """Something that is held itself, with its dividends where the source knows them."""
    if bars.adj_close is None:
        return bars
    return replace(bars, dividends=from_adjusted(bars.close, bars.adj_close))


def splice(before: Bars, after: Bars, date: np.datetime64) -> Bars:
    """`before` up to `date`, `after` from it on: the first return after the seam is `after`'s own.

    Raises
    ------
    DataError
        If the two have no common session just before `date`, on which to join them.
    """
    early, late = before.sessions < date, after.sessions >= date
    if not early.any() or not late.any():
        raise DataError(
            f"{before.name} and {after.name} cannot be spliced on {date}: they cover {before.sessions[0]} to "
            f"{before.sessions[-1]} and {after.sessions[0]} to {after.sessions[-1]}"
        )
    seam = before.sessions[early][-1]
    joint = np.flatnonzero(after.sessions == seam)
    if not len(joint):
        raise DataError(f"{after.name} has no bar on {seam}, the last of {before.name} before {date}")
    at = joint[-1]
    scale = before.close[early][-1] / after.close[at]
    columns = {
        c: np.concatenate((getattr(before, c)[early], scale * getattr(after, c)[late])) for c in PRICES
    }
    if before.dividends is not None or after.dividends is not None:
        paid = [np.zeros(len(era)) if era.dividends is None else era.dividends for era in (before, after)]
        columns["dividends"] = np.concatenate((paid[0][early], scale * paid[1][late]))
    if before.swapped is not None or after.swapped is not None:
        seen = [np.ones(len(era)) if era.swapped is None else era.swapped for era in (before, after)]
        on = seen[0][early][-1] / seen[1][at]
        columns["swapped"] = np.concatenate((seen[0][early], on * seen[1][late]))
    return Bars(
        name=f"{before.name}+{after.name}",
        source=f"{before.source} to {seam}, {after.source} after",
        timestamps=np.concatenate((before.timestamps[early], after.timestamps[late])),
        **columns,
        volume=np.concatenate((before.volume[early], after.volume[late])),
        simulated=before.simulated or after.simulated,
        notes=tuple(dict.fromkeys((*before.notes, *after.notes))),
        holds_dividends=before.holds_dividends and after.holds_dividends,
        eras=_joined(before.names, after.names, date),
    )


def _joined(before: Dated[str], after: Dated[str], date: np.datetime64) -> Dated[str]:
    """One fact up to a date, another from it on."""
    early = [(day, name) for day, name in zip(before.dates, before.values, strict=True) if day < date]
    late = [(day, name) for day, name in zip(after.dates, after.values, strict=True) if day > date]
    return Dated.of([*early, (date, after.at(date)), *late])
