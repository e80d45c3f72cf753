"""What vendors call the columns of bars and of rates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from letf_instruments import DataError

if TYPE_CHECKING:
    import pandas as pd

# By what it is here: a heading as `plain` makes it. Where a table has several of a row, the first counts.
HEADINGS = {
    "date": ("date", "datetime", "timestamp", "observationdate", "unnamed0", "index"),
    "time": ("time",),
    "open": ("open", "pxopen"),
    "high": ("high", "pxhigh"),
    "low": ("low", "pxlow"),
    "close": ("close", "last", "closelast", "price", "pxlast", "latest"),
    "adj_close": ("adjclose", "adjustedclose"),
    "volume": ("volume", "vol", "pxvolume", "tickvol"),
    "rate": ("ratepct", "rate", "value", "dff", "dtb3", "close"),
}
TICKERS = ("ticker", "symbol")
DIVIDENDS, SPLITS = "dividends", "stocksplits"  # Yahoo's, where its closes hold what they say
MONTH_FIRST = ("closelast",)  # Nasdaq.com's own, which writes month/day/year
OURS = ("data",)  # says SIMULATED

_VALUES = {name for what, names in HEADINGS.items() if what not in ("date", "time") for name in names}
_KNOWN = {name for names in HEADINGS.values() for name in names}


def plain(heading: object) -> str:
    """A heading lower-cased and rid of brackets, stars and spaces."""
    return re.sub(r"[^a-z0-9]", "", str(heading).lower())


def is_heading(fields: list[str], sure: bool) -> bool:
    """True if a line of a file may be its headings.

    Parameters
    ----------
    sure : only if it names a date and a value that are known here; else any words beside a date will do.
    """
    names = [plain(field) for field in fields]
    if sure:
        dated = any(name in HEADINGS["date"] + HEADINGS["time"] for name in names) or names[:1] == [""]
        return dated and any(name in _VALUES for name in names)
    others = [field for field, name in zip(fields, names, strict=True) if name not in HEADINGS["date"]]
    return len(others) < len(fields) and any(re.match(r"\s*[A-Za-z]", field) for field in others)


def refuse_twice(fields: Iterable[str], source: str) -> None:
    """Refuse headings of which one that is known here comes twice.

    Raises
    ------
    DataError
        If one does.
    """
    seen = set()
    for field in fields:
        name = plain(field)
        if name in seen and name in _KNOWN:
            raise DataError(f"{source}: its heading {field.strip()} comes twice; each is wanted once")
        seen.add(name)


def find_columns(frame: pd.DataFrame, source: str, need: tuple[str, ...]) -> dict[str, str]:
    """The table's own headings by what they are here.

    Parameters
    ----------
    need : what must be there. The one column beside the dates may have any name, if it is to be a rate, or
        a close and no more is needed.

    Raises
    ------
    DataError
        If what is needed is not there.
    """
    known = {plain(c): c for c in reversed(list(frame.columns))}
    found = {}
    for wanted, names in HEADINGS.items():
        for name in names:
            if name in known:
                found[wanted] = known[name]
                break
    if "date" not in found and "time" in found:
        found["date"] = found.pop("time")
    value = need[-1]
    if len(need) == 2 and value not in found and "date" in found:
        others = [
            c for name, c in known.items() if name not in HEADINGS["date"] + OURS and c != found["date"]
        ]
        if len(others) == 1 and plain(others[0]) not in _KNOWN:
            found[value] = others[0]
    for wanted in need:
        if wanted not in found:
            raise DataError(f"{source}: no column for {wanted}; its headings are {told(frame.columns)}")
    return found


def told(headings: Iterable[object]) -> str:
    """Headings as a sentence has them: of many the first dozen, and no more of each than can be read."""
    return ", ".join(f"{heading!s:.40}" for heading in islice(headings, 12))
