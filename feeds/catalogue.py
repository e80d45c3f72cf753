"""What data there are: built in, and in the data folder. A file that cannot be read is listed as such."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feeds.sources import BUILT_IN, files_in, load_bars, load_rate
from letf_instruments import LetfError


@dataclass(frozen=True)
class Listed:
    """name : as it can be given. kind : "built in", "bars", "rates" or "unreadable". what : in words."""

    name: str
    kind: str
    what: str


def listing(folder: Path) -> list[Listed]:
    """What can be named as an index or a short rate: first what is built in, then the folder's files."""
    rows = [Listed(name, "built in", what) for name, what in BUILT_IN.items()]
    for path in files_in(folder):
        try:
            bars = load_bars(str(path))
            kind = "daily" if bars.daily else "intraday"
            what = f"{bars.sessions[0]} to {bars.sessions[-1]}  {len(bars):>7,} {kind} bars"
            rows.append(Listed(path.stem, "bars", what))
        except LetfError as error:
            rows.append(Listed(path.stem, "unreadable", f"no bars: {str(error).partition(';')[0]}"))
    for path in files_in(folder / "rates"):
        try:
            rate = load_rate(str(path))
            assert rate.days is not None
            rows.append(Listed(path.stem, "rates", f"{rate.days[0]} to {rate.days[-1]}  short rate"))
        except LetfError as error:
            rows.append(Listed(path.stem, "unreadable", f"no rates: {str(error).partition(';')[0]}"))
    return rows
