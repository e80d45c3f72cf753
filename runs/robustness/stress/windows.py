"""Windows of real history that nobody forgets."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

NEAR = 7  # days: an index that begins or ends nearer to a window's ends covers it


@dataclass(frozen=True)
class Window:
    """A window. first, last : sessions. words : what happened."""

    key: str
    title: str
    words: str
    first: datetime.date
    last: datetime.date

    def covered(self, first: np.datetime64, last: np.datetime64) -> bool:
        """True if data from one session to another cover it."""
        near = np.timedelta64(NEAR, "D")
        return bool(
            first <= np.datetime64(self.first, "D") + near and last >= np.datetime64(self.last, "D") - near
        )


def _window(key: str, title: str, words: str, first: str, last: str) -> Window:
    return Window(key, title, words, datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))


WINDOWS = (
    _window(
        "real_2000_02",
        "2000–02",
        "the end of the internet bubble, from the NASDAQ Composite's highest close to its lowest",
        "2000-03-10",
        "2002-10-09",
    ),
    _window(
        "real_2008",
        "2008",
        "the financial crisis, from the year's first session to the lowest close of 2009",
        "2008-01-02",
        "2009-03-09",
    ),
    _window(
        "real_2020_03",
        "March 2020",
        "the pandemic's crash and the way back, from the S&P 500's high",
        "2020-02-19",
        "2020-06-08",
    ),
    _window("real_2022", "2022", "a year of falling prices and rising rates", "2022-01-03", "2022-12-30"),
    _window(
        "real_2025_04",
        "April 2025",
        "the tariffs of 2 April, the largest rise of the semiconductors in one day on the 9th, and the weeks "
        "after",
        "2025-03-25",
        "2025-05-14",
    ),
)
