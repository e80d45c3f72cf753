"""Which index a source of bars stands for, which one a fund follows, and when the two are not the same.

Both are dated facts: `index_names.csv` says what a source stands for (SOXX has had three indexes),
`indexes.csv` what a known fund follows (SOXL has had two). A source that is not in the table, such as a file
of one's own, stands for nothing that is known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import numpy as np

from letf_instruments.dated import Dated
from letf_instruments.fund import LeveragedFund
from letf_instruments.tables import known_fund, known_tickers, rows

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Era:
    """Sessions from `first` to `last` on which a fund is made from one source, and nothing changes.

    source : the name of the bars. index : what they stand for. own : what the fund follows. None where that
    is not known.
    """

    first: np.datetime64
    last: np.datetime64
    source: str
    index: str | None
    own: str | None

    @property
    def known(self) -> bool:
        """True if it is known whether the source is the fund's index."""
        return self.index is not None and self.own is not None

    @property
    def foreign(self) -> bool:
        """True if the source is known to stand for another index than the fund's."""
        return self.known and self.index != self.own


def eras(
    fund: LeveragedFund, source: Dated[str], first: np.datetime64, last: np.datetime64
) -> tuple[Era, ...]:
    """What a fund is made from and what it follows, from one session to another.

    Parameters
    ----------
    source : names of the bars, dated where they are spliced. Letter case does not matter.
    """
    names = [_index_of(name) for name in source.values]
    dates = [*source.dates, *fund.indexes.dates, *(d for name in names if name for d in name.dates)]
    starts = [first, *sorted({date for date in dates if first < date <= last})]
    ends = [*(start - DAY for start in starts[1:]), last]
    found: list[Era] = []
    for start, end in zip(starts, ends, strict=True):
        name = source.at(start)
        era = Era(start, end, name, _at(_index_of(name), start), _own(fund, start))
        before = found[-1] if found else None
        if before and (before.source, before.index, before.own) == (era.source, era.index, era.own):
            found[-1] = Era(before.first, end, name, era.index, era.own)
        else:
            found.append(era)
    return tuple(found)


def ticker_for(multiple: float, source: Dated[str], first: np.datetime64, last: np.datetime64) -> str | None:
    """The known fund that gives that multiple of an index: one that follows it in some of the sessions, and
    of which that is known in all; None if there is none."""
    for ticker in known_tickers():
        fund = known_fund(ticker)
        found = eras(fund, source, first, last)
        if fund.multiple == multiple and all(e.known for e in found) and not all(e.foreign for e in found):
            return ticker
    return None


def own_source(
    fund: LeveragedFund, first: np.datetime64, last: np.datetime64, have: Collection[str]
) -> str | None:
    """What a fund is made from, of the sources that there are, so that it follows its own index in all
    sessions: a name, or a splice as `SOX:2021-08-25:SOXX`; None if there is no such source.

    Parameters
    ----------
    have : names of sources, in any letter case; they are given back as they are written here.
    """
    there = {name.lower(): name for name in have}
    choices = [
        (there[row["name"].lower()], _index_of(row["name"]))
        for row in rows("index_names")
        if row["name"].lower() in there
    ]
    starts = [first, *(date for date in fund.indexes.dates if first < date <= last)]
    parts: list[str] = []
    for start, end in zip(starts, [*(start - DAY for start in starts[1:]), last], strict=True):
        own = _own(fund, start)
        fitting = [
            name
            for name, index in choices
            if index is not None
            and own is not None
            and all(
                _at(index, day) == own for day in (start, end, *(d for d in index.dates if start < d <= end))
            )
        ]
        if not fitting:
            return None
        kept = parts[-1] if parts and parts[-1] in fitting else fitting[0]
        if not parts or kept != parts[-1]:
            parts += [str(start), kept] if parts else [kept]
    return ":".join(parts)


def short_name(index: str) -> str:
    """An index's name without what stands in brackets behind it."""
    return index.partition(" (")[0]


@cache
def _index_of(name: str) -> Dated[str] | None:
    """What a source stands for, by the name of its bars; None if the tables do not know it."""
    found = [
        (row["from"], row["index"]) for row in rows("index_names") if row["name"].lower() == name.lower()
    ]
    return Dated.of(found) if found else None


@cache
def _named(index: str) -> str | None:
    """An index of the tables by its name, whole or short, in any letter case."""
    known = dict.fromkeys(row["index"] for row in rows("index_names"))
    wanted = index.lower()
    return next((name for name in known if wanted in (name.lower(), short_name(name).lower())), None)


def _own(fund: LeveragedFund, date: np.datetime64) -> str | None:
    """What a fund follows on a date. A fund of one's own may name a source that stands for its index."""
    given = fund.indexes.at(date)
    return _named(given) or _at(_index_of(given), date)


def _at(fact: Dated[str] | None, date: np.datetime64) -> str | None:
    return None if fact is None else fact.at(date)
