"""Dates and times as vendors write them. What a column can be read as in two ways is refused with both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feeds.reading.headings import MONTH_FIRST, plain
from feeds.reading.tables import Table
from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

Stamps = npt.NDArray[np.datetime64]

_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_ZONE = r"\s+(?:[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+|E[SD]?T)$"
_SHORT = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[\sT,]+(\d.*))?")
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_WORDS = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d %b %y", "%b %d %y")
_WEEKDAY = r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+"
_EXCEL = np.datetime64("1899-12-30", "us")  # a spreadsheet's day 0
CENTURY = 70  # of years in two digits, the first that is 19xx


def read_stamps(table: Table, columns: dict[str, str], of_bars: bool) -> Stamps:
    """Dates and times of a table's rows, datetime64[us] in the exchange's own time.

    Moments given in UTC (or as unix seconds) become New York's, other zones keep their own clock.

    Parameters
    ----------
    columns : the table's headings, by what they are here: date, and time if there is one.
    of_bars : there is trade on these dates, so that a reading with weekends gives way to one without.

    Raises
    ------
    DataError
        If something is not a date, or a column of days and months in digits can be read in both orders.
    """
    import pandas as pd

    column = table.frame[columns["date"]]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.map(lambda t: t.isoformat(sep=" "))
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy().astype("datetime64[us]")
    text = column.astype(str).str.strip().str.replace("  ", " ", regex=False)
    if "time" in columns:
        clock = table.frame[columns["time"]].astype(str).str.strip()
        digits = clock.str.fullmatch(r"\d{6}")
        clock = clock.where(~digits, clock.str[:2] + ":" + clock.str[2:4] + ":" + clock.str[4:])
        text = text + " " + clock
    counted = _counted(table, text)
    if counted is not None:
        return counted
    compact = text.str.match(r"^\d{8}(\s|$)")
    text = text.where(~compact, text.str[:4] + "-" + text.str[4:6] + "-" + text.str[6:])
    if text.str.contains(r" [A-Z]", regex=True).any():
        text = text.str.replace(r"\s+(?:UTC|GMT)$", "+00:00", regex=True).str.replace(_ZONE, "", regex=True)
    relative = text.str.contains(r"\b(?:now|today)\b", case=False, regex=True)
    if relative.any():  # pandas takes them for the moment of reading
        i = int(np.argmax(relative.to_numpy()))
        raise DataError(f"{table.at(i)}: {text.iloc[i]!r} is not a date; write it as 2020-03-16")
    offset = text.str.contains(_OFFSET) & text.str.contains(":")
    if offset.any():
        wall = text.str.replace(_OFFSET, "", regex=True)
        clock = pd.to_datetime(wall, format="ISO8601", errors="coerce").dt.time.astype(str)
        in_utc = text.str.fullmatch(r".*(?:Z|[+-]00:?00)").all()
        if not in_utc or (clock == "00:00:00").all():
            if not (clock == "00:00:00").all():
                _refuse_mixed(table, text, offset)
            text = wall  # the exchange's own time; midnight for daily bars
        else:
            utc = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
            return _in_new_york(utc)
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if stamps.isna().any():
        stamps = _otherwise(table, text, stamps, of_bars)
    if stamps.isna().any():
        i = int(np.argmax(stamps.isna().to_numpy()))
        raise DataError(f"{table.at(i)}: {text.iloc[i]!r} is not a date; write it as 2020-03-16")
    return stamps.to_numpy("datetime64[us]")


def _refuse_mixed(table: Table, text: pd.Series, offset: pd.Series) -> None:
    """Refuse moments of which some have another zone than the rest, or none: an hour is daylight saving."""
    import pandas as pd

    zone = text.str.extract(f"({_OFFSET.pattern})", expand=False).str.strip()
    sign = zone.str[0].map({"-": -1.0, "+": 1.0})
    digits = zone.str.replace(r"[^0-9]", "", regex=True).str.ljust(4, "0")
    minutes = sign * (pd.to_numeric(digits.str[:2]) * 60.0 + pd.to_numeric(digits.str[2:4]))
    minutes = minutes.where(zone != "Z", 0.0)
    usual = minutes.median()
    odd = ~offset | ((minutes - usual).abs() > 60.0)
    if odd.any():
        i = int(np.argmax(odd.to_numpy()))
        raise DataError(
            f"{table.at(i)}: {text.iloc[i]!r} is of another zone than most dates of the file, by more than "
            "daylight saving; give all of them in one"
        )


def _in_new_york(utc: pd.Series) -> Stamps:
    return utc.dt.tz_convert("America/New_York").dt.tz_localize(None).to_numpy("datetime64[us]")


def _counted(table: Table, text: pd.Series) -> Stamps | None:
    """Stamps that count from a day of their own: unix seconds, or a spreadsheet's days; None if not."""
    import pandas as pd

    if not len(text):
        return None
    longest = int(text.str.len().max())
    if text.str.fullmatch(r"-?\d{1,13}").all() and longest in (9, 10, 12, 13):
        unit = "s" if longest <= 10 else "ms"
        utc = pd.to_datetime(text.astype(np.int64), unit=unit, utc=True)
        table.note(f"its dates are unix {'milli' * (unit == 'ms')}seconds")
        if (utc == utc.dt.normalize()).all():
            return utc.dt.tz_localize(None).to_numpy("datetime64[us]")
        return _in_new_york(utc)
    if text.str.fullmatch(r"[1-7]\d{4}(?:\.\d+)?").all():
        table.note("its dates are a spreadsheet's numbers, days from 1899-12-30 on")
        seconds = np.round(text.astype(float).to_numpy() * 86400.0).astype(np.int64)
        return _EXCEL + seconds.astype("timedelta64[s]")
    return None


def _otherwise(table: Table, text: pd.Series, iso: pd.Series, of_bars: bool) -> pd.Series:
    """Stamps that are not written as ISO 8601 has them: what reads most rows of the column."""
    short = _days_and_months(table, text, of_bars)
    if short is not None:
        return short
    words = _in_words(text)
    if words.notna().sum() > iso.notna().sum():
        table.note("its dates are in words")
        return words
    return iso


def _in_words(text: pd.Series) -> pd.Series:
    import pandas as pd

    spelt = text.str.replace(_WEEKDAY, "", regex=True).str.replace(r"[,\-\s]+", " ", regex=True)
    spelt = spelt.str.replace(r"\b(Sept)\b", "Sep", regex=True)
    tried = [pd.to_datetime(spelt, format=layout, errors="coerce") for layout in _WORDS]
    return max(tried, key=lambda stamps: int(stamps.notna().sum()))


def _days_and_months(table: Table, text: pd.Series, of_bars: bool) -> pd.Series | None:
    """Stamps such as 03/16/2020: which number is the month follows from the whole column. None if they are
    not such.

    Raises
    ------
    DataError
        If the whole column fits both.
    """
    import pandas as pd

    parts = text.str.extract(rf"^{_SHORT.pattern}$")
    if parts[0].isna().mean() > 0.5:
        return None
    year = parts[3].where(parts[3].str.len() == 4, _century(parts[3]) + parts[3])
    readings = {}
    for name, month, day in (("month/day/year", 0, 2), ("day/month/year", 2, 0)):
        whole = pd.to_datetime(
            year + "-" + parts[month] + "-" + parts[day], format="%Y-%m-%d", errors="coerce"
        )
        readings[name] = whole + _clock(parts[4])
    if (readings["month/day/year"] == readings["day/month/year"]).all():
        return readings["month/day/year"]
    fits = _fitting(readings, of_bars)
    if len(fits) == 2 and (parts[1] == ".").all():
        fits = ["day/month/year"]  # nobody writes a month first before a point
    if len(fits) == 2 and any(plain(c) in MONTH_FIRST for c in table.frame.columns):
        fits = ["month/day/year"]
    if len(fits) == 2:
        one, other = readings.values()
        i = int(np.argmax((one != other).to_numpy()))
        raise DataError(
            f"{table.at(i)}: {text.iloc[i]!r} is {one.iloc[i].date()} as month/day/year and "
            f"{other.iloc[i].date()} as day/month/year, and the whole column fits both; "
            "write dates as 2020-03-16"
        )
    best = fits[0] if fits else max(readings, key=lambda name: int(readings[name].notna().sum()))
    if best == "day/month/year" and fits:
        table.note("its dates are day/month/year, the only order that the whole column fits")
    return readings[best]


def _fitting(readings: dict[str, pd.Series], of_bars: bool) -> list[str]:
    """The readings in which all are dates, that go one way, and on weekdays, as far as there are such."""
    fits = [name for name, stamps in readings.items() if stamps.notna().all()]

    def one_way(name: str) -> bool:
        stamps = readings[name]
        return bool(stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing)

    def on_weekdays(name: str) -> bool:
        return bool((readings[name].dt.day_of_week < 5).all())

    for holds in (one_way, *([on_weekdays] if of_bars else [])):
        fits = [name for name in fits if holds(name)] or fits
    return fits


def _century(year: pd.Series) -> pd.Series:
    import pandas as pd

    return pd.to_numeric(year, errors="coerce").lt(CENTURY).map({True: "20", False: "19"})


def _clock(text: pd.Series) -> pd.Series:
    """Time of day, nought where none is given, NaT where it is none."""
    import pandas as pd

    found = pd.Series(pd.NaT, index=text.index, dtype="timedelta64[ns]").mask(text.isna(), pd.Timedelta(0))
    for layout in _CLOCKS:
        moment = pd.to_datetime(text, format=layout, errors="coerce")
        found = found.fillna(moment - moment.dt.normalize())
    return found
