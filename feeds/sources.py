"""Where data come from, by name: what the project brings along, a file, or the data folder."""

from __future__ import annotations

import csv
import difflib
import gzip
import os
from importlib.util import find_spec
from numbers import Real
from pathlib import Path

import numpy as np

from feeds.bars import Bars
from feeds.rates import MAX_BORROW_FEE, BorrowFee, ShortRate
from feeds.reading.files import SUFFIXES, read_bars, read_percent, read_rates
from feeds.reading.memory import Memory, Source, source_of
from letf_instruments import DataError

NASDAQ = "nasdaq"
SIMULATED = "semis-sim"
FIVE_MINUTES = "semis-sim-5min"
BONDS = "bonds-sim"
BUILT_IN = {
    NASDAQ: "NASDAQ Composite, daily, 1999-2018, real, comes with the arch package",
    SIMULATED: "simulated semiconductor index, daily, 2000-2019, seeded; all that uses it says SIMULATED",
    BONDS: "simulated long Treasury bonds, daily, 1994-2025, seeded; all that uses it says SIMULATED",
    FIVE_MINUTES: "the semiconductor index in five-minute bars, 2018-2019, for plans that go by the clock",
}

SPREADSHEETS = (".xlsx", ".xls", ".ods")


def data_folder(given: str | Path | None = None) -> Path:
    """The data folder: the given one, else LETF_DATA_DIR, else the per-user folder."""
    if given:
        return Path(given)
    if os.environ.get("LETF_DATA_DIR"):
        return Path(os.environ["LETF_DATA_DIR"])
    import platformdirs

    return Path(platformdirs.user_data_dir("letf-lab", appauthor=False))


def load_bars(name: Source, folder: Path | None = None, seed: int = 1, closes_only: bool = False) -> Bars:
    """Bars by name: one of `BUILT_IN`, a .csv or .parquet path, or a file of the data folder.

    Parameters
    ----------
    name : or a DataFrame in memory (see `Memory`), called "bars" if it brings no name along.
    folder : the data folder (see `data_folder`); None for the default one.
    seed : of the simulation, where the name is that of one.
    closes_only : closes alone will do, also a Series of them; they stand for open, high and low.

    Raises
    ------
    DataError
        If there is no such source (the sentence names the nearest), or its bars are refused.
    """
    source = source_of(name, "bars")
    built_in = source.lower() if isinstance(source, str) else None
    if built_in == NASDAQ:
        return _nasdaq()
    if built_in == SIMULATED:
        from feeds.simulate import simulate_semiconductors

        return simulate_semiconductors(seed)
    if built_in == FIVE_MINUTES:
        from feeds.simulate_minutes import simulate_five_minutes

        return simulate_five_minutes(seed)
    if built_in == BONDS:
        from feeds.simulate import simulate_bonds

        return simulate_bonds(seed)
    return read_bars(find_source(source, "bars", folder, (".",)), closes_only=closes_only)


def load_rate(name: Source, folder: Path | None = None) -> ShortRate:
    """A short-rate series in percent a year: a path, or a file of the data folder or its `rates/`.

    Parameters
    ----------
    name : or a Series or DataFrame in memory (see `Memory`), called "rates" if it brings no name along.

    Raises
    ------
    DataError
        If there is none, a rate is missing or looks like no percentage, or the dates do not rise.
    """
    where = find_source(name, "rates", folder, ("rates", "."))
    notes: list[str] = []
    dates, rates = read_rates(where, notes)
    return ShortRate(where.stem, dates, rates, tuple(notes))


def rate_of(
    given: Source | float | None, folder: Path | None = None, default: float | None = None
) -> ShortRate:
    """The short rate that a person means.

    Parameters
    ----------
    given : a number, or its text, is a constant in fractions a year ("0.02"); all else is a series as in
        `load_rate`; None is `default`.
    default : a constant, fraction a year; None is what the project brings along (`ShortRate.shipped`).

    Raises
    ------
    DataError
        If a constant is not within ±0.3; else as `load_rate`.
    """
    if given is None:
        return ShortRate.shipped() if default is None else ShortRate.constant(default)
    if isinstance(given, (str, Real)):
        try:
            constant = float(given)
        except ValueError:
            return load_rate(given, folder)  # type: ignore[arg-type]
        return ShortRate.constant(constant)
    return load_rate(given, folder)


def load_borrow_fee(name: Source, folder: Path | None = None) -> BorrowFee:
    """Borrow fees in percent of a short's value a year: a path, or a file of the data folder or its `rates/`.

    Parameters
    ----------
    name : or a Series or DataFrame in memory (see `Memory`), called "borrow" if it brings no name along.

    Raises
    ------
    DataError
        If there is none, a fee is missing or beyond 500, or the dates do not rise.
    """
    where = find_source(name, "borrow", folder, ("rates", "."))
    read = read_percent(where)
    read.refuse(
        ~((read.values >= 0) & (read.values <= 100 * MAX_BORROW_FEE)),
        "a borrow fee is 0 to 500 percent a year",
    )
    read.refuse_falling()
    return BorrowFee(read.dates, read.values / 100.0, read.notes, where.stem)


def find_source(
    given: Source, default_name: str, folder: Path | None, places: tuple[str, ...]
) -> Path | Memory:
    """What is to be read: the file that a name or path means, or what is in memory.

    Parameters
    ----------
    default_name : of what is in memory and brings none along.
    places : of the data folder, in which a plain name is looked for.

    Raises
    ------
    DataError
        If there is no such file, or what is in memory is no table (see `Memory`).
    """
    source = source_of(given, default_name)
    return source if isinstance(source, Memory) else find_file(source, data_folder(folder), places)


def find_file(name: str, folder: Path, places: tuple[str, ...]) -> Path:
    """The file that a name or path means.

    Raises
    ------
    DataError
        If there is none.
    """
    if Path(name).suffix.lower() in SUFFIXES:
        inside = folder / name
        if not Path(name).exists() and Path(name).name == name and inside.exists():
            return inside
        return Path(name)
    if Path(name).suffix.lower() in SPREADSHEETS:
        raise DataError(f"{name}: a spreadsheet is not read; save it as .csv")
    if Path(name).name != name:
        raise DataError(f"{name!r} is neither a .csv or .parquet file nor the plain name of one in {folder}")
    known = {}
    for place in places:
        for path in files_in(folder / place):
            known.setdefault(path.stem.lower(), path)
    if name.lower() in known:
        return known[name.lower()]
    if ":" in name:
        raise DataError(
            f"{name!r} is no splice; write it as SOX:2021-08-25:SOXX, the first source, the date from which "
            "the next one is taken, the next one"
        )
    choices = [*BUILT_IN, *(p.stem for p in known.values())]
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    listing = f"`letf data list` shows what there is, `letf data get {name}` fetches it"
    raise DataError(f"no data named {name!r} in {folder}; {f'did you mean {near[0]}?' if near else listing}")


def files_in(folder: Path) -> list[Path]:
    """The .csv and .parquet files of a folder, by name; none if it is not there."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    except OSError:  # it is not there, is no folder, or is another's
        return []


def _nasdaq() -> Bars:
    # The file alone: arch.data.nasdaq.load() reads no more, but to import arch takes seconds, pandas a fifth.
    arch = find_spec("arch")
    if arch is None or arch.origin is None:
        raise DataError(f"{NASDAQ} comes with the arch package, which is not installed; pip install arch")
    path = Path(arch.origin).parent / "data" / "nasdaq" / "nasdaq.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        headings, *rows = csv.reader(lines)
    columns = dict(zip(headings, zip(*rows, strict=True), strict=True))
    days = ["{2}-{0:0>2}-{1:0>2}".format(*day.split("/")) for day in columns["Date"]]
    return Bars(
        name=NASDAQ,
        source=NASDAQ,
        timestamps=np.array(days, dtype="datetime64[us]"),
        **{
            key.lower(): np.array(columns[key], dtype=float)
            for key in ("Open", "High", "Low", "Close", "Volume")
        },
    )
