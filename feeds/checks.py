"""What looks odd in bars, without being impossible: said, never dropped or mended."""

from __future__ import annotations

import numpy as np

from feeds.bars import Bars
from feeds.calendars import sessions_between

# A real fund can lose half within a day; it does not open at half (2020-03-16 SOXL opened at 0.65).
SPLIT_FACTOR = 1.8
REPEATED_OPENS = 0.05


def warnings_of(bars: Bars, calendar: str = "XNYS") -> list[str]:
    """One sentence for each oddity: missing or extra sessions, jumps that look like an unadjusted
    split, opens that repeat the prior close, no volume. Empty if there is none."""
    found = [*_sessions(bars, calendar), *_jumps(bars), *_opens(bars), *_volume(bars)]
    return [f"{bars.source}: {sentence}" for sentence in found]


def _list(days: np.ndarray) -> str:
    shown = ", ".join(str(d) for d in days[:3])
    return shown + (f" and {len(days) - 3:,} more" if len(days) > 3 else "")


def _sessions(bars: Bars, calendar: str) -> list[str]:
    days = np.unique(bars.sessions)
    due = sessions_between(calendar, days[0], days[-1])
    missing, extra = np.setdiff1d(due, days), np.setdiff1d(days, due)
    said = []
    if len(missing):
        said.append(f"{len(missing):,} sessions of {calendar} are missing: {_list(missing)}")
    if len(extra):
        said.append(f"{len(extra):,} dates are not sessions of {calendar}: {_list(extra)}")
    return said


def _jumps(bars: Bars) -> list[str]:
    at_open = np.log(bars.open[1:] / bars.close[:-1])
    at_close = np.log(bars.close[1:] / bars.close[:-1])
    both = np.minimum(np.abs(at_open), np.abs(at_close)) > np.log(SPLIT_FACTOR)
    said = []
    for i in np.flatnonzero(both & (np.sign(at_open) == np.sign(at_close))):
        before, after = bars.close[i], bars.open[i + 1]
        factor = max(before / after, after / before)
        kind = "forward split" if after < before else "reverse split"
        said.append(
            f"on {bars.sessions[i + 1]} the price jumps from {before:g} to {after:g} at the open, "
            f"about {factor:.3g} to 1: this looks like an unadjusted {kind}"
        )
    return said


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
