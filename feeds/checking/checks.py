"""What looks odd in bars, without being impossible: said, never dropped or mended."""

from __future__ import annotations

import numpy as np

from feeds.bars import Bars
from feeds.calendars import sessions_between
from feeds.checking.prints import ADJUSTED, FEWEST, LOCAL, FalsePrints, Ints, false_prints
from feeds.reading.tables import counted

# A real fund can lose half within a day; it does not open at half (2020-03-16 SOXL opened at 0.65).
SPLIT_FACTOR = 1.8
REPEATED_OPENS = 0.05
LISTED_PRINTS = 5


def warnings_of(bars: Bars, calendar: str = "XNYS", prints: bool = True, volume: bool = True) -> list[str]:
    """One sentence for each oddity: missing or extra sessions, jumps that look like an unadjusted
    split, opens that repeat the prior close, no volume, false prints. Empty if there is none.

    Parameters
    ----------
    prints : name false prints too; False where they have been dealt with.
    volume : look at the volume too; False where nothing reads it.
    """
    found = false_prints(bars)
    odd = [*_sessions(bars, calendar), *_jumps(bars, found), *_opens(bars)]
    odd += _volume(bars) if volume else []
    named = _prints(found) if prints else []
    return [*(f"{bars.source}: {sentence}" for sentence in odd), *named]


def split_like(bars: Bars) -> list[str]:
    """One sentence for each jump that looks like an unadjusted split, and stands out of the bars around it as
    a false print does: what is held beside the index may be more volatile than one."""
    if len(bars) <= FEWEST:
        return []
    found = false_prints(bars)
    return [f"{bars.source}: {sentence}" for sentence in _jumps(bars, found, LOCAL)]


def odd_opens(bars: Bars) -> list[str]:
    """A sentence if opens repeat the close before, of what is traded at its opens; else none."""
    return [f"{bars.source}: {sentence}" for sentence in _opens(bars)]


def odd_volume(bars: Bars) -> list[str]:
    """A sentence if there is no volume on many rows, of what is used for its volume; else none."""
    return [f"{bars.source}: {sentence}" for sentence in _volume(bars)]


def first_split(bars: Bars) -> str | None:
    """The first jump that `split_like` names, short, to follow upon a name: "jumps from 900 to 90 on
    2020-07-06 like an unadjusted split"; None if there is none in the prices themselves."""
    if len(bars) <= FEWEST:
        return None
    found = false_prints(bars)
    none = np.zeros(0, dtype=np.int64)
    jumps = _jumping(bars.open, bars.close, found.by_column.get("close", none))
    for i in _beyond_usual(bars, jumps, found, LOCAL):
        before, after = bars.close[i], bars.open[i + 1]
        return f"jumps from {before:.6g} to {after:.6g} on {bars.sessions[i + 1]} like an unadjusted split"
    return None


def _prints(found: FalsePrints) -> list[str]:
    bars = found.bars
    said = [
        f"{bars.where(i)}: {found.sentence(i)}: it looks like a false print"
        for i in found.at[:LISTED_PRINTS].tolist()
    ]
    if len(found) > LISTED_PRINTS:
        said.append(f"{bars.source}: {len(found) - LISTED_PRINTS:,} more bars have a price like that")
    return said


def _list(days: np.ndarray) -> str:
    shown = ", ".join(str(d) for d in days[:3])
    return shown + (f" and {len(days) - 3:,} more" if len(days) > 3 else "")


def _sessions(bars: Bars, calendar: str) -> list[str]:
    days = np.unique(bars.sessions)
    due = sessions_between(calendar, days[0], days[-1])
    missing, extra = np.setdiff1d(due, days), np.setdiff1d(days, due)
    said = []
    if len(missing):
        are = "is" if len(missing) == 1 else "are"
        said.append(f"{counted(len(missing), 'session')} of {calendar} {are} missing: {_list(missing)}")
    if len(extra):
        are = "is not a session" if len(extra) == 1 else "are not sessions"
        said.append(f"{counted(len(extra), 'date')} {are} of {calendar}: {_list(extra)}")
    return said


def _jumps(bars: Bars, found: FalsePrints, usual: float = 0.0) -> list[str]:
    """Jumps of the quoted prices, and of the adjusted close where the close has none of its own; `usual` is
    how many times the usual range they must exceed."""
    said = []
    odd = {column: found.by_column.get(column, np.zeros(0, dtype=np.int64)) for column in ("close", ADJUSTED)}
    jumps = _jumping(bars.open, bars.close, odd["close"])
    for i in _beyond_usual(bars, jumps, found, usual):
        before, after = bars.close[i], bars.open[i + 1]
        said.append(
            f"on {bars.sessions[i + 1]} the price jumps from {before:g} to {after:g} at the open, "
            f"{_split(before, after)}"
        )
    if bars.adj_close is None:
        return said
    ratio = bars.adj_close / bars.close
    adjusted = _jumping(bars.open * ratio, bars.adj_close, np.union1d(odd["close"], odd[ADJUSTED]))
    for i in np.setdiff1d(adjusted, jumps).tolist():
        before, after = bars.adj_close[i], bars.adj_close[i + 1]
        said.append(
            f"on {bars.sessions[i + 1]} the adjusted close jumps from {before:g} to {after:g} and the close "
            f"does not, {_split(before, after)}"
        )
    return said


def _beyond_usual(bars: Bars, jumps: Ints, found: FalsePrints, usual: float) -> list[int]:
    """Those of some jumps that exceed `usual` × the usual range of the bars around them."""
    size = np.abs(np.log(bars.open[jumps + 1] / bars.close[jumps]))
    return [
        i for i, s in zip(jumps.tolist(), size, strict=True) if not usual or s > usual * found.spread(i + 1)
    ]


def _jumping(open_: np.ndarray, close: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """The bars after which both open and close jump as at a split, but those next to a price that is off for
    one bar only."""
    at_open = np.log(open_[1:] / close[:-1])
    at_close = np.log(close[1:] / close[:-1])
    both = np.minimum(np.abs(at_open), np.abs(at_close)) > np.log(SPLIT_FACTOR)
    at = np.flatnonzero(both & (np.sign(at_open) == np.sign(at_close)))
    return np.setdiff1d(at, np.union1d(odd - 1, odd))


def _split(before: float, after: float) -> str:
    factor = max(before / after, after / before)
    kind = "forward split" if after < before else "reverse split"
    return f"about {factor:.3g} to 1: this looks like an unadjusted {kind}"


def repeated_opens(bars: Bars) -> float | None:
    """The share of sessions that open at the previous close; None if it is so small that it may be chance."""
    _, repeats = _repeats(bars)
    return float(repeats.mean()) if len(repeats) and repeats.mean() > REPEATED_OPENS else None


def _repeats(bars: Bars) -> tuple[np.ndarray, np.ndarray]:
    """The first bar of each session but the first, and whether it opens at the close before."""
    first = np.flatnonzero(bars.sessions[1:] != bars.sessions[:-1]) + 1
    return first, bars.open[first] == bars.close[first - 1]


def _opens(bars: Bars) -> list[str]:
    first, repeats = _repeats(bars)
    if repeated_opens(bars) is None:
        return []
    days = bars.sessions[first][repeats]
    return [
        f"in {repeats.sum():,} of {len(first):,} sessions, 95 % of them by {days[int(0.95 * len(days))]}, "
        "the open repeats the previous close: overnight gaps are hidden there, and fills at the open are "
        "too kind or too harsh"
    ]


def _volume(bars: Bars) -> list[str]:
    none = int((bars.volume == 0).sum())
    if none <= len(bars) // 10:
        return []
    return [f"volume is 0 on {none:,} of {len(bars):,} rows: rules that read volume cannot use it"]
