"""Bringing a fetched file up to date: new sessions are added, as long as the last ones still stand.

Yahoo changes what it says of the past: after a split all prices, after a dividend all adjusted closes, now
and then a price that was wrong. So the last sessions of the file are asked for again. Where one differs, the
whole file is fetched anew, as its older part would be of another vintage than its newer one. Volumes settle
for a day or two; a new one is taken over.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feeds.checking.checks import split_like, warnings_of
from feeds.fetching.get import Fetched, span
from feeds.fetching.kept import keep, kept_file, kept_rows, own_entry
from feeds.fetching.yahoo import Answer, Yahoo, name_and_symbol
from feeds.reading.files import read_bars
from feeds.reading.tables import counted
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

OVERLAP = 10  # sessions that are asked for again
# Yahoo computes in single precision, so that a price may differ in its eighth digit from one answer to the
# next. A cent of a price of 10,000 is as much as this, and any dividend more.
SAME = 1e-6
AS_SPLIT = 1e-3  # how far prices may be from a split's factor and still be explained by it


def update(given: str, folder: Path, yahoo: Yahoo) -> Fetched:
    """Add the sessions that FOLDER/NAME.csv lacks, or replace it where Yahoo has changed what it holds.

    Raises
    ------
    DataError
        One sentence: if the file is not there or was not fetched, if Yahoo does not answer (see
        `Yahoo.daily`) or no longer knows its first sessions, if what came is refused, or if it cannot be
        written. The file stays as it was.
    """
    name, _ = name_and_symbol(given)
    symbol, path = own_entry(folder, name).symbol, kept_file(folder, name)
    old, before = kept_rows(path), read_bars(path, name)
    last = old.index[-1]
    tail = old.iloc[-OVERLAP:]
    answer = yahoo.daily(symbol, tail.index[0].date())
    _refuse_lost(tail.index.difference(answer.frame.index), name)
    why = changed(tail, answer)
    if why:
        return _anew(name, symbol, folder, yahoo, old, why)
    new = answer.frame[answer.frame.index > last]
    joined, settled = _with_volumes(old, answer.frame)
    volumes = f"the volume of {counted(settled, 'session')} corrected" if settled else ""
    if not len(new) and not settled:
        return Fetched(name, path, before, 0, f"{name}: nothing new since {last.date()}", answer.notes)
    import pandas as pd

    bars = keep(folder, name, symbol, pd.concat([joined, new]))
    if len(new):
        first, end = new.index[0].date(), new.index[-1].date()
        done = f"{counted(len(new), 'session')} added, {first if first == end else f'{first} to {end}'}"
    else:
        done = f"no session added since {last.date()}"
    odd = [sentence for sentence in split_like(bars) if sentence not in split_like(before)]
    words = f"{name}: {done}{'; ' if volumes else ''}{volumes}"
    return Fetched(name, path, bars, len(new), words, answer.notes, tuple(odd))


def _anew(name: str, symbol: str, folder: Path, yahoo: Yahoo, old: pd.DataFrame, why: str) -> Fetched:
    yahoo.say(f"fetching {name} anew: {why.partition(';')[0]}")
    answer = yahoo.daily(symbol)
    _refuse_lost(old.index.difference(answer.frame.index), name, f"; it is to be fetched anew: {why}")
    bars = keep(folder, name, symbol, answer.frame)
    added = int((answer.frame.index > old.index[-1]).sum())
    words = f"{name}: fetched anew, {span(bars)}: {why}"
    path = kept_file(folder, name)
    return Fetched(name, path, bars, added, words, (*answer.notes, *bars.notes), tuple(warnings_of(bars)))


def _refuse_lost(lost: pd.DatetimeIndex, name: str, besides: str = "") -> None:
    """Refuse to lose sessions: Yahoo's last row but one is at times blank for some hours."""
    if len(lost):
        which = (
            f"the session of {lost[0].date()}"
            if len(lost) == 1
            else (f"{len(lost):,} sessions, first {lost[0].date()},")
        )
        raise DataError(
            f"Yahoo lacks {which} that {name}.csv has, and the file is left as it was: try again later, or "
            f"take what Yahoo has with `letf data get {name}`{besides}"
        )


def _with_volumes(old: pd.DataFrame, fresh: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows of the file with the volumes that Yahoo has now, and how many of them differ."""
    common = old.index.intersection(fresh.index)
    settled = int((old.loc[common, "Volume"] != fresh.loc[common, "Volume"]).sum())
    joined = old.copy()
    joined.loc[common, "Volume"] = fresh.loc[common, "Volume"]
    return joined, settled


def changed(tail: pd.DataFrame, answer: Answer) -> str:
    """What Yahoo says otherwise of the last sessions of a file; empty if it says the same.

    Parameters
    ----------
    tail : the file's rows by date, from the first that was asked for again; Yahoo has all of them.
    """
    fresh = answer.frame[answer.frame.index <= tail.index[-1]]
    come = fresh.index.difference(tail.index)
    if len(come):
        return f"the session of {come[0].date()}, which Yahoo did not have before"
    for column in ("Close", "Open", "High", "Low", "Adj Close"):
        was, now = tail[column], fresh[column]
        other = was.index[~np.isclose(now, was, rtol=SAME, atol=0.0)]
        if not len(other):
            continue
        first = other[0]
        said = (
            f"the {'adjusted close' if column == 'Adj Close' else column.lower()} of {first.date()} was "
            f"{was[first]:.7g} and is {now[first]:.7g} now"
        )
        # What happened before the last session that differs is in its price already.
        if column == "Adj Close":
            paid = answer.dividends[answer.dividends.index > other[-1]]
            return _because([f"a dividend of {amount:g} on {on.date()}" for on, amount in paid.items()], said)
        splits = answer.splits[answer.splits.index > other[-1]]
        if abs(now[first] * float(splits.prod()) / was[first] - 1.0) > AS_SPLIT:
            return said
        return _because([f"a split of {_ratio(float(by))} on {on.date()}" for on, by in splits.items()], said)
    return ""


def _because(events: list[str], said: str) -> str:
    return f"{' and '.join(events)}; {said}" if events else said


def _ratio(split: float) -> str:
    """0.1 is 1-for-10, 1.5 is 3-for-2."""
    shares = Fraction(split).limit_denominator(1000)
    return f"{shares.numerator}-for-{shares.denominator}"
