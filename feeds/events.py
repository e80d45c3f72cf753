"""Calendars of events that are known before they happen, such as earnings dates.

A calendar of events is the one thing that a rule may look ahead in: companies announce their dates weeks
before. How many sessions there are until then comes from the exchange's own calendar, not from bars
that have yet to arrive. (That calendar also knows the closures that nobody announced, such as the four days
from 2001-09-11: a window around them is placed as if they had been.)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feeds.calendars import sessions_between
from feeds.reading.headings import told
from letf_instruments import DataError

Dates = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]

SEASON = "earnings-season"
EXPIRY = "option-expiry"
BUILT_IN = {
    SEASON: "assumed, not real: the third Tuesday of January, April, July and October",
    EXPIRY: "monthly option expiry, the third Friday of each month, or the session before a Friday holiday",
}
EXPIRY_CALENDAR = "XNYS"  # the options are those on American stocks and indexes
MARGIN = np.timedelta64(120, "D")  # how far beyond the data events matter: 60 sessions are 90 days


@dataclass(frozen=True, eq=False)
class Events:
    """Dates of events, rising, with what each belongs to.

    dates : datetime64[D], shape (k,).
    tickers : str, shape (k,), "" where an event is the whole market's.
    source : name of the file or of the built-in calendar.
    assumed : True if the dates are a rule of thumb, not a record.
    calendar : exchange whose sessions are counted.
    """

    dates: Dates
    tickers: npt.NDArray[np.str_]
    source: str
    assumed: bool = False
    calendar: str = "XNYS"

    def __len__(self) -> int:
        return len(self.dates)

    def fingerprint(self) -> str:
        """SHA-256 of the dates and tickers."""
        text = "\n".join(f"{d},{t}" for d, t in zip(self.dates.astype(str), self.tickers, strict=True))
        return hashlib.sha256(text.encode()).hexdigest()

    def of(self, tickers: tuple[str, ...]) -> Events:
        """The events of some tickers only; all if none is named.

        Raises
        ------
        DataError
            If a ticker has no event at all.
        """
        if not tickers:
            return self
        wanted = [ticker.upper() for ticker in tickers]
        for ticker in wanted:
            if ticker not in self.tickers:
                known = ", ".join(sorted({str(t) for t in self.tickers if t})) or "none by name"
                raise DataError(f"{self.source}: no events of {ticker}; it has {known}")
        keep = np.isin(self.tickers, wanted)
        return Events(self.dates[keep], self.tickers[keep], self.source, self.assumed, self.calendar)

    def near(self, sessions: Dates, before: int, after: int) -> Bools:
        """True where the session that follows is within a window around an event, shape (n,).

        The window runs from `before` sessions before an event's session to `after` sessions after it,
        both included. What is decided at a close is traded at the next open, hence the session that
        follows. An event on a day without trading counts on the next session.

        Parameters
        ----------
        sessions : datetime64[D], shape (n,), the session of each bar.
        """
        if not len(sessions):
            return np.zeros(0, dtype=bool)
        first, last = sessions[0] - MARGIN, sessions[-1] + MARGIN
        dates = self.dates[(self.dates >= first) & (self.dates <= last)]
        if not len(dates):
            return np.zeros(len(sessions), dtype=bool)
        days = sessions_between(self.calendar, first, last)
        coming = np.searchsorted(days, sessions, side="right")
        events = np.searchsorted(days, dates, side="left")
        earliest = np.searchsorted(events, coming - after, side="left")
        latest = np.searchsorted(events, coming + before, side="right")
        return latest > earliest

    def sessions_until(self, sessions: Dates) -> npt.NDArray[np.float64]:
        """From each session to the next event after it, in the exchange's sessions, shape (n,): 1 is the
        session that follows. NaN where no event is known within 120 days after the last session."""
        left = np.full(len(sessions), np.nan)
        if not len(sessions):
            return left
        first, last = sessions[0], sessions[-1] + MARGIN
        dates = self.dates[(self.dates > first) & (self.dates <= last)]
        if not len(dates):
            return left
        days = sessions_between(self.calendar, first, last)
        here = np.searchsorted(days, sessions, side="right") - 1
        events = np.unique(np.searchsorted(days, dates, side="left"))
        following = np.searchsorted(events, here, side="right")
        known = following < len(events)
        left[known] = events[following[known]] - here[known]
        return left


NONE = Events(np.zeros(0, dtype="datetime64[D]"), np.zeros(0, dtype=str), "no events")


def load_events(path_or_name: str | Path, calendar: str = "XNYS") -> Events:
    """A built-in calendar by name, or a file of dates.

    Parameters
    ----------
    path_or_name : `earnings-season`, `option-expiry`, or a .csv with a column `date` and, if there are
        several, one of `ticker`.

    Raises
    ------
    DataError
        If the file is not there, has no dates, or a date cannot be read.
    """
    name = str(path_or_name)
    if name in BUILT_IN:
        return _built_in(name, calendar)
    return _read(Path(path_or_name), calendar)


def _built_in(name: str, calendar: str) -> Events:
    months = np.arange("1990-01", "2050-01", dtype="datetime64[M]")
    if name == SEASON:
        months = months[months.astype(int) % 3 == 0]
    weekday = "Tue" if name == SEASON else "Fri"
    dates = np.busday_offset(months.astype("datetime64[D]"), 2, roll="forward", weekmask=weekday)
    if name == EXPIRY:
        days = sessions_between(EXPIRY_CALENDAR, dates[0] - MARGIN, dates[-1])
        dates = days[np.searchsorted(days, dates, side="right") - 1]
    return Events(dates, np.full(len(dates), ""), name, name == SEASON, calendar)


def _read(path: Path, calendar: str) -> Events:
    import pandas as pd

    if not path.is_file():
        raise DataError(f"{path}: there is no such file of events; built in are {', '.join(BUILT_IN)}")
    try:
        frame = pd.read_csv(path, dtype=str, skipinitialspace=True, keep_default_na=False)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path.name}: cannot be read as csv ({reason})") from None
    frame.columns = [str(c).strip().lower() for c in frame.columns]
    if "date" not in frame.columns:
        raise DataError(f"{path.name}: no column for date; its headings are {told(frame.columns)}")
    if frame.empty:
        raise DataError(f"{path.name}: there are no events in it")
    dates = pd.to_datetime(frame["date"].str.strip(), format="%Y-%m-%d", errors="coerce")
    if dates.isna().any():
        i = int(np.argmax(dates.isna().to_numpy()))
        raise DataError(
            f"{path.name}, row {i + 2}: {frame['date'].iloc[i]!r} is not a date; write it as 2020-03-16"
        )
    days = dates.to_numpy().astype("datetime64[D]")
    names = (
        frame["ticker"].str.strip().str.upper() if "ticker" in frame.columns else pd.Series([""] * len(days))
    )
    order = np.argsort(days, kind="stable")
    return Events(days[order], names.to_numpy(dtype=str)[order], path.name, False, calendar)
