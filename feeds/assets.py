"""Other things that are held beside the funds (stocks, ETFs), on the sessions of the index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from feeds.bars import Bars
from feeds.checking.checks import odd_opens, split_like
from feeds.checking.screen import Screen
from feeds.reading.files import read_bars
from feeds.reading.memory import Source, source_of
from feeds.sources import BUILT_IN, find_source, load_bars
from feeds.total_return import paying, quoted_index, screened_price_index
from letf_instruments import DataError

# Vendors miss a session now and then; beyond this share of all sessions it is another calendar.
MOST_MISSING = 0.01


def load_asset(
    name: Source, index: Bars, folder: Path | None = None, seed: int = 1, screen: Screen | None = None
) -> tuple[Bars, list[str]]:
    """Bars of an asset as quoted, with its dividends, on the index's own bars, and what was done to them, a
    sentence each.

    A file may lack open, high and low on some rows: the close then stands for them. A session that is
    missing repeats the prior close. Rows before and after the index's sessions are not looked at.

    Parameters
    ----------
    name : a source as in `load_bars`; a file in the data folder or its `stocks/`. In memory a Series of
        closes does as well; it is called "asset" if it brings no name along.
    index : the index, whose bars the asset must cover from the first to the last.
    screen : how false prints within the index's sessions are dealt with; None does not look for any.

    Raises
    ------
    DataError
        If the asset begins later or ends earlier than the index, lacks more than 1 % of its sessions, or
        is intraday.
    """
    if not index.daily:
        raise DataError(f"{index.source}: assets need daily bars")
    days = index.sessions
    bars, said = read_asset(name, folder, seed, (days[0], days[-1]), screen)
    own = bars.sessions
    if own[0] > days[0] or own[-1] < days[-1]:
        raise DataError(
            f"{bars.source}: it covers {own[0]} to {own[-1]}, the index {days[0]} to {days[-1]}; "
            f"run from {max(own[0], days[0])} to {min(own[-1], days[-1])}"
        )
    return aligned(bars, index, said), said


def load_followed(
    name: Source,
    index: Bars,
    folder: Path | None = None,
    seed: int = 1,
    screen: Screen | None = None,
    total_return: bool = True,
) -> tuple[Bars, list[str]]:
    """The index of a fund that follows another one than the run's, as `load_asset` has an asset, and as it is
    swapped.

    Parameters
    ----------
    name : a source as in `quoted_index`. total_return : with its dividends put in where it is swapped.

    Raises
    ------
    DataError
        As `load_asset`.
    """
    days = index.sessions
    if screen is not None:
        screen = screen.narrowed(days[0], days[-1])
    bars, said = read_followed(name, folder, seed, screen, total_return)
    own = bars.sessions
    if not index.daily or not bars.daily:
        raise DataError(f"{bars.source}: funds on another index than the run's need daily bars of both")
    if own[0] > days[0] or own[-1] < days[-1]:
        raise DataError(
            f"{bars.source}: it covers {own[0]} to {own[-1]}, the index {days[0]} to {days[-1]}; "
            f"run from {max(own[0], days[0])} to {min(own[-1], days[-1])}"
        )
    said = [*bars.notes, *said]
    return aligned(bars, index, said), said


def read_followed(
    name: Source, folder: Path | None, seed: int, screen: Screen | None, total_return: bool
) -> tuple[Bars, list[str]]:
    """All bars of such an index, and what was done to them."""
    if total_return:
        return quoted_index(name, folder, seed, screen=screen)
    return screened_price_index(name, folder, seed, screen)


def read_asset(
    name: Source,
    folder: Path | None,
    seed: int,
    span: tuple[np.datetime64, np.datetime64],
    screen: Screen | None,
) -> tuple[Bars, list[str]]:
    """Bars of an asset as quoted, with its dividends, in and next to a span of sessions, and what was done to
    them."""
    source = source_of(name, "asset")
    if isinstance(source, str) and source.lower() in BUILT_IN:
        bars = load_bars(source, None, seed)
    else:
        where = find_source(source, "asset", folder, (".", "stocks"))
        bars = read_bars(where, closes_only=True, span=span)
    if not bars.daily:
        raise DataError(f"{bars.source}: assets need daily bars")
    said = list(bars.notes)
    if screen is not None:
        bars, screened = screen.narrowed(*span).bars(bars)
        said += screened
    return paying(bars), [*said, *split_like(bars), *odd_opens(bars)]


def aligned(bars: Bars, index: Bars, said: list[str]) -> Bars:
    """An asset on the index's bars, which it covers.

    Raises
    ------
    DataError
        If it lacks more than 1 % of them.
    """
    own, days = bars.sessions, index.sessions
    at = np.searchsorted(own, days, side="right") - 1
    missing = own[at] != days
    if missing.sum() > MOST_MISSING * len(days):
        raise DataError(
            f"{bars.source}: {missing.sum():,} of the index's {len(days):,} sessions are missing from it, "
            f"the first on {days[missing][0]}"
        )
    if missing.any():
        first = days[missing][0]
        said.append(
            f"{bars.source}: {missing.sum()} sessions are missing and repeat the prior close, first {first}"
        )
    close = bars.close[at]
    columns = {c: np.where(missing, close, getattr(bars, c)[at]) for c in ("open", "high", "low", "close")}
    volume = np.where(missing, 0.0, bars.volume[at])
    paid = None
    if bars.dividends is not None:  # what is paid on a day that the index lacks is there on its next
        on = np.searchsorted(days, own)
        inside = (on < len(days)) & (own > days[0])
        paid = np.bincount(on[inside], weights=bars.dividends[inside], minlength=len(days))
    return Bars(
        bars.name,
        bars.source,
        index.timestamps,
        **columns,
        volume=volume,
        simulated=bars.simulated,
        notes=bars.notes,
        holds_dividends=bars.holds_dividends,
        dividends=paid,
        swapped=None if bars.swapped is None else bars.swapped[at],
        eras=bars.eras,
    )
