"""What vendors call the columns of bars and of rates."""

from __future__ import annotations

import re

# By what it is here: a heading as `plain` makes it. Where a table has several of a row, the first counts.
HEADINGS = {
    "date": ("date", "datetime", "timestamp", "unnamed0", "index"),
    "time": ("time",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "last", "closelast"),
    "adj_close": ("adjclose", "adjustedclose"),
    "volume": ("volume", "vol"),
    "rate": ("ratepct", "rate", "value", "dff", "dtb3", "close"),
}


def plain(heading: object) -> str:
    """A heading lower-cased and rid of brackets, stars and spaces."""
    return re.sub(r"[^a-z0-9]", "", str(heading).lower())
