"""What a source of data is taken for, and what looks odd in it when it is looked at by itself.

A table with open, high and low is bars. One with a single value by date is a short rate if it lies in a
folder called `rates` or its heading says so, and closes if its heading does. Where the heading is a name of
its own, such as DFF or VIXCLS, or just "value", the values decide: half of a short rate's are below 15 % a
year, which no rate exceeded for longer than a few years. Borrow fees look like short rates and a volatility
index like closes or bars, so these have to be named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from feeds.bars import Bars
from feeds.checking.checks import warnings_of
from feeds.checking.prints import false_prints
from feeds.checking.stray_values import stray_fees, stray_levels, stray_rates, stray_sentence
from feeds.options.volatility import VolatilityIndex, load_volatility
from feeds.rates import BorrowFee, ShortRate
from feeds.reading.files import read_percent, value_heading
from feeds.reading.headings import HEADINGS, plain
from feeds.reading.memory import Memory, Source, source_of
from feeds.sources import BUILT_IN, find_source, load_bars, load_borrow_fee, load_rate
from letf_instruments import DataError, SpecError

Kind: TypeAlias = Literal["bars", "closes", "rate", "borrow", "volatility"]
KINDS = get_args(Kind)
STOCKS, RATES = "stocks", "rates"  # of the data folder
PLACES = (".", STOCKS, RATES)
HIGHEST_MEDIAN = 15.0  # percent a year


_WORDS = {"rate": "a short rate", "borrow": "a borrow fee", "volatility": "a volatility index"}


@dataclass(frozen=True)
class Judged:
    """A source as it was read.

    kind : what it was taken for. what : the same in words, with how much of it there is.
    notes : what was done in reading it. warnings : what looks odd in it. A sentence each.
    refused : a false print is among them, so that all that uses it refuses it until it is said what shall
        become of that.
    """

    kind: Kind
    what: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    refused: bool


def judged(name: Source, folder: Path | None = None, kind: Kind | None = None, seed: int = 1) -> Judged:
    """Read a source and look at all of it.

    Parameters
    ----------
    name : a name, a file, or what is in memory. A plain name is sought in the data folder, its `stocks/` and
        its `rates/`.
    kind : what to take it for; None finds out.
    seed : of the simulated index.

    Raises
    ------
    LetfError
        One sentence, if it is not there, cannot be right, or `kind` is none.
    """
    if kind is not None and kind not in KINDS:
        raise SpecError(f"data are taken for {kind!r}; it must be one of {', '.join(KINDS)}")
    source = source_of(name, "data")
    if isinstance(source, str) and source.lower() in BUILT_IN:
        return _bars(load_bars(source, folder, seed), "bars")
    found = find_source(source, "data", folder, PLACES)
    where = found if isinstance(found, Memory) else str(found)
    taken = kind or _kind_of(found)
    try:
        if taken in ("bars", "closes"):
            # Rows of an asset may lack open, high and low.
            some = taken == "closes" or (isinstance(found, Path) and found.parent.name == STOCKS)
            return _bars(load_bars(where, folder, seed, closes_only=some), taken)
        if taken == "rate":
            return _rate(load_rate(where, folder))
        if taken == "borrow":
            return _fee(load_borrow_fee(where, folder))
        return _volatility(load_volatility(where, folder))
    except DataError as error:
        if kind is None and taken in _WORDS:
            raise DataError(f"{error} (it was taken for {_WORDS[taken]})") from None
        raise


def _kind_of(found: Path | Memory) -> Kind:
    heading = value_heading(found)
    if heading is None:
        return "bars"
    if isinstance(found, Path) and found.parent.name == RATES:
        return "rate"
    name = plain(heading)
    if name in HEADINGS["close"]:
        return "closes"
    named = name in HEADINGS["rate"]
    if named and name != "value":
        return "rate"
    if float(np.nanmedian(np.abs(read_percent(found).values))) < HIGHEST_MEDIAN:
        return "rate"
    return "volatility" if named else "closes"  # closes are never headed "value"


def _bars(bars: Bars, kind: Kind) -> Judged:
    what = f"{'daily' if bars.daily else 'intraday'} {'closes' if kind == 'closes' else 'bars'}"
    mark = ", SIMULATED" if bars.simulated else ""
    said = f"{bars.name}: {len(bars):,} {what}, {bars.sessions[0]} to {bars.sessions[-1]}{mark}"
    if kind == "closes":
        said += "; closes alone do for `decay`, for `versus` and for an asset"
    odd = warnings_of(bars, volume=kind == "bars")
    return Judged(
        kind,
        f"{said}, SHA-256 {bars.fingerprint()[:16]}…",
        bars.notes,
        tuple(odd),
        len(false_prints(bars)) > 0,
    )


def _rate(rate: ShortRate) -> Judged:
    assert rate.days is not None
    what = f"short rate {rate.label}"
    odd = rate.covering(rate.days[0], rate.days[-1])
    return _series("rate", what, rate, rate.days, rate.rates, stray_rates(rate.rates), odd)


def _fee(fee: BorrowFee) -> Judged:
    assert fee.days is not None
    what = f"borrow fee {fee.label}"
    odd = fee.covering(fee.days[0], fee.days[-1])
    return _series("borrow", what, fee, fee.days, fee.fees, stray_fees(fee.fees), odd)


def _volatility(index: VolatilityIndex) -> Judged:
    odd = index.covering(index.days[0], index.days[-1])
    at = stray_levels(index.levels)
    return _series("volatility", index.source, index, index.days, index.levels, at, odd)


def _series(
    kind: Kind,
    what: str,
    series: ShortRate | BorrowFee | VolatilityIndex,
    days: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    stray: npt.NDArray[np.int64],
    odd: Iterable[str],
) -> Judged:
    name = series.source if isinstance(series, VolatilityIndex) else series.label
    said = (
        f"{name}: taken for {_WORDS[kind]} in percent a year, {len(days):,} values from "
        f"{100 * values.min():.4g} to {100 * values.max():.4g} %, {days[0]} to {days[-1]}, "
        f"SHA-256 {series.fingerprint()[:16]}…"
    )
    strays = (stray_sentence(what, days, values, stray),) if len(stray) else ()
    return Judged(kind, said, series.notes, (*odd, *strays), bool(strays))
