"""Where the funds of a run come from: which index each follows, and its own bars where it was traded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from feeds.assets import load_followed
from feeds.bars import Bars
from feeds.checking.screen import Screen
from feeds.history import Followed
from feeds.sources import data_folder, files_in
from feeds.traded.fund import TradedFund, read_traded
from letf_instruments import DataError, LeveragedFund, SpecError, known_fund, known_tickers
from letf_instruments.families import eras, own_source
from letf_instruments.fund_file import load_fund_file
from runs.answers.words import listed
from runs.specs.data import fund_and_index
from runs.specs.run_spec import RunSpec

MOSTLY = 0.5  # of the sessions: a fund that follows the run's index in so many needs none of its own


@dataclass
class FundSources:
    """What funds are made from.

    indexes : indexes that funds follow in place of the run's, by name, on the run's bars.
    follows : by ticker, which of them. sources : of each, where it was read.
    traded : by ticker, a fund's own bars. notes : what there is to say, a sentence each.
    """

    indexes: dict[str, Bars] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    traded: dict[str, TradedFund] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def followed(self, total_return: bool) -> Followed:
        """The same for what comes before a run."""
        first = {
            name: 1.0 if bars.swapped is None else float(bars.swapped[0])
            for name, bars in self.indexes.items()
        }
        by_ticker = {ticker: (name, first[name]) for ticker, name in self.follows.items()}
        return Followed(tuple(self.sources), by_ticker, total_return)


def named_funds(spec: RunSpec) -> dict[str, LeveragedFund]:
    """The funds that a spec names, by ticker."""
    found: dict[str, LeveragedFund] = {}
    for entry in spec.data.funds:
        fund = _fund(spec, entry)
        if fund.ticker in found:
            raise SpecError(f"data.funds has {fund.ticker} twice")
        found[fund.ticker] = fund
    return found


def _fund(spec: RunSpec, entry: str) -> LeveragedFund:
    name, _ = fund_and_index(entry)
    if name.lower().endswith(".toml"):
        return load_fund_file(Path(spec.place(f"funds:{name}")))
    return known_fund(name)


def fund_sources(
    spec: RunSpec,
    funds: Mapping[str, LeveragedFund],
    bars: Bars,
    whole: Bars,
    folder: Path | None,
    screen: Screen,
) -> FundSources:
    """What the funds of a run are made from.

    Parameters
    ----------
    funds : those that the spec names; what its rule trades is added. bars : the run's index. whole : all
        that there is of it, by which a fund's own bars are judged, as rules know those before the run too.

    Raises
    ------
    LetfError
        One sentence, if a source is not there, is refused, or is named of what is no fund of this run.
    """
    every = dict(funds)
    rule = spec.make_rule()
    for name in () if rule is None else rule.instruments:
        if name in known_tickers():
            every.setdefault(name, known_fund(name))
    found = FundSources()
    _follow(spec, every, bars, folder, screen, found)
    _trade(spec, every, bars, whole, folder, screen, found)
    return found


def _follow(
    spec: RunSpec,
    funds: Mapping[str, LeveragedFund],
    bars: Bars,
    folder: Path | None,
    screen: Screen,
    found: FundSources,
) -> None:
    wanted: dict[str, str] = {}  # by ticker, the source
    stays: set[str] = set()
    run_s = {"", "index", bars.name.lower(), str(spec.data.index).lower()}
    for entry in spec.data.funds:
        _, index = fund_and_index(entry)
        if index is not None:
            ticker = _fund(spec, entry).ticker
            if index.lower() in run_s:
                stays.add(ticker)
            else:
                wanted[ticker] = index
    own = {
        t: _own_index(fund, bars, folder) for t, fund in funds.items() if t not in wanted and t not in stays
    }
    # An index that is no fund's own was chosen for all of them; beside a fund that follows it, others have
    # theirs.
    if bars.daily and any(index == bars.name for index in own.values()):
        for ticker, index in own.items():
            if index not in (None, bars.name):
                wanted[ticker] = str(index)
    for ticker, source in wanted.items():
        known = [name for name, place in zip(found.indexes, found.sources, strict=True) if place == source]
        if not known:
            place = spec.place(f"follows:{source}")
            index, said = load_followed(place, bars, folder, spec.data.seed, screen, spec.data.total_return)
            _refuse_fund(ticker, index, funds)
            if index.name in (bars.name, *found.indexes):
                raise DataError(
                    f"{index.source} is followed by {ticker}, but {index.name} is also another index of this "
                    "run; rename it"
                )
            found.indexes[index.name] = index
            found.sources.append(source)
            found.notes += said
            known = [index.name]
        found.follows[ticker] = known[0]
    for name in found.indexes:
        tickers = [ticker for ticker, index in found.follows.items() if index == name]
        verb = "follows" if len(tickers) == 1 else "follow"
        found.notes.append(f"{listed(tickers)} {verb} {name}, not {bars.name}")


def _refuse_fund(ticker: str, index: Bars, funds: Mapping[str, LeveragedFund]) -> None:
    """A fund follows no fund: a feed has one name, and a bear on a bear is a bull that nobody meant."""
    name = index.name.upper()
    known = name in known_tickers() and known_fund(name).multiple != 1
    if known or name in {other.upper() for other in funds}:
        raise SpecError(
            f"data.funds: {ticker} is to follow {index.source}, but {name} is itself a daily-reset fund; "
            "name an index, and the fund's own bars in data.traded"
        )


def _own_index(fund: LeveragedFund, bars: Bars, folder: Path | None) -> str | None:
    """The run's index if a fund follows it in most sessions; else the source of its own in the data folder,
    None if there is none or nothing is known of either."""
    days = bars.sessions
    spans = eras(fund, bars.names, days[0], days[-1])
    if not all(era.known for era in spans):
        return None
    foreign = sum(float(np.mean((days >= e.first) & (days <= e.last))) for e in spans if e.foreign)
    if foreign < MOSTLY:
        return bars.name
    return own_source(fund, days[0], days[-1], [path.stem for path in files_in(data_folder(folder))])


def _trade(
    spec: RunSpec,
    funds: Mapping[str, LeveragedFund],
    bars: Bars,
    whole: Bars,
    folder: Path | None,
    screen: Screen,
    found: FundSources,
) -> None:
    given = spec.data.traded
    upper = {ticker.upper(): ticker for ticker in funds}
    if given == "all":
        have = {path.stem.upper() for path in files_in(data_folder(folder))}
        sources = {ticker: ticker for name, ticker in upper.items() if name in have}
        if not sources:
            raise DataError(
                f'data.traded is "all", but {data_folder(folder)} has none of {", ".join(funds)}; '
                "`letf data get` fetches them"
            )
    else:
        named = given.items() if isinstance(given, Mapping) else [(_ticker_of(name), name) for name in given]
        sources = {}
        for ticker, source in named:
            if not ticker or not source:
                raise SpecError(
                    "data.traded has an empty name; it should be a ticker, or a ticker and its file as in "
                    'SOXL = "SOXL.csv"'
                )
            if ticker.upper() not in upper:
                raise SpecError(
                    f"data.traded: {ticker} is no fund of this run; its funds are {', '.join(funds)}"
                )
            if upper[ticker.upper()] in sources:
                raise SpecError(f"data.traded: {ticker} is given twice")
            other = _ticker_of(source).upper()
            if other != ticker.upper() and {other, ticker.upper()} <= set(known_tickers()):
                raise SpecError(
                    f"data.traded: {source} is to be {ticker}, but {other} is another fund; rename it"
                )
            sources[upper[ticker.upper()]] = source
    for ticker, source in sources.items():
        index = found.indexes.get(found.follows.get(ticker, ""), whole)
        own = read_traded(spec.place(f"traded:{source}"), funds[ticker], folder, index.as_swapped(), screen)
        if own.bars.daily != bars.daily:
            have, want = ("daily", "intraday") if own.bars.daily else ("intraday", "daily")
            raise DataError(f"data.traded: the bars of {own.bars.source} are {have}, the index's are {want}")
        found.traded[ticker] = own
        found.notes += own.notes
        found.notes += _traded_notes(ticker, own, bars)


def _ticker_of(source: str) -> str:
    """SOXL of "SOXL" and of "prices/SOXL.csv"."""
    return Path(source).stem if Path(source).suffix else source


def _traded_notes(ticker: str, own: TradedFund, bars: Bars) -> list[str]:
    """From when to when a fund has bars of its own, how they are joined and what becomes of its dividends."""
    days, index = own.bars.sessions, bars.sessions
    both = index[np.isin(index, days)]
    if len(both) < 2:
        return [
            f"{ticker}: {own.bars.source} has no two of the run's sessions, so it is synthetic throughout"
        ]
    sides = []
    if both[0] > index[0]:
        sides.append(f"to {both[0]}")
    if both[-1] < index[-1]:
        sides.append(f"from {index[index > both[-1]][0]} on")
    joined = f", synthetic {' and '.join(sides)}, joined without a jump" if sides else ""
    pays = "its dividends are paid in cash on their day"
    if not own.pays:
        pays = (
            "its dividends are in its prices" if own.bars.holds_dividends else "its source shows no dividends"
        )
    said = [f"{ticker}: its own bars from {own.bars.source} from {both[0]} to {both[-1]}{joined}; {pays}"]
    missing = own.missing(bars.timestamps)
    if missing:
        bar = "bar is" if missing == 1 else "bars are"
        said.append(f"{ticker}: {missing:,} {bar} missing from {own.bars.source} in between and synthetic")
    silent = int((own.bars.volume[np.isin(days, both)] == 0).sum())
    if silent:
        said.append(f"{ticker}: {own.bars.source} has no volume on {silent:,} of {len(both):,} sessions")
    return said
