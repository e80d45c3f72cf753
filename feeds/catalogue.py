"""What data there are: built in, and in the data folder. A file that cannot be read is listed as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from feeds.sources import BUILT_IN, files_in, load_bars, load_rate
from letf_instruments import LetfError

LONGEST = 200  # characters of a reason, which may quote a file of junk


@dataclass(frozen=True)
class Listed:
    """name : as it can be given. kind : "built in", "bars", "closes" (no bars), "rates" or "unreadable".
    what : in words."""

    name: str
    kind: str
    what: str


def listing(folder: Path) -> list[Listed]:
    """What can be named as an index or a short rate: first what is built in, then the folder's files.

    No file ends it, whatever is in it.
    """
    rows = [Listed(name, "built in", what) for name, what in BUILT_IN.items()]
    rows += [_listed(path, _bars, "no bars") for path in files_in(folder)]
    rows += [_listed(path, _rates, "no rates") for path in files_in(folder / "rates")]
    return rows


def _bars(path: Path) -> tuple[str, str]:
    """Kind and words of a file of bars, or of closes alone."""
    try:
        bars, closes_only = load_bars(str(path)), False
    except LetfError as error:
        try:
            bars, closes_only = load_bars(str(path), closes_only=True), True
        except LetfError:
            raise error from None
    kind = "daily" if bars.daily else "intraday"
    what = "closes, no bars" if closes_only else "bars"
    span = f"{bars.sessions[0]} to {bars.sessions[-1]}"
    return "closes" if closes_only else "bars", f"{span}  {len(bars):>7,} {kind} {what}"


def _rates(path: Path) -> tuple[str, str]:
    """Kind and words of a file of rates."""
    rate = load_rate(str(path))
    assert rate.days is not None
    return "rates", f"{rate.days[0]} to {rate.days[-1]}  short rate"


def _listed(path: Path, look: Callable[[Path], tuple[str, str]], otherwise: str) -> Listed:
    name = _printable(path.stem)
    try:
        return Listed(name, *look(path))
    except LetfError as error:
        return Listed(name, "unreadable", f"{otherwise}: {_printable(str(error).partition(';')[0])}")
    except Exception as error:  # of one file, whatever it is; the others are still there
        reason = f"{path.name} cannot be read ({type(error).__name__})"
        return Listed(name, "unreadable", f"{otherwise}: {_printable(reason)}")


def _printable(text: str) -> str:
    """Text that any terminal takes."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
